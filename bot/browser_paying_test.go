package main

import "fmt"

// topsUp goes by clicks from /topup to the way to pay a thousand dinars by a method.
func (p *tab) topsUp(method string) {
	p.t.Helper()
	p.say(omar, "/topup")
	for _, label := range []string{method, "1,000", "Confirm – top up 1,000"} {
		p.stepped(omar, label)
	}
}

// balance waits until the customer is told what is in their balance.
func (p *tab) balance(amount string) {
	p.t.Helper()
	p.say(omar, "/balance")
	p.shows(omar, "Balance: "+amount)
}

// paysInStarsByHand pays an invoice by its Pay key: what was paid is in the balance, once, and the message says so.
func paysInStarsByHand(p *tab) {
	p.say(omar, "/start")
	before := ask[int](p, fmt.Sprintf("probe.last(%d)", omar))
	p.topsUp("Telegram Stars")
	p.see("the invoice's key", fmt.Sprintf("probe.key(%d, %q)", omar, "Pay"))
	p.photo("stars-invoice")
	p.press(omar, "Pay")
	p.hears(before, "✅ 1,000")
	p.hears(before, "is in your balance")
	p.photo("stars-paid")
	p.balance("51,000")
}

// paysByHand pays links of OCPay in its books in the control room: one as it should be, one with half of its amount, which a person looks at,
// and one whose payment is seen when the link has ended.
func paysByHand(p *tab) {
	p.say(omar, "/start")
	p.clicksPay("✅ 1,000", "paid", "is in your balance")
	p.balance("51,000")
	p.photo("page-paid")
	p.turn("ocpay", "wrong-amount")
	p.clicksPay("Somebody will look whether the money has come", "paid")
	p.turnOff("ocpay", "wrong-amount")
	p.balance("51,000")
	p.turn("ocpay", "late")
	before := p.clicksPay("", "late")
	for range 3 {
		p.ahead(600)
	}
	p.hears(before, "✅ 1,000")
	p.balance("52,000")
	p.photo("page-late")
	p.fits("control room with links")
}

// clicksPay tops up by a link, presses its key in the books and waits for what the customer is told. It gives the last message
// before.
func (p *tab) clicksPay(says, state string, also ...string) int {
	p.t.Helper()
	before := ask[int](p, fmt.Sprintf("probe.last(%d)", omar))
	p.topsUp("OCPay")
	p.hears(before, "Pay on the page")
	links := `document.querySelectorAll('section[data-supplier="ocpay"] tr[data-sale]')`
	p.see("an open link", links+`[0]?.dataset.state === "open"`)
	p.click("the key in the books", links+`[0].querySelector("[data-pay]")`)
	p.see("the link is "+state, links+fmt.Sprintf(`[0].dataset.state === %q`, state))
	for _, text := range append(also, says) {
		p.hears(before, text)
	}
	return before
}
