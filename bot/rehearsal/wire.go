package rehearsal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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
	giftzbox "cardrop/providers/giftz/sandbox"
	"cardrop/providers/oneclickdz"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// How the rehearsal's shop is set.
const (
	currency   = "DZD"
	screenLife = time.Minute
	mode       = "sandbox"
	nearly     = 28 * time.Second // of the 30 s that a purchase may take: a busy machine has to send it in what is left
	endLimit   = 10 * time.Second
)

// stage is the separate shop with its simulators.
type stage struct {
	memory    *store.Store
	shop      *checkout.Shop
	tray      *tray
	giftz     *giftzbox.Server
	click     *clickbox.Server
	servers   []*http.Server
	customers int64
	ahead     atomic.Int64 // ns by which the rehearsal's clock is ahead
	haste     atomic.Int64 // ns by which the clients' clocks are ahead of that
}

// open builds the shop on a memory of its own, which is emptied first.
func open(ctx context.Context, o Options) (*stage, error) {
	st := &stage{customers: customer}
	st.tray = &tray{now: st.now, cards: map[int]int{}}
	err := st.build(ctx, o)
	if err != nil {
		return nil, errors.Join(err, st.close(context.WithoutCancel(ctx)))
	}
	return st, nil
}

func (st *stage) build(ctx context.Context, o Options) error {
	name := store.RehearsalOf(o.Shop)
	var err error
	if st.memory, err = store.Open(ctx, store.Options{URL: o.RedisURL.Expose(), Shop: name,
		Offset: func() time.Duration { return time.Duration(st.ahead.Load()) }}); err != nil {
		return fmt.Errorf("open memory: %w", err)
	}
	if _, err := st.memory.Clear(ctx); err != nil {
		return fmt.Errorf("empty memory: %w", err)
	}
	ring, err := checkout.OpenRing(ctx, checkout.RingOptions{Store: st.memory, Primary: providers.NewSecret(random(32)), Mode: mode, Shop: name})
	if err != nil {
		return fmt.Errorf("open ring: %w", err)
	}
	suppliers, err := st.suppliers(ctx, o)
	if err != nil {
		return err
	}
	st.shop, err = checkout.New(checkout.Options{Store: st.memory, Suppliers: suppliers, Ring: ring, Channels: []checkout.Channel{st.tray},
		Currency: currency, Markup: big.NewRat(5, 1), PriceStep: 5, Rates: map[string]*big.Rat{"VND": big.NewRat(53, 10_000)},
		RevealTTL: 5 * time.Minute, MessageTTL: screenLife, InternetTTL: screenLife, FileTTL: screenLife, RevealLimit: 5, Retention: time.Hour,
		OpenEvery: time.Millisecond, Now: st.now, Rand: func(b []byte) { _, _ = rand.Read(b) },
		Alarm: func(context.Context, string, string) {}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("open shop: %w", err)
	}
	return errors.Join(st.shop.Notarize(ctx), st.shop.RefreshCatalog(ctx))
}

// suppliers joins the shipped clients to simulators on loopback.
func (st *stage) suppliers(ctx context.Context, o Options) ([]providers.Provider, error) {
	user, key, password, token := random(4), random(16), random(16), random(16)
	st.giftz = giftzbox.New(giftzbox.Options{UserName: user, SecureKey: key, Password: password, Now: st.now})
	st.click = clickbox.New(clickbox.Options{Now: st.now, Keys: []clickbox.Key{{Token: token, Type: clickbox.Sandbox, Lifelike: true}},
		Catalog: []clickbox.Category{{Title: "Cards", Products: []clickbox.Product{{ID: "gift", Title: "Rehearsal card",
			Types: []clickbox.Type{{ID: "ten", Name: "Rehearsal card 10", Price: 1000_00, Stock: 100}}}}}}})
	vouchers, err := st.listen(ctx, st.giftz)
	if err != nil {
		return nil, err
	}
	cards, err := st.listen(ctx, st.click)
	if err != nil {
		return nil, err
	}
	one, err := giftz.New(giftz.Options{UserName: user, SecureKey: providers.NewSecret(key), Password: providers.NewSecret(password),
		BaseURL: vouchers + "/api/v1", Now: st.hasty})
	if err != nil {
		return nil, fmt.Errorf("open client: %w", err)
	}
	two, err := oneclickdz.New(oneclickdz.Options{AccessToken: providers.NewSecret(token), BaseURL: cards + "/v3", Now: st.hasty})
	if err != nil {
		return nil, fmt.Errorf("open client: %w", err)
	}
	return []providers.Provider{o.wrap(one), o.wrap(two.GiftCards()), o.wrap(two.Internet())}, nil
}

// listen serves a simulator on a free port of this machine alone, and returns its address.
func (st *stage) listen(ctx context.Context, h http.Handler) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen for a simulator: %w", err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: endLimit}
	st.servers = append(st.servers, s)
	go func() { _ = s.Serve(l) }()
	return "http://" + l.Addr().String(), nil
}

// close ends the simulators and removes everything that the rehearsal wrote.
func (st *stage) close(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	var wrong []error
	for _, s := range st.servers {
		wrong = append(wrong, s.Close())
	}
	if st.memory != nil {
		_, err := st.memory.Clear(limited)
		wrong = append(wrong, err, st.memory.Close())
	}
	return errors.Join(wrong...)
}

// work does what the program's jobs would: the record is linked, suppliers are asked, messages go.
func (st *stage) work(ctx context.Context) error {
	if err := st.shop.Notarize(ctx); err != nil {
		return fmt.Errorf("link record: %w", err)
	}
	due, err := st.memory.DuePlacements(ctx, 10)
	if err != nil {
		return fmt.Errorf("list placements: %w", err)
	}
	for _, id := range due {
		if err := st.shop.Ask(ctx, id); err != nil {
			return fmt.Errorf("ask supplier: %w", err)
		}
	}
	if err := st.shop.Sweep(ctx); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return st.shop.Notarize(ctx)
}

// sales counts what the simulators have sold.
func (st *stage) sales() int { return len(st.giftz.Sold()) + len(st.click.Sold()) }

// now is the rehearsal's clock, which only it moves.
func (st *stage) now() time.Time { return time.Now().Add(time.Duration(st.ahead.Load())) }

// hasty is the clients' clock.
func (st *stage) hasty() time.Time { return st.now().Add(time.Duration(st.haste.Load())) }

func (st *stage) pass(d time.Duration) { st.ahead.Add(int64(d)) }

func (st *stage) hurry(on bool) {
	st.haste.Store(0)
	if on {
		st.haste.Store(int64(nearly))
	}
}

// random makes a secret of n bytes, in hex.
func random(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw)
	return hex.EncodeToString(raw)
}
