package checkout

import (
	"testing"
	"time"

	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
	"cardrop/store"
)

// supplier reads how one supplier stands.
func (k *kit) supplier(name string) Supplier {
	k.t.Helper()
	all, err := k.shop.Suppliers(k.ctx)
	k.ok(err)
	for _, s := range all {
		if s.Name == name {
			return s
		}
	}
	k.t.Fatalf("no supplier %s", name)
	return Supplier{}
}

// TestFunds: what we reckon to have at a supplier that does not tell follows recharges and purchases, and is set right by hand and when the
// supplier says that it is less; recharges are recorded once and found in the list of a supplier that has one.
func TestFunds(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		vnd := func(n int64) providers.Money { return providers.Money{Minor: n, Currency: "VND"} }
		put := func(supplier string, m providers.Money, ref string) bool {
			fresh, err := k.shop.Deposit(k.ctx, Deposit{Supplier: supplier, Money: m, Admin: admin, Note: "bank", Ref: ref})
			k.ok(err)
			return fresh
		}
		if s := k.supplier("giftz"); s.Estimated || !s.Balance.IsZero() {
			t.Errorf("before anybody said anything there is %+v", s)
		}
		k.bought(amine, grab, 1) // before anybody said what there is
		k.ok(k.shop.Reckon(k.ctx, admin, "giftz", vnd(100_000)))
		o := k.bought(amine, grab, 2)
		snap, err := SnapshotOf(o)
		k.ok(err)
		k.pass(time.Second)
		if !put("giftz", vnd(50_000), "r1") || put("giftz", vnd(50_000), "r1") {
			t.Error("a recharge was not recorded once")
		}
		want := vnd(150_000 - 2*snap.UnitCost.Minor)
		if s := k.supplier("giftz"); !s.Estimated || s.Balance != want || s.Lasts <= 0 || s.LastSold.IsZero() || s.Calls == 0 || s.Half <= 0 || s.Half > s.Most {
			t.Errorf("the supplier stands at %+v, want %s", s, want)
		}
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfFunds, Times: 1}))
		k.state(k.run(k.buy(amine, grab, 3).ID, time.Second, time.Minute), store.Refused)
		if s := k.supplier("giftz"); s.Balance != vnd(3*snap.UnitCost.Minor-1) || s.Paused != "no_funds" {
			t.Errorf("after code 100 there is %+v, want a little less than %d", s, 3*snap.UnitCost.Minor)
		}
		for _, d := range []Deposit{
			{Supplier: "nobody", Money: vnd(1), Note: "n", Ref: "x"}, {Supplier: "giftz", Money: vnd(0), Note: "n", Ref: "x"},
			{Supplier: "giftz", Money: providers.Money{Minor: 1, Currency: "DZD"}, Note: "n", Ref: "x"}, {Supplier: "giftz", Money: vnd(1), Ref: "x"},
		} {
			_, err := k.shop.Deposit(k.ctx, d)
			k.is(err, ErrFunds)
		}

		dzd := func(n int64) providers.Money { return providers.Money{Minor: n, Currency: "DZD"} }
		k.click.Credit(700_00)
		k.click.Credit(5_00)
		put("ocnet", dzd(700_00), "r2")
		put("ocgift", dzd(123_00), "r3")
		list, unrecorded, err := k.shop.Deposits(k.ctx, 7)
		k.ok(err)
		matched := map[string]bool{}
		for _, d := range list {
			matched[d.Ref] = d.Matched
		}
		if len(matched) != 3 || !matched["r2"] || matched["r1"] || matched["r3"] {
			t.Errorf("matched are %v", matched)
		}
		found := false
		for _, d := range unrecorded {
			found = found || d.Money == dzd(5_00)
			if d.Money == dzd(700_00) {
				t.Error("what is recorded is told as unrecorded")
			}
		}
		if !found {
			t.Errorf("a recharge nobody recorded is not told: %+v", unrecorded)
		}
		if today, err := k.shop.DepositsOn(k.ctx, k.now()); err != nil || len(today) != 3 {
			t.Errorf("today's recharges are %v, %v", today, err)
		}
	})
}

// TestPauseByHand: an admin's pause stands until an admin ends it.
func TestPauseByHand(t *testing.T) {
	k := newKit(t, false)
	k.ok(k.shop.PauseByHand(k.ctx, admin, "giftz"))
	k.is(k.shop.PauseByHand(k.ctx, admin, "giftz"), ErrNotFound)
	k.is(k.shop.PauseByHand(k.ctx, admin, "nobody"), ErrNotFound)
	_, err := k.shop.Quote(k.ctx, Basket{ID: "ABCDEFGH", Line: k.line(grab), Quantity: 1, Buyer: Buyer{User: amine, Chat: amine}})
	k.is(err, ErrUnavailable)
	k.ok(k.shop.Resume(k.ctx, "giftz", string(providers.NoFunds)))
	k.ok(k.shop.MindSuppliers(k.ctx))
	if s := k.supplier("giftz"); s.Paused != byOperator {
		t.Errorf("the supplier is paused for %q", s.Paused)
	}
	if k.rung("supplier_paused_operator") != 0 {
		t.Error("an admin was alarmed about the own word")
	}
	k.ok(k.shop.Reopen(k.ctx, admin, "giftz"))
	k.basket(amine, grab, 1)
}
