package checkout

import (
	"context"
	"errors"
	"sort"
	"strings"
	"time"

	"cardrop/store"
)

// Debt is a group whose wallet is below zero.
type Debt struct {
	Group store.Group
	Owed  int64     // minor units, positive
	Since time.Time // when its balance fell below zero last; zero when that is longer ago than its last entries tell
}

// debtEntries is how many of a wallet's entries are looked through for the beginning of a debt.
const debtEntries = 2000

// Debts lists the groups that owe, the oldest debt first.
func (s *Shop) Debts(ctx context.Context) ([]Debt, error) {
	balances, err := s.o.Store.Balances(ctx)
	if err != nil {
		return nil, err
	}
	var all []Debt
	for account, balance := range balances {
		if balance >= 0 || !strings.HasPrefix(account, "group:") {
			continue
		}
		g, err := s.Group(ctx, store.Group{Account: account}.ID())
		if errors.Is(err, ErrNotFound) {
			g = store.Group{Account: account}
		} else if err != nil {
			return nil, err
		}
		entries, err := s.o.Store.Statement(ctx, account, debtEntries)
		if err != nil {
			return nil, err
		}
		all = append(all, Debt{Group: g, Owed: -balance, Since: belowSince(account, balance, entries)})
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if !a.Since.Equal(b.Since) {
			return a.Since.Before(b.Since)
		}
		return a.Group.Account < b.Group.Account
	})
	return all, nil
}

// belowSince is when a balance that is below zero fell there, from the entries that led to it, newest first.
func belowSince(account string, balance int64, newest []store.Entry) time.Time {
	for _, e := range newest {
		if e.From == account {
			balance += e.Amount
		} else {
			balance -= e.Amount
		}
		if balance >= 0 {
			return e.At
		}
	}
	return time.Time{}
}
