package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Why nothing is bought while a backup is being put back, and until a person has looked.
const (
	refilling = "restoring"
	unlooked  = "went_back" // the cause that accepting the history lifts
)

// refillBatch is how many commands go to Redis at once.
const refillBatch = 1000

// What keeps a backup from being put back.
var (
	// ErrOccupied is a shop that is not empty; nothing was written.
	ErrOccupied = errors.New("redis already holds this shop")
	// ErrBadLine is a line that no backup of this program has.
	ErrBadLine = errors.New("line of a backup cannot be read")
)

// Refill puts a backup back, line by line in their order: those of Copy, then those of Changes, once for each moment.
type Refill struct {
	s       *Store
	p       redis.Pipeliner
	fresh   []booking        // of entries whose write is under way
	opened  []string         // orders opened behind the copy, in their order
	moved   map[string]int64 // orders that went over to another account behind it, and whose they were
	sums    map[string]int64 // by account
	now     time.Time
	entries int64
	gone    string // how many linked entries the record of the copy had lost to the archive; empty until its first mac
}

// booking is a ledger entry that counts when it was not there yet.
type booking struct {
	written *redis.BoolCmd
	entry   Entry
}

// Refilled is what was put back.
type Refilled struct {
	Entries int64 // of the ledger
	Open    int   // orders that are not final
	Asked   int   // placements that nobody had asked for yet, as far as the backup knows: they are in doubt now
}

// Refill begins. The shop has to be empty, or to be what a refill left that was broken off: that is removed. Nothing is bought from the
// first write on until a person has accepted what is there. It returns ErrOccupied.
func (s *Store) Refill(ctx context.Context) (*Refill, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.clear(ctx); err != nil {
		return nil, err
	}
	if err := s.rdb.HSet(ctx, s.keys.switches(), refilling, "1", unlooked, "1").Err(); err != nil {
		return nil, fmt.Errorf("begin refill: %w", err)
	}
	return &Refill{s: s, p: s.rdb.Pipeline(), sums: map[string]int64{}, moved: map[string]int64{}, now: now}, nil
}

// Vacant returns ErrOccupied unless the shop is empty, or is what a refill left that was broken off.
func (s *Store) Vacant(ctx context.Context) error {
	broken, err := s.Barred(ctx, refilling)
	if err != nil || broken {
		return err
	}
	return s.each(ctx, func([]string) error { return ErrOccupied })
}

