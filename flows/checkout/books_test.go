package checkout

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers/ocpay"
	"cardrop/store"
)

// sums is what a day came to by another way: straight from the ledger, entry by entry.
type sums struct{ Opening, In, Out, Held, Released, Sales, Refunds, Cost, Closing int64 }

// ledgerDays sums the whole ledger by day.
func (k *kit) ledgerDays(zone *time.Location) map[string]sums {
	k.t.Helper()
	by, first, last := map[string]sums{}, "99999999", ""
	k.ok(k.store.Ledger(k.ctx, func(e store.Entry) error {
		date := e.At.In(zone).Format(dateShape)
		first, last = min(first, date), max(last, date)
		d := by[date]
		wallet := func(a string) bool { return strings.HasPrefix(a, "cust:") || strings.HasPrefix(a, "group:") }
		switch {
		case strings.HasPrefix(e.From, "external") && wallet(e.To):
			d.In += e.Amount
		case wallet(e.From) && strings.HasPrefix(e.To, "external"):
			d.Out += e.Amount
		case wallet(e.From) && e.To == "hold":
			d.Held += e.Amount
		case e.From == "hold" && wallet(e.To):
			d.Released += e.Amount
		case e.From == "hold" && e.To == "sales":
			d.Sales += e.Amount
		case e.From == "sales" && wallet(e.To):
			d.Refunds += e.Amount
		case e.From == "sales" && strings.HasPrefix(e.To, "supplier:"):
			d.Cost += e.Amount
		}
		by[date] = d
		return nil
	}))
	at, err := time.ParseInLocation(dateShape, first, zone)
	k.ok(err)
	balance := int64(0)
	for ; at.Format(dateShape) <= last; at = at.AddDate(0, 0, 1) {
		d := by[at.Format(dateShape)]
		d.Opening = balance
		balance += d.In - d.Out - d.Held + d.Released + d.Refunds
		d.Closing = balance
		by[at.Format(dateShape)] = d
	}
	return by
}

// days reads the same days as the shop tells them.
func (k *kit) days(s *Shop, want map[string]sums, zone *time.Location) (map[string]sums, map[string]Day) {
	k.t.Helper()
	told, whole := map[string]sums{}, map[string]Day{}
	for date := range want {
		at, err := time.ParseInLocation(dateShape, date, zone)
		k.ok(err)
		d, err := s.DayOf(k.ctx, at)
		k.ok(err)
		whole[date] = d
		told[date] = sums{d.Opening, d.Inflow(), d.Outflow(), d.Held, d.Released, d.Sales, d.Refunds, d.Spent(), d.Closing}
		if d.Opening+d.Inflow()-d.Outflow()-d.Held+d.Released+d.Refunds+d.Strange() != d.Closing {
			k.t.Errorf("the lines of %s do not lead from %d to %d", date, d.Opening, d.Closing)
		}
		if len(d.Other) > 0 {
			k.t.Errorf("%s has lines nobody knows: %v", date, d.Other)
		}
	}
	return told, whole
}

// TestDaysSumToTheLedger: whatever happens on however many days, each day's lines are those of the ledger, its opening is the closing
// of the day before, and the last closing is what lies in the wallets. Another process, and one that begins anew, tell the same.
func TestDaysSumToTheLedger(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		zone := time.FixedZone("east", 3600)
		k.options.Zone = zone
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		w := &till{kit: k, random: rand.New(rand.NewPCG(seed, 9)), credited: map[string]int64{}, box: k.cashes(true), stars: k.shines()} //nolint:gosec // a test
		k.ok(k.shop.RefreshCatalog(k.ctx))
		w.begins()
		for i := range 90 {
			w.step()
			if i%3 == 0 {
				k.pass(time.Duration(w.random.IntN(240)) * time.Minute)
				k.ok(k.shop.Notarize(k.ctx))
			}
			if i%10 == 0 {
				k.ok(k.shop.BalanceBooks(k.ctx))
			}
		}
		want := k.ledgerDays(zone)
		if len(want) < 2 {
			t.Fatalf("all of it happened on %d day", len(want))
		}
		told, whole := k.days(k.shop, want, zone)
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("seed %d: days (-ledger +told):\n%s", seed, diff)
		}
		balances, err := k.store.Balances(k.ctx)
		k.ok(err)
		var lies int64
		for account, balance := range balances {
			if class(account) == "wallet" {
				lies += balance
			}
		}
		now, err := k.shop.DayOf(k.ctx, k.now())
		k.ok(err)
		if now.Closing != lies {
			t.Errorf("the last closing is %d, in the wallets lie %d", now.Closing, lies)
		}
		k.endedAsTold(w, whole, zone)
		k.ok(k.raw.Del(k.ctx, k.key("days")).Err())
		for _, what := range []string{"summed anew", "of another process"} {
			other, err := New(k.options)
			k.ok(err)
			_, again := k.days(other, want, zone)
			if diff := cmp.Diff(whole, again); diff != "" {
				t.Errorf("%s (-first +then):\n%s", what, diff)
			}
		}
	}, paying, func(o *Options) {
		for _, m := range o.Payments {
			for i := range m.Accounts() {
				m.Accounts()[i].Ceiling = 0
			}
		}
	})
}

