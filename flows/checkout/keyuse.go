package checkout

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cardrop/store"
)

// scanSize is how many keys of Redis one step of a walk over the vaults looks at.
const scanSize = 1000

// NeededError is a start without a key that something is still sealed under. It is an ErrWrongKey; nothing was written.
type NeededError struct {
	Key   string // its id, as it stands in every sealed entry
	Cards int64  // sealed entries that name it, quarantined ones included
	Keys  int64  // of the shop's own keys
}

// Error says how much needs the key, and what to do.
func (e *NeededError) Error() string {
	return fmt.Sprintf("a former encryption key (id %s) is missing, and %d sealed cards and %d of the shop's own keys still need it; put it "+
		"back into ENCRYPTION_KEYS_RETIRED and leave it there until /readyz says that nothing is sealed under it", e.Key, e.Cards, e.Keys)
}

// Unwrap makes it an ErrWrongKey.
func (e *NeededError) Unwrap() error { return ErrWrongKey }

// keyIn is the id of the key that sealed an entry; empty for what is no sealed entry.
func keyIn(blob []byte) string {
	if len(blob) < 1+keyIDSize || blob[0] != sealVersion {
		return ""
	}
	return hex.EncodeToString(blob[1 : 1+keyIDSize])
}

// wrappedUnder counts the shop's own keys by the key that wraps them.
func wrappedUnder(stored map[string]string) map[string]int64 {
	count := map[string]int64{}
	for name, value := range stored {
		if strings.HasPrefix(name, "wrap:") && len(value) >= keyIDSize {
			count[hex.EncodeToString([]byte(value[:keyIDSize]))]++
		}
	}
	return count
}

// former lists the ids of the keys that ever were primary here, in their order.
func former(stored map[string]string) []string {
	var ids []string
	for name := range stored {
		if id, ok := strings.CutPrefix(name, "check:"); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// loaded finds a key by the text of its id.
func (r *Ring) loaded(id string) *masterKey {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != keyIDSize {
		return nil
	}
	return r.keys[[keyIDSize]byte(raw)]
}

// missed looks at the keys that sealed here once and are not loaded. It returns those whose absence is new, and *NeededError for one that
// something is still sealed under. It writes nothing.
func (r *Ring) missed(ctx context.Context, stored map[string]string) (fresh []string, err error) {
	for _, id := range former(stored) {
		if r.loaded(id) != nil {
			continue
		}
		if raw, err := hex.DecodeString(id); err == nil && len(raw) == keyIDSize {
			r.dropped[[keyIDSize]byte(raw)] = true
		}
		if stored["dropped:"+id] == "" {
			fresh = append(fresh, id)
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	cards, err := r.census(ctx)
	if err != nil {
		return nil, fmt.Errorf("open ring: %w", err)
	}
	keys := wrappedUnder(stored)
	for _, id := range fresh {
		if cards[id]+keys[id] > 0 {
			return nil, &NeededError{Key: id, Cards: cards[id], Keys: keys[id]}
		}
	}
	return fresh, nil
}

// census counts all sealed entries by their keys, in one go.
func (r *Ring) census(ctx context.Context) (map[string]int64, error) {
	count := map[string]int64{}
	for cursor := uint64(0); ; {
		orders, next, err := r.store.SealedOrders(ctx, cursor, scanSize)
		if err != nil {
			return nil, err
		}
		vaults, err := r.store.Vaults(ctx, orders)
		if err != nil {
			return nil, err
		}
		for _, vault := range vaults {
			for _, v := range vault {
				count[keyIn(v.Bytes)]++
			}
		}
		if cursor = next; cursor == 0 {
			return count, nil
		}
	}
}

// enroll notes since when the primary key seals, before its key check value, and which keys the program runs without from now on. A key
// that was in use before such notes were taken has none and counts as the oldest.
func (r *Ring) enroll(ctx context.Context, stored map[string]string, dropped []string) error {
	for _, id := range dropped {
		e := store.Event{Kind: EventDropped, Actor: system, Data: map[string]string{"key": id}}
		if _, err := r.store.MarkKey(ctx, "dropped:"+id, "1", e); err != nil {
			return fmt.Errorf("open ring: %w", err)
		}
	}
	for _, id := range former(stored) {
		if stored["dropped:"+id] == "" || r.loaded(id) == nil {
			continue
		}
		e := store.Event{Kind: EventDropped, Actor: system, Data: map[string]string{"key": id, "state": "back"}}
		if _, err := r.store.MarkKey(ctx, "dropped:"+id, "", e); err != nil { // dropped again, it is looked for again
			return fmt.Errorf("open ring: %w", err)
		}
	}
	id := r.primaryID()
	if stored["check:"+id] != "" {
		return nil
	}
	now, err := r.store.Now(ctx)
	if err != nil {
		return fmt.Errorf("open ring: %w", err)
	}
	if _, err := r.store.AddKey(ctx, "turn:"+id, []byte(strconv.FormatInt(now.UnixMilli(), 10))); err != nil {
		return fmt.Errorf("open ring: %w", err)
	}
	return nil
}

// newest tells whether the primary key is the one that became primary last. Two processes with different primary keys would otherwise seal
// each other's cards again for ever.
func (r *Ring) newest(stored map[string]string) bool {
	turn := func(id string) int64 { n, _ := strconv.ParseInt(stored["turn:"+id], 10, 64); return n }
	mine := r.primaryID()
	for _, id := range former(stored) {
		if id != mine && turn(id) >= turn(mine) {
			return false
		}
	}
	return true
}

// rewrap wraps the shop's own keys under the primary key again, as far as a retired one wraps them, and returns how many.
func (r *Ring) rewrap(ctx context.Context, stored map[string]string) (int, error) {
	var swaps []store.Swap
	for _, field := range slices.Sorted(maps.Keys(stored)) {
		name, ok := strings.CutPrefix(field, "wrap:")
		if !ok || strings.HasPrefix(stored[field], string(r.primary.id[:])) {
			continue
		}
		plain, err := r.unwrap(name, stored[field])
		if err != nil {
			return 0, err
		}
		swaps = append(swaps, store.Swap{Index: field, Old: []byte(stored[field]), New: r.wrapped(name, plain)})
	}
	return r.store.SwapKeys(ctx, swaps)
}

// reseal seals an order's entries under the primary key that a retired one sealed: the same bytes for the same place, so that the version
// in the associated data stays what the record says. It returns how many entries it replaced, by their former key, and how many do not
// open and stay as they are.
func (r *Ring) reseal(ctx context.Context, order string, vault []store.SealedCard, at func(index string) place) (swapped map[string]int64, unopened int, err error) {
	parts, mine := map[string][]store.Swap{}, r.primaryID()
	for _, v := range vault {
		id := keyIn(v.Bytes)
		if id == mine || r.loaded(id) == nil {
			continue
		}
		plain, err := r.Open(v.Bytes, at(v.Index))
		if err != nil {
			unopened++
			continue
		}
		fresh, err := r.Seal(ctx, plain, at(v.Index))
		if err != nil {
			return nil, unopened, err
		}
		parts[id] = append(parts[id], store.Swap{Index: v.Index, Old: v.Bytes, New: fresh})
	}
	swapped = map[string]int64{}
	for id, swaps := range parts {
		n, err := r.store.SwapSealed(ctx, order, swaps)
		if err != nil {
			return swapped, unopened, err
		}
		swapped[id] = int64(n)
	}
	return swapped, unopened, nil
}
