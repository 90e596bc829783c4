package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// blind reads the ids of the orders that BlindAround finds around an order's first placement.
func (s *kit) blind(id string, reach time.Duration) []string {
	s.t.Helper()
	o, err := s.Order(s.ctx, id)
	s.ok(err)
	at := o.Placements[0].Sent
	if at.IsZero() {
		at = s.now()
	}
	orders, err := s.BlindAround(s.ctx, oneKind(), at, reach)
	s.ok(err)
	var ids []string
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	return ids
}

// TestBlindPlacements: a placement is in the index from the moment its supplier may be asked until its supplier's id, or its fate, is known.
func TestBlindPlacements(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for _, c := range []struct {
			state  OrderState
			handle string
			want   []string
		}{
			{InDoubt, "", []string{"o1"}}, {InDoubt, "77", nil}, {Pending, "78", nil}, {Review, "", nil}, {Fulfilled, "", nil}, {Refused, "", nil},
		} {
			s.clear()
			s.order("o1", 1)
			if diff := cmp.Diff([]string(nil), s.blind("o1", time.Hour)); diff != "" {
				t.Errorf("before anybody asked: %s", diff)
			}
			claim := s.claim("o1", 1)
			if diff := cmp.Diff([]string{"o1"}, s.blind("o1", time.Second)); diff != "" {
				t.Errorf("asked: %s", diff)
			}
			end := settlement(claim, c.state)
			end.Handle = c.handle
			s.settle(end)
			if diff := cmp.Diff(c.want, s.blind("o1", time.Second)); diff != "" {
				t.Errorf("%s with %q: %s", c.state, c.handle, diff)
			}
		}
	})
}

// TestBlindChain: those within reach of each other hang together; others, however many, are not even read.
func TestBlindChain(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for i := range 6 {
			id := fmt.Sprintf("o%d", i)
			s.order(id, 1)
			s.claim(id, 1)
			s.pass(time.Minute)
			if i == 2 {
				s.pass(10 * time.Minute)
			}
		}
		for id, want := range map[string][]string{"o0": {"o0", "o1", "o2"}, "o2": {"o0", "o1", "o2"}, "o4": {"o3", "o4", "o5"}} {
			if diff := cmp.Diff(want, s.blind(id, 2*time.Minute)); diff != "" {
				t.Errorf("around %s: %s", id, diff)
			}
		}
		o, err := s.Order(s.ctx, "o4")
		s.ok(err)
		at := o.Placements[0].Sent
		between, err := s.BlindBetween(s.ctx, oneKind(), at.Add(-time.Second), at.Add(time.Second))
		s.ok(err)
		if len(between) != 1 || between[0].ID != "o4" {
			t.Errorf("between: %+v", between)
		}
	})
}

// TestBlindOfBefore indexes what a shop without an index had asked for, once: from the bytes as that shop left them.
func TestBlindOfBefore(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for _, id := range []string{"o1", "o2", "o3", "o4"} {
			s.order(id, 1)
			if id != "o4" {
				s.claim(id, 1)
			}
		}
		s.settle(Settlement{ID: PlacementID{Order: "o3", K: 1}, Fence: s.fenceOf("o3"), Account: account, State: Pending, Handle: "9",
			Next: time.Minute, Event: event("PLACEMENT", "o3"), Ended: event("ORDER_ENDED", "o3")})
		s.ok(s.rdb.Del(s.ctx, s.keys.blind(oneKind())).Err())
		asked := 0
		sku := func(o Order, _ Placement) (string, bool) {
			asked++
			return "G1", o.ID != "o2" // cannot be read: left alone
		}
		s.ok(s.IndexBlind(s.ctx, sku))
		if diff := cmp.Diff([]string{"o1"}, s.blind("o1", time.Hour)); diff != "" {
			t.Error(diff)
		}
		s.ok(s.IndexBlind(s.ctx, sku))
		if asked != 4 {
			t.Errorf("%d orders were looked at, want 4 once", asked)
		}
	})
}

// fenceOf is the number of the present claim of an order's first placement.
func (s *kit) fenceOf(id string) int64 {
	s.t.Helper()
	o, err := s.Order(s.ctx, id)
	s.ok(err)
	return o.Placements[0].Fence
}
