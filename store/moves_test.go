package store

import (
	"testing"
	"time"
)

// relocation is the buyer's account on its way to another one.
func relocation() Move { return Move{ID: "MMMMMM", From: buyer, To: 1007, By: 9} }

func (s *kit) relocate(from, to MoveState, change ...func(*MoveStep)) error {
	st := MoveStep{To: to, Clock: time.Hour, Member: "mv:MMMMMM", Event: event("MOVE_STEP", "")}
	if from != "" {
		st.From = []MoveState{from}
	}
	for _, c := range change {
		c(&st)
	}
	return s.StepMove(s.ctx, relocation(), st)
}

func freezing(on bool) func(*MoveStep) { return func(st *MoveStep) { st.Freeze = &on } }

func trying(most int) func(*MoveStep) { return func(st *MoveStep) { st.Tries = most } }

// underway brings a move so far that it is carried out.
func (s *kit) underway() {
	s.t.Helper()
	s.ok(s.relocate("", MoveAsked))
	s.ok(s.relocate(MoveAsked, MoveWaiting, freezing(true)))
	s.ok(s.relocate(MoveWaiting, MoveMoving))
}

// resealed are the entries of an order of two cards as they are to be afterwards.
func resealed(id string) []Swap {
	var swaps []Swap
	for _, c := range brought(Settlement{ID: PlacementID{Order: id, K: 1}}, 2).Cards {
		swaps = append(swaps, Swap{Index: c.Index, Old: c.Bytes, New: append([]byte("anew "), c.Bytes...)})
	}
	return swaps
}

func (s *kit) handOver(id string) error {
	return s.MoveOrder(s.ctx, relocation(), id, resealed(id), event("ORDER_MOVED", id))
}

func (s *kit) arrive() error {
	_, err := s.EndMove(s.ctx, relocation(), "mv:MMMMMM", func(account string) string { return "daily:" + account },
		Event{Kind: "MOVE_DONE", Person: "p1", Actor: "system", Data: map[string]string{"move": "MMMMMM"}})
	return err
}

// moveOutcomes lists every answer of the scripts about moves.
func moveOutcomes() []outcome {
	begin := func(s *kit) error { return s.relocate("", MoveAsked) }
	asked := func(s *kit) { s.ok(begin(s)) }
	over := func(s *kit) error { return s.handOver("o1") }
	ready := func(s *kit) { s.sealed("o1", 2); s.underway() }
	return []outcome{
		{"step_move", "ok", nothing, begin, true, "edge", ""},
		{"step_move", "gone", nothing, func(s *kit) error { return s.relocate(MoveAsked, MoveWaiting) }, false, "gone", ""},
		{"step_move", "edge", asked, func(s *kit) error { return s.relocate(MoveWaiting, MoveStopped) }, false, "edge", ""},
		{"step_move", "busy", func(s *kit) {
			asked(s)
			s.ok(s.rdb.HSet(s.ctx, s.keys.terms(account), "moving", "OTHERS").Err())
		}, func(s *kit) error { return s.relocate(MoveAsked, MoveWaiting, freezing(true)) }, false, "busy", ""},
		{"step_move", "last", asked, func(s *kit) error { return s.relocate(MoveAsked, MoveAsked, trying(1)) }, true, "edge", ""},

		{"move_order", "moved", ready, over, true, "same", ""},
		{"move_order", "same", func(s *kit) { ready(s); s.ok(over(s)) }, over, false, "same", ""},
		{"move_order", "gone", nothing, over, false, "gone", ""},
		{"move_order", "edge", func(s *kit) { s.sealed("o1", 2); asked(s) }, over, false, "edge", ""},
		{"move_order", "open", func(s *kit) { s.order("o1", 2); s.underway() }, over, false, "open", ""},
		{"move_order", "on_screen", func(s *kit) { s.sealed("o1", 2); s.show("o1", 1); s.underway() }, over, false, "on_screen", ""},
		{"move_order", "ticket", func(s *kit) { s.opened(1); s.underway() }, over, false, "ticket", ""},
		{"move_order", "changed", ready, func(s *kit) error {
			swaps := resealed("o1")
			swaps[0].Old = []byte("other")
			return s.MoveOrder(s.ctx, relocation(), "o1", swaps, event("ORDER_MOVED", "o1"))
		}, false, "changed", ""},

		{"end_move", "moved", func(s *kit) {
			s.fund(700)
			s.ok(s.rdb.HSet(s.ctx, s.keys.stars(buyer), "GRAB", "5").Err())
			s.ok(s.rdb.ZAdd(s.ctx, s.keys.due(DueNews), member("daily:"+account, 9e12)).Err())
			s.underway()
		}, (*kit).arrive, true, "same", ""},
		{"end_move", "same", func(s *kit) { s.underway(); s.ok(s.arrive()) }, (*kit).arrive, false, "same", ""},
		{"end_move", "gone", nothing, (*kit).arrive, false, "gone", ""},
		{"end_move", "edge", asked, (*kit).arrive, false, "edge", ""},
		{"end_move", "orders", ready, (*kit).arrive, false, "orders", ""},
		{"end_move", "topups", func(s *kit) { s.ask(topup); s.underway() }, (*kit).arrive, false, "topups", ""},
		{"end_move", "owes", func(s *kit) {
			s.underway()
			_, err := s.Move(s.ctx, Transfer{ID: "m1:reverse", From: account, To: External, Amount: 5, Event: event("MOVED", "")})
			s.ok(err)
		}, (*kit).arrive, false, "owes", ""},
	}
}

