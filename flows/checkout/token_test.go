package checkout

import (
	"errors"
	"sync"
	"testing"
	"time"

	"cardrop/store"
)

// TestThreat19OneWinner: 64 taps at once show once.
func TestThreat19OneWinner(t *testing.T) {
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

// TestThreat18ForeignTokens: who is not the owner, or has no token of this order, learns nothing: the same words for all.
func TestThreat18ForeignTokens(t *testing.T) {
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

// TestThreat18WrongTries: ten wrong tokens in a minute stop a user, others not.
func TestThreat18WrongTries(t *testing.T) {
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

// TestThreat19UsedTokens: on screen, shown before, shown again, used up.
func TestThreat19UsedTokens(t *testing.T) {
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
		if n := k.events(o.ID, EventRenewed); n != 1 {
			t.Errorf("%d renewals are recorded", n)
		}
	})
}

// TestTokenLife: the setting says from when on a tap renews its token; the buttons of others stay shut.
func TestTokenLife(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			age  time.Duration
			want int
		}{{time.Hour - time.Minute, 0}, {time.Hour + time.Minute, 1}} {
			o, token := k.ready(amine, grab, 1)
			k.pass(c.age)
			k.is(k.reveal(o, token, bilal), ErrNotFound)
			k.ok(k.reveal(o, token, amine))
			if n := k.events(o.ID, EventRenewed); n != c.want {
				t.Errorf("after %s: %d renewals, want %d", c.age, n, c.want)
			}
			k.ok(k.shop.Saved(k.ctx, o.ID, amine))
			k.pass(time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			var shown *ShownError
			if err := k.reveal(o, token, amine); !errors.As(err, &shown) {
				t.Errorf("after %s: the used token gets %v", c.age, err)
			}
		}
	}, func(o *Options) { o.RevealTTL = time.Hour })
}
