package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Swap is a sealed entry and what is to stand in its place: the same, sealed under another key.
type Swap struct {
	Index string // of the vault, or the name of one of the shop's keys
	Old   []byte
	New   []byte
}

// SwapSealed replaces entries of an order's vault, each only where its former bytes still stand, and returns how many it replaced.
func (s *Store) SwapSealed(ctx context.Context, order string, swaps []Swap) (int, error) {
	return s.swap(ctx, s.keys.vault(order), swaps)
}

// SwapKeys does the same with wrapped keys, by their names.
func (s *Store) SwapKeys(ctx context.Context, swaps []Swap) (int, error) {
	return s.swap(ctx, s.keys.ring(), swaps)
}

func (s *Store) swap(ctx context.Context, key string, swaps []Swap) (int, error) {
	if len(swaps) == 0 {
		return 0, nil
	}
	args := make([]any, 0, 3*len(swaps))
	for _, w := range swaps {
		args = append(args, w.Index, w.Old, w.New)
	}
	_, rest, err := s.word(ctx, "swap", []string{key}, args...)
	if err != nil {
		return 0, err
	}
	return int(number(rest[0])), nil
}

// SealedOrders walks over the orders that have sealed entries, a piece at a time: it returns the orders of the piece behind cursor and the
// cursor of the next one, 0 at the end. Every order that is there all the while is met at least once, unless Redis is exchanged meanwhile.
func (s *Store) SealedOrders(ctx context.Context, cursor uint64, size int64) ([]string, uint64, error) {
	node, err := s.node(ctx)
	if err != nil {
		return nil, 0, err
	}
	prefix := s.keys.vault("")
	found, next, err := node.Scan(ctx, cursor, prefix+"*", size).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("list sealed orders: %w", err)
	}
	for i, key := range found {
		found[i] = strings.TrimPrefix(key, prefix)
	}
	return found, next, nil
}

// Vaults reads the sealed entries of several orders in one round trip.
func (s *Store) Vaults(ctx context.Context, orders []string) ([][]SealedCard, error) {
	answers := make([]*redis.MapStringStringCmd, len(orders))
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range orders {
			answers[i] = p.HGetAll(ctx, s.keys.vault(id))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read vaults: %w", err)
	}
	all := make([][]SealedCard, len(orders))
	for i, answer := range answers {
		for index, sealed := range answer.Val() {
			all[i] = append(all[i], SealedCard{Index: index, Bytes: []byte(sealed)})
		}
	}
	return all, nil
}

// KeyUse is how many entries name each key, by key id, as they were counted last.
type KeyUse struct {
	Items map[string]int64
	At    time.Time // zero before the first count
}

// KeyUse reads the last count, less what was sealed again since then.
func (s *Store) KeyUse(ctx context.Context) (KeyUse, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.keyUse()).Result()
	if err != nil {
		return KeyUse{}, fmt.Errorf("read use of keys: %w", err)
	}
	use := KeyUse{Items: map[string]int64{}, At: moment(m["at"])}
	for id, n := range m {
		if id != "at" {
			use.Items[id] = number(n)
		}
	}
	return use, nil
}

// SetKeyUse keeps a count in the place of the former one.
func (s *Store) SetKeyUse(ctx context.Context, use KeyUse) error {
	fields := []any{"at", strconv.FormatInt(use.At.UnixMilli(), 10)}
	for id, n := range use.Items {
		fields = append(fields, id, n)
	}
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, s.keys.keyUse())
		p.HSet(ctx, s.keys.keyUse(), fields...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep use of keys: %w", err)
	}
	return nil
}

// Resealed takes entries that were sealed again off a key's count and adds them to another's.
func (s *Store) Resealed(ctx context.Context, from, to string, n int64) error {
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.HIncrBy(ctx, s.keys.keyUse(), from, -n)
		p.HIncrBy(ctx, s.keys.keyUse(), to, n)
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep use of keys: %w", err)
	}
	return nil
}

// MarkKey notes something about a key, beside the wrapped keys and with its event; an empty value takes the note back. It tells whether that
// changed anything.
func (s *Store) MarkKey(ctx context.Context, mark, value string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.ring(), mark, value)
}
