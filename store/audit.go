package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Event is one line of what happened. It holds no code, no digest of a code and no name: Person and Actor are pseudonyms, or
// "system". Kinds and data keys are a closed set, kept by the caller.
type Event struct {
	ID     string            // of the stream; empty before it is written
	At     time.Time         // the shop's time; set when it is written
	Kind   string            // such as ORDER_OPENED
	Order  string            // empty when it concerns none
	Person string            // whose money or card it is; empty for none
	Actor  string            // who did it
	Data   map[string]string // details; keys and values are short
}

// pack is the event as the scripts take it: a JSON array of five strings.
func (e Event) pack() string {
	data := "{}"
	if len(e.Data) > 0 {
		if b, err := json.Marshal(e.Data); err == nil { // keys come out sorted
			data = string(b)
		}
	}
	b, err := json.Marshal([]string{e.Kind, e.Order, e.Person, e.Actor, data})
	if err != nil {
		return `["","","","","{}"]`
	}
	return string(b)
}

// Record writes an event that has no other effect.
func (s *Store) Record(ctx context.Context, e Event) error {
	_, err := s.record(ctx, e, s.keys.switches(), "", "")
	return err
}

// Pause stops selling from a supplier for a reason; an empty reason resumes it. It tells whether that changed anything.
func (s *Store) Pause(ctx context.Context, provider, reason string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.paused(), provider, reason)
}

// Paused reads the paused suppliers and why.
func (s *Store) Paused(ctx context.Context) (map[string]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.paused()).Result()
	if err != nil {
		return nil, fmt.Errorf("read paused suppliers: %w", err)
	}
	return m, nil
}

// SwitchBuying stops buying in the whole shop for a reason; an empty reason opens it again.
func (s *Store) SwitchBuying(ctx context.Context, reason string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.switches(), "closed", reason)
}

func (s *Store) record(ctx context.Context, e Event, hash, field, value string) (bool, error) {
	k := s.keys
	word, _, err := s.word(ctx, "record", []string{k.events(), k.seq(), k.orderEvents(e.Order), k.personEvents(e.Person), hash},
		e.pack(), field, value)
	return word == "ok", err
}

// EventsOfOrder reads a page of the events of an order, newest first; the second result tells whether there are more.
func (s *Store) EventsOfOrder(ctx context.Context, order string, page, size int) ([]Event, bool, error) {
	key := s.keys.orderEvents(order)
	last := int64(-1 - page*size)
	ids, err := s.rdb.LRange(ctx, key, last-int64(size), last).Result()
	if err != nil {
		return nil, false, fmt.Errorf("read event index: %w", err)
	}
	more := len(ids) > size
	if more {
		ids = ids[1:]
	}
	events, err := s.eventsByID(ctx, ids)
	return events, more, err
}

// EventsAfter reads at most n events behind an id of the stream, oldest first; an empty id reads from the start.
func (s *Store) EventsAfter(ctx context.Context, id string, n int) ([]Event, error) {
	from := "-"
	if id != "" {
		from = "(" + id
	}
	list, err := s.rdb.XRangeN(ctx, s.keys.events(), from, "+", int64(n)).Result()
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]Event, len(list))
	for i, m := range list {
		events[i] = parseEvent(m)
	}
	return events, nil
}

func parseEvent(m redis.XMessage) Event {
	text := func(k string) string { t, _ := m.Values[k].(string); return t }
	e := Event{ID: m.ID, At: moment(text("t")), Kind: text("k"), Order: text("o"), Person: text("p"), Actor: text("a")}
	if err := json.Unmarshal([]byte(text("d")), &e.Data); err != nil {
		e.Data = map[string]string{"unreadable": strconv.Itoa(len(text("d")))}
	}
	return e
}

// Head is how far the record is linked.
type Head struct {
	Hash string // hex; empty at the start
	ID   string // of the last linked event
	Seq  int64  // linked events
	At   time.Time

	Indexed string // id of the last event in the indexes by group, actor and kind
	Gone    int64  // how many linked entries were archived and removed
	Base    string // where the record begins, as Archive was told; empty for the shop's first entry
}

// Head reads the last link.
func (s *Store) Head(ctx context.Context) (Head, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.head()).Result()
	if err != nil {
		return Head{}, fmt.Errorf("read head: %w", err)
	}
	return Head{Hash: m["head"], ID: m["id"], Seq: number(m["seq"]), At: moment(m["at"]), Indexed: m["ix"], Base: m["base"], Gone: number(m["gone"])}, nil
}

// Link moves the head on by the events whose macs are given, if it still is from. It returns ErrStale otherwise. Without new events
// it renews the time of the link.
func (s *Store) Link(ctx context.Context, from, to Head, macs [][]byte) error {
	args := []any{from.Hash, to.Hash, to.ID, to.Seq}
	for _, m := range macs {
		args = append(args, m)
	}
	word, _, err := s.word(ctx, "link", []string{s.keys.head(), s.keys.macs()}, args...)
	if err != nil {
		return err
	}
	if word != "ok" {
		return ErrStale
	}
	return nil
}

// NamePerson keeps who is behind a pseudonym.
func (s *Store) NamePerson(ctx context.Context, pseudonym string, user int64) error {
	if err := s.rdb.HSet(ctx, s.keys.people(), pseudonym, user).Err(); err != nil {
		return fmt.Errorf("name person: %w", err)
	}
	return nil
}

// Person reads who is behind a pseudonym. It returns ErrNotFound when the entry is gone.
func (s *Store) Person(ctx context.Context, pseudonym string) (int64, error) {
	v, err := s.rdb.HMGet(ctx, s.keys.people(), pseudonym).Result()
	if err != nil {
		return 0, fmt.Errorf("read person: %w", err)
	}
	text, ok := v[0].(string)
	if !ok {
		return 0, ErrNotFound
	}
	return number(text), nil
}
