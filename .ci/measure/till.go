package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/providers/giftz"
	"cardrop/providers/giftz/sandbox"
	"cardrop/store"
)

// The people of the till, all with money.
const (
	firstBuyer = 9_000_000
	buyers     = connections
)

// till is the life of orders in this process, without talks and Telegram: the shipped checkout, store and GiftZ client, with the simulator
// behind a real connection. Its delivery channel answers at once.
type till struct {
	store *store.Store
	ring  *checkout.Ring
	shop  *checkout.Shop
	line  string // short code of what is bought
	unit  int64
	ended *endings
	close func() error

	refused atomic.Int64 // tries, because the record was not linked
}

// endings hears of orders that end, and of nothing else.
type endings struct {
	n     atomic.Int64
	wrong atomic.Int64
	free  chan struct{} // a place for one more order that has not ended
}

func (e *endings) Ended(_, state string) {
	if state != string(store.Fulfilled) {
		e.wrong.Add(1)
	}
	e.n.Add(1)
	<-e.free
}
func (*endings) Called(string, string, string, time.Duration) {}
func (*endings) Shown(time.Duration)                          {}
func (*endings) Removed(time.Duration)                        {}
func (*endings) Has(string, providers.Money)                  {}

// tray is a delivery channel that has every parcel at once.
type tray struct{}

func (tray) Name() string { return "in-app" }
func (tray) Prepare(_ context.Context, to checkout.Recipient) (checkout.Receipt, error) {
	return checkout.Receipt{Chat: to.Chat, Message: 1, Sent: time.Now()}, nil
}
func (tray) Show(context.Context, checkout.Receipt, checkout.Parcel) error { return nil }
func (tray) Retract(context.Context, checkout.Receipt) error               { return nil }

// openTill makes a shop with buyers on a Redis.
func openTill(ctx context.Context, url string) (*till, error) {
	living, end := context.WithCancel(ctx)
	supplier, err := supply(living)
	if err != nil {
		end()
		return nil, err
	}
	t := &till{ended: &endings{free: make(chan struct{}, connections)}}
	if t.store, err = store.Open(ctx, store.Options{URL: url, Shop: "till"}); err != nil {
		end()
		return nil, fmt.Errorf("open till: %w", err)
	}
	t.close = func() error { end(); return t.store.Close() }
	if err := t.open(ctx, supplier); err != nil {
		return nil, errors.Join(err, t.close())
	}
	go t.shop.Work(living)
	go t.tick(living)
	return t, nil
}

// supply is GiftZ's client in front of its simulator.
func supply(ctx context.Context) (providers.Provider, error) {
	const password = "thirty-two-byte-password-0000032"
	box := sandbox.New(sandbox.Options{UserName: "till", SecureKey: "key", Password: password, Now: time.Now, Balance: plenty * 20_000})
	box.SetStock(goods, plenty)
	var lc net.ListenConfig
	at, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open simulator: %w", err)
	}
	served := &http.Server{Handler: box, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = served.Close() })
	go func() { _ = served.Serve(at) }()
	c, err := giftz.New(giftz.Options{UserName: "till", SecureKey: providers.NewSecret("key"), Password: providers.NewSecret(password),
		BaseURL: "http://" + at.Addr().String() + "/api/v1", PriceIs: giftz.PriceIsCost, Now: time.Now})
	if err != nil {
		return nil, fmt.Errorf("open simulator: %w", err)
	}
	return c, nil
}

