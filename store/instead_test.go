package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// refusedBy is a placement whose cards go to another supplier.
func refusedBy(c Claim, cards ...int) Settlement {
	t := settlement(c, Refused)
	t.Instead = &Instead{Provider: "ocgift", Source: []byte(`{"p":"ocgift"}`), Cards: cards}
	return t
}

// TestInstead holds that the step that refuses a placement brings those into being that take its place: at another supplier, with numbers
// of their own, due at once, asked once; that cost and supplier's order are the other one's; and that the order ends as if it had asked
// there first.
func TestInstead(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 3)
		if state := s.settle(refusedBy(s.claim("o1", 1), 2, 1)); state != Placing {
			t.Fatalf("the order is %s", state)
		}
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		source := []byte(`{"p":"ocgift"}`)
		first := o.Placements[0]
		first.Provider, first.State = "giftz", Refused
		want := []Placement{first, {K: 2, Quantity: 2, State: Ready, Provider: "ocgift", For: 1, Source: source},
			{K: 3, Quantity: 1, State: Ready, Provider: "ocgift", For: 1, Source: source}}
		if diff := cmp.Diff(want, o.Placements); diff != "" {
			t.Errorf("placements (-want +got):\n%s", diff)
		}
		due, err := s.DuePlacements(s.ctx, 10)
		s.ok(err)
		if len(due) != 2 {
			t.Errorf("%v are due", due)
		}
		s.invariants()
		for k := 2; k <= 3; k++ {
			c := s.claim("o1", k)
			if !c.Buy {
				t.Errorf("placement %d is not to be asked for", k)
			}
			done := settlement(c, Fulfilled)
			done.Handle = "77"
			if k == 3 {
				done.Handle = "78"
			}
			s.settle(done)
		}
		o, err = s.Order(s.ctx, "o1")
		s.ok(err)
		if o.State != Fulfilled || o.Delivered != 3 || o.Captured != o.Total || o.Refunded != 0 {
			t.Errorf("the order ends %+v", o)
		}
		balances, err := s.Balances(s.ctx)
		s.ok(err)
		if balances["supplier:ocgift"] != 3000 || balances["supplier:giftz"] != 0 || balances[Hold] != 0 {
			t.Errorf("booked to %v", balances)
		}
		owners, err := s.HandleOwners(s.ctx, "ocgift", []string{"77", "78"})
		s.ok(err)
		if diff := cmp.Diff(map[string]string{"77": "o1.2", "78": "o1.3"}, owners); diff != "" {
			t.Error(diff)
		}
		s.invariants()
	})
}

// TestInsteadRefusedToo: when everybody refuses, the money goes back once.
func TestInsteadRefusedToo(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		s.settle(refusedBy(s.claim("o1", 1), 2))
		if state := s.settle(settlement(s.claim("o1", 2), Refused)); state != Refused {
			t.Errorf("the order ends %s", state)
		}
		if balance, err := s.Balance(s.ctx, account); err != nil || balance != 2*unit {
			t.Errorf("%d came back, %v", balance, err)
		}
		s.invariants()
	})
}

// TestInsteadOnlyOfRefused holds that nobody takes the place of a placement that may still be bought, whatever a caller thinks; nor with
// other cards, nor at the same supplier.
func TestInsteadOnlyOfRefused(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		c := s.claim("o1", 1)
		before := s.dump()
		for _, change := range []func(*Settlement){
			func(t *Settlement) { t.State = InDoubt },
			func(t *Settlement) { t.State = Pending },
			func(t *Settlement) { t.State = Refunded },
			func(t *Settlement) { t.Instead.Cards = []int{1} },
			func(t *Settlement) { t.Instead.Cards = []int{2, 1} },
			func(t *Settlement) { t.Instead.Provider = "giftz" },
		} {
			asked := refusedBy(c, 2)
			change(&asked)
			_, err := s.Settle(s.ctx, asked)
			s.is(err, ErrEdge)
			s.unchanged(before)
		}
	})
}

// TestInsteadInABackup holds that a backup carries those that took another's place, that nobody is asked twice by it, and that nobody takes
// a place in an order that came back with one: whom it asked behind the backup's end is not known.
func TestInsteadInABackup(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1)
		s.settle(refusedBy(s.claim("o1", 1), 1))
		done := settlement(s.claim("o1", 2), Pending)
		done.Handle = "77"
		s.settle(done)
		s.order("o2", 1)
		s.settle(refusedBy(s.claim("o2", 1), 1))
		var lines tapes
		from, err := s.Mark(s.ctx)
		s.ok(err)
		s.ok(s.Copy(s.ctx, from, lines.add))
		_, err = s.Changes(s.ctx, from, lines.add)
		s.ok(err)
		put, _ := s.refill(lines)
		owners, err := put.HandleOwners(s.ctx, "ocgift", []string{"77"})
		s.ok(err)
		if owners["77"] != "o1.2" {
			t.Errorf("the supplier's order belongs to %v", owners)
		}
		for _, id := range []string{"o1", "o2"} {
			o, err := put.Order(s.ctx, id)
			s.ok(err)
			if !o.Alone || o.Placements[1].Provider != "ocgift" || o.Placements[1].For != 1 || len(o.Placements[1].Source) == 0 || o.Placements[1].State == Ready {
				t.Errorf("%s came back as %+v", id, o)
			}
		}
	})
}

// TestOrdersOfBefore: an order that was kept before a placement named its supplier asks the order's.
func TestOrdersOfBefore(t *testing.T) {
	t.Parallel()
	o, err := parseOrder("K7M29QXW", map[string]string{"buyer": "1001", "chat": "1001", "acct": "cust:1001", "prov": "giftz", "st": "placing",
		"unit": "1050", "total": "2100", "q": "2", "at": "1767323045000", "n": "1", "1.st": "placing", "1.q": "2", "1.fence": "7", "doc": `{"p":"giftz"}`})
	if err != nil || o.Alone || len(o.Placements) != 1 || o.Placements[0].Provider != "giftz" || o.Placements[0].For != 0 || o.Placements[0].Source != nil {
		t.Errorf("%+v, %v", o, err)
	}
}
