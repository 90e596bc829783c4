package store

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Counts reads how many people have a customer's number, and how many groups are resellers now.
func (s *Store) Counts(ctx context.Context) (customers, groups int64, err error) {
	var n *redis.StringCmd
	var linked *redis.IntCmd
	_, err = s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		n, linked = p.HGet(ctx, s.keys.customers(), "n"), p.HLen(ctx, s.keys.linked())
		return nil
	})
	if err != nil && !absent(err) {
		return 0, 0, fmt.Errorf("count customers: %w", err)
	}
	return number(n.Val()), linked.Val(), nil
}
