package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"

	giftz "cardrop/providers/giftz/sandbox"
	oneclickdz "cardrop/providers/oneclickdz/sandbox"
)

// DemoAdmin is the numeric id of the demo's admin.
const DemoAdmin = 71_000_009

// WorldOptions configure a World.
type WorldOptions struct {
	Addr   string // where it listens; a free port of loopback when taken or empty
	Redis  bool   // with an embedded Redis
	Logger *slog.Logger
}

// World is everything outside of the shop on one machine: Telegram, the suppliers and, where asked for, Redis. The suppliers answer under
// /suppliers/<name>, Telegram and its page at the root.
type World struct {
	Telegram   *Telegram
	OneClickDz *oneclickdz.Server
	GiftZ      *giftz.Server

	redis   *miniredis.Miniredis
	at      net.Listener
	http    *http.Server
	key     string       // of OneClickDz
	secret  string       // of GiftZ
	sealing string       // the shop's
	offset  atomic.Int64 // of every clock, nanoseconds
}

// Open builds a World and takes its address. Serve answers on it.
func Open(ctx context.Context, o WorldOptions) (*World, error) {
	w := &World{key: random(24), secret: random(16), sealing: random(32)}
	w.Telegram = New(Options{Token: "71000000:" + random(16), Username: "cardrop_demo_bot", FloodControl: true, Logger: o.Logger,
		Cast: DefaultCast(DemoAdmin)})
	w.OneClickDz = oneclickdz.New(oneclickdz.Options{Now: w.now,
		Keys: []oneclickdz.Key{{Token: w.key, Type: oneclickdz.Sandbox, Lifelike: true}}})
	w.GiftZ = giftz.New(giftz.Options{UserName: "demo", SecureKey: w.secret, Password: w.secret, Now: w.now})
	if o.Redis {
		w.redis = miniredis.NewMiniRedis()
		if err := w.redis.Start(); err != nil {
			return nil, fmt.Errorf("start embedded redis: %w", err)
		}
	}
	var lc net.ListenConfig
	var err error
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if w.at, err = lc.Listen(ctx, "tcp", o.Addr); err != nil {
		if w.at, err = lc.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/suppliers/oneclickdz/", http.StripPrefix("/suppliers/oneclickdz", w.OneClickDz))
	mux.Handle("/suppliers/giftz/", http.StripPrefix("/suppliers/giftz", w.GiftZ))
	mux.Handle("/", w.Telegram.Handler())
	w.http = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return w, nil
}

// URL is where the page is.
func (w *World) URL() string { return "http://" + w.at.Addr().String() }

// Offset is how far the world's clock is ahead.
func (w *World) Offset() time.Duration { return time.Duration(w.offset.Load()) }

// Advance moves every clock of the world forward.
func (w *World) Advance(d time.Duration) {
	w.Telegram.SetOffset(time.Duration(w.offset.Add(int64(d))))
}

func (w *World) now() time.Time { return time.Now().Add(w.Offset()) }

// Settings are the shop's settings in this world, as environment variables.
func (w *World) Settings() map[string]string {
	s := map[string]string{
		"TELEGRAM_BOT_TOKEN": w.Telegram.opts.Token, "TELEGRAM_API_URL": w.URL(), "SHOP_MODE": "sandbox", "SHOP": "demo",
		"ENCRYPTION_KEY": w.sealing, "ADMIN_IDS": fmt.Sprint(DemoAdmin), "RATES": "VND=0.0053",
		"SUPPORT_CONTACT": "@cardrop_demo_support", "PRICE_STEP": "5",
		"ONECLICKDZ_ACCESS_TOKEN": w.key, "ONECLICKDZ_BASE_URL": w.URL() + "/suppliers/oneclickdz/v3",
		"GIFTZ_USER_NAME": "demo", "GIFTZ_SECURE_KEY": w.secret, "GIFTZ_PASSWORD": w.secret,
		"GIFTZ_BASE_URL": w.URL() + "/suppliers/giftz/api/v1",
	}
	if w.redis != nil {
		s["REDIS_URL"] = "redis://" + w.redis.Addr()
	}
	return s
}

// Serve answers until ctx ends. The embedded Redis' keys grow old by it: they do not by themselves.
func (w *World) Serve(ctx context.Context) error {
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	done := make(chan error, 1)
	go func() { done <- w.http.Serve(w.at) }()
	for {
		select {
		case <-ctx.Done():
			w.Telegram.Close()
			err := w.http.Close()
			if w.redis != nil {
				w.redis.Close()
			}
			return err
		case err := <-done:
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return err
		case <-ticks.C:
			if w.redis != nil {
				w.redis.FastForward(time.Second)
			}
		}
	}
}

// random is n bytes as hex digits.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return strings.ToLower(hex.EncodeToString(b))
}
