package checkout

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/store"
)

const heir = int64(1007) // the new account of somebody who lost a telephone

// moves begins a move of Amine's account.
func (k *kit) moves(id string) store.Move {
	k.t.Helper()
	k.pass(time.Minute) // a receipt is of before
	k.ok(k.shop.AskMove(k.ctx, admin, id, amine, heir))
	return k.moveIs(id, store.MoveAsked)
}

func (k *kit) moveIs(id string, want store.MoveState) store.Move {
	k.t.Helper()
	m, err := k.shop.AccountMove(k.ctx, id, 0)
	k.ok(err)
	if m.State != want {
		k.t.Fatalf("move is %s (%s), want %s", m.State, m.Note, want)
	}
	return m
}

// waits lets time pass and the clock look.
func (k *kit) waits(d time.Duration) {
	k.t.Helper()
	k.pass(d)
	for range 12 {
		k.pass(10 * time.Millisecond)
		k.ok(k.shop.MindTimes(k.ctx))
	}
}

// relocations writes every event of moves.
func (k *kit) relocations() {
	k.t.Helper()
	o := k.bought(bilal, grab, 1)
	k.pass(time.Minute)
	for i, end := range []func(id string){
		func(id string) { k.ok(k.shop.StopMove(k.ctx, bilal, id, false)) },
		func(string) { k.waits(25 * time.Hour) },
		func(id string) {
			k.is(k.shop.ProveMove(k.ctx, heir, id, "nothing"), ErrNoReceipt)
			k.ok(k.shop.ProveMove(k.ctx, heir, id, o.ID))
			k.waits(25 * time.Hour)
		},
	} {
		id := fmt.Sprintf("MMMMM%d", i+2)
		k.ok(k.shop.AskMove(k.ctx, admin, id, bilal, heir))
		end(id)
	}
}

// owned fails unless every order of the old account is the new one's, opens for it and for nobody else, and the money went along.
func (k *kit) owned(orders []store.Order, money int64) {
	k.t.Helper()
	k.balance(amine, 0)
	k.balance(heir, money)
	list, _, err := k.store.OrdersOf(k.ctx, heir, 0, 1000)
	k.ok(err)
	left, _, err := k.store.OrdersOf(k.ctx, amine, 0, 10)
	k.ok(err)
	if len(list) != len(orders) || len(left) != 0 {
		k.t.Errorf("%d orders went over of %d, %d are left", len(list), len(orders), len(left))
	}
	for _, o := range orders {
		now := k.order(o.ID)
		if now.Buyer != heir || now.Chat != heir || now.Account == store.CustomerAccount(amine) {
			k.t.Errorf("%s is of %d in %d, paid by %s", o.ID, now.Buyer, now.Chat, now.Account)
		}
		if now.Delivered > 0 {
			k.vault(now) // opens, for its owner
			kept, err := k.store.Vault(k.ctx, o.ID)
			k.ok(err)
			snap, err := SnapshotOf(o)
			k.ok(err)
			o.Buyer = amine
			if _, err := k.shop.open(o, snap.SKU, kept); err == nil {
				k.t.Errorf("%s still opens for its former owner", o.ID)
			}
		}
	}
	k.sound()
}

