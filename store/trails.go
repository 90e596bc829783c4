package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Trail chooses one way through the record: the events of an order, of a person, of a group, by an actor, of a kind, or, when it is the
// zero value, all of them. At most one field is set.
type Trail struct {
	Order  string
	Person string // pseudonym
	Group  string // pseudonym: what concerns the group, and all that happened to orders it pays
	Actor  string // pseudonym
	Kind   string
}

// Step is an event on a trail, and the cursor with which the way back goes on behind it.
type Step struct {
	Event
	Next string
}

// index is the list a trail is kept in; empty for the whole record.
func (s *Store) index(t Trail) string {
	switch {
	case t.Order != "":
		return s.keys.orderEvents(t.Order)
	case t.Person != "":
		return s.keys.personEvents(t.Person)
	case t.Group != "":
		return s.keys.groupEvents(t.Group)
	case t.Actor != "":
		return s.keys.actorEvents(t.Actor)
	case t.Kind != "":
		return s.keys.kindEvents(t.Kind)
	}
	return ""
}

// EventsBefore reads at most n events of a trail, newest first; an empty cursor begins at the newest. At the end it returns none. A cursor
// keeps its place while new events come. Groups, actors and kinds are indexed when an event is linked, about a second after it was
// written.
func (s *Store) EventsBefore(ctx context.Context, t Trail, cursor string, n int) ([]Step, error) {
	if strings.Trim(cursor, "0123456789-") != "" {
		return nil, fmt.Errorf("read events: %q is no cursor", cursor)
	}
	key := s.index(t)
	if key == "" {
		return s.streamBefore(ctx, cursor, n)
	}
	end := number(cursor)
	if cursor == "" {
		size, err := s.rdb.LLen(ctx, key).Result()
		if err != nil {
			return nil, fmt.Errorf("read event index: %w", err)
		}
		end = size
	}
	if end < 1 {
		return nil, nil
	}
	from := max(0, end-int64(n))
	ids, err := s.rdb.LRange(ctx, key, from, end-1).Result()
	if err != nil {
		return nil, fmt.Errorf("read event index: %w", err)
	}
	events, err := s.eventsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, len(events))
	for i, e := range events {
		steps[i] = Step{e, strconv.FormatInt(end-int64(i)-1, 10)}
	}
	return steps, nil
}

// eventsByID reads events, the last id first.
func (s *Store) eventsByID(ctx context.Context, ids []string) ([]Event, error) {
	answers := make([]*redis.XMessageSliceCmd, len(ids))
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			answers[i] = p.XRange(ctx, s.keys.events(), id, id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]Event, len(ids))
	for i := range ids {
		events[i].ID = ids[len(ids)-1-i] // an entry that is gone leaves its number
		for _, m := range answers[len(ids)-1-i].Val() {
			events[i] = parseEvent(m)
		}
	}
	return events, nil
}

// streamBefore reads the whole record backwards; its cursors are ids.
func (s *Store) streamBefore(ctx context.Context, cursor string, n int) ([]Step, error) {
	end := "+"
	if cursor != "" {
		end = "(" + cursor
	}
	list, err := s.rdb.XRevRangeN(ctx, s.keys.events(), end, "-", int64(n)).Result()
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	steps := make([]Step, len(list))
	for i, m := range list {
		steps[i] = Step{parseEvent(m), m.ID}
	}
	return steps, nil
}

// Before is a cursor of the whole record from which on every event is older than a time. Ids carry the time of Redis, so that with a clock
// set forward it begins too late in the record, never too early.
func Before(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) + "-0" }

// Index adds linked events to the indexes by group, actor and kind, if these still reach to from. It returns ErrStale otherwise. groups are
// the pseudonyms of the groups that the events concern, in their order, empty for none.
func (s *Store) Index(ctx context.Context, from string, events []Event, groups []string) error {
	lists := filing{ids: map[string][]string{}}
	for i, e := range events {
		s.file(&lists, e, groups[i])
	}
	args := append([]any{from, events[len(events)-1].ID}, lists.args()...)
	word, _, err := s.word(ctx, "index", append([]string{s.keys.head()}, lists.keys...), args...)
	if err != nil {
		return err
	}
	if word != "ok" {
		return ErrStale
	}
	return nil
}

// GroupAccounts lists the wallets of all chats that are or were resellers.
func (s *Store) GroupAccounts(ctx context.Context) ([]string, error) {
	list, err := s.rdb.HVals(ctx, s.keys.groups()).Result()
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// OrderAccounts reads which accounts pay for orders; empty for an order that is not known.
func (s *Store) OrderAccounts(ctx context.Context, ids []string) ([]string, error) {
	answers := make([]*redis.StringCmd, len(ids))
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			answers[i] = p.HGet(ctx, s.keys.order(id), "acct")
		}
		return nil
	})
	if err != nil && !absent(err) {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	list := make([]string, len(ids))
	for i, a := range answers {
		list[i] = a.Val()
	}
	return list, nil
}
