package checkout

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"cardrop/store"
)

// How the rotation is paced.
const (
	rotationLease = 15 * time.Second
	countMost     = 5000      // orders counted in one tick
	resealMost    = 200       // orders sealed again in one tick
	lookMost      = 50        // steps of the walk in one tick, whatever they find
	rotationRest  = time.Hour // between two walks when there is nothing to seal again
	wearMargin    = 1 << 22   // seals that are kept for what is under way once nothing is bought any more
)

// worn stops buying for a key that has sealed enough.
const worn = "key_worn"

// rotation is how far this process' walk over the vaults has come. Nothing of it is lost with the process: what is sealed again is sealed
// again, and another walk finds the rest.
type rotation struct {
	cursor    uint64
	begun     bool
	resealing bool             // else it only counts
	items     map[string]int64 // entries met, by key
	swapped   int64
	unopened  int64
	next      time.Time
}

// Rotate walks over everything that is sealed, some orders a tick: it counts what names which key, wraps the shop's own keys and seals
// cards under the primary key again that a retired one holds, and notes when nothing names a former key any more. One process does it at
// a time. Reveals go on all the while: both keys open.
func (s *Shop) Rotate(ctx context.Context) error {
	w := &s.walk
	if s.o.Now().Before(w.next) {
		return nil
	}
	held, err := s.o.Store.TakeLease(ctx, "rotation", rotationLease)
	if err != nil || !held {
		*w = rotation{}
		return err
	}
	stored, err := s.o.Store.Keyring(ctx)
	if err != nil {
		return err
	}
	if !w.begun {
		w.begun, w.items = true, map[string]int64{}
		if err := s.beginWalk(ctx, stored); err != nil {
			return err
		}
	}
	done, err := s.walkOn(ctx)
	if err != nil || !done {
		return err
	}
	return s.endWalk(ctx)
}

// beginWalk does what concerns no card: the shop's own keys, and the wear of the primary one.
func (s *Shop) beginWalk(ctx context.Context, stored map[string]string) error {
	if err := s.wear(ctx, stored); err != nil {
		return err
	}
	if !s.o.Ring.newest(stored) {
		return nil
	}
	n, err := s.o.Ring.rewrap(ctx, stored)
	if n > 0 {
		s.o.Logger.InfoContext(ctx, "rotation: the shop's own keys are wrapped under the primary key", "keys", n)
	}
	return err
}

// walkOn goes one tick further and tells whether the walk has ended.
func (s *Shop) walkOn(ctx context.Context) (done bool, err error) {
	w, met, most := &s.walk, 0, countMost
	if w.resealing {
		most = resealMost
	}
	before := w.swapped
	for looks := 0; looks < lookMost && met < most; looks++ {
		orders, next, err := s.o.Store.SealedOrders(ctx, w.cursor, scanSize)
		if err != nil {
			return false, err
		}
		for part := range slices.Chunk(orders, resealMost) {
			if err := s.visitVaults(ctx, part); err != nil {
				return false, err
			}
		}
		met += len(orders)
		if w.cursor = next; next == 0 {
			done = true
			break
		}
	}
	if w.swapped > before {
		s.o.Logger.InfoContext(ctx, "rotation: cards are sealed under the primary key", "now", w.swapped-before, "so_far", w.swapped)
	}
	return done, nil
}

// visitVaults counts the entries of some orders, or seals them again.
func (s *Shop) visitVaults(ctx context.Context, orders []string) error {
	vaults, err := s.o.Store.Vaults(ctx, orders)
	if err != nil {
		return err
	}
	if !s.walk.resealing {
		if err := s.o.Store.Retain(ctx, orders); err != nil {
			return err
		}
	}
	for i, vault := range vaults {
		foreign := false
		for _, v := range vault {
			id := keyIn(v.Bytes)
			s.walk.items[id]++
			foreign = foreign || id != s.o.Ring.primaryID()
		}
		if !foreign || !s.walk.resealing {
			continue
		}
		if err := s.resealOrder(ctx, orders[i], vault); err != nil {
			return err
		}
	}
	return nil
}

// resealOrder seals one order's entries again. One that cannot be read is left as it is; only the store and a worn key end the tick.
func (s *Shop) resealOrder(ctx context.Context, id string, vault []store.SealedCard) error {
	o, err := s.o.Store.Order(ctx, id)
	if err != nil {
		s.o.Logger.WarnContext(ctx, "rotation: sealed cards without a readable order stay under their key", "order", id, "err", err)
		return nil
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		s.o.Logger.WarnContext(ctx, "rotation: sealed cards without a readable order stay under their key", "order", id, "err", err)
		return nil
	}
	swapped, unopened, err := s.o.Ring.reseal(ctx, id, vault, func(index string) place {
		return place{Order: o.ID, Index: index, Owner: o.Buyer, SKU: snap.SKU}
	})
	for key, n := range swapped {
		s.walk.swapped += n
		if err := s.o.Store.Resealed(ctx, key, s.o.Ring.primaryID(), n); err != nil {
			return err
		}
	}
	if unopened > 0 {
		s.walk.unopened += int64(unopened)
		s.o.Logger.ErrorContext(ctx, "rotation: sealed cards do not open and stay under their key", "order", id, "cards", unopened)
	}
	return err
}

