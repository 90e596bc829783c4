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
	workers      = 16               // placements of one supplier asked about at the same time by one process
	sorters      = 4                // placements looked up for them at the same time
	switchedOff  = 5 * time.Minute  // how long a placement of a supplier that is switched off is left alone
	sendSpan     = 30 * time.Second // a purchase request leaves within it, or never
	resolveLease = 45 * time.Second // a look-up ends within it
	pollBatch    = 256              // due placements looked at in one tick
)

// enqueue hands a placement to the workers of this process, once until one of them has it. A full queue is no loss: the poll finds it.
func (s *Shop) enqueue(e errand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queued[e.id] {
		return
	}
	select {
	case s.jobs <- e:
		s.queued[e.id] = true
	default:
	}
}

// taken forgets that a placement was queued.
func (s *Shop) taken(id store.PlacementID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.queued, id)
}

// Poll hands every placement whose time has come to the workers. It is called by a tick and may overlap with other processes.
func (s *Shop) Poll(ctx context.Context) error {
	due, err := s.o.Store.DuePlacements(ctx, pollBatch)
	if err != nil {
		return err
	}
	for _, id := range due {
		s.enqueue(errand{id: id})
	}
	return nil
}

// errand is a placement on its way to a worker of its supplier. Its order is what the sender knows of it; one without an id is read first.
type errand struct {
	id    store.PlacementID
	order store.Order
}

// Work asks suppliers until ctx ends; then what is under way is finished. Each supplier has workers of its own: one that hangs holds up
// nobody else's sales.
func (s *Shop) Work(ctx context.Context) {
	lanes := make(map[string]chan errand, len(s.suppliers))
	for name := range s.suppliers {
		lanes[name] = make(chan errand, cap(s.jobs))
	}
	var wg sync.WaitGroup
	for range sorters {
		wg.Go(func() { s.sort(ctx, lanes) })
	}
	for _, lane := range lanes {
		for range workers {
			wg.Go(func() {
				for {
					select {
					case <-ctx.Done():
						return
					case e := <-lane:
						s.taken(e.id)
						s.safely(ctx, "placement "+e.id.String(), func() error { return s.ask(context.WithoutCancel(ctx), e) })
					}
				}
			})
		}
	}
	wg.Wait()
}

// sort brings queued placements to the workers of their suppliers.
func (s *Shop) sort(ctx context.Context, lanes map[string]chan errand) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-s.jobs:
			id := e.id
			s.safely(ctx, "placement "+id.String(), func() error {
				if e.order.ID == "" {
					var err error
					if e, err = s.read(context.WithoutCancel(ctx), id); err != nil {
						s.taken(id)
						return err
					}
				}
				select {
				case lanes[asks(e.order, id.K)] <- e:
				default: // the poll finds it again
					s.taken(id)
				}
				return nil
			})
		}
	}
}

// safely runs one piece of work; an error or a panic ends that piece only. The value of a panic is not logged: it may be anything.
func (s *Shop) safely(ctx context.Context, what string, work func() error) {
	if err := s.caught(ctx, what, work); err != nil && !errors.Is(err, errPanic) {
		s.o.Logger.WarnContext(ctx, "work failed, it will come back", "work", what, "err", err)
	}
}

// errPanic stands for a panic that was logged; its value is not kept.
var errPanic = errors.New("work panicked")

// caught runs one piece of work and turns a panic into errPanic.
func (s *Shop) caught(ctx context.Context, what string, work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.o.Logger.ErrorContext(ctx, "panic", "work", what, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return work()
}

// Ask takes one placement and asks its supplier: to sell if nobody asked before, else what became of it. Nothing happens when
// another worker has it.
func (s *Shop) Ask(ctx context.Context, id store.PlacementID) error {
	e, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	return s.ask(ctx, e)
}

// read loads the order of a placement. One whose supplier is switched off is put off, unclaimed: nobody has asked then, and the order
// waits as it is, without standing in the way of others.
func (s *Shop) read(ctx context.Context, id store.PlacementID) (errand, error) {
	o, err := s.o.Store.Order(ctx, id.Order)
	if err != nil || id.K > len(o.Placements) {
		if errors.Is(err, store.ErrNotFound) || err == nil { // Redis forgot it: nobody has to be asked any more
			_, err = s.o.Store.ClaimPlacement(ctx, store.ClaimRequest{ID: id})
		}
		return errand{}, fmt.Errorf("ask about %s: %w", id, err)
	}
	if name := asks(o, id.K); s.suppliers[name] == nil {
		err := fmt.Errorf("supplier %s of order %s is switched off", name, id.Order)
		return errand{}, errors.Join(err, s.o.Store.Postpone(ctx, id, switchedOff))
	}
	return errand{id: id, order: o}, nil
}

func (s *Shop) ask(ctx context.Context, e errand) error {
	before, id, o := s.o.Now(), e.id, e.order
	p := s.suppliers[asks(o, id.K)]
	if err := s.mayAsk(ctx, o, id.K); err != nil {
		return fmt.Errorf("ask about %s: %w", id, err)
	}
	known := s.known()
	kind, err := kindOf(o, id.K)
	if err != nil {
		return fmt.Errorf("ask about %s: %w", id, err)
	}
	claim, err := s.o.Store.ClaimPlacement(ctx, store.ClaimRequest{ID: id, Lease: resolveLease, SendBy: sendSpan, Kind: kind,
		Event: s.event(EventAsked, o, system, map[string]string{"placement": itoa(id.K), "supplier": p.Name()})})
	if errors.Is(err, store.ErrLeased) || errors.Is(err, store.ErrEdge) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim %s: %w", id, err)
	}
	if err := s.learnClaim(ctx, known, claim); err != nil {
		return fmt.Errorf("claim %s: %w", id, err)
	}
	snap, err := SnapshotOf(claim.Order)
	if err != nil {
		return err
	}
	j, err := s.job(claim, snap)
	if err != nil {
		return err
	}
	if claim.Buy {
		j.place.SendBy = before.Add(sendSpan)
		limited, cancel := context.WithTimeout(ctx, sendSpan)
		defer cancel()
		f, err := timed(limited, s, p.Name(), CallPlace, j.buy)
		s.struck(ctx, p.Name(), j.source.SKU, err)
		return j.settle(ctx, f, err)
	}
	limited, cancel := context.WithTimeout(ctx, resolveLease-5*time.Second)
	defer cancel()
	f, err := j.resolve(limited)
	return j.settle(ctx, f, err)
}

// kindOf is the kind of an order's k-th placement.
func kindOf(o store.Order, k int) (store.Kind, error) {
	snap, err := SnapshotOf(o)
	if err != nil {
		return store.Kind{}, err
	}
	of, err := snap.source(o, k)
	return store.KindOf(o, o.Placements[k-1], of.SKU), err
}

// job makes a claimed placement ready to be asked about, and to be settled.
func (s *Shop) job(c store.Claim, snap Snapshot) (*job, error) {
	of, err := snap.source(c.Order, c.Place.K)
	return &job{shop: s, claim: c, snap: snap, source: of, supplier: s.suppliers[of.Provider], place: placement(c, snap, of)}, err
}

// placement is what the supplier is told.
func placement(c store.Claim, snap Snapshot, of Source) providers.Placement {
	return providers.Placement{
		Ref: fmt.Sprintf("%s-%d", c.Order.ID, c.Place.K), SKU: of.SKU, Account: snap.Account, Kind: snap.Service,
		Quantity: c.Place.Quantity, Cost: of.UnitCost, Handle: c.Place.Handle, Memo: c.Place.Memo, SendBy: c.Place.SendBy,
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
