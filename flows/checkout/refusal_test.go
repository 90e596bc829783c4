package checkout

import (
	"errors"
	"testing"
	"time"

	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

func TestPartial(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.PartialFill, Times: 1}))
		o := k.run(k.buy(amine, steam, 5).ID, 5*time.Second, time.Minute)
		k.state(o, store.Partial)
		if o.Delivered != 2 || o.Refunded != 3*1460_00 || o.Captured != 2*1460_00 {
			t.Errorf("%+v", o)
		}
		k.balance(amine, 100_000_00-2*1460_00)
		k.has(o)

		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.RefundAll, Times: 1}))
		o = k.run(k.buy(bilal, steam, 2).ID, 5*time.Second, time.Minute)
		k.state(o, store.Refunded)
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.RefundAll, Times: 1}))
		o = k.run(k.buy(bilal, adsl, 1).ID, 5*time.Second, time.Minute)
		k.state(o, store.Refunded)
		k.balance(bilal, 100_000_00)
		if len(k.vault(o)) != 0 {
			t.Error("a refunded order has cards")
		}
		// One placement of three is refused: the rest of the hold comes back with the last.
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfStock, Times: 1}))
		o = k.run(k.buy(bilal, grab, 25).ID, 5*time.Second, time.Minute)
		k.state(o, store.Partial)
		if o.Delivered != 15 || o.Refunded != 10*115_00 {
			t.Errorf("%+v", o)
		}
		k.has(o)
		k.balance(bilal, 100_000_00-15*115_00)
		k.silent()
	})
}

func TestRefused(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			sku    string
			giftz  giftzbox.Fault
			click  clickbox.Fault
			reason providers.Reason
			pauses bool
		}{
			{grab, giftzbox.OutOfStock, "", providers.OutOfStock, false}, {grab, giftzbox.Invalid, "", providers.Misused, false},
			{grab, giftzbox.TooMany, "", providers.Busy, false}, {grab, giftzbox.OutOfFunds, "", providers.NoFunds, true},
			{grab, giftzbox.Blocked, "", providers.Blocked, true}, {psn, "", clickbox.OutOfStock, providers.OutOfStock, false},
			{psn, "", clickbox.TooMany, providers.Busy, false}, {psn, "", clickbox.Missing, providers.Misused, false},
			{psn, "", clickbox.OutOfFunds, providers.NoFunds, true}, {psn, "", clickbox.Blocked, providers.Blocked, true},
			{adsl, "", clickbox.OutOfStock, providers.OutOfStock, false}, {adsl, "", clickbox.BadPhone, providers.BadAccount, false},
			{adsl, "", clickbox.TooMany, providers.Busy, false}, {adsl, "", clickbox.OutOfFunds, providers.NoFunds, true},
			{adsl, "", clickbox.Blocked, providers.Blocked, true},
		} {
			first, second := k.buy(amine, c.sku, 1), k.basket(amine, c.sku, 1)
			waiting := k.buy(bilal, c.sku, 1) // agreed before the supplier is paused
			if c.giftz != "" {
				k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: c.giftz, Times: 2}))
			} else {
				k.ok(k.click.Fault(clickbox.Trouble{Fault: c.click, Times: 2}))
			}
			k.work()
			for _, id := range []string{first.ID, waiting.ID} {
				o := k.order(id)
				k.state(o, store.Refused)
				if k.reason(o) != string(c.reason) || o.Refunded != o.Total {
					t.Errorf("%s %s%s: refused for %q, %d returned", c.sku, c.giftz, c.click, k.reason(o), o.Refunded)
				}
			}
			k.balance(amine, 100_000_00)
			k.balance(bilal, 100_000_00)
			if len(k.sold()) != 0 {
				t.Errorf("%s %s%s: sold", c.sku, c.giftz, c.click)
			}
			paused, err := k.store.Paused(k.ctx)
			k.ok(err)
			_, err = k.shop.Buy(k.ctx, second)
			if !c.pauses {
				k.ok(err) // nothing is paused; this one is refused as well, to leave the wallets as they were
				if c.giftz != "" {
					k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: c.giftz, Times: 1}))
				} else {
					k.ok(k.click.Fault(clickbox.Trouble{Fault: c.click, Times: 1}))
				}
				k.work()
				continue
			}
			k.is(err, ErrUnavailable)
			_, err = k.shop.Quote(k.ctx, second)
			k.is(err, ErrUnavailable)
			name := first.Provider
			if paused[name] != string(c.reason) || k.rung("supplier_paused_"+string(c.reason)) != 1 {
				t.Errorf("%s %s%s: paused %v, alarms %v", c.sku, c.giftz, c.click, paused, k.alarms)
			}
			_, err = k.store.Pause(k.ctx, name, "", store.Event{Kind: EventPaused, Actor: system})
			k.ok(err)
		}
		k.silent()
	})
}

