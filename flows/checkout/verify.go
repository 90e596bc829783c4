package checkout

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"

	"cardrop/store"
)

// VerifyRecord recomputes the whole chain and compares it with every checkpoint that was written down. It returns the head it proves, or
// *BadEntry for the first entry that was altered, moved, added or is missing.
func (s *Shop) VerifyRecord(ctx context.Context) (store.Head, error) {
	points, err := s.checkpoints()
	if err != nil {
		return store.Head{}, err
	}
	return s.verify(ctx, points, func(_, _ int64) {})
}

// verify is VerifyRecord against checkpoints that were read before; told hears after every batch how far it is.
func (s *Shop) verify(ctx context.Context, points []Checkpoint, told func(at, of int64)) (store.Head, error) {
	for {
		want, base, err := s.base(ctx)
		if err != nil {
			return want, err
		}
		at, err := s.verifyFrom(ctx, want, base, points, told)
		if _, bad := errors.AsType[*BadEntry](err); !bad {
			return at, err
		}
		now, wrong := s.o.Store.Head(ctx)
		if wrong != nil || now.Base == want.Base {
			return at, errors.Join(wrong, err)
		} // else a segment was archived meanwhile: what was not there has gone where it belongs
	}
}

// verifyFrom recomputes the chain from where the record begins to a head.
func (s *Shop) verifyFrom(ctx context.Context, want store.Head, base Checkpoint, points []Checkpoint, told func(at, of int64)) (store.Head, error) {
	at, said := base.place(), int64(0)
	for len(points) > 0 && points[0].Seq <= base.Seq {
		points = points[1:]
	}
	for at.Seq < want.Seq {
		n := min(linkBatch, want.Seq-at.Seq)
		events, links, next, err := s.verifyRun(ctx, at, n)
		if err != nil {
			return at, err
		}
		said = cuts(events, said)
		for len(points) > 0 && points[0].Seq <= next.Seq {
			if p := points[0]; hex.EncodeToString(links[p.Seq-at.Seq-1].sum) != p.Head {
				return at, &BadEntry{Seq: p.Seq, ID: p.ID, Why: "checkpoint"}
			}
			points = points[1:]
		}
		at = next
		told(at.Seq, want.Seq)
	}
	switch {
	case at.Hash != want.Hash:
		return at, &BadEntry{Seq: at.Seq, ID: at.ID, Why: "head"}
	case len(points) > 0:
		return at, &BadEntry{Seq: at.Seq + 1, Why: "missing"} // the record was longer when the checkpoint was made
	}
	return want, s.begins(ctx, base, said, want.ID)
}

// verifyRun reads n entries behind at and recomputes their links.
func (s *Shop) verifyRun(ctx context.Context, at store.Head, n int64) ([]store.Event, []link, store.Head, error) {
	events, err := s.o.Store.EventsAfter(ctx, at.ID, int(n))
	if err != nil {
		return nil, nil, at, err
	}
	kept, err := s.o.Store.Macs(ctx, at.Seq, n)
	if err != nil {
		return nil, nil, at, err
	}
	next, links, err := s.chain(at, events)
	if err != nil {
		return nil, nil, at, err
	}
	for i := range int(n) {
		switch {
		case i >= len(links):
			return nil, nil, at, &BadEntry{Seq: at.Seq + int64(i) + 1, Why: "missing"}
		case i >= len(kept) || !hmac.Equal(links[i].mac, kept[i]):
			return nil, nil, at, &BadEntry{Seq: at.Seq + int64(i) + 1, ID: events[i].ID, Why: "altered"}
		}
	}
	return events, links, next, nil
}
