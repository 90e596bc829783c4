package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shop is a raw client: it writes requests by hand, so that the simulator is tested without the shipped client.
type shop struct {
	*Server
	t   *testing.T
	url string
}

func openShop(t *testing.T) shop {
	t.Helper()
	now := time.Date(2030, time.March, 4, 10, 0, 0, 0, time.UTC)
	s := New(Options{UserName: "u", SecureKey: "k", Password: "p", Now: func() time.Time { return now }})
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return shop{s, t, h.URL}
}

// do sends a body and gives status and answer; a cut connection is status 0.
func (s shop) do(method, path string, body any) (int, string) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(answer))
}

// signed is a purchase with a right checksum.
func (s shop) signed(trans string, quantity int) request {
	r := request{UserName: "u", TransID: trans, VoucherID: "S0001_GZ", Time: 1893456000, Quantity: quantity}
	r.Checksum = s.buyChecksum(r)
	return r
}

func (s shop) buy(r request) string {
	_, body := s.do(http.MethodPost, "/api/v1/buy-voucher", r)
	return body
}

func TestRefusals(t *testing.T) {
	invalid := `{"errors":{"code":106,"status":"error","message":"Parameter is invalid"}}`
	none := `{"data":{"code":"202","status":"fail","message":"Buy voucher failed, voucher is not available"}}`
	funds := `{"errors":{"code":100,"status":"error","message":"Out of balance"}}`
	address := `{"errors":{"code":108,"status":"error","message":"Request from IP is not allowed"}}`
	for _, c := range []struct {
		name string
		bend func(s shop, r *request)
		want string
	}{
		{"wrong checksum", func(_ shop, r *request) { r.Checksum = strings.ToLower(r.Checksum) }, invalid},
		{"another user", func(s shop, r *request) { r.UserName = "v"; r.Checksum = s.buyChecksum(*r) }, invalid},
		{"altered quantity", func(_ shop, r *request) { r.Quantity = 2 }, invalid},
		{"eleven", func(s shop, r *request) { *r = s.signed("t", 11) }, invalid},
		{"none", func(s shop, r *request) { *r = s.signed("t", 0) }, invalid},
		{"no such line", func(s shop, r *request) { r.VoucherID = "x"; r.Checksum = s.buyChecksum(*r) }, none},
		{"out of stock", func(s shop, _ *request) { s.SetStock("S0001_GZ", 0) }, none},
		{"out of balance", func(s shop, _ *request) { s.Credit(1 - DefaultBalance) }, funds},
		{"address", func(s shop, _ *request) { _ = s.Fault(Trouble{Fault: Blocked, Path: "*"}) }, address},
	} {
		s := openShop(t)
		r := s.signed("t", 1)
		c.bend(s, &r)
		if got := s.buy(r); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if n := len(s.Sold()); n != 0 {
			t.Errorf("%s: %d sales", c.name, n)
		}
	}
}

func TestOneTransactionIsOneSale(t *testing.T) {
	s := openShop(t)
	first, again := s.buy(s.signed("t", 2)), s.buy(s.signed("t", 2))
	if !strings.Contains(first, `"code":"200"`) || !strings.Contains(again, `"code":102`) || !strings.Contains(again, `"secure_data"`) {
		t.Errorf("got %s, then %s", first, again)
	}
	sold := s.Sold()
	if len(sold) != 1 || len(sold[0].Codes) != 2 || sold[0].Codes[0] == sold[0].Codes[1] || sold[0].Charged != 100_000 {
		t.Errorf("sold %+v", sold)
	}
	if strings.Contains(first+again, sold[0].Codes[0]) {
		t.Error("a code travels in the open")
	}
	if st := s.State(); st.Balance != DefaultBalance-100_000 || st.Vouchers[2].Stock != 998 {
		t.Errorf("balance %d, stock %d", st.Balance, st.Vouchers[2].Stock)
	}
	var sum int64
	for _, e := range s.Ledger() {
		sum += e.Amount
	}
	if sum != s.State().Balance {
		t.Errorf("the ledger sums to %d, the balance is %d", sum, s.State().Balance)
	}
}

func TestRememberedRefusal(t *testing.T) {
	s := openShop(t)
	s.Speak(Style{RememberRefuse: true})
	s.SetStock("S0001_GZ", 0)
	first := s.buy(s.signed("t", 1))
	s.SetStock("S0001_GZ", 9)
	again := s.buy(s.signed("t", 1))
	if !strings.Contains(first, `"202"`) || !strings.Contains(again, `"code":102`) || strings.Contains(again, "vouchers\"") {
		t.Errorf("got %s, then %s", first, again)
	}
}