// endedAsTold compares the orders that ended on each day with the orders themselves, and who let money in with who did.
func (k *kit) endedAsTold(w *till, days map[string]Day, zone *time.Location) {
	k.t.Helper()
	want, told := map[string]int{}, map[string]int{}
	for _, id := range w.orders {
		if o := k.order(id); o.State.Final() {
			want[o.Final.In(zone).Format(dateShape)+" "+string(o.State)]++
		}
	}
	for date, d := range days {
		for state, n := range d.Orders {
			told[date+" "+state] = n
		}
		for key := range d.In {
			way := WayOf(key)
			seen := way.Alone() && (way.Method == ocpay.Name || way.Method == MethodStars)
			if way.Admin == 0 && !seen {
				k.t.Errorf("on %s nobody took %s", date, key)
			}
		}
	}
	if diff := cmp.Diff(want, told); diff != "" {
		k.t.Errorf("orders that ended (-orders +told):\n%s", diff)
	}
}

// TestTakers: the money of a day stands under the method and the admin who took it.
func TestTakers(t *testing.T) {
	k := newKit(t, false, paying)
	r := k.paid(karim, 900_00, "one")
	k.ok(k.shop.ClaimTopUp(k.ctx, 8, r.ID, 0))
	_, err := k.shop.CreditTopUp(k.ctx, 8, r.ID, 800_00)
	k.ok(err)
	g, _, err := k.shop.Link(k.ctx, groupHere, admin)
	k.ok(err)
	_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: g.ID(), Account: g.Account, Amount: 70_00, Note: "n", Ref: "g1"})
	k.ok(err)
	_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: 8, User: karim, Amount: -10_00, Note: "n", Ref: "d1"})
	k.ok(err)
	_, err = k.shop.ReverseTopUp(k.ctx, admin, r.ID, "false")
	k.ok(err)
	d, err := k.shop.DayOf(k.ctx, k.now())
	k.ok(err)
	want := map[string]Money{"ccp|8": {Sum: 800_00, Count: 1}, "|9": {Sum: 200_070_00, Count: 3}}
	if diff := cmp.Diff(want, d.In); diff != "" {
		t.Errorf("in (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]Money{"|8": {Sum: 10_00, Count: 1}, "ccp|8": {Sum: 800_00, Count: 1}}, d.Out); diff != "" {
		t.Errorf("out (-want +got):\n%s", diff)
	}
	_, err = k.store.Move(k.ctx, store.Transfer{ID: "owed", From: g.Account, To: store.External, Amount: 100_00,
		Event: store.Event{Kind: EventDebited, Actor: system}})
	k.ok(err)
	if d, err = k.shop.DayOf(k.ctx, k.now()); err != nil || d.Debts[g.Account] != 30_00 {
		t.Errorf("the group owes %v, %v", d.Debts, err)
	}
}

// TestDaysStayCheap: a process that begins reads the day that is open and not what is over, however much that is.
func TestDaysStayCheap(t *testing.T) {
	k := newKit(t, false)
	for i := range 10 * bookPage {
		if i%500 == 0 {
			k.pass(24 * time.Hour)
		}
		_, err := k.store.Move(k.ctx, store.Transfer{ID: "m" + itoa(i), From: store.External, To: store.CustomerAccount(karim), Amount: 1,
			Event: store.Event{Kind: EventCredited, Actor: system}})
		k.ok(err)
	}
	count := func() map[string]int {
		trips := map[string]int{}
		s, err := store.Open(k.ctx, store.Options{URL: k.url, Shop: k.name, Trip: func(command string, _ time.Duration) { trips[command]++ },
			Offset: func() time.Duration { return time.UnixMilli(k.target.Load()).Sub(k.clock().Truncate(time.Millisecond)) }})
		k.ok(err)
		defer func() { _ = s.Close() }()
		o := k.options
		o.Store = s
		shop, err := New(o)
		k.ok(err)
		d, err := shop.DayOf(k.ctx, k.now().AddDate(0, 0, -3))
		k.ok(err)
		if d.Inflow() != 500 {
			t.Errorf("a day of 500 entries came to %d", d.Inflow())
		}
		return trips
	}
	first, then := count(), count()
	if first["lrange"] < 10 {
		t.Errorf("the first look read %d pages: it proves nothing", first["lrange"])
	}
	if then["lrange"] > 3 {
		t.Errorf("a later look read %d pages", then["lrange"])
	}
}

// TestSpans: percentiles of delivery times are never below the truth and at most a fifth above it.
func TestSpans(t *testing.T) {
	spans := map[int]int{}
	for i := 1; i <= 1000; i++ {
		spans[bucket(time.Duration(i)*100*time.Millisecond)]++
	}
	for p, want := range map[int]time.Duration{50: 50 * time.Second, 95: 95 * time.Second} {
		if got := Span(spans, p); got < want || got > want*5/4 {
			t.Errorf("p%d is %s, want about %s", p, got, want)
		}
	}
	if Span(nil, 50) != 0 || bucket(0) != 0 {
		t.Error("nothing takes time")
	}
	text, err := json.Marshal(Day{Spans: spans})
	var back Day
	if err != nil || json.Unmarshal(text, &back) != nil || !cmp.Equal(back.Spans, spans) {
		t.Error("spans are not kept")
	}
}
