package checkout

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// outside has a supplier sell what no order of the shop asks for, and tells its id.
func (k *kit) outside(sku string, n int, ref string) string {
	k.t.Helper()
	p := providers.Placement{Ref: ref, SKU: sku, Quantity: n, Sent: k.now(), SendBy: k.now().Add(time.Minute)}
	supplier := k.options.Suppliers[1]
	if sku == adsl {
		supplier, p.Account, p.Kind = k.options.Suppliers[2], "021000000", providers.ADSL
	}
	f, err := supplier.Place(k.ctx, p)
	k.ok(err)
	return f.Handle
}

// looks lets a shop that begins compare what the suppliers say.
func (k *kit) looks() {
	k.t.Helper()
	k.ok(k.shop.Distrust(k.ctx))
	k.ok(k.shop.Vigil(k.ctx))
}

// compares has an admin compare everything since a day ago, and returns the kinds of differences.
func (k *kit) compares(order string) []string {
	k.t.Helper()
	k.ok(k.shop.AskComparison(k.ctx, admin, admin, k.now().Add(-24*time.Hour), order))
	k.pass(time.Second)
	k.ok(k.shop.Compare(k.ctx))
	c, err := k.shop.Comparison(k.ctx)
	k.ok(err)
	if c.Stage != StageDone || c.Failed {
		k.t.Errorf("comparison is %+v\n%s", c, k.log.String())
	}
	kinds := []string{}
	for _, d := range c.Differences {
		kinds = append(kinds, d.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

func (k *kit) barred(cause string) bool {
	k.t.Helper()
	on, err := k.store.Barred(k.ctx, cause)
	k.ok(err)
	return on
}

// house is what the shop keeps of orders that nobody knows: handle → cards in quarantine.
func (k *kit) house() map[string]int {
	k.t.Helper()
	orders, _, err := k.store.HouseOrders(k.ctx, 0, 100)
	k.ok(err)
	kept := map[string]int{}
	for _, o := range orders {
		vault, err := k.store.Vault(k.ctx, o.ID)
		k.ok(err)
		kept[o.Placements[0].Handle] = len(vault)
	}
	return kept
}

// TestUnknownSales: what a supplier sold and Redis does not know stops buying, is told, is nobody's, and its cards are house stock. Once.
func TestUnknownSales(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.bought(amine, steam, 1)
		k.bought(amine, adsl, 1)
		k.looks()
		if k.barred(BarUnreconciled) || len(k.house()) != 0 {
			t.Fatalf("a shop that knows all was stopped: %v", k.alarms)
		}
		k.silent()
		gift, net := k.outside(steam, 2, ""), k.outside(adsl, 1, "ABCDEFGH-1")
		for range 2 {
			k.looks()
			k.pass(time.Minute)
			k.ok(k.shop.Lookback(k.ctx))
		}
		k.pass(10 * time.Minute)
		k.ok(k.shop.Lookback(k.ctx))
		if diff := cmp.Diff(map[string]int{gift: 2, net: 1}, k.house()); diff != "" {
			t.Errorf("house stock (-want +got):\n%s", diff)
		}
		if k.rung("sale_found") != 2 || k.rung("buying_stopped") != 1 || k.rung("house_stock") != 2 {
			t.Errorf("alarms %v", k.alarms)
		}
		_, err := k.shop.Buy(k.ctx, k.basket(amine, grab, 1))
		k.is(err, ErrClosed)
		balances, err := k.store.Balances(k.ctx)
		k.ok(err)
		if balances["supplier:ocgift"] <= 0 || balances["supplier:ocnet"] <= 0 {
			t.Errorf("the suppliers' accounts hold %v", balances)
		}
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
		if diff := cmp.Diff([]string{DiffUnknownSale, DiffUnknownSale}, k.compares("")); diff != "" || k.rung("sale_found") != 0 {
			t.Errorf("what was found before (-want +got):\n%s", diff)
		}
		c, err := k.shop.Comparison(k.ctx)
		k.ok(err)
		k.is(k.shop.OpenAfter(k.ctx, admin, c.ID-1), ErrNotFound)
		k.ok(k.shop.OpenAfter(k.ctx, admin, c.ID))
		k.bought(amine, grab, 1)
	})
}

// TestForgottenClaims: Redis remembers orders as never asked for that a supplier sold. None is bought a second time, nobody's card is
// guessed, and each buyer gets the card or the money.
func TestForgottenClaims(t *testing.T) {
	for _, sku := range []string{steam, adsl} {
		for _, down := range []time.Duration{30 * time.Second, 20 * time.Minute} {
			t.Run(fmt.Sprintf("%s down %s", strings.NewReplacer("/", "-", ":", "-").Replace(sku), down), func(t *testing.T) {
				both(t, func(t *testing.T, k *kit) {
					o := k.buy(amine, sku, 1)
					handle := k.outside(sku, 1, o.ID+"-1")
					k.pass(down)
					k.ok(k.shop.Distrust(k.ctx))
					id := store.PlacementID{Order: o.ID, K: 1}
					k.is(k.shop.Ask(k.ctx, id), errUnchecked) // before the list was compared
					k.ok(k.shop.Vigil(k.ctx))
					if !k.barred(BarUnreconciled) || k.rung("buying_stopped") != 1 {
						t.Errorf("buying goes on; alarms %v", k.alarms)
					}
					o = k.run(o.ID, 10*time.Second, 30*time.Minute)
					k.ok(k.shop.Lookback(k.ctx))
					k.pass(time.Minute)
					k.ok(k.shop.Lookback(k.ctx))
					_, stocked := k.house()[handle]
					switch {
					case o.State == store.Fulfilled && o.Placements[0].Handle == handle && !stocked:
						k.has(o)
					case o.State == store.Refused && stocked && sku == steam && down > clockSkew:
						k.balance(amine, 100_000_00)
					default:
						t.Errorf("order is %s with %q, house stock %v\n%s", o.State, o.Placements[0].Handle, k.house(), k.log.String())
					}
					if n := len(k.click.Sold()); n != 1 {
						t.Errorf("%d sales", n)
					}
				})
			})
		}
	}
}

// TestExplainedSales: orders without an owner that an open or a given-up attempt explains prove nothing, and each finds its way.
func TestExplainedSales(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		doubt := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_after")
		k.work()
		k.looks()
		k.state(k.order(doubt.ID), store.InDoubt)
		k.state(k.run(doubt.ID, 20*time.Second, 5*time.Minute), store.Fulfilled)
		given := k.lost(bilal)
		k.slip(given)
		k.ok(k.shop.Distrust(k.ctx))
		k.ok(k.shop.Vigil(k.ctx))
		k.pass(time.Minute)
		k.ok(k.shop.Lookback(k.ctx))
		k.pass(time.Minute)
		k.ok(k.shop.Lookback(k.ctx))
		if k.barred(BarUnreconciled) || len(k.house()) != 0 || k.order(given.ID).Placements[0].Handle == "" {
			t.Errorf("stopped %v, house %v, given up is %+v", k.barred(BarUnreconciled), k.house(), k.order(given.ID).Placements)
		}
		late := k.buy(amine, adsl, 1)
		k.trouble(adsl, "out_of_stock")
		k.state(k.run(late.ID, 5*time.Second, time.Minute), store.Refused)
		handle := k.outside(adsl, 1, late.ID+"-1") // refused for sure, and sold all the same
		k.looks()
		k.pass(time.Minute)
		k.ok(k.shop.Lookback(k.ctx))
		k.pass(6 * time.Minute)
		k.ok(k.shop.Lookback(k.ctx))
		o := k.order(late.ID)
		if k.barred(BarUnreconciled) || o.Placements[0].Handle != handle || len(k.aside(o)) == 0 {
			t.Errorf("stopped %v, order %+v, kept %v", k.barred(BarUnreconciled), o.Placements, k.aside(o))
		}
		if kinds := k.compares(""); len(kinds) != 0 {
			t.Errorf("differences %v", kinds)
		}
	})
}

