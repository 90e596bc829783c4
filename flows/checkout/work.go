package checkout

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How placements are worked on.
const (
	workers      = 16               // placements asked about at the same time by one process
	sendSpan     = 30 * time.Second // a purchase request leaves within it, or never
	resolveLease = 45 * time.Second // a look-up ends within it
	pollBatch    = 256              // due placements looked at in one tick
)

// enqueue hands a placement to a worker of this process. A full queue is no loss: the poll finds it.
func (s *Shop) enqueue(id store.PlacementID) {
	select {
	case s.jobs <- id:
	default:
	}
}

// Poll hands every placement whose time has come to the workers. It is called by a tick and may overlap with other processes.
func (s *Shop) Poll(ctx context.Context) error {
	due, err := s.o.Store.DuePlacements(ctx, pollBatch)
	if err != nil {
		return err
	}
	for _, id := range due {
		s.enqueue(id)
	}
	return nil
}

// Work asks suppliers until ctx ends; then what is under way is finished.
func (s *Shop) Work(ctx context.Context) {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case id := <-s.jobs:
					s.safely(ctx, "placement "+id.String(), func() error { return s.Ask(context.WithoutCancel(ctx), id) })
				}
			}
		})
	}
	wg.Wait()
}

// safely runs one piece of work; an error or a panic ends that piece only. The value of a panic is not logged: it may be anything.
func (s *Shop) safely(ctx context.Context, what string, work func() error) {
	defer func() {
		if v := recover(); v != nil {
			s.o.Logger.ErrorContext(ctx, "panic", "work", what, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	if err := work(); err != nil {
		s.o.Logger.WarnContext(ctx, "work failed, it will come back", "work", what, "err", err)
	}
}

// Ask takes one placement and asks its supplier: to sell if nobody asked before, else what became of it. Nothing happens when
// another worker has it.
func (s *Shop) Ask(ctx context.Context, id store.PlacementID) error {
	before := s.o.Now()
	o, err := s.o.Store.Order(ctx, id.Order)
	if err != nil {
		return fmt.Errorf("ask about %s: %w", id, err)
	}
	p, ok := s.suppliers[o.Provider]
	if !ok { // before the claim: nobody has asked then, and the order waits as it is
		return fmt.Errorf("supplier %s of order %s is switched off", o.Provider, id.Order)
	}
	claim, err := s.o.Store.ClaimPlacement(ctx, store.ClaimRequest{ID: id, Lease: resolveLease, SendBy: sendSpan,
		Event: s.event(EventAsked, o, system, map[string]string{"placement": itoa(id.K), "supplier": o.Provider})})
	if errors.Is(err, store.ErrLeased) || errors.Is(err, store.ErrEdge) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim %s: %w", id, err)
	}
	snap, err := SnapshotOf(claim.Order)
	if err != nil {
		return err
	}
	j := &job{shop: s, claim: claim, snap: snap, supplier: p, place: placement(claim, snap)}
	if claim.Buy {
		j.place.SendBy = before.Add(sendSpan)
		limited, cancel := context.WithTimeout(ctx, sendSpan)
		defer cancel()
		f, err := p.Place(limited, j.place)
		return j.settle(ctx, f, err)
	}
	limited, cancel := context.WithTimeout(ctx, resolveLease-5*time.Second)
	defer cancel()
	f, err := j.resolve(limited)
	return j.settle(ctx, f, err)
}

// placement is what the supplier is told.
func placement(c store.Claim, snap Snapshot) providers.Placement {
	return providers.Placement{
		Ref: fmt.Sprintf("%s-%d", c.Order.ID, c.Place.K), SKU: snap.SKU, Account: snap.Account, Kind: snap.Service,
		Quantity: c.Place.Quantity, Cost: snap.UnitCost, Handle: c.Place.Handle, Memo: c.Place.Memo, SendBy: c.Place.SendBy,
		Sent: c.Place.Sent,
	}
}

// pollAfter is when to ask about a placement again: soon at first, then ever more slowly.
func pollAfter(age time.Duration, slow bool) time.Duration {
	switch {
	case slow && age < 6*time.Hour:
		return 5 * time.Minute
	case slow:
		return time.Hour
	case age < time.Minute:
		return 2 * time.Second // in fact the next tick of the poll
	case age < 5*time.Minute:
		return 15 * time.Second
	case age < 30*time.Minute:
		return time.Minute
	case age < 6*time.Hour:
		return 5 * time.Minute
	default:
		return time.Hour
	}
}
