package checkout

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"cardrop/store"
)

// How moves of accounts are bounded.
const (
	moveProof = 24 * time.Hour // within which the new account names a receipt
	moveWait  = 24 * time.Hour // within which the old one may object
	moveTries = 5              // receipts that may be named
	mostMoves = 50             // listed at once
	recentTop = 200            // requests to fill a wallet that are looked through for a number
)

// MovePrefix begins the id of the transfer that takes a wallet's money along.
const MovePrefix = "move:"

// What keeps a move from being begun or proven.
var (
	// ErrSamePerson is a move of an account to itself, or to nobody.
	ErrSamePerson = errors.New("both accounts are the same, or one is nobody's")
	// ErrMoveOwes is an old wallet below zero: what it owes does not move.
	ErrMoveOwes = store.ErrOwes
	// ErrMoveBusy is an old account of which another move is under way.
	ErrMoveBusy = store.ErrBusy
	// ErrNoReceipt is what names no receipt of the old account: the same for what is wrong and what does not exist.
	ErrNoReceipt = errors.New("no receipt of the old account has this number")
	// ErrMoveOver is a move that does not stand where this step is possible.
	ErrMoveOver = errors.New("move does not stand there any more")
)

// AskMove asks for the move of an account: it is begun once for each id. It returns *DangerError for one that has to be approved first,
// ErrSamePerson, ErrMoveOwes and ErrMoveBusy.
//
// Both accounts are looked at as if a thief held them. A thief with a new account needs a receipt's number of the old one, an admin and a second
// one, and then its owner is told and has a day to end it with one tap. A thief with the lost telephone could empty the wallet in that day: so
// from the proof on its money stays where it is, which costs the true owner no more than a day, or that tap. The old account may still open its
// cards meanwhile: who has that telephone could have opened them before anybody asked, and to lock them would let anybody who talks an admin into a
// move lock the true owner out of what is theirs.
func (s *Shop) AskMove(ctx context.Context, admin int64, id string, from, to int64) error {
	if err := s.movable(ctx, from, to); err != nil {
		return err
	}
	if s.o.Dangers != nil {
		return &DangerError{Act: Act{Kind: ActMove, By: admin, Move: id, From: from, To: to}}
	}
	return s.beginMove(ctx, admin, id, from, to)
}

func (s *Shop) movable(ctx context.Context, from, to int64) error {
	if from == to || from <= 0 || to <= 0 {
		return ErrSamePerson
	}
	moving, _, err := s.o.Store.MovesOf(ctx, from)
	if err != nil {
		return err
	}
	if moving != "" {
		return ErrMoveBusy
	}
	balance, err := s.Balance(ctx, from)
	if err == nil && balance < 0 {
		err = ErrMoveOwes
	}
	return err
}

// beginMove begins a move that nobody has to approve any more.
func (s *Shop) beginMove(ctx context.Context, admin int64, id string, from, to int64) error {
	if err := s.movable(ctx, from, to); err != nil && !errors.Is(err, ErrMoveOwes) { // which may pass until it is carried out
		return err
	}
	for _, user := range []int64{from, to} {
		if _, err := s.person(ctx, user); err != nil {
			return err
		}
	}
	m := store.Move{ID: id, From: from, To: to, By: admin}
	err := s.stepMove(ctx, m, admin, EventMoveBegun, store.MoveStep{To: store.MoveAsked, Clock: moveProof})
	return ignoring(err, ErrMoveOver) // it was begun before
}

// stepMove takes a step, with its event about the old account.
func (s *Shop) stepMove(ctx context.Context, m store.Move, who int64, kind string, st store.MoveStep) error {
	actor := system
	if who != 0 {
		var err error
		if actor, err = s.person(ctx, who); err != nil {
			return err
		}
	}
	st.Member, st.Event = memberOf(kindMove, m.ID), s.aboutMove(kind, m, actor, nil)
	err := s.o.Store.StepMove(ctx, m, st)
	switch {
	case errors.Is(err, store.ErrEdge):
		return ErrMoveOver
	case errors.Is(err, store.ErrNotFound):
		return ErrNotFound
	}
	nudge(s.news)
	return err
}

