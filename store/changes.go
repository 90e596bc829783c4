package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// How a moment is caught while the shop goes on.
const (
	cutOrders = 400  // orders read in one transaction
	cutTries  = 2000 // transactions; each catches the moment unless a further order moved since the former
)

// errRestless means that no moment could be caught.
var errRestless = errors.New("orders changed faster than they could be read")

// Changes reads what happened behind a mark and returns the moment it reaches: exactly that one, and nothing of later.
//
// The record names every order that changed, because each step writes its event together with its effect. So the events behind the mark
// are read, and the orders they name as they are now. That is repeated until few are left; those few are read in one transaction together
// with the end of the record. When the record names no order there that was not read along, the moment is caught: whatever was read
// before has not changed since. It returns ErrForked when Redis does not continue the mark.
func (s *Store) Changes(ctx context.Context, from Mark, out func(text []byte) error) (Mark, error) {
	if err := s.continues(ctx, from); err != nil {
		return Mark{}, err
	}
	c := &changes{store: s, out: out, at: from.Event, dirty: map[string]bool{}, people: map[string]bool{}}
	if err := c.catchUp(ctx); err != nil {
		return Mark{}, err
	}
	to, err := c.cut(ctx)
	if err != nil {
		return Mark{}, err
	}
	if to.Booked < from.Booked || to.Linked < from.Linked {
		return Mark{}, ErrForked
	}
	if err := s.copyMacs(ctx, from.Linked, to.Linked, out); err != nil {
		return Mark{}, err
	}
	if err := s.copyBooked(ctx, from.Booked, to.Booked, out); err != nil {
		return Mark{}, err
	}
	return to, errors.Join(c.copyPeople(ctx), s.copyTerms(ctx, out))
}

// continues tells whether Redis still knows the mark.
func (s *Store) continues(ctx context.Context, from Mark) error {
	now, err := s.Mark(ctx)
	if err != nil {
		return err
	}
	if now.Seq < from.Seq || now.Booked < from.Booked || now.Linked < from.Linked {
		return ErrForked
	}
	if from.Event == "" {
		return nil
	}
	found, err := s.rdb.XRange(ctx, s.keys.events(), from.Event, from.Event).Result()
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	if len(found) == 0 {
		return ErrForked
	}
	return nil
}

// changes is one reading of what happened behind a mark.
type changes struct {
	store  *Store
	out    sink
	at     string          // the last event read
	dirty  map[string]bool // orders that events named since they were read
	people map[string]bool // pseudonyms met
}

// note takes events over and returns the orders they name.
func (c *changes) note(list []redis.XMessage) ([]string, error) {
	var orders []string
	for _, m := range list {
		e := parseEvent(m)
		if e.Order != "" {
			orders = append(orders, e.Order)
		}
		c.people[e.Person], c.people[e.Actor] = true, true
		c.at = m.ID
	}
	return orders, putEntries(c.out, "event", "events", list)
}

func (c *changes) after() string {
	if c.at == "" {
		return "-"
	}
	return "(" + c.at
}

// catchUp reads events and orders, each by itself, until the end of the record is near.
func (c *changes) catchUp(ctx context.Context) error {
	for {
		list, err := c.store.rdb.XRangeN(ctx, c.store.keys.events(), c.after(), "+", eventPage).Result()
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		orders, err := c.note(list)
		if err != nil {
			return err
		}
		for _, id := range orders {
			c.dirty[id] = true
		}
		if err := c.lighten(ctx); err != nil || len(list) < eventPage {
			return err
		}
	}
}

// lighten reads the orders noted so far when they are too many for one transaction.
func (c *changes) lighten(ctx context.Context) error {
	if len(c.dirty) <= cutOrders {
		return nil
	}
	ids := slices.Sorted(maps.Keys(c.dirty))
	clear(c.dirty)
	return c.store.copyOrders(ctx, ids, c.out)
}

// cut reads the orders that are left and the end of the record in one transaction.
func (c *changes) cut(ctx context.Context) (Mark, error) {
	now, err := c.store.Now(ctx)
	if err != nil {
		return Mark{}, err
	}
	for range cutTries {
		t := c.ask(ctx, slices.Sorted(maps.Keys(c.dirty)))
		orders, err := c.note(t.news.Val())
		if err := errors.Join(t.err, err); err != nil {
			return Mark{}, err
		}
		if len(t.news.Val()) < eventPage && !slices.ContainsFunc(orders, func(id string) bool { return !c.dirty[id] }) {
			return t.put(c.out, now)
		}
		if err := t.putOrders(c.out); err != nil {
			return Mark{}, err
		}
		clear(c.dirty) // they were read now; those that moved last are read along next time too: they move again soon
		for _, id := range orders {
			c.dirty[id] = true
		}
		if err := c.lighten(ctx); err != nil {
			return Mark{}, err
		}
	}
	return Mark{}, errRestless
}

