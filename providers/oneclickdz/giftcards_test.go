package oneclickdz

import (
	"context"
	"errors"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/oneclickdz/sandbox"

	"github.com/google/go-cmp/cmp"
)

// exposed is a fulfillment with its secrets opened, for comparing.
type exposed struct {
	State   providers.State
	Fault   providers.Fault
	Cards   [][2]string // code and serial
	Charged string
}

func expose(f providers.Fulfillment) exposed {
	e := exposed{State: f.State, Fault: f.Fault, Charged: f.Charged.String()}
	for _, c := range f.Cards {
		e.Cards = append(e.Cards, [2]string{c.Code.Expose(), c.Serial.Expose()})
	}
	return e
}

// bought places and resolves one gift card order to its end.
func (b *bench) bought(t *testing.T, p providers.Placement) providers.Fulfillment {
	t.Helper()
	f, err := b.gifts.Place(t.Context(), p)
	if err != nil {
		t.Fatalf("place: %v", err)
	}
	p.Handle = f.Handle
	if f, err = b.gifts.Resolve(t.Context(), p); err != nil || f.State != providers.Pending {
		t.Fatalf("at once: state %q, error %v; want pending", f.State, err)
	}
	b.clock.Advance(sandbox.DefaultDelay)
	if f, err = b.gifts.Resolve(t.Context(), p); err != nil {
		t.Fatalf("resolve: %v", err)
	}
	return f
}

func TestGiftCatalog(t *testing.T) {
	for name, style := range map[string]sandbox.Style{"reference": {}, "guide": {CategoryName: true, MongoIDs: true, NumberText: true}} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.sim.Speak(style)
			families, err := b.gifts.Catalog(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			byTitle := map[string]providers.Product{}
			for _, f := range families {
				byTitle[f.Title] = f
			}
			want := providers.Product{
				Family: psnGermany, Title: "PSN Germany", Category: "PSN", Region: "germany", Kind: providers.GiftCard,
				Stock: providers.StockUnknown,
			}
			if diff := cmp.Diff(want, byTitle["PSN Germany"]); diff != "" {
				t.Errorf("family (-want +got):\n%s", diff)
			}
			if !byTitle["Apple Gift Card Turkey"].Disabled || byTitle["Steam Wallet"].Region != "" {
				t.Errorf("disabled or missing region misread: %+v", byTitle)
			}
			lines, err := b.gifts.Open(t.Context(), psnGermany)
			if err != nil {
				t.Fatal(err)
			}
			want.SKU, want.Name, want.Stock = psnGermany+"/61260000000a000100010002", "PSN 20 EUR", 40
			want.Cost = providers.Money{Minor: 5690_50, Currency: currency}
			if diff := cmp.Diff(want, lines[1]); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
			if lines[2].Stock != 0 {
				t.Errorf("stock %d of a sold out line", lines[2].Stock)
			}
		})
	}
}

func TestOpenReadsTheCatalogItself(t *testing.T) {
	b := open(t)
	lines, err := b.gifts.Open(t.Context(), psnGermany)
	if err != nil || len(lines) != 3 || lines[0].Category != "PSN" || lines[0].Region != "germany" {
		t.Fatalf("lines %+v, error %v", lines, err)
	}
	if _, err := b.gifts.Open(t.Context(), "612600000000000000019999"); !refusedWith(err, providers.OutOfStock) {
		t.Errorf("an unknown family: %v, want out of stock", err)
	}
}

func refusedWith(err error, want providers.Reason) bool {
	reason, no := providers.Refused(err)
	return no && reason == want
}

