package main

import (
	"context"

	"cardrop/bot/rehearsal"
)

// rehearse plays the rehearsal that an admin asked for, in a shop of its own.
func (p *program) rehearse(ctx context.Context) error {
	return p.shop.Rehearse(ctx, rehearsal.New(rehearsal.Options{RedisURL: p.cfg.RedisURL, Shop: p.cfg.Shop}))
}
