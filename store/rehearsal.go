package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// RehearsalOf is the name of the separate shop in which a shop rehearses. No setting can give a real shop such a name.
func RehearsalOf(shop string) string { return shop + rehearsing }

const rehearsing = ".rehearsal"

// errReal is a shop that is not removed.
var errReal = errors.New("shop is no rehearsal")

// Clear removes everything that a rehearsal wrote, and nothing else: it refuses any other shop. It tells how many keys there were.
func (s *Store) Clear(ctx context.Context) (int, error) {
	if !strings.HasSuffix(s.keys.shop, rehearsing) {
		return 0, errReal
	}
	node, err := s.node(ctx)
	if err != nil {
		return 0, err
	}
	tag, removed := s.keys.at(""), 0
	for cursor := uint64(0); ; {
		names, next, err := node.Scan(ctx, cursor, tag+"*", copyPage).Result()
		if err != nil {
			return removed, fmt.Errorf("walk keys: %w", err)
		}
		for _, key := range names {
			if !strings.HasPrefix(key, tag) {
				continue
			}
			if err := s.rdb.Del(ctx, key).Err(); err != nil {
				return removed, fmt.Errorf("remove key: %w", err)
			}
			removed++
		}
		if cursor = next; cursor == 0 {
			return removed, nil
		}
	}
}

// KeepRehearsal keeps how the latest rehearsal stands, as the caller's own JSON.
func (s *Store) KeepRehearsal(ctx context.Context, text []byte) error {
	if err := s.rdb.Set(ctx, s.keys.rehearsal(), text, 0).Err(); err != nil {
		return fmt.Errorf("keep rehearsal: %w", err)
	}
	return nil
}

// Rehearsal reads the latest rehearsal; nil when there was none.
func (s *Store) Rehearsal(ctx context.Context) ([]byte, error) {
	text, err := s.rdb.Get(ctx, s.keys.rehearsal()).Bytes()
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read rehearsal: %w", err)
	}
	return text, nil
}
