package oneclickdz

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cardrop/providers"
)

var (
	_ providers.Lister     = (*GiftCards)(nil)
	_ providers.Lister     = (*Internet)(nil)
	_ providers.Accountant = (*GiftCards)(nil)
	_ providers.Accountant = (*Internet)(nil)
)

// Sales lists the account's gift card orders made between from and to, oldest first, with those that ended refunded. Its error wraps
// ErrUnknown.
func (g *GiftCards) Sales(ctx context.Context, from, to time.Time) ([]providers.Sale, error) {
	return g.c.sales(ctx, "/gift-cards/list", from, to, func(item json.RawMessage) (providers.Sale, bool) {
		var o order
		if json.Unmarshal(item, &o) != nil || o.Quantity.bad || !o.Quantity.set || o.Product == "" || o.Type == "" || o.Status == "" {
			return providers.Sale{}, false
		}
		made, ok := when(o.Time)
		return providers.Sale{Handle: o.id(), SKU: sku(string(o.Product), string(o.Type)), Quantity: o.Quantity.n, Time: made,
			State: o.state()}, ok
	})
}

// Sales lists the account's top-ups made between from and to, oldest first, with those that ended refunded. Its error wraps ErrUnknown.
func (n *Internet) Sales(ctx context.Context, from, to time.Time) ([]providers.Sale, error) {
	return n.c.sales(ctx, "/internet/list", from, to, func(item json.RawMessage) (providers.Sale, bool) {
		var t struct {
			topup
			Ref     text `json:"ref"`
			Created text `json:"created_at"`
			Time    text `json:"time"`
		}
		if json.Unmarshal(item, &t) != nil || t.Status == "" {
			return providers.Sale{}, false
		}
		if t.Created == "" {
			t.Created = t.Time
		}
		made, ok := when(t.Created)
		kind, face := lineKind(t.Type), amount(t.Amount)
		line := string(kind) + ":" + dinars(face)
		if _, _, known := splitLine(line); !known {
			return providers.Sale{}, false
		}
		return providers.Sale{Handle: first(t.Mongo, t.ID), Ref: string(t.Ref), SKU: line, Account: string(t.Number), Kind: kind, Quantity: 1,
			Time: made, State: t.state()}, ok
	})
}

// sales reads a list of purchases. An entry without an id, or that read cannot make sense of, spoils the whole list.
func (c *Client) sales(ctx context.Context, path string, from, to time.Time, read func(json.RawMessage) (providers.Sale, bool)) ([]providers.Sale, error) {
	found := []providers.Sale{}
	err := c.pages(ctx, path, from, to, func(item json.RawMessage) error {
		s, ok := read(item)
		if !ok || s.Handle == "" {
			return fmt.Errorf("oneclickdz list: %w: a purchase cannot be read", providers.ErrUnknown)
		}
		if within(s.Time, from, to) {
			found = append(found, s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b providers.Sale) int { return a.Time.Compare(b.Time) })
	return found, nil
}

// Transactions lists what was taken for gift card orders, and what came back for them, between from and to, oldest first. Its error
// wraps ErrUnknown.
func (g *GiftCards) Transactions(ctx context.Context, from, to time.Time) ([]providers.Transaction, error) {
	return g.c.transactions(ctx, from, to, "ORDER", "REFUND-ORDER")
}

// Transactions lists what was taken for top-ups, and what came back for them, between from and to, oldest first. Its error wraps
// ErrUnknown.
func (n *Internet) Transactions(ctx context.Context, from, to time.Time) ([]providers.Transaction, error) {
	return n.c.transactions(ctx, from, to, "ADSL", "REFUND-ADSL")
}

// transactions reads the account's movements of two types: which way the money went follows from the type, since the supplier does not
// say how it spells the direction.
func (c *Client) transactions(ctx context.Context, from, to time.Time, taken, returned string) ([]providers.Transaction, error) {
	found := []providers.Transaction{}
	err := c.pages(ctx, "/account/transactions", from, to, func(item json.RawMessage) error {
		var entry struct {
			Type   text              `json:"type"`
			Amount providers.Decimal `json:"amount"`
			Object ident             `json:"objid"`
			Time   text              `json:"time"`
		}
		if err := json.Unmarshal(item, &entry); err != nil || entry.Type == "" {
			return fmt.Errorf("oneclickdz transactions: %w: an entry cannot be read", providers.ErrUnknown)
		}
		kind := normal(string(entry.Type))
		if kind != normal(taken) && kind != normal(returned) {
			return nil
		}
		m, err := entry.Amount.Money(currency)
		made, ok := when(entry.Time)
		if err != nil || m.IsZero() || !ok {
			return fmt.Errorf("oneclickdz transactions: %w: a movement cannot be read", providers.ErrUnknown)
		}
		if m.Minor = max(m.Minor, -m.Minor); kind == normal(returned) {
			m.Minor = -m.Minor
		}
		if within(made, from, to) {
			found = append(found, providers.Transaction{Handle: string(entry.Object), Amount: m, Time: made})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b providers.Transaction) int { return a.Time.Compare(b.Time) })
	return found, nil
}
