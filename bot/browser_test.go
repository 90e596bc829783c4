package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cardrop/bot/demo"
)

// browserPatience is how long a test of the page waits for something that should come at once: a busy machine draws slowly.
const browserPatience = 30 * time.Second

// The people of the demo's cast, besides omar.
const (
	yacine = 71_000_004         // a customer who reads Arabic
	karim  = 71_000_005         // owner of the reseller's group
	nadia  = demo.DemoAdmin     // the admin
	karims = demo.ResellerGroup // the reseller's group
)

// TestBrowser drives the demo's page in Chromium, each test with a demo and a tab of its own. Only the first test is made unless BROWSER=1.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser is not started in short runs")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on PATH: the demo's page was not tried in a browser")
	}
	ctx := openBrowser(t, path)
	t.Run("smoke", func(t *testing.T) { smoke(newTab(t, ctx, desktop())) })
	if os.Getenv("BROWSER") == "" {
		t.Log("BROWSER is not set: only the first of the browser's tests was made")
		return
	}
	for name, test := range map[string]func(*tab){
		"files": downloadsFiles, "pictures": sendsAReceipt, "typing": waitsForAnAnswer, "unread": countsTheUnread, "protected": takesNothingAway,
		"room by keyboard": steersByKeyboard, "order of the keyboard": tabsInOrder,
		"suppliers": buysOfEachSupplier, "lost": losesAnAnswer, "restart": killsTheShop, "clock": movesTheClock, "group": buysInTheGroup,
		"stars": paysInStarsByHand, "page of a payment": paysByHand,
		"arabic": buysInArabic, "language": choosesArabic, "keyboard": buysByKeyboard, "phone": buysOnAPhone, "tour": followsTheTour,
		"troubles of GiftZ": troubled("giftz", twoGrabs), "troubles of OneClickDz": troubled("oneclickdz", twoPSN),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newTab(t, ctx, desktop()))
		})
	}
	t.Run("restart in place", func(t *testing.T) {
		t.Parallel()
		killsInPlace(newTabOn(t, ctx, desktop(), ""))
	})
	for _, who := range looks() {
		t.Run("looks in "+who.tag, func(t *testing.T) {
			t.Parallel()
			who.looksRight(newTab(t, ctx, view{desktop().width, desktop().height, who.tag}))
		})
	}
}

// openBrowser starts the one browser of all tests and returns its context; it ends with the test.
func openBrowser(t *testing.T, path string) context.Context {
	t.Helper()
	dir := t.TempDir()
	allocator, release := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("headless", "new"),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-US"),
		chromedp.Flag("password-store", "basic"), chromedp.WSURLReadTimeout(browserPatience), chromedp.Env("TMPDIR="+dir, "HOME="+dir))
	t.Cleanup(release)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		limited, stop := context.WithTimeout(ctx, browserPatience)
		defer stop()
		if err := chromedp.Cancel(limited); err != nil {
			t.Logf("the browser did not end as asked: %v", err)
		}
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return ctx
}

// smoke is a purchase by clicks, from the empty chat to the code that is gone.
func smoke(p *tab) {
	p.see("the start", `probe.phone(71000002).querySelector("[data-start]").checkVisibility()`)
	p.say(omar, "/start")
	p.buysVoucher(omar, english())
	p.press(omar, english().show)
	p.see("a protected code that burns", `probe.secret(71000002)?.querySelector("[data-burn]").checkVisibility() && probe.secret(71000002).hasAttribute("data-protected")`)
	p.click("the hidden code", `probe.secret(71000002)?.querySelector('[data-spoiler=""]')`)
	p.see("the code", `probe.secret(71000002)?.querySelector('[data-spoiler="open"]')`)
	code := ask[string](p, `probe.secret(71000002).querySelector('[data-spoiler="open"]').innerText`)
	p.allow("clipboard-read", "clipboard-write")
	p.click("the copy button", `probe.secret(71000002)?.querySelector("[data-copy]")`)
	p.see("a toast", `probe.phone(71000002).querySelector("[data-toasts] p")?.innerText.includes("Copied")`)
	if keys := ask[[]string](p, `probe.covered(71000002)`); len(keys) > 0 {
		p.t.Errorf("the toast lies over %q", keys)
	}
	if got := ask[string](p, `navigator.clipboard.readText()`); len(code) < 6 || got != code {
		p.t.Errorf("the screen shows a code of %d characters, the clipboard has %d others", len(code), len(got))
	}
	p.press(omar, "Saved, delete now")
	p.codeGone(omar)
	if n := ask[int](p, `probe.sales("giftz").length`); n != 1 {
		p.t.Errorf("the supplier's ledger has %d sales, want 1", n)
	}
	p.photo("smoke")
}
