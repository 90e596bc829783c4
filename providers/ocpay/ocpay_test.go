package ocpay_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
	"cardrop/providers/ocpay"
	"cardrop/providers/ocpay/sandbox"
)

const token = "CANARY-token-of-the-merchant"

// opened is the client before a handler.
func opened(t *testing.T, h http.Handler) (*ocpay.Client, string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := ocpay.New(ocpay.Options{AccessToken: providers.NewSecret(token), BaseURL: s.URL + "/v3"})
	if err != nil {
		t.Fatal(err)
	}
	return c, s.URL
}

func dinars(n int64) providers.Money { return providers.Money{Minor: n * 100, Currency: "DZD"} }

// TestLinkIsPaidOnItsPage goes with the shipped client and the simulator from a link by a click to the confirmed payment.
func TestLinkIsPaidOnItsPage(t *testing.T) {
	box := sandbox.New(sandbox.Options{Token: token, Page: "http://127.0.0.1:1/x", Now: time.Now})
	c, base := opened(t, http.StripPrefix("", box))
	link, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "Cardrop 4F7-K2M", Amount: dinars(1500)})
	if err != nil || !link.Sandbox || link.Amount != dinars(1500) || !strings.HasSuffix(link.URL, "/x/pay/"+link.Ref) {
		t.Fatalf("%+v, %v", link, err)
	}
	check := func(want providers.Payment) {
		t.Helper()
		got, err := c.CheckPayment(t.Context(), link.Ref)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, -want +got\n%s", err, diff)
		}
	}
	check(providers.Payment{State: providers.PaymentPending})
	resp, err := http.PostForm(base+"/pay/"+link.Ref, url.Values{"do": {"pay"}}) //nolint:noctx // loopback
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the page: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
	check(providers.Payment{State: providers.PaymentConfirmed, Amount: dinars(1500), Sandbox: true})
	if box.Pay(link.Ref) || box.Decline(link.Ref) {
		t.Error("a paid link can be paid or declined again")
	}
}

// TestOddPaymentsByThePage: half, the other kind of money and late, by a click or steered from another process.
func TestOddPaymentsByThePage(t *testing.T) {
	now := time.Now()
	box := sandbox.New(sandbox.Options{Token: token, Page: "https://pay.example", Now: func() time.Time { return now }})
	c, base := opened(t, box)
	for do, want := range map[string]providers.Payment{
		"wrong_amount": {State: providers.PaymentConfirmed, Amount: dinars(250), Sandbox: true},
		"wrong_mode":   {State: providers.PaymentConfirmed, Amount: dinars(500)},
		"late":         {State: providers.PaymentFailed},
	} {
		link, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "x", Amount: dinars(500)})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.PostForm(base+"/pay/"+link.Ref, url.Values{"do": {do}}) //nolint:noctx // loopback
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		now = now.Add(sandbox.Life)
		if got, err := c.CheckPayment(t.Context(), link.Ref); err != nil || got != want {
			t.Errorf("%s: %+v, %v", do, got, err)
		}
		now = now.Add(sandbox.Life)
		if got, err := c.CheckPayment(t.Context(), link.Ref); err != nil || got.State != providers.PaymentConfirmed {
			t.Errorf("%s, later: %+v, %v", do, got, err)
		}
	}
	for text, status := range map[string]int{`{"fault":"blocked","times":1,"path":"*"}`: 200, `{"fault":"no such"}`: 400, `{"other":1}`: 400} {
		resp, err := http.Post(base+"/_control/faults", "application/json", strings.NewReader(text)) //nolint:noctx // loopback
		if err != nil || resp.StatusCode != status {
			t.Fatalf("%s: %v, %v", text, resp, err)
		}
		_ = resp.Body.Close()
	}
	_, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "x", Amount: dinars(500)})
	if reason, _ := providers.Refused(err); reason != providers.Blocked {
		t.Errorf("a fault from another process: %v", err)
	}
}

