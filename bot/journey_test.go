package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"cardrop/bot/demo"
)

// omar is the demo's English-speaking customer.
const omar = 71_000_002

// TestJourney takes a card of each supplier from the first tap to its deletion, with the built program against the emulator and the
// simulators, on both Redises; then nothing of any code may be left anywhere.
func TestJourney(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		r := newRig(t, m, nil)
		p := r.as(omar)
		r.fund(omar, "20000")
		orders := []string{p.buysVouchers(), p.buysGiftCards(), p.buysTopUp()}
		codes := r.sold()
		if len(codes) < 5 {
			t.Fatalf("the suppliers sold %d codes, want at least 5", len(codes))
		}
		r.everyCodeShownAndGone(codes)
		r.auditTells(orders)
		if err := r.stop(); err != nil {
			t.Errorf("program ended with %v\n%s", err, r.log)
		}
		r.nothingLeaks(codes)
	})
}

// fund lets the admin credit a customer, by the command.
func (r *rig) fund(user int64, amount string) {
	r.t.Helper()
	admin := r.as(demo.DemoAdmin)
	admin.say("/credit " + demoID(user) + " " + amount + " for the journey")
	wallet := func() string {
		return r.redis.rdb.HGet(r.t.Context(), r.key("wallets"), "cust:"+demoID(user)).Val()
	}
	before := wallet()
	admin.press("Confirm")
	if !until(patience, func() bool { return wallet() != before }) { // the screen shows the amount before and after
		r.t.Fatalf("the wallet was not filled; on screen:\n%s", admin.screen())
	}
}

// buysVouchers goes through the menus, waits for the codes to vanish by themselves, and returns the order's name.
func (p person) buysVouchers() string {
	p.t.Helper()
	p.say("/start")
	p.press("Buy")
	p.press("Grab (")
	p.press("Grab (Vietnam)")
	p.press("Grab 20.000")
	p.press("+1")
	p.press("Continue with 2")
	p.sees("Please check your order", "Quantity: 2")
	p.press("Confirm")
	name := p.orderName(p.shows())
	p.sees("Copy code", "Keep this code secure")
	p.gone("Copy code")
	return name
}

// buysGiftCards searches, and ends the showing by hand.
func (p person) buysGiftCards() string {
	p.t.Helper()
	p.say("/start")
	p.sees("Welcome")
	p.say("playstation germany")
	p.press("PSN Germany")
	p.press("PSN 10 EUR")
	p.press("+1")
	p.press("Continue with 2")
	p.press("Confirm")
	name := p.orderName(p.shows())
	p.sees("Copy code", "Copy serial")
	p.press("+60 s")
	p.press("delete now")
	p.gone("Copy code")
	return name
}

// buysTopUp names a line, which the operator knows.
func (p person) buysTopUp() string {
	p.t.Helper()
	p.say("/start")
	p.sees("Welcome")
	p.say("adsl")
	p.press("ADSL")
	p.press("ADSL 1000")
	p.sees("which line")
	p.say("021 00 00 00")
	p.sees("Please check your order", "021000000")
	p.press("Confirm")
	name := p.orderName(p.shows())
	p.sees("Copy code", "*600#")
	p.press("delete now")
	p.gone("Copy code")
	return name
}

// shows waits for the offer of the newest order, presses Show, and returns the offer as it was.
func (p person) shows() demo.Message {
	p.t.Helper()
	m := p.sees(" ready\n", "👁 Show")
	p.press("👁 Show")
	return m
}

// orderName reads "K7M2-9QXW" off a message.
func (p person) orderName(m demo.Message) string {
	p.t.Helper()
	_, rest, ok := strings.Cut(m.Text, "Order ")
	if !ok || len(rest) < 9 {
		p.t.Fatalf("no order's name in %q", m.Text)
	}
	return rest[:9]
}

// sold is every secret the simulators ever gave out.
func (r *rig) sold() []string {
	var all []string
	for _, s := range r.world.GiftZ.Sold() {
		all = append(all, s.Secrets...)
	}
	for _, s := range r.world.OneClickDz.Sold() {
		all = append(append(all, s.Codes...), s.Serials...)
	}
	return all
}

// everyCodeShownAndGone checks promise 4 in the emulator's history: each code was on a screen, never in a first text, only on
// protected messages without previews, and every message that ever held it is deleted.
func (r *rig) everyCodeShownAndGone(codes []string) {
	r.t.Helper()
	for i, code := range codes {
		held := r.world.Telegram.Holding(code)
		if len(held) == 0 {
			r.t.Errorf("secret %d was never on a screen", i)
		}
		for _, m := range held {
			if !m.Deleted {
				r.t.Errorf("message %d still shows secret %d", m.ID, i)
			}
			if m.Versions[0].Holds(code) {
				r.t.Errorf("message %d had secret %d in its first text", m.ID, i)
			}
			if !m.Protected || m.ChatID != omar {
				r.t.Errorf("message %d in chat %d with secret %d: protected %v", m.ID, m.ChatID, i, m.Protected)
			}
		}
	}
	if reports := r.world.Telegram.Reports(); len(reports) > 0 {
		r.t.Errorf("the emulator reports %v", reports)
	}
	r.everyPressAnswered()
}

// everyPressAnswered checks that no spinner was left turning.
func (r *rig) everyPressAnswered() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	err := r.world.Telegram.Await(ctx, func() bool {
		return !slices.ContainsFunc(r.world.Telegram.Callbacks(), func(c demo.Callback) bool { return !c.Answered })
	})
	if err != nil {
		r.t.Errorf("a press was never answered: %+v", r.world.Telegram.Callbacks())
	}
}

// auditTells checks that an admin reads what happened, without a code.
func (r *rig) auditTells(orders []string) {
	r.t.Helper()
	admin := r.as(demo.DemoAdmin)
	for _, name := range orders {
		admin.say("/audit order " + name)
		admin.sees(name, "ORDER_OPENED", "CARDS_REMOVED")
	}
}