func (s *Shop) aboutMove(kind string, m store.Move, actor string, data map[string]string) store.Event {
	all := map[string]string{"move": m.ID, "member": s.o.Ring.Pseudonym(m.To)}
	maps.Copy(all, data)
	return store.Event{Kind: kind, Person: s.o.Ring.Pseudonym(m.From), Actor: actor, Data: all}
}

// MoveOf tells which move a member of the news is about; false for other news.
func MoveOf(member string) (id string, ok bool) { return about(kindMove, member) }

// AccountMove reads a move for one of its two accounts, or for the staff with user 0. It returns ErrNotFound also when it is nobody's of these.
func (s *Shop) AccountMove(ctx context.Context, id string, user int64) (store.Move, error) {
	m, err := s.o.Store.MoveByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && user != 0 && m.From != user && m.To != user {
		return store.Move{}, ErrNotFound
	}
	return m, err
}

// AccountMoves lists the moves that have not ended, oldest first.
func (s *Shop) AccountMoves(ctx context.Context) ([]store.Move, error) {
	return s.o.Store.OpenMoves(ctx, mostMoves)
}

// MovesOf reads which move of an account is under way, and which one has taken its things away; empty for none.
func (s *Shop) MovesOf(ctx context.Context, user int64) (moving, moved string, err error) {
	return s.o.Store.MovesOf(ctx, user)
}

// ProveMove names a receipt of the old account, by the new one: an order's id, a top-up's reference, or its transaction number, of before the
// move was begun. It returns ErrNoReceipt for any other, ErrMoveOver where none is asked for or after the last try, ErrMoveBusy and ErrNotFound.
func (s *Shop) ProveMove(ctx context.Context, user int64, id, number string) error {
	m, err := s.AccountMove(ctx, id, user)
	if err == nil && m.To != user {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	if m.State != store.MoveAsked {
		return ErrMoveOver
	}
	good, err := s.receiptOf(ctx, m, number)
	if err != nil {
		return err
	}
	asked := []store.MoveState{store.MoveAsked}
	if good {
		freeze := true
		return s.stepMove(ctx, m, user, EventMoveProven, store.MoveStep{From: asked, To: store.MoveWaiting, Clock: moveWait, Freeze: &freeze})
	}
	err = s.stepMove(ctx, m, user, EventMoveTried, store.MoveStep{From: asked, To: store.MoveAsked, Tries: moveTries})
	if errors.Is(err, store.ErrLast) {
		s.alarm(ctx, "move_tries", id)
		return ErrMoveOver
	}
	if err != nil {
		return err
	}
	return ErrNoReceipt
}

// receiptOf tells whether a number is that of a receipt of the old account.
func (s *Shop) receiptOf(ctx context.Context, m store.Move, number string) (bool, error) {
	named := []string{letters(number)}
	if words := strings.Fields(number); len(words) > 1 { // "order K7M2-9QXW"
		named = append(named, letters(words[len(words)-1]))
	}
	for _, name := range named {
		if !isOrderID(name) {
			continue
		}
		o, err := s.o.Store.Order(ctx, name)
		if err == nil && o.Buyer == m.From && o.Created.Before(m.Began) {
			return true, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
	}
	list, err := s.o.Store.TopUpsOf(ctx, m.From, recentTop)
	if err != nil {
		return false, err
	}
	for _, t := range list {
		if t.Created.Before(m.Began) && (slices.Contains(named, t.ID) || t.Number != "" && slices.Contains(named, letters(t.Number))) {
			return true, nil
		}
	}
	return false, nil
}

// StopMove ends a move: by its old account, which objects to it, or by the staff. From the time on at which it is carried out nobody stops it. It
// returns ErrNotFound for everybody else, and ErrMoveOver.
func (s *Shop) StopMove(ctx context.Context, who int64, id string, staff bool) error {
	m, err := s.AccountMove(ctx, id, 0)
	if err == nil && !staff && m.From != who {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	free := false
	err = s.stepMove(ctx, m, who, EventMoveStopped, store.MoveStep{From: []store.MoveState{store.MoveAsked, store.MoveWaiting}, To: store.MoveStopped,
		Freeze: &free, Fields: map[string]string{"stopper": itoa(who)}})
	if err == nil && !staff {
		s.alarm(ctx, "move_stopped", id+", by the old account: somebody wanted what is another's, or the telephone is in other hands")
	}
	return err
}
