package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/chromedp"
)

// look is one customer whose phone is looked at, in a browser of the same language.
type look struct {
	tag  string
	who  int64
	keys labels
}

func looks() []look {
	return []look{{"en", omar, english()}, {"fr", amina, french()}, {"ar", yacine, arabic()}}
}

// looksRight brings a code onto the screen and looks at the page in each width and theme: nothing sticks out or is cut off, and axe finds
// no serious violation.
func (l look) looksRight(p *tab) {
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		p.t.Fatal(err)
	}
	p.do("bring axe", func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(axe)+";void 0"))
	})
	if !ask[bool](p, `(async () => { const i = document.createElement("img"); document.body.append(i); const r = await axe.run(i); i.remove(); return r.violations.some((v) => v.id === "image-alt"); })()`) {
		p.t.Fatal("axe does not find a picture without words")
	}
	if lang := ask[string](p, `document.documentElement.lang`); lang != l.tag {
		p.t.Errorf("the page speaks %q", lang)
	}
	p.groupBuys()
	p.say(nadia, "/suppliers")
	p.say(l.who, "/start")
	p.buysVoucher(l.who, l.keys)
	p.stepped(l.who, l.keys.show)
	p.codeShown(l.who)
	for _, v := range []view{desktop(), wide(), tablet(), phone()} {
		p.window(v)
		for _, theme := range []string{"light", "dark"} {
			p.theme(theme)
			name := fmt.Sprintf("%s-%d-%s", l.tag, v.width, theme)
			if v.width >= desktop().width {
				l.holdsTheCode(p)
				p.inspect(name)
				l.seesTheCode(p, name)
				continue
			}
			parts := []string{"room", "reseller", "admin", "customer"}
			if v.width == tablet().width {
				parts = parts[1:] // the control room stands beside each phone
				if !ask[bool](p, `document.querySelector("[data-control]").checkVisibility() && document.querySelector('[data-tab="room"]').hidden`) {
					p.t.Errorf("%s: no control room beside the phone", name)
				}
			}
			for _, part := range parts {
				p.click("the tab "+part, fmt.Sprintf(`document.querySelector('button[role="tab"][data-tab="%s"]')`, part))
				if part == "customer" {
					l.holdsTheCode(p)
				}
				p.inspect(name + "-" + part)
			}
			l.seesTheCode(p, name)
		}
	}
}

// holdsTheCode shows the code again when its time ends: a slow machine looks at few pictures in that time.
func (l look) holdsTheCode(p *tab) {
	p.t.Helper()
	p.see("a code, or the key to show it", fmt.Sprintf("probe.secret(%d) || probe.key(%d, %q)", l.who, l.who, l.again()))
	if left := ask[int](p, fmt.Sprintf("probe.left(%d)", l.who)); left < 15 {
		p.see("the former code is gone", fmt.Sprintf("!probe.secret(%d)", l.who))
		p.press(l.who, l.again())
		p.codeShown(l.who)
	}
}

// again is the key that shows a code once more.
func (l look) again() string { return strings.TrimPrefix(l.keys.show, "=") + " " }

// seesTheCode checks that code, countdown and keys are in sight without scrolling.
func (l look) seesTheCode(p *tab, name string) {
	p.t.Helper()
	for _, hidden := range ask[[]string](p, fmt.Sprintf("probe.unseen(%d)", l.who)) {
		p.t.Errorf("%s: out of sight: %s", name, hidden)
	}
}

// inspect looks at the page as it is now.
func (p *tab) inspect(name string) {
	p.t.Helper()
	p.photo(name)
	p.fits(name)
	for _, found := range ask[[]string](p, `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.passes.length < 10 ? ["next to nothing to check"] : r.violations.filter((v) => ["serious", "critical"].includes(v.impact))
		.map((v) => v.id + ": " + v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200) + " " + (n.any[0]?.message || n.failureSummary)).join(" | ")))`) {
		p.t.Errorf("%s: axe finds %s", name, found)
	}
}

// fits checks that nothing sticks out of the window at its sides, is cut off, or lies over something else.
func (p *tab) fits(name string) {
	p.t.Helper()
	if list := ask[[]string](p, "[...probe.wide(), ...probe.overlaps()]"); len(list) > 0 {
		p.t.Errorf("%s:\n%s", name, strings.Join(list, "\n"))
	}
}
