package main

import (
	"fmt"
	"os/exec"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// labels are the keys of a purchase in one language.
type labels struct{ buy, one, confirm, show, saved string }

func english() labels {
	return labels{"Buy", "Continue with 1", "Confirm", "=👁 Show", "Saved, delete now"}
}

func french() labels {
	return labels{"Acheter", "Continuer avec 1", "Confirmer", "=👁 Afficher", "supprimer"}
}

func arabic() labels {
	return labels{"شراء", "متابعة بـ", "تأكيد", "=👁 عرض", "احذفه الآن"}
}

// buysVoucher goes from the menu to the payment by clicks, and waits until the card is ready.
func (p *tab) buysVoucher(who int64, l labels) {
	p.t.Helper()
	for _, label := range []string{l.buy, "Grab (", "Grab (", "Grab 20.000", l.one, l.confirm} {
		p.stepped(who, label)
	}
	p.see("the card is ready", fmt.Sprintf("probe.key(%d, %q)", who, l.show))
}

// stepped presses a key and waits until the chat has answered by changing.
func (p *tab) stepped(who int64, label string) {
	p.t.Helper()
	p.see("the key "+label, fmt.Sprintf("probe.key(%d, %q)", who, label))
	before := ask[string](p, fmt.Sprintf("probe.text(%d)", who))
	p.press(who, label)
	p.see("an answer to "+label, fmt.Sprintf("probe.text(%d) !== %q", who, before))
}

// codeShown waits for a message with a code.
func (p *tab) codeShown(who int64) {
	p.t.Helper()
	p.see("a code", fmt.Sprintf(`probe.secret(%d)?.querySelector("[data-burn]").checkVisibility()`, who))
}

// codeGone waits until no message has a code.
func (p *tab) codeGone(who int64) {
	p.t.Helper()
	p.see("the code is gone", fmt.Sprintf(`!probe.secret(%d) && !probe.phone(%d).querySelector("[data-messages] [data-spoiler]")`, who, who))
}

// sold checks how many sales a supplier has in its own books.
func (p *tab) sold(supplier string, want int) {
	p.t.Helper()
	p.see(fmt.Sprintf("%d sales of %s", want, supplier), fmt.Sprintf("probe.sales(%q).length === %d", supplier, want))
}

// turn presses a switch of the control room and waits until the stream says that it is on.
func (p *tab) turn(supplier, name string) {
	p.t.Helper()
	key := fmt.Sprintf(`document.querySelector('section[data-supplier="%s"] button[data-switch="%s"]')`, supplier, name)
	p.click("the switch "+name, key)
	p.see("the switch is on", key+`.getAttribute("aria-pressed") === "true"`)
}

// ahead moves the clock by one of its buttons.
func (p *tab) ahead(seconds int) {
	p.t.Helper()
	p.click("the clock's button", fmt.Sprintf("document.querySelector('button[data-advance=\"%d\"]')", seconds))
}

// buysOfEachSupplier takes a voucher, a gift card and a top-up of an internet line by clicks.
func buysOfEachSupplier(p *tab) {
	p.say(omar, "/start")
	p.buysVoucher(omar, english())
	p.stepped(omar, english().show)
	p.codeShown(omar)
	p.stepped(omar, english().saved)
	p.codeGone(omar)
	p.sold("giftz", 1)

	p.say(omar, "playstation germany")
	for _, label := range []string{"PSN Germany", "PSN 10 EUR", "+1", "Continue with 2", "Confirm", english().show} {
		p.stepped(omar, label)
	}
	p.codeShown(omar)
	p.sold("oneclickdz", 1)
	p.stepped(omar, english().saved)
	p.codeGone(omar)

	p.say(omar, "adsl")
	for _, label := range []string{"ADSL", "ADSL 1000"} {
		p.stepped(omar, label)
	}
	p.shows(omar, "which line")
	p.say(omar, "021 00 00 00")
	p.shows(omar, "021000000")
	p.stepped(omar, "Confirm")
	p.stepped(omar, english().show)
	p.codeShown(omar)
	p.shows(omar, "*600#")
	p.sold("oneclickdz", 2)
	p.stepped(omar, english().saved)
	p.codeGone(omar)
	for _, kind := range []string{"ORDER_OPENED", "CARDS_REMOVED"} {
		p.see("the record tells "+kind, fmt.Sprintf("probe.records(%q) === 3", kind))
	}
}

// losesAnAnswer has the supplier sell without an answer: the order is recovered, and its books show one sale that was asked about again.
func losesAnAnswer(p *tab) {
	p.turn("giftz", "lost-answer")
	p.say(omar, "/start")
	for _, label := range []string{"Buy", "Grab (", "Grab (Vietnam)", "Grab 20.000", "Continue with 1", "Confirm"} {
		p.stepped(omar, label)
	}
	p.sold("giftz", 1)
	p.ahead(60)
	p.stepped(omar, english().show)
	p.codeShown(omar)
	p.sold("giftz", 1)
	p.see("the shop has asked again", `parseInt(probe.sales("giftz")[0].querySelector(".asked").innerText) >= 2`)
	p.see("the switch went out by itself", `document.querySelector('section[data-supplier="giftz"] [data-switch="lost-answer"]').getAttribute("aria-pressed") === "false"`)
}

// killsTheShop kills it with a code on the screen: the code is removed in time all the same, and the shop answers again.
func killsTheShop(p *tab) {
	want := "embedded"
	if _, err := exec.LookPath("redis-server"); err == nil {
		want = "redis-server"
	}
	p.kills(want)
}

// killsInPlace does so where no redis-server is on PATH.
func killsInPlace(p *tab) { p.kills("embedded") }

// kills does so, and reads on the page which memory the shop came back to.
func (p *tab) kills(memory string) {
	p.t.Helper()
	p.say(omar, "/start")
	p.buysVoucher(omar, english())
	p.stepped(omar, english().show)
	p.codeShown(omar)
	left := ask[string](p, `probe.secret(71000002).querySelector("[data-burn]").innerText`)
	p.click("the restart button", `document.querySelector("button[data-restart]")`)
	p.see("the shop is open again", `document.querySelector("[data-back]").innerText !== "" && document.querySelector("[data-shop]").dataset.state === "open"`)
	said := map[string]string{"redis-server": "redis-server with every write on disk, was left alone", "embedded": "Restarted in place"}
	for name, words := range said {
		if got := ask[string](p, `document.querySelector("[data-back]").innerText`); strings.Contains(got, words) != (name == memory) {
			p.t.Errorf("restarted on %s, the page says %q", memory, got)
		}
	}
	if !strings.Contains(left, ":") {
		p.t.Errorf("the countdown read %q", left)
	}
	p.ahead(60)
	p.codeGone(omar)
	p.say(omar, "/start")
	p.shows(omar, "Welcome")
	p.stepped(omar, "Buy")
	p.sold("giftz", 1)
}

// movesTheClock sees the clock go forward, and with it the end of a code.
func movesTheClock(p *tab) {
	p.say(omar, "/start")
	p.buysVoucher(omar, english())
	p.stepped(omar, english().show)
	p.codeShown(omar)
	p.ahead(600)
	p.codeGone(omar)
	p.see("the clock is ahead", `/0:10:0/.test(document.querySelector("[data-clock]").innerText)`)
	p.ahead(86400)
	p.see("the clock is a day ahead", `/1d 0:10:0/.test(document.querySelector("[data-clock]").innerText)`)
	p.say(omar, "/orders")
	p.shows(omar, "My orders")
}

// buysByKeyboard never touches the mouse: Tab and Enter lead from the composer to the code.
func buysByKeyboard(p *tab) {
	p.tabTo("the composer", kb.Tab, `document.activeElement === probe.phone(71000002).querySelector("[data-say]")`)
	p.keys("/start")
	p.enter()
	for _, label := range []string{"Buy", "Grab (", "Grab (Vietnam)", "Grab 20.000", "Continue with 1", "Confirm", english().show, english().saved} {
		p.see("the key "+label, fmt.Sprintf("probe.key(%d, %q)", omar, label))
		p.tabTo("the key "+label, kb.Tab, fmt.Sprintf("document.activeElement === probe.key(%d, %q)", omar, label))
		before := ask[string](p, fmt.Sprintf("probe.text(%d)", omar))
		p.enter()
		p.see("an answer to "+label, fmt.Sprintf("probe.text(%d) !== %q", omar, before))
	}
	p.codeGone(omar)
}

// tabTo presses Shift+Tab or Tab, whichever is nearer, until the focus is right; every stop on the way must be visible.
func (p *tab) tabTo(what, key, there string) {
	p.t.Helper()
	back := ask[bool](p, `document.activeElement !== document.body`)
	for range 150 {
		if ask[bool](p, "Boolean("+there+")") {
			if !ask[bool](p, `document.activeElement.matches(":focus-visible")`) {
				p.t.Errorf("%s has the focus, but nothing shows it", what)
			}
			return
		}
		if back {
			p.keys(key, chromedp.KeyModifiers(chromedp.ModifierShift))
		} else {
			p.keys(key)
		}
	}
	p.t.Fatalf("%s was never reached by the keyboard; the focus is on %s", what, ask[string](p, "document.activeElement.outerHTML.slice(0, 200)"))
}

// buysOnAPhone buys in a narrow window, where tabs lead from the shop to the control room.
func buysOnAPhone(p *tab) {
	p.window(phone())
	p.see("tabs", `document.querySelectorAll('button[role="tab"]').length === 4 && !document.querySelector("nav.views").hidden`)
	p.say(omar, "/start")
	p.buysVoucher(omar, english())
	p.stepped(omar, english().show)
	p.codeShown(omar)
	p.fits("phone with a code")
	p.click("the control room", `document.querySelector('button[role="tab"][data-tab="room"]')`)
	p.sold("giftz", 1)
	p.fits("phone with the control room")
	p.ahead(60)
	p.click("the customer", `document.querySelector('button[role="tab"][data-tab="customer"]')`)
	p.codeGone(omar)
}

// followsTheTour goes through the five steps, comes back for them, and skips them.
func followsTheTour(p *tab) {
	p.window(phone())
	for step := 1; step <= 5; step++ {
		p.see(fmt.Sprintf("step %d", step), fmt.Sprintf(`document.querySelector("[data-tour]").dataset.step === "%d" && document.querySelector("[data-tour]").checkVisibility()`, step))
		p.fits(fmt.Sprintf("phone with step %d of the tour", step))
		p.photo(fmt.Sprintf("tour-%d", step))
		if tells := ask[bool](p, `document.querySelector("[data-tour]").innerText.includes("At OneClickDz it takes longer: press “+10 min”")`); tells != (step == 3) {
			p.t.Errorf("step %d tells of OneClickDz's lost answer: %v", step, tells)
		}
		p.click("the next step", `document.querySelector("button[data-tour-next]")`)
	}
	p.see("the tour is over", `document.querySelector("[data-tour]").hidden`)
	p.click("the tour's button", `document.querySelector("[data-tour-start]")`)
	p.see("the first step", `document.querySelector("[data-tour]").dataset.step === "1" && !document.querySelector("[data-tour]").hidden`)
	p.click("the skip button", `document.querySelector("button[data-tour-skip]")`)
	p.see("the tour is over", `document.querySelector("[data-tour]").hidden`)
}