// TestSharedLists: on an account that another program uses too, an order of nobody is told and not taken; one that may be an order's of ours
// keeps that from being bought again until a person has decided.
func TestSharedLists(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.outside(psn, 3, "")
		k.outside(adsl, 1, "another-program-77")
		o := k.buy(amine, steam, 1)
		handle := k.outside(steam, 1, "")
		k.looks()
		if k.barred(BarUnreconciled) || len(k.house()) != 0 || k.rung("foreign_orders") != 1 {
			t.Errorf("stopped %v, house %v, alarms %v", k.barred(BarUnreconciled), k.house(), k.alarms)
		}
		k.state(k.run(o.ID, 10*time.Second, 20*time.Minute), store.InDoubt)
		k.ok(k.shop.Resolve(k.ctx, admin, o.ID, 1, Decision{Bought: true, Handle: handle, Note: "their list shows it"}))
		o = k.run(o.ID, 5*time.Second, time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
		if len(k.click.Sold()) != 3 {
			t.Errorf("%d sales", len(k.click.Sold()))
		}
		want := []string{DiffForeignSale, DiffForeignSale}
		if diff := cmp.Diff(want, k.compares("")); diff != "" {
			t.Errorf("differences (-want +got):\n%s", diff)
		}
	}, func(o *Options) { o.SharedLedger = true })
}

