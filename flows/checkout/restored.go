package checkout

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cardrop/store"
)

// CheckRing tells whether keys open the shop's own keys as a backup holds them, before anything of it is put back. It returns ErrWrongKey,
// also for another mode or shop name.
func CheckRing(stored map[string]string, o RingOptions) error {
	r := &Ring{mode: o.Mode, shop: o.Shop, keys: map[[keyIDSize]byte]*masterKey{}}
	if err := r.load(o); err != nil {
		return err
	}
	if err := r.recognize(stored); err != nil {
		return err
	}
	for name, wrapped := range stored {
		if key, ok := strings.CutPrefix(name, "wrap:"); ok {
			if _, err := r.unwrap(key, wrapped); err != nil {
				return err
			}
		}
	}
	return nil
}

// Restored records that the shop's history was put back from a backup that reaches a time and an entry of the record. Buying stays
// stopped until somebody has compared and accepts it: what came behind is not known here, and may have been sold.
func (s *Shop) Restored(ctx context.Context, until time.Time, entry int64) error {
	if _, err := s.o.Store.Bar(ctx, wentBack, true, switched(wentBack)); err != nil {
		return err
	}
	err := s.o.Store.Record(ctx, store.Event{Kind: EventRestored, Actor: console,
		Data: map[string]string{"until": itoa(until.UnixMilli()), "entry": itoa(entry)}})
	if err != nil {
		return fmt.Errorf("record restore: %w", err)
	}
	return nil
}