// TestMoveFreezes: from the proof on nothing is bought from the old wallet, and again once the move is stopped.
func TestMoveFreezes(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(10 * unit)
		s.ok(s.relocate("", MoveAsked))
		s.ok(s.relocate(MoveAsked, MoveWaiting, freezing(true)))
		s.link()
		_, err := s.OpenOrder(s.ctx, basket("o1", 1))
		s.is(err, ErrFrozen)
		s.ok(s.relocate(MoveWaiting, MoveStopped, freezing(false)))
		s.is(s.relocate(MoveWaiting, MoveMoving), ErrEdge)
		s.link()
		_, err = s.OpenOrder(s.ctx, basket("o1", 1))
		s.ok(err)
	})
}

// TestMoveHandsOver: an order is in the lists of its new owner alone, the former owner's token opens nothing, and a refund goes to the new wallet.
func TestMoveHandsOver(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 2)
		s.mint("o1", 1)
		s.underway()
		s.ok(s.handOver("o1"))
		s.link()
		_, err := s.TakeReveal(s.ctx, wish("o1", 1))
		_ = s.outcome(err, "denied")
		for user, want := range map[int64]int{buyer: 0, 1007: 1} {
			list, _, err := s.OrdersOf(s.ctx, user, 0, 5)
			on, _, err2 := s.OrdersOn(s.ctx, CustomerAccount(user), 0, 5)
			if s.ok(err); err2 != nil || len(list) != want || len(on) != want {
				t.Errorf("%d has %d orders and pays for %d, want %d: %v", user, len(list), len(on), want, err2)
			}
		}
		o, err := s.Order(s.ctx, "o1")
		if s.ok(err); o.Buyer != 1007 || o.Chat != 1007 || o.Post != 1007 || o.Account != CustomerAccount(1007) || o.Reveal.State != Sealed {
			t.Errorf("moved: %+v", o)
		}
		s.ok(s.arrive())
		s.invariants()
	})
}

// TestABackupFollowsMoves: an order that went over behind the copy is in the lists of its new owner alone when the shop is put back.
func TestABackupFollowsMoves(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 2)
		var lines tapes
		from, err := s.Mark(s.ctx)
		s.ok(err)
		s.ok(s.Copy(s.ctx, from, lines.add))
		s.underway()
		s.ok(s.handOver("o1"))
		_, err = s.Changes(s.ctx, from, lines.add)
		s.ok(err)
		put, _ := s.refill(lines)
		for user, want := range map[int64]int{buyer: 0, 1007: 1} {
			list, _, err := put.OrdersOf(s.ctx, user, 0, 5)
			on, _, err2 := put.OrdersOn(s.ctx, CustomerAccount(user), 0, 5)
			if s.ok(err); err2 != nil || len(list) != want || len(on) != want {
				t.Errorf("%d has %d orders and pays for %d, want %d: %v", user, len(list), len(on), want, err2)
			}
		}
	})
}
