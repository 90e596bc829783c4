package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// CustomerNumber gives a customer a short number of at least four digits: the same for ever, and nobody else's. It stands in the
// customer's talk from then on.
func (s *Store) CustomerNumber(ctx context.Context, user int64) (int64, error) {
	k := s.keys
	_, rest, err := s.word(ctx, "customer", []string{k.numbers(), k.customers(), k.talk(user)}, user)
	if err != nil {
		return 0, err
	}
	return number(rest[0]), nil
}

// Customer finds the user who was given a number. It returns ErrNotFound.
func (s *Store) Customer(ctx context.Context, number int64) (int64, error) {
	user, err := s.rdb.HGet(ctx, s.keys.customers(), strconv.FormatInt(number, 10)).Int64()
	if errors.Is(err, redis.Nil) {
		return 0, ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find customer: %w", err)
	}
	return user, nil
}
