package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Order is one agreed purchase as it is stored.
type Order struct {
	ID         string
	Buyer      int64  // Telegram user id
	Former     int64  // whose it was before the account was moved; 0 for nobody
	Chat       int64  // private chat in which cards are offered
	Account    string // wallet account that pays, such as cust:1001
	Provider   string
	State      OrderState
	Unit       int64 // price of one card, minor units
	Total      int64 // what was held
	Captured   int64 // of it, paid for cards that came
	Refunded   int64 // of it, returned when the order ended
	PaidBack   int64 // of what was captured, refunded after the order ended
	Quantity   int
	Delivered  int    // cards that came
	Remind     string // what the owner is to hear about the cards' retention; empty for nothing yet
	Reminded   string // what of it the owner was told last
	Created    time.Time
	Final      time.Time // zero while not final
	PaidBackAt time.Time // of the last refund after the end; zero before
	Message    int       // the message with the order's timeline; 0 when not known
	Post       int64     // the chat of that message: Chat, or the group in which the order was made
	Thread     int       // the topic there
	Slow       bool      // the supplier announced hours
	Offered    time.Time // when the Show button was last offered; zero before
	Offer      int       // the message that offered it, in Chat; 0 when not known
	Alarmed    Alarmed   // what the operators were told about it last
	Doc        []byte    // the caller's own JSON: the product as it was sold
	Alone      bool      // whom else it has asked is not known: nobody takes the place of a supplier that refuses
	Placements []Placement
	Reveal     Reveal
	Slip       Slip
}

// Placement is one request to a supplier.
type Placement struct {
	K         int // from 1
	Quantity  int
	State     OrderState
	Fence     int64
	SendBy    time.Time // zero before it was asked for
	Sent      time.Time // when the intent was stored; zero before
	Handle    string    // the supplier's id
	Memo      string
	Delivered int
	Cost      int64  // minor units of the shop's currency
	Charged   bool   // the supplier said so; else Cost is an estimate from the quote, as in orders kept before it was told apart
	Polls     int    // how often it was asked about
	Note      string // of a person's last decision
	Provider  string // whom it asks: the order's supplier, unless it took the place of a refused one
	For       int    // the refused placement whose place it took; 0 for none
	Source    []byte // the caller's JSON of what is asked for there; empty for what the order says
}

// Reveal is how far the showing of an order's cards has come.
type Reveal struct {
	State       RevealState
	Shown, More int // confirmed showings, and how many are allowed beyond everybody's
	Claim       int64
	Until       time.Time // when the message on screen goes; zero when none was ever shown
	From        time.Time // when it came
	First       time.Time // of the first confirmed showing
	Gone        time.Time // when the last message was removed
	Extended    bool
	Receipt     []byte    // the caller's JSON of where the message lies
	Shredded    time.Time // tombstone
	Visit       string    // who opened the latest showing by a one-time link, as the caller's JSON; empty for nobody
}

// RevealState is where an order's cards stand on their way to the screen.
type RevealState string

// The states of a reveal; the empty one has no cards yet.
const (
	NoCards  RevealState = ""
	Sealed   RevealState = "sealed"
	Claimed  RevealState = "claimed"
	Showing  RevealState = "showing" // a placeholder stands, the code may be on it
	Shown    RevealState = "shown"
	Removed  RevealState = "removed" // gone, and no showing is left
	Shredded RevealState = "shredded"
)

// NewOrder is an agreed basket.
type NewOrder struct {
	ID         string // minted by the caller; repeating it opens nothing
	Account    string
	Buyer      int64
	Chat       int64
	Post       int64 // the chat of the timeline; 0 for Chat
	Thread     int   // the topic there
	Message    int
	Provider   string
	Unit       int64 // minor units
	Quantity   int
	Doc        []byte
	Placements []int         // cards of each placement
	Zone       time.Duration // from UTC to the shop's clock, for days and quiet hours
	MostOpen   int           // of the buyer's orders that are not final; 0 for no limit
	Event      Event
}

// largest is the largest amount a script reads exactly: Lua has floating-point numbers only.
const largest = 1 << 53

// check refuses a basket that would move money the wrong way, or hold money that no placement can end.
func (n NewOrder) check() error {
	cards := 0
	for _, c := range n.Placements {
		if c <= 0 {
			return errors.New("open order: a placement without cards")
		}
		cards += c
	}
	if n.ID == "" || cards == 0 || cards != n.Quantity || n.Unit <= 0 || n.Unit > largest/int64(n.Quantity) {
		return errors.New("open order: id, price or quantities do not fit together")
	}
	return nil
}

