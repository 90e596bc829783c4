package checkout

import (
	"context"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/oneclickdz"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// interrupted is the gift card supplier, and what happens elsewhere while it answers.
type interrupted struct {
	*oneclickdz.GiftCards
	found  func()
	opened func(family string)
}

// Find searches the supplier's list; the first time, something happens before the answer is used.
func (i *interrupted) Find(ctx context.Context, kind providers.Placement, from, to time.Time) ([]providers.Found, error) {
	list, err := i.GiftCards.Find(ctx, kind, from, to)
	if f := i.found; f != nil {
		i.found = nil
		f()
	}
	return list, err
}

// Open reads a family.
func (i *interrupted) Open(ctx context.Context, family string) ([]providers.Product, error) {
	if i.opened != nil {
		i.opened(family)
	}
	return i.GiftCards.Open(ctx, family)
}

// interrupt puts an interrupted supplier in the place of the gift cards.
func (k *kit) interrupt() *interrupted {
	k.t.Helper()
	gifts, ok := k.shop.suppliers[oneclickdz.GiftName].(*oneclickdz.GiftCards)
	if !ok {
		k.t.Fatal("no gift cards")
	}
	in := &interrupted{GiftCards: gifts}
	k.shop.suppliers[oneclickdz.GiftName] = in
	for i, p := range k.shop.o.Suppliers {
		if p.Name() == oneclickdz.GiftName {
			k.shop.o.Suppliers[i] = in
		}
	}
	return in
}

// TestBoundMeanwhile: two orders in doubt, both sold, both long past the settle time. One is bound while the other's search is under
// way: the other takes the order that is left, and is not given up.
func TestBoundMeanwhile(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: "/gift-cards/list"})) // the list is away
		var ids []string
		for range 2 {
			o := k.buy(amine, steam, 1)
			k.trouble(steam, "lost_after")
			k.work()
			k.state(k.order(o.ID), store.InDoubt)
			ids = append(ids, o.ID)
			k.pass(time.Second)
		}
		k.pass(12 * time.Minute)
		k.click.Clear()
		in := k.interrupt()
		in.found = func() { k.ok(k.shop.Ask(k.ctx, store.PlacementID{Order: ids[0], K: 1})) }
		k.ok(k.shop.Ask(k.ctx, store.PlacementID{Order: ids[1], K: 1}))
		for _, id := range ids {
			o := k.run(id, 5*time.Second, 2*time.Minute)
			k.state(o, store.Fulfilled)
			k.has(o)
		}
	})
}

// TestOneRefresh: a tick that finds the refresh of the start under way opens nothing a second time.
func TestOneRefresh(t *testing.T) {
	k := newKit(t, false)
	k.pass(7 * time.Hour)
	in, times, begun, goOn := k.interrupt(), map[string]int{}, make(chan struct{}), make(chan struct{})
	in.opened = func(family string) {
		if len(times) == 0 {
			close(begun)
			<-goOn
		}
		times[family]++
	}
	done := make(chan error, 1)
	go func() { done <- k.shop.RefreshCatalog(k.ctx) }()
	<-begun
	k.ok(k.shop.RefreshCatalog(k.ctx))
	close(goOn)
	k.ok(<-done)
	for family, n := range times {
		if n != 1 {
			t.Errorf("%s was opened %d times", family, n)
		}
	}
	if len(times) == 0 {
		t.Error("nothing was opened")
	}
}

// TestFirstPauseStands: a supplier that is paused for want of money is not sold from again because its key could be read.
func TestFirstPauseStands(t *testing.T) {
	k := newKit(t, false)
	k.ok(k.shop.Pause(k.ctx, oneclickdz.GiftName, string(providers.NoFunds)))
	k.ok(k.shop.Pause(k.ctx, oneclickdz.GiftName, "unverified"))
	k.ok(k.shop.Resume(k.ctx, oneclickdz.GiftName, "unverified"))
	if paused, err := k.store.Paused(k.ctx); err != nil || paused[oneclickdz.GiftName] != string(providers.NoFunds) {
		t.Errorf("paused: %v, err %v", paused, err)
	}
	k.ok(k.shop.Reopen(k.ctx, admin, oneclickdz.GiftName))
	if paused, err := k.store.Paused(k.ctx); err != nil || len(paused) != 0 {
		t.Errorf("paused: %v, err %v", paused, err)
	}
}
