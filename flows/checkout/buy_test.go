package checkout

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
	"cardrop/store"
)

// The lines that the tests buy.
const (
	grab    = "G0001_GZ"                                          // 20,000 VND: 106 DZD, sold at 115
	psn     = "612600000000000000010001/61260000000a000100010001" // 2,890 DZD, sold at 3,035
	steam   = "612600000000000000020001/61260000000a000200010001" // 1,390 DZD, sold at 1,460
	steam50 = "612600000000000000020001/61260000000a000200010004" // 3 in stock
	adsl    = "ADSL:1000"                                         // 975 DZD, sold at 1,025
	fourG   = "4G:500"
)

// vault opens every card that an order's owner may see.
func (k *kit) vault(o store.Order) []providers.Card {
	k.t.Helper()
	kept, err := k.store.Vault(k.ctx, o.ID)
	k.ok(err)
	snap, err := SnapshotOf(o)
	k.ok(err)
	cards, err := k.shop.open(o, snap.SKU, kept)
	k.ok(err)
	return cards
}

// sold is what the simulators sold: handle or trans_id → codes.
func (k *kit) sold() map[string][]string {
	all := map[string][]string{}
	for _, s := range k.giftz.Sold() {
		all[s.TransID] = s.Codes
	}
	for _, s := range k.click.Sold() {
		all[s.Handle] = s.Codes
	}
	return all
}

// has fails unless an order's cards are exactly those that the supplier sold for it.
func (k *kit) has(o store.Order) {
	k.t.Helper()
	var want []string
	for _, p := range o.Placements {
		name := p.Handle
		if p.Provider == "giftz" {
			name = o.ID + "-" + itoa(p.K)
		}
		if p.Delivered > 0 {
			want = append(want, k.sold()[name]...)
		}
	}
	if diff := cmp.Diff(want, codes(k.vault(o))); diff != "" || len(want) != o.Delivered {
		k.t.Errorf("the vault of %s holds other cards than were sold for it (%d): %s", o.ID, o.Delivered, diff)
	}
}

func TestPurchase(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		left := int64(100_000_00)
		for _, c := range []struct {
			sku   string
			n     int
			unit  int64
			cost  int64
			parts int
		}{
			{grab, 1, 115_00, 106_00, 1}, {grab, 25, 115_00, 106_00, 3}, {psn, 3, 3035_00, 2890_00, 1}, {adsl, 1, 1025_00, 975_00, 1},
			{fourG, 1, 515_00, 487_50, 1},
		} {
			o := k.buy(amine, c.sku, c.n)
			left -= c.unit * int64(c.n)
			k.balance(amine, left)
			k.state(o, store.Placing)
			if len(k.sold()[o.ID+"-1"]) != 0 {
				t.Error("sold within Buy")
			}
			o = k.run(o.ID, 5*time.Second, time.Minute)
			k.state(o, store.Fulfilled)
			if o.Delivered != c.n || o.Unit != c.unit || o.Captured != o.Total || len(o.Placements) != c.parts {
				t.Errorf("%s: %+v", c.sku, o)
			}
			var cost int64
			for _, p := range o.Placements {
				cost += p.Cost
			}
			if cost != c.cost*int64(c.n) {
				t.Errorf("%s is booked at a cost of %d", c.sku, cost)
			}
			k.has(o)
			k.balance(amine, left)
			for kind, n := range map[string]int{EventOpened: 1, EventAsked: c.parts, EventEnded: 1} {
				if got := k.events(o.ID, kind); got != n {
					t.Errorf("%s: %d × %s", c.sku, got, kind)
				}
			}
		}
		k.silent()
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
	})
}

// silent fails when an alarm rang.
func (k *kit) silent() {
	k.t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.alarms) > 0 {
		k.t.Errorf("alarms: %v", k.alarms)
	}
}

