package store

import (
	"context"
	"fmt"
	"time"
)

// callsKept is how long counts of calls are kept.
const callsKept = 8 * 24 * time.Hour

// KeepDeposit keeps what was paid into an account at a supplier, as the caller's JSON, once for each id: false when it is there already.
func (s *Store) KeepDeposit(ctx context.Context, id, text string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.deposits(), id, text)
}

// Deposits reads all of them, by id.
func (s *Store) Deposits(ctx context.Context) (map[string]string, error) {
	return s.texts(ctx, s.keys.deposits(), "deposits")
}

// KeepEstimate keeps what we reckon to have at a supplier, as the caller's JSON.
func (s *Store) KeepEstimate(ctx context.Context, supplier, text string, e Event) error {
	_, err := s.record(ctx, e, s.keys.estimates(), supplier, text)
	return err
}

// Estimates reads them, by supplier.
func (s *Store) Estimates(ctx context.Context) (map[string]string, error) {
	return s.texts(ctx, s.keys.estimates(), "estimates")
}

func (s *Store) texts(ctx context.Context, key, what string) (map[string]string, error) {
	all, err := s.rdb.HGetAll(ctx, key).Result()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return all, nil
}

// CountCalls adds to the counts of one day. They are for people to look at: what a crash loses is not missed.
func (s *Store) CountCalls(ctx context.Context, date string, add map[string]int64) error {
	if len(add) == 0 {
		return nil
	}
	p := s.rdb.TxPipeline()
	for field, n := range add {
		p.HIncrBy(ctx, s.keys.calls(date), field, n)
	}
	p.PExpire(ctx, s.keys.calls(date), callsKept)
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("count calls: %w", err)
	}
	return nil
}

// Calls reads the counts of one day.
func (s *Store) Calls(ctx context.Context, date string) (map[string]int64, error) {
	texts, err := s.texts(ctx, s.keys.calls(date), "calls")
	counts := make(map[string]int64, len(texts))
	for field, n := range texts {
		counts[field] = number(n)
	}
	return counts, err
}
