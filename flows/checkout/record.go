package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cardrop/store"
)

// linkBatch is how many entries are chained in one step.
const linkBatch = 500

// Notarize chains the entries that came since the last call: mac each, head over all, and writes the head down outside of Redis. It is
// called every second; one process does it at a time. Buying and showing stop when nobody does. After Redis went back in time it goes
// on, so that cards can be shown, but what was written down before stays.
func (s *Shop) Notarize(ctx context.Context) error {
	held, err := s.o.Store.TakeLease(ctx, "notary", 3*time.Second)
	if err != nil || !held {
		return err
	}
	trouble := s.CheckHistory(ctx)
	if trouble != nil && !errors.Is(trouble, ErrWentBack) && !errors.Is(trouble, errUnseen) {
		return trouble
	}
	head, err := s.link(ctx)
	switch {
	case errors.Is(err, store.ErrStale):
		return trouble // another process linked in between; it holds the duty now
	case err != nil || trouble != nil:
		return errors.Join(trouble, err)
	}
	return s.sight(ctx, head)
}

// link chains what is not linked yet and returns the new head.
func (s *Shop) link(ctx context.Context) (store.Head, error) {
	for {
		head, err := s.o.Store.Head(ctx)
		if err != nil {
			return head, err
		}
		events, err := s.o.Store.EventsAfter(ctx, head.ID, linkBatch)
		if err != nil {
			return head, err
		}
		next, macs, err := s.chain(head, events)
		if err != nil {
			return head, err
		}
		if err := s.o.Store.Link(ctx, head, next, macs); err != nil {
			return head, err
		}
		if len(events) < linkBatch {
			return next, nil
		}
	}
}

// chain computes the head behind a run of events, and their macs.
func (s *Shop) chain(head store.Head, events []store.Event) (store.Head, [][]byte, error) {
	sum, err := hex.DecodeString(head.Hash)
	if err != nil {
		return store.Head{}, nil, fmt.Errorf("read head: %w", err)
	}
	macs := make([][]byte, 0, len(events))
	for _, e := range events {
		entry, err := canonical(e)
		if err != nil {
			return store.Head{}, nil, err
		}
		m := hmac.New(sha256.New, s.o.Ring.auditMAC)
		m.Write(entry)
		macs = append(macs, m.Sum(nil))
		h := sha256.New()
		h.Write(sum)
		h.Write(entry)
		h.Write(macs[len(macs)-1])
		sum = h.Sum(nil)
		head.ID, head.Seq = e.ID, head.Seq+1
	}
	head.Hash = hex.EncodeToString(sum)
	return head, macs, nil
}

// canonical is the one encoding of an entry that macs and heads are computed over.
func canonical(e store.Event) ([]byte, error) {
	data, err := json.Marshal(e.Data) // keys are sorted
	if err != nil {
		return nil, fmt.Errorf("encode entry %s: %w", e.ID, err)
	}
	return bind("cardrop/entry/v1", e.ID, strconv.FormatInt(e.At.UnixMilli(), 10), e.Kind, e.Order, e.Person, e.Actor, string(data)), nil
}

// BadEntry is the first place where the record does not hold.
type BadEntry struct {
	Seq int64  // from 1
	ID  string // of the entry found there; empty when it is missing
	Why string // altered, missing or head
}

// Error names the place.
func (e *BadEntry) Error() string {
	return fmt.Sprintf("record does not hold at entry %d (%s): %s", e.Seq, e.ID, e.Why)
}

// VerifyRecord recomputes the whole chain. It returns the head it proves, or *BadEntry for the first entry that was altered, moved,
// added or is missing.
func (s *Shop) VerifyRecord(ctx context.Context) (store.Head, error) {
	want, err := s.o.Store.Head(ctx)
	if err != nil {
		return store.Head{}, err
	}
	var at store.Head
	for at.Seq < want.Seq {
		n := min(linkBatch, want.Seq-at.Seq)
		events, err := s.o.Store.EventsAfter(ctx, at.ID, int(n))
		if err != nil {
			return store.Head{}, err
		}
		kept, err := s.o.Store.Macs(ctx, at.Seq, n)
		if err != nil {
			return store.Head{}, err
		}
		next, macs, err := s.chain(at, events)
		if err != nil {
			return store.Head{}, err
		}
		for i := range int(n) {
			switch {
			case i >= len(macs):
				return at, &BadEntry{Seq: at.Seq + int64(i) + 1, Why: "missing"}
			case i >= len(kept) || !hmac.Equal(macs[i], kept[i]):
				return at, &BadEntry{Seq: at.Seq + int64(i) + 1, ID: events[i].ID, Why: "altered"}
			}
		}
		at = next
	}
	if at.Hash != want.Hash {
		return at, &BadEntry{Seq: at.Seq, ID: at.ID, Why: "head"}
	}
	return want, nil
}
