package checkout

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cardrop/store"
)

// TestClosure: an operator's word stops buying and nothing else, in every process and also after a restart, and ends at its time.
func TestClosure(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		open := k.buy(amine, psn, 1) // agreed before, asked for after
		agreed := k.basket(bilal, grab, 1)
		until := k.now().Add(time.Hour)
		k.ok(k.shop.Close(k.ctx, admin, Closure{Words: "We count our stock", Until: until}))

		_, err := k.shop.Buy(k.ctx, agreed)
		k.is(err, ErrClosed)
		closed, ok := errors.AsType[*ClosedError](err)
		if !ok || closed.Words != "We count our stock" || !closed.Until.Equal(until) {
			t.Errorf("a buyer hears %+v", err)
		}
		_, err = k.shop.Quote(k.ctx, agreed)
		k.is(err, ErrClosed)
		again, err := New(k.options) // a restart, or another process
		k.ok(err)
		_, err = again.Buy(k.ctx, agreed)
		k.is(err, ErrClosed)
		// The script refuses also whoever asked before the shop was closed.
		_, err = k.store.OpenOrder(k.ctx, store.NewOrder{ID: agreed.ID, Account: store.CustomerAccount(bilal), Buyer: bilal, Chat: bilal,
			Provider: "giftz", Unit: agreed.Unit, Quantity: 1, Placements: []int{1}, Event: k.shop.event(EventOpened, store.Order{ID: agreed.ID}, system, nil)})
		k.is(err, store.ErrClosed)

		k.state(k.run(open.ID, time.Second, time.Minute), store.Fulfilled)
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
		k.pass(2 * time.Minute)
		k.ok(k.shop.Sweep(k.ctx))
		if n := len(k.tray.visible()); n != 0 {
			t.Errorf("%d messages with codes were not deleted while the shop is closed", n)
		}
		before := k.wallet(amine)
		_, err = k.shop.Refund(k.ctx, admin, o.ID, 0, Refunding{Note: "closed", Ref: "r1"})
		k.ok(err)
		if k.wallet(amine) <= before {
			t.Error("nothing was refunded while the shop is closed")
		}

		k.ok(k.shop.EndClosure(k.ctx))
		_, err = k.shop.Buy(k.ctx, agreed)
		k.is(err, ErrClosed)
		k.pass(time.Hour)
		k.ok(k.shop.Notarize(k.ctx))
		k.ok(k.shop.EndClosure(k.ctx))
		_, err = k.shop.Buy(k.ctx, k.basket(bilal, grab, 1))
		k.ok(err)
		k.is(k.shop.OpenAgain(k.ctx, admin), ErrNotFound)
		all, err := k.store.EventsAfter(k.ctx, "", 10_000)
		k.ok(err)
		said := ""
		for _, e := range all {
			if e.Kind == EventClosed || e.Kind == EventReopened {
				said += e.Kind + " "
			}
		}
		if said != "CLOSURE_BEGUN CLOSURE_OVER " {
			t.Errorf("on record stands %q", said)
		}
	})
}

// TestUnfitClosures: words that cannot be shown and ends that are none close nothing.
func TestUnfitClosures(t *testing.T) {
	k := newKit(t, false)
	for _, c := range []Closure{
		{}, {Words: "two\nlines"}, {Words: "turned \u202e around"}, {Words: strings.Repeat("a", longestWords+1)},
		{Words: "late", Until: k.now()}, {Words: "far", Until: k.now().Add(longestClosure + time.Hour)},
	} {
		k.is(k.shop.Close(k.ctx, admin, c), ErrClosure)
	}
	c, err := k.shop.Closure(k.ctx)
	k.ok(err)
	if c != nil {
		t.Errorf("the shop is closed: %+v", c)
	}
	k.ok(k.shop.Close(k.ctx, admin, Closure{Words: "نعود غدا"}))
	k.pass(1000 * time.Hour)
	k.ok(k.shop.EndClosure(k.ctx))
	if c, err := k.shop.Closure(k.ctx); err != nil || c == nil || c.Words != "نعود غدا" {
		t.Errorf("a closure without an end is now %+v, %v", c, err)
	}
}
