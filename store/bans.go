package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Why an order is not opened, or money not sent, although it is there; nothing was written.
var (
	// ErrBanned is a buyer who may not buy.
	ErrBanned = errors.New("buyer is banned")
	// ErrFrozen is a wallet from which nothing is bought.
	ErrFrozen = errors.New("wallet is frozen")
	// ErrViewer is a member who may only look.
	ErrViewer = errors.New("member may not buy")
	// ErrNotOwner is a member who may not send money of the wallet.
	ErrNotOwner = errors.New("member is no owner")
	// ErrManyOpen is a buyer with as many open orders as are allowed.
	ErrManyOpen = errors.New("buyer has too many open orders")
)

// QuietError is a time of the day in which nothing is bought from a wallet; nothing was written.
type QuietError struct {
	From, To int // minutes of the day, by the shop's clock
}

// Error names the hours.
func (e *QuietError) Error() string { return fmt.Sprintf("quiet from minute %d to %d", e.From, e.To) }

// SpentError is a purchase above what may be bought in one day; nothing was written.
type SpentError struct {
	Left   int64 // of the day, minor units
	Member bool  // it is the member's own limit, not that of all
}

// Error names what is left.
func (e *SpentError) Error() string { return fmt.Sprintf("%d minor units of the day are left", e.Left) }

// barred turns the words that the opening of an order and the sending of money say into what a caller branches on.
func barred(word string, rest []string) error {
	switch word {
	case "banned":
		return ErrBanned
	case "frozen":
		return ErrFrozen
	case "role":
		return ErrViewer
	case "owner":
		return ErrNotOwner
	case "many":
		return ErrManyOpen
	case "quiet":
		return &QuietError{From: int(number(rest[0])), To: int(number(rest[1]))}
	case "spent":
		return &SpentError{Member: rest[0] == "m", Left: number(rest[1])}
	default:
		return refusal(word)
	}
}

// Ban stops a user from buying, for a reason; an empty one ends that. It returns false when it stood so already.
func (s *Store) Ban(ctx context.Context, user int64, reason string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.banned(), strconv.FormatInt(user, 10), reason)
}

// Banned reads why a user may not buy; empty for one who may.
func (s *Store) Banned(ctx context.Context, user int64) (string, error) {
	reason, err := s.rdb.HGet(ctx, s.keys.banned(), strconv.FormatInt(user, 10)).Result()
	if err != nil && !absent(err) {
		return "", fmt.Errorf("read ban: %w", err)
	}
	return reason, nil
}

// Spent reads what all have bought from a wallet today, and what one member has, in minor units. day is counted from 1970 by the shop's
// clock.
func (s *Store) Spent(ctx context.Context, account string, user, day int64) (all, own int64, err error) {
	values, err := s.rdb.HMGet(ctx, s.keys.spent(account), "a", "m"+strconv.FormatInt(user, 10)).Result()
	if err != nil {
		return 0, 0, fmt.Errorf("read what was spent: %w", err)
	}
	sum := func(v any) int64 {
		text, _ := v.(string)
		var on, n int64
		if _, err := fmt.Sscanf(text, "%d:%d", &on, &n); err != nil || on != day {
			return 0
		}
		return n
	}
	return sum(values[0]), sum(values[1]), nil
}
