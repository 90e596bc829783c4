package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How given-up placements are looked back at.
const (
	firstLook = time.Minute      // after a placement is given up
	lookSoon  = 5 * time.Minute  // between two looks in the first hours, while an order appears late if it does
	lookFor   = 48 * time.Hour   // no order of the supplier's list is that late
	lookBatch = 20               // placements in one tick
	lookLease = time.Minute      // of one look: at most three questions
	lookLimit = 40 * time.Second // for them
)

// lookable tells whether a supplier can be asked about a placement that was given up without any risk of buying: it has a list, or the id
// of the order is known.
func lookable(supplier providers.Provider, p store.Placement) bool {
	if _, ok := supplier.(providers.Finder); ok {
		return true
	}
	_, ok := supplier.(providers.Numbered)
	return ok && p.Handle != ""
}

// givenUp tells whether a placement ended without cards.
func givenUp(p store.Placement) bool { return p.State == store.Refused || p.State == store.Refunded }

// Lookback looks at placements that were given up lately: an order of the supplier that turns up for one of them is house stock and an
// alarm, never a customer's. It is called every minute; several processes share the work.
func (s *Shop) Lookback(ctx context.Context) error {
	work, err := s.o.Store.ClaimDue(ctx, store.DueLook, lookBatch, lookLease)
	if err != nil {
		return err
	}
	for _, d := range work {
		s.safely(ctx, "look back at "+d.Member, func() error { return s.look(ctx, d) })
	}
	return nil
}

// look looks at one placement and says when to look again.
func (s *Shop) look(ctx context.Context, d store.Due) error {
	next, cause := s.turnedUp(ctx, d.Member)
	if err := s.o.Store.AckDue(ctx, store.DueLook, d, next); err != nil && !errors.Is(err, store.ErrFenced) {
		return errors.Join(cause, err)
	}
	return cause
}

// turnedUp asks a supplier about one given-up placement; 0 means that nothing can turn up any more.
func (s *Shop) turnedUp(ctx context.Context, member string) (time.Duration, error) {
	id, ok := store.ParsePlacementID(member)
	if !ok {
		return 0, fmt.Errorf("look back: bad member %q", member)
	}
	o, p, err := s.part(ctx, id.Order, id.K)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return lookSoon, err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return lookSoon, err
	}
	supplier := s.suppliers[p.Provider]
	switch {
	case p.State.Final() && !givenUp(p), now.Sub(p.SendBy) > lookFor && (p.Handle == "" || now.Sub(p.SendBy) > 2*lookFor):
		return 0, nil
	case !givenUp(p), supplier == nil: // it was not given up after all, or its supplier is switched off for now
		return lookAfter(now.Sub(p.SendBy)), nil
	}
	limited, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	snap, err := SnapshotOf(o)
	if err != nil {
		return 0, err
	}
	j, err := s.job(store.Claim{Order: o, Place: p, Now: now}, snap)
	if err != nil {
		return 0, err
	}
	if j.place.Handle == "" {
		if err := j.search(limited); err != nil || j.place.Handle == "" {
			return lookAfter(now.Sub(p.SendBy)), err
		}
	}
	f, err := supplier.Resolve(limited, j.place) // with a handle: a mere question
	if err != nil || (f.State == providers.Pending && f.Fault == providers.NoFault) {
		return lookSoon, err
	}
	if len(f.Cards) == 0 && f.Raw.Empty() {
		return 0, nil // the supplier gave the money back
	}
	if err := j.stock(limited, f, "turned_up"); err != nil {
		return lookSoon, err
	}
	return 0, nil
}

// lookAfter is when to look again at a placement of that age.
func lookAfter(age time.Duration) time.Duration {
	if age < 2*time.Hour {
		return lookSoon
	}
	return time.Hour
}

