package checkout

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// came puts an order under review with an answer of its supplier.
func (k *kit) came(user int64, n int, f providers.Fulfillment) store.Order {
	k.t.Helper()
	o := k.answer(k.buy(user, grab, n), f)
	k.state(o, store.Review)
	k.rung("review")
	return o
}

func cards(list ...string) (out []providers.Card) {
	for _, code := range list {
		out = append(out, card(code))
	}
	return out
}

// TestReleases: what may be shown of a review is shown and paid for, the rest is returned; what a screen would hide, what is repeated and
// what is too much stays in quarantine.
func TestReleases(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.state(k.answer(k.buy(bilal, grab, 1), providers.Fulfillment{State: providers.Fulfilled, Cards: cards("SOLD-BEFORE-1")}), store.Fulfilled)
		left := k.wallet(amine)
		for _, c := range []struct {
			name string
			n    int
			came []string
			want []string
			stay int
		}{
			{"one is missing", 2, []string{"AAAA-1111"}, []string{"AAAA-1111"}, 0},
			{"one too many", 2, []string{"BBBB-1", "BBBB-2", "BBBB-3"}, []string{"BBBB-1", "BBBB-2"}, 1},
			{"one is hidden", 2, []string{"CC\u202e1", "CCCC-2"}, []string{"CCCC-2"}, 1},
			{"twice the same", 2, []string{"DDDD-1", "DDDD-1"}, []string{"DDDD-1"}, 1},
			{"sold before", 2, []string{"SOLD-BEFORE-1", "EEEE-2"}, []string{"EEEE-2"}, 1},
			{"only sold before", 1, []string{"SOLD-BEFORE-1"}, nil, 1},
			{"empty", 1, []string{""}, nil, 1},
			{"nothing", 1, nil, nil, 0},
		} {
			f := providers.Fulfillment{State: providers.Fulfilled, Cards: cards(c.came...)}
			if c.came == nil {
				f.Fault = providers.WrongCount
			}
			o := k.came(amine, c.n, f)
			left -= o.Total
			err := k.shop.Release(k.ctx, admin, o.ID, 1, "")
			if c.want == nil {
				k.is(err, ErrUnfit)
				k.balance(amine, left)
				continue
			}
			k.ok(err)
			k.sound()
			o = k.order(o.ID)
			left += int64(c.n-len(c.want)) * 115_00
			k.balance(amine, left)
			want := store.Partial
			if len(c.want) == c.n {
				want = store.Fulfilled
			}
			k.state(o, want)
			if got := codes(k.vault(o)); !slices.Equal(got, c.want) || len(k.aside(o)) != c.stay || o.Captured != int64(len(c.want))*115_00 {
				t.Errorf("%s: shown %q, aside %v, captured %d", c.name, got, k.aside(o), o.Captured)
			}
			token, err := k.shop.Offer(k.ctx, o.ID)
			k.ok(err)
			k.ok(k.reveal(o, token, amine))
			k.onScreen(o)
			k.ok(k.shop.Saved(k.ctx, o.ID, amine))
			k.pass(time.Second)
			k.ok(k.shop.Sweep(k.ctx))
			// The code is bound: it is never sold again.
			k.came(bilal, 1, providers.Fulfillment{State: providers.Fulfilled, Cards: cards(c.want[0])})
			if k.rung("repeated_code") == 0 {
				t.Errorf("%s: the released code was sold again", c.name)
			}
		}
	})
}

// TestReviewsRefunded: the money of a review is returned, what came stays sealed and is shown to nobody; its cost is the shop's.
func TestReviewsRefunded(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.came(amine, 2, providers.Fulfillment{State: providers.Fulfilled, Cards: cards("AAAA-1111")})
		_, err := k.shop.Refund(k.ctx, admin, o.ID, 1, Refunding{Note: "the code was AAAA-1111"})
		k.is(err, ErrNote)
		amount, err := k.shop.Refund(k.ctx, admin, o.ID, 1, Refunding{Note: "supplier sent too few"})
		k.ok(err)
		k.sound()
		o = k.order(o.ID)
		k.state(o, store.Refunded)
		k.balance(amine, 100_000_00)
		lines, err := k.shop.Statement(k.ctx, amine, 1)
		k.ok(err)
		if amount != 2*115_00 || lines[0].Note != "supplier sent too few" || len(k.aside(o)) != 1 || o.Placements[0].Cost != 106_00 {
			t.Errorf("%d returned, entry %+v, aside %v, cost %d", amount, lines[0], k.aside(o), o.Placements[0].Cost)
		}
		for _, act := range []error{k.shop.Release(k.ctx, admin, o.ID, 1, ""), k.shop.Supply(k.ctx, admin, o.ID, 1, cards("NEW-1")),
			k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "again"})} {
			k.is(act, ErrUndecidable)
		}
		_, err = k.shop.Refund(k.ctx, admin, o.ID, 1, Refunding{Note: "again", Ref: "r1"})
		k.is(err, ErrNoRefund)
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrNothing)
		k.balance(amine, 100_000_00)
	})
}

