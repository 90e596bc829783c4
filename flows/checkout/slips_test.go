package checkout

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// paged is the tray as a second channel: the page that a link opens.
type paged struct{ *tray }

// Name is "download".
func (paged) Name() string { return "download" }

// linked runs a test on shops whose cards can be opened by links.
func linked(t *testing.T, test func(t *testing.T, k *kit)) {
	t.Helper()
	both(t, func(t *testing.T, k *kit) {
		k.options.Channels = append(k.options.Channels, paged{k.tray})
		var err error
		k.shop, err = New(k.options)
		k.ok(err)
		test(t, k)
	})
}

// redeem opens a link.
func (k *kit) redeem(token string) error {
	k.t.Helper()
	return k.shop.Redeem(k.ctx, token, Caller{Address: "192.0.2.7", Agent: "Mozilla/5.0", Language: "fr"}, Route{Channel: "download", Place: "here"})
}

// linkTo makes a link to an order's cards for their owner.
func (k *kit) linkTo(o store.Order) string {
	k.t.Helper()
	s, err := k.shop.Slip(k.ctx, o.ID, o.Buyer)
	k.ok(err)
	return s.Token
}

// handed makes one for somebody else.
func (k *kit) handed(o store.Order) string {
	k.t.Helper()
	s, err := k.shop.HandOver(k.ctx, o.ID, o.Buyer)
	k.ok(err)
	return s.Token
}

// away fails unless an error says that the cards are handed over, and whether they were opened.
func (k *kit) away(err error, opened bool) {
	k.t.Helper()
	switch h, is := errors.AsType[*HandedError](err); {
	case !is:
		k.t.Errorf("%v, want a hand-over", err)
	case h.Opened.IsZero() == opened:
		k.t.Errorf("opened %s, until %s", h.Opened, h.Until)
	}
}

// lastOf is the newest event of a kind about an order.
func (k *kit) lastOf(o store.Order, kind string) store.Event {
	k.t.Helper()
	list, _, err := k.store.EventsOfOrder(k.ctx, o.ID, 0, 1000)
	k.ok(err)
	for _, e := range list {
		if e.Kind == kind {
			return e
		}
	}
	k.t.Fatalf("no %s of %s", kind, o.ID)
	return store.Event{}
}

func TestALinkShowsItsOwnersCardsOnce(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			sku   string
			n     int
			event string
		}{{grab, 1, EventDelivered}, {adsl, 1, EventNetCard}, {grab, 7, EventDelivered}} {
			o, _ := k.ready(amine, c.sku, c.n)
			token := k.linkTo(o)
			if raw, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(raw) != 32 {
				t.Errorf("a token of %d bytes", len(raw))
			}
			k.ok(k.redeem(token))
			m := k.onScreen(o)
			if p := m.parcel; p.File || p.Table || p.Place != "here" || p.Language != "fr" || p.Life != k.shop.life(k.snap(o), k.shop.arranged.Load(), false) {
				t.Errorf("%+v", p)
			}
			e := k.lastOf(o, c.event)
			v, err := k.shop.Visited(k.ctx, o.ID, k.order(o.ID).Reveal.Claim, e.Data["visit"])
			k.ok(err)
			if e.Actor != bearer || e.Data["method"] != "download" || v == nil || v.Address != "192.0.2.7" || v.Agent != "Mozilla/5.0" {
				t.Errorf("%+v, visited by %+v", e, v)
			}
			if v, err := k.shop.Visited(k.ctx, o.ID, k.order(o.ID).Reveal.Claim, strings.Repeat("0", 32)); v != nil || err != nil {
				t.Errorf("a visit that is not the record's: %+v, %v", v, err)
			}
			k.is(k.redeem(token), ErrNotFound)
			k.pass(6 * time.Minute)
			k.ok(k.shop.Sweep(k.ctx))
			k.is(k.redeem(token), ErrNotFound)
			if r := k.order(o.ID).Reveal; r.State != store.Sealed || r.Shown != 1 {
				t.Errorf("afterwards %+v", r)
			}
			again, err := k.shop.Again(k.ctx, o.ID, amine)
			k.ok(err)
			k.ok(k.reveal(o, again, amine))
			k.ok(k.shop.Saved(k.ctx, o.ID, amine))
			k.pass(time.Second)
			k.ok(k.shop.Sweep(k.ctx))
		}
	})
}

