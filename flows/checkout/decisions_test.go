package checkout

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/giftz"
	giftzbox "cardrop/providers/giftz/sandbox"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// doubted buys one card and loses the answer, before or after the supplier sold; nothing the supplier says afterwards ends the doubt.
func (k *kit) doubted(user int64, sku string, sold bool) store.Order {
	k.t.Helper()
	fault := map[bool]string{false: "lost_before", true: "lost_after"}[sold]
	o := k.buy(user, sku, 1)
	k.trouble(sku, fault)
	k.work()
	switch sku {
	case grab:
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.HTML502}))
	case adsl:
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: "check-ref"}))
	default:
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: "/gift-cards/list"}))
	}
	k.pass(31 * time.Minute)
	k.work()
	k.pass(time.Minute)
	o = k.order(o.ID)
	k.state(o, store.InDoubt)
	return o
}

// since are the handles (or references) of what the suppliers sold after a list of sales was made.
func (k *kit) since(before map[string][]string) []string {
	var fresh []string
	for name := range k.sold() {
		if _, old := before[name]; !old {
			fresh = append(fresh, name)
		}
	}
	return fresh
}

// later lets hours pass, with workers and look-backs; the supplier is well again.
func (k *kit) later() {
	k.t.Helper()
	k.giftz.Clear()
	k.click.Clear()
	for range 12 {
		k.pass(30 * time.Minute)
		k.work()
		k.ok(k.shop.Lookback(k.ctx))
		k.sound()
	}
}

// TestEveryAnswer: whatever a person answers, and whatever really happened, nothing is bought twice and no money is taken without a
// card; what was bought and given up is house stock where the supplier can be asked.
func TestEveryAnswer(t *testing.T) {
	for _, sku := range []string{grab, steam, adsl} {
		t.Run(strings.NewReplacer("/", "-", ":", "-").Replace(sku), func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				owned, foreign := k.bought(bilal, steam, 1).Placements[0].Handle, k.bought(bilal, psn, 1).Placements[0].Handle
				if sku == adsl {
					owned, foreign = k.bought(bilal, adsl, 1).Placements[0].Handle, k.bought(bilal, fourG, 1).Placements[0].Handle
				}
				k.pass(40 * time.Minute) // none of these can be meant
				for _, sold := range []bool{true, false} {
					for _, answer := range []string{"right", "nonsense", "owned", "foreign", "none", "not_bought"} {
						before, balance := k.sold(), k.wallet(amine)
						o := k.doubted(amine, sku, sold)
						k.answered(o, answer, sold, before, owned, foreign)
						k.later()
						k.concluded(o.ID, answer, sold, before, balance)
						if t.Failed() {
							t.Fatalf("sold %v, answer %s: %+v", sold, answer, k.order(o.ID))
						}
					}
				}
				if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
					t.Errorf("codes lie open in %v", leaks)
				}
			})
		})
	}
}

// answered gives a person's answer and holds what it leads to at once.
func (k *kit) answered(o store.Order, answer string, sold bool, before map[string][]string, owned, foreign string) {
	k.t.Helper()
	named := o.Provider != "giftz"
	d := Decision{Bought: answer != "not_bought", Note: "asked the supplier"}
	switch answer {
	case "right":
		if d.Handle = "61260000ffffffffffffffff"; sold {
			d.Handle = k.since(before)[0]
		}
	case "nonsense":
		d.Handle = "../../x"
	case "owned":
		d.Handle = owned
	case "foreign":
		d.Handle = foreign
	}
	balance := k.wallet(amine)
	err := k.shop.Resolve(k.ctx, admin, o.ID, 1, d)
	got, want := k.order(o.ID), store.InDoubt
	switch {
	case answer == "not_bought":
		k.ok(err)
		want, balance = store.Refused, balance+o.Total
	case !named && answer == "none":
		k.ok(err)
		want = store.Review
	case named && answer == "right" && sold:
		k.ok(err)
		want = store.Pending
	case named && (answer == "owned" || answer == "foreign"):
		k.is(err, ErrHandleTaken)
	default:
		k.is(err, ErrHandle)
	}
	if got.State != want || k.wallet(amine) != balance || got.Captured != 0 {
		k.t.Errorf("%s: %v, order is %s, captured %d, balance %d", answer, err, got.State, got.Captured, k.wallet(amine))
	}
	k.sound()
	if want != store.InDoubt {
		if err := k.shop.Resolve(k.ctx, admin, o.ID, 1, d); !errors.Is(err, ErrUndecidable) && want != store.Pending {
			k.t.Errorf("answered again: %v", err)
		}
	}
}

// concluded holds what is true hours later.
func (k *kit) concluded(id, answer string, sold bool, before map[string][]string, balance int64) {
	k.t.Helper()
	o, sales := k.order(id), k.since(before)
	if len(sales) > 1 {
		k.t.Errorf("%d sales for one order", len(sales))
	}
	house := len(k.aside(o)) > 0
	switch {
	case answer == "not_bought":
		// The gift cards' list tells; the voucher supplier has none, and the ref of a top-up must not be asked for again.
		if want := sold && o.Provider == "ocgift"; house != want || k.wallet(amine) != balance || k.rung("house_stock") != map[bool]int{true: 1}[want] {
			k.t.Errorf("house stock %v, alarms %v, balance %d", house, k.alarms, k.wallet(amine))
		}
		k.state(o, store.Refused)
	case answer == "none" && o.Provider == "giftz":
		k.state(o, store.Review)
		k.balance(amine, balance-o.Total)
	case o.Provider == "giftz":
		k.state(o, store.InDoubt) // half an hour is over: nobody asks any more
		k.balance(amine, balance-o.Total)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "closed"})) // so that the next case begins clean
	case sold || o.Provider == "ocnet":
		k.state(o, store.Fulfilled)
		k.has(o)
		k.balance(amine, balance-o.Total)
	default:
		k.state(o, store.Refused)
		k.balance(amine, balance)
	}
	k.rung("needs_person")
	k.rung("turned_up")
}