// clear removes what a broken refill left.
func (s *Store) clear(ctx context.Context) error {
	if err := s.Vacant(ctx); err != nil {
		return err
	}
	mark := s.keys.switches() // goes last: a clearing that was broken off goes on
	err := s.each(ctx, func(names []string) error {
		for _, key := range names {
			if key == mark {
				continue
			}
			if err := s.rdb.Unlink(ctx, key).Err(); err != nil {
				return fmt.Errorf("clear shop: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.rdb.Unlink(ctx, s.keys.switches()).Err(); err != nil {
		return fmt.Errorf("clear shop: %w", err)
	}
	return nil
}

// each walks the names of the shop's keys.
func (s *Store) each(ctx context.Context, do func(names []string) error) error {
	node, err := s.node(ctx)
	if err != nil {
		return err
	}
	for cursor := uint64(0); ; {
		names, next, err := node.Scan(ctx, cursor, s.keys.at("*"), copyPage).Result()
		if err != nil {
			return fmt.Errorf("walk keys: %w", err)
		}
		if len(names) > 0 {
			if err := do(names); err != nil {
				return err
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// Put writes one line. It returns ErrBadLine.
func (r *Refill) Put(ctx context.Context, text []byte) error {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return ErrBadLine
	}
	key := r.s.keys.at(l.K)
	var err error
	switch l.T {
	case "hash":
		err = r.hash(ctx, key, l)
	case "list":
		if key == r.s.keys.macs() && r.gone == "" {
			r.gone = strconv.FormatInt(l.N, 10)
		}
		if l.N == 0 {
			r.p.Del(ctx, key)
		}
		push(len(l.V), func(args []any) { r.p.RPush(ctx, key, args...) }, l.V)
	case "zset":
		err = pairwise(l.V, func(member, score string) error { return r.add(ctx, key, member, score) })
	case "set":
		push(len(l.V), func(args []any) { r.p.SAdd(ctx, key, args...) }, l.V)
	case "text":
		if len(l.V) != 1 {
			return ErrBadLine
		}
		r.p.Set(ctx, key, l.V[0], 0)
	case "stream", "event":
		err = r.event(ctx, key, l)
	case "booked":
		err = pairwise(l.V, func(id, entry string) error { r.book(ctx, id, entry); return nil })
	case "order":
		err = r.order(ctx, l)
	case "whole":
		r.p.Del(ctx, key)
		err = r.hash(ctx, key, l)
		if l.K == "switches" {
			r.p.HSet(ctx, key, refilling, "1", unlooked, "1")
		}
	default:
		return ErrBadLine
	}
	if err == nil && r.p.Len() >= refillBatch {
		err = r.flush(ctx)
	}
	return err
}

// push hands over the values of a line, if there are any.
func push(n int, write func(args []any), values [][]byte) {
	if n == 0 {
		return
	}
	args := make([]any, n)
	for i, v := range values {
		args[i] = v
	}
	write(args)
}

func pairwise(values [][]byte, do func(a, b string) error) error {
	if len(values)%2 != 0 {
		return ErrBadLine
	}
	for i := 0; i < len(values); i += 2 {
		if err := do(string(values[i]), string(values[i+1])); err != nil {
			return err
		}
	}
	return nil
}

// hash writes fields; those of the ledger count towards the balances.
func (r *Refill) hash(ctx context.Context, key string, l line) error {
	if l.K == "ledger" {
		return pairwise(l.V, func(id, text string) error { r.enter(ctx, id, text); return nil })
	}
	if len(l.V)%2 != 0 {
		return ErrBadLine
	}
	push(len(l.V), func(args []any) { r.p.HSet(ctx, key, args...) }, l.V)
	return nil
}

// enter writes a ledger entry. Redis tells whether it is new, so that none counts twice.
func (r *Refill) enter(ctx context.Context, id, text string) Entry {
	e := parseEntry(id, text)
	r.fresh = append(r.fresh, booking{written: r.p.HSetNX(ctx, r.s.keys.ledger(), id, text), entry: e})
	return e
}

// book writes an entry that was booked behind the copy: also at the end of the order of booking and of the statements. The copy of a
// statement may have it already.
func (r *Refill) book(ctx context.Context, id, text string) {
	e := r.enter(ctx, id, text)
	r.p.RPush(ctx, r.s.keys.booked(), id)
	for _, account := range []string{e.From, e.To} {
		if hasStatement(account) == "1" {
			r.p.LRem(ctx, r.s.keys.statement(account), -1, id)
			r.p.RPush(ctx, r.s.keys.statement(account), id)
		}
	}
	if order, ok := strings.CutSuffix(id, ":hold"); ok {
		r.opened = append(r.opened, order)
	}
}

func (r *Refill) add(ctx context.Context, key, member, score string) error {
	n, err := strconv.ParseFloat(score, 64)
	if err != nil {
		return ErrBadLine
	}
	r.p.ZAdd(ctx, key, redis.Z{Score: n, Member: member})
	return nil
}

// event appends an entry of a stream; one of the record behind the copy also to its indexes, which may have it already.
func (r *Refill) event(ctx context.Context, key string, l line) error {
	if len(l.V)%2 != 1 {
		return ErrBadLine
	}
	id, values := string(l.V[0]), map[string]any{}
	if err := pairwise(l.V[1:], func(field, value string) error { values[field] = value; return nil }); err != nil {
		return err
	}
	r.p.XAdd(ctx, &redis.XAddArgs{Stream: key, ID: id, Values: values})
	if l.T == "stream" {
		return nil
	}
	e := parseEvent(redis.XMessage{ID: id, Values: values})
	for _, key := range r.s.eventIndexes(e) {
		r.p.LRem(ctx, key, -1, id)
		r.p.RPush(ctx, key, id)
	}
	return nil
}

// eventIndexes are the lists that name an event.
func (s *Store) eventIndexes(e Event) []string {
	var lists []string
	if e.Order != "" {
		lists = append(lists, s.keys.orderEvents(e.Order))
	}
	if e.Person != "" {
		lists = append(lists, s.keys.personEvents(e.Person))
	}
	return lists
}