func TestGiftOutcomes(t *testing.T) {
	line := sku(psnGermany, psnTen)
	for name, c := range map[string]struct {
		key     string
		sku     string
		n       int
		trouble sandbox.Fault
		state   providers.State
		fault   providers.Fault
		cards   int
		charged string
	}{
		"one":                      {sku: line, n: 1, state: providers.Fulfilled, cards: 1, charged: "2890.00 DZD"},
		"whole stock":              {sku: line, n: 87, state: providers.Fulfilled, cards: 87, charged: "251430.00 DZD"},
		"partial":                  {sku: line, n: 5, trouble: sandbox.PartialFill, state: providers.Partial, cards: 2, charged: "5780.00 DZD"},
		"partial of one":           {sku: line, n: 1, trouble: sandbox.PartialFill, state: providers.Refunded, charged: "0.00 DZD"},
		"refunded":                 {sku: line, n: 3, trouble: sandbox.RefundAll, state: providers.Refunded, charged: "0.00 DZD"},
		"price rose":               {sku: line, n: 2, trouble: sandbox.PriceDrift, state: providers.Fulfilled, cards: 2, charged: "6358.00 DZD"},
		"no serial":                {sku: line, n: 2, trouble: sandbox.MissingSerial, state: providers.Fulfilled, cards: 2, charged: "5780.00 DZD"},
		"a card too few":           {sku: line, n: 2, trouble: sandbox.WrongCount, state: providers.Fulfilled, fault: providers.WrongCount, cards: 1, charged: "5780.00 DZD"},
		"supplier's sandbox":       {key: playKey, sku: "string/string", n: 2, state: providers.Fulfilled, cards: 2, charged: "0.00 DZD"},
		"sandbox: test partial":    {key: playKey, sku: psnGermany + "/TEST_PARTIAL", n: 4, state: providers.Partial, cards: 2, charged: "0.00 DZD"},
		"sandbox: test refund":     {key: playKey, sku: psnGermany + "/TEST_REFUND", n: 1, state: providers.Refunded, charged: "0.00 DZD"},
		"lifelike: test partial":   {key: mixedKey, sku: psnGermany + "/TEST_PARTIAL", n: 2, state: providers.Partial, cards: 1, charged: "1000.00 DZD"},
		"lifelike: ordinary order": {key: mixedKey, sku: line, n: 2, state: providers.Fulfilled, cards: 2, charged: "5780.00 DZD"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.key == "" {
				c.key = liveKey
			}
			b := openWith(t, c.key, sandbox.Options{})
			if c.trouble != "" {
				b.trouble(t, sandbox.Trouble{Fault: c.trouble, Times: 1})
			}
			got := expose(b.bought(t, b.buyGift(c.sku, c.n)))
			if got.State != c.state || got.Fault != c.fault || len(got.Cards) != c.cards || got.Charged != c.charged {
				t.Fatalf("got %q %q, %d cards, %s; want %+v", got.State, got.Fault, len(got.Cards), got.Charged, c)
			}
			if c.cards == 0 {
				return
			}
			sold := b.sim.Sold()[0]
			for i, card := range got.Cards {
				serial := sold.Serials[i]
				if c.trouble == sandbox.MissingSerial {
					serial = ""
				}
				if card != [2]string{sold.Codes[i], serial} {
					t.Errorf("card %d is not the one that was sold", i)
				}
			}
		})
	}
}

