package sandbox

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	liveToken = "live-key-of-the-test"
	playToken = "play-key-of-the-test"
	psn       = "61260000000000000001" + "0001"
	psnTen    = "61260000000a" + "000100010001"
)

// desk is a server with the clock that it tells time by.
type desk struct {
	*Server
	t    *testing.T
	http *httptest.Server
	mu   sync.Mutex
	now  time.Time
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2030, time.March, 4, 10, 0, 0, 0, time.UTC)}
	d.Server = New(Options{
		Keys: []Key{{Token: liveToken, Type: Production}, {Token: playToken, Type: Sandbox}}, Now: d.clock, Balance: 10_000_00,
	})
	d.http = httptest.NewServer(d)
	t.Cleanup(d.http.Close)
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// call makes one request and gives status and body.
func (d *desk) call(token, method, path, body string) (int, string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.http.URL+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("X-Access-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(out)
}

// data is the data of a good answer.
func (d *desk) data(token, method, path, body string) map[string]any {
	d.t.Helper()
	status, out := d.call(token, method, path, body)
	var e struct {
		Success bool           `json:"success"`
		Data    map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(out), &e); err != nil || status != 200 || !e.Success {
		d.t.Fatalf("%s %s: %d %s", method, path, status, out)
	}
	return e.Data
}

func wanted(product, kind string, n string) string {
	return `{"productId":"` + product + `","typeId":"` + kind + `","quantity":` + n + `}`
}

func TestProblemsOnTheWire(t *testing.T) {
	for name, c := range map[string]struct {
		token, method, path, body string
		status                    int
		has                       string
	}{
		"unknown path has no envelope": {liveToken, "GET", "/v3/nothing", "", 404, `"statusCode":404`},
		"no key":                       {"", "GET", "/v3/validate", "", 401, "MISSING_ACCESS_TOKEN"},
		"bad key":                      {"x", "GET", "/v3/validate", "", 401, "INVALID_ACCESS_TOKEN"},
		"quantity as text":             {liveToken, "POST", "/v3/gift-cards/placeOrder", wanted(psn, psnTen, `"2"`), 400, "ERR_VALIDATION"},
		"quantity of zero":             {liveToken, "POST", "/v3/gift-cards/placeOrder", wanted(psn, psnTen, "0"), 400, "body/quantity"},
		"unknown product":              {liveToken, "POST", "/v3/gift-cards/placeOrder", wanted("x", psnTen, "1"), 404, "NOT_FOUND"},
		"unknown type":                 {liveToken, "POST", "/v3/gift-cards/placeOrder", wanted(psn, "TEST_REFUND", "1"), 404, "NOT_FOUND"},
		"no money":                     {liveToken, "POST", "/v3/gift-cards/placeOrder", wanted(psn, psnTen, "4"), 403, `"required":11560,"available":10000`},
		"no stock":                     {liveToken, "POST", "/v3/gift-cards/placeOrder", wanted(psn, psnTen, "88"), 400, "OUT_OF_STOCK"},
		"only from":                    {liveToken, "GET", "/v3/gift-cards/list?from=2030-01-01T00:00:00Z", "", 400, "ERR_VALIDATION"},
		"page too large":               {liveToken, "GET", "/v3/account/transactions?pageSize=101", "", 400, "ERR_VALIDATION"},
		"products without type":        {liveToken, "GET", "/v3/internet/products", "", 400, "ERR_VALIDATION"},
		"unknown line":                 {liveToken, "GET", "/v3/internet/check-number?type=ADSL&number=021000099", "", 400, "ERR_PHONE"},
		"value not listed":             {liveToken, "POST", "/v3/internet/send", `{"type":"ADSL","number":"021000000","value":700}`, 400, "ERR_VALIDATION"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			status, body := d.call(c.token, c.method, c.path, c.body)
			if status != c.status || !strings.Contains(body, c.has) || strings.Contains(body, `"meta"`) {
				t.Errorf("%d %s; want %d with %s", status, body, c.status, c.has)
			}
			if len(d.Sold()) != 0 || d.State().Balance != 10_000_00 {
				t.Error("a refusal sold or charged something")
			}
		})
	}
}

func TestMoneyOfAGiftOrder(t *testing.T) {
	d := open(t)
	if err := d.Fault(Trouble{Fault: PartialFill, Times: 1}); err != nil {
		t.Fatal(err)
	}
	id := d.data(liveToken, "POST", "/v3/gift-cards/placeOrder", wanted(psn, psnTen, "3"))["orderId"].(string)
	if got := d.State().Balance; got != 10_000_00-3*2890_00 {
		t.Errorf("balance %d after the order", got)
	}
	if got := d.data(liveToken, "GET", "/v3/gift-cards/checkOrder/"+id, "")["status"]; got != "HANDLING" {
		t.Errorf("status %v at once", got)
	}
	d.advance(DefaultDelay)
	got := d.data(liveToken, "GET", "/v3/gift-cards/checkOrder/"+id, "")
	if got["status"] != "PARTIALLY_FILLED" || got["fulfilled_quantity"] != 1.0 || got["fulfilled_amount"] != 2890.0 || len(got["cards"].([]any)) != 1 {
		t.Errorf("order %v", got)
	}
	if status, _ := d.call(playToken, "GET", "/v3/gift-cards/checkOrder/"+id, ""); status != 404 {
		t.Errorf("the other environment sees the order: %d", status)
	}
	var list []string
	for _, item := range d.data(liveToken, "GET", "/v3/account/transactions", "")["items"].([]any) {
		e := item.(map[string]any)
		list = append(list, e["type"].(string))
		if e["type"] != "DEPOSIT" && e["objid"] != id {
			t.Errorf("entry %v names another object", e)
		}
	}
	if diff := cmp.Diff([]string{"REFUND-ORDER", "ORDER", "DEPOSIT"}, list); diff != "" {
		t.Errorf("transactions, newest first (-want +got):\n%s", diff)
	}
	var sum int64
	for _, e := range d.Ledger() {
		sum += e.Amount
	}
	if b := d.State().Balance; b != sum || b != 10_000_00-d.Sold()[0].Charged {
		t.Errorf("balance %d, ledger %d, charged %d", b, sum, d.Sold()[0].Charged)
	}
}

