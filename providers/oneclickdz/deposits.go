package oneclickdz

import (
	"context"
	"time"

	"cardrop/providers"
)

var (
	_ providers.Depositor = (*GiftCards)(nil)
	_ providers.Depositor = (*Internet)(nil)
)

// account is the one account that gift cards and internet cards are paid from.
const account = "oneclickdz"

// Account names the account, which internet cards share.
func (g *GiftCards) Account() string { return account }

// Account names the account, which gift cards share.
func (n *Internet) Account() string { return account }

// Deposits lists what was paid into the account between from and to, oldest first. Its error wraps ErrUnknown.
func (g *GiftCards) Deposits(ctx context.Context, from, to time.Time) ([]providers.Transaction, error) {
	return g.c.deposits(ctx, from, to)
}

// Deposits lists what was paid into the account between from and to, oldest first. Its error wraps ErrUnknown.
func (n *Internet) Deposits(ctx context.Context, from, to time.Time) ([]providers.Transaction, error) {
	return n.c.deposits(ctx, from, to)
}

// deposits are the movements of type DEPOSIT.
func (c *Client) deposits(ctx context.Context, from, to time.Time) ([]providers.Transaction, error) {
	return c.transactions(ctx, from, to, "DEPOSIT", "")
}
