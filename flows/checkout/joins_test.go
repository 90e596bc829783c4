package checkout

import (
	"slices"
	"testing"
	"time"

	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// psnType is the simulator's id of the line psn.
const psnType = "61260000000a000100010001"

// joined makes a voucher and a gift card one line, under the voucher's code. The gift card costs so much, in centimes; the voucher 106 DZD,
// sold at 115.
func (k *kit) joined(price int64) (main, part string) {
	k.t.Helper()
	k.click.SetPrice(psnType, price)
	main, part = k.line(grab), k.line(psn)
	k.pass(2 * openAge)
	k.ok(k.shop.Join(k.ctx, admin, part, main))
	return main, part
}

// takes is a basket of a line by its code, confirmed.
func (k *kit) takes(code string, n int) Basket {
	k.t.Helper()
	b := Basket{ID: k.shop.NewOrderID(), Line: code, Quantity: n, Buyer: Buyer{User: amine, Chat: amine, Language: "en"}}
	q, err := k.shop.Quote(k.ctx, b)
	k.ok(err)
	b.Unit = q.Unit
	return b
}

// agreed is an order of a line by its code.
func (k *kit) agreed(code string, n int) store.Order {
	k.t.Helper()
	o, err := k.shop.Buy(k.ctx, k.takes(code, n))
	k.ok(err)
	return o
}

// TestOneLine holds that two joined lines are one for customers, under one code, at the price of the cheapest that has a card; that both
// codes lead there, also while one supplier does not list it; and that both are as before when they part.
func TestOneLine(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		main, part := k.joined(104_00)
		shows := func(code, want string, price int64) {
			t.Helper()
			l, err := k.shop.Line(k.ctx, code)
			k.ok(err)
			known, err := k.shop.Known(k.ctx, []string{code})
			k.ok(err)
			if l.Code != want || l.Price != price || known[code].Code != want || known[code].Price != price {
				t.Errorf("%s leads to %s at %d, and is known as %s at %d; want %s at %d", code, l.Code, l.Price, known[code].Code, known[code].Price, want, price)
			}
		}
		listed := func() (all []string) {
			families, err := k.shop.Families(k.ctx)
			k.ok(err)
			for _, f := range families {
				for _, l := range f.Lines {
					all = append(all, l.Code)
				}
			}
			return all
		}
		shows(main, main, 110_00)
		shows(part, main, 110_00)
		if all := listed(); slices.Contains(all, part) || !slices.Contains(all, main) {
			t.Error("customers meet a joined line by itself, or not at all")
		}
		if f, err := k.shop.Family(For(k.ctx, Customer{Hidden: true}), k.shop.familyOf(part)); err != nil ||
			!slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Code == part }) {
			t.Errorf("those who run the shop do not meet it: %v", err)
		}
		k.click.SetStock(psnType, 0)
		k.pass(2 * openAge)
		_, err := k.shop.Family(k.ctx, k.shop.familyOf(main))
		k.ok(err)
		shows(part, main, 115_00)
		k.click.SetStock(psnType, 9)
		k.click.SetPrice(psnType, 500_00)
		k.pass(2 * openAge)
		shows(main, main, 115_00)
		k.giftz.SetStock("G0001_GZ", 0) // its supplier lists it no more
		k.pass(11 * time.Minute)
		k.ok(k.shop.RefreshCatalog(k.ctx))
		shows(main, part, 525_00)
		shows(part, part, 525_00)
		k.giftz.SetStock("G0001_GZ", 50)
		k.pass(11 * time.Minute)
		k.ok(k.shop.RefreshCatalog(k.ctx))
		shows(main, main, 115_00)
		k.ok(k.shop.Leave(k.ctx, admin, part))
		shows(main, main, 115_00)
		shows(part, part, 525_00)
	})
}

