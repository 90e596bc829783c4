package store

import (
	"strings"
	"testing"
	"time"
)

// reviewed leaves placement o1.1 of two cards under review, one of them in quarantine.
func reviewed(s *kit) {
	s.order("o1", 2)
	t := settlement(s.claim("o1", 1), Review)
	t.Cards = []SealedCard{{Index: "q001.001", Bytes: []byte("sealed\x00one")}}
	s.settle(t)
}

// doubted leaves placement o1.1 in doubt.
func doubted(s *kit) {
	s.order("o1", 2)
	s.settle(settlement(s.claim("o1", 1), InDoubt))
}

func deciding(s *kit) error {
	_, err := s.TakeDecision(s.ctx, DecisionRequest{ID: PlacementID{Order: "o1", K: 1}, States: []OrderState{InDoubt, Review},
		Lease: 30 * time.Second, Note: "as the supplier says"})
	return err
}

func refunding(cards int) func(s *kit) error {
	return func(s *kit) error {
		_, _, err := s.Refund(s.ctx, Refund{Order: "o1", Account: account, Ref: "r1", Cards: cards, Note: "used already",
			Event: event("REFUNDED", "o1")})
		return err
	}
}

func stocking(handle, replace string) func(s *kit) error {
	return func(s *kit) error {
		_, err := s.KeepStock(s.ctx, Stock{ID: PlacementID{Order: "o1", K: 1}, Handle: handle, Cost: 1000, Replace: replace,
			Cards: []SealedCard{{Index: "q001.late001", Bytes: []byte("late\x00")}}, Event: event("STOCK", "o1")})
		return err
	}
}

// finding opens a place for a supplier's order that nobody knows.
func finding(s *kit) error {
	_, err := s.OpenFound(s.ctx, FoundOrder{ID: "o1", Provider: "ocgift", Handle: "77", Quantity: 2, Doc: []byte("{}"),
		Event: event("SALE_FOUND", "o1")})
	return err
}

func decisionOutcomes() []outcome {
	looking := func(s *kit) error { return s.LookBack(s.ctx, PlacementID{Order: "o1", K: 1}, time.Minute) }
	refused := func(s *kit) { s.order("o1", 2); s.settle(settlement(s.claim("o1", 1), Refused)) }
	return []outcome{
		{"found", "found", nothing, finding, true, "owned", ""},
		{"found", "owned", func(s *kit) { s.ok(s.rdb.HSet(s.ctx, s.keys.handles(), "ocgift:77", "o0.1").Err()) }, finding, false, "owned", ""},
		{"found", "conflict", func(s *kit) { s.order("o1", 2) }, finding, false, "conflict", ""},

		{"decide", "taken", doubted, deciding, true, "leased", ""},
		{"decide", "gone", nothing, deciding, false, "gone", ""},
		{"decide", "edge", func(s *kit) { s.sealed("o1", 2) }, deciding, false, "edge", ""},
		{"decide", "leased", func(s *kit) { doubted(s); s.pass(10e9); s.claim("o1", 1) }, deciding, false, "leased", ""},

		{"refund", "refunded", func(s *kit) { s.sealed("o1", 2) }, refunding(0), true, "exists", ""},
		{"refund", "exists", func(s *kit) { s.sealed("o1", 2); s.ok(refunding(0)(s)) }, refunding(2), false, "exists", ""},
		{"refund", "gone", nothing, refunding(0), false, "gone", ""},
		{"refund", "edge", doubted, refunding(0), false, "edge", ""},
		{"refund", "on_screen", func(s *kit) { s.sealed("o1", 2); s.show("o1", 1) }, refunding(0), false, "on_screen", ""},
		{"refund", "nothing", refused, refunding(0), false, "nothing", ""},
		{"refund", "unopened", func(s *kit) { s.sealed("o1", 2) }, refunding(1), false, "unopened", ""},

		{"stock", "kept", refused, stocking("77", ""), true, "exists", ""},
		{"stock", "exists", func(s *kit) { refused(s); s.ok(stocking("", "")(s)) }, stocking("", ""), false, "exists", ""},
		{"stock", "gone", nothing, stocking("77", ""), false, "gone", ""},
		{"stock", "edge", doubted, stocking("77", ""), false, "edge", ""},
		{"stock", "taken", func(s *kit) {
			refused(s)
			s.ok(s.rdb.HSet(s.ctx, s.keys.handles(), "giftz:77", "o0.1").Err())
		}, stocking("77", ""), false, "taken", ""},

		{"look_back", "ok", nothing, looking, true, "ok", ""},
	}
}