// aside lists the quarantined entries of an order.
func (k *kit) aside(o store.Order) []string {
	k.t.Helper()
	vault, err := k.store.Vault(k.ctx, o.ID)
	k.ok(err)
	var list []string
	for _, c := range vault {
		if strings.HasPrefix(c.Index, "q") {
			list = append(list, c.Index)
		}
	}
	slices.Sort(list)
	return list
}

// TestDecisionMeetsAWorker: while a worker has a placement nobody decides about it; a worker that overslept brings house stock.
func TestDecisionMeetsAWorker(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.buy(amine, grab, 2)
		k.pass(time.Second)
		claim, err := k.store.ClaimPlacement(k.ctx, store.ClaimRequest{ID: store.PlacementID{Order: o.ID, K: 1}, Lease: resolveLease, SendBy: sendSpan,
			Event: k.shop.event(EventAsked, o, system, nil)})
		k.ok(err)
		snap, err := SnapshotOf(claim.Order)
		k.ok(err)
		slept, err := k.shop.job(claim, snap)
		k.ok(err)
		k.is(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "too early"}), ErrUndecidable) // it is being placed
		k.pass(40 * time.Second)
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.LostBefore}))
		k.work()
		k.state(k.order(o.ID), store.InDoubt)
		k.pass(10 * time.Second)
		second, err := k.store.ClaimPlacement(k.ctx, store.ClaimRequest{ID: store.PlacementID{Order: o.ID, K: 1}, Lease: resolveLease, SendBy: sendSpan, Now: true})
		k.ok(err)
		k.is(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "still early"}), ErrBeingAsked)
		k.pass(resolveLease + time.Second)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Note: "it never came"}))
		k.balance(amine, 100_000_00)

		f := providers.Fulfillment{State: providers.Fulfilled, Cards: []providers.Card{card("LATE-ABCDEFGHJKLM"), card("LATE-NPQRSTUVWXYZ")}}
		k.ok(slept.settle(k.ctx, f, nil))
		k.sound()
		o = k.order(o.ID)
		k.state(o, store.Refused)
		if got := k.aside(o); len(got) != 2 || k.rung("house_stock") != 1 {
			t.Errorf("kept %v", got)
		}
		other := k.job(second, snap)
		k.ok(other.settle(k.ctx, f, nil)) // the same once more
		if len(k.aside(o)) != 2 || k.rung("house_stock") != 0 || k.events(o.ID, EventStock) != 1 {
			t.Errorf("kept twice: %v", k.aside(o))
		}
		k.balance(amine, 100_000_00)
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrNothing)
		if leaks := k.leaks([]string{"LATE-ABCDEFGHJKLM", "LATE-NPQRSTUVWXYZ"}); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
	})
}

// TestThreat33WrongPassword: vouchers that could not be read under a wrong password come, all of them, when it is corrected; nothing is bought
// again.
func TestThreat33WrongPassword(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		right := k.options.Suppliers[0]
		wrong, err := giftz.New(giftz.Options{UserName: "shop", SecureKey: providers.NewSecret("key-of-the-checksum"),
			Password: providers.NewSecret("thirty-two-byte-password-0000033"), BaseURL: serve(t, k.giftz) + "/api/v1", Now: k.hasty})
		k.ok(err)
		with := func(p providers.Provider) {
			k.options.Suppliers = append([]providers.Provider{p}, k.options.Suppliers[1:]...)
			k.shop, err = New(k.options)
			k.ok(err)
		}
		with(wrong)
		k.ok(k.shop.RefreshCatalog(k.ctx))
		var ids []string
		for _, n := range []int{1, 3, 12} {
			o := k.run(k.buy(amine, grab, n).ID, 5*time.Second, time.Minute)
			k.state(o, store.Review)
			ids = append(ids, o.ID)
			k.is(k.shop.Release(k.ctx, admin, o.ID, 1, ""), ErrUnfit)
		}
		sales := len(k.sold())
		with(right)
		for _, id := range ids {
			for _, p := range k.order(id).Placements {
				k.ok(k.shop.Release(k.ctx, admin, id, p.K, "password corrected"))
				k.sound()
				k.is(k.shop.Release(k.ctx, admin, id, p.K, ""), ErrUndecidable)
			}
			o := k.order(id)
			k.state(o, store.Fulfilled)
			k.has(o)
			if got := k.aside(o); len(got) != 0 {
				t.Errorf("%v stay in quarantine", got)
			}
			token, err := k.shop.Offer(k.ctx, id)
			k.ok(err)
			k.ok(k.reveal(o, token, amine))
			k.ok(k.shop.Saved(k.ctx, id, amine))
			k.pass(time.Second)
			k.ok(k.shop.Sweep(k.ctx))
		}
		if len(k.sold()) != sales || k.wallet(amine) != 100_000_00-16*115_00 {
			t.Errorf("%d sales, balance %d", len(k.sold())-sales, k.wallet(amine))
		}
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
	})
}
