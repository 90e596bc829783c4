package checkout

import (
	"context"
	"errors"
	"time"

	"cardrop/store"
)

// What the owner of cards hears about their retention.
const (
	RemindDay   = "day1" // nobody has opened them for a day
	RemindWeek  = "day7" // nobody has opened them for a week
	RemindShred = "last" // they were opened, and are destroyed a day from now
)

// When the owner hears it, and how long a person is left alone with cards that nobody opens.
const (
	firstReminder  = 24 * time.Hour
	secondReminder = 7 * 24 * time.Hour
	shredWarning   = 24 * time.Hour
	askAgain       = 30 * 24 * time.Hour
	yearUnopened   = 365 * 24 * time.Hour // where Options says nothing
)

// Retain sees to the retention of sealed cards: it reminds owners of cards they have not opened, warns them before cards they have seen are
// destroyed, destroys those, and puts cards that nobody opens before a person. Nothing that nobody has seen is destroyed by itself. Deep
// links that have no end get one.
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
			s.safely(ctx, "retention of "+d.Member, func() error { return s.retain(ctx, d) })
		}
		if len(work) < retainSize {
			return nil
		}
	}
}

// retain does what is due for one order now, whatever was done before: what it has to do follows from the order alone.
func (s *Shop) retain(ctx context.Context, d store.Due) error {
	o, err := s.o.Store.Order(ctx, d.Member)
	if errors.Is(err, store.ErrNotFound) {
		return s.comeBack(ctx, store.DueRetain, d, 0, nil)
	}
	if err != nil {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	switch {
	case !o.Reveal.First.IsZero():
		return s.retainOpened(ctx, d, o, now)
	case o.Reveal.State == store.NoCards || o.Reveal.State == store.Shredded:
		return s.shred(ctx, d, o) // refunded before anybody saw them, or long gone: nothing to do
	default:
		return s.retainUnopened(ctx, d, o, now)
	}
}

// retainOpened warns an owner a day ahead, then destroys the cards; late, it still leaves the owner that day.
func (s *Shop) retainOpened(ctx context.Context, d store.Due, o store.Order, now time.Time) error {
	end := o.Reveal.First.Add(s.o.Retention)
	use := s.o.Retention > shredWarning && o.Reveal.Shown < s.o.RevealLimit+o.Reveal.More && o.Reveal.State != store.NoCards && o.Reveal.State != store.Shredded
	switch {
	case use && now.Before(end.Add(-shredWarning)):
		return s.comeBack(ctx, store.DueRetain, d, end.Add(-shredWarning).Sub(now), nil)
	case use && o.Remind != RemindShred:
		return s.remind(ctx, d, o, RemindShred, max(end.Sub(now), shredWarning))
	case now.Before(end):
		return s.comeBack(ctx, store.DueRetain, d, end.Sub(now), nil)
	default:
		return s.shred(ctx, d, o)
	}
}

// retainUnopened reminds an owner after a day and after a week, and after the retention asks the operators.
func (s *Shop) retainUnopened(ctx context.Context, d store.Due, o store.Order, now time.Time) error {
	age := now.Sub(o.Final)
	stage, next := "", s.unopened()-age
	switch {
	case age < firstReminder:
		next = firstReminder - age
	case age < secondReminder:
		stage, next = RemindDay, secondReminder-age
	default:
		stage = RemindWeek
	}
	if next <= 0 {
		next = askAgain
		s.alarm(ctx, "card_never_opened", o.ID) // /refund makes them house stock; the job never destroys them
	}
	if stage == "" || o.Remind == stage {
		return s.comeBack(ctx, store.DueRetain, d, next, nil)
	}
	return s.remind(ctx, d, o, stage, next)
}

// unopened is how long cards wait unopened until a person is asked.
func (s *Shop) unopened() time.Duration {
	if s.o.Unopened == 0 {
		return yearUnopened
	}
	return s.o.Unopened
}

// remind has the owner told, once for each stage.
func (s *Shop) remind(ctx context.Context, d store.Due, o store.Order, stage string, next time.Duration) error {
	err := s.o.Store.Remind(ctx, store.Reminder{Due: d, Stage: stage, Next: next,
		Event: s.event(EventReminded, o, system, map[string]string{"stage": stage})})
	if err != nil && !errors.Is(err, store.ErrFenced) {
		return err
	}
	nudge(s.news)
	return nil
}

// Reminder says what an order's owner has still to hear; empty for nothing.
func (s *Shop) Reminder(o store.Order) string {
	opened := !o.Reveal.First.IsZero()
	switch {
	case o.Remind == o.Reminded, o.Reveal.State != store.Sealed, opened != (o.Remind == RemindShred):
		return ""
	}
	return o.Remind
}

// Destroyed is when an opened order's cards are destroyed: the day after the warning at the earliest.
func (s *Shop) Destroyed(o store.Order) time.Time {
	end, day := o.Reveal.First.Add(s.o.Retention), s.o.Now().Add(shredWarning)
	if end.Before(day.Add(-time.Hour)) {
		return day
	}
	return end
}

// afterShowing is when the retention looks at cards that were just shown for the first time.
func (s *Shop) afterShowing() time.Duration {
	if s.o.Retention > shredWarning {
		return s.o.Retention - shredWarning
	}
	return s.o.Retention
}

func (s *Shop) shred(ctx context.Context, d store.Due, o store.Order) error {
	err := s.o.Store.Shred(ctx, d, s.event(EventShredded, o, system, nil))
	switch {
	case errors.Is(err, store.ErrLeased):
		return s.comeBack(ctx, store.DueRetain, d, time.Hour, nil)
	case errors.Is(err, store.ErrFenced), errors.Is(err, store.ErrEdge):
		return nil
	default:
		return err
	}
}
