package oneclickdz

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"cardrop/providers"
)

// FuzzAnswers feeds any body to every reader: none panics, no error carries what came, only the statuses of a sure no refuse,
// and cards fit to show agree with what was asked for.
func FuzzAnswers(f *testing.F) {
	data, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		f.Fatal(err)
	}
	var seeds []struct {
		Body   string
		Status int
	}
	if err := json.Unmarshal(data, &seeds); err != nil {
		f.Fatal(err)
	}
	for _, s := range seeds {
		f.Add(s.Status, []byte(s.Body))
	}
	f.Add(200, []byte(`{"success":true,"data":{"_id":"o1","status":"FULFILLED","quantity":2,"fulfilled_quantity":2,"fulfilled_amount":2900.5,"cards":[{"value":"CANARYONE","serial":"1"},{"value":"CANARYTWO"}]}}`))
	f.Add(200, []byte(`{"success":true,"data":{"_id":"o1","status":"FULFILLED","card_code":"CANARYONE","num_trans":7,"topup_amount":"1000"}}`))
	f.Add(200, []byte(`{"success":true,"data":{"items":[],"pagination":{"totalPages":1,"totalResults":0}}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		r := unwrap(providers.Answer{Status: status, Body: body})
		if no := r.refusal(); no != nil && status >= 500 {
			t.Errorf("status %d refuses", status)
		}
		if !r.good() {
			return
		}
		p := providers.Placement{SKU: "p/t", Quantity: 2, Handle: "o1", Ref: "r-1"}
		var o order
		if json.Unmarshal(r.data, &o) == nil {
			sound(t, o.fulfillment(p, body), 2)
		}
		p.SKU, p.Quantity, p.Account = "ADSL:1000", 1, "021000000"
		got, err := readTopup(r, "check-id", p)
		if err != nil && (!errors.Is(err, providers.ErrUnknown) || strings.Contains(fmt.Sprintf("%+v", err), "CANARY")) {
			t.Errorf("error %v", err)
		}
		if err == nil {
			sound(t, got, 1)
		}
		accepted(r)
		if _, _, err := pagination(r, 1, 0); err != nil && !errors.Is(err, providers.ErrUnknown) {
			t.Errorf("error %v", err)
		}
		readCategory(r.data)
	})
}

// sound checks what holds for every outcome.
func sound(t *testing.T, f providers.Fulfillment, asked int) {
	t.Helper()
	if strings.Contains(fmt.Sprintf("%+v %#v", f.Cards, f.Raw), "CANARY") {
		t.Error("a printed outcome carries a code")
	}
	if (f.Fault == providers.NoFault) != f.Raw.Empty() {
		t.Errorf("fault %q with raw %v", f.Fault, f.Raw.Empty())
	}
	if f.Fault != providers.NoFault {
		return
	}
	n := len(f.Cards)
	ok := map[providers.State]bool{
		providers.Pending: n == 0, providers.Fulfilled: n == asked, providers.Partial: n > 0 && n < asked, providers.Refunded: n == 0,
	}
	if !ok[f.State] {
		t.Errorf("state %q with %d cards of %d", f.State, n, asked)
	}
	for _, c := range f.Cards {
		if c.Code.Empty() {
			t.Error("a card without a code")
		}
	}
}
