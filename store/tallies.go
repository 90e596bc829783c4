package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Tally counts something that a user did, or that was done to them, and returns how often it was in the present stretch of time, this one
// among them. Stretches follow one another by Redis' clock, so that of all who count one alone sees each number.
func (s *Store) Tally(ctx context.Context, what string, user int64, stretch time.Duration) (int64, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	key, field := s.keys.tally(what, user), strconv.FormatInt(now.UnixMilli()/stretch.Milliseconds(), 10)
	var n *redis.IntCmd
	_, err = s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		n = p.HIncrBy(ctx, key, field, 1)
		p.PExpire(ctx, key, 2*stretch)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", what, err)
	}
	return n.Val(), nil
}
