package checkout

import (
	"testing"
	"time"

	"cardrop/store"
)

// TestDebtsHaveTheirAge lets two groups fall below zero at different times, one after it had paid in between.
func TestDebtsHaveTheirAge(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		n := 0
		move := func(from, to string, amount int64) {
			n++
			_, err := k.store.Move(k.ctx, store.Transfer{ID: "m" + itoa(n), From: from, To: to, Amount: amount, Event: store.Event{Kind: EventCredited, Actor: system}})
			k.ok(err)
		}
		g, _, err := k.shop.Link(k.ctx, groupHere, admin)
		k.ok(err)
		other, _, err := k.shop.Link(k.ctx, -4002, admin)
		k.ok(err)
		move(g.Account, store.External, 700) // a debt that was paid
		k.pass(time.Hour)
		move(store.External, g.Account, 1000)
		move(other.Account, store.External, 5)
		k.pass(time.Hour)
		since := k.now()
		move(g.Account, store.External, 301)
		k.pass(time.Hour)
		move(g.Account, store.External, 10)
		move(store.External, g.Account, 4)
		debts, err := k.shop.Debts(k.ctx)
		k.ok(err)
		if len(debts) != 2 || debts[0].Group.Chat != -4002 || debts[0].Owed != 5 || debts[1].Group.Chat != groupHere || debts[1].Owed != 7 {
			t.Fatalf("debts %+v", debts)
		}
		if d := debts[1].Since.Sub(since).Abs(); d > 5*time.Second {
			t.Errorf("it owes since %s, want %s", debts[1].Since, since)
		}
		move(store.External, g.Account, 7)
		if debts, err = k.shop.Debts(k.ctx); err != nil || len(debts) != 1 {
			t.Errorf("after paying: %+v, %v", debts, err)
		}
	})
}