func TestNothingMoves(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		buy := func(b Basket) error {
			_, err := k.shop.Buy(k.ctx, b)
			k.sound()
			if _, missing := k.store.Order(k.ctx, b.ID); !errors.Is(missing, store.ErrNotFound) {
				t.Errorf("an order was made: %v", missing)
			}
			return err
		}
		// Out of stock at the quote.
		b := k.basket(amine, grab, 1)
		k.giftz.SetStock(grab, 0)
		k.is(buy(b), ErrOutOfStock)
		k.giftz.SetStock(grab, 1000)
		g := k.basket(amine, steam50, 1)
		k.click.SetStock("61260000000a000200010004", 0)
		k.is(buy(g), ErrOutOfStock)
		k.click.SetStock("61260000000a000200010004", 3)
		// Quantities.
		for n, limit := range map[int]int{0: 50, -1: 50, 51: 50, 1 << 40: 50} {
			b.Quantity = n
			var q *QuantityError
			if err := buy(b); !errors.As(err, &q) || q.Max != limit {
				t.Errorf("%d vouchers: %v", n, err)
			}
		}
		var q *QuantityError
		g.Quantity = 4
		if err := buy(g); !errors.As(err, &q) || q.Max != 3 {
			t.Errorf("4 of 3: %v", err)
		}
		i := k.basket(amine, adsl, 1)
		i.Quantity = 2
		if err := buy(i); !errors.As(err, &q) || q.Max != 1 {
			t.Errorf("2 internet cards: %v", err)
		}
		// A short balance, and an empty wallet.
		p := k.basket(bilal, psn, 33)
		var short *ShortError
		if err := buy(p); !errors.As(err, &short) || short.Balance != 100_000_00 || short.Total != 33*3035_00 {
			t.Errorf("%v", err)
		}
		if err := buy(k.basket(karim, grab, 1)); !errors.As(err, &short) || short.Balance != 0 || short.Total != 115_00 {
			t.Errorf("%v", err)
		}
		// A closed shop, an unknown line, a supplier that does not answer.
		_, err := k.store.SwitchBuying(k.ctx, "test", store.Event{Kind: EventDenied, Actor: system})
		k.ok(err)
		k.is(buy(k.basket(amine, grab, 1)), ErrClosed)
		_, err = k.store.SwitchBuying(k.ctx, "", store.Event{Kind: EventDenied, Actor: system})
		k.ok(err)
		b.Quantity, b.Line = 1, "NO-SUCH"
		k.is(buy(b), ErrNotFound)
		i.Quantity = 1
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.Down, Path: "*"}))
		k.is(buy(i), ErrUnavailable)
		k.click.Clear()
		k.balance(amine, 100_000_00)
		k.balance(bilal, 100_000_00)
		if len(k.sold()) != 0 {
			t.Error("something was sold")
		}
	})
}

func TestPriceChanges(t *testing.T) {
	const kind = "61260000000a000100010001"
	both(t, func(t *testing.T, k *kit) {
		b := k.basket(amine, psn, 2) // at 3,035: cost 2,890
		k.click.SetPrice(kind, 3035_01)
		var dearer *PriceError
		if _, err := k.shop.Buy(k.ctx, b); !errors.As(err, &dearer) || dearer.Unit != 3190_00 {
			t.Errorf("%v", err)
		}
		k.balance(amine, 100_000_00)
		k.click.SetPrice(kind, 3035_00) // the whole margin, and not more
		o, err := k.shop.Buy(k.ctx, b)
		k.ok(err)
		o = k.run(o.ID, 5*time.Second, time.Minute)
		k.state(o, store.Fulfilled)
		if o.Unit != 3035_00 || o.Placements[0].Cost != 2*3035_00 {
			t.Errorf("%+v", o)
		}
		k.balance(amine, 100_000_00-2*3035_00)
		b = k.basket(amine, psn, 1)
		k.click.SetPrice(kind, 1000_00) // cheaper: what was confirmed holds
		o, err = k.shop.Buy(k.ctx, b)
		k.ok(err)
		if o.Unit != b.Unit || b.Unit != 3190_00 {
			t.Errorf("sold at %d, confirmed at %d", o.Unit, b.Unit)
		}
		k.state(k.run(o.ID, 5*time.Second, time.Minute), store.Fulfilled)
		k.silent()
		// A rise after the quote is the shop's loss: the buyer pays what was agreed, and somebody is told.
		b = k.basket(bilal, psn, 1)
		o, err = k.shop.Buy(k.ctx, b)
		k.ok(err)
		k.click.SetPrice(kind, 5000_00)
		o = k.run(o.ID, 5*time.Second, time.Minute)
		k.state(o, store.Fulfilled)
		k.balance(bilal, 100_000_00-b.Unit)
		if o.Placements[0].Cost != 5000_00 || k.rung("sold_at_loss") != 1 {
			t.Errorf("cost %d, alarms %v", o.Placements[0].Cost, k.alarms)
		}
	})
}
