package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How duties take their work.
const (
	sweepBatch = 100
	sweepLease = 30 * time.Second
	sweepCall  = 5 * time.Second  // one removal: a call that hangs is given up and tried again
	sweepAlarm = 10 * time.Minute // how overdue a removal may be before the operators hear of it
	retainSize = 50
)

// Sweep removes every code message whose time has come, most overdue first. It is called every second and whenever Sweeps says so;
// several processes, and several calls in one, share the work: one that hangs keeps nobody else's codes on a screen.
func (s *Shop) Sweep(ctx context.Context) error {
	for {
		work, err := s.o.Store.ClaimDue(ctx, store.DueSweep, sweepBatch, sweepLease)
		if err != nil {
			return err
		}
		var wg sync.WaitGroup
		for _, d := range work {
			wg.Go(func() {
				s.safely(ctx, "removal of "+d.Member, func() error { return s.retract(ctx, d) })
			})
		}
		wg.Wait()
		if len(work) < sweepBatch {
			return nil
		}
	}
}

// retract takes one message back.
func (s *Shop) retract(ctx context.Context, d store.Due) error {
	o, err := s.o.Store.Order(ctx, d.Member)
	if err != nil {
		return err
	}
	var receipt Receipt
	if err := json.Unmarshal(o.Reveal.Receipt, &receipt); err != nil {
		return s.comeBack(ctx, store.DueSweep, d, time.Hour, fmt.Errorf("read receipt: %w", err))
	}
	channel := s.channels[receipt.Channel]
	if channel == nil {
		return s.comeBack(ctx, store.DueSweep, d, time.Minute, fmt.Errorf("channel %q is switched off", receipt.Channel))
	}
	result := "deleted"
	limited, cancel := context.WithTimeout(ctx, sweepCall)
	defer cancel()
	if err := channel.Retract(limited, receipt); errors.Is(err, ErrUnreachable) {
		result = "unreachable"
		s.alarm(ctx, "code_unreachable", o.ID)
	} else if err != nil {
		overdue := s.o.Now().Sub(o.Reveal.Until)
		if overdue > sweepAlarm {
			s.alarm(ctx, "code_not_removed", o.ID)
		}
		return s.comeBack(ctx, store.DueSweep, d, max(2*time.Second, min(overdue/4, 5*time.Minute)), err)
	}
	claim := map[string]string{"claim": itoa(o.Reveal.Claim), "outcome": result}
	kind := EventDelivered
	if snap, err := SnapshotOf(o); err == nil && snap.Kind == providers.InternetCard {
		kind = EventNetCard
	}
	unconfirmed := map[string]string{"claim": itoa(o.Reveal.Claim), "method": receipt.Channel, "cards": itoa(o.Delivered), "outcome": "unknown"}
	err = s.o.Store.ConfirmRemoved(ctx, d, s.o.RevealLimit, s.byBuyer(EventRemoved, o, claim), s.byBuyer(kind, o, unconfirmed))
	if err != nil && !errors.Is(err, store.ErrFenced) && !errors.Is(err, store.ErrEdge) {
		return err
	}
	nudge(s.news)
	return nil
}

// comeBack puts work off and passes its cause on.
func (s *Shop) comeBack(ctx context.Context, kind store.DueKind, d store.Due, after time.Duration, cause error) error {
	if err := s.o.Store.AckDue(ctx, kind, d, after); err != nil && !errors.Is(err, store.ErrFenced) {
		return errors.Join(cause, err)
	}
	return cause
}

// Retain shreds sealed cards whose retention has ended, and gives deep links that have no end one.
func (s *Shop) Retain(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = s.o.Store.EndPasses(ctx); err != nil {
			return err
		}
	}
	for {
		work, err := s.o.Store.ClaimDue(ctx, store.DueRetain, retainSize, time.Minute)
		if err != nil {
			return err
		}
		for _, d := range work {
			s.safely(ctx, "retention of "+d.Member, func() error { return s.shred(ctx, d) })
		}
		if len(work) < retainSize {
			return nil
		}
	}
}

func (s *Shop) shred(ctx context.Context, d store.Due) error {
	o, err := s.o.Store.Order(ctx, d.Member)
	if err != nil {
		return err
	}
	err = s.o.Store.Shred(ctx, d, s.event(EventShredded, o, system, nil))
	switch {
	case errors.Is(err, store.ErrLeased):
		return s.comeBack(ctx, store.DueRetain, d, time.Hour, nil)
	case errors.Is(err, store.ErrFenced), errors.Is(err, store.ErrEdge):
		return nil
	default:
		return err
	}
}