// TestSupply: codes that an admin entered for a voucher nobody can ask for; entering again replaces them, and they are shown only after
// the release.
func TestSupply(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.state(k.answer(k.buy(bilal, grab, 1), providers.Fulfillment{State: providers.Fulfilled, Cards: cards("SOLD-BEFORE-1")}), store.Fulfilled)
		for _, asked := range []bool{true, false} { // after /resolve bought, and straight from the doubt
			o := k.doubted(amine, grab, false)
			if asked {
				k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Bought: true, Note: "the supplier sold it"}))
				k.is(k.shop.Release(k.ctx, admin, o.ID, 1, ""), ErrUnfit)
			}
			for _, bad := range [][]providers.Card{nil, cards("A-1", "A-2"), cards("A\u202e1"), cards(""), cards("SOLD-BEFORE-1")} {
				k.is(k.shop.Supply(k.ctx, admin, o.ID, 1, bad), ErrCodes)
			}
			code := map[bool]string{true: "HAND-TYPED-ASKED", false: "HAND-TYPED-DOUBT"}[asked]
			k.ok(k.shop.Supply(k.ctx, admin, o.ID, 1, cards("MIS-TYPED-"+code)))
			k.ok(k.shop.Supply(k.ctx, admin, o.ID, 1, cards(code)))
			k.state(k.order(o.ID), store.Review)
			if got := k.aside(o); len(got) != 1 {
				t.Errorf("aside are %v", got)
			}
			_, err := k.shop.Again(k.ctx, o.ID, amine)
			k.is(err, ErrNotReady)
			k.is(k.shop.Release(k.ctx, admin, o.ID, 1, "they gave "+strings.ToLower(code)), ErrNote)
			k.ok(k.shop.Release(k.ctx, admin, o.ID, 1, "they gave it by mail"))
			k.sound()
			o = k.order(o.ID)
			k.state(o, store.Fulfilled)
			if got := codes(k.vault(o)); !slices.Equal(got, []string{code}) || len(k.aside(o)) != 0 {
				t.Errorf("shown %q, aside %v", got, k.aside(o))
			}
			if leaks := k.leaks([]string{code, "MIS-TYPED-" + code}); len(leaks) > 0 {
				t.Errorf("codes lie open in %v", leaks)
			}
			k.giftz.Clear()
		}
		// Where the supplier has order ids, its order is bound, and nothing is typed in.
		k.is(k.shop.Supply(k.ctx, admin, k.doubted(amine, adsl, false).ID, 1, cards("X-1")), ErrUndecidable)
	})
}

// TestPaidBack: a refund after the end gives back what was captured and no more, once for each reference, never while the cards are on a
// screen, and nobody is shown what was refunded.
func TestPaidBack(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		back := func(o store.Order, cards int, ref string) (int64, error) {
			amount, err := k.shop.Refund(k.ctx, admin, o.ID, 0, Refunding{Cards: cards, Note: "was used already", Ref: ref})
			k.sound()
			return amount, err
		}
		unopened, token := k.ready(amine, psn, 2)
		before := k.wallet(amine)
		_, err := back(unopened, 1, "a")
		k.is(err, ErrUnopened)
		for _, bad := range []string{"", "a:b", strings.Repeat("a", 33)} {
			_, err = back(unopened, 0, bad)
			k.is(err, ErrNoRefund)
		}
		for range 2 {
			amount, err := back(unopened, 0, "a")
			k.ok(err)
			if amount != unopened.Total {
				t.Errorf("%d refunded", amount)
			}
		}
		k.balance(amine, before+unopened.Total)
		_, err = back(unopened, 0, "b")
		k.is(err, ErrNoRefund)
		k.is(k.reveal(unopened, token, amine), ErrNothing)
		_, err = k.shop.Again(k.ctx, unopened.ID, amine)
		k.is(err, ErrNothing)
		o := k.order(unopened.ID)
		k.state(o, store.Fulfilled)
		if len(k.vault(o)) != 2 || o.PaidBack != o.Captured {
			t.Errorf("order is %+v", o)
		}

		opened, token := k.ready(bilal, grab, 3)
		before = k.wallet(bilal)
		k.ok(k.reveal(opened, token, bilal))
		var screen *OnScreenError
		if _, err := back(opened, 1, "c"); !errors.As(err, &screen) || screen.Until.IsZero() {
			t.Errorf("refunded while on screen: %v", err)
		}
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		_, err = back(opened, 1, "c")
		k.ok(err)
		again, err := k.shop.Again(k.ctx, opened.ID, bilal)
		k.ok(err) // one of three was refunded: the others are still the buyer's
		_, err = back(opened, 3, "d")
		k.is(err, ErrNoRefund)
		_, err = back(opened, 0, "e")
		k.ok(err)
		k.balance(bilal, before+opened.Total)
		k.is(k.reveal(opened, again, bilal), ErrNothing)
		for kind, n := range map[string]int{EventPaidBack: 2, EventEnded: 1} {
			if got := k.events(opened.ID, kind); got != n {
				t.Errorf("%d × %s", got, kind)
			}
		}
		_, err = k.shop.Refund(k.ctx, admin, "ABCD2345", 0, Refunding{Note: "x", Ref: "x"})
		k.is(err, ErrNotFound)
	})
}