func TestSandboxKeysMoveNoMoney(t *testing.T) {
	d := open(t)
	for range 2 {
		d.data(playToken, "POST", "/v3/gift-cards/placeOrder", wanted("string", "string", "2"))
	}
	d.Finish()
	items := d.data(playToken, "GET", "/v3/gift-cards/list", "")["items"].([]any)
	last := items[0].(map[string]any)
	if len(items) != 2 || last["price_per_card"] != 0.0 || last["cards"].([]any)[1].(map[string]any)["value"] != "SANDBOX-CARD-4" {
		t.Errorf("orders %v", items)
	}
	if d.State().Balance != 10_000_00 {
		t.Error("money moved")
	}
}

func TestInternetRefs(t *testing.T) {
	d := open(t)
	d.Speak(Style{HyphenDuplicate: true, StrictRef: true, Topups: true})
	body := `{"type":"4G","number":"` + KnownFourG + `","value":500,"ref":"r-1"}`
	sent := d.data(liveToken, "POST", "/v3/internet/send", body)
	if sent["topupRef"] != "API-"+DefaultUser+"-r-1" {
		t.Errorf("ref %v", sent["topupRef"])
	}
	if status, out := d.call(liveToken, "POST", "/v3/internet/send", body); status != 403 || !strings.Contains(out, "DUPLICATED-REF") {
		t.Errorf("the same ref again: %d %s", status, out)
	}
	if status, _ := d.call(liveToken, "GET", "/v3/internet/check-ref/r-1", ""); status != 404 {
		t.Errorf("the plain ref is known: %d", status)
	}
	d.Finish()
	path := "/v3/internet/check-ref/" + strings.ReplaceAll(url.PathEscape(sent["topupRef"].(string)), "+", "%2B")
	if got := d.data(liveToken, "GET", path, ""); got["card_code"] != d.Sold()[0].Codes[0] || got["status"] != "FULFILLED" {
		t.Errorf("top-up %v", got)
	}
	if got := d.data(liveToken, "GET", "/v3/internet/list", "")["topups"].([]any); len(got) != 1 {
		t.Errorf("list %v", got)
	}
}

func TestQueuedIsRefundedWithItsMoney(t *testing.T) {
	d := open(t)
	if err := d.Fault(Trouble{Fault: QueuedRefund, Times: 1}); err != nil {
		t.Fatal(err)
	}
	id := d.data(liveToken, "POST", "/v3/internet/send", `{"type":"ADSL","number":"021000000","value":500}`)["topupId"].(string)
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "HANDLING"}, {DefaultDelay, "QUEUED"}, {23 * time.Hour, "QUEUED"}, {2 * time.Hour, "REFUNDED"}} {
		d.advance(step.after)
		if got := d.data(liveToken, "GET", "/v3/internet/check-id/"+id, "")["status"]; got != step.want {
			t.Errorf("status %v, want %s", got, step.want)
		}
	}
	if l := d.Ledger(); l[len(l)-1].Type != "REFUND-ADSL" || d.State().Balance != 10_000_00 || len(d.Sold()) != 0 {
		t.Errorf("ledger %+v", l)
	}
}

func TestControl(t *testing.T) {
	d := open(t)
	for path, body := range map[string]string{
		"faults": `{"fault":"lost_after","times":1}`, "stock": `{"type_id":"` + psnTen + `","stock":1}`, "balance": `{"add":-500}`,
		"price": `{"type_id":"` + psnTen + `","price":145050}`, "style": `{"plain_ref":true}`, "delay": `{"delay":0}`,
		"available": `{"type":"ADSL","value":500,"available":false}`, "finish": `{}`,
	} {
		if status, out := d.call("", "POST", "/_control/"+path, body); status != 200 {
			t.Errorf("%s: %d %s", path, status, out)
		}
	}
	for path, body := range map[string]string{"faults": `{"fault":"no such"}`, "stock": `{"type_id":"x"}`, "style": `{"odd":1}`} {
		if status, _ := d.call("", "POST", "/_control/"+path, body); status != 400 {
			t.Errorf("%s of %s: %d, want 400", path, body, status)
		}
	}
	_, out := d.call("", "GET", "/_control/state", "")
	var got State
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	want := State{Balance: 10_000_00 - 500, Faults: []Trouble{{Fault: LostAfter, Times: 1}}, Style: Style{PlainRef: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if status, _ := d.call("", "DELETE", "/_control/faults", ""); status != 200 || len(d.State().Faults) != 0 {
		t.Error("faults stay")
	}
	types := d.data(liveToken, "GET", "/v3/gift-cards/checkProduct/"+psn, "")["types"].([]any)
	if line := types[0].(map[string]any); line["price"] != 1450.5 || line["quantity"] != 1.0 {
		t.Errorf("line %v", line)
	}
}

func TestAHangingCallEndsWithItsClient(t *testing.T) {
	d := open(t)
	if err := d.Fault(Trouble{Fault: Timeout, Times: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", d.http.URL+"/v3/gift-cards/placeOrder", strings.NewReader(wanted(psn, psnTen, "1")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Access-Token", liveToken)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Fatal("an answer came")
	}
	if n := len(d.Sold()); n != 1 {
		t.Errorf("%d sales, want the one whose answer never came", n)
	}
}
