package checkout

import (
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
	"cardrop/store"
)

// quarantined fails unless an order is under review as it should be: held, sealed, alarmed, and nothing of it to be seen.
func (k *kit) quarantined(o store.Order, reason string, alarm string) {
	k.t.Helper()
	k.state(o, store.Review)
	for _, p := range o.Placements {
		if p.Delivered != 0 {
			k.t.Errorf("%d cards are paid for", p.Delivered)
		}
	}
	if o.Captured != 0 || k.rung(alarm) != 1 {
		k.t.Errorf("captured %d, alarms %v", o.Captured, k.alarms)
	}
	if cards := k.vault(o); len(cards) != 0 {
		k.t.Errorf("%d cards may be shown", len(cards))
	}
	vault, err := k.store.Vault(k.ctx, o.ID)
	k.ok(err)
	for _, c := range vault {
		if !strings.HasPrefix(c.Index, "q") {
			k.t.Errorf("%s is not in quarantine", c.Index)
		}
		if _, err := k.options.Ring.Open(c.Bytes, place{Order: o.ID, Index: c.Index, Owner: o.Buyer, SKU: k.sku(o)}); err != nil {
			k.t.Errorf("%s cannot be opened by anybody: %v", c.Index, err)
		}
	}
	if len(vault) == 0 {
		k.t.Error("what came is lost")
	}
	events, _, err := k.store.EventsOfOrder(k.ctx, o.ID, 0, 100)
	k.ok(err)
	if got := events[0].Data["reason"]; events[0].Kind != EventPlacement || got != reason {
		k.t.Errorf("the record says %v", events[0])
	}
	_, err = k.shop.Offer(k.ctx, o.ID)
	k.is(err, ErrNotReady)
	_, err = k.shop.Again(k.ctx, o.ID, o.Buyer)
	k.is(err, ErrNotReady)
	if len(k.tray.visible()) != 0 {
		k.t.Error("something is on the screen")
	}
	// Neither time nor a retry moves it on: it is a person's.
	_, err = k.shop.Retry(k.ctx, o.ID, admin)
	k.ok(err)
	sales := len(k.sold())
	k.state(k.run(o.ID, time.Minute, time.Minute), store.Review)
	if len(k.sold()) != sales {
		k.t.Error("bought again by itself")
	}
	stuck, err := k.shop.Stuck(k.ctx)
	k.ok(err)
	if len(stuck) == 0 {
		k.t.Error("nobody sees it")
	}
	k.sound()
}

func (k *kit) sku(o store.Order) string {
	k.t.Helper()
	snap, err := SnapshotOf(o)
	k.ok(err)
	return snap.SKU
}

// TestThreat11UnfitAnswers: what came is not fit to be shown.
func TestThreat11UnfitAnswers(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		held := int64(0)
		for _, c := range []struct {
			sku, fault string
			n          int
			reason     providers.Fault
		}{
			{grab, "wrong_count", 3, providers.WrongCount}, {grab, "partial_fill", 3, providers.WrongCount},
			{grab, "missing_field", 1, providers.MissingKey}, {grab, "wrong_password", 2, providers.Unreadable},
			{grab, "other_line", 1, providers.WrongLine}, {psn, "wrong_count", 2, providers.WrongCount},
			{adsl, "missing_code", 1, providers.MissingKey},
		} {
			o := k.buy(amine, c.sku, c.n)
			held += o.Total
			k.trouble(c.sku, c.fault)
			o = k.run(o.ID, 10*time.Second, 5*time.Minute)
			k.quarantined(o, string(c.reason), "review")
		}
		k.balance(amine, 100_000_00-held)
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
		k.silent()
	})
}

// TestThreat33UnreadableIsKeptWhole: an answer that sold something and cannot be decrypted is sealed as it came; with the right password it
// can be read later.
func TestThreat33UnreadableIsKeptWhole(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, grab, 2)
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.WrongPassword, Times: 1}))
		o = k.run(o.ID, 10*time.Second, time.Minute)
		k.state(o, store.Review)
		vault, err := k.store.Vault(k.ctx, o.ID)
		k.ok(err)
		found := false
		for _, c := range vault {
			if c.Index != "q001.raw" {
				continue
			}
			plain, err := k.options.Ring.Open(c.Bytes, place{Order: o.ID, Index: c.Index, Owner: o.Buyer, SKU: grab})
			k.ok(err)
			found = strings.Contains(string(plain), "secure_data") && strings.Contains(string(plain), grab)
		}
		if !found {
			t.Errorf("the answer is not kept: %d entries", len(vault))
		}
	})
}

// job is a claimed placement on its way.
func (k *kit) job(c store.Claim, snap Snapshot) *job {
	k.t.Helper()
	j, err := k.shop.job(c, snap)
	k.ok(err)
	return j
}

