package checkout

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

func TestCredit(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		r := CreditRequest{Admin: admin, User: karim, Amount: 500_00, Note: "cash | at the desk", Ref: "u77"}
		for n := range 3 {
			balance, moved, err := k.shop.Credit(k.ctx, r)
			if err != nil || balance != 500_00 || moved != (n == 0) {
				t.Errorf("credit %d: %d %v %v", n+1, balance, moved, err)
			}
		}
		for what, change := range map[string]func(*CreditRequest){
			"amount": func(r *CreditRequest) { r.Amount = 600_00 }, "user": func(r *CreditRequest) { r.User = amine },
			"note": func(r *CreditRequest) { r.Note = "other" },
		} {
			other := r
			change(&other)
			_, _, err := k.shop.Credit(k.ctx, other)
			k.is(err, ErrConflict)
			if k.wallet(karim) != 500_00 || k.wallet(amine) != 100_000_00 {
				t.Errorf("another %s moved money", what)
			}
		}
		for _, change := range []func(*CreditRequest){
			func(r *CreditRequest) { r.Amount = 0 }, func(r *CreditRequest) { r.Amount = -500_01 }, func(r *CreditRequest) { r.Ref = "" },
			func(r *CreditRequest) { r.User = 0 }, func(r *CreditRequest) { r.User = -100 },
		} {
			bad := r
			bad.Ref = "u78"
			change(&bad)
			if _, _, err := k.shop.Credit(k.ctx, bad); err == nil {
				t.Errorf("%+v was booked", bad)
			}
		}
		lines, err := k.shop.Statement(k.ctx, karim, 10)
		k.ok(err)
		if len(lines) != 1 || lines[0].Amount != 500_00 || lines[0].From != store.External || lines[0].Note != "cash / at the desk" {
			t.Errorf("%+v", lines)
		}
		page, err := k.shop.Audit(k.ctx, admin, AuditQuery{User: karim})
		k.ok(err)
		if len(page.Events) != 1 || page.Events[0].Kind != EventCredited || page.Events[0].Data["amount"] != "50000" {
			t.Errorf("%+v", page.Events)
		}
		if user, ok := k.shop.Person(k.ctx, page.Events[0].Actor); !ok || user != admin {
			t.Errorf("the actor is %d", user)
		}
		if _, ok := k.shop.Person(k.ctx, "0000000000000000"); ok {
			t.Error("a pseudonym of nobody has a name")
		}
	})
}

// TestStatement: a purchase is one line, and what comes back another.
func TestStatement(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.PartialFill, Times: 1}))
		o := k.run(k.buy(amine, steam, 4).ID, 5*time.Second, time.Minute)
		k.state(o, store.Partial)
		lines, err := k.shop.Statement(k.ctx, amine, 2)
		k.ok(err)
		var got []string
		for _, l := range lines {
			got = append(got, fmt.Sprintf("%s %s>%s %d", l.ID, l.From, l.To, l.Amount))
		}
		want := []string{o.ID + ":release hold>cust:1001 292000", o.ID + ":hold cust:1001>hold 584000"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		for range 3 {
			k.buy(amine, grab, 1)
		}
		one, more, err := k.shop.Orders(k.ctx, amine, 0, 3)
		k.ok(err)
		rest, none, err := k.shop.Orders(k.ctx, amine, 1, 3)
		k.ok(err)
		if len(one) != 3 || !more || len(rest) != 1 || none || rest[0].ID != o.ID {
			t.Errorf("%d and %d orders", len(one), len(rest))
		}
	})
}

