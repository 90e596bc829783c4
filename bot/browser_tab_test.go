package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// view is a window, in CSS pixels, and the language of its browser.
type view struct {
	width, height int64
	language      string
}

func desktop() view { return view{1280, 900, "en"} }
func wide() view    { return view{1920, 1080, "en"} }
func tablet() view  { return view{834, 1112, "en"} }
func phone() view   { return view{390, 844, "en"} }

// tab is one page of the browser on a demo of its own, with everything that went wrong in it.
type tab struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // of the tab, which lives as long
	demo *stand

	mu      sync.Mutex
	wrong   []string
	chooser cdp.BackendNodeID // the input that asks for a file; zero when none does
}

// newTab starts a demo and opens its page. Errors in the console, failed requests and requests to other places fail the test at its end.
func newTab(t *testing.T, around context.Context, v view) *tab {
	t.Helper()
	return newTabOn(t, around, v, os.Getenv("PATH"))
}

// newTabOn does so with a demo that looks for its redis-server on another PATH.
func newTabOn(t *testing.T, around context.Context, v view, path string) *tab {
	t.Helper()
	p := &tab{t: t, demo: newStand(t, path, "127.0.0.1:0")}
	t.Cleanup(p.demo.end)
	ctx, cancel := chromedp.NewContext(around, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.hear))
	p.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		t.Fatalf("open a tab: %v", err)
	}
	t.Cleanup(func() {
		p.mu.Lock()
		wrong := p.wrong
		p.mu.Unlock()
		for _, what := range wrong {
			t.Error(what)
		}
		if t.Failed() {
			p.photo("failed-" + strings.NewReplacer("/", "-", " ", "-").Replace(t.Name()))
		}
		cancel()
	})
	p.do("listen", func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
		return err
	})
	p.window(v)
	p.speak(v.language)
	p.theme("light")
	p.do("focus", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
	p.do("open the page", func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(p.demo.url+"/")) })
	p.learn()
	return p
}

// learn brings the probes onto the page and waits until it is drawn.
func (p *tab) learn() {
	p.t.Helper()
	probes, err := os.ReadFile("testdata/probes.js")
	if err != nil {
		p.t.Fatal(err)
	}
	p.do("bring the probes", func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(probes)))
	})
	p.see("the page", `document.querySelectorAll("section[data-persona]").length >= 5 && document.querySelector("[data-shop]")?.dataset.state === "open"`)
}

// hear keeps what goes wrong. It is called by the browser's own goroutine.
func (p *tab) hear(event any) {
	wrong := ""
	switch e := event.(type) {
	case *page.EventFileChooserOpened:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.chooser = e.BackendNodeID
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			text, _ := json.Marshal(e.Args)
			wrong = fmt.Sprintf("console %s: %s", e.Type, text)
		}
	case *runtime.EventExceptionThrown:
		text, _ := json.Marshal(e.ExceptionDetails)
		wrong = "exception: " + string(text)
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			wrong = fmt.Sprintf("console %s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventLoadingFailed:
		wrong = fmt.Sprintf("request failed: %s %s", e.Type, e.ErrorText)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, p.demo.url+"/") {
			wrong = "request to another place: " + e.Request.URL
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			wrong = fmt.Sprintf("request refused: %d %s", e.Response.Status, e.Response.URL)
		}
	}
	if wrong != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wrong = append(p.wrong, wrong)
	}
}

// do runs something in the tab, within the patience.
func (p *tab) do(what string, act func(ctx context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserPatience)
	defer cancel()
	if err := act(ctx); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// ask evaluates an expression on the page; a promise is waited for.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	var got T
	p.do("ask for "+expression, func(ctx context.Context) error {
		var err error
		got, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
		return err
	})
	return got
}

