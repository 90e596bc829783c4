package checkout

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// trouble makes the next purchase at a line's supplier go wrong.
func (k *kit) trouble(sku, fault string) {
	k.t.Helper()
	if sku == grab {
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.Fault(fault), Times: 1}))
		return
	}
	k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.Fault(fault), Times: 1}))
}

// TestThreat32UnclearAnswers: whatever happens to the answer of a purchase, the order stays in doubt with its money held until the supplier
// has told; then there is one sale with the right cards, or none and the money is back.
func TestThreat32UnclearAnswers(t *testing.T) {
	for _, c := range []struct {
		sku    string
		faults string // those that leave the outcome open
		end    store.OrderState
	}{
		{grab, "lost_before lost_after error_after cut_json html_502 timeout down", store.Fulfilled},
		{psn, "lost_after error_after unavailable cut_json timeout", store.Fulfilled},
		{psn, "lost_before html_502 down auth_unavailable", store.Refused}, // the supplier takes no reference: nothing is sent again
		{adsl, "lost_before lost_after error_after unavailable auth_unavailable cut_json html_502 timeout down", store.Fulfilled},
	} {
		t.Run(strings.NewReplacer("/", "-", ":", "-").Replace(c.sku)+"-"+string(c.end), func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				for fault := range strings.FieldsSeq(c.faults) {
					sales, before := len(k.sold()), k.wallet(amine)
					o := k.buy(amine, c.sku, 1)
					k.trouble(c.sku, fault)
					if fault == "timeout" {
						k.haste.Store(29_900) // the client's limit ends after a tenth of a second
					}
					k.work()
					k.haste.Store(0)
					o = k.order(o.ID)
					k.state(o, store.InDoubt)
					if got := k.wallet(amine); got != before-o.Total {
						t.Errorf("%s: balance %d while in doubt", fault, got)
					}
					list, err := k.shop.Suppliers(k.ctx)
					k.ok(err)
					for _, s := range list {
						if want := map[bool]int{true: 1}[s.Name == o.Provider]; s.InDoubt != want {
							t.Errorf("%s: %d of %s in doubt", fault, s.InDoubt, s.Name)
						}
					}
					o = k.run(o.ID, 20*time.Second, 30*time.Minute)
					k.state(o, c.end)
					if c.end == store.Refused {
						if len(k.sold()) != sales || k.reason(o) != string(providers.NotPlaced) || k.wallet(amine) != before {
							t.Errorf("%s: %d sales, %q, balance %d", fault, len(k.sold())-sales, k.reason(o), k.wallet(amine))
						}
						continue
					}
					if len(k.sold()) != sales+1 {
						t.Errorf("%s: %d sales", fault, len(k.sold())-sales)
					}
					k.has(o)
				}
				k.silent()
				if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
					t.Errorf("codes lie open in %v", leaks)
				}
			})
		})
	}
}

// wallet reads a balance.
func (k *kit) wallet(user int64) int64 {
	k.t.Helper()
	b, err := k.shop.Balance(k.ctx, user)
	k.ok(err)
	return b
}

// TestLateRequests: a request whose send-by time has passed is not sent, and the money comes back at once.
func TestLateRequests(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, sku := range []string{grab, psn, adsl} {
			o := k.buy(amine, sku, 1)
			k.haste.Store(31_000)
			k.work()
			k.haste.Store(0)
			o = k.order(o.ID)
			k.state(o, store.Refused)
			if k.reason(o) != string(providers.NotPlaced) || len(k.sold()) != 0 {
				t.Errorf("%s: %q, %d sales", sku, k.reason(o), len(k.sold()))
			}
		}
		k.balance(amine, 100_000_00)
	})
}

// TestLateOrUnknown: a late error that does not rule out that something was written leaves the order in doubt.
func TestLateOrUnknown(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	j := &job{shop: k.shop, claim: store.Claim{Buy: true}, supplier: k.options.Suppliers[0]}
	for _, c := range []struct {
		err  error
		want store.OrderState
	}{
		{fmt.Errorf("x: %w: %w", providers.ErrNotSent, providers.ErrLate), store.Refused},
		{fmt.Errorf("x: %w", providers.ErrLate), store.Refused},
		{fmt.Errorf("x: %w: %w", providers.ErrUnknown, providers.ErrLate), store.InDoubt},
		{fmt.Errorf("x: %w", providers.ErrNotSent), store.InDoubt}, // what nobody classified is in doubt
		{k.ctx.Err(), store.InDoubt},
		{fmt.Errorf("something new"), store.InDoubt},
		{fmt.Errorf("x: %w", &providers.Refusal{Reason: providers.OutOfStock}), store.Refused},
	} {
		if c.err == nil {
			continue
		}
		if got, _ := j.failed(k.ctx, c.err); got != c.want {
			t.Errorf("%v means %s, want %s", c.err, got, c.want)
		}
	}
	j.claim.Buy = false
	if got, _ := j.failed(k.ctx, fmt.Errorf("x: %w", providers.ErrLate)); got != store.InDoubt {
		t.Errorf("a late look-up means %s", got)
	}
}

