package checkout

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"cardrop/store"
)

// errDied is what stops a reveal inside of the channel.
var errDied = errors.New("the process died")

// TestThreat25StoppedReveals: a process dies before or after each step of a reveal. What it left is picked up by the sweep of another one: no code
// stays on a screen beyond its time, none is lost, and the owner sees the cards with the same token.
func TestThreat25StoppedReveals(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			point string
			shown bool // the codes were on the screen
		}{
			{"store.take_reveal.before", false}, {"store.take_reveal.after", false}, // the claim is not confirmed: its lease ends
			{"channel.Prepare.before", false}, {"channel.Prepare.after", false}, // an empty orphan
			{"place.before", false}, {"place.after", false},
			{"channel.Show.before", false}, {"channel.Show.after", true},
			{"shown.before", true}, {"shown.after", true},
		} {
			o, token := k.ready(amine, grab, 1)
			k.die(c.point)
			err := k.reveal(o, token, amine)
			if strings.HasPrefix(c.point, "shown") {
				k.ok(err) // the codes are there; only the record of it is late
			} else if err == nil {
				t.Errorf("%s: no error", c.point)
			}
			if k.stop.left() != 0 {
				t.Errorf("%s was not reached", c.point)
			}
			if got := len(k.tray.visible()); (got == 1) != c.shown {
				t.Errorf("%s: %d messages with codes", c.point, got)
			}
			// Nothing but time and the sweep of another process.
			other, err := New(k.options)
			k.ok(err)
			for range 110 {
				k.pass(time.Second)
				k.ok(other.Sweep(k.ctx))
				for _, m := range k.tray.visible() {
					if k.now().Sub(m.at) > k.options.MessageTTL+2*time.Second {
						t.Fatalf("%s: codes on screen for %s", c.point, k.now().Sub(m.at))
					}
				}
			}
			if len(k.tray.visible()) != 0 {
				t.Fatalf("%s: codes stay on screen", c.point)
			}
			k.recovered(c.point, o, token)
		}
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
	})
}

// TestThreat26LatePlaceholder: a process dies, or sleeps, between the stored deadline and the codes. The placeholder of an internet card
// goes long before its codes would, the owner sees the cards at once, and what the sleeper still does puts no code up and takes none away.
func TestThreat26LatePlaceholder(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, adsl, 1)
		k.tray.fail("Show", failure{errDied, false})
		k.stop.skip("store.reveal_step.before", 1)
		if err := k.reveal(o, token, amine); err == nil || k.stop.left() != 0 {
			t.Fatalf("the reveal did not die before the codes: %v", err)
		}
		left := k.order(o.ID)
		var receipt Receipt
		k.ok(json.Unmarshal(left.Reveal.Receipt, &receipt))
		var above *OnScreenError
		if err := k.reveal(o, token, amine); !errors.As(err, &above) || above.Until.Sub(k.now()) > showLimit+showGrace+time.Second {
			t.Fatalf("while codes may still come: %v", err)
		}
		k.pass(showLimit + showGrace + time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.ok(k.reveal(o, token, amine))
		before := k.onScreen(o)

		snap, err := SnapshotOf(o)
		k.ok(err)
		late := k.shop.parcel(k.ctx, o, snap, k.vault(o), Buyer{User: amine, Chat: amine}, Route{})
		for _, problem := range k.tray.seen() {
			t.Error(problem)
		}
		late.Until = left.Reveal.From.Add(late.Life)
		if err := k.tray.Show(k.ctx, receipt, late); err == nil {
			t.Error("codes came into a placeholder that was taken back")
		}
		k.shop.endFailed(k.ctx, store.Taken{Order: left, Claim: left.Reveal.Claim})
		k.pass(time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		if k.onScreen(o) != before {
			t.Error("other codes are on the screen")
		}
		if len(k.tray.seen()) == 0 { // which is what it is
			t.Error("the late showing was not noted as one whose end is not stored")
		}
	})
}

// die stops a reveal at a point. The steps place and shown are two calls of one script: the second one is let through once.
func (k *kit) die(point string) {
	k.t.Helper()
	method, when, _ := strings.Cut(strings.TrimPrefix(point, "channel."), ".")
	switch {
	case strings.HasPrefix(point, "channel."):
		k.tray.fail(method, failure{errDied, when == "after"})
		before := 0
		if method == "Show" {
			before = 1 // the place was stored
		}
		k.stop.skip("store.reveal_step.before", before) // and a dead process cannot give its claim back, or end its showing
	case method == "place":
		k.stop.set("store.reveal_step."+when, 1)
	case method == "shown":
		k.stop.skip("store.reveal_step."+when, 1)
	default:
		k.stop.set(point, 1)
	}
}