// search looks for an order of the supplier's list that nobody owns and that no open attempt could claim, and binds it to the given-up
// placement. Without one the handle stays empty. Where another program buys with the account, an order of nobody is not ours.
func (j *job) search(ctx context.Context) error {
	finder, ok := j.supplier.(providers.Finder)
	if !ok || j.shop.o.SharedLedger {
		return nil
	}
	p := j.claim.Place
	from, to := p.Sent.Add(-clockSkew), p.SendBy.Add(settleTime+clockSkew)
	contested, err := j.contested(ctx, from, to)
	if err != nil || contested {
		return err
	}
	found, err := finder.Find(ctx, j.place, from, to)
	if err != nil {
		return fmt.Errorf("search supplier's list: %w", err)
	}
	free, err := j.unowned(ctx, found)
	if err != nil || len(free) == 0 {
		return err
	}
	if err := j.stock(ctx, providers.Fulfillment{Handle: free[0].Handle}, "turned_up"); err != nil {
		return err
	}
	j.place.Handle = free[0].Handle
	j.shop.alarm(ctx, "turned_up", j.claim.Order.ID)
	return nil
}

// contested tells whether an attempt that is still open could have made an order between from and to: it comes first.
func (j *job) contested(ctx context.Context, from, to time.Time) (bool, error) {
	if err := j.shop.indexBlind(ctx); err != nil {
		return false, err
	}
	open, err := j.shop.o.Store.BlindBetween(ctx, j.kind(), from.Add(-rivalReach), to.Add(rivalReach))
	if err != nil {
		return false, err
	}
	for _, o := range open {
		for _, p := range o.Placements {
			apart := p.Sent.Add(-clockSkew).After(to) || p.SendBy.Add(clockSkew).Before(from)
			if p.Blind() && j.alike(o, p) && !apart {
				return true, nil
			}
		}
	}
	return false, nil
}

// stock keeps what turned up for a placement: sealed in quarantine, at the shop's own cost.
func (j *job) stock(ctx context.Context, f providers.Fulfillment, reason string) error {
	s, o, p := j.shop, j.claim.Order, j.claim.Place
	cards, err := s.sealAside(ctx, o, j.snap.SKU, quarantineOf(p.K)+late, f.Cards, f.Raw)
	if err != nil {
		return err
	}
	cost := int64(0)
	if givenUp(p) && len(cards) > 0 {
		cost = j.charged(f)
	}
	handle := f.Handle
	if handle == "" {
		handle = j.place.Handle
	}
	kept, err := s.o.Store.KeepStock(ctx, store.Stock{ID: store.PlacementID{Order: o.ID, K: p.K}, Handle: handle, Cost: cost, Cards: cards, Prints: s.prints(f.Cards),
		Event: s.event(EventStock, o, system, map[string]string{"placement": itoa(p.K), "cards": itoa(len(f.Cards)), "reason": reason})})
	if err != nil {
		return fmt.Errorf("keep house stock: %w", err)
	}
	if kept && len(cards) > 0 {
		s.alarm(ctx, "house_stock", o.ID)
		if errors.Is(s.unsold(ctx, store.PlacementID{Order: o.ID, K: p.K}, f.Cards), ErrCodes) {
			s.alarm(ctx, "repeated_code", o.ID)
		}
	}
	return nil
}

// late keeps what a worker brings whose claim was lost meanwhile: when the placement ended without cards, or waits under review, nobody
// will ask for it again. Otherwise the supplier tells the next worker the same, and cause goes on.
func (j *job) late(ctx context.Context, id store.PlacementID, f providers.Fulfillment, cause error) error {
	if len(f.Cards) == 0 && f.Raw.Empty() {
		return cause
	}
	o, p, err := j.shop.part(ctx, id.Order, id.K)
	if err != nil {
		return errors.Join(cause, err)
	}
	if !givenUp(p) && p.State != store.Review {
		return cause
	}
	j.claim.Order, j.claim.Place = o, p
	return j.stock(ctx, f, "late")
}