// TestMoveCarriesEverything: after a receipt and a day, orders with their cards, money, favorites and what a group paid for are the new account's;
// the old one's tokens open nothing, and a repeat moves nothing.
func TestMoveCarriesEverything(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 2)
		seen := k.opened(amine, psn, 1)
		g, _ := k.reseller(5)
		b := k.basket(amine, grab, 1)
		b.Buyer.Account = g.Account
		of, err := k.shop.Buy(k.ctx, b)
		k.ok(err)
		k.work()
		k.ok(k.shop.Star(k.ctx, amine, "GRAB", true))
		k.ok(k.shop.Watch(k.ctx, store.CustomerAccount(amine), k.line(grab), amine, "en"))
		money := k.wallet(amine)
		k.moves("MMMMMM")
		k.ok(k.shop.ProveMove(k.ctx, heir, "MMMMMM", " order "+o.ID[:4]+"-"+strings.ToLower(o.ID[4:])))
		k.moveIs("MMMMMM", store.MoveWaiting)
		_, err = k.shop.Buy(k.ctx, k.basket(amine, grab, 1))
		k.is(err, ErrFrozen)
		k.waits(23 * time.Hour)
		k.moveIs("MMMMMM", store.MoveWaiting)
		k.waits(2 * time.Hour)
		m := k.moveIs("MMMMMM", store.MoveDone)
		if m.Amount != money {
			t.Errorf("%d went over of %d", m.Amount, money)
		}
		k.owned([]store.Order{o, seen, of}, money)
		if k.order(of.ID).Account != g.Account {
			t.Error("what a group paid for is not the group's any more")
		}
		k.is(k.reveal(o, token, amine), ErrNotFound)
		_, err = k.shop.Again(k.ctx, o.ID, amine)
		k.is(err, ErrNotFound)
		fresh, err := k.shop.Again(k.ctx, o.ID, heir)
		k.ok(err)
		k.ok(k.reveal(k.order(o.ID), fresh, heir))
		stars, err := k.shop.Stars(k.ctx, heir)
		if k.ok(err); !slices.Equal(stars, []string{"GRAB"}) {
			t.Errorf("favorites: %v", stars)
		}
		k.waits(time.Hour)
		k.balance(heir, money)
		k.is(k.shop.StopMove(k.ctx, amine, "MMMMMM", false), ErrMoveOver)
		_, err = k.shop.Refund(k.ctx, admin, seen.ID, 0, Refunding{Note: "broken", Ref: "r1"})
		k.ok(err)
		k.balance(heir, money+seen.Total)
	})
}

// TestMoveOverCrashes stops a move before and after each of its scripts, at the first and at a later order: the clock goes on with it, and all is
// there once.
func TestMoveOverCrashes(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for i, point := range []string{"store.step_move.before", "store.step_move.after", "store.move_order.before", "store.move_order.after",
			"store.end_move.before", "store.end_move.after"} {
			var orders []store.Order
			for range 3 {
				orders = append(orders, k.bought(amine, grab, 1))
			}
			former, _, err := k.store.OrdersOf(k.ctx, heir, 0, 1000)
			k.ok(err)
			money := k.wallet(amine) + k.wallet(heir)
			id := fmt.Sprintf("MMMMM%d", i+2)
			k.moves(id)
			k.ok(k.shop.ProveMove(k.ctx, heir, id, orders[0].ID))
			k.stop.skip(point, 1)
			if !strings.HasPrefix(point, "store.move_order") {
				k.stop.set(point, 1)
			}
			k.waits(25 * time.Hour)
			if k.stop.left() != 0 {
				t.Fatalf("%s was not reached", point)
			}
			k.waits(2 * time.Minute)
			k.moveIs(id, store.MoveDone)
			k.owned(append(orders, former...), money)
			k.credit2(amine, 10_000_00, id)
		}
	})
}

// credit2 fills a wallet again.
func (k *kit) credit2(user, amount int64, ref string) {
	k.t.Helper()
	_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: user, Amount: amount, Ref: ref})
	k.ok(err)
}

