package main

import (
	"fmt"

	"github.com/chromedp/chromedp"
)

// buysInTheGroup has Karim see his code in private, and nothing of it in the group.
func buysInTheGroup(p *tab) {
	p.groupBuys()
	p.opens(karim, karim)
	p.stepped(karim, french().show)
	p.codeShown(karim)
	p.photo("group-private")
	p.opens(karim, karims)
	p.see("no code in the group", fmt.Sprintf(`probe.messages(%d).length > 3 && !probe.secret(%d) && !probe.phone(%d).querySelector("[data-messages] [data-spoiler]")`, karim, karim, karim))
	p.photo("group")
	p.sharesNot()
}

// sharesNot has Karim look at what the group's balance was spent for: it stands on his phone alone, marked so, in place of the menu that the
// others see, and gives it back.
func (p *tab) sharesNot() {
	p.t.Helper()
	p.opens(nadia, karims)
	p.say(karim, "/balance")
	p.stepped(karim, "moi seul")
	p.see("the balance for Karim alone", fmt.Sprintf(`probe.newest(%d, "−")?.querySelector("[data-whisper]") && !probe.key(%d, "moi seul")`, karim, karim))
	p.photo("group-alone")
	p.see("the menu for all on the admin's phone", fmt.Sprintf(`probe.key(%d, "moi seul") && !probe.newest(%d, "−")`, nadia, nadia))
	p.fits("a group with a message for one member alone")
}

// groupBuys has the admin link the reseller's group and fill its wallet. Its owner buys there: the private chat is opened first by the link,
// and no money moves before.
func (p *tab) groupBuys() {
	p.t.Helper()
	p.opens(nadia, karims)
	p.say(nadia, "/link")
	p.shows(karim, "This group is a reseller")
	p.opens(nadia, nadia)
	p.say(nadia, fmt.Sprintf("/credit %d 20000 cash from Karim", karims))
	p.stepped(nadia, "Confirm")
	p.say(karim, "/catalog grab")
	for _, label := range []string{"Grab (Vietnam)", "Grab 20.000", french().one} {
		p.stepped(karim, label)
	}
	p.shows(karim, "Rien n'a été payé")
	p.press(karim, "Ouvrir")
	p.see("the private chat", fmt.Sprintf(`probe.phone(%d).dataset.chat === "%d"`, karim, karim))
	p.see("the bot's answer there", fmt.Sprintf("probe.messages(%d).length >= 2", karim))
	p.sold("giftz", 0)
	p.opens(karim, karims)
	p.stepped(karim, "continuer")
	p.stepped(karim, french().confirm)
	p.sold("giftz", 1)
	p.shows(karim, "1 carte livrée")
}

// opens brings one of a person's chats to the front.
func (p *tab) opens(who, chat int64) {
	p.t.Helper()
	p.click("the chat", fmt.Sprintf(`probe.phone(%d).querySelector('[data-open-chat="%d"]')`, who, chat))
	p.see("the chat is open", fmt.Sprintf(`probe.phone(%d).dataset.chat === "%d"`, who, chat))
}

// buysInArabic buys on the phone of somebody whose Telegram is Arabic: everything runs from the right, the code from the left.
func buysInArabic(p *tab) {
	p.holds(yacine)
	p.say(yacine, "/start")
	p.buysVoucher(yacine, arabic())
	p.stepped(yacine, arabic().show)
	p.codeShown(yacine)
	p.rightToLeft(yacine)
	if dir := ask[string](p, fmt.Sprintf("getComputedStyle(probe.phone(%d)).direction", yacine)); dir != "rtl" {
		p.t.Errorf("the phone runs %s", dir)
	}
	p.click("the hidden code", fmt.Sprintf(`probe.secret(%d)?.querySelector('[data-spoiler=""]')`, yacine))
	p.see("the code is isolated", fmt.Sprintf(`getComputedStyle(probe.secret(%d).querySelector('[data-spoiler="open"]')).unicodeBidi.startsWith("isolate")`, yacine))
	ask[chromedp.Void](p, fmt.Sprintf(`void probe.secret(%d).scrollIntoView({ block: "start" })`, yacine))
	p.photo("arabic-code")
	p.stepped(yacine, arabic().saved)
	p.codeGone(yacine)
}

// rightToLeft checks every text of the bot that begins with Arabic letters.
func (p *tab) rightToLeft(who int64) {
	p.t.Helper()
	left := ask[[]string](p, fmt.Sprintf(`probe.messages(%d).filter((m) => !m.classList.contains("mine")).map((m) => m.querySelector("[data-text]"))
		.filter((x) => x && getComputedStyle(x).direction !== "rtl").map((x) => x.innerText.slice(0, 60))`, who))
	for _, text := range left {
		p.t.Errorf("runs from the left: %q", text)
	}
}

// choosesArabic changes the language by the menu.
func choosesArabic(p *tab) {
	p.say(omar, "/start")
	p.stepped(omar, "Language")
	p.stepped(omar, "العربية")
	p.say(omar, "/help")
	p.see("help in Arabic", `/[\u0600-\u06ff]{4}/.test(probe.messages(71000002).at(-1).innerText)`)
	if dir := ask[string](p, `getComputedStyle(probe.messages(71000002).at(-1).querySelector("[data-text]")).direction`); dir != "rtl" {
		p.t.Errorf("Arabic text runs %s", dir)
	}
}
