package checkout

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"cardrop/providers"
	"cardrop/store"
)

// TestWorkers: the workers themselves, fed by Buy and by Poll, end every order.
func TestWorkers(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		lost := k.buy(amine, grab, 1) // agreed by a process that died: only the poll knows it
		for range len(k.shop.jobs) {
			k.shop.taken((<-k.shop.jobs).id)
		}
		ids := []string{lost.ID, k.buy(amine, grab, 25).ID, k.buy(amine, psn, 1).ID, k.buy(bilal, adsl, 1).ID}
		ctx, cancel := contextFor(t)
		done := make(chan struct{})
		go func() {
			k.shop.Work(ctx)
			close(done)
		}()
		deadline := time.Now().Add(20 * time.Second)
		for open := len(ids); open > 0 && time.Now().Before(deadline); {
			k.pass(time.Second)
			k.ok(k.shop.Poll(k.ctx))
			select {
			case <-k.shop.News():
			case <-time.After(20 * time.Millisecond):
			}
			open = 0
			for _, id := range ids {
				if !k.order(id).State.Final() {
					open++
				}
			}
		}
		cancel()
		<-done
		for _, id := range ids {
			o := k.order(id)
			k.state(o, store.Fulfilled)
			k.has(o)
		}
	})
}

// TestThreat34TakenOver: a worker that slept through its lease writes nothing any more; the one that took over does.
func TestThreat34TakenOver(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, grab, 1)
		k.pass(time.Second)
		claim := func() *job {
			c, err := k.store.ClaimPlacement(k.ctx, store.ClaimRequest{ID: store.PlacementID{Order: o.ID, K: 1}, Lease: resolveLease, SendBy: sendSpan,
				Event: k.shop.event(EventAsked, o, system, nil)})
			k.ok(err)
			snap, err := SnapshotOf(c.Order)
			k.ok(err)
			return k.job(c, snap)
		}
		slept := claim()
		if !slept.claim.Buy {
			t.Error("the first claim is not to buy")
		}
		k.pass(sendSpan + 6*time.Second)
		second := claim()
		if second.claim.Buy {
			t.Fatal("a placement whose intent is stored is bought again")
		}
		before := k.dump()
		f := providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("LATE-ABCDEFGHJKLM")}}
		k.is(slept.settle(k.ctx, f, nil), store.ErrFenced)
		k.is(slept.settle(k.ctx, providers.Fulfillment{}, &providers.Refusal{Reason: providers.Busy}), store.ErrFenced)
		after := k.dump()
		delete(before, k.key("ring")) // seals are counted ahead
		delete(after, k.key("ring"))
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("written after the lease: %s", diff)
		}
		k.ok(second.settle(k.ctx, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("GOOD-ABCDEFGHJKLM")}}, nil))
		o = k.order(o.ID)
		k.state(o, store.Fulfilled)
		if got := codes(k.vault(o)); len(got) != 1 || got[0] != "GOOD-ABCDEFGHJKLM" {
			t.Errorf("%d cards", len(got))
		}
		k.is(second.settle(k.ctx, f, nil), store.ErrEdge) // what is final stays
	})
}

// TestForgottenPlacement: a queue may remember an order that Redis forgot otherwise; it is taken out and nobody is asked.
func TestForgottenPlacement(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		id := store.PlacementID{Order: "GHQST234", K: 1}
		k.ok(k.raw.ZAdd(k.ctx, k.key("due:place"), redis.Z{Score: 1, Member: id.String()}).Err())
		k.is(k.shop.Ask(k.ctx, id), store.ErrNotFound)
		o := k.buy(amine, grab, 1)
		second := store.PlacementID{Order: o.ID, K: 2}
		k.ok(k.raw.ZAdd(k.ctx, k.key("due:place"), redis.Z{Score: 1, Member: second.String()}).Err())
		k.is(k.shop.Ask(k.ctx, second), store.ErrNotFound)
		k.pass(time.Second)
		due, err := k.store.DuePlacements(k.ctx, 10)
		k.ok(err)
		if len(due) != 1 || due[0].Order != o.ID || due[0].K != 1 {
			t.Errorf("the queue holds %v", due)
		}
		k.work()
		k.state(k.order(o.ID), store.Fulfilled)
	})
}
