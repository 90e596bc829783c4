package checkout

import (
	"context"
	"time"
)

// Customer is what of a buyer decides about prices and quantities. The zero value is somebody in a private chat.
type Customer struct {
	Tier     string // of prices; empty for the shop's own
	Bulk     bool   // buys for resale: more at once
	Language string // in which products are named; empty for the names of no language in particular
	Hidden   bool   // one of those who run the shop: sees what is hidden, and buys nothing so
	// Credit is how far the balance may fall below zero, for what is shown; what counts is decided when the order is opened.
	Credit int64
	// Table and FileTTL are how a file with codes is written and how long it stays: 0 for the shop's life of files.
	Table   bool
	FileTTL time.Duration
}

// customerKey finds a Customer in a context.
type customerKey struct{}

// For makes every price and limit that is read under a context those of a customer.
func For(ctx context.Context, c Customer) context.Context {
	return context.WithValue(ctx, customerKey{}, c)
}

// customer is whose prices are asked for.
func customer(ctx context.Context) Customer {
	c, _ := ctx.Value(customerKey{}).(Customer)
	return c
}