// TestLinksEnd: declined, and run out.
func TestLinksEnd(t *testing.T) {
	now := time.Now()
	box := sandbox.New(sandbox.Options{Token: token, Live: true, Page: "https://pay.example", Now: func() time.Time { return now }})
	c, _ := opened(t, box)
	var refs []string
	for range 2 {
		link, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "x", Amount: dinars(500)})
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, link.Ref)
	}
	box.Decline(refs[0])
	now = now.Add(sandbox.Life)
	for _, ref := range refs {
		if got, err := c.CheckPayment(t.Context(), ref); err != nil || got.State != providers.PaymentFailed {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if box.Pay(refs[1]) {
		t.Error("a link that ran out can be paid")
	}
}

// TestWhatIsRefused: a sure no is a Refusal; a lost answer is none, and no error quotes the key or the body.
func TestWhatIsRefused(t *testing.T) {
	for fault, want := range map[sandbox.Fault]providers.Reason{
		sandbox.TooMany: providers.Busy, sandbox.Blocked: providers.Blocked, sandbox.ErrorAfter: "", sandbox.LostAfter: "",
		sandbox.HTML502: "", sandbox.CutJSON: "", sandbox.Down: "",
	} {
		box := sandbox.New(sandbox.Options{Token: token, Page: "https://pay.example", Now: time.Now})
		c, _ := opened(t, box)
		if err := box.Fault(sandbox.Trouble{Fault: fault, Path: "*"}); err != nil {
			t.Fatal(err)
		}
		_, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "x", Amount: dinars(500)})
		if reason, _ := providers.Refused(err); err == nil || reason != want {
			t.Errorf("%s: %v, want %q", fault, err, want)
		}
		if _, err := c.CheckPayment(t.Context(), "OCPL-ABCDEF-1234"); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", fault, err)
		}
	}
	wrong := sandbox.New(sandbox.Options{Token: "another", Page: "https://pay.example", Now: time.Now})
	c, _ := opened(t, wrong)
	_, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "x", Amount: dinars(500)})
	if reason, _ := providers.Refused(err); reason != providers.Blocked {
		t.Errorf("a bad key: %v", err)
	}
	for _, m := range []providers.Money{dinars(499), dinars(500_001), {Minor: 500_50, Currency: "DZD"}, {Minor: 5000_00, Currency: "EUR"}} {
		if _, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "x", Amount: m}); err == nil {
			t.Errorf("a link over %s", m)
		}
	}
}

// TestOddAnswers: nothing that cannot be read makes a link or a payment, and no error quotes it.
func TestOddAnswers(t *testing.T) {
	good := `{"success":true,"data":{"paymentLink":{"ref":"OCPL-A-1","isSandbox":false,"productInfo":{"title":"x","amount":500}},"paymentUrl":"https://pay.ocdz.link/1","paymentRef":"OCPL-A-1"}}`
	links := map[string]bool{
		good: true,
		strings.Replace(good, `,"paymentRef":"OCPL-A-1"}}`, `}}`, 1):     true, // the inner one stands for it
		strings.Replace(good, `"isSandbox":false,`, ``, 1):               false,
		strings.Replace(good, `https://pay`, `javascript:pay`, 1):        false,
		strings.Replace(good, `https://pay`, `https://me:CANARY@pay`, 1): false,
		strings.ReplaceAll(good, `OCPL-A-1`, `../CANARY`):                false,
		strings.Replace(good, `"success":true`, `"success":false`, 1):    false,
		`{"success":true,"data":[]}`:                                     false, `{"success":true}`: false, `CANARY`: false, ``: false, `null`: false, `[]`: false,
		strings.Replace(good, `500`, `"CANARY"`, 1): false,
	}
	payments := map[string]providers.PaymentState{
		`{"success":true,"data":{"status":"PENDING","paymentRef":"OCPL-A-1"}}`:                                      providers.PaymentPending,
		`{"success":true,"data":{"status":"CONFIRMED","paymentRef":"OCPL-A-1"}}`:                                    providers.PaymentConfirmed, // of an unknown amount
		`{"success":true,"data":{"status":"CONFIRMED","paymentRef":"OCPL-B-2"}}`:                                    "",
		`{"success":true,"data":{"status":"CANARY"}}`:                                                               "",
		`{"success":true,"data":{"status":7}}`:                                                                      "",
		`{"success":true,"data":{"status":"CONFIRMED","transactionDetails":{"amount":"CANARY","isSandbox":false}}}`: "",
		`{"success":false,"data":{"status":"CONFIRMED"}}`:                                                           "",
		`<html>CANARY</html>`: "",
	}
	body := ""
	c, _ := opened(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	for text, ok := range links {
		body = text
		link, err := c.CreateLink(t.Context(), providers.LinkRequest{Title: "x", Amount: dinars(500)})
		if (err == nil) != ok || ok && link.Ref != "OCPL-A-1" {
			t.Errorf("%s: %+v, %v", text, link, err)
		}
		if err != nil && (strings.Contains(err.Error(), "CANARY") || !errors.Is(err, providers.ErrUnknown)) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range payments {
		body = text
		got, err := c.CheckPayment(t.Context(), "OCPL-A-1")
		if got.State != want || (err == nil) != (want != "") || !got.Amount.IsZero() {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := c.CheckPayment(t.Context(), "../validate"); err == nil {
		t.Error("a reference leads elsewhere")
	}
}

// TestOptions: what is missing is named.
func TestOptions(t *testing.T) {
	for want, o := range map[string]ocpay.Options{
		"token": {BaseURL: "https://api.example/v3"}, "https": {AccessToken: providers.NewSecret("x"), BaseURL: "http://api.example/v3"},
	} {
		if _, err := ocpay.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
