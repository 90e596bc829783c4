package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// DueNews is the queue of news for chats that are about no order and no top-up. A member begins with the kind of news and a colon.
const DueNews DueKind = "news"

// Send is money of a group's wallet for a customer's.
type Send struct {
	ID       string // of the transfer; minted by the caller, and repeating it moves nothing
	From     string // the group's wallet
	To       string // the customer's
	Amount   int64  // minor units
	Note     string
	Sender   int64         // who counts against the limits of the day
	Zone     time.Duration // from UTC to the shop's clock
	News     string        // member of DueNews that tells the customer
	OfGroup  Event         // what the record says of the group
	OfPerson Event         // and of the customer
}

// Send moves the money once, and has the customer told. It returns the group's balance afterwards and whether it moved now; *ShortError,
// ErrConflict, ErrClosed, ErrBehind, ErrBanned, ErrFrozen, ErrViewer, ErrNotOwner, *QuietError or *SpentError.
func (s *Store) Send(ctx context.Context, t Send) (int64, bool, error) {
	if t.ID == "" || t.News == "" || t.From == t.To || t.Amount <= 0 || t.Amount > largest {
		return 0, false, errors.New("send money: no id, no way, or an amount out of range")
	}
	k := s.keys
	word, rest, err := s.word(ctx, "send", []string{k.wallets(), k.ledger(), k.statement(t.From), k.statement(t.To), k.terms(t.From), k.spent(t.From),
		k.banned(), k.head(), k.switches(), k.due(DueNews), k.leases(DueNews), k.events(), k.seq(), k.orderEvents(""),
		k.personEvents(t.OfGroup.Person), k.personEvents(t.OfPerson.Person)},
		t.ID, t.From, t.To, t.Amount, note(t.Note), t.Sender, t.Zone.Milliseconds(), t.News, t.OfGroup.pack(), t.OfPerson.pack())
	switch {
	case err != nil:
		return 0, false, err
	case word == "sent" || word == "exists":
		return number(rest[0]), word == "sent", nil
	case word == "short":
		return 0, false, &ShortError{Balance: number(rest[0])}
	default:
		return 0, false, barred(word, rest)
	}
}

// Entry reads one transfer of the ledger. It returns ErrNotFound.
func (s *Store) Entry(ctx context.Context, id string) (Entry, error) {
	line, err := s.rdb.HGet(ctx, s.keys.ledger(), id).Result()
	if absent(err) {
		return Entry{}, ErrNotFound
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read ledger: %w", err)
	}
	return parseEntry(id, line), nil
}