// TestThreat33StoppedSteps: a process dies before or after each write of a purchase; the next one goes on, and nothing is bought twice.
func TestThreat33StoppedSteps(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, sku := range []string{grab, psn, adsl} {
			for _, point := range []string{"open_order.before", "open_order.after", "claim_placement.before", "claim_placement.after",
				"settle.before", "settle.after"} {
				sales, before := len(k.sold()), k.wallet(amine)
				b := k.basket(amine, sku, 1)
				k.stop.set("store."+point, 1)
				if _, err := k.shop.Buy(k.ctx, b); err != nil {
					k.is(err, errStopped)
					if point == "open_order.after" && k.wallet(amine) != before-b.Unit {
						t.Errorf("%s: nothing is held", point)
					}
				}
				k.sound()
				k.work()
				if point != "open_order.before" && k.stop.left() != 0 {
					t.Errorf("%s was not reached", point)
				}
				k.stop.left()
				if _, err := k.shop.Buy(k.ctx, b); err != nil { // the buyer taps again
					t.Errorf("%s: %v", point, err)
				}
				o := k.run(b.ID, 20*time.Second, 30*time.Minute)
				// An intent that was stored and never sent is an order the gift card supplier never had.
				if sku == psn && point == "claim_placement.after" {
					k.state(o, store.Refused)
					if len(k.sold()) != sales || k.wallet(amine) != before {
						t.Errorf("%s: %d sales, balance %d", point, len(k.sold())-sales, k.wallet(amine))
					}
					continue
				}
				k.state(o, store.Fulfilled)
				k.has(o)
				if len(k.sold()) != sales+1 || k.wallet(amine) != before-o.Total {
					t.Errorf("%s at %s: %d sales, balance %d", sku, point, len(k.sold())-sales, k.wallet(amine))
				}
			}
		}
		k.silent()
	})
}

// TestQueued: a top-up that the supplier announces for tomorrow is asked about slowly and comes.
func TestQueued(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.Queued, Times: 1}))
		o := k.run(k.buy(amine, adsl, 1).ID, 5*time.Second, 20*time.Second)
		k.state(o, store.Pending)
		if !o.Slow {
			t.Error("nobody knows that it is slow")
		}
		polls := o.Placements[0].Polls
		o = k.run(o.ID, time.Minute, time.Hour)
		if n := o.Placements[0].Polls - polls; n < 8 || n > 13 {
			t.Errorf("asked %d times in an hour", n)
		}
		stuck, err := k.shop.Stuck(k.ctx)
		k.ok(err)
		if len(stuck) != 0 {
			t.Error("called stuck before its day has passed")
		}
		o = k.run(o.ID, 30*time.Minute, 30*time.Hour)
		k.state(o, store.Fulfilled)
		k.has(o)
		snap, err := SnapshotOf(o)
		k.ok(err)
		if len(snap.Facts) != 2 || snap.Facts[0].Label != providers.FactTransaction || snap.Facts[0].Value == "" {
			t.Errorf("proof of purchase is %v", snap.Facts)
		}
	})
}

// TestGiftZForgets: later than half an hour after the first call nobody asks any more; a person is told once.
func TestGiftZForgets(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, grab, 2)
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.LostBefore}))
		k.run(o.ID, 30*time.Second, 32*time.Minute)
		k.giftz.Clear()
		calls := len(k.giftz.Calls())
		o = k.run(o.ID, 10*time.Minute, 8*time.Hour)
		k.state(o, store.InDoubt)
		if len(k.giftz.Sold()) != 0 {
			t.Error("bought again after the supplier may have forgotten")
		}
		for _, c := range k.giftz.Calls()[calls:] {
			if c.TransID != "" {
				t.Errorf("asked again at %s", c.At)
			}
		}
		if n := k.rung("needs_person"); n != 1 {
			t.Errorf("%d alarms", n)
		}
		k.balance(amine, 100_000_00-2*115_00)
	})
}

// TestSwitchedOff: an order of a supplier that is switched off is not touched until it is back.
func TestSwitchedOff(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, psn, 1)
		without := k.options
		without.Suppliers = k.options.Suppliers[:1]
		other, err := New(without)
		k.ok(err)
		k.pass(time.Second)
		if err := other.Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}); err == nil {
			t.Error("asked a supplier that is not there")
		}
		if got := k.order(o.ID); got.Placements[0].State != store.Ready {
			t.Errorf("the placement is %s", got.Placements[0].State)
		}
		k.pass(switchedOff)
		o = k.run(o.ID, 5*time.Second, 4*time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
	})
}

// giftzLost loses every purchase on its way to the supplier.
func giftzLost() giftzbox.Trouble { return giftzbox.Trouble{Fault: giftzbox.LostBefore} }