// TestJoinable holds which lines can be one.
func TestJoinable(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		main, part := k.joined(104_00)
		other, internet, family := k.line(steam), k.line(adsl), k.shop.familyOf(main)
		for _, c := range []struct {
			code, into string
			want       error
		}{
			{part, main, ErrJoin}, {main, other, ErrJoin}, {other, part, ErrJoin}, {other, main, ErrJoin}, // ocgift sells a part of it already
			{internet, main, ErrJoin}, {family, other, ErrJoin}, {other, family, ErrJoin}, {other, other, ErrJoin},
			{"NO-SUCH", main, ErrNotFound}, {other, "NO-SUCH", ErrNotFound}, {k.line(tiki), other, nil},
		} {
			if err := k.shop.Join(k.ctx, admin, c.code, c.into); c.want == nil {
				k.ok(err)
			} else {
				k.is(err, c.want)
			}
		}
	})
}

// TestCheapestSells holds that the cheapest supplier that has the cards sells them, that the others stand by, and that the price which was
// confirmed stands.
func TestCheapestSells(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		main, part := k.joined(104_00)
		sells := func(code string, n int, want string, unit int64) {
			t.Helper()
			o := k.run(k.agreed(code, n).ID, 5*time.Second, time.Minute)
			k.state(o, store.Fulfilled)
			if o.Provider != want || o.Unit != unit {
				t.Errorf("sold by %s at %d, want %s at %d", o.Provider, o.Unit, want, unit)
			}
			k.has(o)
			snap, err := SnapshotOf(o)
			k.ok(err)
			if snap.Line != main || len(snap.Others) != 1 || snap.Others[0].Provider == want {
				t.Errorf("the order stands by %+v", snap)
			}
		}
		sells(main, 1, "ocgift", 110_00)
		sells(part, 2, "ocgift", 110_00)
		k.click.SetStock(psnType, 1)
		sells(main, 2, "giftz", 115_00)
		sells(main, 1, "ocgift", 110_00)
		k.click.SetStock(psnType, 9)
		k.ok(k.shop.Pause(k.ctx, "ocgift", "manual"))
		sells(main, 1, "giftz", 115_00)
		k.ok(k.shop.Resume(k.ctx, "ocgift", "manual"))
		k.click.SetPrice(psnType, 107_00)
		sells(main, 1, "giftz", 115_00)
		confirmed := k.takes(main, 1) // at 115, from giftz
		k.ok(k.shop.Pause(k.ctx, "giftz", "manual"))
		o, err := k.shop.Buy(k.ctx, confirmed)
		k.ok(err)
		if o.Unit != 115_00 || o.Provider != "ocgift" {
			t.Errorf("%+v", o)
		}
		confirmed = k.takes(main, 1)
		k.click.SetPrice(psnType, 116_00)
		_, err = k.shop.Buy(k.ctx, confirmed)
		if _, ok := err.(*PriceError); !ok { //nolint:errorlint // nothing wraps it
			t.Errorf("a cost above the confirmed price: %v", err)
		}
		_, err = k.shop.Quote(k.ctx, Basket{Line: main, Quantity: 10, Buyer: Buyer{User: amine}})
		if q, ok := err.(*QuantityError); !ok || q.Max != 9 { //nolint:errorlint // nothing wraps it
			t.Errorf("more than anybody has: %v", err)
		}
		k.ok(k.shop.Pause(k.ctx, "ocgift", "manual"))
		_, err = k.shop.Quote(k.ctx, Basket{Line: main, Quantity: 1, Buyer: Buyer{User: amine}})
		k.is(err, ErrUnavailable)
	})
}

