package checkout

import (
	"cmp"
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
	if err == nil {
		err = s.index(ctx, head)
	}
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
		next, links, err := s.chain(head, events)
		if err != nil {
			return head, err
		}
		macs := make([][]byte, len(links))
		for i, l := range links {
			macs[i] = l.mac
		}
		if err := s.o.Store.Link(ctx, head, next, macs); err != nil {
			return head, err
		}
		if len(events) < linkBatch {
			return next, nil
		}
	}
}

// index lets linked events be found by group, actor and kind. A record that was begun before these indexes is caught up with by and by.
func (s *Shop) index(ctx context.Context, head store.Head) error {
	for from := head.Indexed; from != head.ID; {
		events, err := s.o.Store.EventsAfter(ctx, from, linkBatch)
		if err != nil || len(events) == 0 {
			return err
		}
		groups, err := s.groupsOf(ctx, events)
		if err != nil {
			return err
		}
		if err := s.o.Store.Index(ctx, from, events, groups); err != nil {
			return err
		}
		if from = events[len(events)-1].ID; len(events) < linkBatch {
			return nil
		}
	}
	return nil
}

// groupsOf names the group that each event concerns by its pseudonym: because it is the event's person, or because it pays for the order.
func (s *Shop) groupsOf(ctx context.Context, events []store.Event) ([]string, error) {
	accounts, err := s.o.Store.GroupAccounts(ctx)
	if err != nil {
		return nil, err
	}
	byPerson, byAccount := map[string]string{}, map[string]string{}
	for _, a := range accounts {
		p := s.o.Ring.Pseudonym(store.Group{Account: a}.ID())
		byPerson[p], byAccount[a] = p, p
	}
	var orders []string
	for _, e := range events {
		if e.Order != "" {
			orders = append(orders, e.Order)
		}
	}
	pays, err := s.o.Store.OrderAccounts(ctx, orders)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = byPerson[e.Person]
		if e.Order != "" {
			list[i] = cmp.Or(list[i], byAccount[pays[0]])
			pays = pays[1:]
		}
	}
	return list, nil
}

// link is one event in the chain: its mac, and the head behind it.
type link struct {
	mac []byte
	sum []byte
}

// chain computes the head behind a run of events, and the link of each.
func (s *Shop) chain(head store.Head, events []store.Event) (store.Head, []link, error) {
	sum, err := hex.DecodeString(head.Hash)
	if err != nil {
		return store.Head{}, nil, fmt.Errorf("read head: %w", err)
	}
	links := make([]link, 0, len(events))
	for _, e := range events {
		entry, err := canonical(e)
		if err != nil {
			return store.Head{}, nil, err
		}
		m := hmac.New(sha256.New, s.o.Ring.auditMAC)
		m.Write(entry)
		l := link{mac: m.Sum(nil)}
		l.sum = headBehind(sum, entry, l.mac)
		links, sum = append(links, l), l.sum
		head.ID, head.Seq = e.ID, head.Seq+1
	}
	head.Hash = hex.EncodeToString(sum)
	return head, links, nil
}

// headBehind is the head behind one entry.
func headBehind(head, entry, mac []byte) []byte {
	h := sha256.New()
	h.Write(head)
	h.Write(entry)
	h.Write(mac)
	return h.Sum(nil)
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
	Why string // altered, missing, head or checkpoint
}

// Error names the place.
func (e *BadEntry) Error() string {
	return fmt.Sprintf("record does not hold at entry %d (%s): %s", e.Seq, e.ID, e.Why)
}