// TestDecisionFencesAWorker: what a worker writes after a person took its placement is refused, and the note of the decision books the
// decision's money only.
func TestDecisionFencesAWorker(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		doubted(s)
		s.pass(10 * time.Second)
		late := s.claim("o1", 1)
		s.is(deciding(s), ErrLeased)
		s.pass(claimed + time.Second)
		c, err := s.TakeDecision(s.ctx, DecisionRequest{ID: PlacementID{Order: "o1", K: 1}, States: []OrderState{InDoubt},
			Lease: 30 * time.Second, Note: "they|say\nno"})
		s.ok(err)
		before := s.dump()
		_, err = s.Settle(s.ctx, settlement(late, Fulfilled))
		s.is(err, ErrFenced)
		s.unchanged(before)
		_, err = s.ClaimPlacement(s.ctx, request("o1", 1))
		s.is(err, ErrLeased)
		if c.Place.Note != "they/say/no" || c.Buy {
			t.Errorf("claim is %+v", c)
		}
		s.settle(settlement(c, Refused))
		lines, err := s.Statement(s.ctx, account, 1)
		s.ok(err)
		if lines[0].Note != "they/say/no" || lines[0].From != Hold {
			t.Errorf("last entry is %+v", lines[0])
		}
		s.invariants()

		// A decision that was taken and never written leaves its note to nobody.
		s.order("o2", 1)
		s.settle(settlement(s.claim("o2", 1), InDoubt))
		_, err = s.TakeDecision(s.ctx, DecisionRequest{ID: PlacementID{Order: "o2", K: 1}, States: []OrderState{InDoubt},
			Lease: 30 * time.Second, Note: "not written"})
		s.ok(err)
		s.pass(31 * time.Second)
		s.settle(settlement(s.claim("o2", 1), Refused))
		lines, err = s.Statement(s.ctx, account, 1)
		s.ok(err)
		if lines[0].Note != "" {
			t.Errorf("last entry is %+v", lines[0])
		}
	})
}

// TestRelease: a settlement of a review takes cards out of the quarantine and puts them where they are shown from.
func TestRelease(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		reviewed(s)
		c, err := s.TakeDecision(s.ctx, DecisionRequest{ID: PlacementID{Order: "o1", K: 1}, States: []OrderState{Review}, Lease: time.Second})
		s.ok(err)
		release := brought(settlement(c, Partial), 1)
		release.Cards = append(release.Cards, SealedCard{Index: "q001.001"})
		s.settle(release)
		s.invariants()
		vault, err := s.Vault(s.ctx, "o1")
		s.ok(err)
		if len(vault) != 1 || strings.HasPrefix(vault[0].Index, "q") {
			t.Errorf("vault holds %v", vault)
		}
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		if o.State != Partial || o.Captured != unit || o.Refunded != unit {
			t.Errorf("order is %+v", o)
		}
	})
}