// TestAsksTheOtherSupplier: a supplier that refuses for certain is followed by the other one, with a placement and a reference of its own;
// the cards are sold once, cost and margin are the other one's, and the record tells who was asked.
func TestAsksTheOtherSupplier(t *testing.T) {
	for _, first := range []string{"ocgift", "giftz"} {
		t.Run(first, func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				price, second, cost := int64(104_00), "giftz", int64(106_00)
				if first == "giftz" {
					price, second, cost = 107_00, "ocgift", 107_00
				}
				main, _ := k.joined(price)
				for _, c := range []struct {
					giftz  giftzbox.Fault
					click  clickbox.Fault
					reason providers.Reason
					pauses bool
				}{
					{giftzbox.OutOfStock, clickbox.OutOfStock, providers.OutOfStock, false}, {giftzbox.TooMany, clickbox.TooMany, providers.Busy, false},
					{giftzbox.OutOfFunds, clickbox.OutOfFunds, providers.NoFunds, true}, {giftzbox.Blocked, clickbox.Blocked, providers.Blocked, true},
				} {
					before, left := k.sold(), k.wallet(amine)
					o := k.agreed(main, 2)
					if first == "giftz" {
						k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: c.giftz, Times: 1}))
					} else {
						k.ok(k.click.Fault(clickbox.Trouble{Fault: c.click, Times: 1}))
					}
					o = k.run(o.ID, 5*time.Second, time.Minute)
					k.state(o, store.Fulfilled)
					k.has(o)
					k.balance(amine, left-o.Total)
					if sales := k.since(before); len(sales) != 1 || len(o.Placements) != 2 || o.Placements[0].State != store.Refused ||
						o.Placements[1].Provider != second || o.Placements[1].For != 1 || o.Placements[1].Cost != 2*cost {
						t.Errorf("%s: %d sales, %+v", c.reason, len(sales), o.Placements)
					}
					if m, ok := MarginOf(o); !ok || m.Earned() != o.Total-2*cost {
						t.Errorf("%s: margin %+v", c.reason, m)
					}
					k.told(o, first, second, string(c.reason))
					if k.reason(o) != "" {
						t.Errorf("an order that came says that it was refused for %s", k.reason(o))
					}
					token, err := k.shop.Offer(k.ctx, o.ID)
					k.ok(err)
					k.ok(k.reveal(o, token, amine))
					if c.pauses {
						k.ok(k.shop.Resume(k.ctx, first, string(c.reason)))
					}
				}
			})
		})
	}
}

// told fails unless the record says whom an order asked, and that the second came in place of the first.
func (k *kit) told(o store.Order, first, second, reason string) {
	k.t.Helper()
	events, _, err := k.store.EventsOfOrder(k.ctx, o.ID, 0, 100)
	k.ok(err)
	var asked []string
	instead := ""
	for _, e := range slices.Backward(events) {
		if e.Kind == EventAsked {
			asked = append(asked, e.Data["supplier"])
		}
		if e.Kind == EventPlacement && e.Data["instead"] != "" {
			instead = e.Data["placement"] + " " + e.Data["reason"] + " " + e.Data["instead"]
		}
	}
	if !slices.Equal(asked, []string{first, second}) || instead != "1 "+reason+" "+second {
		k.t.Errorf("the record tells %v, %q", asked, instead)
	}
}

// TestAsksNobodyInDoubt: as long as cards may have been bought nobody else is asked for them, whatever became of the answer; in the end they
// were sold once, by the first supplier, or the money is back.
func TestAsksNobodyInDoubt(t *testing.T) {
	for _, first := range []string{"ocgift", "giftz"} {
		t.Run(first, func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				price, sku := int64(104_00), psn
				if first == "giftz" {
					price, sku = 107_00, grab
				}
				main, _ := k.joined(price)
				for _, fault := range []string{"lost_before", "lost_after", "error_after", "cut_json", "html_502", "timeout"} {
					before := k.sold()
					o := k.agreed(main, 1)
					k.trouble(sku, fault)
					if fault == "timeout" {
						k.haste.Store(29_900)
					}
					k.work()
					k.haste.Store(0)
					k.state(k.order(o.ID), store.InDoubt)
					if n := len(k.order(o.ID).Placements); n != 1 {
						t.Fatalf("%s: %d placements while it is in doubt", fault, n)
					}
					o = k.run(o.ID, 20*time.Second, 40*time.Minute)
					if sales := k.since(before); len(o.Placements) != 1 || len(sales) > 1 || (len(sales) == 1) != (o.State == store.Fulfilled) {
						t.Errorf("%s: %s with %d sales: %+v", fault, o.State, len(sales), o.Placements)
					}
				}
			})
		})
	}
}

