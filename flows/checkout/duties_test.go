package checkout

import (
	"fmt"
	"testing"
	"time"

	"cardrop/store"
)

// TestSweepTimes: codes go at their time: not a moment before, and at the first sweep after.
func TestSweepTimes(t *testing.T) {
	t.Parallel()
	k := newKit(t, false) // on the embedded Redis the time is exact
	o, token := k.ready(amine, grab, 1)
	k.ok(k.reveal(o, token, amine))
	until := k.order(o.ID).Reveal.Until
	if want := k.now().Add(time.Minute); !until.Equal(want) {
		t.Errorf("until %s, want %s", until, want)
	}
	k.pass(until.Sub(k.now()) - time.Millisecond)
	k.ok(k.shop.Sweep(k.ctx))
	k.onScreen(o)
	k.pass(time.Millisecond)
	k.ok(k.shop.Sweep(k.ctx))
	if len(k.tray.visible()) != 0 {
		t.Error("still on screen")
	}
}

// TestLifeStartsWithTheCodes: the time a slow channel takes is not taken off the life of the codes.
func TestLifeStartsWithTheCodes(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		k.tray.inside = func(method string) {
			if method == "Show" {
				k.pass(20 * time.Second)
			}
		}
		k.ok(k.reveal(o, token, amine))
		k.tray.inside = nil
		if left := k.order(o.ID).Reveal.Until.Sub(k.now()).Round(time.Second); left != time.Minute {
			t.Errorf("%s are left", left)
		}
		k.pass(58 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.onScreen(o)
		k.pass(4 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		if len(k.tray.visible()) != 0 {
			t.Error("still on screen")
		}
	})
}

func TestSavedAndExtended(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, psn, 2)
		k.ok(k.reveal(o, token, amine))
		first := k.order(o.ID).Reveal.Until
		k.pass(30 * time.Second)
		until, err := k.shop.Extend(k.ctx, o.ID, amine)
		k.ok(err)
		m := k.onScreen(o)
		if until.Sub(first) != time.Minute || m.shows != 2 || !m.parcel.Until.Equal(until) || m.parcel.Extend {
			t.Errorf("%s after %s: %+v", until, first, m)
		}
		_, err = k.shop.Extend(k.ctx, o.ID, amine)
		k.is(err, ErrNotReady)
		k.pass(80 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.onScreen(o)
		k.ok(k.shop.Saved(k.ctx, o.ID, amine))
		select {
		case <-k.shop.Sweeps():
		default:
			t.Error("nobody is told to remove it")
		}
		k.pass(time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		if len(k.tray.visible()) != 0 {
			t.Error("still on screen")
		}
		k.ok(k.shop.Saved(k.ctx, o.ID, amine)) // again, with nothing there
		_, err = k.shop.Extend(k.ctx, o.ID, amine)
		k.is(err, ErrNotReady)
		for kind, n := range map[string]int{EventExtended: 1, EventSaved: 1, EventRemoved: 1} {
			if got := k.events(o.ID, kind); got != n {
				t.Errorf("%d × %s", got, kind)
			}
		}
		// The next showing has a minute of its own.
		token, err = k.shop.Again(k.ctx, o.ID, amine)
		k.ok(err)
		k.ok(k.reveal(o, token, amine))
		_, err = k.shop.Extend(k.ctx, o.ID, amine)
		k.ok(err)
	})
}

// TestExtendAtTheEnd: codes whose time is over get no more of it.
func TestExtendAtTheEnd(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		k.ok(k.reveal(o, token, amine))
		k.pass(61 * time.Second)
		_, err := k.shop.Extend(k.ctx, o.ID, amine)
		k.is(err, ErrNotReady)
		k.ok(k.shop.Sweep(k.ctx))
		if len(k.tray.visible()) != 0 {
			t.Error("still on screen")
		}
	})
}

// TestThreat27StubbornMessages: a removal that fails is tried again until it succeeds; a chat that can never be reached is recorded and alarmed.
func TestThreat27StubbornMessages(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		k.ok(k.reveal(o, token, amine))
		k.tray.fail("Retract", failure{errTray, false})
		k.tray.fail("Retract", failure{errTray, true}) // removed, and the answer lost
		k.pass(61 * time.Second)
		for n, left := range []int{1, 0, 0} {
			k.ok(k.shop.Sweep(k.ctx))
			if got := len(k.tray.visible()); got != left {
				t.Errorf("after sweep %d there are %d messages", n+1, got)
			}
			if state := k.order(o.ID).Reveal.State; (state == store.Sealed) != (n == 2) {
				t.Errorf("after sweep %d the cards are %s", n+1, state)
			}
			k.pass(3 * time.Second)
		}
		token, err := k.shop.Again(k.ctx, o.ID, amine)
		k.ok(err)
		k.ok(k.reveal(o, token, amine))
		k.tray.fail("Retract", failure{fmt.Errorf("%w: blocked", ErrUnreachable), false})
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		if k.rung("code_unreachable") != 1 || k.order(o.ID).Reveal.State != store.Sealed {
			t.Errorf("%+v, alarms %v", k.order(o.ID).Reveal, k.alarms)
		}
		events, _, err := k.store.EventsOfOrder(k.ctx, o.ID, 0, 1)
		k.ok(err)
		if events[0].Kind != EventRemoved || events[0].Data["outcome"] != "unreachable" {
			t.Errorf("%v", events[0])
		}
	})
}