// TestNotes: a note is plain text of at most 200 bytes without any code of the order, and it is found in the ledger, never in the record.
func TestNotes(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.came(amine, 2, providers.Fulfillment{State: providers.Fulfilled, Cards: cards("ABCD-EFGH-1234"), Fault: providers.WrongCount,
			Raw: providers.NewSecret(`{"code":"WXYZ9876543","note":"plain"}`)})
		for _, bad := range []string{"", "   ", strings.Repeat("x", 201), "one\ntwo", "bidi \u202e", "the code abcd efgh 1234 is bad", "it says WXYZ9876543", "\xff"} {
			_, err := k.shop.Refund(k.ctx, admin, o.ID, 1, Refunding{Note: bad})
			k.is(err, ErrNote)
			if bad != "" && bad != "   " {
				k.is(k.shop.Release(k.ctx, admin, o.ID, 1, bad), ErrNote)
			}
		}
		k.state(k.order(o.ID), store.Review)
		_, err := k.shop.Refund(k.ctx, admin, o.ID, 1, Refunding{Note: " plain | with a bar, SN-1 "}) // so short a serial names nothing
		k.ok(err)
		lines, err := k.shop.Statement(k.ctx, amine, 1)
		k.ok(err)
		if lines[0].Note != "plain / with a bar, SN-1" {
			t.Errorf("the ledger says %q", lines[0].Note)
		}
	})
}

// TestDecisionEvents: the record of decisions is a closed set without free text, and each decision is in it once.
func TestDecisionEvents(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		allowed := map[string][]string{EventDecided: {"placement", "answer", "state", "cards"}, EventPaidBack: {"amount", "cards"},
			EventSupplied: {"placement", "cards"}, EventStock: {"placement", "cards", "reason"}}
		o := k.doubted(amine, grab, false)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Bought: true, Note: "a very private note"}))
		k.ok(k.shop.Supply(k.ctx, admin, o.ID, 1, cards("HAND-TYPED-1")))
		k.ok(k.shop.Release(k.ctx, admin, o.ID, 1, "a very private note"))
		_, err := k.shop.Refund(k.ctx, admin, o.ID, 1, Refunding{Note: "a very private note", Ref: "r"})
		k.ok(err)
		o = k.doubted(bilal, steam, true)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "a very private note"}))
		k.later()
		all, err := k.store.EventsAfter(k.ctx, "", 10_000)
		k.ok(err)
		met := map[string]int{}
		for _, e := range all {
			keys, ours := allowed[e.Kind]
			if !ours {
				continue
			}
			met[e.Kind]++
			if e.Kind != EventStock && e.Actor != k.options.Ring.Pseudonym(admin) {
				t.Errorf("%s was done by %s", e.Kind, e.Actor)
			}
			for key, value := range e.Data {
				if !slices.Contains(keys, key) || !regexp.MustCompile(`^[A-Za-z0-9_-]{0,32}$`).MatchString(value) {
					t.Errorf("%s has %s=%s", e.Kind, key, value)
				}
			}
		}
		if met[EventDecided] != 3 || met[EventSupplied] != 1 || met[EventPaidBack] != 1 || met[EventStock] < 1 {
			t.Errorf("%v", met)
		}
		for key, content := range k.dump() {
			if strings.Contains(key, ":events") && strings.Contains(content, "private") {
				t.Error("a note is in the record")
			}
		}
	})
}
