package checkout

import (
	"slices"
	"testing"
	"time"

	"cardrop/store"
)

// TestThreat32LateAmongMany: purchases of one line in doubt at once in two processes, both begun anew in between; the ones that were not
// made are given up, and then an order appears that one of them made after all, while another purchase of the line is in doubt. Nothing
// is bought twice, every sale has one owner, what came too late is the shop's, and a comparison explains all of it.
func TestThreat32LateAmongMany(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		restart := func() *Shop {
			s, err := New(k.options)
			k.ok(err)
			k.ok(s.Distrust(k.ctx))
			k.ok(s.Vigil(k.ctx))
			return s
		}
		shops := []*Shop{restart(), restart()}
		var ids []string
		for i, fault := range []string{"lost_after", "lost_before", "timeout", "lost_before", "html_502"} {
			o := k.buy([]int64{amine, bilal}[i%2], steam, 1)
			k.trouble(steam, fault)
			k.pass(time.Second)
			if fault == "timeout" {
				k.haste.Store(29_900)
			}
			k.ok(shops[i%2].Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}))
			k.haste.Store(0)
			ids = append(ids, o.ID)
		}
		k.click.Clear()
		made := len(k.sold())
		work := func(steps int) {
			for n := range steps {
				if n%9 == 4 {
					shops[n%2] = restart()
				}
				k.pass(20 * time.Second)
				for i, id := range ids {
					k.ok(shops[(n+i)%2].Ask(k.ctx, store.PlacementID{Order: id, K: 1}))
				}
				k.ok(shops[n%2].Lookback(k.ctx))
			}
		}
		work(30)
		for range 15 { // until the last is given up: how long that takes hangs on the order in which they were looked at
			if !slices.ContainsFunc(ids, func(id string) bool { return k.order(id).State == store.InDoubt }) {
				break
			}
			work(1)
		}
		var given store.Order
		ended := map[store.OrderState]int{}
		for _, id := range ids {
			o := k.order(id)
			ended[o.State]++
			if o.State == store.Refused {
				given = o
			} else {
				k.has(o)
			}
		}
		if ended[store.Fulfilled] != made || ended[store.Refused] != len(ids)-made || made < 1 || made == len(ids) {
			t.Fatalf("%v, %d sales", ended, made)
		}
		k.slip(given) // its request was held up on its way
		open := k.buy(amine, steam, 1)
		k.trouble(steam, "lost_after")
		k.ok(shops[0].Ask(k.ctx, store.PlacementID{Order: open.ID, K: 1}))
		ids = append(ids, open.ID)
		work(60)
		open = k.order(open.ID)
		k.state(open, store.Fulfilled)
		k.has(open)
		owners, stock := map[string]bool{}, 0
		for _, id := range ids {
			o := k.order(id)
			if h := o.Placements[0].Handle; h != "" {
				if owners[h] {
					t.Errorf("%s has two owners", h)
				}
				owners[h] = true
			}
			stock += len(k.aside(o))
		}
		if len(k.click.Sold()) != made+2 || len(owners) != made+2 || stock != 1 || len(k.house()) != 0 || k.barred(BarUnreconciled) {
			t.Errorf("%d sales, %d owners, %d in stock, house %v, stopped %v", len(k.click.Sold()), len(owners), stock, k.house(), k.barred(BarUnreconciled))
		}
		if kinds := k.compares(""); len(kinds) != 0 {
			t.Errorf("differences %v", kinds)
		}
	})
}
