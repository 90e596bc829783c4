package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// countsTheUnread has messages come to phones that nobody looks at: at 390 px their tabs, and the page's title, count them until they are seen.
func countsTheUnread(p *tab) {
	p.window(phone())
	badge := func(tab string) string {
		return fmt.Sprintf(`(document.querySelector('[data-tab="%s"] .badge').checkVisibility() ? document.querySelector('[data-tab="%s"] .badge').innerText : "")`, tab, tab)
	}
	for _, name := range []string{"customer", "reseller", "admin", "room"} {
		if got := ask[string](p, badge(name)); got != "" {
			p.t.Errorf("the tab %s counts %s before anything came", name, got)
		}
	}
	p.demo.post("/client/say", map[string]any{"user": nadia, "chat": nadia, "text": "/start"})
	p.see("one unread on the admin's tab", badge("admin")+` === "1" && document.title.startsWith("(1)")`)
	p.demo.post("/client/say", map[string]any{"user": karim, "chat": karim, "text": "/start"})
	p.see("one unread on the reseller's tab", badge("reseller")+` === "1" && document.title.startsWith("(2)")`)
	p.see("words for it", `document.querySelector('[data-tab="admin"]').title.includes("1 unread message")`)
	p.say(omar, "/start")
	p.shows(omar, "Welcome")
	if got := ask[string](p, badge("customer")); got != "" {
		p.t.Errorf("what is read counts as unread: %s", got)
	}
	p.demo.post("/client/say", map[string]any{"user": amina, "chat": amina, "text": "/start"})
	p.see("one unread beside the customer's name", fmt.Sprintf(`document.querySelector('[data-pick="%d"] .badge').checkVisibility() && document.querySelector('[data-pick="%d"] .badge').innerText === "1"`, amina, amina))
	p.fits("phone with unread messages")
	p.photo("unread")
	p.click("the admin", `document.querySelector('[data-tab="admin"]')`)
	p.see("all read there", badge("admin")+` === "" && `+badge("reseller")+` === "1"`)
	p.click("the reseller", `document.querySelector('[data-tab="reseller"]')`)
	p.see("the other chat's count", fmt.Sprintf(`probe.phone(%d).querySelector('[data-open-chat="%d"] .badge').innerText === "1"`, karim, karim))
	p.opens(karim, karim)
	p.see("all read there, too", badge("reseller")+` === ""`)
	p.click("the customer", `document.querySelector('[data-tab="customer"]')`)
	p.holds(amina)
	p.see("nothing is unread", badge("customer")+` === "" && document.title === "Cardrop demo"`)
}

// takesNothingAway tries to take a code from a protected message by hand: marked, with the keys to copy, by a drag, by forwarding.
// It is refused, and the phone says so; the copy button alone works.
func takesNothingAway(p *tab) {
	p.allow("clipboard-read", "clipboard-write")
	p.say(omar, "/start")
	p.buysVoucher(omar, english())
	p.stepped(omar, english().show)
	p.codeShown(omar)
	p.click("the hidden code", fmt.Sprintf(`probe.secret(%d)?.querySelector('[data-spoiler=""]')`, omar))
	open := fmt.Sprintf(`probe.secret(%d).querySelector('[data-spoiler="open"]')`, omar)
	p.see("the code", open)
	code := ask[string](p, open+".innerText")
	clear := `navigator.clipboard.writeText("mine").then(() => { document.querySelectorAll("[data-toasts] p").forEach((t) => t.remove()); return true; })`
	told := fmt.Sprintf(`probe.phone(%d).querySelector("[data-toasts] p")?.innerText.includes("cannot be forwarded, saved or copied")`, omar)
	for what, mark := range map[string]string{
		"its text":         fmt.Sprintf(`void getSelection().selectAllChildren(probe.secret(%d).querySelector("[data-text]"))`, omar),
		"the code":         fmt.Sprintf(`void getSelection().selectAllChildren(%s)`, open),
		"more than it has": `void getSelection().selectAllChildren(document.body)`,
		"nothing":          fmt.Sprintf(`(getSelection().removeAllRanges(), void probe.secret(%d).querySelector("[data-text]").focus())`, omar),
	} {
		ask[bool](p, clear)
		ask[chromedp.Void](p, mark)
		p.do("press the keys to copy", func(ctx context.Context) error {
			for _, kind := range []input.DispatchKeyEventType{"keyDown", "keyUp"} {
				if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "c", Code: "KeyC", WindowsVirtualKeyCode: 67,
					Modifiers: 2, Commands: []string{"copy"}}); err != nil {
					return err
				}
			}
			return nil
		})
		p.see("the phone says why, marked: "+what, told)
		if got := ask[string](p, `navigator.clipboard.readText()`); got != "mine" || strings.Contains(got, code) {
			p.t.Errorf("marked %s: %d characters were copied", what, len(got))
		}
		if ask[bool](p, fmt.Sprintf(`probe.secret(%d).querySelector("[data-text]").dispatchEvent(new DragEvent("dragstart", { bubbles: true, cancelable: true }))`, omar)) {
			p.t.Errorf("marked %s: it may be dragged out of the window", what)
		}
	}
	ask[chromedp.Void](p, `void getSelection().removeAllRanges()`)
	if why := ask[string](p, fmt.Sprintf(`probe.secret(%d).querySelector("[data-shield]").title`, omar)); !strings.Contains(why, "cannot be forwarded") {
		p.t.Errorf("the mark says %q", why)
	}
	p.refusesToForward(omar)
	ask[bool](p, clear)
	p.click("the copy button", fmt.Sprintf(`probe.secret(%d)?.querySelector("[data-copy]")`, omar))
	p.see("it was copied", fmt.Sprintf(`probe.phone(%d).querySelector("[data-toasts] p")?.innerText.includes("Copied")`, omar))
	if got := ask[string](p, `navigator.clipboard.readText()`); got != code {
		p.t.Errorf("the button copied %d characters, the code has %d", len(got), len(code))
	}
}