// TestSilentSupplier: while a list cannot be read, what Redis remembers as never asked for is not asked for, and everything else goes on.
func TestSilentSupplier(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		old, voucher := k.buy(amine, steam, 1), k.buy(amine, grab, 1)
		k.pass(time.Second)
		k.ok(k.shop.Distrust(k.ctx))
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: "/gift-cards/list"}))
		k.is(k.shop.Vigil(k.ctx), errSilent)
		k.is(k.shop.Ask(k.ctx, store.PlacementID{Order: old.ID, K: 1}), errUnchecked)
		k.ok(k.shop.Ask(k.ctx, store.PlacementID{Order: voucher.ID, K: 1}))
		k.state(k.order(voucher.ID), store.Fulfilled)
		k.pass(time.Second)
		fresh := k.buy(bilal, steam, 1)
		k.pass(time.Second)
		k.ok(k.shop.Ask(k.ctx, store.PlacementID{Order: fresh.ID, K: 1}))
		if got := k.compares(""); len(got) != 0 {
			t.Errorf("a list that was not read names %v", got)
		}
		c, err := k.shop.Comparison(k.ctx)
		k.ok(err)
		want := []Compared{{Name: "giftz"}, {Name: "ocgift", Listed: true, Silent: true}, {Name: "ocnet", Listed: true}}
		if diff := cmp.Diff(want, c.Suppliers); diff != "" {
			t.Errorf("suppliers (-want +got):\n%s", diff)
		}
		k.click.Clear()
		k.pass(askListAgain)
		k.ok(k.shop.Vigil(k.ctx))
		k.state(k.run(old.ID, 5*time.Second, time.Minute), store.Fulfilled)
		if k.barred(BarUnreconciled) {
			t.Error("buying is stopped although nothing is missing")
		}
	})
}

