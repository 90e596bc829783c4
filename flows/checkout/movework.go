package checkout

import (
	"context"
	"errors"
	"time"

	"cardrop/store"
)

// How moves are carried out.
const (
	movePage  = 50          // orders moved before the list is read again
	movePages = 4           // of them in one go, within the lease of what is looked at by the clock
	movePause = time.Minute // until what a move waits for is looked at again
)

// What a move waits for while it is carried out, as it is noted with it.
const (
	NoteUnsettled = "unsettled" // an order or a report has not ended
	NoteOnScreen  = "onscreen"  // cards are on a screen
	NoteTopUps    = "topups"    // requests to fill the old wallet are open
	NoteOwes      = "owes"      // the old wallet owes
	NoteSealed    = "sealed"    // cards that do not open: their key is missing, or they were altered
)

// mindMove looks at a move by the clock: nobody named a receipt, nobody objected, or it is to be gone on with.
func (s *Shop) mindMove(ctx context.Context, d store.Due, id string) error {
	m, err := s.AccountMove(ctx, id, 0)
	if errors.Is(err, ErrNotFound) || err == nil && m.State.Ended() {
		return s.comeBack(ctx, store.DueTimes, d, 0, nil)
	}
	if err != nil {
		return err
	}
	if m.State != store.MoveMoving {
		now, err := s.o.Store.Now(ctx)
		if err != nil {
			return err
		}
		if left := m.Till.Sub(now); left > 0 {
			return s.comeBack(ctx, store.DueTimes, d, left, nil)
		}
	}
	switch m.State {
	case store.MoveAsked:
		err := s.stepMove(ctx, m, 0, EventMoveOver, store.MoveStep{From: []store.MoveState{store.MoveAsked}, To: store.MoveExpired})
		return ignoring(err, ErrMoveOver)
	case store.MoveWaiting:
		err := s.stepMove(ctx, m, 0, EventMoving, store.MoveStep{From: []store.MoveState{store.MoveWaiting}, To: store.MoveMoving})
		if err != nil {
			return ignoring(err, ErrMoveOver)
		}
	}
	more, err := s.carryMove(ctx, m)
	note := waitsFor(err)
	switch {
	case note != "":
		return s.putOffMove(ctx, d, m, note)
	case err != nil:
		return s.comeBack(ctx, store.DueTimes, d, movePause, err)
	case more:
		return s.comeBack(ctx, store.DueTimes, d, time.Millisecond, nil)
	}
	nudge(s.news)
	return nil
}

// errTopUps are requests to fill the old wallet that are open: what came for them would be left behind.
var errTopUps = errors.New("requests to fill the old wallet are open")

// waitsFor says what keeps a move from going on; empty for trouble of another kind, or none.
func waitsFor(err error) string {
	for _, w := range []struct {
		err  error
		note string
	}{
		{errTopUps, NoteTopUps}, {store.ErrUnsettled, NoteUnsettled}, {store.ErrOnScreen, NoteOnScreen}, {store.ErrOwes, NoteOwes},
		{ErrKeyMissing, NoteSealed}, {ErrTampered, NoteSealed},
	} {
		if errors.Is(err, w.err) {
			return w.note
		}
	}
	return ""
}

// putOffMove notes what a move waits for, and tells the operators once for each such thing.
func (s *Shop) putOffMove(ctx context.Context, d store.Due, m store.Move, note string) error {
	if m.Note != note {
		if err := s.o.Store.SetMoveNote(ctx, m.ID, note); err != nil {
			return err
		}
		if note != NoteOnScreen {
			s.alarm(ctx, "move_waits", m.ID+", "+note)
		}
	}
	return s.comeBack(ctx, store.DueTimes, d, movePause, nil)
}

// carryMove goes on with a move from wherever it stands: each order is one step of its own, and money, favorites and watched lines go in the
// last one. It tells whether more is to be done.
func (s *Shop) carryMove(ctx context.Context, m store.Move) (more bool, err error) {
	for range movePages {
		orders, _, err := s.o.Store.OrdersOf(ctx, m.From, 0, movePage)
		if err != nil {
			return false, err
		}
		for _, o := range orders {
			if err := s.moveOrder(ctx, m, o); err != nil {
				return false, err
			}
		}
		if len(orders) > 0 {
			continue
		}
		_, err = s.o.Store.EndMove(ctx, m, memberOf(kindMove, m.ID), func(account string) string { return newsDaily + account },
			s.aboutMove(EventMoveDone, m, system, nil))
		switch {
		case errors.Is(err, store.ErrChanged):
			continue // an order that was opened meanwhile, from a group's wallet
		case errors.Is(err, store.ErrUnsettled):
			return false, errTopUps
		}
		return false, err
	}
	return true, nil
}

// moveOrder seals an order's cards for their new owner and hands the order over, all at once or not at all.
func (s *Shop) moveOrder(ctx context.Context, m store.Move, o store.Order) error {
	if !o.State.Final() {
		return store.ErrUnsettled
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return err
	}
	vault, err := s.o.Store.Vault(ctx, o.ID)
	if err != nil {
		return err
	}
	var swaps []store.Swap
	for _, v := range vault {
		at := place{Order: o.ID, Index: v.Index, Owner: m.From, SKU: snap.SKU}
		plain, err := s.o.Ring.Open(v.Bytes, at)
		if err != nil {
			return err
		}
		at.Owner = m.To
		fresh, err := s.o.Ring.Seal(ctx, plain, at)
		if err != nil {
			return err
		}
		swaps = append(swaps, store.Swap{Index: v.Index, Old: v.Bytes, New: fresh})
	}
	e := s.event(EventOrderMoved, o, system, map[string]string{"move": m.ID, "member": s.o.Ring.Pseudonym(m.To)})
	err = s.o.Store.MoveOrder(ctx, m, o.ID, swaps, e)
	if errors.Is(err, store.ErrChanged) {
		return nil // it is read again with the rest of the list
	}
	return err
}