// OpenOrder holds the total and makes the order's placements due. It returns false when the order was there already; *ShortError,
// *PausedError, ErrClosed, ErrBehind, ErrBanned, ErrManyOpen, or ErrConflict for an id that was used before by somebody else's order or
// by a transfer; by the wallet's terms ErrFrozen, ErrViewer, *QuietError or *SpentError. A basket that does not fit together is an error.
func (s *Store) OpenOrder(ctx context.Context, n NewOrder) (bool, error) {
	if err := n.check(); err != nil {
		return false, err
	}
	k := s.keys
	keys := []string{k.order(n.ID), k.wallets(), k.ledger(), k.statement(n.Account), k.buyerOrders(n.Buyer), k.open(),
		k.due(DuePlace), k.due(DueNotice), k.events(), k.seq(), k.orderEvents(n.ID), k.personEvents(n.Event.Person), k.head(),
		k.paused(), k.switches(), k.accountOrders(n.Account), k.terms(n.Account), k.spent(n.Account), k.buyerOpen(n.Buyer), k.banned()}
	total := n.Unit * int64(n.Quantity)
	args := []any{n.ID, n.Account, total, n.Unit, n.Quantity, n.Doc, n.Buyer, n.Chat, n.Message, n.Provider, n.Event.pack(),
		n.Post, n.Thread, n.Zone.Milliseconds(), cmp.Or(n.MostOpen, 1<<30)}
	for _, cards := range n.Placements {
		args = append(args, cards)
	}
	word, rest, err := s.word(ctx, "open_order", keys, args...)
	if err != nil {
		return false, err
	}
	switch word {
	case "opened":
		return true, nil
	case "exists":
		return false, nil
	case "short":
		return false, &ShortError{Balance: number(rest[0])}
	case "paused":
		return false, &PausedError{Reason: rest[0]}
	default:
		return false, barred(word, rest)
	}
}

// Order reads one order. It returns ErrNotFound.
func (s *Store) Order(ctx context.Context, id string) (Order, error) {
	fields, err := s.rdb.HGetAll(ctx, s.keys.order(id)).Result()
	if err != nil {
		return Order{}, fmt.Errorf("read order: %w", err)
	}
	return parseOrder(id, fields)
}

// OrdersOf reads a page of a buyer's orders, newest first, from page 0. The second result tells whether there are more.
func (s *Store) OrdersOf(ctx context.Context, user int64, page, size int) ([]Order, bool, error) {
	return s.listed(ctx, s.keys.buyerOrders(user), page, size)
}

// listed reads a page of the orders of a list.
func (s *Store) listed(ctx context.Context, key string, page, size int) ([]Order, bool, error) {
	from := int64(page * size)
	ids, err := s.rdb.LRange(ctx, key, from, from+int64(size)).Result()
	if err != nil {
		return nil, false, fmt.Errorf("read orders: %w", err)
	}
	more := len(ids) > size
	if more {
		ids = ids[:size]
	}
	orders, err := s.read(ctx, ids)
	return orders, more, err
}

// OpenSince reads orders that are not final and were opened before t, oldest first, at most limit.
func (s *Store) OpenSince(ctx context.Context, t time.Time, limit int) ([]Order, error) {
	ids, err := s.rdb.ZRangeByScore(ctx, s.keys.open(), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(t.UnixMilli(), 10), Count: int64(limit),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("read open orders: %w", err)
	}
	return s.read(ctx, ids)
}

// read loads orders by id in one round trip; ids without an order are left out.
func (s *Store) read(ctx context.Context, ids []string) ([]Order, error) {
	answers := make([]*redis.MapStringStringCmd, len(ids))
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			answers[i] = p.HGetAll(ctx, s.keys.order(id))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	orders := make([]Order, 0, len(ids))
	for i, id := range ids {
		o, err := parseOrder(id, answers[i].Val())
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		orders = append(orders, o)
	}
	return orders, nil
}

// SetOrderMessage remembers the message that carries an order's timeline. It returns ErrNotFound.
func (s *Store) SetOrderMessage(ctx context.Context, id string, message int) error {
	return s.mark(ctx, id, "msg", strconv.Itoa(message), "0")
}

// SetOrderPost remembers the chat in which that message is; a group has another one once it became a supergroup. It returns
// ErrNotFound.
func (s *Store) SetOrderPost(ctx context.Context, id string, chat int64) error {
	return s.mark(ctx, id, "post", strconv.FormatInt(chat, 10), "0")
}

// SetOfferMessage remembers which message carries the Show button. It returns ErrNotFound.
func (s *Store) SetOfferMessage(ctx context.Context, id string, message int) error {
	return s.mark(ctx, id, "offer", strconv.Itoa(message), "0")
}

// MarkOffered remembers that the Show button was sent, at the shop's time. It returns ErrNotFound.
func (s *Store) MarkOffered(ctx context.Context, id string) error {
	return s.mark(ctx, id, "offered", "", "1")
}

// MarkAlarmed remembers what the operators were told. It returns ErrNotFound.
func (s *Store) MarkAlarmed(ctx context.Context, id string, what Alarmed) error {
	return s.mark(ctx, id, "alarmed", string(what), "0")
}

// LeaveAlone has nobody take the place of a supplier that refuses this order from now on. It returns ErrNotFound.
func (s *Store) LeaveAlone(ctx context.Context, id string) error {
	return s.mark(ctx, id, "alone", "1", "0")
}

func (s *Store) mark(ctx context.Context, id, field, value, clock string) error {
	word, _, err := s.word(ctx, "mark", []string{s.keys.order(id)}, field, value, clock)
	if err != nil {
		return err
	}
	if word != "ok" {
		return refusal(word)
	}
	return nil
}
