package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// groupPrefix begins the name of every group's wallet.
const groupPrefix = "group:"

// GroupAccount is the wallet in the ledger of a group that was first linked in this chat.
func GroupAccount(chat int64) string { return groupPrefix + strconv.FormatInt(chat, 10) }

// Group is a Telegram group that is a reseller, or was one.
type Group struct {
	Chat    int64  // where it is now
	Account string // its wallet: named after the chat it was first linked in, and the same for ever
	Linked  bool
	Terms   Terms // of its wallet
}

// ID is the number its wallet is named after. It stays when the group moves.
func (g Group) ID() int64 { return number(strings.TrimPrefix(g.Account, groupPrefix)) }

// absent tells whether Redis said that there is nothing.
func absent(err error) bool { return errors.Is(err, redis.Nil) }

// moves bounds how often a group's id is followed: a group becomes a supergroup once.
const moves = 3

// Group finds a group by its present chat id or by a former one. It returns ErrNotFound for a chat that was never linked.
func (s *Store) Group(ctx context.Context, chat int64) (Group, error) {
	for range moves {
		name := strconv.FormatInt(chat, 10)
		p := s.rdb.Pipeline()
		account, next := p.HGet(ctx, s.keys.groups(), name), p.HGet(ctx, s.keys.moved(), name)
		if _, err := p.Exec(ctx); err != nil && !absent(err) {
			return Group{}, fmt.Errorf("read group: %w", err)
		}
		switch {
		case account.Val() != "":
			p := s.rdb.Pipeline()
			at, terms := p.HGet(ctx, s.keys.linked(), account.Val()), p.HGetAll(ctx, s.keys.terms(account.Val()))
			if _, err := p.Exec(ctx); err != nil && !absent(err) {
				return Group{}, fmt.Errorf("read group: %w", err)
			}
			return Group{Chat: chat, Account: account.Val(), Linked: at.Val() == name, Terms: parseTerms(terms.Val())}, nil
		case next.Val() == "":
			return Group{}, ErrNotFound
		}
		chat = number(next.Val())
	}
	return Group{}, ErrNotFound
}

// LinkGroup makes a chat a reseller with the wallet of account, or ends that; the wallet stays. It returns false when it was so
// already, and ErrConflict for a chat that has another wallet or a wallet that is another chat's.
func (s *Store) LinkGroup(ctx context.Context, chat int64, account string, on bool, e Event) (bool, error) {
	k := s.keys
	flag := "0"
	if on {
		flag = "1"
	}
	word, _, err := s.word(ctx, "link_group", []string{k.groups(), k.linked(), k.events(), k.seq(), k.orderEvents(e.Order),
		k.personEvents(e.Person)}, chat, account, flag, e.pack())
	return changed(word, err)
}

// MoveGroup follows a group that became a supergroup: its binding goes to the new chat, its wallet keeps its name. It returns
// false when that was done before, ErrNotFound for a chat that was never linked, and ErrConflict when the new chat has a wallet
// of its own.
func (s *Store) MoveGroup(ctx context.Context, from, to int64, account string, e Event) (bool, error) {
	k := s.keys
	word, _, err := s.word(ctx, "move_group", []string{k.groups(), k.linked(), k.moved(), k.events(), k.seq(),
		k.orderEvents(e.Order), k.personEvents(e.Person)}, from, to, account, e.pack())
	return changed(word, err)
}

// changed reads the answer of a script that says ok, same or why not.
func changed(word string, err error) (bool, error) {
	switch {
	case err != nil:
		return false, err
	case word == "ok" || word == "same":
		return word == "ok", nil
	default:
		return false, refusal(word)
	}
}

// OrdersOn reads a page of the orders that an account pays for, newest first, from page 0. The second result tells whether there
// are more.
func (s *Store) OrdersOn(ctx context.Context, account string, page, size int) ([]Order, bool, error) {
	return s.listed(ctx, s.keys.accountOrders(account), page, size)
}
