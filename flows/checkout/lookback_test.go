package checkout

import (
	"errors"
	"testing"
	"time"

	"cardrop/providers"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// slip has the supplier sell once more for an order, as a request does that was held up on its way.
func (k *kit) slip(o store.Order) {
	k.t.Helper()
	snap, err := SnapshotOf(o)
	k.ok(err)
	p := k.job(store.Claim{Order: o, Place: o.Placements[0]}, snap).place
	p.SendBy = k.now().Add(time.Minute)
	_, err = k.options.Suppliers[1].Place(k.ctx, p)
	k.ok(err)
}

// lost buys one gift card that never reaches the supplier, until the shop gives it up.
func (k *kit) lost(user int64) store.Order {
	k.t.Helper()
	o := k.buy(user, steam, 1)
	k.trouble(steam, "lost_before")
	o = k.run(o.ID, 20*time.Second, 30*time.Minute)
	k.state(o, store.Refused)
	return o
}

// TestThreat43TurnedUp: an order that appears after it was given up is house stock and an alarm, whoever looks; it is nobody's otherwise, and
// nothing of the buyer's money moves.
func TestThreat43TurnedUp(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		first, second := k.lost(amine), k.lost(bilal)
		k.ok(k.shop.Lookback(k.ctx)) // nothing is there yet
		k.silent()
		k.slip(second)
		k.pass(6 * time.Minute)
		other, err := New(k.options)
		k.ok(err)
		for range 3 {
			k.ok(other.Lookback(k.ctx))
			k.ok(k.shop.Lookback(k.ctx))
			k.pass(6 * time.Minute)
			k.sound()
		}
		if k.rung("turned_up") != 1 || k.rung("house_stock") != 1 {
			t.Errorf("alarms %v", k.alarms)
		}
		owner, n := second, 0
		for _, o := range []store.Order{first, second} {
			o = k.order(o.ID)
			k.state(o, store.Refused)
			if o.Placements[0].Handle != "" {
				owner, n = o, n+1
			}
		}
		if got := k.aside(owner); n != 1 || len(got) != 1 || k.events(owner.ID, EventStock) != 2 {
			t.Errorf("%d owners, aside %v", n, got)
		}
		k.balance(amine, 100_000_00)
		k.balance(bilal, 100_000_00)
		_, err = k.shop.Again(k.ctx, owner.ID, owner.Buyer)
		k.is(err, ErrNothing)
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
		for range 100 { // after two days nobody asks any more
			k.pass(time.Hour)
			k.ok(k.shop.Lookback(k.ctx))
		}
		if left, err := k.store.DueCount(k.ctx, store.DueLook); err != nil || left != 0 {
			t.Errorf("%d look-backs are left, %v", left, err)
		}
		k.silent()
	})
}

// TestOpenAttemptsComeFirst: an order that turns up goes to a buyer who is still waiting, not to the house.
func TestOpenAttemptsComeFirst(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		gone := k.lost(amine)
		waiting := k.buy(bilal, steam, 1)
		k.trouble(steam, "lost_after")
		k.work()
		k.state(k.order(waiting.ID), store.InDoubt)
		for range 3 {
			k.ok(k.shop.Lookback(k.ctx))
			k.pass(time.Minute)
		}
		if h := k.order(gone.ID).Placements[0].Handle; h != "" {
			t.Errorf("the house took %s", h)
		}
		o := k.run(waiting.ID, 20*time.Second, 10*time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
		k.pass(10 * time.Minute)
		k.ok(k.shop.Lookback(k.ctx))
		if k.rung("house_stock")+k.rung("turned_up") != 0 || k.order(gone.ID).Placements[0].Handle != "" {
			t.Error("the house took a buyer's card")
		}
	})
}

// TestLookbackOfAnotherProgram: where another program buys with the account, an order of nobody is left alone.
func TestLookbackOfAnotherProgram(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_before")
		k.work()
		k.slip(o) // theirs
		o = k.run(o.ID, time.Minute, 20*time.Minute)
		k.state(o, store.InDoubt)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "not in our books"}))
		for range 5 {
			k.pass(6 * time.Minute)
			k.ok(k.shop.Lookback(k.ctx))
		}
		o = k.order(o.ID)
		if o.Placements[0].Handle != "" || len(k.aside(o)) != 0 || k.rung("house_stock") != 0 {
			t.Errorf("took another program's order: %+v", o.Placements[0])
		}
		k.balance(amine, 100_000_00)
		// The other way round: the order in their books that a person recognizes as ours is bound.
		o = k.buy(amine, steam, 1)
		sold := k.sold()
		k.trouble(steam, "lost_after")
		k.state(k.run(o.ID, time.Minute, 20*time.Minute), store.InDoubt)
		k.slip(o) // theirs again
		ours := ""
		for _, s := range k.click.Sold() {
			if _, old := sold[s.Handle]; !old && ours == "" {
				ours = s.Handle
			}
		}
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Bought: true, Handle: ours, Note: "the one of that minute"}))
		o = k.run(o.ID, 5*time.Second, time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
	}, func(o *Options) { o.SharedLedger = true })
}