func TestCatalogTriggerAndStock(t *testing.T) {
	s := openShop(t)
	read := func(at int64) string {
		r := request{UserName: "u", Time: at}
		r.Checksum = s.catalogChecksum(r)
		_, body := s.do(http.MethodPost, "/api/v1/get-available-vouchers", r)
		return body
	}
	if body := read(1893456000); !strings.Contains(body, `"voucher_id":"G0001_GZ","name":"Grab 20.000đ","price":20000,"publisher":"Grab"`) ||
		!strings.Contains(body, `"common_field":"serial, valid_date","secret_field":"code, url"`) {
		t.Errorf("catalog: %s", body)
	}
	s.SetStock("G0001_GZ", 0)
	s.Speak(Style{SandboxNames: true})
	if body := read(1893456000); strings.Contains(body, "G0001_GZ") || !strings.Contains(body, `"secure_fields":["code"]`) {
		t.Errorf("catalog without a line: %s", body)
	}
	if body := read(triggerTime); !strings.Contains(body, `"code":"202"`) {
		t.Errorf("trigger: %s", body)
	}
}

func TestControlOverHTTP(t *testing.T) {
	s := openShop(t)
	for path, body := range map[string]string{
		"faults": `{"fault":"out_of_funds","times":1}`, "stock": `{"voucher_id":"A0001","stock":3}`, "balance": `{"add":-1000}`, "style": `{"text_codes":true}`,
	} {
		if status, answer := s.do(http.MethodPost, "/_control/"+path, json.RawMessage(body)); status != http.StatusOK {
			t.Errorf("%s: HTTP %d %s", path, status, answer)
		}
	}
	for path, body := range map[string]string{"faults": `{"fault":"nonsense"}`, "stock": `{"voucher_id":"none"}`, "style": `{"color":1}`} {
		if status, _ := s.do(http.MethodPost, "/_control/"+path, json.RawMessage(body)); status != http.StatusBadRequest {
			t.Errorf("bad %s: HTTP %d", path, status)
		}
	}
	if got := s.buy(s.signed("t", 1)); !strings.Contains(got, `"code":"100"`) {
		t.Errorf("first: %s", got)
	}
	if got := s.buy(s.signed("t", 1)); !strings.Contains(got, `"code":"200"`) {
		t.Errorf("second: %s", got)
	}
	_, answer := s.do(http.MethodGet, "/_control/sold", nil)
	var sold []Sold
	if err := json.Unmarshal([]byte(answer), &sold); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Sold(), sold); diff != "" {
		t.Errorf("sold over HTTP:\n%s", diff)
	}
	if st := s.State(); st.Balance != DefaultBalance-51_000 || st.Vouchers[3].Stock != 3 {
		t.Errorf("state %+v", st)
	}
}

// Every fault of the wire ends as it says, and sells or does not.
func TestWireFaults(t *testing.T) {
	for _, c := range []struct {
		fault  Fault
		status int
		sales  int
	}{
		{Down, 0, 0}, {LostBefore, 0, 0}, {LostAfter, 0, 1}, {ErrorAfter, 500, 1}, {HTML502, 502, 0}, {TooMany, 429, 0}, {CutJSON, 200, 1},
		{Slow, 200, 1}, {Hostile, 200, 1}, {NoVouchers, 200, 1}, {PartialFill, 200, 1},
	} {
		s := openShop(t)
		if err := s.Fault(Trouble{Fault: c.fault, Times: 1, For: time.Millisecond}); err != nil {
			t.Fatal(err)
		}
		status, body := s.do(http.MethodPost, "/api/v1/buy-voucher", s.signed("t", 2))
		if status != c.status || len(s.Sold()) != c.sales {
			t.Errorf("%s: HTTP %d, %d sales; want HTTP %d, %d sales", c.fault, status, len(s.Sold()), c.status, c.sales)
		}
		if c.fault == CutJSON && json.Valid([]byte(body)) {
			t.Errorf("%s: the answer is whole", c.fault)
		}
		if again := s.buy(s.signed("t", 2)); again == "" {
			t.Errorf("%s: it hit a second call", c.fault)
		}
	}
}