// TestComparedBooks spoils each thing that is compared, one after the other: exactly that is named.
func TestComparedBooks(t *testing.T) {
	spoils := map[string]func(k *kit, o store.Order) error{
		"": func(*kit, store.Order) error { return nil },
		DiffBalance + " " + DiffSum: func(k *kit, _ store.Order) error {
			return k.raw.HIncrBy(k.ctx, k.key("wallets"), "cust:1001", 500).Err()
		},
		DiffBalance + " " + DiffBalance + " " + DiffHold: func(k *kit, o store.Order) error {
			return k.raw.HDel(k.ctx, k.key("ledger"), o.ID+":hold").Err()
		},
		DiffMoney + " " + DiffMoney: func(k *kit, o store.Order) error { return k.raw.HIncrBy(k.ctx, k.key("o:"+o.ID), "captured", 1).Err() },
		DiffCards:                   func(k *kit, o store.Order) error { return k.raw.Del(k.ctx, k.key("v:"+o.ID)).Err() },
		DiffMissingOrder:            func(k *kit, o store.Order) error { return k.raw.Del(k.ctx, k.key("o:"+o.ID)).Err() },
		DiffUnrecorded:              func(k *kit, o store.Order) error { return k.raw.LTrim(k.ctx, k.key("eo:"+o.ID), 1, -1).Err() },
		DiffRecord: func(k *kit, _ store.Order) error {
			return k.raw.LSet(k.ctx, k.key("macs"), 3, strings.Repeat("x", 32)).Err()
		},
		DiffCost: func(k *kit, o store.Order) error { return k.raw.HIncrBy(k.ctx, k.key("o:"+o.ID), "1.cost", 7).Err() },
		DiffUnlisted: func(k *kit, o store.Order) error {
			return k.raw.HSet(k.ctx, k.key("o:"+o.ID), "1.h", "65bb00000000000000000001").Err()
		},
		DiffUnknownDebit: func(k *kit, _ store.Order) error {
			k.click.Charge("65bb00000000000000000002", 1_000_00)
			return nil
		},
		DiffUnknownSale: func(k *kit, o store.Order) error {
			return k.raw.HDel(k.ctx, k.key("handles"), "ocgift:"+o.Placements[0].Handle).Err()
		},
	}
	for kind, spoil := range spoils {
		t.Run(kind, func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				k.unsound = kind != ""
				o := k.bought(amine, steam, 2)
				k.bought(bilal, adsl, 1)
				k.bought(bilal, grab, 3)
				k.click.Finish()
				k.pass(time.Hour)
				k.ok(spoil(k, o))
				if diff := cmp.Diff(strings.Fields(kind), k.compares("")); diff != "" {
					t.Errorf("differences (-want +got):\n%s", diff)
				}
				if kind == DiffCards || kind == DiffCost { // the same for this order alone, and nothing about another one
					if diff := cmp.Diff([]string{kind}, k.compares(o.ID)); diff != "" {
						t.Errorf("about the order (-want +got):\n%s", diff)
					}
				}
			})
		})
	}
}

// TestOneComparisonAtATime: a second wish while one is under way changes nothing, a process that dies leaves it to the next one, and a
// result is not made twice.
func TestOneComparisonAtATime(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.bought(amine, steam, 1)
		k.ok(k.shop.AskComparison(k.ctx, admin, admin, start(), ""))
		k.is(k.shop.AskComparison(k.ctx, admin, admin, start(), ""), ErrRunning)
		k.pass(time.Second)
		k.stop.set("store.record.before", 1)
		k.is(k.shop.Compare(k.ctx), errStopped)
		k.ok(k.shop.Compare(k.ctx))
		c, err := k.shop.Comparison(k.ctx)
		k.ok(err)
		first := c.Ended
		if c.Stage != StageDone {
			t.Errorf("stage %s", c.Stage)
		}
		k.pass(compareLease)
		k.ok(k.shop.Compare(k.ctx))
		if c, err = k.shop.Comparison(k.ctx); err != nil || !c.Ended.Equal(first) {
			t.Errorf("made again at %s, error %v", c.Ended, err)
		}
		due, err := k.store.DueRedraws(k.ctx, 10)
		k.ok(err)
		if !slices.Contains(due, store.TalkID{Chat: admin}) {
			t.Errorf("to be drawn again: %v", due)
		}
		k.is(k.shop.AskComparison(k.ctx, admin, admin, start(), "ABCDEFGH"), ErrNotFound)
	})
}
