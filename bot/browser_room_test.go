package main

import (
	"fmt"
	"strings"
	"time"
)

// trouble is a switch of the control room, and what a purchase under it comes to.
type trouble struct {
	name  string
	buy   func(p *tab) // the way to the customer's Confirm; nil is the supplier's usual one
	says  string       // on the customer's phone, with the switch on
	off   bool         // the switch goes off after that; a lost answer goes off by itself
	ahead []int        // seconds the clock is moved forward by
	ends  string       // what the phone says in the end
	books []string     // what the supplier's books say of the newest sale; empty when nothing was sold
	asked int          // how often the shop asked about it, at least
}

// twoGrabs is the way to two vouchers of GiftZ.
func twoGrabs(p *tab) { p.orders("grab", "Grab (Vietnam)", "Grab 20.000", "+1", "Continue with 2") }

// twoPSN is the way to two gift cards of OneClickDz.
func twoPSN(p *tab) {
	p.orders("playstation germany", "PSN Germany", "PSN 10 EUR", "+1", "Continue with 2")
}

// oneADSL is the way to an internet card of OneClickDz.
func oneADSL(p *tab) {
	p.orders("adsl", "ADSL", "ADSL 1000")
	p.shows(omar, "which line")
	p.say(omar, "021 00 00 00")
	p.shows(omar, "021000000")
}

const (
	unclear    = "not given a clear answer yet"
	noneYet    = "Nothing was bought"
	cardsReady = "cards are ready"
)

// troubles are the switches of each supplier.
func troubles() map[string][]trouble {
	return map[string][]trouble{
		"giftz": {
			{name: "slow", says: "Processing", ends: cardsReady, books: []string{"Grab 20.000đ × 2", "40,000 VND"}, asked: 1},
			{name: "out-of-stock", says: noneYet, ends: noneYet},
			{name: "no-funds", says: noneYet, ends: noneYet},
			// GiftZ has no word for a partial sale: fewer vouchers than paid for are looked at by a person.
			{name: "partial", says: "checked by a person", ends: "checked by a person", books: []string{"Grab 20.000đ", "20,000 VND"}, asked: 1},
			{name: "lost-answer", says: unclear, ahead: []int{60}, ends: cardsReady, books: []string{"Grab 20.000đ × 2", "40,000 VND"}, asked: 2},
			{name: "html-error", says: unclear, off: true, ahead: []int{60}, ends: cardsReady, books: []string{"Grab 20.000đ × 2", "40,000 VND"}, asked: 1},
			{name: "down", says: "No money moved", ends: "No money moved"},
		},
		"oneclickdz": {
			{name: "slow", says: "Processing", ends: cardsReady, books: []string{"PSN 10 EUR × 2"}, asked: 1},
			{name: "out-of-stock", says: noneYet, ends: noneYet},
			{name: "no-funds", says: noneYet, ends: noneYet},
			{name: "partial", says: "1 of 2", ends: "card is ready", books: []string{"PSN 10 EUR", "returned"}, asked: 1},
			{name: "refunded", says: "Your money is back", ends: "Your money is back", books: []string{"paid back", "0.00 DZD", "returned"}, asked: 1},
			{name: "queued", buy: oneADSL, says: "hours", off: true, ahead: []int{86400, 600}, ends: "card is ready", books: []string{"ADSL"}, asked: 2},
			{name: "lost-answer", says: unclear, ahead: []int{600, 600, 600}, ends: cardsReady, books: []string{"PSN 10 EUR × 2"}, asked: 1},
			{name: "html-error", says: unclear, off: true, ahead: []int{600, 600, 600}, ends: "did not reach the supplier"},
			{name: "down", says: "No money moved", ends: "No money moved"},
		},
	}
}

// troubled switches on each trouble of a supplier in turn and buys: the customer is told what is true, and the supplier's own books hold
// one sale or none. Afterwards the supplier sells again.
func troubled(supplier string, usual func(*tab)) func(*tab) {
	return func(p *tab) {
		p.advises(supplier)
		p.say(omar, "/start")
		sold := 0
		for _, c := range troubles()[supplier] {
			p.turn(supplier, c.name)
			if c.buy == nil {
				c.buy = usual
			}
			before := p.tries(c)
			if c.off {
				p.turnOff(supplier, c.name)
			}
			for _, seconds := range c.ahead {
				p.ahead(seconds)
				p.patiently(before, c.ends)
			}
			p.hears(before, c.ends)
			if c.books != nil {
				sold++
				p.booked(supplier, c)
			}
			p.sold(supplier, sold)
			p.photo("trouble-" + supplier + "-" + c.name)
			p.turnOff(supplier, c.name)
		}
		p.ahead(60)
		p.buysAgain(usual)
		p.sold(supplier, sold+1)
	}
}