// see waits until an expression is true on the page.
func (p *tab) see(what, expression string) {
	p.t.Helper()
	for end := time.Now().Add(browserPatience); !ask[bool](p, "Boolean("+expression+")"); time.Sleep(40 * time.Millisecond) {
		if time.Now().After(end) {
			hidden := ask[string](p, `[...document.querySelectorAll("section[data-persona]")].map((s) => s.textContent.trim()).join("\n")`)
			p.t.Fatalf("never seen: %s; on the screens of %q:\n%s\nall phones:\n%s\n%s", what, ask[string](p, `document.title`),
				ask[string](p, `document.body.innerText`), hidden, p.demo.log)
		}
	}
}

// spot is where a click would go.
type spot struct {
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	Free bool    `json:"free"`
	Over string  `json:"over"`
}

// click presses a node with the mouse as soon as it is there, rests and nothing lies over it.
func (p *tab) click(what, node string) {
	p.t.Helper()
	var before spot
	met := ""
	for end := time.Now().Add(browserPatience); ; time.Sleep(40 * time.Millisecond) {
		now := ask[spot](p, "probe.place("+node+")")
		if now.Free && now == before {
			p.do("click", func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.MouseClickXY(now.X, now.Y)) })
			if met = ask[string](p, "probe.met()"); met == "aim" {
				return
			}
		}
		before = now
		if time.Now().After(end) {
			p.t.Fatalf("%s was never clicked: over it lies %q, met %q; on the screens:\n%s\n%s", what, now.Over, met, ask[string](p, `document.body.innerText`), p.demo.log)
		}
	}
}

// press clicks the newest key of a person's open chat whose label holds the text.
func (p *tab) press(who int64, label string) {
	p.t.Helper()
	p.click("the key "+label, fmt.Sprintf("probe.key(%d, %q)", who, label))
}

// say types a text into a person's composer and sends it with the button.
func (p *tab) say(who int64, text string) {
	p.t.Helper()
	p.click("the composer", fmt.Sprintf(`probe.phone(%d).querySelector("[data-say]")`, who))
	p.keys(text)
	p.click("the send button", fmt.Sprintf(`probe.phone(%d).querySelector("[data-send]")`, who))
}

// keys types on the keyboard, wherever the focus is.
func (p *tab) keys(text string, options ...chromedp.KeyOption) {
	p.t.Helper()
	p.do("type", func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.KeyEvent(text, options...)) })
}

// enter presses the Enter key.
func (p *tab) enter() { p.t.Helper(); p.keys(kb.Enter) }

// shows waits until the newest messages of a person hold a text.
func (p *tab) shows(who int64, text string) {
	p.t.Helper()
	p.see(text, fmt.Sprintf("probe.newest(%d, %q)", who, text))
}

// holds puts the phone of a seat into a person's hands.
func (p *tab) holds(who int64) {
	p.t.Helper()
	p.click("the person", fmt.Sprintf("document.querySelector('[data-pick=\"%d\"]')", who))
	p.see("the person's phone", fmt.Sprintf("!probe.phone(%d).hidden", who))
}

// window gives the page a size.
func (p *tab) window(v view) {
	p.t.Helper()
	p.do("resize", func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.EmulateViewport(v.width, v.height)) })
}

// speak sets the browser's language; pages that are opened later read it.
func (p *tab) speak(language string) {
	p.t.Helper()
	p.do("set the language", func(ctx context.Context) error {
		agent, err := chromedp.Run(ctx, chromedp.Evaluate[string]("navigator.userAgent"))
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: language})
		return err
	})
}

// theme asks for light or dark colors.
func (p *tab) theme(name string) {
	p.t.Helper()
	p.do("set the theme", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	})
}

// allow gives the page permissions.
func (p *tab) allow(names ...string) {
	p.t.Helper()
	p.do("allow", func(ctx context.Context) error {
		for _, name := range names {
			_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: name},
				Setting: "granted", BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// photo writes a picture of the page into the folder that SCREENSHOTS names, if it does.
func (p *tab) photo(name string) {
	p.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, browserPatience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600)
	}
	if err != nil {
		p.t.Errorf("picture %s: %v", name, err)
	}
}
