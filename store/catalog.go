package store

import (
	"context"
	"fmt"
)

// Code gives a product its short code: the first free of the candidates, the same for ever. It returns ErrConflict when every
// candidate belongs to another reference.
func (s *Store) Code(ctx context.Context, ref string, candidates []string) (string, error) {
	args := []any{ref}
	for _, c := range candidates {
		args = append(args, c)
	}
	word, rest, err := s.word(ctx, "code", []string{s.keys.codes(), s.keys.refs()}, args...)
	if err != nil {
		return "", err
	}
	if word != "ok" {
		return "", fmt.Errorf("give code: %w", ErrConflict)
	}
	return rest[0], nil
}

// Codes reads every code: reference → code.
func (s *Store) Codes(ctx context.Context) (map[string]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.codes()).Result()
	if err != nil {
		return nil, fmt.Errorf("read codes: %w", err)
	}
	return m, nil
}

// SaveFamilies keeps the last known lines of families of a supplier: family → the caller's JSON.
func (s *Store) SaveFamilies(ctx context.Context, provider string, families map[string][]byte) error {
	if len(families) == 0 {
		return nil
	}
	fields := make([]any, 0, 2*len(families))
	for family, lines := range families {
		fields = append(fields, family, lines)
	}
	if err := s.rdb.HSet(ctx, s.keys.catalog(provider), fields...).Err(); err != nil {
		return fmt.Errorf("save families: %w", err)
	}
	return nil
}

// DropFamilies forgets families that a supplier no longer lists.
func (s *Store) DropFamilies(ctx context.Context, provider string, families []string) error {
	if len(families) == 0 {
		return nil
	}
	if err := s.rdb.HDel(ctx, s.keys.catalog(provider), families...).Err(); err != nil {
		return fmt.Errorf("drop families: %w", err)
	}
	return nil
}

// Catalog reads the last known families of a supplier: family → the caller's JSON.
func (s *Store) Catalog(ctx context.Context, provider string) (map[string]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.catalog(provider)).Result()
	if err != nil {
		return nil, fmt.Errorf("read catalog: %w", err)
	}
	return m, nil
}

// Keyring reads the wrapped keys and key check values: name → bytes.
func (s *Store) Keyring(ctx context.Context) (map[string]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.ring()).Result()
	if err != nil {
		return nil, fmt.Errorf("read keyring: %w", err)
	}
	return m, nil
}

// AddKey keeps a wrapped key under a name unless one is there, and returns what is there afterwards.
func (s *Store) AddKey(ctx context.Context, name string, wrapped []byte) ([]byte, error) {
	if err := s.rdb.HSetNX(ctx, s.keys.ring(), name, wrapped).Err(); err != nil {
		return nil, fmt.Errorf("add key: %w", err)
	}
	v, err := s.rdb.HMGet(ctx, s.keys.ring(), name).Result()
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	text, _ := v[0].(string)
	return []byte(text), nil
}

// CountSeals adds to the number of cards sealed under a key, durably, and returns the sum.
func (s *Store) CountSeals(ctx context.Context, key string, n int64) (int64, error) {
	sum, err := s.rdb.HIncrBy(ctx, s.keys.ring(), "seals:"+key, n).Result()
	if err != nil {
		return 0, fmt.Errorf("count seals: %w", err)
	}
	return sum, nil
}
