package checkout

import (
	"context"
	"fmt"
	"sort"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How orders of a supplier without references are matched.
const (
	clockSkew  = 2 * time.Minute                      // between the supplier's clock and ours
	settleTime = 10 * time.Minute                     // after which an order that is in no list was never made
	rivalReach = sendSpan + 2*clockSkew + time.Second // between two attempts whose windows overlap
)

// debitor is a supplier that can count what it took for a kind of order, to confirm that nothing was bought.
type debitor interface {
	Debited(ctx context.Context, kind providers.Placement, from, to time.Time) (int, error)
}

// attempt is one placement whose order at the supplier is not known by id.
type attempt struct {
	id       store.PlacementID
	from, to time.Time // the window in which the supplier made the order, if it did
	running  bool      // its own call may still be under way
}

// resolve asks what became of the placement. Where the supplier has no reference of ours and gave no id, its own list is searched.
func (j *job) resolve(ctx context.Context) (providers.Fulfillment, error) {
	finder, ok := j.supplier.(providers.Finder)
	if !ok || j.place.Handle != "" {
		return timed(ctx, j.shop, j.supplier.Name(), CallResolve, j.ask)
	}
	if j.shop.o.SharedLedger {
		return providers.Fulfillment{}, fmt.Errorf("match order: %w: another program buys with this account", providers.ErrAsk)
	}
	return j.match(ctx, finder)
}

// match binds an order of the supplier's list that nobody owns to this attempt. Attempts for the same line and quantity are
// interchangeable: within overlapping windows each unowned order goes to one of them. The binding itself is the store's: a handle
// has one owner.
func (j *job) match(ctx context.Context, finder providers.Finder) (providers.Fulfillment, error) {
	rivals, err := j.rivals(ctx)
	if err != nil {
		return providers.Fulfillment{}, err
	}
	if len(rivals) == 0 {
		return providers.Fulfillment{}, fmt.Errorf("match order: %w: the attempt is not among the open ones", providers.ErrUnknown)
	}
	from, to := rivals[0].from, rivals[0].to
	for _, a := range rivals {
		if a.from.Before(from) {
			from = a.from
		}
		if a.to.After(to) {
			to = a.to
		}
	}
	found, err := timed(ctx, j.shop, j.supplier.Name(), CallFind, func(ctx context.Context) ([]providers.Found, error) {
		return finder.Find(ctx, j.place, from, to)
	})
	if err != nil {
		return providers.Fulfillment{}, fmt.Errorf("search supplier's list: %w", err)
	}
	free, err := j.unowned(ctx, found)
	if err != nil {
		return providers.Fulfillment{}, err
	}
	// Once more, after the owners were read: a rival that was bound meanwhile takes no second order.
	if rivals, err = j.rivals(ctx); err != nil {
		return providers.Fulfillment{}, err
	}
	if len(rivals) == 0 {
		return providers.Fulfillment{}, fmt.Errorf("match order: %w: settled meanwhile", providers.ErrUnknown)
	}
	self := store.PlacementID{Order: j.claim.Order.ID, K: j.claim.Place.K}
	for _, a := range rivals {
		if a.running {
			return providers.Fulfillment{}, fmt.Errorf("match order: %w: another attempt is still under way", providers.ErrUnknown)
		}
	}
	for _, a := range rivals {
		pick := -1
		for i, f := range free {
			if !f.Time.Before(a.from) && !f.Time.After(a.to) {
				pick = i
				break
			}
		}
		if pick < 0 {
			continue
		}
		if a.id == self {
			return providers.Fulfillment{State: providers.Pending, Handle: free[pick].Handle}, nil
		}
		free = append(free[:pick], free[pick+1:]...)
	}
	return j.missing(ctx, len(found), from, to)
}

// missing decides about an attempt that has no order in the list: not before the settle time, and not while the supplier's account
// shows more debits than orders.
func (j *job) missing(ctx context.Context, listed int, from, to time.Time) (providers.Fulfillment, error) {
	if j.claim.Now.Before(j.claim.Place.SendBy.Add(settleTime)) {
		return providers.Fulfillment{}, fmt.Errorf("match order: %w: not in the list yet", providers.ErrUnknown)
	}
	if d, ok := j.supplier.(debitor); ok {
		n, err := d.Debited(ctx, j.place, from, to)
		if err != nil {
			return providers.Fulfillment{}, fmt.Errorf("read supplier's debits: %w", err)
		}
		if n > listed {
			return providers.Fulfillment{}, fmt.Errorf("match order: %w: debited but not listed", providers.ErrAsk)
		}
	}
	return providers.Fulfillment{}, &providers.Refusal{Reason: providers.NotPlaced}
}

// rivals are the attempts whose windows overlap with this one's, directly or through others, this one included, oldest first.
func (j *job) rivals(ctx context.Context) ([]attempt, error) {
	if err := j.shop.indexBlind(ctx); err != nil {
		return nil, err
	}
	open, err := j.shop.o.Store.BlindAround(ctx, j.kind(), j.claim.Place.Sent, rivalReach)
	if err != nil {
		return nil, err
	}
	self := store.PlacementID{Order: j.claim.Order.ID, K: j.claim.Place.K}
	var all []attempt
	for _, o := range open {
		for _, p := range o.Placements {
			id := store.PlacementID{Order: o.ID, K: p.K}
			if !j.alike(o, p) || !p.Blind() {
				continue
			}
			running := p.State == store.Placing && id != self && j.claim.Now.Before(p.SendBy.Add(5*time.Second))
			all = append(all, attempt{id: id, from: p.Sent.Add(-clockSkew), to: p.SendBy.Add(clockSkew), running: running})
		}
	}
	sort.Slice(all, func(a, b int) bool {
		if !all[a].from.Equal(all[b].from) {
			return all[a].from.Before(all[b].from)
		}
		return all[a].id.String() < all[b].id.String()
	})
	return overlapping(all, self), nil
}

// kind is what makes other placements rivals of this one.
func (j *job) kind() store.Kind { return store.KindOf(j.claim.Order, j.claim.Place, j.source.SKU) }

// alike tells whether a placement asks for the same as this one: others of its order may ask another supplier.
func (j *job) alike(o store.Order, p store.Placement) bool {
	kind, err := kindOf(o, p.K)
	return err != nil || kind == j.kind()
}

// indexBlind finds, once, what was asked for before there was an index of it. A rival that is missed could take a card twice.
func (s *Shop) indexBlind(ctx context.Context) error {
	if s.indexed.Load() {
		return nil
	}
	err := s.o.Store.IndexBlind(ctx, func(o store.Order, p store.Placement) (string, bool) {
		kind, err := kindOf(o, p.K)
		return kind.SKU, err == nil
	})
	if err == nil {
		s.indexed.Store(true)
	}
	return err
}

// overlapping cuts the run of attempts that hang together with self, none when self is not there; all is sorted by the start of
// the window.
func overlapping(all []attempt, self store.PlacementID) []attempt {
	start, end, mine := 0, time.Time{}, false
	for i, a := range all {
		if i > start && a.from.After(end) {
			if mine {
				return all[start:i]
			}
			start, end = i, time.Time{}
		}
		if a.to.After(end) {
			end = a.to
		}
		mine = mine || a.id == self
	}
	if !mine {
		return nil
	}
	return all[start:]
}

// unowned leaves out what belongs to other placements, oldest first.
func (j *job) unowned(ctx context.Context, found []providers.Found) ([]providers.Found, error) {
	handles := make([]string, len(found))
	for i, f := range found {
		handles[i] = f.Handle
	}
	owners, err := j.shop.o.Store.HandleOwners(ctx, j.supplier.Name(), handles)
	if err != nil {
		return nil, err
	}
	var free []providers.Found
	for _, f := range found {
		if owners[f.Handle] == "" {
			free = append(free, f)
		}
	}
	sort.Slice(free, func(a, b int) bool {
		if !free[a].Time.Equal(free[b].Time) {
			return free[a].Time.Before(free[b].Time)
		}
		return free[a].Handle < free[b].Handle
	})
	return free, nil
}