// tries buys until the shop is open: after a jump of the clock nothing is bought until the record is linked. It gives the last message
// before the purchase.
func (p *tab) tries(c trouble) int {
	p.t.Helper()
	for range 5 {
		before := ask[int](p, fmt.Sprintf("probe.last(%d)", omar))
		if c.buy(p); c.name != "down" { // then there is not even a price to confirm
			p.stepped(omar, "Confirm")
		}
		p.see("an answer to the purchase", fmt.Sprintf("%s || %s", answered(before, c.says), answered(before, "SHOP_CLOSED")))
		if !ask[bool](p, answered(before, "SHOP_CLOSED")) {
			return before
		}
	}
	p.t.Fatal("buying stays closed")
	return 0
}

// buysAgain buys as a customer does who is told to try again later: after a jump of the clock nothing is bought until the record is linked.
func (p *tab) buysAgain(usual func(*tab)) {
	p.t.Helper()
	for range 5 {
		before := ask[int](p, fmt.Sprintf("probe.last(%d)", omar))
		usual(p)
		p.stepped(omar, "Confirm")
		p.see("an end of the order", fmt.Sprintf("%s || %s", answered(before, cardsReady), answered(before, "SHOP_CLOSED")))
		if ask[bool](p, answered(before, cardsReady)) {
			return
		}
	}
	p.t.Fatal("buying stays closed")
}

// advises reads beside the switches of a supplier what to press after a lost answer, and that the switches are those it has words for.
func (p *tab) advises(supplier string) {
	p.t.Helper()
	desk := fmt.Sprintf(`document.querySelector('section[data-supplier="%s"]')`, supplier)
	p.see("the switches", desk+`?.querySelector("[data-switch]")`)
	for _, words := range map[string][]string{
		"giftz": {"Answer lost", "+1 min", "no queued and no refunded orders"}, "oneclickdz": {"Answer lost", "20 to 30 minutes", "“+10 min” two or three times"},
	}[supplier] {
		if said := ask[string](p, desk+`.querySelector("[data-note]").innerText`); !strings.Contains(said, words) {
			p.t.Errorf("beside the switches of %s stands %q, not %q", supplier, said, words)
		}
	}
	for _, name := range []string{"queued", "refunded"} {
		if has := ask[bool](p, fmt.Sprintf(`%s.querySelector('[data-switch="%s"]') !== null`, desk, name)); has != (supplier == "oneclickdz") {
			p.t.Errorf("%s has the switch %s: %v", supplier, name, has)
		}
	}
}

// hears waits until the customer's phone shows a text in what came after a message.
func (p *tab) hears(before int, text string) {
	p.t.Helper()
	p.see(text, answered(before, text))
}

// patiently gives the shop the time of two rounds of questions to come to an end by itself.
func (p *tab) patiently(before int, ends string) {
	p.t.Helper()
	for end := time.Now().Add(12 * time.Second); time.Now().Before(end) && !ask[bool](p, answered(before, ends)); time.Sleep(100 * time.Millisecond) {
	}
}

// answered asks whether the customer's phone shows a text in what came after a message.
func answered(before int, text string) string {
	return fmt.Sprintf("probe.messages(%d).some((m) => Number(m.dataset.message) > %d && probe.plain(m.innerText).includes(%q))", omar, before, text)
}

// orders goes from a search to the confirm screen.
func (p *tab) orders(search string, labels ...string) {
	p.t.Helper()
	p.say(omar, search)
	for _, label := range labels {
		p.stepped(omar, label)
	}
}

// turnOff presses a switch that is on, and waits until the stream says that it is off.
func (p *tab) turnOff(supplier, name string) {
	p.t.Helper()
	key := fmt.Sprintf(`document.querySelector('section[data-supplier="%s"] button[data-switch="%s"]')`, supplier, name)
	if ask[bool](p, key+`.getAttribute("aria-pressed") === "true"`) {
		p.click("the switch "+name, key)
	}
	p.see("the switch is off", key+`.getAttribute("aria-pressed") === "false"`)
}

// booked looks at the newest sale in a supplier's books.
func (p *tab) booked(supplier string, c trouble) {
	p.t.Helper()
	for _, text := range c.books {
		p.see("in the books: "+text, fmt.Sprintf("probe.plain((probe.sales(%q)[0]?.innerText ?? '').replaceAll('\\u00a0', ' ')).includes(%q)", supplier, text))
	}
	p.see("asked often enough", fmt.Sprintf(`parseInt(probe.sales(%q)[0]?.querySelector(".asked").innerText) >= %d`, supplier, c.asked))
}
