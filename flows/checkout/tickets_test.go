package checkout

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/store"
)

// opened is an order whose cards were shown and are gone from the screen.
func (k *kit) opened(user int64, sku string, n int) store.Order {
	k.t.Helper()
	o, token := k.ready(user, sku, n)
	k.ok(k.reveal(o, token, user))
	k.pass(11 * time.Minute)
	k.ok(k.shop.Sweep(k.ctx))
	return k.order(o.ID)
}

// report opens a report of a card.
func (k *kit) report(o store.Order, card int) (store.Ticket, error) {
	return k.shop.OpenTicket(k.ctx, o.Buyer, Report{ID: k.shop.NewTopUpID(), Order: o.ID, Card: card, Why: "used", Words: "says it is locked"})
}

// taken is a report that the admin has.
func (k *kit) taken(o store.Order, card int) store.Ticket {
	k.t.Helper()
	t, err := k.report(o, card)
	k.ok(err)
	k.ok(k.shop.ClaimTicket(k.ctx, admin, t.ID, 0))
	return t
}

func (k *kit) ticketIs(id string, want store.TicketState, note string) store.Ticket {
	k.t.Helper()
	t, err := k.shop.Ticket(k.ctx, id, 0)
	k.ok(err)
	if t.State != want || t.Note != note {
		k.t.Errorf("report is %s (%q), want %s (%q)", t.State, t.Note, want, note)
	}
	return t
}

// tickets writes every event of reports.
func (k *kit) tickets() {
	k.t.Helper()
	o := k.opened(amine, grab, 2)
	t := k.taken(o, 1)
	k.ok(k.shop.AnswerTicket(k.ctx, admin, t.ID, "which application?", "5"))
	k.ok(k.shop.WriteTicket(k.ctx, amine, t.ID, "that of the telephone", "6"))
	k.ok(k.shop.PayTicket(k.ctx, admin, t.ID, true))
	k.work()
}

// TestTicketPays: a refund gives the price of one card back, a replacement buys another from that money, and a repeat of either changes nothing.
func TestTicketPays(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.opened(amine, grab, 3)
		before := k.wallet(amine)
		one, two := k.taken(o, 1), k.taken(o, 2)
		k.ok(k.shop.PayTicket(k.ctx, admin, one.ID, false))
		k.ticketIs(one.ID, store.TicketRefunded, "")
		k.balance(amine, before+o.Unit)
		k.ok(k.shop.PayTicket(k.ctx, admin, two.ID, true))
		k.balance(amine, before+o.Unit) // refunded, and held for the new one
		n := k.run(k.ticketIs(two.ID, store.TicketReplaced, "").New, time.Second, time.Minute)
		k.state(n, store.Fulfilled)
		if n.Unit != o.Unit || n.Buyer != o.Buyer || n.Account != o.Account || n.Chat != o.Chat {
			t.Errorf("replaced by %+v", n)
		}
		for range 3 {
			if _, moved := errors.AsType[*TicketStateError](k.shop.PayTicket(k.ctx, admin, two.ID, true)); !moved {
				t.Error("a report is paid twice")
			}
			k.ok(k.shop.finishTicket(k.ctx, two.ID))
			k.ok(k.shop.MindTimes(k.ctx))
		}
		k.balance(amine, before+o.Unit)
		_, err := k.report(o, 2)
		k.is(err, ErrReported)
		k.sound()
	})
}

// TestTicketMoneyIsTheBuyers: whatever stops a replacement between its steps, the clock ends it; and when its money was spent meanwhile, or no
// card can be had, the report ends as refunded. Nothing is paid twice.
func TestTicketMoneyIsTheBuyers(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, c := range []struct {
			point string
			spend bool
			want  store.TicketState
			note  string
		}{
			{"store.step_ticket.after", false, store.TicketReplaced, ""}, {"store.refund.before", false, store.TicketReplaced, ""},
			{"store.refund.after", false, store.TicketReplaced, ""}, {"store.open_order.before", false, store.TicketReplaced, ""},
			{"store.open_order.after", false, store.TicketReplaced, ""},
			{"store.refund.after", true, store.TicketRefunded, NoteNoOrder},
		} {
			o := k.opened(bilal, grab, 1)
			r := k.taken(o, 1)
			before := k.wallet(bilal)
			k.stop.set(c.point, 1)
			if err := k.shop.PayTicket(k.ctx, admin, r.ID, true); err == nil || k.stop.left() != 0 {
				t.Fatalf("%s was not reached: %v", c.point, err)
			}
			if c.spend {
				_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: bilal, Amount: -k.wallet(bilal), Note: "out", Ref: "out"})
				k.ok(err)
				before = -o.Unit
			}
			k.pass(time.Minute)
			k.ok(k.shop.MindTimes(k.ctx))
			k.ok(k.shop.MindTimes(k.ctx))
			k.ticketIs(r.ID, c.want, c.note)
			if c.want == store.TicketReplaced {
				k.balance(bilal, before)
			} else {
				k.balance(bilal, before+o.Unit)
			}
			k.work()
			k.sound()
			k.pass(25 * time.Hour) // a person's reports of a day are counted
		}
	})
}