// TestNobodyInstead holds when nobody takes the place of a supplier that refused: the buyer has the money back.
func TestNobodyInstead(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		main, part := k.joined(104_00)
		for what, change := range map[string]func(o store.Order) (undo func()){
			"dearer than what was confirmed": func(store.Order) func() {
				k.ok(k.shop.SetRate(k.ctx, admin, "VND", rat("0.0060")))
				return func() { k.ok(k.shop.SetRate(k.ctx, admin, "VND", nil)) }
			},
			"paused": func(store.Order) func() {
				k.ok(k.shop.Pause(k.ctx, "giftz", "manual"))
				return func() { k.ok(k.shop.Resume(k.ctx, "giftz", "manual")) }
			},
			"no longer one line": func(store.Order) func() {
				k.ok(k.shop.Leave(k.ctx, admin, part))
				return func() { k.ok(k.shop.Join(k.ctx, admin, part, main)) }
			},
			"of a backup": func(o store.Order) func() {
				k.ok(k.store.LeaveAlone(k.ctx, o.ID))
				return func() {}
			},
			"refused by both": func(store.Order) func() {
				k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfStock, Times: 1}))
				return func() {}
			},
		} {
			left, before := k.wallet(amine), k.sold()
			o := k.agreed(main, 1)
			undo := change(o)
			k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.OutOfStock, Times: 1}))
			o = k.run(o.ID, 5*time.Second, time.Minute)
			undo()
			if o.State != store.Refused {
				t.Fatalf("%s: %s, %+v", what, o.State, o.Placements)
			}
			k.balance(amine, left)
			if len(k.since(before)) > 0 || k.reason(o) != string(providers.OutOfStock) || (len(o.Placements) == 2) != (what == "refused by both") {
				t.Errorf("%s: %+v", what, o.Placements)
			}
		}
		o := k.agreed(main, 1)
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.Missing, Times: 1})) // our request was wrong: another supplier does not make it right
		o = k.run(o.ID, 5*time.Second, time.Minute)
		k.state(o, store.Refused)
	})
}

// TestPartsGoElsewhere: of an order in several placements only the refused one's cards are asked for elsewhere, in as many placements as
// the other supplier takes.
func TestPartsGoElsewhere(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		main, _ := k.joined(107_00)
		o := k.agreed(main, 25) // 10, 10 and 5
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfStock, Times: 1}))
		o = k.run(o.ID, 5*time.Second, time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
		if len(o.Placements) != 4 || o.Placements[3].Provider != "ocgift" || o.Placements[3].Quantity != o.Placements[o.Placements[3].For-1].Quantity {
			t.Errorf("%+v", o.Placements)
		}
		k.click.SetPrice(psnType, 104_00)
		k.click.SetStock(psnType, 40)
		o = k.agreed(main, 25) // all at once
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.OutOfStock, Times: 1}))
		o = k.run(o.ID, 5*time.Second, time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
		if len(o.Placements) != 4 || o.Placements[1].Quantity != 10 || o.Placements[3].Quantity != 5 {
			t.Errorf("%+v", o.Placements)
		}
	})
}

