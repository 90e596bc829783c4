package oneclickdz

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/oneclickdz/sandbox"

	"github.com/google/go-cmp/cmp"
)

// TestAnswers reads what each answer to a purchase means; an empty reason is an unknown outcome.
func TestAnswers(t *testing.T) {
	data, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Body, Code string
		Status           int
		Reason           providers.Reason
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 40 {
		t.Fatalf("%d answers, error %v", len(cases), err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			r := unwrap(providers.Answer{Status: c.Status, Body: []byte(c.Body), RetryAfter: 5 * time.Second})
			if r.good() {
				t.Fatal("taken for a success")
			}
			no := r.refusal()
			if c.Reason == "" {
				if no != nil {
					t.Fatalf("got %v, want an unknown outcome", no)
				}
				return
			}
			if diff := cmp.Diff(&providers.Refusal{Reason: c.Reason, Code: c.Code, After: 5 * time.Second}, no); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrderShapes(t *testing.T) {
	p := providers.Placement{SKU: "p1/t1", Quantity: 2, Handle: "o1"}
	two := `"cards":[{"value":"A","serial":"1"},{"value":"B","serial":"2"}]`
	for name, c := range map[string]struct {
		data  string
		state providers.State
		fault providers.Fault
		cards int
	}{
		"numbers as texts":       {`"status":"FULFILLED","quantity":"2","fulfilled_quantity":"2",` + two, providers.Fulfilled, "", 2},
		"lower case":             {`"status":"fulfilled","quantity":2,"fulfilled_quantity":2,` + two, providers.Fulfilled, "", 2},
		"populated product":      {`"status":"FULFILLED","product":{"_id":"p1"},"type":{"id":"t1"},"fulfilled_quantity":2,` + two, providers.Fulfilled, "", 2},
		"unknown status":         {`"status":"UNKNOWN_ERROR"`, providers.Pending, "", 0},
		"partial with all":       {`"status":"PARTIALLY_FILLED","fulfilled_quantity":2,` + two, providers.Partial, providers.WrongCount, 2},
		"partial":                {`"status":"PARTIALLY_FILLED","fulfilled_quantity":1,"cards":[{"value":"A"}]`, providers.Partial, "", 1},
		"partial without count":  {`"status":"PARTIALLY_FILLED","cards":[{"value":"A"}]`, providers.Partial, providers.WrongCount, 1},
		"count differs":          {`"status":"FULFILLED","fulfilled_quantity":1,` + two, providers.Fulfilled, providers.WrongCount, 2},
		"another quantity":       {`"status":"FULFILLED","quantity":3,"fulfilled_quantity":2,` + two, providers.Fulfilled, providers.WrongCount, 2},
		"refunded with cards":    {`"status":"REFUNDED","fulfilled_quantity":2,` + two, providers.Refunded, providers.WrongCount, 2},
		"refunded, count odd":    {`"status":"REFUNDED","fulfilled_quantity":[],"cards":[]`, providers.Refunded, providers.Unreadable, 0},
		"refunded":               {`"status":"REFUNDED","quantity":2,"fulfilled_quantity":0,"fulfilled_amount":0,"cards":[]`, providers.Refunded, "", 0},
		"the same code twice":    {`"status":"FULFILLED","fulfilled_quantity":2,"cards":[{"value":"A"},{"value":"A"}]`, providers.Fulfilled, providers.WrongCount, 2},
		"a card without value":   {`"status":"FULFILLED","fulfilled_quantity":2,"cards":[{"value":"A"},{"serial":"2"}]`, providers.Fulfilled, providers.MissingKey, 2},
		"a card that is no card": {`"status":"FULFILLED","fulfilled_quantity":2,"cards":[{"value":"A"},"B"]`, providers.Fulfilled, providers.Unreadable, 1},
		"no list":                {`"status":"FULFILLED","fulfilled_quantity":2,"cards":{}`, providers.Fulfilled, providers.Unreadable, 0},
		"another type":           {`"status":"FULFILLED","type":"t2","fulfilled_quantity":2,` + two, providers.Fulfilled, providers.WrongLine, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var o order
			if err := json.Unmarshal([]byte("{"+c.data+"}"), &o); err != nil {
				t.Fatal(err)
			}
			f := o.fulfillment(p, []byte(c.data))
			if f.State != c.state || f.Fault != c.fault || len(f.Cards) != c.cards {
				t.Errorf("state %q, fault %q, %d cards; want %+v", f.State, f.Fault, len(f.Cards), c)
			}
			if (f.Fault == providers.NoFault) != f.Raw.Empty() {
				t.Error("the whole answer comes with a fault and only then")
			}
		})
	}
}

func TestOtherPropertiesOfACardAreKept(t *testing.T) {
	cards, fault := readCards([]byte(`[{"_id":"x","pin":"4321","value":"A","serial":null,"valid_date":"2031-01-01","extra":{"a":1}}]`))
	if fault != providers.NoFault || len(cards) != 1 || !cards[0].Serial.Empty() {
		t.Fatalf("fault %q, cards %v", fault, cards)
	}
	got := map[string]string{}
	for _, e := range cards[0].Extras {
		got[e.Label] = e.Value.Expose()
	}
	if diff := cmp.Diff(map[string]string{"pin": "4321", "valid_date": "2031-01-01"}, got); diff != "" {
		t.Errorf("extras (-want +got):\n%s", diff)
	}
}

func TestKeys(t *testing.T) {
	for name, c := range map[string]struct {
		key  string
		want Key
		code string // of the refusal
		buys providers.Reason
	}{
		"production": {key: liveKey, want: Key{KeyProduction, "READ-WRITE", true, sandbox.DefaultUser}},
		"sandbox":    {key: playKey, want: Key{KeySandbox, "READ-WRITE", true, sandbox.DefaultUser}},
		"read only":  {key: readKey, want: Key{KeyProduction, "READ-ONLY", true, sandbox.DefaultUser}, buys: providers.Blocked},
		"disabled":   {key: offKey, code: "API_DISABLED", buys: providers.Blocked},
		"elsewhere":  {key: farKey, code: "IP_NOT_ALLOWED", buys: providers.Blocked},
		"unknown":    {key: "nobody-knows-this-key", code: "INVALID_ACCESS_TOKEN", buys: providers.Blocked},
	} {
		t.Run(name, func(t *testing.T) {
			b := openWith(t, c.key, sandbox.Options{})
			got, err := b.Validate(t.Context())
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("key (-want +got):\n%s", diff)
			}
			var no *providers.Refusal
			if errors.As(err, &no) != (c.code != "") || (no != nil && (no.Code != c.code || no.Reason != providers.Blocked)) {
				t.Errorf("error %v, want code %q", err, c.code)
			}
			if err != nil && strings.Contains(err.Error(), c.key) {
				t.Error("the error carries the key")
			}
			_, err = b.gifts.Place(t.Context(), b.buyGift(sku(psnGermany, psnTen), 1))
			if reason, _ := providers.Refused(err); reason != c.buys {
				t.Errorf("place: %v, want %q", err, c.buys)
			}
		})
	}
}

func TestTwentyBadKeysLockTheAddress(t *testing.T) {
	b := openWith(t, "wrong", sandbox.Options{})
	code := func() string {
		var no *providers.Refusal
		if _, err := b.Validate(t.Context()); !errors.As(err, &no) {
			t.Fatal(err)
		}
		return no.Code
	}
	for range 20 {
		if got := code(); got != "INVALID_ACCESS_TOKEN" {
			t.Fatalf("code %s before the lock", got)
		}
	}
	if got := code(); got != "IP_BLOCKED" {
		t.Errorf("code %s, want the lock", got)
	}
	b.clock.Advance(15 * time.Minute)
	if got := code(); got != "INVALID_ACCESS_TOKEN" {
		t.Errorf("code %s after the lock", got)
	}
}

func TestBusyTellsHowLong(t *testing.T) {
	b := openWith(t, liveKey, sandbox.Options{PerMinute: 1})
	if _, err := b.Balance(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := b.gifts.Place(t.Context(), b.buyGift(sku(psnGermany, psnTen), 1))
	var no *providers.Refusal
	if !errors.As(err, &no) || no.Reason != providers.Busy || no.After != 5*time.Second {
		t.Errorf("got %v, want busy for 5 s", err)
	}
}

func TestStockSpellings(t *testing.T) {
	for _, style := range []sandbox.Style{{}, {StockCode: "ERR_STOCK", StockStatus: 403}, {StockCode: "INSUFFICIENT-STOCK"}, {StockCode: "ERR_ORDER"}} {
		b := open(t)
		b.sim.Speak(style)
		b.sim.SetStock(psnTen, 1)
		_, err := b.gifts.Place(t.Context(), b.buyGift(sku(psnGermany, psnTen), 2))
		if !refusedWith(err, providers.OutOfStock) {
			t.Errorf("%+v: %v, want out of stock", style, err)
		}
	}
}

func TestBalanceNeverPassesThroughAFloat(t *testing.T) {
	b := openWith(t, liveKey, sandbox.Options{Balance: 9_007_199_254_740_993})
	m, err := b.Balance(t.Context())
	if err != nil || m != (providers.Money{Minor: 9_007_199_254_740_993, Currency: "DZD"}) {
		t.Errorf("balance %v, error %v", m, err)
	}
}

func TestNewNamesEveryBadOption(t *testing.T) {
	_, err := New(Options{BaseURL: "http://api.example.com/v3"})
	if err == nil || !strings.Contains(err.Error(), "access token") || !strings.Contains(err.Error(), "https") {
		t.Errorf("got %v", err)
	}
}
