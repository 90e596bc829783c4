package checkout

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	giftzbox "cardrop/providers/giftz/sandbox"
	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

const (
	groupHere = int64(-4001)
	groupNext = int64(-1004001)
)

// reseller links a group with money for that many vouchers, and gives what one costs.
func (k *kit) reseller(vouchers int64) (store.Group, int64) {
	k.t.Helper()
	g, fresh, err := k.shop.Link(k.ctx, groupHere, admin)
	k.ok(err)
	if !fresh {
		k.t.Fatal("the group was linked before")
	}
	unit := k.basket(amine, grab, 1).Unit
	_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: g.ID(), Account: g.Account, Amount: unit * vouchers, Note: "cash", Ref: "g1"})
	k.ok(err)
	return g, unit
}

// wares is a basket of a member that the group pays for.
func (k *kit) wares(g store.Group, user int64) Basket {
	b := k.basket(user, grab, 1)
	b.Buyer.Account, b.Post = g.Account, g.Chat
	return b
}

// on checks what is in a wallet.
func (k *kit) on(account string, want int64) {
	k.t.Helper()
	got, err := k.shop.BalanceOn(k.ctx, account)
	k.ok(err)
	if got != want {
		k.t.Errorf("%s holds %d, want %d", account, got, want)
	}
}

// TestGroupPays has many members buy at once with money for a few: exactly those are bought, from the group's wallet, and what the
// supplier refuses comes back there.
func TestGroupPays(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		const most = 5
		g, unit := k.reseller(most)
		k.ok(k.shop.Notarize(k.ctx))
		var bought, short atomic.Int64
		var wg sync.WaitGroup
		for range 4 * most {
			b := k.wares(g, karim)
			wg.Go(func() {
				_, err := k.shop.Buy(k.ctx, b)
				if lack, ok := errors.AsType[*ShortError](err); ok && lack.Balance < unit {
					short.Add(1)
				} else if err == nil {
					bought.Add(1)
				} else {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if bought.Load() != most || short.Load() != 3*most {
			t.Errorf("%d bought, %d were short", bought.Load(), short.Load())
		}
		k.on(g.Account, 0)
		k.balance(karim, 0)
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfStock, Times: 1}))
		orders, _, err := k.shop.OrdersOn(k.ctx, g.Account, 0, 50)
		k.ok(err)
		var cards, back int64
		for _, o := range orders {
			o = k.run(o.ID, time.Second, time.Minute)
			cards, back = cards+int64(o.Delivered), back+o.Refunded
		}
		if len(orders) != most || cards != most-1 || back != unit {
			t.Errorf("%d orders brought %d cards and %d back", len(orders), cards, back)
		}
		k.on(g.Account, unit)
	})
}

// TestGroupShowsToItsBuyer holds that the members who share a wallet see the order, and only its buyer the cards.
func TestGroupShowsToItsBuyer(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		g, _ := k.reseller(1)
		k.ok(k.shop.Notarize(k.ctx))
		o, err := k.shop.Buy(k.ctx, k.wares(g, karim))
		k.ok(err)
		o = k.run(o.ID, time.Second, time.Minute)
		_, err = k.shop.OrderOn(k.ctx, o.ID, g.Account)
		k.ok(err)
		_, err = k.shop.OrderOn(k.ctx, o.ID, store.CustomerAccount(karim))
		k.is(err, ErrNotFound)
		token, err := k.shop.Offer(k.ctx, o.ID)
		k.ok(err)
		k.is(k.reveal(o, token, amine), ErrNotFound)
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrNotFound)
		k.ok(k.reveal(o, token, karim))
	})
}

// TestGroupIsFollowed moves a group, twice by the same news, links it anew, and moves another onto a chat with a wallet of its own.
func TestGroupIsFollowed(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.shop.Moved(k.ctx, groupHere, groupNext)) // never linked: nothing to follow
		g, unit := k.reseller(1)
		for range 2 {
			k.ok(k.shop.Moved(k.ctx, groupHere, groupNext))
		}
		got, err := k.shop.Group(k.ctx, groupHere)
		k.ok(err)
		if want := (store.Group{Chat: groupNext, Account: g.Account, Linked: true}); !cmp.Equal(got, want) {
			t.Errorf("followed to %+v, want %+v", got, want)
		}
		again, fresh, err := k.shop.Link(k.ctx, groupNext, admin)
		k.ok(err)
		if fresh || again.Account != g.Account {
			t.Errorf("linked anew as %+v", again)
		}
		k.on(g.Account, unit)
		other, _, err := k.shop.Link(k.ctx, -4002, admin)
		k.ok(err)
		k.ok(k.shop.Moved(k.ctx, -4002, groupNext))
		if n := k.rung("group_moved_twice"); n != 1 {
			t.Errorf("%d alarms about a group with two wallets", n)
		}
		if got, err := k.shop.Group(k.ctx, -4002); err != nil || got.Account != other.Account {
			t.Errorf("the other is %+v, %v", got, err)
		}
		_, _, err = k.shop.Unlink(k.ctx, -4003, admin)
		k.is(err, ErrNotFound)
		_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: groupHere, Amount: 1, Note: "x", Ref: "r"})
		if err == nil {
			t.Error("a group was credited as if it were a customer")
		}
	})
}
