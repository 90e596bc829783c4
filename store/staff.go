package store

import (
	"context"
	"fmt"
	"strconv"
)

// Staff reads who helps to run the shop: user → role.
func (s *Store) Staff(ctx context.Context) (map[int64]string, error) {
	kept, err := s.rdb.HGetAll(ctx, s.keys.staff()).Result()
	if err != nil {
		return nil, fmt.Errorf("read staff: %w", err)
	}
	staff := map[int64]string{}
	for user, role := range kept {
		staff[number(user)] = role
	}
	return staff, nil
}

// StaffRole reads one person's role; empty for none.
func (s *Store) StaffRole(ctx context.Context, user int64) (string, error) {
	role, err := s.rdb.HGet(ctx, s.keys.staff(), strconv.FormatInt(user, 10)).Result()
	if err != nil && !absent(err) {
		return "", fmt.Errorf("read role: %w", err)
	}
	return role, nil
}

// SetStaff gives a person a role, with its event; an empty one takes it. It returns false when it stood so already.
func (s *Store) SetStaff(ctx context.Context, user int64, role string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.staff(), strconv.FormatInt(user, 10), role)
}