// TestStubbornMessagesBySkewedClocks: how soon a failed removal is tried again, and whether the operators hear of it, follows from Redis' clock,
// however wrong the process's own is.
func TestStubbornMessagesBySkewedClocks(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				o, token := k.ready(amine, grab, 1)
				k.ok(k.reveal(o, token, amine))
				k.shop.o.Now = func() time.Time { return k.now().Add(skew) }
				k.pass(61 * time.Second)
				k.tray.fail("Retract", failure{errTray, false})
				k.ok(k.shop.Sweep(k.ctx))
				k.onScreen(o)
				k.pass(3 * time.Second)
				k.tray.fail("Retract", failure{errTray, false})
				k.ok(k.shop.Sweep(k.ctx))
				if n := k.rung("code_not_removed"); n != 0 {
					t.Errorf("alarmed %d times within seconds", n)
				}
				k.pass(11 * time.Minute)
				k.tray.fail("Retract", failure{errTray, false})
				k.ok(k.shop.Sweep(k.ctx))
				if n := k.rung("code_not_removed"); n != 1 {
					t.Errorf("alarmed %d times after 11 minutes", n)
				}
				k.pass(150 * time.Second) // a quarter of 11 minutes is more
				k.ok(k.shop.Sweep(k.ctx))
				k.onScreen(o)
				k.pass(30 * time.Second)
				k.ok(k.shop.Sweep(k.ctx))
				if len(k.tray.visible()) != 0 {
					t.Error("still on screen")
				}
			})
		})
	}
}

// TestManyAtOnce: more messages than one batch go in one sweep, whoever sweeps.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	const many = sweepBatch + 20
	for i := range many {
		if i%50 == 0 {
			k.ok(k.shop.Notarize(k.ctx))
		}
		o := k.answerless(amine)
		token, err := k.shop.Offer(k.ctx, o)
		k.ok(err)
		k.ok(k.shop.Reveal(k.ctx, o, token, Buyer{User: amine, Chat: amine}, Route{}))
	}
	if n := len(k.tray.visible()); n != many {
		t.Fatalf("%d on screen", n)
	}
	k.pass(61 * time.Second)
	k.ok(k.shop.Sweep(k.ctx))
	if n := len(k.tray.visible()); n != 0 {
		t.Errorf("%d stay", n)
	}
}

// answerless buys one voucher without looking at the money, which takes time.
func (k *kit) answerless(user int64) string {
	k.t.Helper()
	o, err := k.shop.Buy(k.ctx, k.basket(user, grab, 1))
	k.ok(err)
	k.ok(k.shop.Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}))
	return o.ID
}

func TestRetention(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		opened, token := k.ready(amine, grab, 2)
		unopened, later := k.ready(bilal, psn, 1)
		k.ok(k.reveal(opened, token, amine))
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.pass(696 * time.Hour)
		k.ok(k.shop.Retain(k.ctx))
		if k.shop.Reminder(k.order(opened.ID)) != RemindShred {
			t.Error("the owner is not warned")
		}
		k.pass(24*time.Hour - 2*time.Minute)
		k.ok(k.shop.Retain(k.ctx))
		if len(k.vault(k.order(opened.ID))) != 2 {
			t.Fatal("shredded too early")
		}
		// On screen at that very moment: an hour later.
		token, err := k.shop.Again(k.ctx, opened.ID, amine)
		k.ok(err)
		k.ok(k.reveal(opened, token, amine))
		k.pass(59 * time.Second)
		k.pass(2 * time.Minute)
		k.ok(k.shop.Retain(k.ctx))
		k.onScreen(opened)
		k.ok(k.shop.Sweep(k.ctx))
		k.pass(61 * time.Minute)
		k.ok(k.shop.Retain(k.ctx))
		r := k.order(opened.ID).Reveal
		if r.State != store.Shredded || r.Shredded.IsZero() || len(k.scan("v:"+opened.ID)) != 0 {
			t.Errorf("%+v", r)
		}
		if o := k.order(opened.ID); o.State != store.Fulfilled || o.Delivered != 2 || k.events(o.ID, EventShredded) != 1 {
			t.Errorf("no tombstone: %+v", o)
		}
		_, err = k.shop.Again(k.ctx, opened.ID, amine)
		k.is(err, ErrShredded)
		k.is(k.reveal(opened, token, amine), ErrNotFound) // its tokens are gone with it
		// A card that was never opened is never shredded by itself.
		k.pass(10_000 * time.Hour)
		k.ok(k.shop.Retain(k.ctx))
		k.ok(k.reveal(unopened, later, bilal))
		k.onScreen(unopened)
	})
}
