package checkout

import (
	"context"
	"errors"
	"time"

	"cardrop/store"
)

// Group finds a group by its present chat id or a former one, linked or not. It returns ErrNotFound for a chat that was never
// linked.
func (s *Shop) Group(ctx context.Context, chat int64) (store.Group, error) {
	g, err := s.o.Store.Group(ctx, chat)
	if errors.Is(err, store.ErrNotFound) {
		return store.Group{}, ErrNotFound
	}
	return g, err
}

// Link makes a group a reseller with a wallet of its own: the one it had before, or a new one named after its chat. The bool
// tells whether it was none until now.
func (s *Shop) Link(ctx context.Context, chat, admin int64) (store.Group, bool, error) {
	g, err := s.Group(ctx, chat)
	if errors.Is(err, ErrNotFound) {
		g, err = store.Group{Chat: chat, Account: store.GroupAccount(chat)}, nil
	}
	if err != nil {
		return store.Group{}, false, err
	}
	return s.bind(ctx, g, admin, EventLinked, true)
}

// Unlink ends that; the wallet and what is in it stay the group's. It returns ErrNotFound for a chat that was never linked.
func (s *Shop) Unlink(ctx context.Context, chat, admin int64) (store.Group, bool, error) {
	g, err := s.Group(ctx, chat)
	if err != nil {
		return store.Group{}, false, err
	}
	return s.bind(ctx, g, admin, EventUnlinked, false)
}

func (s *Shop) bind(ctx context.Context, g store.Group, admin int64, kind string, on bool) (store.Group, bool, error) {
	e, err := s.about(ctx, g, kind)
	if err != nil {
		return store.Group{}, false, err
	}
	if e.Actor, err = s.person(ctx, admin); err != nil {
		return store.Group{}, false, err
	}
	fresh, err := s.o.Store.LinkGroup(ctx, g.Chat, g.Account, on, e)
	g.Linked = on
	return g, fresh, err
}

// about is an event about a group; its pseudonym is that of the number its wallet is named after.
func (s *Shop) about(ctx context.Context, g store.Group, kind string) (store.Event, error) {
	person, err := s.person(ctx, g.ID())
	return store.Event{Kind: kind, Person: person, Actor: system}, err
}

// Moved follows a group that became a supergroup; repeating it changes nothing, and a group that was never linked needs nothing.
// Should both chats have wallets, neither is touched and the operators are told.
func (s *Shop) Moved(ctx context.Context, from, to int64) error {
	g, err := s.Group(ctx, from)
	if errors.Is(err, ErrNotFound) || err == nil && g.Chat != from {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := s.about(ctx, g, EventMoved)
	if err != nil {
		return err
	}
	switch _, err = s.o.Store.MoveGroup(ctx, from, to, g.Account, e); {
	case errors.Is(err, store.ErrConflict):
		s.alarm(ctx, "group_moved_twice", g.Account)
		return nil
	case errors.Is(err, store.ErrNotFound): // somebody else followed it in between
		return nil
	default:
		return err
	}
}

// BalanceOn reads any wallet in minor units.
func (s *Shop) BalanceOn(ctx context.Context, account string) (int64, error) {
	return s.o.Store.Balance(ctx, account)
}

// StatementOn reads the last n entries of any wallet, newest first.
func (s *Shop) StatementOn(ctx context.Context, account string, n int) ([]store.Entry, error) {
	return s.o.Store.Statement(ctx, account, n)
}

// EntriesSince reads a wallet's entries from a time on, newest first, and the balance after the newest of them.
func (s *Shop) EntriesSince(ctx context.Context, account string, from time.Time) ([]store.Entry, int64, error) {
	return s.o.Store.StatementSince(ctx, account, from)
}

// OrdersOn reads a page of the orders that a wallet pays for, newest first. The second result tells whether there are more.
func (s *Shop) OrdersOn(ctx context.Context, account string, page, size int) ([]store.Order, bool, error) {
	return s.o.Store.OrdersOn(ctx, account, page, size)
}

// OrderOn reads one order for those who share the wallet that pays for it. It returns ErrNotFound also when it is another's.
func (s *Shop) OrderOn(ctx context.Context, id, account string) (store.Order, error) {
	o, err := s.Order(ctx, id, 0)
	if err == nil && o.Account != account {
		return store.Order{}, ErrNotFound
	}
	return o, err
}

// deniedOnce is how long more of the same that is not allowed is only counted.
const deniedOnce = time.Minute

// Denied records an act that was not allowed: the first one of its kind in a minute, with the number of those since the line before.
func (s *Shop) Denied(ctx context.Context, user int64, act string) error {
	return s.deny(ctx, user, act, "")
}

// deny does so for an act on an order; each order counts by itself.
func (s *Shop) deny(ctx context.Context, user int64, act, order string) error {
	person, err := s.person(ctx, user)
	if err != nil {
		return err
	}
	e := store.Event{Kind: EventDenied, Order: order, Person: person, Actor: person, Data: map[string]string{"act": act}}
	_, err = s.o.Store.Deny(ctx, e, act+order, deniedOnce)
	return err
}

// PassToken is the payload of the deep link to an order: opaque, the same for the same order, and worth nothing to anybody but
// the buyer.
func (s *Shop) PassToken(order string) string { return s.o.Ring.Token("cardrop/pass/v1 " + order) }

// Pass makes the deep link to an order, or to a basket that may become one, work for its buyer.
func (s *Shop) Pass(ctx context.Context, order string, user int64) error {
	return s.o.Store.KeepPass(ctx, s.PassToken(order), store.Pass{Order: order, User: user})
}

// Admit reads what the payload of a deep link opens for a user. It returns ErrNotFound for an unknown one, and for another's,
// which is recorded.
func (s *Shop) Admit(ctx context.Context, token string, user int64) (string, error) {
	p, err := s.o.Store.Pass(ctx, token)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.tally(ctx, tokenPattern(), user)
		return "", ErrNotFound
	case err != nil:
		return "", err
	case p.User != user:
		s.tally(ctx, tokenPattern(), user)
		return "", errors.Join(s.Denied(ctx, user, "pass"), ErrNotFound)
	}
	return p.Order, nil
}