func TestStuck(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		is := func(what string, want ...string) {
			t.Helper()
			list, err := k.shop.Stuck(k.ctx)
			k.ok(err)
			var got []string
			for _, o := range list {
				got = append(got, o.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
		doubt := k.buy(amine, grab, 1)
		k.ok(k.giftz.Fault(giftzLost()))
		k.work()
		k.pass(2 * time.Second)
		k.click.SetDelay(24 * time.Hour)
		pending := k.buy(amine, psn, 1)
		k.work()
		k.state(k.order(pending.ID), store.Pending)
		is("young")
		k.pass(58 * time.Second)
		is("a minute", doubt.ID)
		k.pass(9*time.Minute + 5*time.Second)
		is("ten minutes", doubt.ID, pending.ID)
		k.giftz.Clear()
		review := k.buy(bilal, grab, 1)
		k.trouble(grab, "wrong_password")
		k.pass(time.Second)
		k.ok(k.shop.Ask(k.ctx, store.PlacementID{Order: review.ID, K: 1}))
		is("under review at once", doubt.ID, pending.ID, review.ID)

		// A person has the first one asked about now; it comes, once.
		before := len(k.giftz.Sold())
		_, err := k.shop.Retry(k.ctx, doubt.ID, admin)
		k.ok(err)
		k.state(k.run(doubt.ID, time.Second, 10*time.Second), store.Fulfilled)
		is("after a retry", pending.ID, review.ID)
		if len(k.giftz.Sold()) != before+1 || k.events(doubt.ID, EventWoken) != 1 {
			t.Errorf("%d sales", len(k.giftz.Sold())-before)
		}
		for range 3 { // an order that has ended is not bought again
			_, err := k.shop.Retry(k.ctx, doubt.ID, admin)
			k.ok(err)
			k.work()
		}
		if len(k.giftz.Sold()) != before+1 {
			t.Error("a retry bought again")
		}
		_, err = k.shop.Retry(k.ctx, "ABCD2345", admin)
		k.is(err, ErrNotFound)
	})
}

func TestSuppliers(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		list, err := k.shop.Suppliers(k.ctx)
		k.ok(err)
		balance := providers.Money{Minor: clickbox.DefaultBalance, Currency: "DZD"}
		want := []Supplier{
			{Name: "giftz", Err: "the supplier does not tell", Families: 4, ReadAt: list[0].ReadAt},
			{Name: "ocgift", Balance: balance, Families: 9, ReadAt: list[1].ReadAt, Calls: 1}, // the question for the balance
			{Name: "ocnet", Balance: balance, Families: 2, ReadAt: list[2].ReadAt, Calls: 1},
		}
		for i, v := range list { // how long that took is the machine's
			if v.Half > v.Most || v.Calls > 0 && v.Half == 0 {
				t.Errorf("%s: half of %d calls took %s, most %s", v.Name, v.Calls, v.Half, v.Most)
			}
			list[i].Half, list[i].Most = 0, 0
		}
		if diff := cmp.Diff(want, list); diff != "" || list[0].ReadAt.IsZero() {
			t.Error(diff)
		}
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: "balance"}))
		_, err = k.store.Pause(k.ctx, "giftz", "no_funds", store.Event{Kind: EventPaused, Actor: system})
		k.ok(err)
		list, err = k.shop.Suppliers(k.ctx)
		k.ok(err)
		if list[0].Paused != "no_funds" || list[1].Err != "the supplier did not answer" || !list[1].Balance.IsZero() || list[1].Calls != 2 || list[1].Failed != 1 {
			t.Errorf("%+v", list)
		}
	})
}

func TestAuditPages(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.bought(amine, grab, 25)
		k.bought(bilal, psn, 1)
		k.ok(k.shop.Notarize(k.ctx))
		all, err := k.store.EventsAfter(k.ctx, "", 1000)
		k.ok(err)
		// All pages without a choice: new events, the reading itself among them, do not move the pages.
		var got []string
		q := AuditQuery{Size: 4}
		for {
			page, err := k.shop.Audit(k.ctx, admin, q)
			k.ok(err)
			for _, e := range page.Events {
				got = append(got, e.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		var want []string
		for _, a := range slices.Backward(all) {
			want = append(want, a.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		reads := eventsOf(t, k)
		if last := reads[len(reads)-1]; last.Kind != EventAuditRead || last.Data["how"] != "page" {
			t.Errorf("%+v", last)
		}
		// By order, by person, by time.
		page, err := k.shop.Audit(k.ctx, admin, AuditQuery{Order: o.ID})
		k.ok(err)
		if len(page.Events) != 8 || page.Next != "" || page.Events[0].Kind != EventEnded || page.Events[7].Kind != EventOpened {
			t.Errorf("%d events of the order", len(page.Events))
		}
		page, err = k.shop.Audit(k.ctx, admin, AuditQuery{Order: o.ID, Size: 5})
		k.ok(err)
		page, err = k.shop.Audit(k.ctx, admin, AuditQuery{Order: o.ID, Size: 5, Cursor: page.Next})
		k.ok(err)
		if len(page.Events) != 3 || page.Next != "" {
			t.Errorf("%d events on the second page", len(page.Events))
		}
		page, err = k.shop.Audit(k.ctx, admin, AuditQuery{User: bilal, Size: 2})
		k.ok(err)
		if len(page.Events) != 2 || page.Next == "" || page.Events[0].Person != k.options.Ring.Pseudonym(bilal) {
			t.Errorf("%+v", page)
		}
		k.pass(time.Hour)
		page, err = k.shop.Audit(k.ctx, admin, AuditQuery{Since: k.now().Add(-time.Minute)})
		k.ok(err)
		if len(page.Events) != 0 {
			t.Errorf("%d events of the last minute", len(page.Events))
		}
		reads = eventsOf(t, k)
		if last := reads[len(reads)-1]; last.Kind != EventAuditRead || last.Actor != k.options.Ring.Pseudonym(admin) || last.Person != "" {
			t.Errorf("%+v", last)
		}
	})
}
