package checkout

import (
	"context"
	"errors"

	"cardrop/store"
)

// ClaimTopUp lets an admin look at a request: the first one has it. from is another admin whom it is taken over from, 0 for nobody.
// It returns ErrNotFound, and *TopUpStateError where somebody else has it or it is over.
func (s *Shop) ClaimTopUp(ctx context.Context, admin int64, id string, from int64) error {
	return s.stepTopUp(ctx, admin, id, EventTopUpClaimed, store.TopUpStep{To: store.TopUpClaimed, Admin: admin, From: from})
}

// RefuseTopUp ends a request that the admin has, with a reason its person will read. Errors as of ClaimTopUp.
func (s *Shop) RefuseTopUp(ctx context.Context, admin int64, id, reason string) error {
	err := s.stepTopUp(ctx, admin, id, EventTopUpRefused, store.TopUpStep{To: store.TopUpRefused, Admin: admin, Note: reason})
	if err != nil {
		return err
	}
	t, err := s.TopUp(ctx, id, 0)
	if err == nil {
		s.tally(ctx, receiptPattern(), t.User)
	}
	return err
}

// DropTopUp ends a request that its person gives up before anything was sent. Errors as of ClaimTopUp.
func (s *Shop) DropTopUp(ctx context.Context, user int64, id string) error {
	if _, err := s.TopUp(ctx, id, user); err != nil {
		return err
	}
	return s.stepTopUp(ctx, user, id, EventTopUpExpired, store.TopUpStep{To: store.TopUpExpired, Note: NoteDropped})
}

// stepTopUp takes a step that a person asked for.
func (s *Shop) stepTopUp(ctx context.Context, actor int64, id, kind string, step store.TopUpStep) error {
	t, err := s.TopUp(ctx, id, 0)
	if err != nil {
		return err
	}
	who, err := s.person(ctx, actor)
	if err != nil {
		return err
	}
	step.Event = s.aboutTopUp(kind, t, who, nil)
	if _, err := s.o.Store.StepTopUp(ctx, t, step); err != nil {
		return s.topupState(ctx, t, err)
	}
	nudge(s.news)
	return nil
}

// CreditTopUp puts what an admin saw arriving into the wallet, once: amount is what was received, in minor units, whatever was asked
// for. A repeat tells what was credited. It returns ErrNotFound, and *TopUpStateError where another admin has the request or it is over.
func (s *Shop) CreditTopUp(ctx context.Context, admin int64, id string, amount int64) (store.Settled, error) {
	if amount <= 0 || amount > mostReceived {
		return store.Settled{}, &AmountError{Least: 1, Most: mostReceived}
	}
	return s.settleTopUp(ctx, admin, id, EventTopUpCredited, store.TopUpSettlement{To: store.TopUpCredited, Amount: amount, Admin: admin})
}

// ReverseTopUp takes a credit back that was found false, once; the wallet may owe afterwards, and then buys nothing until it is filled.
// Errors as of CreditTopUp, and ErrNote for a note that cannot be kept.
func (s *Shop) ReverseTopUp(ctx context.Context, admin int64, id, note string) (store.Settled, error) {
	if note == "" || len(note) > maxNote || !showable(note) {
		return store.Settled{}, ErrNote
	}
	return s.settleTopUp(ctx, admin, id, EventTopUpReversed, store.TopUpSettlement{To: store.TopUpReversed, Admin: admin, Note: note})
}

func (s *Shop) settleTopUp(ctx context.Context, admin int64, id, kind string, st store.TopUpSettlement) (store.Settled, error) {
	t, err := s.TopUp(ctx, id, 0)
	if err != nil {
		return store.Settled{}, err
	}
	if admin <= 0 { // nobody's id; without an admin a request is credited by what a machine saw, which is not this road
		return store.Settled{}, ErrNotFound
	}
	who, err := s.person(ctx, admin)
	if err != nil {
		return store.Settled{}, err
	}
	st.Event = s.aboutTopUp(kind, t, who, nil)
	done, err := s.o.Store.SettleTopUp(ctx, t, st)
	if err != nil {
		return done, s.topupState(ctx, t, err)
	}
	nudge(s.news)
	return done, nil
}

// mindTopUp looks at a request by the clock: one that nobody paid expires, one that waits too long while somebody answers alarms, once.
func (s *Shop) mindTopUp(ctx context.Context, d store.Due) error {
	t, err := s.TopUp(ctx, d.Member, 0)
	if err != nil {
		return err
	}
	switch t.State {
	case store.TopUpAsked:
		if left := t.Till.Sub(s.o.Now()); left > 0 {
			return s.comeBack(ctx, store.DueTimes, d, left, nil)
		}
		_, err := s.o.Store.StepTopUp(ctx, t, store.TopUpStep{To: store.TopUpExpired, Event: s.aboutTopUp(EventTopUpExpired, t, system, nil)})
		if err != nil && !errors.Is(err, store.ErrEdge) {
			return err
		}
		nudge(s.news)
		return nil
	case store.TopUpSent, store.TopUpClaimed:
		return s.attend(ctx, d, t.SentAt, "topup_waits", t.ID)
	}
	return s.comeBack(ctx, store.DueTimes, d, 0, nil)
}