// refusesToForward asks the chat's server to forward the message with the code, and another that may be.
func (p *tab) refusesToForward(who int64) {
	p.t.Helper()
	forward := func(message int) int {
		body := fmt.Sprintf(`{"user":%d,"chat":%d,"message":%d,"to_chat":%d}`, who, who, message, who)
		resp, err := http.Post(p.demo.url+"/client/forward", "application/json", strings.NewReader(body)) //nolint:noctx // our own address
		if err != nil {
			p.t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode
	}
	if got := forward(ask[int](p, fmt.Sprintf("Number(probe.secret(%d).dataset.message)", who))); got == http.StatusOK {
		p.t.Error("a protected message was forwarded")
	}
	if got := forward(ask[int](p, fmt.Sprintf("Number(probe.messages(%d).find((m) => !m.dataset.protected && m.dataset.protected !== '').dataset.message)", who))); got != http.StatusOK {
		p.t.Errorf("a message that may be forwarded was not: %d", got)
	}
}

// steersByKeyboard switches, moves the clock and restarts the shop with Tab, Enter and Space alone; the focus stays where it was.
func steersByKeyboard(p *tab) {
	key := `document.querySelector('section[data-supplier="giftz"] button[data-switch="slow"]')`
	p.tabTo("the switch", kb.Tab, "document.activeElement === "+key)
	p.enter()
	p.see("the switch is on", key+`.getAttribute("aria-pressed") === "true"`)
	p.keys(" ")
	p.see("the switch is off", key+`.getAttribute("aria-pressed") === "false"`)
	p.tabTo("the clock", kb.Tab, `document.activeElement === document.querySelector('button[data-advance="600"]')`)
	p.keys(" ")
	p.see("the clock is ahead", `/0:10:0/.test(document.querySelector("[data-clock]").innerText)`)
	p.tabTo("the restart key", kb.Tab, `document.activeElement === document.querySelector("button[data-restart]")`)
	p.enter()
	p.see("the shop is open again", `document.querySelector("[data-back]").innerText !== "" && document.querySelector("[data-shop]").dataset.state === "open"`)
	if !ask[bool](p, `document.activeElement === document.querySelector("button[data-restart]") && document.activeElement.matches(":focus-visible")`) {
		p.t.Errorf("after the restart the focus is on %s", ask[string](p, "document.activeElement.outerHTML.slice(0, 120)"))
	}
	p.photo("keyboard")
}

// tabsInOrder goes once through the page with Tab: from the top over each phone to the control room, there from the top to the bottom, and
// wherever the focus is, it can be seen.
func tabsInOrder(p *tab) {
	p.say(omar, "/start")
	p.shows(omar, "Welcome")
	ask[chromedp.Void](p, `void (document.activeElement.blur(), getSelection().removeAllRanges(), document.querySelector("[data-tour-start]").focus())`)
	const part = `["header.top, [data-tour]", '[data-seat="customer"]', '[data-seat="reseller"]', '[data-seat="admin"]', "[data-control]"].findIndex((s) => document.activeElement.closest(s))`
	const shown = `(() => { const s = getComputedStyle(document.activeElement); return document.activeElement.matches(":focus-visible") && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2; })()`
	const height = `document.activeElement.closest("[data-control]") ? document.activeElement.getBoundingClientRect().top + document.querySelector("[data-control]").scrollTop : -1`
	before, top, seen := 0, -1.0, map[int]int{}
	for range 150 {
		p.keys(kb.Tab)
		now := ask[int](p, part)
		if now < 0 || now < before {
			break // around
		}
		seen[now]++
		where := ask[string](p, "document.activeElement.outerHTML.slice(0, 120)")
		if !ask[bool](p, shown) {
			p.t.Errorf("nothing shows the focus on %s", where)
		}
		if at := ask[float64](p, height); now == 4 {
			if at < top-12 && !ask[bool](p, `document.activeElement.closest(".cards") !== null`) { // two cards stand side by side
				p.t.Errorf("the focus jumps up by %.0f px to %s", top-at, where)
			}
			top = at
		}
		before = now
	}
	for i, least := range []int{1, 5, 4, 4, 20} {
		if seen[i] < least {
			p.t.Errorf("part %d of the page has %d stops, want %d at least: %v", i, seen[i], least, seen)
		}
	}
}
