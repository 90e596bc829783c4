package main

import (
	"testing"

	"github.com/alicebob/miniredis/v2"

	"cardrop/bot/demo"
)

// invoice is the newest message with one.
func (p person) invoice() demo.Message {
	p.t.Helper()
	var found demo.Message
	if !until(patience, func() bool {
		for _, m := range p.world.Telegram.Messages(p.id) {
			if m.Invoice != nil {
				found = m
			}
		}
		return found.Invoice != nil
	}) {
		p.t.Fatalf("no invoice; on screen:\n%s", p.screen())
	}
	return found
}

// answered waits for the answer to a payment that was begun.
func (r *rig) answered(query string) demo.Checkout {
	r.t.Helper()
	var seen demo.Checkout
	if !until(patience, func() bool {
		for _, q := range r.world.Telegram.Checkouts() {
			if q.ID == query {
				seen = q
			}
		}
		return seen.Answered
	}) {
		r.t.Fatal("the payment was not answered")
	}
	return seen
}

// TestStarsToPurchase goes with the built program from an invoice by its Pay button to the money in the wallet. A forwarded copy is no one
// else's to pay, one that was paid is not paid again, and two payments that are let through at the same moment credit once: the other goes back.
func TestStarsToPurchase(t *testing.T) {
	t.Parallel()
	r := newRig(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), nil)
	p := r.as(omar)
	p.say("/topup")
	p.press("Telegram Stars")
	p.press("1,000")
	p.sees("Is this right?", "Stars: 400")
	p.press("Confirm – top up 1,000")
	m := p.invoice()
	if m.Invoice.Total != 400 || m.Invoice.Start == "" {
		t.Errorf("%+v", m.Invoice)
	}
	pay := func(payer int64) string {
		id, err := r.world.Telegram.StartPaying(omar, payer, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if q := r.answered(pay(demo.DemoAdmin)); q.OK || q.Refusal == "" {
		t.Errorf("another person may pay: %+v", q)
	}
	first, second := pay(omar), pay(omar) // two telephones of one account
	if !r.answered(first).OK {
		t.Error("the invoice cannot be paid")
	}
	twice := r.answered(second).OK
	p.sees("✅ 1,000", "is in your balance")
	if q := r.answered(pay(omar)); q.OK {
		t.Errorf("what was paid may be paid again: %+v", q)
	}
	if !until(patience, func() bool {
		back := 0
		for _, e := range r.world.Telegram.StarBooks() {
			if e.Back {
				back++
			}
		}
		return back == map[bool]int{true: 1, false: 0}[twice]
	}) {
		t.Errorf("books: %+v", r.world.Telegram.StarBooks())
	}
	p.say("/balance")
	p.sees("Your balance", "Balance: 1,000")
	p.say("/paysupport")
	p.sees("Help with a payment")
	if reports := r.world.Telegram.Reports(); len(reports) > 0 {
		t.Errorf("the emulator reports %v", reports)
	}
	r.everyPressAnswered()
}
