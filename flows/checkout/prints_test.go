package checkout

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"cardrop/providers"
	"cardrop/store"
)

// owner reads which placement owns a code.
func (k *kit) owner(code string) string {
	k.t.Helper()
	owners, err := k.store.PrintOwners(k.ctx, [][]byte{k.options.Ring.Fingerprint(code)})
	k.ok(err)
	return owners[0]
}

// TestQuarantineOwnsItsCodes: whatever put a code into quarantine, it belongs to that placement: delivered in another order it is noticed,
// also after the first order was refunded, and the first one may still be released.
func TestQuarantineOwnsItsCodes(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		const good = "GOOD-CODE-1"
		for _, c := range []struct {
			name string
			n    int
			came []string
		}{
			{"an empty one beside it", 2, []string{good, ""}},
			{"an over-long one beside it", 2, []string{good, strings.Repeat("9", maxCode+1)}},
			{"a control character beside it", 2, []string{good, "AB\x07CD"}},
			{"a bidirectional mark beside it", 2, []string{good, "AB\u202eCD"}},
			{"too few", 3, []string{good, "OTHER-CODE-2"}},
			{"too many", 1, []string{good, "OTHER-CODE-3"}},
			{"repeated in the answer", 2, []string{good, good}},
		} {
			code := strings.ReplaceAll(strings.ToUpper(c.name), " ", "-")
			came := slices.Clone(c.came)
			for i := range came {
				came[i] = strings.ReplaceAll(came[i], "GOOD-CODE-1", code)
				came[i] = strings.ReplaceAll(came[i], "OTHER", code+"-OTHER")
			}
			first := k.came(amine, c.n, providers.Fulfillment{State: providers.Fulfilled, Cards: cards(came...)})
			mine := (store.PlacementID{Order: first.ID, K: 1}).String()
			if got := k.owner(code); got != mine {
				t.Errorf("%s: the code belongs to %q, want %s", c.name, got, mine)
			}
			second := k.came(bilal, 1, providers.Fulfillment{State: providers.Fulfilled, Cards: cards(code)})
			if k.rung("repeated_code") != 1 || k.owner(code) != mine {
				t.Errorf("%s: delivered in a second order: alarms %v, owner %s", c.name, k.alarms, k.owner(code))
			}
			k.is(k.shop.Release(k.ctx, admin, second.ID, 1, ""), ErrUnfit)
			k.is(k.shop.Supply(k.ctx, admin, second.ID, 1, cards(code)), ErrCodes)
			if c.n == 2 {
				k.ok(k.shop.Supply(k.ctx, admin, first.ID, 1, cards(code))) // its own code may be typed for it
				k.ok(k.shop.Release(k.ctx, admin, first.ID, 1, ""))
				k.state(k.order(first.ID), store.Partial)
			} else {
				_, err := k.shop.Refund(k.ctx, admin, first.ID, 1, Refunding{Note: "nothing came"})
				k.ok(err)
				k.came(bilal, 1, providers.Fulfillment{State: providers.Fulfilled, Cards: cards(code)})
				if k.rung("repeated_code") != 1 {
					t.Errorf("%s: house stock was sold", c.name)
				}
			}
			k.rung("review")
		}
	})
}

// TestHouseStockOwnsItsCodes: what turned up for a placement that was given up belongs to it.
func TestHouseStockOwnsItsCodes(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.came(amine, 1, providers.Fulfillment{State: providers.Fulfilled, Cards: cards("A\x00")})
		claim := store.Claim{Order: k.order(o.ID), Place: k.order(o.ID).Placements[0]}
		snap, err := SnapshotOf(o)
		k.ok(err)
		j := k.job(claim, snap)
		k.ok(j.stock(k.ctx, providers.Fulfillment{State: providers.Fulfilled, Cards: cards("LATE-CODE-1")}, "late"))
		if got := k.owner("LATE-CODE-1"); got != o.ID+".1" {
			t.Errorf("it belongs to %q", got)
		}
		k.came(bilal, 1, providers.Fulfillment{State: providers.Fulfilled, Cards: cards("LATE-CODE-1")})
		if k.rung("repeated_code") != 1 {
			t.Errorf("house stock was sold: %v", k.alarms)
		}
	})
}

// FuzzFits: a card that fits has a code or a link, nothing of it is over-long, hidden or reordered, and it comes out of its sealed form
// byte for byte.
func FuzzFits(f *testing.F) {
	for _, code := range []string{"", "ABCD-1234", " ABCD", "AB\nCD", "AB\u202eCD", "AB\u200bCD", "<b>", "_*`", "\xff", "é", strings.Repeat("9", maxCode+1), "\u2028"} {
		f.Add(code, "serial")
		f.Add("ABCD-1234", code)
	}
	f.Fuzz(func(t *testing.T, code, serial string) {
		c := providers.Card{Code: providers.NewSecret(code), Serial: providers.NewSecret(serial)}
		if fits([]providers.Card{c, c}) {
			t.Fatalf("the same card twice fits: %q", code)
		}
		if !fits([]providers.Card{c}) {
			return
		}
		for _, text := range []string{code, serial} {
			hidden := strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) })
			if len(text) > maxCode || hidden || strings.TrimSpace(text) != text {
				t.Errorf("fits: %q", text)
			}
		}
		if code == "" {
			t.Error("a card without a code fits")
		}
		plain, err := packCard(c)
		if err != nil {
			t.Fatal(err)
		}
		back, err := unpackCard(plain)
		if err != nil || errors.Is(err, ErrTampered) || back.Code.Expose() != code || back.Serial.Expose() != serial {
			t.Errorf("%q, %q come back as %q, %q: %v", code, serial, back.Code.Expose(), back.Serial.Expose(), err)
		}
	})
}
