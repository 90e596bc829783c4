package checkout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How a Redis is looked at that may have lost what it confirmed last.
const (
	lookBackwards = 10 * time.Minute // what is compared at least
	askListAgain  = 15 * time.Second // after a supplier did not answer
)

// errUnchecked means that a supplier's list was not compared yet: an order that Redis remembers as never asked for may have been bought.
var errUnchecked = errors.New("supplier's list was not compared with Redis yet")

// doubtful is why a supplier is not asked to sell what Redis remembers from before: its list has to be compared first.
type doubtful struct {
	since time.Time // orders opened before it are not asked for
	from  time.Time // what is compared begins here
	next  time.Time // of the next try
}

// Distrust takes Redis for one that may have lost what it confirmed last, until the lists of the suppliers that have one were compared
// with it: at the start, after a restart or a failover of Redis, and after a loss was accepted. Vigil compares.
func (s *Shop) Distrust(ctx context.Context) error {
	run, err := s.o.Store.Run(ctx)
	if err != nil {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	head, err := s.o.Store.Head(ctx)
	if err != nil {
		return err
	}
	var seen Sighting
	if s.o.Witness != nil {
		if seen, err = s.o.Witness.Sighted(); err != nil {
			return fmt.Errorf("read witness: %w", err)
		}
	}
	unasked, err := s.oldestUnasked(ctx, now)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from := earliest(now.Add(-lookBackwards), seen.At, head.At, unasked, s.backTo).Add(-clockSkew)
	s.run, s.backTo = run, time.Time{}
	for name, p := range s.suppliers {
		if _, ok := p.(providers.Lister); ok {
			s.unsure[name] = doubtful{since: now, from: earliest(from, s.unsure[name].from)}
		}
	}
	return nil
}

// oldestUnasked is when the oldest order was opened that Redis remembers as not asked for; zero without one.
func (s *Shop) oldestUnasked(ctx context.Context, now time.Time) (time.Time, error) {
	open, err := s.o.Store.OpenSince(ctx, now, openOrders)
	if err != nil {
		return time.Time{}, err
	}
	for _, o := range open { // oldest first
		if slices.ContainsFunc(o.Placements, func(p store.Placement) bool { return p.State == store.Ready }) {
			return o.Created, nil
		}
	}
	return time.Time{}, nil
}

// Vigil notices a Redis that was exchanged under the program, and compares with the suppliers what it may have lost. It is called every
// second.
func (s *Shop) Vigil(ctx context.Context) error {
	if !s.watching.TryLock() {
		return nil
	}
	defer s.watching.Unlock()
	if err := s.sameRedis(ctx); err != nil {
		return err
	}
	barred, err := s.o.Store.Barred(ctx, wentBack)
	if err != nil {
		return err
	}
	s.mu.Lock()
	accepted := s.wasBack && !barred
	s.wasBack = barred
	s.mu.Unlock()
	if accepted {
		if err := s.Distrust(ctx); err != nil {
			return err
		}
	}
	return s.settleDoubts(ctx)
}

// sameRedis distrusts a Redis that is not the one that answered before.
func (s *Shop) sameRedis(ctx context.Context) error {
	run, err := s.o.Store.Run(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	other := s.run != "" && run != s.run
	s.mu.Unlock()
	if !other {
		return nil
	}
	s.o.Logger.WarnContext(ctx, "another Redis answers: what it may have lost is compared with the suppliers")
	return s.Distrust(ctx)
}

// checked refuses to have an order asked for whose supplier may have sold it already, as far as anybody knows.
func (s *Shop) checked(ctx context.Context, o store.Order, k int) error {
	name := asks(o, k)
	if _, ok := s.suppliers[name].(providers.Lister); !ok {
		return nil
	}
	s.mu.Lock()
	watched := s.run != ""
	s.mu.Unlock()
	if watched {
		if err := s.sameRedis(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.unsure[name]; ok && o.Created.Before(d.since) {
		return errUnchecked
	}
	return nil
}

// settleDoubts compares the lists that are still to be compared. Each process does so for itself: it asks for nothing that it has not
// looked at.
func (s *Shop) settleDoubts(ctx context.Context) error {
	c := &Comparison{Stage: StageSuppliers}
	var clear []string
	var wrong []error
	for _, p := range s.o.Suppliers {
		s.mu.Lock()
		d, ok := s.unsure[p.Name()]
		s.mu.Unlock()
		if !ok || s.o.Now().Before(d.next) {
			continue
		}
		c.From = d.from
		if err := s.compareSupplier(ctx, c, p); err != nil {
			s.mu.Lock()
			d.next = s.o.Now().Add(askListAgain)
			s.unsure[p.Name()] = d
			s.mu.Unlock()
			wrong = append(wrong, fmt.Errorf("compare %s: %w", p.Name(), err))
			continue
		}
		clear = append(clear, p.Name())
		s.mu.Lock()
		if s.unsure[p.Name()].since.Equal(d.since) { // not distrusted anew meanwhile
			delete(s.unsure, p.Name())
		}
		s.mu.Unlock()
	}
	if len(clear) == 0 {
		return errors.Join(wrong...)
	}
	return errors.Join(append(wrong, s.reported(ctx, c, clear), s.Poll(ctx))...) // what waited for this need not wait for a tick
}

// reported records a comparison that nobody asked for, and tells the operators what it found.
func (s *Shop) reported(ctx context.Context, c *Comparison, names []string) error {
	s.o.Logger.InfoContext(ctx, "suppliers compared", "suppliers", names, "since", c.From, "differences", len(c.Differences), "lost", c.Lost())
	foreign := slices.DeleteFunc(slices.Clone(c.Differences), func(d Difference) bool { return d.Kind != DiffForeignSale })
	if len(foreign) > 0 {
		handles := make([]string, 0, 5)
		for _, d := range foreign[:min(len(foreign), cap(handles))] {
			handles = append(handles, d.Supplier+" "+d.Handle)
		}
		s.alarm(ctx, "foreign_orders", fmt.Sprintf("%d orders of the suppliers belong to nobody here: %s; /reconcile names them all",
			len(foreign), strings.Join(handles, ", ")))
	}
	return s.o.Store.Record(ctx, s.compared(c, system))
}
