package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Bar stops buying in the whole shop for a cause, or lifts that cause; buying is open when no cause is left. It tells whether that
// changed anything.
func (s *Store) Bar(ctx context.Context, cause string, on bool, e Event) (bool, error) {
	value := ""
	if on {
		value = "1"
	}
	return s.record(ctx, e, s.keys.switches(), cause, value)
}

// BarFor stops buying for a cause and keeps a text with it, which is not empty. It returns false when it stood so already.
func (s *Store) BarFor(ctx context.Context, cause, text string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.switches(), cause, text)
}

// Barred tells whether buying is stopped for a cause.
func (s *Store) Barred(ctx context.Context, cause string) (bool, error) {
	on, err := s.rdb.HExists(ctx, s.keys.switches(), cause).Result()
	if err != nil {
		return false, fmt.Errorf("read switches: %w", err)
	}
	return on, nil
}

// Bars reads why buying is stopped, by cause. It is empty while buying is open.
func (s *Store) Bars(ctx context.Context) (map[string]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.switches()).Result()
	if err != nil {
		return nil, fmt.Errorf("read switches: %w", err)
	}
	return m, nil
}

// Fence reads the number of the latest claim of a placement. It only grows, unless Redis forgets.
func (s *Store) Fence(ctx context.Context) (int64, error) {
	n, err := s.rdb.Get(ctx, s.keys.fence()).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("read fence: %w", err)
	}
	return n, nil
}