// tally is one transaction: a moment, and all that may have changed shortly before it.
type tally struct {
	moments

	news   *redis.XMessageSliceCmd
	orders []orderCopy
	wholes map[string]*redis.MapStringStringCmd
	fence  *redis.StringCmd
	count  *redis.StringCmd // of customer numbers given
	err    error
}

// wholes are small hashes that are read whole with every moment.
func (s *Store) wholes() map[string]string {
	k := s.keys
	return map[string]string{"groups": k.groups(), "linked": k.linked(), "moved": k.moved(), "paused": k.paused(), "switches": k.switches(),
		"ring": k.ring(), "prices": k.prices(), "products": k.products(), "deposits": k.deposits(), "estimates": k.estimates()}
}

func (c *changes) ask(ctx context.Context, ids []string) tally {
	s, t := c.store, tally{wholes: map[string]*redis.MapStringStringCmd{}}
	_, t.err = s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		t.moments = s.askMoment(ctx, p)
		t.news = p.XRangeN(ctx, s.keys.events(), c.after(), "+", eventPage)
		for _, id := range ids {
			t.orders = append(t.orders, s.askOrder(ctx, p, id))
		}
		for name, key := range s.wholes() {
			t.wholes[name] = p.HGetAll(ctx, key)
		}
		t.fence, t.count = p.Get(ctx, s.keys.fence()), p.HGet(ctx, s.keys.customers(), "n")
		return nil
	})
	t.err = errors.Join(present(t.err), t.news.Err(), present(t.fence.Err()), present(t.count.Err()))
	return t
}

// putOrders writes the orders of the transaction, as they were at its moment.
func (t tally) putOrders(out sink) error {
	for _, c := range t.orders {
		if err := c.put(out); err != nil {
			return err
		}
	}
	return nil
}

// put writes the caught moment.
func (t tally) put(out sink, now time.Time) (Mark, error) {
	to, err := t.mark(now)
	if err != nil {
		return Mark{}, err
	}
	if err := t.putOrders(out); err != nil {
		return Mark{}, err
	}
	for name, hash := range t.wholes {
		if err := errors.Join(hash.Err(), out.put(line{T: "whole", K: name, V: fieldsOf(hash.Val())})); err != nil {
			return Mark{}, err
		}
	}
	if n := t.count.Val(); n != "" {
		if err := out.put(line{T: "hash", K: "customers", V: bytesOf("n", n)}); err != nil {
			return Mark{}, err
		}
	}
	return to, errors.Join(
		out.put(line{T: "whole", K: "head", V: fieldsOf(t.head.Val())}),
		out.put(line{T: "text", K: "seq", V: bytesOf(strconv.FormatInt(to.Seq, 10))}),
		out.put(line{T: "text", K: "fence", V: bytesOf(strconv.FormatInt(number(t.fence.Val()), 10))}))
}

// copyPeople copies who is behind the pseudonyms met, and their customer numbers.
func (c *changes) copyPeople(ctx context.Context) error {
	k := c.store.keys
	for names := range slices.Chunk(slices.Sorted(maps.Keys(c.people)), copyPage) {
		users, err := c.store.rdb.HMGet(ctx, k.people(), names...).Result()
		if err != nil {
			return fmt.Errorf("read people: %w", err)
		}
		var people, numbers, customers, known []string
		for i, u := range users {
			if user, ok := u.(string); ok {
				people, known = append(people, names[i], user), append(known, user)
			}
		}
		if len(known) == 0 {
			continue
		}
		given, err := c.store.rdb.HMGet(ctx, k.numbers(), known...).Result()
		if err != nil {
			return fmt.Errorf("read customers: %w", err)
		}
		for i, g := range given {
			if n, ok := g.(string); ok {
				numbers, customers = append(numbers, known[i], n), append(customers, n, known[i])
			}
		}
		for key, v := range map[string][]string{"people": people, "numbers": numbers, "customers": customers} {
			if len(v) == 0 {
				continue
			}
			if err := c.out.put(line{T: "hash", K: key, V: bytesOf(v...)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyBooked copies ledger entries by the order in which they were booked. They never change.
func (s *Store) copyBooked(ctx context.Context, from, to int64, out sink) error {
	for at := from; at < to; at += copyPage {
		ids, err := s.rdb.LRange(ctx, s.keys.booked(), at, min(at+copyPage, to)-1).Result()
		if err != nil || len(ids) == 0 {
			return errors.Join(err, errors.New("read booked entries: some are missing"))
		}
		lines, err := s.rdb.HMGet(ctx, s.keys.ledger(), ids...).Result()
		if err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		v := make([][]byte, 0, 2*len(ids))
		for i, id := range ids {
			text, ok := lines[i].(string)
			if !ok {
				return fmt.Errorf("read ledger: entry %s is missing", id)
			}
			v = append(v, []byte(id), []byte(text))
		}
		if err := out.put(line{T: "booked", N: at, V: v}); err != nil {
			return err
		}
	}
	return nil
}