// TestMoveIsStopped: the old account ends it with one tap, the operators hear of it, and money is free again. Nobody else can; the tries of the new
// one are limited, with the same answer for what is wrong and what is another's; a receipt of after the beginning is none.
func TestMoveIsStopped(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, foreign := k.bought(amine, grab, 1), k.bought(bilal, grab, 1)
		m := k.moves("MMMMMM")
		for _, who := range []int64{bilal, heir, karim} {
			k.is(k.shop.StopMove(k.ctx, who, m.ID, false), ErrNotFound)
		}
		k.is(k.shop.ProveMove(k.ctx, amine, m.ID, o.ID), ErrNotFound)
		k.is(k.shop.ProveMove(k.ctx, bilal, m.ID, o.ID), ErrNotFound)
		k.is(k.shop.ProveMove(k.ctx, heir, m.ID, foreign.ID), ErrNoReceipt)
		k.pass(time.Second)
		k.is(k.shop.ProveMove(k.ctx, heir, m.ID, k.buy(amine, grab, 1).ID), ErrNoReceipt)
		k.work()
		k.ok(k.shop.ProveMove(k.ctx, heir, m.ID, o.ID))
		k.is(k.shop.AskMove(k.ctx, admin, "NNNNNN", amine, karim), ErrMoveBusy)
		k.ok(k.shop.StopMove(k.ctx, amine, m.ID, false))
		if k.rung("move_stopped") != 1 {
			t.Error("nobody was told")
		}
		k.waits(48 * time.Hour)
		k.moveIs(m.ID, store.MoveStopped)
		k.buy(amine, grab, 1)
		k.work()

		k.moves("PPPPPP")
		for i := range moveTries {
			want := ErrNoReceipt
			if i == moveTries-1 {
				want = ErrMoveOver
			}
			k.is(k.shop.ProveMove(k.ctx, heir, "PPPPPP", foreign.ID), want)
		}
		k.moveIs("PPPPPP", store.MoveFailed)
		k.is(k.shop.ProveMove(k.ctx, heir, "PPPPPP", o.ID), ErrMoveOver)
		if k.rung("move_tries") != 1 {
			t.Error("nobody was told of the tries")
		}
		k.is(k.shop.AskMove(k.ctx, admin, "QQQQQQ", amine, amine), ErrSamePerson)
	})
}

// TestMoveWaits: an order that has not ended, cards on a screen, a report and a request to fill the wallet hold a move up; it goes on by itself.
func TestMoveWaits(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		past := k.opened(amine, grab, 1)
		k.moves("MMMMMM")
		k.ok(k.shop.ProveMove(k.ctx, heir, "MMMMMM", past.ID))
		request := k.ask(amine, 500_00)
		r, err := k.report(past, 1)
		k.ok(err)
		note := func(want string) {
			t.Helper()
			k.waits(2 * time.Minute)
			if m := k.moveIs("MMMMMM", store.MoveMoving); m.Note != want {
				t.Errorf("it waits for %q, want %q", m.Note, want)
			}
		}
		k.pass(24*time.Hour - time.Minute)
		again, err := k.shop.Again(k.ctx, past.ID, amine)
		k.ok(err)
		k.pass(2 * time.Minute)
		k.ok(k.reveal(past, again, amine)) // the old account still opens its cards
		k.ok(k.shop.MindTimes(k.ctx))
		if m := k.moveIs("MMMMMM", store.MoveMoving); m.Note != NoteOnScreen {
			t.Errorf("it waits for %q", m.Note)
		}
		k.pass(time.Minute)
		k.ok(k.shop.Sweep(k.ctx))
		note(NoteUnsettled)
		k.ok(k.shop.CloseTicket(k.ctx, amine, r.ID))
		if stands, err := k.shop.TopUp(k.ctx, request.ID, amine); err == nil && stands.State == store.TopUpAsked {
			note(NoteTopUps)
			k.ok(k.shop.DropTopUp(k.ctx, amine, request.ID))
		}
		k.waits(2 * time.Minute)
		k.moveIs("MMMMMM", store.MoveDone)
		k.sound()
	}, paying)
}

// TestMoveNeedsApproval: a move is a dangerous act, whatever the sum.
func TestMoveNeedsApproval(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.guarded()
		k.asks("AAAAAAAA", false, k.shop.AskMove(k.ctx, admin, "MMMMMM", amine, heir))
		if _, err := k.shop.AccountMove(k.ctx, "MMMMMM", 0); err == nil {
			t.Error("it began before anybody approved")
		}
		k.ok(k.shop.Approve(k.ctx, deputy, "AAAAAAAA"))
		k.fate("AAAAAAAA", store.ApprovalDone, "")
		k.moveIs("MMMMMM", store.MoveAsked)
	})
}
