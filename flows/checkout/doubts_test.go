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

// TestDoubtsAcrossRestarts: each way in which an answer is lost, at each supplier, with the process that asked dying before or after it
// wrote what it knew, and another one going on: one sale at most, the right cards or the money.
func TestDoubtsAcrossRestarts(t *testing.T) {
	for _, sku := range []string{grab, steam, adsl} {
		t.Run(strings.NewReplacer("/", "-", ":", "-").Replace(sku), func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				for _, fault := range []string{"lost_before", "lost_after", "error_after", "cut_json", "html_502", "timeout", "too_many"} {
					for _, death := range []string{"", "store.settle.before", "store.settle.after", "store.claim_placement.after"} {
						k.perish(sku, fault, death)
						if t.Failed() {
							t.Fatalf("%s, death at %q", fault, death)
						}
					}
				}
				if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
					t.Errorf("codes lie open in %v", leaks)
				}
			})
		})
	}
}

// perish carries one purchase through a lost answer and a death.
func (k *kit) perish(sku, fault, death string) {
	k.t.Helper()
	before, balance := k.sold(), k.wallet(amine)
	o := k.buy(amine, sku, 1)
	k.trouble(sku, fault)
	if death != "" {
		k.stop.set(death, 1)
	}
	if fault == "timeout" {
		k.haste.Store(29_900)
	}
	k.work()
	k.haste.Store(0)
	if death == "store.claim_placement.after" { // the request never left: the fault met nobody
		k.giftz.Clear()
		k.click.Clear()
	}
	k.stop.left()
	var err error
	k.shop, err = New(k.options) // another process; this one knows nothing but what is stored
	k.ok(err)
	o = k.run(o.ID, 20*time.Second, 30*time.Minute)
	sales := k.since(before)
	switch o.State {
	case store.Fulfilled:
		k.has(o)
		if len(sales) != 1 || k.wallet(amine) != balance-o.Total {
			k.t.Errorf("%d sales, balance %d", len(sales), k.wallet(amine))
		}
	case store.Refused:
		if len(sales) != 0 || k.wallet(amine) != balance {
			k.t.Errorf("%d sales and the money is back: %d", len(sales), k.wallet(amine))
		}
	default:
		k.t.Errorf("order is %s", o.State)
	}
}

// TestTwoShopsMatch: several purchases of one line lose their answers in two processes at once, and both look through the same list: each
// sale goes to one of them.
func TestTwoShopsMatch(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		other, err := New(k.options)
		k.ok(err)
		shops := []*Shop{k.shop, other}
		var ids []string
		for i, fault := range []string{"lost_after", "lost_before", "lost_after", "error_after", "html_502", "lost_after"} {
			o := k.buy([]int64{amine, bilal}[i%2], steam, 1)
			k.trouble(steam, fault)
			k.pass(time.Second)
			k.ok(shops[i%2].Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}))
			ids = append(ids, o.ID)
			if i == 3 { // a restart in between
				shops[0], err = New(k.options)
				k.ok(err)
			}
		}
		for range 45 {
			k.pass(20 * time.Second)
			done := make(chan error, len(shops))
			for i, s := range shops {
				go func() {
					for n := range ids {
						id := ids[(n*(2*i+1)+i)%len(ids)] // each in an order of its own
						if err := s.Ask(k.ctx, store.PlacementID{Order: id, K: 1}); err != nil {
							done <- fmt.Errorf("ask about %s: %w", id, err)
							return
						}
					}
					done <- nil
				}()
			}
			for range shops {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			k.sound()
		}
		handles, ended := map[string]bool{}, map[store.OrderState]int{}
		for _, id := range ids {
			o := k.order(id)
			ended[o.State]++
			if h := o.Placements[0].Handle; o.State == store.Fulfilled {
				k.has(o)
				if handles[h] {
					t.Errorf("%s has two owners", h)
				}
				handles[h] = true
			}
		}
		if ended[store.Fulfilled] != 4 || ended[store.Refused] != 2 || len(k.sold()) != 4 {
			t.Errorf("%v, %d sales", ended, len(k.sold()))
		}
	})
}

// TestQueuedForTwoDays: a top-up queued for 48 hours is no failure: it is asked about ever more slowly, its buyer hears of it once, and
// it comes.
func TestQueuedForTwoDays(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.trouble(adsl, "queued")
		o := k.buy(amine, adsl, 1)
		asked, told := map[time.Duration]int{}, 0
		hear := func() {
			due, err := k.store.DueNotices(k.ctx, 10, time.Second)
			k.ok(err)
			for _, d := range due {
				told++
				k.ok(k.store.AckNotice(k.ctx, d, 0))
			}
		}
		for range 6 {
			k.work()
			hear()
			k.pass(5 * time.Second)
		}
		if o = k.order(o.ID); !o.Slow || o.State != store.Pending {
			t.Fatalf("order is %+v", o)
		}
		told = 0
		// The simulator is done after a day; until then it says QUEUED each time.
		for begin := k.now(); k.now().Sub(begin) < 23*time.Hour; k.pass(time.Minute) {
			polls := k.order(o.ID).Placements[0].Polls
			k.work()
			hear()
			asked[k.now().Sub(begin).Truncate(6*time.Hour)] += k.order(o.ID).Placements[0].Polls - polls
			stuck, err := k.shop.Stuck(k.ctx)
			k.ok(err)
			if len(stuck) != 0 {
				t.Fatal("called stuck")
			}
		}
		if told != 0 {
			t.Errorf("told %d more times", told)
		}
		if asked[0] < 50 || asked[0] > 80 || asked[12*time.Hour] < 4 || asked[12*time.Hour] > 8 {
			t.Errorf("asked %v", asked)
		}
		o = k.run(o.ID, 30*time.Minute, 48*time.Hour)
		k.state(o, store.Fulfilled)
		k.has(o)
		k.silent()
	})
}

// TestRejectedQuestions: a voucher supplier that rejects our questions leaves the order in doubt and alarms once.
func TestRejectedQuestions(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, fault := range []giftzbox.Fault{giftzbox.Blocked, giftzbox.Invalid, giftzbox.NoVouchers} {
			o := k.buy(amine, grab, 1)
			k.trouble(grab, "lost_after")
			k.work()
			k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: fault}))
			o = k.run(o.ID, 10*time.Second, 5*time.Minute)
			k.state(o, store.InDoubt)
			if n := k.rung("supplier_rejects_questions"); n != 1 {
				t.Errorf("%s: %d alarms", fault, n)
			}
			k.giftz.Clear()
			o = k.run(o.ID, 10*time.Second, 20*time.Minute)
			k.state(o, store.Fulfilled)
			k.has(o)
		}
		k.silent()
	})
}

// TestTooManyCalls: a purchase that is refused at the door was not made, at each supplier.
func TestTooManyCalls(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, sku := range []string{grab, psn, adsl} {
			o := k.buy(amine, sku, 1)
			k.trouble(sku, string(clickbox.TooMany))
			o = k.run(o.ID, 5*time.Second, time.Minute)
			k.state(o, store.Refused)
			if k.reason(o) != string(providers.Busy) || len(k.sold()) != 0 {
				t.Errorf("%s: %q, %d sales", sku, k.reason(o), len(k.sold()))
			}
		}
		k.balance(amine, 100_000_00)
	})
}
