package store

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAPlacementIsPlacedOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		ids, err := s.DuePlacements(s.ctx, 10)
		s.ok(err)
		if diff := cmp.Diff([]PlacementID{{Order: "o1", K: 1}}, ids); diff != "" {
			t.Fatalf("due:\n%s", diff)
		}
		first := s.claim("o1", 1)
		if !first.Buy || first.Place.State != Placing || first.Place.Quantity != 2 || first.Order.Provider != "giftz" {
			t.Errorf("first claim: %+v", first)
		}
		s.about("send by", first.Place.SendBy, s.now().Add(sendBy))
		s.about("sent", first.Place.Sent, s.now())
		s.about("now", first.Now, s.now())
		if ids, err = s.DuePlacements(s.ctx, 10); err != nil || len(ids) != 0 {
			t.Errorf("a placement that is taken is due: %v, %v", ids, err)
		}
		before := s.dump()
		_, err = s.ClaimPlacement(s.ctx, request("o1", 1))
		s.is(err, ErrLeased)
		r := request("o1", 1)
		r.Now = true
		_, err = s.ClaimPlacement(s.ctx, r)
		s.is(err, ErrLeased)
		s.unchanged(before)

		s.pass(sendBy + 4*time.Second) // the claim outlives its send-by time by 5 s
		_, err = s.ClaimPlacement(s.ctx, request("o1", 1))
		s.is(err, ErrLeased)
		s.pass(2 * time.Second)
		last := first
		for range 3 {
			c := s.claim("o1", 1)
			if c.Buy {
				t.Fatal("a placement that was asked for is placed again")
			}
			if c.Fence <= last.Fence {
				t.Fatalf("fence %d after %d", c.Fence, last.Fence)
			}
			if !c.Place.SendBy.Equal(first.Place.SendBy) || !c.Place.Sent.Equal(first.Place.Sent) {
				t.Error("a later claim moved the send-by time")
			}
			last = c
			s.pass(claimed + time.Second)
		}
		if ids, err = s.DuePlacements(s.ctx, 10); err != nil || len(ids) != 1 {
			t.Errorf("a lost claim does not come back: %v, %v", ids, err)
		}
	})
}

func TestOneOfManyWorkersClaims(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1)
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if c, err := s.ClaimPlacement(s.ctx, request("o1", 1)); err == nil && c.Buy {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d workers place", won.Load())
		}
	})
}

func TestThreat34AnOldFenceWritesNothing(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		old := s.claim("o1", 1)
		s.pass(sendBy + 6*time.Second)
		now := s.claim("o1", 1)
		before := s.dump()
		for _, state := range []OrderState{Pending, InDoubt, Review, Fulfilled, Refunded, Refused} {
			_, err := s.Settle(s.ctx, settlement(old, state))
			s.is(err, ErrFenced)
		}
		s.unchanged(before)
		s.settle(settlement(now, Fulfilled))
		s.invariants()
	})
}

func TestAPersonNeedNotWait(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1)
		wait := settlement(s.claim("o1", 1), Pending)
		wait.Next = time.Hour
		s.settle(wait)
		_, err := s.ClaimPlacement(s.ctx, request("o1", 1))
		s.is(err, ErrLeased)
		r := request("o1", 1)
		r.Now = true
		c, err := s.ClaimPlacement(s.ctx, r)
		s.ok(err)
		s.settle(settlement(c, Pending))
		c, err = s.ClaimPlacement(s.ctx, r)
		s.ok(err)
		if c.Buy || c.Place.Polls != 2 {
			t.Errorf("buy %v, polls %d", c.Buy, c.Place.Polls)
		}
	})
}

// TestAQueueForgetsWhatIsDone holds that a member without work behind it does not come up again and again.
func TestAQueueForgetsWhatIsDone(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.queue(DuePlace, map[string]time.Duration{"o1.1": -time.Second, "o9.1": -time.Second})
		_, err := s.ClaimPlacement(s.ctx, request("o1", 1))
		s.is(err, ErrEdge)
		_, err = s.ClaimPlacement(s.ctx, request("o9", 1))
		s.is(err, ErrNotFound)
		if ids, err := s.DuePlacements(s.ctx, 10); err != nil || len(ids) != 0 {
			t.Errorf("due: %v, %v", ids, err)
		}
	})
}

func TestWakeMakesUnfinishedPlacementsDue(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1, 1, 1)
		s.settle(settlement(s.claim("o1", 1), Fulfilled))
		doubt := settlement(s.claim("o1", 2), InDoubt)
		doubt.Next = time.Hour
		s.settle(doubt)
		wait := settlement(s.claim("o1", 3), Pending)
		wait.Next = time.Hour
		s.settle(wait)
		if ids, err := s.DuePlacements(s.ctx, 10); err != nil || len(ids) != 0 {
			t.Fatalf("due before: %v, %v", ids, err)
		}
		n, err := s.Wake(s.ctx, "o1", event("RETRY", "o1"))
		s.ok(err)
		ids, err := s.DuePlacements(s.ctx, 10)
		s.ok(err)
		if diff := cmp.Diff([]PlacementID{{"o1", 2}, {"o1", 3}}, ids); diff != "" || n != 2 {
			t.Errorf("woken %d:\n%s", n, diff)
		}
		_, err = s.Wake(s.ctx, "none", event("RETRY", "none"))
		s.is(err, ErrNotFound)
	})
}

func TestDoubtsAndHandles(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1)
		s.order("o2", 1)
		for _, id := range []string{"o2", "o1"} {
			s.settle(settlement(s.claim(id, 1), InDoubt))
			s.pass(20 * time.Second)
		}
		again := s.claim("o2", 1) // still in doubt: it keeps its place
		s.settle(settlement(again, InDoubt))
		ids, err := s.InDoubtPlacements(s.ctx)
		s.ok(err)
		if diff := cmp.Diff([]PlacementID{{"o2", 1}, {"o1", 1}}, ids); diff != "" {
			t.Errorf("doubts:\n%s", diff)
		}

		s.pass(20 * time.Second)
		bound := settlement(s.claim("o2", 1), Pending)
		bound.Handle, bound.Memo = "77", "found in the list"
		s.settle(bound)
		owners, err := s.HandleOwners(s.ctx, "giftz", []string{"77", "78"})
		s.ok(err)
		if diff := cmp.Diff(map[string]string{"77": "o2.1"}, owners); diff != "" {
			t.Errorf("owners:\n%s", diff)
		}
		if owners, err = s.HandleOwners(s.ctx, "oneclickdz", []string{"77"}); err != nil || len(owners) != 0 {
			t.Errorf("another supplier's handle: %v, %v", owners, err)
		}
		if owners, err = s.HandleOwners(s.ctx, "giftz", nil); err != nil || len(owners) != 0 {
			t.Errorf("no handles: %v, %v", owners, err)
		}
		thief := settlement(s.claim("o1", 1), Pending)
		thief.Handle = "77"
		before := s.dump()
		_, err = s.Settle(s.ctx, thief)
		s.is(err, ErrTaken)
		s.unchanged(before)

		o, err := s.Order(s.ctx, "o2")
		s.ok(err)
		if p := o.Placements[0]; p.Handle != "77" || p.Memo != "found in the list" || o.State != Pending {
			t.Errorf("bound: %+v", o)
		}
		if ids, err = s.InDoubtPlacements(s.ctx); err != nil || len(ids) != 1 {
			t.Errorf("doubts left: %v, %v", ids, err)
		}
	})
}