// endWalk notes what the walk found and decides on the next one: after a count that found cards under a retired key they are sealed
// again, and then it is counted anew, for only a count proves that a key may go.
func (s *Shop) endWalk(ctx context.Context) error {
	w := s.walk
	s.walk = rotation{}
	if w.unopened > 0 && w.swapped == 0 { // once a round: another walk follows one that moved something
		s.alarm(ctx, "card_tampered", fmt.Sprintf("%d sealed cards do not open under their retired key; the log names their orders", w.unopened))
	}
	if w.resealing {
		if w.swapped == 0 {
			s.walk.next = s.o.Now().Add(rotationRest)
		}
		return nil
	}
	stored, err := s.o.Store.Keyring(ctx)
	if err != nil {
		return err
	}
	for id, n := range wrappedUnder(stored) {
		w.items[id] += n
	}
	for _, id := range former(stored) {
		w.items[id] += 0 // a key that nothing names is counted, too
	}
	if err := s.o.Store.SetKeyUse(ctx, store.KeyUse{Items: w.items, At: s.o.Now()}); err != nil {
		return err
	}
	left, err := s.noteKeys(ctx, stored, w.items)
	if err != nil {
		return err
	}
	s.walk.resealing = left > 0 && s.o.Ring.newest(stored)
	if !s.walk.resealing {
		s.walk.next = s.o.Now().Add(rotationRest)
	}
	return nil
}

// noteKeys marks former keys that nothing names any more, and takes the mark off one that something names again. It returns how many
// entries could be sealed again.
func (s *Shop) noteKeys(ctx context.Context, stored map[string]string, items map[string]int64) (left int64, err error) {
	for _, id := range slices.Sorted(maps.Keys(items)) {
		n, loaded := items[id], s.o.Ring.loaded(id) != nil
		switch {
		case id == s.o.Ring.primaryID():
			continue
		case id == "":
			s.alarm(ctx, "card_tampered", fmt.Sprintf("%d entries in the vaults are no sealed cards", n))
			continue
		case n > 0 && !loaded:
			s.alarm(ctx, "card_key_missing", fmt.Sprintf("%d sealed entries need a key that is not loaded (id %s)", n, id))
		case n > 0:
			left += n
			s.o.Logger.InfoContext(ctx, "rotation: entries are still sealed under a retired key", "key", id, "items", n)
		}
		mark := ""
		if n == 0 {
			mark = "1"
		}
		e := store.Event{Kind: EventSpent, Actor: system, Data: map[string]string{"key": id, "items": itoa(n)}}
		changed, err := s.o.Store.MarkKey(ctx, "spent:"+id, mark, e)
		if err != nil {
			return left, err
		}
		if changed && n == 0 {
			s.o.Logger.InfoContext(ctx, "rotation: nothing is sealed under a former key any more, it may be taken out of ENCRYPTION_KEYS_RETIRED", "key", id)
		}
	}
	return left, nil
}

// wear stops buying before the primary key has sealed as many cards as is safe: a card that was bought could not be sealed any more.
func (s *Shop) wear(ctx context.Context, stored map[string]string) error {
	seals, _ := strconv.ParseInt(stored["seals:"+s.o.Ring.primaryID()], 10, 64)
	if seals > maxSeals-wearMargin {
		return s.bar(ctx, worn, "ENCRYPTION_KEY has sealed nearly as many cards as is safe; rotate it: a new key, and this one in ENCRYPTION_KEYS_RETIRED")
	}
	barred, err := s.o.Store.Barred(ctx, worn)
	if err != nil || !barred {
		return err
	}
	return s.lift(ctx, worn)
}

// primaryID is the id of the key that seals, as text.
func (r *Ring) primaryID() string { return hex.EncodeToString(r.primary.id[:]) }

// KeyState is what is known about a former key.
type KeyState struct {
	ID     string
	Items  int64 // entries that still name it, as they were counted last
	Loaded bool
	Known  bool // it was counted
}

// Keys lists the former keys that are loaded or still needed, for the operator.
func (s *Shop) Keys(ctx context.Context) ([]KeyState, error) {
	use, err := s.o.Store.KeyUse(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := s.o.Store.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	var all []KeyState
	for _, id := range former(stored) {
		n, known := use.Items[id]
		if loaded := s.o.Ring.loaded(id) != nil; id != s.o.Ring.primaryID() && (loaded || n > 0) {
			all = append(all, KeyState{ID: id, Items: max(n, 0), Loaded: loaded, Known: known})
		}
	}
	return all, nil
}
