package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Reminder is what the owner of an order's cards is to hear about their retention.
type Reminder struct {
	Due   Due    // claimed of DueRetain
	Stage string // such as day1
	Next  time.Duration
	Event Event
}

// Remind has an order's owner told, with the order's next notice, which is due now. It returns ErrFenced, or ErrNotFound.
func (s *Store) Remind(ctx context.Context, r Reminder) error {
	k, id := s.keys, r.Due.Member
	word, _, err := s.word(ctx, "remind", []string{k.order(id), k.due(DueRetain), k.leases(DueRetain), k.due(DueNotice), k.leases(DueNotice),
		k.events(), k.seq(), k.orderEvents(id), k.personEvents(r.Event.Person)},
		id, r.Due.Fence, r.Stage, r.Next.Milliseconds(), r.Event.pack())
	if err != nil {
		return err
	}
	if word != "ok" {
		return refusal(word)
	}
	return nil
}

// MarkReminded remembers what the owner was told. It returns ErrNotFound.
func (s *Store) MarkReminded(ctx context.Context, order, stage string) error {
	return s.mark(ctx, order, "rm.done", stage, "0")
}

// HoldNotice keeps an order's notice, or a piece of news, for a person who cannot be written to, until Welcome.
func (s *Store) HoldNotice(ctx context.Context, user int64, order string) error {
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, s.keys.held(user), order, "1")
		p.HSet(ctx, s.keys.talk(user), "w", "1")
		return nil
	})
	if err != nil {
		return fmt.Errorf("hold notice: %w", err)
	}
	return nil
}

// Welcome makes the notices due that were held for a person, and returns how many.
func (s *Store) Welcome(ctx context.Context, user int64) (int, error) {
	k := s.keys
	_, rest, err := s.word(ctx, "welcome", []string{k.held(user), k.due(DueNotice), k.leases(DueNotice), k.talk(user),
		k.due(DueNews), k.leases(DueNews)})
	if err != nil {
		return 0, err
	}
	return int(number(rest[0])), nil
}

// Retain sees to it that the retention looks at orders whose cards nobody has opened, as settling them does: for those that were settled
// before it did.
func (s *Store) Retain(ctx context.Context, orders []string) error {
	scores := make([]*redis.FloatCmd, len(orders))
	states := make([]*redis.SliceCmd, len(orders))
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range orders {
			scores[i] = p.ZScore(ctx, s.keys.due(DueRetain), id)
			states[i] = p.HMGet(ctx, s.keys.order(id), "rv", "rv.first", "final")
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read retention: %w", err)
	}
	for i, id := range orders {
		v := states[i].Val()
		if !errors.Is(scores[i].Err(), redis.Nil) || len(v) != 3 || v[0] != string(Sealed) || v[1] != nil || v[2] == nil {
			continue
		}
		now, err := s.Now(ctx)
		if err != nil {
			return err
		}
		entry := redis.Z{Score: float64(now.UnixMilli()), Member: id}
		if err := s.rdb.ZAddNX(ctx, s.keys.due(DueRetain), entry).Err(); err != nil {
			return fmt.Errorf("keep retention: %w", err)
		}
	}
	return nil
}