// TestThreat01LeakScan is the positive control of the scan: a code put anywhere is found.
func TestThreat01LeakScan(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.bought(amine, grab, 2)
		o := k.bought(amine, psn, 1)
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Fatalf("codes lie open in %v", leaks)
		}
		if n := len(k.secrets()); n < 6 {
			t.Fatalf("only %d secrets are looked for", n)
		}
		secret := k.sold()[o.Placements[0].Handle][0]
		for _, text := range spellings(secret)[:6] {
			k.ok(k.raw.HSet(k.ctx, k.key("planted"), "field", "before "+text+" after").Err())
			if leaks := k.leaks([]string{secret}); !slices.Contains(leaks, k.key("planted")) {
				t.Errorf("%q is not found", text)
			}
		}
		k.ok(k.raw.Del(k.ctx, k.key("planted")).Err())
		k.ok(k.raw.Set(k.ctx, k.key("ep:"+secret), "x", 0).Err())
		if len(k.leaks([]string{secret})) == 0 {
			t.Error("a code in a key's name is not found")
		}
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		quantity, most int
		want           []int
	}{
		{25, 10, []int{10, 10, 5}}, {10, 10, []int{10}}, {11, 10, []int{10, 1}}, {1, 0, []int{1}}, {50, 0, []int{50}}, {3, 1, []int{1, 1, 1}},
	} {
		if diff := cmp.Diff(c.want, split(c.quantity, c.most)); diff != "" {
			t.Errorf("%d by %d: %s", c.quantity, c.most, diff)
		}
	}
}

func TestBoughtOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		b := k.basket(amine, grab, 3)
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				if o, err := k.shop.Buy(k.ctx, b); err != nil || o.ID != b.ID || o.Quantity != 3 {
					t.Errorf("%v %+v", err, o)
				}
			})
		}
		wg.Wait()
		// Eight workers find the same placement.
		for range 8 {
			wg.Go(func() {
				if err := k.shop.Ask(k.ctx, store.PlacementID{Order: b.ID, K: 1}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		o := k.run(b.ID, 5*time.Second, time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
		k.balance(amine, 100_000_00-3*115_00)
		if n := len(k.giftz.Sold()); n != 1 {
			t.Errorf("%d sales", n)
		}
		// Later, too: the first order comes back, whatever else the basket says now.
		b.Quantity, b.Unit = 7, 1
		again, err := k.shop.Buy(k.ctx, b)
		k.ok(err)
		if diff := cmp.Diff(o, again); diff != "" {
			t.Error(diff)
		}
		// Somebody else's id is no order of theirs, and no purchase.
		b = k.basket(bilal, grab, 1)
		b.ID = o.ID
		_, err = k.shop.Buy(k.ctx, b)
		k.is(err, ErrNotFound)
		_, err = k.shop.Order(k.ctx, o.ID, bilal)
		k.is(err, ErrNotFound)
		k.balance(bilal, 100_000_00)
		if _, err := k.shop.Order(k.ctx, o.ID, 0); err != nil {
			t.Error(err)
		}
	})
}

// TestTwoBuyersOneID: the same id at the same moment belongs to one of the two.
func TestTwoBuyersOneID(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		one, two := k.basket(amine, grab, 1), k.basket(bilal, grab, 1)
		two.ID = one.ID
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, b := range []Basket{one, two} {
			wg.Go(func() { _, errs[i] = k.shop.Buy(k.ctx, b) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), ErrNotFound) {
			t.Errorf("%v", errs)
		}
	})
}

// TestThreat42MoneyForTen: 200 purchases at once with money for ten make exactly ten holds.
func TestThreat42MoneyForTen(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.credit(karim, 1150_00)
		var wg sync.WaitGroup
		var mu sync.Mutex
		made := 0
		b := k.basket(karim, grab, 1)
		for range 200 {
			one := b
			one.ID = k.shop.NewOrderID()
			wg.Go(func() {
				_, err := k.shop.Buy(k.ctx, one)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made++
				} else if _, ok := errors.AsType[*ShortError](err); !ok {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made != 10 {
			t.Errorf("%d orders", made)
		}
		k.balance(karim, 0)
		k.sound()
		k.work()
		if n := len(k.giftz.Sold()); n != 10 {
			t.Errorf("%d sales", n)
		}
	})
}
