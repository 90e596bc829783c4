package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// Grab 20.000đ of the GiftZ simulator: what everybody buys, and how much of it there is.
const (
	goods   = "G0001_GZ"
	plenty  = 10_000_000
	dinars  = 100_000_00 // in everybody's wallet, minor units
	secret  = "a-secret-of-the-webhook"
	hook    = "/telegram/hook"
	patient = 60 * time.Second
)

// shop is the built program in a world of its own: Telegram, suppliers and people are in this process, the program is another.
type shop struct {
	world  *demo.World
	env    map[string]string
	addr   string
	dir    string
	binary string
	run    *child
	memory *store.Store
	next   int64 // the next customer's id
	ended  chan error
	end    context.CancelFunc
}

// openShop makes a world and starts the program in it, with its memory at the address; name keeps it apart from others there.
func openShop(ctx context.Context, binary, dir, name, redisURL string, webhook bool) (*shop, error) {
	world, err := demo.Open(ctx, demo.WorldOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("open world: %w", err)
	}
	world.Telegram.SetFloodControl(false)
	world.GiftZ.SetStock(goods, plenty)
	world.GiftZ.Credit(plenty * 20_000)
	addr, err := berth(ctx)
	if err != nil {
		return nil, err
	}
	s := &shop{world: world, env: world.Settings(), addr: addr, dir: dir, binary: binary, next: 5_000_000, ended: make(chan error, 1)}
	maps.Copy(s.env, map[string]string{"REDIS_URL": redisURL, "SHOP": name, "LISTEN_ADDR": addr, "METRICS_ADDR": "off"})
	if webhook {
		s.env["TELEGRAM_WEBHOOK_URL"], s.env["TELEGRAM_WEBHOOK_SECRET"] = "http://"+addr+hook, secret
	}
	living, end := context.WithCancel(ctx)
	s.end = end
	go func() { s.ended <- world.Serve(living) }()
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if s.memory, err = store.Open(ctx, store.Options{URL: redisURL, Shop: name}); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.stocked(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// stocked waits until the shop window shows what everybody buys: a first start reads the catalog from the suppliers, later ones find it in
// Redis.
func (s *shop) stocked(ctx context.Context) error {
	people, err := s.customers(ctx, 1)
	if err != nil {
		return err
	}
	c := newCrowd(s.world.Telegram, purchase())
	for range 30 {
		for _, t := range purchase()[:4] {
			limited, cancel := context.WithTimeout(ctx, time.Second)
			err = errors.Join(c.do(people[0], t), c.telegram.Wait(limited, people[0], t.answered()))
			cancel()
			if err != nil {
				break
			}
		}
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("the shop has nothing to sell: %w\n%s", err, s.run.log)
}

// start runs the program until it is ready and can sell.
func (s *shop) start(ctx context.Context) error {
	var err error
	if s.run, err = startChild(ctx, s.dir, s.env, s.binary); err != nil {
		return err
	}
	if !until(ctx, patient, func() bool { return ready(ctx, s.addr) }) {
		return fmt.Errorf("the program did not get ready:\n%s", s.run.log)
	}
	return nil
}

// close ends the program and its world.
func (s *shop) close() error {
	if s.run != nil {
		s.run.stop()
	}
	s.end()
	err := <-s.ended
	if s.memory != nil {
		err = errors.Join(err, s.memory.Close())
	}
	return err
}

// customers makes people with money, and returns their ids.
func (s *shop) customers(ctx context.Context, n int) ([]int64, error) {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = s.next
		s.next++
		s.world.Telegram.NewUser(ids[i], "Customer", "en")
	}
	return ids, each(ids, connections, func(id int64) error { return credit(ctx, s.memory, id) })
}

// credit puts money into a wallet.
func credit(ctx context.Context, memory *store.Store, id int64) error {
	_, err := memory.Move(ctx, store.Transfer{ID: fmt.Sprintf("endow:%d", id), From: store.External, To: store.CustomerAccount(id),
		Amount: dinars, Event: store.Event{Kind: checkout.EventCredited, Actor: "system"}})
	if err != nil {
		return fmt.Errorf("fill wallet: %w", err)
	}
	return nil
}

// ready asks a program whether it is.
func ready(ctx context.Context, addr string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK && strings.Contains(string(text), "ready")
}

// berth is an address that nobody listens on.
func berth(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	addr := l.Addr().String()
	return addr, l.Close()
}

// each runs do for every item, so many at once, and returns the errors.
func each[T any](items []T, at int, do func(T) error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var wrong []error
	queue := make(chan T)
	for range at {
		wg.Go(func() {
			for item := range queue {
				if err := do(item); err != nil {
					mu.Lock()
					wrong = append(wrong, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	wg.Wait()
	return errors.Join(wrong[:min(len(wrong), 3)]...)
}
