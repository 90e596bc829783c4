package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// passKept is how long a deep link opens its order; after that its buyer still finds the order in the private chat.
const passKept = 90 * 24 * time.Hour

// Pass opens the private chat for one person: what a deep link stands for.
type Pass struct {
	Order string // an order, or the id of a basket that may become one
	User  int64  // for whom alone it means anything
}

// KeepPass remembers what a token means for 90 days. Repeating it changes nothing but that it is kept for as long again.
func (s *Store) KeepPass(ctx context.Context, token string, p Pass) error {
	return s.keepPass(ctx, token, p.Order+"|"+strconv.FormatInt(p.User, 10))
}

func (s *Store) keepPass(ctx context.Context, token, text string) error {
	p, key := s.rdb.TxPipeline(), s.keys.pass(token)
	p.SetNX(ctx, key, text, passKept)
	p.PExpire(ctx, key, passKept)
	if _, err := p.Exec(ctx); err != nil {
		return fmt.Errorf("keep pass: %w", err)
	}
	return nil
}

// Pass reads what a token means. It returns ErrNotFound.
func (s *Store) Pass(ctx context.Context, token string) (Pass, error) {
	text, err := s.rdb.Get(ctx, s.keys.pass(token)).Result()
	if absent(err) { // one from before they had an end
		text, err = s.rdb.HGet(ctx, s.keys.passes(), token).Result()
	}
	if absent(err) {
		return Pass{}, ErrNotFound
	}
	if err != nil {
		return Pass{}, fmt.Errorf("read pass: %w", err)
	}
	order, user, ok := strings.Cut(text, "|")
	if !ok {
		return Pass{}, errors.New("read pass: it is damaged")
	}
	return Pass{Order: order, User: number(user)}, nil
}

// EndPasses gives an end to at most some hundred tokens that were kept before they had one. It tells whether there may be more.
func (s *Store) EndPasses(ctx context.Context) (bool, error) {
	list, _, err := s.rdb.HScan(ctx, s.keys.passes(), 0, "", 100).Result()
	if err != nil {
		return false, fmt.Errorf("list passes: %w", err)
	}
	for i := 0; i+1 < len(list); i += 2 {
		if err := s.keepPass(ctx, list[i], list[i+1]); err != nil {
			return false, err
		}
		if err := s.rdb.HDel(ctx, s.keys.passes(), list[i]).Err(); err != nil {
			return false, fmt.Errorf("end pass: %w", err)
		}
	}
	return len(list) > 0, nil
}