// answer gives a claimed placement an answer of its supplier, as a worker does.
func (k *kit) answer(o store.Order, f providers.Fulfillment) store.Order {
	k.t.Helper()
	k.pass(time.Second)
	claim, err := k.store.ClaimPlacement(k.ctx, store.ClaimRequest{ID: store.PlacementID{Order: o.ID, K: 1}, Lease: resolveLease, SendBy: sendSpan,
		Event: k.shop.event(EventAsked, o, system, nil)})
	k.ok(err)
	snap, err := SnapshotOf(o)
	k.ok(err)
	j := k.job(claim, snap)
	k.ok(j.settle(k.ctx, f, nil))
	k.sound()
	return k.order(o.ID)
}

func card(code string) providers.Card {
	return providers.Card{Code: providers.NewSecret(code), Serial: providers.NewSecret("SN-1")}
}

// TestThreat11HostileCodes: codes that a screen would hide or reorder, that are empty, too long or repeated within one answer, and counts and
// states that do not fit.
func TestThreat11HostileCodes(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		extra := card("GOOD-1")
		extra.Extras = []providers.Field{{Label: "url", Value: providers.NewSecret("https://x/\u2066evil")}}
		label := card("GOOD-2")
		label.Extras = []providers.Field{{Label: "pin\n", Value: providers.NewSecret("1")}}
		fact := card("GOOD-3")
		fact.Facts = []providers.Fact{{Label: "num_trans", Value: "1\u202e2"}}
		serial := card("GOOD-4")
		serial.Serial = providers.NewSecret("SN\u200b1")
		for i, c := range []struct {
			n      int
			f      providers.Fulfillment
			reason string
		}{
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("AB\u202eCD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("AB\x07CD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("AB\nCD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("AB\u200dCD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("AB\u2028CD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("\ufeffABCD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("AB\xffCD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card(" ABCD")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card(strings.Repeat("A", 513))}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("")}}, "malformed_code"},
			{2, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("SAME"), card("SAME")}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{extra}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{label}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{fact}}, "malformed_code"},
			{1, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{serial}}, "malformed_code"},
			{2, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("ONE")}}, "wrong_count"},
			{2, providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("1"), card("2"), card("3")}}, "wrong_count"},
			{2, providers.Fulfillment{State: providers.Partial, Cards: []providers.Card{card("1"), card("2")}}, "wrong_count"},
			{2, providers.Fulfillment{State: providers.Refunded, Cards: []providers.Card{card("1")}}, "wrong_count"},
			{1, providers.Fulfillment{State: "closed", Cards: []providers.Card{card("1")}}, "unknown_state"},
			{1, providers.Fulfillment{State: providers.Pending, Fault: providers.Unreadable, Raw: providers.NewSecret("?")}, "unreadable"},
		} {
			o := k.answer(k.buy(amine, grab, c.n), c.f)
			k.quarantined(o, c.reason, "review")
			if t.Failed() {
				t.Fatalf("case %d", i)
			}
		}
		good := card("Ünïcode-كود-код-✓")
		o := k.answer(k.buy(amine, grab, 1), providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{good}})
		k.state(o, store.Fulfilled)
		if got := codes(k.vault(o)); got[0] != good.Code.Expose() {
			t.Errorf("%q", got)
		}
		k.silent()
	})
}

// TestEmptyPartial: a partial answer without cards is nothing that can be shown or paid for.
func TestEmptyPartial(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	o := k.answer(k.buy(amine, grab, 2), providers.Fulfillment{State: providers.Partial})
	k.state(o, store.Review)
	if k.rung("review") != 1 || o.Captured != 0 {
		t.Errorf("%+v", o)
	}
}

// TestThreat11RepeatedCode: a code that was sold in another order is never shown again; the first order keeps it.
func TestThreat11RepeatedCode(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		first := k.answer(k.buy(amine, grab, 2), providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("TWICE-ABCDEFGHJK"), card("ONCE-LMNPQRSTUV")}})
		k.state(first, store.Fulfilled)
		second := k.answer(k.buy(bilal, grab, 2), providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("ONCE-2"), card("TWICE-ABCDEFGHJK")}})
		k.quarantined(second, "repeated_code", "repeated_code")
		k.balance(bilal, 100_000_00-second.Total)
		if got := codes(k.vault(k.order(first.ID))); len(got) != 2 {
			t.Errorf("the first order has %q", got)
		}
		// A link without a code is told apart by the link.
		link := providers.Card{Extras: []providers.Field{{Label: providers.LabelURL, Value: providers.NewSecret("https://gift.example/r/1")}}}
		k.state(k.answer(k.buy(amine, grab, 1), providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{link}}), store.Fulfilled)
		third := k.answer(k.buy(amine, grab, 1), providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{link}})
		k.quarantined(third, "repeated_code", "repeated_code")
		// The fingerprints tell nothing: neither the code nor a digest of it that anybody could try out.
		for _, code := range []string{"TWICE-ABCDEFGHJK", "ONCE-LMNPQRSTUV"} {
			if leaks := k.leaks([]string{code}); len(leaks) > 0 {
				t.Errorf("%s lies open in %v", code, leaks)
			}
		}
	})
}
