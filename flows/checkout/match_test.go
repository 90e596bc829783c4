package checkout

import (
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cardrop/providers"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// TestMatching: several purchases of the same line lose their answers at once, some of them really made, among orders of other lines
// and quantities. Each sale goes to one of them, and the others get their money back.
func TestMatching(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.bought(bilal, steam, 2) // not of this quantity
		k.bought(bilal, psn, 1)   // not of this line, and of nobody in doubt
		own := k.bought(bilal, steam, 1)
		var ids []string
		for _, fault := range []string{"lost_after", "lost_before", "error_after", "html_502", "cut_json"} {
			o := k.buy(amine, steam, 1)
			k.trouble(steam, fault)
			k.work()
			k.state(k.order(o.ID), store.InDoubt)
			ids = append(ids, o.ID)
		}
		two := k.buy(bilal, steam, 2)
		k.trouble(steam, "lost_after")
		k.work()
		sales := len(k.sold())
		ended := map[store.OrderState]int{}
		seen := map[string]bool{k.order(own.ID).Placements[0].Handle: true}
		for _, id := range ids {
			o := k.run(id, 20*time.Second, 30*time.Minute)
			ended[o.State]++
			handle := o.Placements[0].Handle
			if o.State == store.Fulfilled {
				k.has(o)
				if seen[handle] {
					t.Errorf("%s has two owners", handle)
				}
				seen[handle] = true
			} else if k.reason(o) != string(providers.NotPlaced) {
				t.Errorf("%s ended %s, %q", id, o.State, k.reason(o))
			}
		}
		if ended[store.Fulfilled] != 3 || ended[store.Refused] != 2 {
			t.Errorf("%v", ended)
		}
		o := k.run(two.ID, 20*time.Second, 30*time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
		if len(k.sold()) != sales {
			t.Errorf("%d more sales", len(k.sold())-sales)
		}
		k.balance(amine, 100_000_00-3*1460_00)
		k.silent()
	})
}

// TestRunningRivals: while another purchase of the same line may still be on its way, no order of the list is bound.
func TestRunningRivals(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		first := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_after")
		k.work()
		k.state(k.order(first.ID), store.InDoubt)
		second := k.buy(bilal, steam, 1)
		k.trouble(steam, "lost_after")
		k.stop.set("store.settle.before", 1) // its process dies while it waits for the answer
		k.work()
		for range 6 { // 30 s and a little: the second call may be running
			k.pass(4 * time.Second)
			k.work()
			if h := k.order(first.ID).Placements[0].Handle; h != "" {
				t.Fatalf("bound to %s while the other call may be running", h)
			}
		}
		for _, id := range []string{first.ID, second.ID} {
			o := k.run(id, 10*time.Second, 5*time.Minute)
			k.state(o, store.Fulfilled)
			k.has(o)
		}
		if len(k.sold()) != 2 {
			t.Errorf("%d sales", len(k.sold()))
		}
	})
}

// TestSettleTime: an order that is in no list is not given up before ten minutes after its send-by time.
func TestSettleTime(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_before")
		k.work()
		by := k.order(o.ID).Placements[0].SendBy
		for k.now().Before(by.Add(10*time.Minute - 5*time.Second)) {
			k.work()
			k.state(k.order(o.ID), store.InDoubt)
			k.balance(amine, 100_000_00-1460_00)
			k.pass(10 * time.Second)
		}
		o = k.run(o.ID, 10*time.Second, 2*time.Minute)
		k.state(o, store.Refused)
		k.balance(amine, 100_000_00)
		k.silent()
	})
}

// TestDebitedNotListed: the supplier took money of this amount and lists no order for it: a person decides, and is told once.
func TestDebitedNotListed(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_before")
		k.work()
		// Another line's order debits the same amount in the same minutes: seen from here it might be the missing one.
		k.click.SetPrice("61260000000a000100010001", 1390_00)
		k.pass(70 * time.Second)
		k.bought(bilal, psn, 1)
		o = k.run(o.ID, 20*time.Second, 40*time.Minute)
		k.state(o, store.InDoubt)
		if n := k.rung("needs_person"); n != 1 {
			t.Errorf("%d alarms", n)
		}
		k.balance(amine, 100_000_00-1460_00)
		k.silent()
	})
}

