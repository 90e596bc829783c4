package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// How a backup reads.
const (
	copyPage  = 500  // keys, fields or entries of one question
	eventPage = 1000 // events of one question
)

// ErrForked means that Redis does not continue the point from which changes were asked for: it went back in time, or is another one.
var ErrForked = errors.New("redis does not continue this point")

// Mark is a moment in the shop's history: everything up to it, nothing behind it.
type Mark struct {
	Seq    int64     `json:"seq"`    // events written
	Event  string    `json:"event"`  // id of the last one; empty before the first
	Booked int64     `json:"booked"` // ledger entries in the order of booking
	Linked int64     `json:"linked"` // events linked into the record's chain
	Head   string    `json:"head"`   // of the chain, hex
	At     time.Time `json:"at"`     // the shop's time at which it was read
}

// line is one line of a backup. What K and V mean depends on T:
//
//	hash    fields of key K: field, value, …
//	list    entries of key K, from index N on
//	zset    members of key K: member, score, …
//	set     members of key K
//	text    the value of key K
//	stream  one entry of key K: id, field, value, …
//	event   the same of the record, written behind the point from which changes are counted
//	booked  ledger entries in the order of booking, the first with number N: id, entry, …
//	order   order K as a whole: V its fields, S its sealed cards, Z its scores in queues; it replaces what was read before
//	whole   all fields of the hash K; they replace what was read before
//
// Keys stand without the shop's tag, and bytes in base64, so that no version of Redis matters.
type line struct {
	T string   `json:"t"`
	K string   `json:"k,omitempty"`
	N int64    `json:"n,omitempty"`
	V [][]byte `json:"v,omitempty"`
	S [][]byte `json:"s,omitempty"`
	Z [][]byte `json:"z,omitempty"`
}

// sink takes the lines of a backup.
type sink func(text []byte) error

func (out sink) put(l line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode line: %w", err)
	}
	return out(text)
}

// bytesOf turns texts of Redis into bytes, flat.
func bytesOf(texts ...string) [][]byte {
	all := make([][]byte, len(texts))
	for i, t := range texts {
		all[i] = []byte(t)
	}
	return all
}

// fieldsOf is a hash as a flat list.
func fieldsOf(m map[string]string) [][]byte {
	all := make([][]byte, 0, 2*len(m))
	for f, v := range m {
		all = append(all, []byte(f), []byte(v))
	}
	return all
}

// moments are the answers that a Mark is made of; asked for in one transaction.
type moments struct {
	seq    *redis.StringCmd
	last   *redis.XMessageSliceCmd
	booked *redis.IntCmd
	head   *redis.MapStringStringCmd
}

func (s *Store) askMoment(ctx context.Context, p redis.Pipeliner) moments {
	k := s.keys
	return moments{seq: p.Get(ctx, k.seq()), last: p.XRevRangeN(ctx, k.events(), "+", "-", 1), booked: p.LLen(ctx, k.booked()),
		head: p.HGetAll(ctx, k.head())}
}

// mark makes the Mark of answers that came.
func (m moments) mark(at time.Time) (Mark, error) {
	if err := errors.Join(present(m.seq.Err()), m.last.Err(), m.booked.Err(), m.head.Err()); err != nil {
		return Mark{}, fmt.Errorf("read mark: %w", err)
	}
	head := m.head.Val()
	mark := Mark{Seq: number(m.seq.Val()), Booked: m.booked.Val(), Linked: number(head["seq"]), Head: head["head"], At: at.UTC()}
	if last := m.last.Val(); len(last) > 0 {
		mark.Event = last[0].ID
	}
	return mark, nil
}

// present leaves out the error that says that there is nothing.
func present(err error) error {
	if absent(err) {
		return nil
	}
	return err
}

// Mark reads the present moment.
func (s *Store) Mark(ctx context.Context) (Mark, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return Mark{}, err
	}
	var m moments
	_, err = s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error { m = s.askMoment(ctx, p); return nil })
	if present(err) != nil {
		return Mark{}, fmt.Errorf("read mark: %w", err)
	}
	return m.mark(now)
}

// Copy reads everything the shop keeps, page by page, while it goes on: what changes meanwhile may be old or new in the copy. What
// Changes reads from the same mark on, afterwards, puts that right; a copy without it is no backup. The record, the chain and the order
// of booking are read up to the mark only. What is worth nothing on another day is left out: leases, brakes and redraws; and the balances
// are: they are the sum of the ledger.
func (s *Store) Copy(ctx context.Context, from Mark, out func(text []byte) error) error {
	if err := s.copyHistory(ctx, from, out); err != nil {
		return err
	}
	node, err := s.node(ctx)
	if err != nil {
		return err
	}
	tag := s.keys.at("")
	for cursor := uint64(0); ; {
		names, next, err := node.Scan(ctx, cursor, tag+"*", copyPage).Result()
		if err != nil {
			return fmt.Errorf("walk keys: %w", err)
		}
		for _, name := range names {
			rest, ours := strings.CutPrefix(name, tag)
			if !ours || s.apart(name) {
				continue
			}
			if err := s.copyKey(ctx, name, rest, out); err != nil {
				return err
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// apart tells which keys are not copied as they are: history up to a mark, what a cut reads, what is computed, and what passes.
func (s *Store) apart(name string) bool {
	k := s.keys
	switch name {
	case k.events(), k.macs(), k.booked(), k.seq(), k.fence(), k.head(), k.wallets(), k.throttle(), k.due(DueRedraw):
		return true
	}
	for _, passing := range k.passing() {
		if strings.HasPrefix(name, passing) {
			return true
		}
	}
	return false
}

// copyHistory copies what only grows, up to a mark.
func (s *Store) copyHistory(ctx context.Context, from Mark, out sink) error {
	for at := "-"; from.Event != ""; {
		list, err := s.rdb.XRangeN(ctx, s.keys.events(), at, from.Event, eventPage).Result()
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		if err := putEntries(out, "stream", "events", list); err != nil {
			return err
		}
		if len(list) < eventPage {
			break
		}
		at = "(" + list[len(list)-1].ID
	}
	first, err := s.Trimmed(ctx)
	if err != nil {
		return err
	}
	if err := s.copyMacs(ctx, first, from.Linked, out); err != nil {
		return err
	}
	for at := int64(0); at < from.Booked; at += eventPage {
		ids, err := s.rdb.LRange(ctx, s.keys.booked(), at, min(at+eventPage, from.Booked)-1).Result()
		if err != nil {
			return fmt.Errorf("read booked entries: %w", err)
		}
		if err := out.put(line{T: "list", K: "ledger:ids", N: at, V: bytesOf(ids...)}); err != nil {
			return err
		}
	}
	return nil
}

func putEntries(out sink, t, key string, list []redis.XMessage) error {
	for _, m := range list {
		v := [][]byte{[]byte(m.ID)}
		for field, value := range m.Values {
			text, _ := value.(string)
			v = append(v, []byte(field), []byte(text))
		}
		if err := out.put(line{T: t, K: key, V: v}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) copyMacs(ctx context.Context, from, to int64, out sink) error {
	for at := from; at < to; at += eventPage {
		macs, err := s.Macs(ctx, at, min(eventPage, to-at))
		if err != nil {
			return err
		}
		if err := out.put(line{T: "list", K: "macs", N: at, V: macs}); err != nil {
			return err
		}
	}
	return nil
}
