package store

import (
	"context"
	"fmt"
	"time"
)

// StarState is where a payment in Stars stands.
type StarState string

// The states of a charge.
const (
	StarCredited StarState = "credited"
	StarBack     StarState = "back" // it goes back to who paid
	StarReturned StarState = "returned"
)

// StarPayment is a payment in Stars as Telegram tells of it.
type StarPayment struct {
	Charge string // Telegram's id of it, the same in every account of it
	TopUp  string // the request it names; may be anything
	Payer  int64
	Stars  int64
}

// Star is a payment in Stars as it is kept.
type Star struct {
	StarPayment
	State StarState
	At    time.Time
}

// PayStar books a payment once: into the wallet of the request it fits, else it is to go back to who paid. It tells what was done, StarBack
// or StarCredited, and whether that was new.
func (s *Store) PayStar(ctx context.Context, p StarPayment, credit, back Event) (StarState, bool, error) {
	k, account := s.keys, CustomerAccount(p.Payer)
	word, rest, err := s.word(ctx, "pay_star", []string{k.star(p.Charge), k.topup(p.TopUp), k.wallets(), k.ledger(), k.statement(account),
		k.topupsOpen(p.Payer), k.due(DueTopUp), k.leases(DueTopUp), k.due(DueTimes), k.leases(DueTimes), k.due(DueStars),
		k.events(), k.seq(), k.orderEvents(credit.Order), k.personEvents(credit.Person)},
		p.Charge, p.TopUp, p.Payer, p.Stars, account, credit.pack(), back.pack())
	switch {
	case err != nil:
		return "", false, err
	case word == "credited":
		return StarCredited, true, nil
	case word == "back":
		return StarBack, true, nil
	case word == "exists" && len(rest) > 0:
		return StarState(rest[0]), false, nil
	}
	return "", false, refusal(word)
}

// Charge reads a payment. It returns ErrNotFound.
func (s *Store) Charge(ctx context.Context, charge string) (Star, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.star(charge)).Result()
	if err != nil {
		return Star{}, fmt.Errorf("read payment in Stars: %w", err)
	}
	if m["buyer"] == "" {
		return Star{}, ErrNotFound
	}
	return Star{StarPayment: StarPayment{Charge: charge, TopUp: m["topup"], Payer: number(m["buyer"]), Stars: number(m["stars"])},
		State: StarState(m["st"]), At: moment(m["at"])}, nil
}

// StarReturned remembers that a payment has gone back.
func (s *Store) StarReturned(ctx context.Context, charge string) error {
	word, _, err := s.word(ctx, "mark", []string{s.keys.star(charge)}, "st", string(StarReturned), "0")
	if err != nil {
		return err
	}
	if word != "ok" {
		return refusal(word)
	}
	return nil
}

// StarsSeen reads how many of Telegram's transactions were compared.
func (s *Store) StarsSeen(ctx context.Context) (int, error) {
	text, err := s.rdb.Get(ctx, s.keys.starsSeen()).Result()
	if present(err) != nil {
		return 0, fmt.Errorf("read count of transactions: %w", err)
	}
	return int(number(text)), nil
}

// SetStarsSeen stores it.
func (s *Store) SetStarsSeen(ctx context.Context, n int) error {
	if err := s.rdb.Set(ctx, s.keys.starsSeen(), n, 0).Err(); err != nil {
		return fmt.Errorf("store count of transactions: %w", err)
	}
	return nil
}