func TestSharedLedger(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_after")
		k.work()
		o = k.run(o.ID, 20*time.Second, 40*time.Minute)
		k.state(o, store.InDoubt)
		if o.Placements[0].Handle != "" || k.rung("needs_person") != 1 {
			t.Errorf("%+v, alarms %v", o.Placements[0], k.alarms)
		}
		k.balance(amine, 100_000_00-1460_00)
		// What the supplier acknowledged needs no match, and suppliers with references neither.
		k.state(k.run(k.buy(amine, steam, 1).ID, 5*time.Second, time.Minute), store.Fulfilled)
		i := k.buy(bilal, adsl, 1)
		k.trouble(adsl, "lost_after")
		k.state(k.run(i.ID, 20*time.Second, 10*time.Minute), store.Fulfilled)
	}, func(o *Options) { o.SharedLedger = true })
}

// TestSilentList: while the list cannot be read nothing is decided, however late it is.
func TestSilentList(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, path := range []string{"/gift-cards/list", "/account/transactions"} {
			k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: path}))
			o := k.buy(amine, steam, 1)
			k.trouble(steam, "lost_before")
			k.work()
			k.state(k.run(o.ID, time.Minute, 40*time.Minute), store.InDoubt)
			k.click.Clear()
			k.state(k.run(o.ID, time.Minute, 20*time.Minute), store.Refused)
		}
		k.balance(amine, 100_000_00)
	})
}

// TestTakenHandle: a supplier that gives one order's id to two purchases gets nobody a second owner.
func TestTakenHandle(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		first := k.bought(amine, steam, 1)
		second := k.buy(bilal, steam, 1)
		k.pass(time.Second)
		claim, err := k.store.ClaimPlacement(k.ctx, store.ClaimRequest{ID: store.PlacementID{Order: second.ID, K: 1}, Lease: time.Second, SendBy: sendSpan,
			Event: k.shop.event(EventAsked, second, system, nil)})
		k.ok(err)
		snap, err := SnapshotOf(second)
		k.ok(err)
		for _, state := range []store.OrderState{store.Placing, store.Pending} {
			claim.Place.State = state
			j := k.job(claim, snap)
			k.ok(j.settle(k.ctx, providers.Fulfillment{State: providers.Fulfilled, Handle: first.Placements[0].Handle, Cards: k.vault(first)}, nil))
			o := k.order(second.ID)
			if o.State.Final() || o.Placements[0].Handle != "" || len(k.vault(o)) != 0 {
				t.Errorf("%s: %+v", state, o.Placements[0])
			}
			k.sound()
			if k.rung("handle_taken") != 1 {
				t.Error("nobody was told")
			}
			k.ok(k.raw.HSet(k.ctx, k.key("o:"+second.ID), "1.st", string(store.Pending)).Err())
		}
	})
}

func TestOverlapping(t *testing.T) {
	t.Parallel()
	at := func(from, to int, name string) attempt {
		return attempt{id: store.PlacementID{Order: name, K: 1}, from: start().Add(time.Duration(from) * time.Minute), to: start().Add(time.Duration(to) * time.Minute)}
	}
	all := []attempt{at(0, 5, "a"), at(2, 4, "b"), at(5, 9, "c"), at(10, 12, "d"), at(11, 20, "e"), at(15, 16, "f"), at(21, 22, "g")}
	for self, want := range map[string][]string{"a": {"a", "b", "c"}, "b": {"a", "b", "c"}, "c": {"a", "b", "c"}, "d": {"d", "e", "f"},
		"f": {"d", "e", "f"}, "g": {"g"}, "gone": nil} {
		var got []string
		for _, a := range overlapping(all, store.PlacementID{Order: self, K: 1}) {
			got = append(got, a.id.Order)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s hangs together with %v, want %v", self, got, want)
		}
	}
}

// TestManyOpenOrders: an attempt is resolved however many other orders are open.
func TestManyOpenOrders(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	o := k.buy(amine, steam, 1)
	k.trouble(steam, "lost_after")
	k.work()
	k.unsound = true
	for i := range 1100 { // older ones, all with the supplier
		id := "OLD" + itoa(i)
		k.ok(k.raw.HSet(k.ctx, k.key("o:"+id), "buyer", bilal, "st", "pending", "n", 1, "1.st", "pending", "1.q", 1, "doc", "{}", "prov", "ocgift").Err())
		k.ok(k.raw.ZAdd(k.ctx, k.key("open"), redis.Z{Member: id, Score: 1}).Err())
	}
	if err := k.shop.Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}); err != nil {
		t.Error(err)
	}
	for range 4 {
		k.pass(20 * time.Second)
		if err := k.shop.Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}); err != nil {
			t.Error(err)
		}
	}
	if got := k.order(o.ID); got.State != store.Fulfilled {
		t.Errorf("order is %s", got.State)
	}
}
