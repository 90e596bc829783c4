package checkout

import (
	"context"
	"slices"

	"cardrop/providers"
	"cardrop/store"
)

// Preview is what a person should know before deciding about a placement. It holds no code.
type Preview struct {
	Place    store.Placement
	Numbered bool   // the supplier's orders have ids
	Shown    int    // of a review: cards that a release would show
	There    int    // cards there are to choose from
	Typed    bool   // an admin entered them
	Reread   bool   // an answer that could not be read before can be read now
	Reason   string // why it stands where it stands, as the record says; may be empty
}

// Preview reads what a decision about one placement would do. It returns ErrNotFound, and for a review ErrKeyMissing or ErrTampered when
// its cards do not open.
func (s *Shop) Preview(ctx context.Context, order string, k int) (Preview, error) {
	o, p, err := s.part(ctx, order, k)
	if err != nil {
		return Preview{}, err
	}
	_, numbered := s.suppliers[p.Provider].(providers.Numbered)
	v := Preview{Place: p, Numbered: numbered}
	if v.Reason, err = s.reason(ctx, order, k); err != nil || p.State != store.Review {
		return v, err
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return Preview{}, err
	}
	g, err := s.choose(ctx, o, p, snap.SKU)
	if err != nil {
		return Preview{}, err
	}
	v.Shown, v.There, v.Typed, v.Reread = len(g.cards), g.there, g.typed, g.reread
	return v, nil
}

// reason is why a placement stands where it stands: of its newest event that says so.
func (s *Shop) reason(ctx context.Context, order string, k int) (string, error) {
	events, _, err := s.o.Store.EventsOfOrder(ctx, order, 0, 50)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(events, func(e store.Event) bool {
		return e.Kind == EventPlacement && e.Data["placement"] == itoa(k) && e.Data["reason"] != ""
	})
	if i < 0 {
		return "", nil
	}
	return events[i].Data["reason"], nil
}

// CheckNote tells whether a text may be kept as a note about an order: plain, short and without a code of it. It returns ErrNote, or
// ErrNotFound.
func (s *Shop) CheckNote(ctx context.Context, order, text string) error {
	o, err := s.Order(ctx, order, 0)
	if err != nil {
		return err
	}
	_, err = s.note(ctx, o, text, true)
	return err
}
