package checkout

import (
	"context"
	"strings"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// A supplier that fails and works by turns is one trouble, not many: the operators hear of it when it begins, and when it has been over
// for a while.
const (
	calmFor   = 15 * time.Minute
	badMark   = "bad "  // and what it is about
	toldMark  = "told " // the same, and as what kind it was told
	calmMark  = "calm "
	pauseMark = "paused "
)

// crossed alarms at once about what has gone wrong, unless the same was told already and has not been told as over since: a supplier that
// is paused for another reason is another trouble. Of all processes one tells it.
func (s *Shop) crossed(ctx context.Context, what, kind, about string) {
	ctx = context.WithoutCancel(ctx)
	now, err := s.o.Store.Now(ctx)
	if err == nil {
		_, err = s.o.Store.Forget(ctx, calmMark+what)
	}
	begun, fresh := true, true
	if err == nil {
		begun, err = s.o.Store.Once(ctx, badMark+what, now)
	}
	if err == nil {
		fresh, err = s.o.Store.Once(ctx, toldMark+what+" "+kind, now)
	}
	if err != nil {
		s.o.Logger.WarnContext(ctx, "trouble was not marked, it may be told again", "what", what, "err", err)
	}
	if begun || fresh || err != nil {
		s.alarm(ctx, kind, about)
	}
}

// unmark takes the marks of a trouble back, so that it is told again when it comes again. Of all processes one hears yes.
func (s *Shop) unmark(ctx context.Context, marks map[string]time.Time, what string) (bool, error) {
	for mark := range marks {
		if strings.HasPrefix(mark, toldMark+what+" ") {
			if _, err := s.o.Store.Forget(ctx, mark); err != nil {
				return false, err
			}
		}
	}
	if _, err := s.o.Store.Forget(ctx, calmMark+what); err != nil {
		return false, err
	}
	return s.o.Store.Forget(ctx, badMark+what)
}

// recovered tells as over what was told and has been well for a while; bad is what is wrong now.
func (s *Shop) recovered(ctx context.Context, bad map[string]bool) error {
	marks, err := s.o.Store.Marks(ctx)
	if err != nil {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	for mark := range marks {
		what, told := strings.CutPrefix(mark, badMark)
		since, calm := marks[calmMark+what]
		switch {
		case !told:
		case bad[what] && calm:
			_, err = s.o.Store.Forget(ctx, calmMark+what)
		case bad[what]:
		case !calm:
			_, err = s.o.Store.Once(ctx, calmMark+what, now)
		case now.Sub(since) >= calmFor:
			var mine bool
			if mine, err = s.unmark(ctx, marks, what); mine {
				s.alarm(ctx, "supplier_well", strings.TrimPrefix(what, pauseMark)+" works again")
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mindBalances reads what the shop has at suppliers that tell, and sells again from one that was out of money and has got some since.
func (s *Shop) mindBalances(ctx context.Context) error {
	paused, err := s.o.Store.Paused(ctx)
	if err != nil {
		return err
	}
	for _, p := range s.o.Suppliers {
		b, tells := p.(providers.Balancer)
		if !tells {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, askLimit)
		has, err := timed(limited, s, p.Name(), CallBalance, b.Balance)
		cancel()
		if err != nil || has.IsZero() {
			continue
		}
		s.has(p.Name(), has)
		before, known, err := s.o.Store.SawBalance(ctx, p.Name(), has.Minor)
		if err != nil {
			return err
		}
		if known && has.Minor > before && paused[p.Name()] == string(providers.NoFunds) {
			if err := s.Resume(ctx, p.Name(), string(providers.NoFunds)); err != nil {
				return err
			}
		}
	}
	return nil
}

// PauseByHand stops selling from a supplier by an admin's word. It returns ErrNotFound for a supplier that does not exist or is paused.
func (s *Shop) PauseByHand(ctx context.Context, admin int64, supplier string) error {
	paused, err := s.o.Store.Paused(ctx)
	if err != nil {
		return err
	}
	if s.suppliers[supplier] == nil || paused[supplier] != "" {
		return ErrNotFound
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	_, err = s.o.Store.Pause(ctx, supplier, byOperator, store.Event{Kind: EventPaused, Actor: actor,
		Data: map[string]string{"supplier": supplier, "reason": byOperator}})
	return err
}
