package checkout

import (
	"context"
	"errors"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How duties take their work.
const (
	sweepBatch = 250
	sweepLease = 30 * time.Second
	sweepCall  = 5 * time.Second  // one removal: a call that hangs is given up and tried again
	sweepAlarm = 10 * time.Minute // how overdue a removal may be before the operators hear of it
	retainSize = 50
)

// retracted writes down what became of taking a message back.
func (s *Shop) retracted(ctx context.Context, r removal, err error) error {
	o, d, receipt := r.order, r.due, r.receipt
	result := "deleted"
	if errors.Is(err, ErrUnreachable) {
		result = "unreachable"
		s.alarm(ctx, "code_unreachable", o.ID)
	} else if err != nil {
		return s.stuckOn(ctx, r, err)
	}
	claim := map[string]string{"claim": itoa(o.Reveal.Claim), "outcome": result}
	kind := EventDelivered
	if snap, err := SnapshotOf(o); err == nil && snap.Kind == providers.InternetCard {
		kind = EventNetCard
	}
	actor := s.o.Ring.Pseudonym(o.Buyer)
	unconfirmed := map[string]string{"claim": itoa(o.Reveal.Claim), "method": receipt.Channel, "cards": itoa(o.Delivered), "outcome": "unknown"}
	if v := readVisit(o.Reveal.Visit); v != nil {
		unconfirmed["visit"], actor = v.Digest(), bearer
	}
	err = s.o.Store.ConfirmRemoved(ctx, d, s.o.RevealLimit, s.byBuyer(EventRemoved, o, claim), s.event(kind, o, actor, unconfirmed))
	if err != nil && !errors.Is(err, store.ErrFenced) && !errors.Is(err, store.ErrEdge) {
		return err
	}
	if err == nil {
		s.o.Meter.Removed(max(0, s.o.Now().Sub(o.Reveal.Until)))
	}
	nudge(s.news)
	return nil
}

// stuckOn puts off a removal that failed: the longer it is overdue by Redis' clock, by which it was due, the longer.
func (s *Shop) stuckOn(ctx context.Context, r removal, cause error) error {
	now, err := s.o.Store.Now(ctx)
	if err != nil { // its lease brings it back
		return errors.Join(cause, err)
	}
	overdue := now.Sub(r.order.Reveal.Until)
	if overdue > sweepAlarm {
		s.alarm(ctx, "code_not_removed", r.order.ID)
	}
	return s.comeBack(ctx, store.DueSweep, r.due, max(2*time.Second, min(overdue/4, 5*time.Minute)), cause)
}

// comeBack puts work off and passes its cause on.
func (s *Shop) comeBack(ctx context.Context, kind store.DueKind, d store.Due, after time.Duration, cause error) error {
	if err := s.o.Store.AckDue(ctx, kind, d, after); err != nil && !errors.Is(err, store.ErrFenced) {
		return errors.Join(cause, err)
	}
	return cause
}
