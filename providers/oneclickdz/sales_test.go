package oneclickdz

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
	"cardrop/providers/oneclickdz/sandbox"
)

// TestSales lists what was bought at both suppliers of the account, over several pages and in each spelling of the list, and what was
// taken and came back for it.
func TestSales(t *testing.T) {
	for name, style := range map[string]sandbox.Style{"items": {}, "topups": {Topups: true}} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.sim.Speak(style)
			b.sim.SetStock(psnTen, 10_000)
			if _, err := b.gifts.Place(t.Context(), b.buyGift(sku(psnGermany, psnTen), 1)); err != nil {
				t.Fatal(err)
			}
			b.clock.Advance(time.Hour)
			from := b.clock.Now()
			var gifts, nets []providers.Sale
			for i := range 130 {
				p := b.buyGift(sku(psnGermany, psnTen), 1+i%3)
				f, err := b.gifts.Place(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				gifts = append(gifts, providers.Sale{Handle: f.Handle, SKU: p.SKU, Quantity: p.Quantity, Time: b.clock.Now(), State: providers.Fulfilled})
				if i%10 == 0 {
					p := b.buyNet("021000000")
					f, err := b.net.Place(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					nets = append(nets, providers.Sale{Handle: f.Handle, Ref: p.Ref, SKU: p.SKU, Account: p.Account, Kind: providers.ADSL,
						Quantity: 1, Time: b.clock.Now(), State: providers.Fulfilled})
				}
				b.clock.Advance(time.Second)
			}
			b.trouble(t, sandbox.Trouble{Fault: sandbox.RefundAll, Times: 1})
			back, err := b.gifts.Place(t.Context(), b.buyGift(sku(psnGermany, psnTen), 2))
			if err != nil {
				t.Fatal(err)
			}
			gifts = append(gifts, providers.Sale{Handle: back.Handle, SKU: sku(psnGermany, psnTen), Quantity: 2, Time: b.clock.Now(),
				State: providers.Refunded})
			b.sim.Finish()
			to := b.clock.Now()
			b.clock.Advance(time.Hour)
			if _, err := b.net.Place(t.Context(), b.buyNet("021000000")); err != nil {
				t.Fatal(err)
			}
			for list, want := range map[providers.Lister][]providers.Sale{b.gifts: gifts, b.net: nets} {
				got, err := list.Sales(t.Context(), from, to)
				for i := range got {
					if j := strings.Index(got[i].Ref, "order"); j > 0 { // the supplier prefixes it
						got[i].Ref = got[i].Ref[j:]
					}
					got[i].Time = got[i].Time.UTC()
				}
				for i := range want {
					want[i].Time = want[i].Time.UTC().Truncate(time.Millisecond)
				}
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("error %v, sales (-want +got):\n%s", err, diff)
				}
			}
			b.booked(t, back.Handle, len(gifts)+1, len(nets), from, to)
		})
	}
}

// booked compares the transactions of a window with what was bought in it; one gift card order was refunded whole.
func (b *bench) booked(t *testing.T, refunded string, gifts, nets int, from, to time.Time) {
	t.Helper()
	for book, want := range map[providers.Accountant]int{b.gifts: gifts, b.net: nets} {
		list, err := book.Transactions(t.Context(), from, to)
		if err != nil || len(list) != want {
			t.Errorf("%d transactions, error %v; want %d", len(list), err, want)
		}
		var net int64
		for _, e := range list {
			if e.Handle == refunded {
				net += e.Amount.Minor
			} else if e.Amount.Minor <= 0 {
				t.Errorf("a purchase took %d", e.Amount.Minor)
			}
		}
		if net != 0 {
			t.Errorf("%d of a refunded order did not come back", net)
		}
	}
}

// TestSalesDoNotGuess: a list that cannot be read whole is no list.
func TestSalesDoNotGuess(t *testing.T) {
	for _, f := range []sandbox.Fault{sandbox.CutJSON, sandbox.HTML502, sandbox.TooMany, sandbox.Missing, sandbox.Hostile, sandbox.Blocked} {
		b := open(t)
		from, to := b.clock.Now(), b.clock.Now().Add(time.Minute)
		calls := map[string]func(context.Context) (int, error){
			"gift-cards/list": func(ctx context.Context) (int, error) { l, err := b.gifts.Sales(ctx, from, to); return len(l), err },
			"internet/list":   func(ctx context.Context) (int, error) { l, err := b.net.Sales(ctx, from, to); return len(l), err },
			"account/transactions": func(ctx context.Context) (int, error) {
				l, err := b.net.Transactions(ctx, from, to)
				return len(l), err
			},
		}
		for path, ask := range calls {
			for range 10 {
				b.trouble(t, sandbox.Trouble{Fault: f, Times: 1, Path: path})
				n, err := ask(t.Context())
				if _, no := providers.Refused(err); no || !errors.Is(err, providers.ErrUnknown) || n != 0 {
					t.Errorf("%s of %s: %d, %v; want unknown", f, path, n, err)
				}
			}
		}
	}
}