// TestGivenUpWhilePending: a top-up that a person gave up although the supplier had taken it comes to the house, by a mere question.
func TestGivenUpWhilePending(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.trouble(adsl, "queued")
		o := k.run(k.buy(amine, adsl, 1).ID, 5*time.Second, 20*time.Second)
		k.state(o, store.Pending)
		k.is(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Bought: true, Handle: "61260000ffffffffffffffff", Note: "it has one"}), ErrHandle)
		k.pass(6 * time.Minute)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "customer gave up"}))
		k.balance(amine, 100_000_00)
		for range 40 {
			k.pass(time.Hour)
			k.work()
			k.ok(k.shop.Lookback(k.ctx))
			k.sound()
		}
		o = k.order(o.ID)
		k.state(o, store.Refused)
		if len(k.aside(o)) != 1 || k.rung("house_stock") != 1 || len(k.sold()) != 1 {
			t.Errorf("aside %v, alarms %v, %d sales", k.aside(o), k.alarms, len(k.sold()))
		}
		k.balance(amine, 100_000_00)
	})
}

// TestStoppedGivingUp: a process that dies between the look-back and the refusal forgets neither.
func TestStoppedGivingUp(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, point := range []string{"store.look_back.before", "store.look_back.after", "store.decide.before", "store.decide.after", "store.settle.before", "store.settle.after"} {
			balance := k.wallet(amine)
			o := k.doubted(amine, steam, true)
			k.click.Clear()
			k.ok(k.click.Fault(listAway()))
			k.stop.set(point, 1)
			if err := k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "they say no"}); err == nil || k.stop.left() != 0 {
				t.Errorf("%s: %v", point, err)
			}
			k.sound()
			k.pass(decisionLease + time.Second)
			err := k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "they say no"})
			if point == "store.settle.after" {
				k.is(err, ErrUndecidable) // it was written
			} else {
				k.ok(err)
			}
			k.later()
			k.state(k.order(o.ID), store.Refused)
			if got := k.aside(o); len(got) != 1 || k.wallet(amine) != balance {
				t.Errorf("%s: aside %v, balance %d", point, got, k.wallet(amine))
			}
			k.rung("house_stock")
			k.rung("turned_up")
		}
	})
}

// listAway keeps the supplier's list from being read.
func listAway() clickbox.Trouble {
	return clickbox.Trouble{Fault: clickbox.HTML502, Path: "/gift-cards/list"}
}

// TestBindOnlyWhatFits: an order of the supplier that nobody owns is bound only if it is of the line and quantity asked for, and not
// older than the request; while it is not finished only the list tells.
func TestBindOnlyWhatFits(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.click.SetDelay(24 * time.Hour)
		theirs := func(sku string, n int) string {
			f, err := k.options.Suppliers[1].Place(k.ctx, providers.Placement{Ref: "THEIRS", SKU: sku, Quantity: n, SendBy: k.now().Add(time.Minute), Sent: k.now()})
			k.ok(err)
			return f.Handle
		}
		old := theirs(steam, 1)
		k.pass(10 * time.Minute)
		o := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_after")
		k.work()
		ours := k.click.Sold()[len(k.click.Sold())-1].Handle
		for what, handle := range map[string]string{"another line": theirs(psn, 1), "another quantity": theirs(steam, 2), "older": old} {
			if err := k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Bought: true, Handle: handle, Note: what}); !errors.Is(err, ErrHandle) {
				t.Errorf("%s: %v", what, err)
			}
		}
		k.state(k.order(o.ID), store.InDoubt)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Bought: true, Handle: ours, Note: "this one"}))
		o = k.run(o.ID, 30*time.Minute, 30*time.Hour)
		k.state(o, store.Fulfilled)
		k.has(o)
	}, func(o *Options) { o.SharedLedger = true })
}
