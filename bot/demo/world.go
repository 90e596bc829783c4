package demo

import (
	"cmp"
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

	giftz "cardrop/providers/giftz/sandbox"
	ocpay "cardrop/providers/ocpay/sandbox"
	oneclickdz "cardrop/providers/oneclickdz/sandbox"
)

// Parts of a World that can stand alone.
const (
	OnlyTelegram  = "telegram"
	OnlySuppliers = "suppliers"
)

// zone is the time zone of the demo's shop and of its page.
const zone = "Africa/Algiers"

// WorldOptions configure a World.
type WorldOptions struct {
	Addr   string // where it listens; a free port of loopback when taken or empty
	Redis  bool   // with a Redis: redis-server where it is on PATH, else the embedded one
	Only   string // one part of it: OnlyTelegram or OnlySuppliers; all when empty
	Logger *slog.Logger
}

// World is everything outside of the shop on one machine: Telegram, the suppliers and, where asked for, Redis. The suppliers answer under
// /suppliers/<name>, the control room under /room/, Telegram and its page at the root. With RunShop it also holds the shop, as a child.
type World struct {
	Telegram   *Telegram
	OneClickDz *oneclickdz.Server
	GiftZ      *giftz.Server
	OCPay      *ocpay.Server // takes customers' money

	only    string
	memory  *memory // nil without one
	shop    atomic.Pointer[Shop]
	at      net.Listener
	http    *http.Server
	key     string       // of OneClickDz
	secret  string       // of GiftZ
	sealing string       // the shop's
	names   names        // of the goods
	offset  atomic.Int64 // of every clock, nanoseconds
}

// Open builds a World and takes its address. Serve answers on it.
func Open(ctx context.Context, o WorldOptions) (*World, error) {
	w := &World{only: o.Only, key: random(24), secret: random(16), sealing: random(32)}
	w.Telegram = New(Options{Token: "71000000:" + random(16), Username: "cardrop_demo_bot", FloodControl: true, Logger: o.Logger,
		Cast: Cast(), Zone: zone, Room: o.Only == ""})
	w.Telegram.NewGroup(ResellerGroup, "Reseller", demoReseller, demoMember, DemoAdmin)
	w.OneClickDz = oneclickdz.New(oneclickdz.Options{Now: w.now, Catalog: w.names.catalog(),
		Keys: []oneclickdz.Key{{Token: w.key, Type: oneclickdz.Sandbox, Lifelike: true}}})
	w.GiftZ = giftz.New(giftz.Options{UserName: "demo", SecureKey: w.secret, Password: w.secret, Now: w.now})
	var lc net.ListenConfig
	var err error
	if w.at, err = lc.Listen(ctx, "tcp", cmp.Or(o.Addr, "127.0.0.1:0")); err != nil {
		if w.at, err = lc.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	if o.Redis {
		if w.memory, err = openMemory(ctx); err != nil {
			return nil, errors.Join(err, w.at.Close())
		}
	}
	w.OCPay = ocpay.New(ocpay.Options{Token: w.key, Page: w.URL() + "/suppliers/ocpay", Now: w.now})
	w.http = &http.Server{Handler: w.routes(), ReadHeaderTimeout: 5 * time.Second}
	return w, nil
}

// routes lays out the parts.
func (w *World) routes() http.Handler {
	mux := http.NewServeMux()
	if w.only != OnlyTelegram {
		mux.Handle("/suppliers/oneclickdz/", http.StripPrefix("/suppliers/oneclickdz", w.OneClickDz))
		mux.Handle("/suppliers/giftz/", http.StripPrefix("/suppliers/giftz", w.GiftZ))
		mux.Handle("/suppliers/ocpay/", http.StripPrefix("/suppliers/ocpay", w.OCPay))
	}
	if w.only != OnlySuppliers {
		mux.Handle("/", w.Telegram.Handler())
	}
	if w.only == "" {
		mux.Handle("/room/", w.roomHandler())
		mux.Handle(shopPages, w.doorway())
	}
	return mux
}

// URL is where the page is.
func (w *World) URL() string { return "http://" + w.at.Addr().String() }

// Offset is how far the world's clock is ahead.
func (w *World) Offset() time.Duration { return time.Duration(w.offset.Load()) }

// Advance moves every clock of the world forward, that of its shop too.
func (w *World) Advance(d time.Duration) {
	ahead := time.Duration(w.offset.Add(int64(d)))
	w.Telegram.SetOffset(ahead)
	if s := w.shop.Load(); s != nil {
		s.tell(word{Offset: &ahead})
	}
}

func (w *World) now() time.Time { return time.Now().Add(w.Offset()) }

// Settings are the settings that make a shop live in this world, or in the part of it there is, as environment variables.
func (w *World) Settings() map[string]string {
	s := map[string]string{}
	if w.only != OnlySuppliers {
		s["TELEGRAM_BOT_TOKEN"], s["TELEGRAM_API_URL"], s["ADMIN_IDS"] = w.Telegram.opts.Token, w.URL(), fmt.Sprint(DemoAdmin)
	}
	if w.only != OnlyTelegram {
		s["SHOP_MODE"], s["RATES"], s["PRICE_STEP"] = "sandbox", "VND=0.0053,XTR=2.5", "5"
		s["ONECLICKDZ_ACCESS_TOKEN"], s["ONECLICKDZ_BASE_URL"] = w.key, w.URL()+"/suppliers/oneclickdz/v3"
		s["GIFTZ_USER_NAME"], s["GIFTZ_SECURE_KEY"], s["GIFTZ_PASSWORD"] = "demo", w.secret, w.secret
		s["GIFTZ_BASE_URL"] = w.URL() + "/suppliers/giftz/api/v1"
		s["TOPUP_OCPAY_ACCESS_TOKEN"], s["TOPUP_OCPAY_BASE_URL"] = w.key, w.URL()+"/suppliers/ocpay/v3"
	}
	if w.only == "" {
		s["SHOP_TIMEZONE"], s["TOPUP_MIN"] = zone, "100"
		s["TOPUP_STARS"] = "true"
		s["TOPUP_CCP"] = "Mourad Saidi|0012345678|28|50000; Nadia Kaci|0045678912|27|50000"
		s["TOPUP_BARIDIMOB"] = "Mourad Saidi|00799999001234567803|100000"
		s["TOPUP_CASH"] = "Cyber El Amel, 12 rue Didouche Mourad, Alger"
		s["SHOP"], s["ENCRYPTION_KEY"], s["SUPPORT_CONTACT"] = "demo", w.sealing, "@cardrop_demo_support"
		s["LISTEN_ADDR"], s["METRICS_ADDR"] = "127.0.0.1:0", "127.0.0.1:0" // nobody outside asks the demo for its health
	}
	if w.memory != nil {
		s["REDIS_URL"] = w.memory.url
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
			return errors.Join(w.http.Close(), w.memory.close())
		case err := <-done:
			if errors.Is(err, http.ErrServerClosed) {
				err = nil
			}
			return errors.Join(err, w.memory.close())
		case <-ticks.C:
			w.memory.tick(time.Second)
		}
	}
}

// random is n bytes as hex digits.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return strings.ToLower(hex.EncodeToString(b))
}