func TestHandlingForHours(t *testing.T) {
	b := open(t)
	b.sim.SetDelay(3 * time.Hour)
	p := b.buyGift(sku(psnGermany, psnTen), 1)
	f, err := b.gifts.Place(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Handle = f.Handle
	for range 3 {
		b.clock.Advance(59 * time.Minute)
		if f, err = b.gifts.Resolve(t.Context(), p); err != nil || f.State != providers.Pending || f.Slow {
			t.Fatalf("state %q, error %v; want pending", f.State, err)
		}
	}
	b.clock.Advance(time.Hour)
	if f, err = b.gifts.Resolve(t.Context(), p); err != nil || f.State != providers.Fulfilled {
		t.Fatalf("state %q, error %v; want fulfilled", f.State, err)
	}
}

func TestAnOrderOfTheOtherEnvironmentIsNoRefusal(t *testing.T) {
	b := open(t)
	p := b.buyGift(sku(psnGermany, psnTen), 1)
	p.Handle = "65bb00000000000000000001"
	_, err := b.gifts.Resolve(t.Context(), p)
	if _, no := providers.Refused(err); no || !errors.Is(err, providers.ErrUnknown) {
		t.Errorf("got %v, want unknown", err)
	}
}

func TestFind(t *testing.T) {
	b := open(t)
	line, other := sku(psnGermany, psnTen), sku(psnGermany, "61260000000a000100010002")
	place := func(sku string, n int) string {
		f, err := b.gifts.Place(t.Context(), b.buyGift(sku, n))
		if err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(time.Second)
		return f.Handle
	}
	b.sim.SetStock(psnTen, 10_000)
	b.sim.SetStock("61260000000a000100010002", 10_000)
	early := place(line, 2)
	b.clock.Advance(time.Hour)
	from := b.clock.Now()
	var want []string
	for i := range 260 { // three pages, other programs' orders among them
		switch i % 4 {
		case 0:
			want = append(want, place(line, 2))
		case 1:
			place(line, 3)
		case 2:
			place(other, 2)
		case 3:
			place(line, 1)
		}
	}
	to := b.clock.Now()
	b.clock.Advance(time.Hour)
	late := place(line, 2)
	found, err := b.gifts.Find(t.Context(), b.buyGift(line, 2), from, to)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Handle)
		if f.State != providers.Fulfilled || f.Time.Before(from) || f.Time.After(to) || f.Handle == early || f.Handle == late {
			t.Errorf("found %+v", f)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("handles, oldest first (-want +got):\n%s", diff)
	}
	debits, err := b.gifts.Debited(t.Context(), b.buyGift(line, 2), from, to)
	if err != nil || debits != len(want) {
		t.Errorf("%d debits, error %v; want %d", debits, err, len(want))
	}
}

func TestFindKeepsRefundedAndPending(t *testing.T) {
	b := open(t)
	b.trouble(t, sandbox.Trouble{Fault: sandbox.RefundAll, Times: 1})
	p := b.buyGift(sku(psnGermany, psnTen), 2)
	for i := range 2 {
		if _, err := b.gifts.Place(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			b.clock.Advance(10 * time.Second)
		}
	}
	found, err := b.gifts.Find(t.Context(), p, p.Sent, b.clock.Now())
	if err != nil || len(found) != 2 || found[0].State != providers.Refunded || found[1].State != providers.Pending {
		t.Errorf("found %+v, error %v; want a refunded and a pending one", found, err)
	}
}

func TestFindDoesNotGuess(t *testing.T) {
	for _, f := range []sandbox.Fault{sandbox.CutJSON, sandbox.HTML502, sandbox.TooMany, sandbox.Missing, sandbox.Hostile, sandbox.Blocked} {
		b := open(t)
		p := b.buyGift(sku(psnGermany, psnTen), 2)
		calls := map[string]func(context.Context, providers.Placement, time.Time, time.Time) (int, error){
			"gift-cards/list": func(ctx context.Context, p providers.Placement, from, to time.Time) (int, error) {
				found, err := b.gifts.Find(ctx, p, from, to)
				return len(found), err
			},
			"account/transactions": b.gifts.Debited,
		}
		for path, ask := range calls {
			for range 20 {
				b.trouble(t, sandbox.Trouble{Fault: f, Times: 1, Path: path})
				n, err := ask(t.Context(), p, p.Sent, p.Sent.Add(time.Minute))
				if _, no := providers.Refused(err); no || !errors.Is(err, providers.ErrUnknown) || n != 0 {
					t.Errorf("%s of %s: %d, %v; want unknown", f, path, n, err)
				}
			}
		}
	}
}

func TestPlaceRefusesBeforeAnyCall(t *testing.T) {
	b := open(t)
	before := len(b.sim.Calls())
	for _, p := range []providers.Placement{
		b.buyGift(sku(psnGermany, psnTen), 0), b.buyGift(sku(psnGermany, psnTen), -1), b.buyGift("", 1), b.buyGift("a/../b", 1), b.buyGift("a", 1),
	} {
		if _, err := b.gifts.Place(t.Context(), p); !refusedWith(err, providers.Misused) {
			t.Errorf("%q × %d: %v, want misused", p.SKU, p.Quantity, err)
		}
	}
	if n := len(b.sim.Calls()); n != before {
		t.Errorf("%d calls were made", n-before)
	}
}