// open makes the shop, its catalog and its customers.
func (t *till) open(ctx context.Context, supplier providers.Provider) error {
	var err error
	const key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	t.ring, err = checkout.OpenRing(ctx, checkout.RingOptions{Store: t.store, Primary: providers.NewSecret(key), Mode: "sandbox", Shop: "till"})
	if err != nil {
		return fmt.Errorf("open till: %w", err)
	}
	t.shop, err = checkout.New(checkout.Options{Store: t.store, Suppliers: []providers.Provider{supplier}, Ring: t.ring,
		Channels: []checkout.Channel{tray{}}, Currency: "DZD", Markup: big.NewRat(5, 1), PriceStep: 5,
		Rates: map[string]*big.Rat{"VND": big.NewRat(53, 10000)}, RevealTTL: 5 * time.Minute, MessageTTL: time.Minute,
		FileTTL: 10 * time.Minute, RevealLimit: 5, Retention: 720 * time.Hour, OpenEvery: time.Millisecond, MostOpen: plenty,
		Meter: t.ended, Now: time.Now, Rand: func(b []byte) { _, _ = rand.Read(b) }, Alarm: func(context.Context, string, string) {},
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("open till: %w", err)
	}
	if err := errors.Join(t.shop.Notarize(ctx), t.shop.RefreshCatalog(ctx)); err != nil {
		return fmt.Errorf("open till: %w", err)
	}
	for user := range int64(buyers) {
		if err := credit(ctx, t.store, firstBuyer+user); err != nil {
			return err
		}
	}
	families, err := t.shop.Families(ctx)
	if err != nil {
		return fmt.Errorf("open till: %w", err)
	}
	for _, f := range families {
		for _, l := range f.Lines {
			if l.Product.SKU == goods {
				t.line = l.Code
			}
		}
	}
	q, err := t.shop.Quote(ctx, t.basket(0))
	t.unit = q.Unit
	return err
}

// tick does what the program does every second and selling depends on.
func (t *till) tick(ctx context.Context) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			_ = t.shop.Notarize(ctx) // the next tick tries again; without it selling stops, and that is noticed
			_ = t.shop.Poll(ctx)
		}
	}
}

// basket is what one of the buyers confirms.
func (t *till) basket(n int) checkout.Basket {
	user := firstBuyer + int64(n%buyers)
	return checkout.Basket{ID: t.shop.NewOrderID(), Line: t.line, Quantity: 1, Unit: t.unit,
		Buyer: checkout.Buyer{User: user, Chat: user, Language: "en"}}
}

// insist repeats what the shop refuses because its record is not linked yet: the notary comes once a second, as in the program, and selling
// stops when too much piled up. The waiting is part of the figure.
func (t *till) insist(ctx context.Context, do func() error) error {
	for {
		err := do()
		if !errors.Is(err, checkout.ErrClosed) {
			return err
		}
		t.refused.Add(1)
		if err := rest(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// sold is an order and whose it is.
type sold struct {
	order string
	buyer checkout.Buyer
}

// sell makes n orders, at most fifty at once that have not ended, and waits until all have. It returns how many a second.
func (t *till) sell(ctx context.Context, n int) ([]sold, float64, error) {
	list, before := make([]sold, n), t.ended.n.Load()
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	began := time.Now()
	err := each(numbers, connections, func(i int) error {
		b := t.basket(i)
		list[i] = sold{b.ID, b.Buyer}
		t.ended.free <- struct{}{}
		err := t.insist(ctx, func() error { _, err := t.shop.Buy(ctx, b); return err })
		if err != nil {
			<-t.ended.free
		}
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("sell: %w", err)
	}
	if !until(ctx, patient, func() bool { return t.ended.n.Load()-before >= int64(n) }) {
		return nil, 0, fmt.Errorf("sell: %d of %d orders have ended", t.ended.n.Load()-before, n)
	}
	took := time.Since(began)
	if wrong := t.ended.wrong.Load(); wrong > 0 {
		return nil, 0, fmt.Errorf("sell: %d orders ended without their card", wrong)
	}
	return list, float64(n) / took.Seconds(), nil
}

// show opens the card of every order once, fifty at a time, and returns how many a second. The tokens are minted before.
func (t *till) show(ctx context.Context, list []sold) (float64, error) {
	type ticket struct {
		sold
		token string
	}
	tickets := make([]ticket, len(list))
	numbers := make([]int, len(list))
	for i := range numbers {
		numbers[i] = i
	}
	err := each(numbers, connections, func(i int) error {
		token, err := t.shop.Offer(ctx, list[i].order)
		tickets[i] = ticket{list[i], token}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("offer: %w", err)
	}
	began := time.Now()
	err = each(tickets, connections, func(k ticket) error {
		return t.insist(ctx, func() error { return t.shop.Reveal(ctx, k.order, k.token, k.buyer, checkout.Route{}) })
	})
	if err != nil {
		return 0, fmt.Errorf("reveal: %w", err)
	}
	return float64(len(list)) / time.Since(began).Seconds(), nil
}
