package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// leaf is a tab of the browser on the pages behind links. All leaves share the profile, as a person's tabs do.
type leaf struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // of the tab, which lives as long
}

// TestBrowserLinks opens links in Chromium, with JavaScript and without: two tabs, reloading, going back and forward, the page's end, and what
// the browser keeps. It is made with BROWSER=1.
func TestBrowserLinks(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if err != nil || os.Getenv("BROWSER") == "" {
		t.Skip("the pages behind links are tried in a browser with BROWSER=1 and a chromium on PATH")
	}
	r := newRig(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), map[string]string{"PUBLIC_URL": "http://$ADDR"})
	p := r.as(omar)
	r.fund(omar, "20000")
	p.buysOne()
	profile := filepath.Join(t.TempDir(), "profile")
	browser, end := profiled(t, path, profile)
	for _, scripts := range []bool{true, false} {
		r.leafed(t, browser, scripts)
	}
	end()
	places, history := map[string]string{}, false
	err = filepath.WalkDir(profile, func(name string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // a file that the browser takes away meanwhile
		}
		text, err := os.ReadFile(name)
		history = history || strings.Contains(string(text), "/l/en/")
		places["profile "+name] = string(text)
		return err
	})
	if err != nil || !history {
		t.Errorf("of %d files of the browser none remembers the pages: the search proves nothing (%v)", len(places), err)
	}
	for _, leak := range leaks(places, r.sold()) {
		t.Error(leak)
	}
}

// profiled starts a browser that keeps what browsers keep, in a folder.
func profiled(t *testing.T, path, profile string) (context.Context, func()) {
	t.Helper()
	dir := t.TempDir()
	allocator, release := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("headless", "new"), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("password-store", "basic"), chromedp.WSURLReadTimeout(browserPatience),
		chromedp.Env("TMPDIR="+dir, "HOME="+dir))
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	end := sync.OnceFunc(func() {
		limited, stop := context.WithTimeout(ctx, browserPatience)
		defer stop()
		_ = chromedp.Cancel(limited)
		cancel()
		release()
	})
	t.Cleanup(end)
	return ctx, end
}

// leafed is what a person may do with a link, and what must not bring the code back.
func (r *rig) leafed(t *testing.T, browser context.Context, scripts bool) {
	t.Helper()
	p, name := r.as(omar), map[bool]string{true: "scripts", false: "no-scripts"}[scripts]
	one, two := newLeaf(t, browser, scripts), newLeaf(t, browser, scripts)
	address := p.linkSent()
	one.visit(address)
	one.reads("one press away")
	one.photo("link-closed-" + name)
	two.visit(strings.Replace(address, "/l/en/", "/l/ar/", 1))
	two.photo("link-closed-ar-" + name)
	one.press()
	one.reads("Copy", "How to use it")
	one.photo("link-cards-" + name)
	if !r.told(one.text()) {
		t.Errorf("%s: the page shows no code", name)
	}
	if kept := one.kept(); kept != "" {
		t.Errorf("%s: the page keeps %s", name, kept)
	}
	two.press()
	two.without(r, "another tab")
	one.reload()
	one.without(r, "a reload")
	p.gone("one-time link")
	until(patience, r.idle)

	address = strings.Replace(p.linkSent(), "/l/en/", "/l/ar/", 1)
	one.visit(address)
	one.press()
	one.reads("نسخ")
	if scripts { // the page has 4 s
		one.photo("link-cards-ar-" + name)
	}
	one.reads("لم يعد الكود") // by itself
	one.without(r, "its end")
	for _, step := range []int{-1, -1, 1, 1, -2} {
		one.moves(step)
		one.without(r, "going through the history")
	}
	until(patience, r.idle)
}

// linkSent asks for a link to the only order, and returns it.
func (p person) linkSent() string {
	p.t.Helper()
	m := p.sees("Delivered: your card is ready")
	p.say("/order " + p.orderName(m))
	p.press("By link")
	p.sees("one-time link")
	return p.follows()
}

// idle tells whether no card is on a screen.
func (r *rig) idle() bool {
	for keys := r.redis.rdb.Scan(r.t.Context(), 0, r.key("o:*"), 100).Iterator(); keys.Next(r.t.Context()); {
		if r.redis.rdb.HGet(r.t.Context(), keys.Val(), "rv").Val() != "sealed" {
			return false
		}
	}
	return true
}

// told tells whether a text holds a code that was sold.
func (r *rig) told(text string) bool {
	return slices.ContainsFunc(r.sold(), func(secret string) bool { return strings.Contains(text, secret) })
}

func newLeaf(t *testing.T, browser context.Context, scripts bool) *leaf {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	l := &leaf{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // its first context is the tab's own
		t.Fatalf("open a tab: %v", err)
	}
	l.do("forbid scripts", func(ctx context.Context) error {
		if scripts {
			return nil
		}
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
	return l
}

func (l *leaf) do(what string, act func(ctx context.Context) error) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, browserPatience)
	defer cancel()
	if err := act(ctx); err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
}

func (l *leaf) visit(address string) {
	l.t.Helper()
	l.do("open the link", func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(address)) })
}

// text is all that the page holds; nothing while it changes.
func (l *leaf) text() string {
	ctx, cancel := context.WithTimeout(l.ctx, 2*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.outerHTML + "\n" + document.documentElement.innerText`))
	if err != nil {
		return ""
	}
	return text
}

func (l *leaf) reads(parts ...string) {
	l.t.Helper()
	if !until(browserPatience, func() bool {
		text := l.text()
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
	}) {
		l.t.Fatalf("never read %q on:\n%s", parts, l.text())
	}
}

// without looks for a while at a page that must not hold a code.
func (l *leaf) without(r *rig, after string) {
	l.t.Helper()
	for range 12 {
		if r.told(l.text()) {
			l.t.Errorf("after %s the page holds a code", after)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// press presses the first button.
func (l *leaf) press() {
	l.t.Helper()
	l.reads("<form")
	l.do("press the button", func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`void document.querySelector("button.first").click()`))
	})
}

func (l *leaf) reload() {
	l.t.Helper()
	l.do("reload", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.Reload, page.ReloadParams{})
		return err
	})
}

// moves goes through the tab's history, as far as it reaches.
func (l *leaf) moves(step int) {
	l.t.Helper()
	l.do("go through the history", func(ctx context.Context) error {
		h, err := chromedp.Call(ctx, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		to := int(h.CurrentIndex) + step
		if to < 0 || to >= len(h.Entries) {
			return nil
		}
		_, err = chromedp.Call(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: h.Entries[to].ID})
		return err
	})
}

// kept names what the page left in the browser's storage.
func (l *leaf) kept() string {
	l.t.Helper()
	got := ""
	l.do("look into the storage", func(ctx context.Context) error {
		var err error
		got, err = chromedp.Run(ctx, chromedp.Evaluate[string](`(async () => [document.cookie, ...Object.keys(localStorage), ...Object.keys(sessionStorage),
			...(await caches.keys()), ...(await indexedDB.databases()).map((d) => d.name)].filter(Boolean).join(" "))()`, chromedp.EvalAwaitPromise))
		return err
	})
	return got
}

// photo writes a picture into the folder that SCREENSHOTS names, if it does.
func (l *leaf) photo(name string) {
	l.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	l.do("take a picture", func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 844, DeviceScaleFactor: 2, Mobile: true}); err != nil {
			return err
		}
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600)
	})
}
