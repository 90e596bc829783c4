package store

import (
	"context"
	"fmt"
	"time"
)

// Booked reads n entries of the ledger in the order in which they were booked, the first one at from, counted from 0. Fewer mean that
// there are no more.
func (s *Store) Booked(ctx context.Context, from int64, n int) ([]Entry, error) {
	ids, err := s.rdb.LRange(ctx, s.keys.booked(), from, from+int64(n)-1).Result()
	if err != nil {
		return nil, fmt.Errorf("read booked entries: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	lines, err := s.rdb.HMGet(ctx, s.keys.ledger(), ids...).Result()
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	entries := make([]Entry, len(ids))
	for i, id := range ids {
		text, ok := lines[i].(string)
		if !ok {
			return nil, fmt.Errorf("read ledger: entry %s is missing", id)
		}
		entries[i] = parseEntry(id, text)
	}
	return entries, nil
}

// KeepDay keeps the sums of a day that is over, by its date, as the caller's own JSON. They follow from the ledger: what is lost is
// summed again.
func (s *Store) KeepDay(ctx context.Context, date string, text []byte) error {
	if err := s.rdb.HSet(ctx, s.keys.days(), date, text).Err(); err != nil {
		return fmt.Errorf("keep day: %w", err)
	}
	return nil
}

// DayDates lists the days whose sums are kept, in no order.
func (s *Store) DayDates(ctx context.Context) ([]string, error) {
	dates, err := s.rdb.HKeys(ctx, s.keys.days()).Result()
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return dates, nil
}

// Days reads the sums of days, in the order asked for. It returns ErrNotFound when one is not kept.
func (s *Store) Days(ctx context.Context, dates ...string) ([][]byte, error) {
	if len(dates) == 0 {
		return nil, nil
	}
	values, err := s.rdb.HMGet(ctx, s.keys.days(), dates...).Result()
	if err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	texts := make([][]byte, len(dates))
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("read day %s: %w", dates[i], ErrNotFound)
		}
		texts[i] = []byte(text)
	}
	return texts, nil
}

// Once tells whether this is the first call with a name; others, in every process, hear no. at is kept with it.
func (s *Store) Once(ctx context.Context, name string, at time.Time) (bool, error) {
	fresh, err := s.rdb.HSetNX(ctx, s.keys.once(), name, at.UnixMilli()).Result()
	if err != nil {
		return false, fmt.Errorf("mark %s: %w", name, err)
	}
	return fresh, nil
}

// Forget takes the mark of Once back. It tells whether there was one: of several callers one hears yes.
func (s *Store) Forget(ctx context.Context, name string) (bool, error) {
	n, err := s.rdb.HDel(ctx, s.keys.once(), name).Result()
	if err != nil {
		return false, fmt.Errorf("forget %s: %w", name, err)
	}
	return n == 1, nil
}

// Marks reads all marks of Once.
func (s *Store) Marks(ctx context.Context) (map[string]time.Time, error) {
	all, err := s.rdb.HGetAll(ctx, s.keys.once()).Result()
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	marks := make(map[string]time.Time, len(all))
	for name, at := range all {
		marks[name] = moment(at)
	}
	return marks, nil
}

// SawBalance keeps what a supplier said we have there, and tells what it said before; false when it was never asked.
func (s *Store) SawBalance(ctx context.Context, supplier string, minor int64) (before int64, known bool, err error) {
	p := s.rdb.TxPipeline()
	was := p.HGet(ctx, s.keys.funds(), supplier)
	p.HSet(ctx, s.keys.funds(), supplier, minor)
	if _, err := p.Exec(ctx); err != nil && !absent(err) {
		return 0, false, fmt.Errorf("keep balance: %w", err)
	}
	if absent(was.Err()) {
		return 0, false, nil
	}
	return number(was.Val()), true, nil
}