// recovered fails unless a reveal that was stopped somewhere has left the order whole, and its owner can see the cards.
func (k *kit) recovered(point string, o store.Order, token string) {
	k.t.Helper()
	r := k.order(o.ID).Reveal
	confirmed := 0
	if point == "shown.after" {
		confirmed = 1
	}
	if r.Shown != confirmed {
		k.t.Errorf("%s counts as %d showings", point, r.Shown)
	}
	// Whatever was on a screen is in the record: confirmed, or with an unknown outcome from the sweep.
	if after := k.events(o.ID, EventShowing); after > 0 && k.events(o.ID, EventDelivered) != after {
		k.t.Errorf("%s: %d showings and %d deliveries in the record", point, after, k.events(o.ID, EventDelivered))
	}
	if confirmed == 1 {
		var shown *ShownError
		if err := k.reveal(o, token, amine); !errors.As(err, &shown) {
			k.t.Errorf("%s: the used token gets %v", point, err)
		}
		var err error
		token, err = k.shop.Again(k.ctx, o.ID, amine)
		k.ok(err)
	}
	if err := k.reveal(o, token, amine); err != nil {
		k.t.Fatalf("%s: the cards cannot be seen any more: %v", point, err)
	}
	k.onScreen(o)
	k.ok(k.shop.Saved(k.ctx, o.ID, amine))
	k.pass(time.Second)
	k.ok(k.shop.Sweep(k.ctx))
	if len(k.tray.visible()) != 0 {
		k.t.Fatalf("%s: codes stay on screen", point)
	}
}

// TestThreat25StoppedSweeps: a sweep that dies between removing a message and writing it down does it again.
func TestThreat25StoppedSweeps(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, point := range []string{"claim_due.before", "claim_due.after", "removed.before", "removed.after"} {
			o, token := k.ready(amine, grab, 1)
			k.ok(k.reveal(o, token, amine))
			k.pass(61 * time.Second)
			k.stop.set("store."+point, 1)
			if err := k.shop.Sweep(k.ctx); err != nil {
				k.is(err, errStopped)
			}
			if k.stop.left() != 0 {
				t.Errorf("%s was not reached", point)
			}
			for range 35 {
				k.pass(time.Second)
				k.ok(k.shop.Sweep(k.ctx))
			}
			if r := k.order(o.ID).Reveal; r.State != store.Sealed || len(k.tray.visible()) != 0 || k.events(o.ID, EventRemoved) != 1 {
				t.Errorf("%s: %+v, %d × removed", point, r, k.events(o.ID, EventRemoved))
			}
		}
	})
}

// TestThreat17KeyGone: a card whose key is not loaded stays sealed, and opens when the key is back.
func TestThreat17KeyGone(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		key := k.options.Ring.keys
		k.options.Ring.keys = map[[keyIDSize]byte]*masterKey{}
		for range 3 {
			k.is(k.reveal(o, token, amine), ErrKeyMissing)
		}
		if k.tray.count() != 0 || k.rung("card_key_missing") == 0 || k.events(o.ID, EventKey) != 3 || k.order(o.ID).Reveal.State != store.Sealed {
			t.Errorf("%+v, alarms %v", k.order(o.ID).Reveal, k.alarms)
		}
		k.options.Ring.keys = key
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
	})
}

// TestThreat13TamperedVault: cards that were moved between orders, owners or indexes, altered, or taken out are not shown, and not burned.
func TestThreat13TamperedVault(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 2)
		other := k.bought(bilal, grab, 2)
		mine, err := k.raw.HGetAll(k.ctx, k.key("v:"+o.ID)).Result()
		k.ok(err)
		his, err := k.raw.HGetAll(k.ctx, k.key("v:"+other.ID)).Result()
		k.ok(err)
		for what, vault := range map[string]map[string]string{
			"another order's":   {"001.001": his["001.001"], "001.002": mine["001.002"]},
			"swapped indexes":   {"001.001": mine["001.002"], "001.002": mine["001.001"]},
			"the same twice":    {"001.001": mine["001.001"], "001.002": mine["001.001"]},
			"altered":           {"001.001": mine["001.001"], "001.002": mine["001.002"][:40] + "x" + mine["001.002"][41:]},
			"one taken out":     {"001.001": mine["001.001"]},
			"one put in":        {"001.001": mine["001.001"], "001.002": mine["001.002"], "001.003": his["001.001"]},
			"one in quarantine": {"001.001": mine["001.001"], "q001.002": mine["001.002"]},
			"all taken out":     {},
		} {
			k.ok(k.raw.Del(k.ctx, k.key("v:"+o.ID)).Err())
			for index, blob := range vault {
				k.ok(k.raw.HSet(k.ctx, k.key("v:"+o.ID), index, blob).Err())
			}
			if err := k.reveal(o, token, amine); !errors.Is(err, ErrTampered) {
				t.Errorf("%s: %v", what, err)
			}
			if k.tray.count() != 0 || k.rung("card_tampered") != 1 {
				t.Errorf("%s: alarms %v", what, k.alarms)
			}
		}
		k.ok(k.raw.Del(k.ctx, k.key("v:"+o.ID)).Err())
		for index, blob := range mine {
			k.ok(k.raw.HSet(k.ctx, k.key("v:"+o.ID), index, blob).Err())
		}
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
	})
}