// TestDiesBetweenSuppliers: a process that dies around the refusal or around the second purchase is followed by another one that knows only
// what is stored: bought once, or not at all and paid back.
func TestDiesBetweenSuppliers(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, first := range []string{"ocgift", "giftz"} {
			price := map[string]int64{"ocgift": 104_00, "giftz": 107_00}[first]
			main, part := k.joined(price)
			for _, death := range []string{"store.settle.before", "store.settle.after", "store.claim_placement.after"} {
				for skip := range 2 {
					before, left := k.sold(), k.wallet(amine)
					o := k.agreed(main, 1)
					k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.OutOfStock, Times: map[string]int{"ocgift": 1}[first]}))
					if first == "giftz" {
						k.click.Clear()
						k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfStock, Times: 3})) // also when it is asked again
					}
					k.stop.skip(death, skip)
					k.work()
					k.work()
					k.stop.left()
					var err error
					k.shop, err = New(k.options)
					k.ok(err)
					o = k.run(o.ID, 20*time.Second, 40*time.Minute)
					sales := k.since(before)
					if !o.State.Final() || len(sales) > 1 || (len(sales) == 1) != (o.State == store.Fulfilled) {
						t.Errorf("%s first, death at %s after %d: %s with %d sales, %+v", first, death, skip, o.State, len(sales), o.Placements)
					}
					if o.State == store.Refused {
						k.balance(amine, left)
					}
					if death == "store.settle.after" && (o.State != store.Fulfilled || len(o.Placements) != 2) {
						t.Errorf("%s first, death at %s: the other supplier was not asked: %s %+v", first, death, o.State, o.Placements)
					}
					k.giftz.Clear()
					k.click.Clear()
				}
			}
			k.ok(k.shop.Leave(k.ctx, admin, part))
		}
	})
}

// TestNobodyInsteadOfAForgottenSale: a supplier's sale that nobody here knows may be what Redis forgot of an open order that the supplier
// stands by: it is not asked once more.
func TestNobodyInsteadOfAForgottenSale(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		main, _ := k.joined(107_00)
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.LostBefore, Times: 1}))
		o := k.agreed(main, 1)
		k.work()
		k.state(k.order(o.ID), store.InDoubt)
		k.outside(psn, 1, "")
		k.looks()
		k.compares("")
		if !k.order(o.ID).Alone {
			t.Error("the order may still be bought from who may have sold it already")
		}
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfStock}))
		o = k.run(o.ID, 20*time.Second, 30*time.Minute)
		k.state(o, store.Refused)
		if len(o.Placements) != 1 {
			t.Errorf("%+v", o.Placements)
		}
	})
}

// TestOrdersWithoutOthers: an order that was made before orders knew who else sells asks for what it says, and nobody else.
func TestOrdersWithoutOthers(t *testing.T) {
	t.Parallel()
	o := store.Order{ID: "K7M29QXW", Provider: "giftz", Placements: []store.Placement{{K: 1, Provider: "giftz"}},
		Doc: []byte(`{"p":"giftz","s":"G0001_GZ","l":"GRAB2000-9L7","t":"Grab","k":"voucher","u":{"minor":20000,"currency":"VND"},"w":"53/10000"}`)}
	snap, err := SnapshotOf(o)
	if err != nil || snap.Others != nil || snap.Part != "" {
		t.Fatalf("%+v, %v", snap, err)
	}
	of, err := snap.source(o, 1)
	if err != nil || of.Provider != "giftz" || of.SKU != "G0001_GZ" || of.Line != "GRAB2000-9L7" || of.Rate != "53/10000" {
		t.Errorf("%+v, %v", of, err)
	}
}

// TestDoubtsAtBothSuppliers: of one order, one part is in doubt at the first supplier and another at the second one, which takes no reference:
// only those that asked the same there are rivals for the order in its list.
func TestDoubtsAtBothSuppliers(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		main, _ := k.joined(107_00)
		before := k.sold()
		o := k.agreed(main, 20) // 10 and 10
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.OutOfStock, Times: 1}))
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.LostAfter, Times: 1}))
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.HTML502})) // it does not say for long what became of it
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.LostAfter, Times: 1}))
		k.work()
		k.work()
		if p := k.order(o.ID).Placements; len(p) != 3 || p[1].State != store.InDoubt || p[2].State != store.InDoubt {
			t.Fatalf("%+v", p)
		}
		o = k.run(o.ID, 20*time.Second, 15*time.Minute)
		if p := o.Placements[2]; p.State != store.Fulfilled {
			t.Errorf("what was sold is %s: %+v", p.State, p)
		}
		k.giftz.Clear()
		o = k.run(o.ID, 20*time.Second, 15*time.Minute)
		k.state(o, store.Fulfilled)
		k.has(o)
		if n := len(k.since(before)); n != 2 {
			t.Errorf("%d sales", n)
		}
	})
}
