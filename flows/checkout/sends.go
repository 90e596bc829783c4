package checkout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cardrop/store"
)

// The kinds of news for chats, which begin their names in the queue.
const (
	newsSent = "sent:" // money that a group sent to a customer: transfer, sender
)

// sentEntry begins the ledger's id of money that a group sent; what was minted follows.
const sentEntry = "send:"

// IsSent tells whether an entry of the ledger is money that a group sent to a customer.
func IsSent(e store.Entry) bool { return strings.HasPrefix(e.ID, sentEntry) }

// Sending is money of a group's wallet that a member sends to a customer.
type Sending struct {
	ID     string // minted by NewOrderID when the confirm screen is drawn: makes it happen once
	Group  store.Group
	Sender int64  // who sends it, and against whose limits it counts
	To     int64  // the customer
	Amount int64  // minor units
	Number string // of the customer, as the ledger notes it
}

// Send moves the money once for each id, within the terms of the group's wallet, and has the customer told. It returns the group's balance
// afterwards, and whether it moved now. ErrNotOwner, ErrViewer, ErrBanned, ErrFrozen, ErrClosed, ErrConflict, *ShortError, *QuietError and
// *SpentError mean that no money moved.
func (s *Shop) Send(ctx context.Context, r Sending) (int64, bool, error) {
	if r.ID == "" || r.To <= 0 || r.Sender <= 0 || r.Group.Account == "" {
		return 0, false, errors.New("send needs an id, a group, a sender and a customer")
	}
	of, err := s.about(ctx, r.Group, EventSent)
	if err != nil {
		return 0, false, err
	}
	if of.Actor, err = s.person(ctx, r.Sender); err != nil {
		return 0, false, err
	}
	customer, err := s.person(ctx, r.To)
	if err != nil {
		return 0, false, err
	}
	of.Data = map[string]string{"amount": itoa(r.Amount), "ref": r.ID, "member": customer}
	got := store.Event{Kind: EventReceived, Person: customer, Actor: of.Actor,
		Data: map[string]string{"amount": itoa(r.Amount), "ref": r.ID, "group": of.Person}}
	balance, fresh, err := s.o.Store.Send(ctx, store.Send{
		ID: sentEntry + r.ID, From: r.Group.Account, To: store.CustomerAccount(r.To), Amount: r.Amount, Note: r.Number, Sender: r.Sender,
		Zone: s.ahead(), News: newsSent + r.ID + ":" + itoa(r.Sender), OfGroup: of, OfPerson: got,
	})
	if errors.Is(err, store.ErrClosed) { // asked only now: a repeat of what was sent says so, whatever is closed meanwhile
		return 0, false, cmp.Or(s.closed(ctx), opening(err, r.Amount))
	}
	if err != nil {
		return 0, false, opening(err, r.Amount)
	}
	nudge(s.news)
	return balance, fresh, nil
}

// Received is money that a group sent to a customer, as the customer is told of it.
type Received struct {
	store.Entry
	User   int64 // the customer
	Sender int64
}

// Received reads what a member of the queue of news tells a customer. It returns ErrNotFound for one that is about nothing any more.
func (s *Shop) Received(ctx context.Context, member string) (Received, error) {
	id, sender, ok := strings.Cut(strings.TrimPrefix(member, newsSent), ":")
	if !ok || !strings.HasPrefix(member, newsSent) {
		return Received{}, ErrNotFound
	}
	e, err := s.o.Store.Entry(ctx, sentEntry+id)
	if errors.Is(err, store.ErrNotFound) {
		return Received{}, ErrNotFound
	}
	if err != nil {
		return Received{}, err
	}
	r := Received{Entry: e}
	if r.Sender, err = strconv.ParseInt(sender, 10, 64); err != nil {
		return Received{}, fmt.Errorf("read news: %w", err)
	}
	if _, err := fmt.Sscanf(e.To, "cust:%d", &r.User); err != nil {
		return Received{}, fmt.Errorf("read news: %w", err)
	}
	return r, nil
}
