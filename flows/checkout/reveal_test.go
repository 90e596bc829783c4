package checkout

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// ready is an order whose cards wait for their owner, with the token of its Show button.
func (k *kit) ready(user int64, sku string, n int) (store.Order, string) {
	k.t.Helper()
	o := k.bought(user, sku, n)
	token, err := k.shop.Offer(k.ctx, o.ID)
	k.ok(err)
	return o, token
}

// reveal taps the Show button.
func (k *kit) reveal(o store.Order, token string, user int64) error {
	k.t.Helper()
	return k.shop.Reveal(k.ctx, o.ID, token, Buyer{User: user, Chat: user, Language: "en"}, Route{})
}

// onScreen fails unless exactly this order's cards are to be seen, in its owner's chat.
func (k *kit) onScreen(o store.Order) *laid {
	k.t.Helper()
	list := k.tray.visible()
	if len(list) != 1 || list[0].to.Order != o.ID || list[0].to.Chat != o.Chat {
		k.t.Fatalf("%d messages with codes on screen, want those of %s", len(list), o.ID)
	}
	if diff := cmp.Diff(codes(k.vault(k.order(o.ID))), codes(list[0].parcel.Cards)); diff != "" {
		k.t.Errorf("other codes are on the screen: %s", diff)
	}
	return list[0]
}

func TestReveal(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			sku   string
			n     int
			life  time.Duration
			event string
			file  bool
			title string
		}{
			{grab, 1, time.Minute, EventDelivered, false, "Grab 20.000đ"}, {psn, 3, time.Minute, EventDelivered, false, "PSN Germany · PSN 10 EUR"},
			{adsl, 1, 5 * time.Minute, EventNetCard, false, "Algérie Télécom ADSL · ADSL 1000 DA"}, {grab, 6, 10 * time.Minute, EventDelivered, true, "Grab 20.000đ"},
		} {
			o, token := k.ready(amine, c.sku, c.n)
			if len(token) != 43 {
				t.Errorf("a token of %d characters", len(token))
			}
			k.ok(k.reveal(o, token, amine))
			m := k.onScreen(o)
			p := m.parcel
			if p.Cards == nil || m.to.Cards != c.n || m.to.Title != c.title || m.to.File != c.file || m.to.Life != c.life || p.Extend == c.file || p.Kind == "" {
				t.Errorf("%s: %+v", c.sku, p)
			}
			if c.sku == adsl && (p.Account != "021000000" || p.Service != "ADSL" || p.Face.Minor != 1000_00) {
				t.Errorf("%+v", p)
			}
			shown := k.order(o.ID)
			if shown.Reveal.State != store.Shown || shown.Reveal.Shown != 1 || shown.Reveal.Until.Sub(k.now()).Round(time.Second) != c.life {
				t.Errorf("%s: %+v", c.sku, shown.Reveal)
			}
			k.ok(k.shop.Sweep(k.ctx)) // not yet
			k.onScreen(o)
			k.pass(c.life - 2*time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			k.onScreen(o)
			k.pass(3 * time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			if len(k.tray.visible()) != 0 {
				t.Errorf("%s: still on screen", c.sku)
			}
			if r := k.order(o.ID).Reveal; r.State != store.Sealed || len(r.Receipt) != 0 || r.Gone.IsZero() {
				t.Errorf("%s: %+v", c.sku, r)
			}
			for _, kind := range []string{EventOffered, EventClaimed, EventShowing, c.event, EventRemoved} {
				if n := k.events(o.ID, kind); n != 1 {
					t.Errorf("%s: %d × %s", c.sku, n, kind)
				}
			}
			if leaks := k.leaks(append(k.secrets(), token)); len(leaks) > 0 {
				t.Errorf("codes or tokens lie open in %v", leaks)
			}
		}
		k.silent()
	})
}

// TestBeforeCards: orders that have no cards say so, to their owner.
func TestBeforeCards(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, grab, 1)
		_, err := k.shop.Offer(k.ctx, o.ID)
		k.is(err, ErrNotReady)
		k.trouble(grab, "out_of_stock")
		k.work()
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrNothing)
		_, err = k.shop.Again(k.ctx, o.ID, bilal)
		k.is(err, ErrNotFound)
		k.is(k.shop.Saved(k.ctx, o.ID, amine), nil)
		_, err = k.shop.Extend(k.ctx, o.ID, amine)
		k.is(err, ErrNotReady)
	})
}

// TestFailingChannel: a channel that fails burns nothing: the same token shows the cards a moment later, and nothing stays behind.
func TestFailingChannel(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			method string
			after  bool
		}{{"Prepare", false}, {"Prepare", true}, {"Show", false}, {"Show", true}} {
			o, token := k.ready(amine, grab, 1)
			k.tray.fail(c.method, failure{errTray, c.after})
			k.is(k.reveal(o, token, amine), ErrDelivery)
			if c.method == "Show" {
				select {
				case <-k.shop.Sweeps():
				default:
					t.Errorf("%+v: nobody is told to remove it", c)
				}
			}
			k.pass(time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			if n := len(k.tray.visible()); n != 0 {
				t.Errorf("%+v: %d messages with codes stay", c, n)
			}
			if r := k.order(o.ID).Reveal; r.Shown != 0 || r.State != store.Sealed {
				t.Errorf("%+v: %+v", c, r)
			}
			k.ok(k.reveal(o, token, amine))
			k.onScreen(o)
			k.ok(k.shop.Saved(k.ctx, o.ID, amine))
			k.pass(time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			if n := k.order(o.ID).Reveal.Shown; n != 1 {
				t.Errorf("%+v: %d showings", c, n)
			}
		}
		if !slices.Equal(k.tray.seen(), nil) {
			t.Error("codes went up unsafely")
		}
	})
}

// TestSlowChannel: codes that came up with less than half of their life left are taken away, and the error says what happened.
func TestSlowChannel(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		k.tray.inside = func(method string) {
			if method == "Show" {
				k.pass(31 * time.Second)
			}
		}
		err := k.reveal(o, token, amine)
		k.tray.inside = nil
		k.is(err, ErrDelivery)
		if text := err.Error(); text != "delivery failed: it took 31s" {
			t.Errorf("%q", text)
		}
		k.pass(time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		if len(k.tray.visible()) != 0 || k.order(o.ID).Reveal.Shown != 0 {
			t.Error("it stays")
		}
		k.ok(k.reveal(o, token, amine))
	})
}

// TestShowBeforeDeadline is the positive control of the tray: codes that go up before their end is stored are seen.
func TestShowBeforeDeadline(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	o, _ := k.ready(amine, grab, 1)
	r, err := k.tray.Prepare(k.ctx, Recipient{Order: o.ID, User: amine, Chat: amine})
	k.ok(err)
	snap, err := SnapshotOf(o)
	k.ok(err)
	p := k.shop.parcel(k.ctx, o, snap, k.vault(o), Buyer{User: amine, Chat: amine}, Route{})
	k.ok(k.tray.Show(k.ctx, r, p))
	if got := k.tray.seen(); len(got) == 0 {
		t.Error("codes went up before their end was stored, and nobody saw it")
	}
}