func (k *kit) snap(o store.Order) Snapshot {
	k.t.Helper()
	snap, err := SnapshotOf(o)
	k.ok(err)
	return snap
}

// TestALinkSurvivesWhatShowedNothing: a failure before a code can have left leaves the link, one after it leaves the cards.
func TestALinkSurvivesWhatShowedNothing(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		o, _ := k.ready(amine, grab, 1)
		token := k.linkTo(o)
		k.tray.fail("Prepare", failure{errTray, false})
		k.is(k.redeem(token), ErrDelivery)
		key := k.options.Ring.keys
		k.options.Ring.keys = nil
		k.is(k.redeem(token), ErrKeyMissing)
		k.options.Ring.keys = key
		k.tray.fail("Show", failure{errTray, true}) // it may have been seen
		k.is(k.redeem(token), ErrDelivery)
		k.pass(time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		e := k.lastOf(o, EventDelivered)
		if e.Data["outcome"] != "unknown" || e.Data["method"] != "download" || e.Data["visit"] == "" || e.Actor != bearer {
			t.Errorf("%+v", e)
		}
		k.is(k.redeem(token), ErrNotFound)
		k.ok(k.redeem(k.linkTo(o)))
	})
}

// TestForgedAndForeignLinks: a token opens what it was made for by the shop that made it, and nothing else.
func TestForgedAndForeignLinks(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		o, reveal := k.ready(amine, grab, 1)
		token := k.linkTo(o)
		for _, forged := range []string{"", reveal, token[:42], token + "A", strings.ToUpper(token), o.ID, strings.Repeat("A", 43)} {
			k.is(k.redeem(forged), ErrNotFound)
		}
		k.is(k.reveal(o, token, amine), ErrNotFound)
		_, err := k.shop.Slip(k.ctx, o.ID, bilal)
		k.is(err, ErrNotFound)
		_, err = k.shop.HandOver(k.ctx, o.ID, bilal)
		k.is(err, ErrNotFound)
		_, err = k.shop.TakeBack(k.ctx, o.ID, bilal)
		k.is(err, ErrNotFound)
		if e := k.lastOf(o, EventDenied); e.Data["act"] != "take back" {
			t.Errorf("%+v", e)
		}
		mine := k.options.Ring.tokenMAC
		k.options.Ring.tokenMAC = []byte("of another shop")
		k.is(k.redeem(token), ErrNotFound)
		k.options.Ring.tokenMAC = mine
		k.ok(k.redeem(token))
	})
}

// TestADeadLinkTakesTheSameSteps: whoever opens unknown, expired, used and revoked links sees no difference, nor in how long it takes.
func TestADeadLinkTakesTheSameSteps(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		o, _ := k.ready(amine, grab, 1)
		used := k.linkTo(o)
		k.ok(k.redeem(used))
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		over := k.linkTo(o)
		k.pass(5 * time.Minute)
		former := k.linkTo(o)
		back := k.linkTo(o)
		_, err := k.shop.TakeBack(k.ctx, o.ID, amine)
		k.ok(err)
		k.ok(k.shop.Notarize(k.ctx))
		steps := func(token string) (names []string) {
			var mu sync.Mutex
			stop := k.stop.watch(func(name string) {
				mu.Lock()
				defer mu.Unlock()
				names = append(names, name)
			})
			defer stop()
			k.is(k.redeem(token), ErrNotFound)
			return slices.Clone(names)
		}
		want := steps(strings.Repeat("A", 43))
		if len(want) != 4 {
			t.Errorf("steps of an unknown link: %v", want)
		}
		for name, token := range map[string]string{"used": used, "over": over, "replaced": former, "taken back": back} {
			if diff := cmp.Diff(want, steps(token)); diff != "" {
				t.Errorf("a link that is %s:\n%s", name, diff)
			}
		}
	})
}