// TestRefundNeverMoreThanCaptured: parts of opened cards, then the rest, then nothing; and nothing is shown any more after all of it.
func TestRefundNeverMoreThanCaptured(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 3)
		refund := func(ref string, cards int) (int64, bool, error) {
			amount, fresh, err := s.Refund(s.ctx, Refund{Order: "o1", Account: account, Ref: ref, Cards: cards, Event: event("REFUNDED", "o1")})
			s.invariants()
			return amount, fresh, err
		}
		_, _, err := refund("a", 1)
		s.is(err, ErrUnopened)
		s.show("o1", 1)
		_, _, err = refund("a", 1)
		s.is(err, ErrOnScreen)
		s.sweep("o1")
		for _, c := range []struct {
			ref    string
			cards  int
			amount int64
			fresh  bool
			err    error
		}{
			{"a", 1, unit, true, nil}, {"a", 1, unit, false, nil}, {"a", 2, unit, false, nil}, {"b", 3, 0, false, ErrNoMore},
			{"c", 0, 2 * unit, true, nil}, {"d", 0, 0, false, ErrNoMore}, {"e", 1, 0, false, ErrNoMore},
		} {
			amount, fresh, err := refund(c.ref, c.cards)
			if c.err != nil {
				s.is(err, c.err)
			} else if s.ok(err); amount != c.amount || fresh != c.fresh {
				t.Errorf("refund %s of %d cards: %d, %v", c.ref, c.cards, amount, fresh)
			}
		}
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		if o.State != Fulfilled || o.PaidBack != 3*unit || o.PaidBackAt.IsZero() || o.Reveal.State != NoCards {
			t.Errorf("order is %+v", o)
		}
		_ = s.outcome(s.Mint(s.ctx, "o1", mac(5), buyer, time.Minute, showings, event("MINTED", "o1")), "nothing")
		s.set("o1", "tok", mac(5))
		s.link()
		_, err = s.TakeReveal(s.ctx, wish("o1", 5))
		_ = s.outcome(err, "nothing")
		// What was opened goes at its time all the same.
		s.pass(keep)
		s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")))
		vault, err := s.Vault(s.ctx, "o1")
		s.ok(err)
		if len(vault) != 0 {
			t.Errorf("vault holds %d cards", len(vault))
		}
	})
}

// TestStockBindsAndReplaces: what turns up is bound to its supplier's order, costs the shop once and nobody else, and codes entered
// again replace the former ones.
func TestStockBindsAndReplaces(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		s.settle(settlement(s.claim("o1", 1), Refused))
		keep := func(handle, replace, index string) bool {
			kept, err := s.KeepStock(s.ctx, Stock{ID: PlacementID{Order: "o1", K: 1}, Handle: handle, Cost: 900, Replace: replace,
				Cards: []SealedCard{{Index: index, Bytes: []byte(index)}}, Event: event("STOCK", "o1")})
			s.ok(err)
			s.invariants()
			return kept
		}
		for i, kept := range []bool{keep("77", "", "q001.late001"), keep("77", "", "q001.late001"), keep("", "", "q001.late002"),
			keep("", "q001.hand", "q001.hand001"), keep("", "q001.hand", "q001.hand002")} {
			if kept == (i == 1) {
				t.Errorf("step %d kept something: %v", i, kept)
			}
		}
		s.holds(keyspace{
			"v:o1":    {"hash", "q001.hand002=q001.hand002", "q001.late001=q001.late001", "q001.late002=q001.late002"},
			"handles": {"hash", "giftz:77=o1.1"},
		})
		balances, err := s.Balances(s.ctx)
		s.ok(err)
		if balances["supplier:giftz"] != 900 || balances[account] != 2*unit {
			t.Errorf("balances are %v", balances)
		}
		owners, err := s.PrintOwners(s.ctx, [][]byte{[]byte("print o1 1.1")})
		s.ok(err)
		if owners[0] != "" {
			t.Errorf("house stock keeps its codes from being sold: %v", owners)
		}
	})
}

// TestLookBackOnce: a placement is looked back at once, whoever asks for it.
func TestLookBackOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		id := PlacementID{Order: "o1", K: 2}
		s.ok(s.LookBack(s.ctx, id, time.Minute))
		s.ok(s.LookBack(s.ctx, id, time.Hour))
		s.pass(time.Minute + 3*time.Second)
		got, ok := ParsePlacementID(s.due(DueLook, "o1.2").Member)
		if !ok || got != id {
			t.Errorf("due is %v", got)
		}
		for _, bad := range []string{"", "o1", ".1", "o1.", "o1.0", "o1.x", "o1.-1"} {
			if id, ok := ParsePlacementID(bad); ok {
				t.Errorf("%q is %v", bad, id)
			}
		}
	})
}
