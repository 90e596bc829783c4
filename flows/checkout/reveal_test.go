package checkout

import (
	"errors"
	"slices"
	"sync"
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
	return k.shop.Reveal(k.ctx, o.ID, token, Buyer{User: user, Chat: user, Language: "en"}, false)
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

// TestOneWinner: 64 taps at once show once.
func TestOneWinner(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for range 5 {
			o, token := k.ready(amine, grab, 1)
			before := k.tray.count()
			var mu sync.Mutex
			var wg sync.WaitGroup
			won := 0
			for range 64 {
				wg.Go(func() {
					err := k.reveal(o, token, amine)
					var above *OnScreenError
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won++
					case !errors.As(err, &above):
						t.Errorf("%v", err)
					}
				})
			}
			wg.Wait()
			if won != 1 || k.tray.count() != before+1 || k.order(o.ID).Reveal.Shown != 1 {
				t.Errorf("%d winners, %d placeholders", won, k.tray.count()-before)
			}
			k.ok(k.shop.Saved(k.ctx, o.ID, amine))
			k.pass(time.Second)
			k.ok(k.shop.Sweep(k.ctx))
		}
	})
}

// TestForeignTokens: who is not the owner, or has no token of this order, learns nothing: the same words for all.
func TestForeignTokens(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		other, foreign := k.ready(bilal, grab, 1)
		words := map[string]bool{}
		deny := func(err error) {
			t.Helper()
			k.is(err, ErrNotFound)
			words[err.Error()] = true
		}
		deny(k.reveal(o, token, bilal))                   // not the owner
		deny(k.reveal(o, foreign, amine))                 // another order's token
		deny(k.reveal(o, foreign, bilal))                 //
		deny(k.reveal(other, token, amine))               //
		deny(k.reveal(o, "", amine))                      // none
		deny(k.reveal(o, token[:42], amine))              // a part of it
		deny(k.reveal(store.Order{ID: ""}, token, amine)) // no order
		deny(k.reveal(store.Order{ID: "NOPE2345"}, token, amine))
		if len(words) != 1 {
			t.Errorf("the answers differ: %v", words)
		}
		if k.tray.count() != 0 {
			t.Error("a placeholder was laid")
		}
		_, err := k.shop.Again(k.ctx, o.ID, bilal)
		k.is(err, ErrNotFound)
		k.is(k.shop.Saved(k.ctx, o.ID, bilal), ErrNotFound)
		_, err = k.shop.Extend(k.ctx, o.ID, bilal)
		k.is(err, ErrNotFound)
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
		if n := k.events(o.ID, EventDenied); n != 8 {
			t.Errorf("%d denials are recorded", n)
		}
	})
}

// TestForgedOrderIDs: what a client sends in place of an order's id does not get into the record, whatever it is.
func TestForgedOrderIDs(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		_, _ = k.ready(amine, grab, 1)
		code := k.giftz.Sold()[0].Codes[0]
		for _, id := range []string{code, "<b>ABCD2345", "ABCD2345\n", "ABCD234", "ABCD23456", "abcd2345", "ABCD2340"} {
			k.is(k.reveal(store.Order{ID: id}, "token", amine), ErrNotFound)
			for where := range k.dump() {
				if where == k.key("eo:"+id) {
					t.Errorf("%q has an index of its own", id)
				}
			}
		}
		if _, err := k.shop.Audit(k.ctx, admin, AuditQuery{Order: code}); err != nil {
			t.Error(err)
		}
		if leaks := k.leaks([]string{code}); len(leaks) > 0 {
			t.Errorf("a code sent as an order's id lies open in %v", leaks)
		}
	})
}

// TestWrongTries: ten wrong tokens in a minute stop a user, others not.
func TestWrongTries(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		for range 10 {
			k.is(k.reveal(o, "wrong", amine), ErrNotFound)
		}
		k.is(k.reveal(o, "wrong", amine), ErrPaused)
		k.is(k.reveal(o, token, amine), ErrPaused)
		other, his := k.ready(bilal, grab, 1)
		k.ok(k.reveal(other, his, bilal))
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.ok(k.reveal(o, token, amine))
	})
}

// TestUsedTokens: on screen, shown before, shown again, used up.
func TestUsedTokens(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		for n := 1; n <= 5; n++ {
			k.ok(k.reveal(o, token, amine))
			m := k.onScreen(o)
			var above *OnScreenError
			if err := k.reveal(o, token, amine); !errors.As(err, &above) || !above.Until.Equal(k.order(o.ID).Reveal.Until) {
				t.Fatalf("on screen: %v", err)
			}
			if _, err := k.shop.Again(k.ctx, o.ID, amine); !errors.As(err, &above) {
				t.Fatalf("again while on screen: %v", err)
			}
			k.pass(m.parcel.Until.Sub(k.now()) + 2*time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			err := k.reveal(o, token, amine)
			if n == 5 {
				k.is(err, ErrUsedUp)
				break
			}
			var shown *ShownError
			if !errors.As(err, &shown) || shown.Shown != n || shown.Limit != 5 {
				t.Fatalf("used: %v", err)
			}
			former := token
			token, err = k.shop.Again(k.ctx, o.ID, amine)
			k.ok(err)
			if token == former {
				t.Fatal("the same token again")
			}
			if err := k.reveal(o, former, amine); !errors.As(err, &shown) {
				t.Fatalf("a used token after a new one: %v", err)
			}
		}
		_, err := k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrUsedUp)
		_, err = k.shop.Offer(k.ctx, o.ID)
		k.is(err, ErrUsedUp)
		if r := k.order(o.ID).Reveal; r.State != store.Removed || r.Shown != 5 || k.events(o.ID, EventDelivered) != 5 {
			t.Errorf("%+v", r)
		}
	})
}

// TestNightAndNoon: a token that was offered at night opens at noon, and one that was replaced unused as well.
func TestNightAndNoon(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		k.pass(9 * time.Hour)
		if _, err := k.shop.Offer(k.ctx, o.ID); err != nil {
			t.Error(err)
		}
		k.pass(9 * time.Hour)
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
		if n := k.order(o.ID).Reveal.Shown; n != 1 {
			t.Errorf("%d showings", n)
		}
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
	p := k.shop.parcel(o, snap, k.vault(o), Buyer{User: amine, Chat: amine}, false)
	k.ok(k.tray.Show(k.ctx, r, p))
	if got := k.tray.seen(); len(got) == 0 {
		t.Error("codes went up before their end was stored, and nobody saw it")
	}
}
