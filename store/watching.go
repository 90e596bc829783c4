package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrFullList is a list of favorites or of watched lines that holds as many as it may.
var ErrFullList = errors.New("list is full")

// mostListed bounds such a list.
const mostListed = 50

// Star makes a line, by its short code, one of a person's favorites, or ends that. It returns ErrFullList.
func (s *Store) Star(ctx context.Context, user int64, code string, on bool) error {
	if !on {
		if err := s.rdb.HDel(ctx, s.keys.stars(user), code).Err(); err != nil {
			return fmt.Errorf("end favorite: %w", err)
		}
		return nil
	}
	n, err := s.rdb.HLen(ctx, s.keys.stars(user)).Result()
	if err != nil {
		return fmt.Errorf("count favorites: %w", err)
	}
	if n >= mostListed {
		return ErrFullList
	}
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	if err := s.rdb.HSetNX(ctx, s.keys.stars(user), code, strconv.FormatInt(now.UnixMilli(), 10)).Err(); err != nil {
		return fmt.Errorf("keep favorite: %w", err)
	}
	return nil
}

// Stars lists a person's favorites by short code, the newest first.
func (s *Store) Stars(ctx context.Context, user int64) ([]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.stars(user)).Result()
	if err != nil {
		return nil, fmt.Errorf("read favorites: %w", err)
	}
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if x, y := number(m[a]), number(m[b]); x != y {
			return int(y - x)
		}
		return slices.Compare([]byte(a), []byte(b))
	}), nil
}

// Watch is what the owner of a wallet is told about each day.
type Watch struct {
	Lines    map[string]string // short code → what was told last, in the caller's words; empty for nothing yet
	By       int64             // who asked last
	Language string            // of that person then
}

// Watch has a line looked at for the owner of a wallet. news is the member of DueNews that brings it, first when it does so first, unless
// it is queued. It returns ErrFullList.
func (s *Store) Watch(ctx context.Context, account, code, told string, w Watch, news string, first time.Time) error {
	k := s.keys
	n, err := s.rdb.HLen(ctx, k.watched(account)).Result()
	if err != nil {
		return fmt.Errorf("count watched lines: %w", err)
	}
	if n >= mostListed {
		return ErrFullList
	}
	_, err = s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, k.told(account), code, told)
		p.HSet(ctx, k.watched(account), code, strconv.FormatInt(w.By, 10)+"|"+w.Language)
		p.ZAddNX(ctx, k.due(DueNews), redis.Z{Score: float64(first.UnixMilli()), Member: news})
		return nil
	})
	if err != nil {
		return fmt.Errorf("watch line: %w", err)
	}
	return nil
}

// Unwatch ends that for some lines, or for all when none is named.
func (s *Store) Unwatch(ctx context.Context, account string, codes ...string) error {
	k := s.keys
	_, err := s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		if len(codes) == 0 {
			p.Del(ctx, k.watched(account), k.told(account))
			return nil
		}
		p.HDel(ctx, k.watched(account), codes...)
		p.HDel(ctx, k.told(account), codes...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("end watching: %w", err)
	}
	return nil
}

// Watched reads what is watched for the owner of a wallet.
func (s *Store) Watched(ctx context.Context, account string) (Watch, error) {
	p := s.rdb.TxPipeline()
	lines, told := p.HGetAll(ctx, s.keys.watched(account)), p.HGetAll(ctx, s.keys.told(account))
	if _, err := p.Exec(ctx); err != nil {
		return Watch{}, fmt.Errorf("read watched lines: %w", err)
	}
	w := Watch{Lines: map[string]string{}}
	for _, code := range slices.Sorted(maps.Keys(lines.Val())) {
		w.Lines[code] = told.Val()[code]
		var by int64
		var language string
		if _, err := fmt.Sscanf(lines.Val()[code], "%d|%s", &by, &language); err == nil {
			w.By, w.Language = by, language
		}
	}
	return w, nil
}

// Told remembers what was told about watched lines. It ends no watching and begins none.
func (s *Store) Told(ctx context.Context, account string, told map[string]string) error {
	if len(told) == 0 {
		return nil
	}
	fields := make([]any, 0, 2*len(told))
	for code, text := range told {
		fields = append(fields, code, text)
	}
	if err := s.rdb.HSet(ctx, s.keys.told(account), fields...).Err(); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	return nil
}
