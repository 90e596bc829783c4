package checkout

import (
	"testing"
	"time"

	"cardrop/store"
)

// exhausted is an order whose owner has no showing left.
func (k *kit) exhausted() store.Order {
	k.t.Helper()
	o, token := k.ready(amine, grab, 1)
	for n := range k.options.RevealLimit {
		if n > 0 {
			var err error
			token, err = k.shop.Again(k.ctx, o.ID, amine)
			k.ok(err)
		}
		k.ok(k.reveal(o, token, amine))
		k.pass(11 * time.Minute)
		k.ok(k.shop.Sweep(k.ctx))
	}
	return o
}

// reissues writes the event of one more showing.
func (k *kit) reissues() { k.ok(k.shop.Reissue(k.ctx, admin, k.exhausted().ID)) }

// TestReissue holds that an admin allows the owner one more showing, and nobody any other.
func TestReissue(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.exhausted()
		_, err := k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrUsedUp)
		k.is(k.shop.Reissue(k.ctx, admin, "ZZZZZZZZ"), ErrNotFound)
		k.ok(k.shop.Reissue(k.ctx, admin, o.ID))
		k.is(k.shop.Reissue(k.ctx, admin, o.ID), ErrUndecidable)
		_, err = k.shop.Again(k.ctx, o.ID, admin)
		k.is(err, ErrNotFound)
		token, err := k.shop.Again(k.ctx, o.ID, amine)
		k.ok(err)
		k.is(k.reveal(o, token, admin), ErrNotFound)
		k.ok(k.reveal(o, token, amine))
		k.pass(11 * time.Minute)
		k.ok(k.shop.Sweep(k.ctx))
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrUsedUp)
		k.sound()
	})
}