// slips makes a link and takes it back.
func (k *kit) slips() {
	k.t.Helper()
	o, _ := k.ready(amine, grab, 1)
	k.handed(o)
	_, err := k.shop.TakeBack(k.ctx, o.ID, amine)
	k.ok(err)
}

func TestHandOver(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		o, button := k.ready(amine, grab, 1)
		token := k.handed(o)
		_, err := k.shop.HandOver(k.ctx, o.ID, amine)
		k.away(err, false)
		_, err = k.shop.Slip(k.ctx, o.ID, amine)
		k.away(err, false)
		k.away(k.reveal(o, button, amine), false)
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.away(err, false)

		_, err = k.shop.TakeBack(k.ctx, o.ID, amine)
		k.ok(err)
		_, err = k.shop.TakeBack(k.ctx, o.ID, amine)
		k.is(err, ErrNotReady)
		k.is(k.redeem(token), ErrNotFound)

		token = k.handed(o)
		k.pass(24*time.Hour - time.Second)
		k.ok(k.shop.Notarize(k.ctx))
		k.ok(k.redeem(token))
		k.onScreen(o)
		_, err = k.shop.TakeBack(k.ctx, o.ID, amine)
		k.away(err, true)
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.ok(k.shop.Notarize(k.ctx))
		k.away(k.reveal(o, button, amine), true)
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.away(err, true)
		k.ok(k.shop.Reissue(k.ctx, admin, o.ID)) // support may, when nothing came through
		k.ok(k.reveal(o, button, amine))
	})
}

func TestHandOverIsForCardsThatNobodySaw(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		k.tray.fail("Show", failure{errTray, true})
		k.is(k.reveal(o, token, amine), ErrDelivery)
		k.pass(time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		_, err := k.shop.HandOver(k.ctx, o.ID, amine)
		k.is(err, ErrSeen)
		o, _ = k.ready(amine, grab, 1)
		first := k.handed(o)
		k.pass(25 * time.Hour)
		k.ok(k.shop.Notarize(k.ctx))
		k.is(k.redeem(first), ErrNotFound)
		k.handed(o) // nobody opened it: it may go to somebody else
	})
}

// TestTakenBackWhileItOpens takes a link back between the claim and the place.
func TestTakenBackWhileItOpens(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		o, button := k.ready(amine, grab, 1)
		token := k.handed(o)
		k.tray.inside = func(method string) {
			if method == "Prepare" {
				_, err := k.shop.TakeBack(context.WithoutCancel(k.ctx), o.ID, amine)
				k.ok(err)
			}
		}
		k.is(k.redeem(token), ErrNotFound)
		k.tray.inside = nil
		if list := k.tray.visible(); len(list) != 0 {
			t.Fatalf("%d pages show codes", len(list))
		}
		k.pass(claimLease + time.Second)
		k.ok(k.shop.Notarize(k.ctx))
		k.ok(k.reveal(o, button, amine))
	})
}

func TestWhatAVisitorSays(t *testing.T) {
	linked(t, func(t *testing.T, k *kit) {
		o, _ := k.ready(amine, grab, 1)
		code := codes(k.vault(k.order(o.ID)))[0]
		for _, c := range []struct{ agent, want string }{
			{"Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"}, {"a\x00b\nc\u202ed\xff", "abcd"}, {strings.Repeat("é", 300), strings.Repeat("é", 100)},
			{"my " + strings.ToLower(code) + " is", ""},
		} {
			k.ok(k.shop.Redeem(k.ctx, k.linkTo(o), Caller{Address: strings.Repeat("1", 99), Agent: c.agent}, Route{Channel: "download"}))
			e := k.lastOf(o, EventDelivered)
			v, err := k.shop.Visited(k.ctx, o.ID, k.order(o.ID).Reveal.Claim, e.Data["visit"])
			k.ok(err)
			if v == nil || v.Agent != c.want || len(v.Address) > maxAddress {
				t.Errorf("%q is kept as %+v", c.agent, v)
			}
			k.pass(61 * time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			k.ok(k.shop.Notarize(k.ctx))
		}
	})
}