// TestTicketRules: what was never opened has to be shown first, nobody reports another's cards, at most one report is open about a card and five
// are sent in a day, what comes late is marked, and no code is kept.
func TestTicketRules(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		fresh, _ := k.ready(amine, grab, 1)
		_, err := k.report(fresh, 1)
		k.is(err, ErrNeverOpened)
		o := k.opened(amine, grab, 7)
		_, err = k.report(o, 8)
		k.is(err, ErrNothing)
		stranger := o
		stranger.Buyer = bilal
		_, err = k.report(stranger, 1)
		k.is(err, ErrNotFound)
		code := codes(k.vault(o))[0]
		for _, words := range []string{code, "it is " + strings.ToLower(code) + "!", "a\u202eb"} {
			_, err = k.shop.OpenTicket(k.ctx, amine, Report{ID: "AAAAAA", Order: o.ID, Card: 1, Why: "other", Words: words})
			k.is(err, ErrNote)
		}
		first, err := k.report(o, 1)
		k.ok(err)
		k.is(k.shop.WriteTicket(k.ctx, amine, first.ID, "the code is "+code, "1"), ErrNote)
		k.is(k.shop.WriteTicket(k.ctx, bilal, first.ID, "mine", "1"), ErrNotFound)
		if _, moved := errors.AsType[*TicketStateError](k.shop.ClaimTicket(k.ctx, amine, first.ID, 0)); !moved {
			t.Error("somebody claims a report of their own")
		}
		_, err = k.report(o, 1)
		if open, ok := errors.AsType[*ReportedError](err); !ok || open.ID != first.ID {
			t.Errorf("a second report about the card: %v", err)
		}
		for card := 2; card <= 5; card++ {
			_, err = k.report(o, card)
			k.ok(err)
		}
		_, err = k.report(o, 6)
		k.is(err, ErrTickets)
		if k.rung("many_reports") != 1 || k.rung("many_bad_cards") != 1 {
			t.Errorf("alarms: %v", k.alarms)
		}
		k.pass(80 * time.Hour)
		late, err := k.report(o, 7)
		k.ok(err)
		if !late.Late || first.Late {
			t.Error("late reports are not told from others")
		}
		if leaks := k.leaks(k.secrets()); len(leaks) > 0 {
			t.Errorf("codes lie open in %v", leaks)
		}
	})
}

// TestTicketWaits: a report that nobody answers for half an hour alarms once, and again when its buyer wrote; not while nobody is there.
func TestTicketWaits(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.opened(amine, grab, 1)
		rings := func(after time.Duration, want int) {
			t.Helper()
			k.pass(after)
			k.ok(k.shop.MindTimes(k.ctx))
			if got := k.rung("ticket_waits"); got != want {
				t.Errorf("%d alarms, want %d", got, want)
			}
		}
		r, err := k.report(o, 1)
		k.ok(err)
		rings(29*time.Minute, 0)
		rings(2*time.Minute, 1)
		rings(time.Hour, 0)
		k.ok(k.shop.ClaimTicket(k.ctx, admin, r.ID, 0))
		k.ok(k.shop.AnswerTicket(k.ctx, admin, r.ID, "which one?", "1"))
		rings(time.Hour, 0)
		k.ok(k.shop.WriteTicket(k.ctx, amine, r.ID, "this one", "2"))
		rings(31*time.Minute, 1)
		k.pass(8 * time.Hour)
		k.ok(k.shop.WriteTicket(k.ctx, amine, r.ID, "nobody there?", "3"))
		rings(2*time.Hour, 0) // at night
	}, paying)
}

// TestTicketNeedsApproval: paying for an opened card needs a second admin; a report that moved on meanwhile is not paid.
func TestTicketNeedsApproval(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.guarded()
		o := k.opened(amine, grab, 2)
		before := k.wallet(amine)
		one, two := k.taken(o, 1), k.taken(o, 2)
		k.asks("AAAAAAAA", false, k.shop.PayTicket(k.ctx, admin, one.ID, true))
		k.asks("BBBBBBBB", false, k.shop.PayTicket(k.ctx, admin, two.ID, false))
		k.balance(amine, before)
		k.ok(k.shop.Approve(k.ctx, deputy, "AAAAAAAA"))
		k.fate("AAAAAAAA", store.ApprovalDone, "")
		k.ticketIs(one.ID, store.TicketReplaced, "")
		k.ok(k.shop.RefuseTicket(k.ctx, admin, two.ID, "it was used by you"))
		k.ok(ignoring(k.shop.Approve(k.ctx, deputy, "BBBBBBBB"), ErrUndecidable))
		k.fate("BBBBBBBB", store.ApprovalFailed, "decided")
		k.balance(amine, before)
		k.sound()
	})
}

// TestTicketOutOfStock: what cannot be bought is said before anything is begun, and a refund stays possible.
func TestTicketOutOfStock(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.opened(amine, psn, 1)
		r := k.taken(o, 1)
		k.click.SetStock("61260000000a000100010001", 0)
		k.is(k.shop.PayTicket(k.ctx, admin, r.ID, true), ErrOutOfStock)
		k.ticketIs(r.ID, store.TicketClaimed, "")
		k.ok(k.shop.PayTicket(k.ctx, admin, r.ID, false))
		k.ticketIs(r.ID, store.TicketRefunded, "")
		events, err := k.store.EventsAfter(k.ctx, "", 10_000)
		k.ok(err)
		if !slices.ContainsFunc(events, func(e store.Event) bool {
			return e.Kind == EventTicketEnded && e.Order == o.ID && e.Data["state"] == "refunded"
		}) {
			t.Error("the record does not tell how it ended")
		}
	})
}
