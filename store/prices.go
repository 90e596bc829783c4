package store

import (
	"context"
	"fmt"
)

// Prices reads the rules of prices and the rates: field → the caller's JSON.
func (s *Store) Prices(ctx context.Context) (map[string]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.prices()).Result()
	if err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	return m, nil
}

// SetPrice keeps one rule or rate with its event; an empty text removes it. It returns false when it stood so already.
func (s *Store) SetPrice(ctx context.Context, field, text string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.prices(), field, text)
}
