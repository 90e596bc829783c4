package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	giftz "cardrop/providers/giftz/sandbox"
)

// downloadsFiles downloads the codes of six cards and a statement by clicks. What lies on the disk is what the supplier's books and the
// screen say; the file with codes goes from the chat at its time.
func downloadsFiles(p *tab) {
	dir := p.downloads()
	p.say(omar, "/start")
	p.orders("grab", "Grab (Vietnam)", "Grab 20.000", "+1", "+1", "+1", "+1", "+1", "Continue with 6", "Confirm", english().show)
	file := p.downloaded(dir, "cards-", ".txt")
	var sold []giftz.Sold
	p.demo.get("/suppliers/giftz/_control/sold", &sold)
	if len(sold) != 1 || len(sold[0].Codes) != 6 {
		p.t.Fatalf("the supplier has %d sales", len(sold))
	}
	for i, code := range sold[0].Codes {
		if strings.Count(file, code) == 0 {
			p.t.Errorf("code %d of the supplier's books is not in the file of %d bytes", i+1, len(file))
		}
	}
	if ask[bool](p, fmt.Sprintf("probe.text(%d).includes(%q)", omar, sold[0].Codes[0])) {
		p.t.Error("a code of the file is on the screen")
	}
	p.ahead(600)
	p.see("the file is gone", fmt.Sprintf(`!probe.phone(%d).querySelector("[data-messages] a[data-file]")`, omar))

	p.say(omar, "/statement")
	p.shows(omar, "Before:") // the order's message has a button with the same picture
	p.stepped(omar, "📄")
	table := p.downloaded(dir, "statement", ".csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 3 {
		p.t.Fatalf("the statement has %d rows, %v", len(rows), err)
	}
	paid := slices.ContainsFunc(rows, func(row []string) bool { return strings.Contains(strings.Join(row, " "), "690") })
	if !paid {
		p.t.Errorf("the statement does not tell of the six cards:\n%s", table)
	}
}

// downloads lets the page write files into a folder, which is returned.
func (p *tab) downloads() string {
	p.t.Helper()
	dir := p.t.TempDir()
	p.do("allow downloads", func(ctx context.Context) error {
		_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: "allow", DownloadPath: dir,
			BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID})
		return err
	})
	return dir
}

// downloaded clicks the newest file on Omar's phone and reads what lies on the disk afterwards, under the name that the phone shows.
func (p *tab) downloaded(dir, prefix, suffix string) string {
	p.t.Helper()
	link := fmt.Sprintf(`[...probe.phone(%d).querySelectorAll('[data-messages] a[data-file][download^="%s"]')].at(-1)`, omar, prefix)
	p.see("a file", link)
	name := ask[string](p, link+`.download`)
	if !strings.HasSuffix(name, suffix) || !ask[bool](p, fmt.Sprintf("%s.innerText.includes(%q)", link, name)) {
		p.t.Errorf("the file is called %q", name)
	}
	p.click("the file", link)
	for end := time.Now().Add(browserPatience); ; time.Sleep(40 * time.Millisecond) {
		busy, _ := filepath.Glob(filepath.Join(dir, "*.crdownload"))
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && len(content) > 0 && len(busy) == 0 {
			return string(content)
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s was never downloaded: %v", name, err)
		}
	}
}

// sendsAReceipt fills a wallet by post: the picture goes by the 📎 key, and the admin's phone shows the same one.
func sendsAReceipt(p *tab) {
	receipt, sum := p.picture()
	p.say(nadia, "/start")
	p.say(omar, "/topup")
	for _, label := range []string{"CCP", "2,000", "Confirm"} {
		p.stepped(omar, label)
	}
	p.shows(omar, "Our reference")
	p.attaches(omar, receipt)
	p.shows(omar, "Still missing")
	p.see("the customer's own picture", fmt.Sprintf(`probe.messages(%d).some((m) => m.classList.contains("mine") && m.querySelector("img")?.naturalWidth === 40)`, omar))
	p.say(omar, "00123456789")
	p.shows(omar, "Received")
	p.see("the picture on the admin's phone", fmt.Sprintf(`probe.messages(%d).some((m) => m.querySelector("img")?.naturalWidth === 40 && m.querySelector("img").checkVisibility() && m.innerText.includes("00123456789"))`, nadia))
	address := ask[string](p, fmt.Sprintf(`probe.messages(%d).findLast((m) => m.querySelector("img")).querySelector("img").src`, nadia))
	resp, err := http.Get(address) //nolint:noctx,gosec // the demo's own address
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got := sha256.New()
	if _, err := io.Copy(got, resp.Body); err != nil || hex.EncodeToString(got.Sum(nil)) != sum {
		p.t.Errorf("the admin sees another picture than was sent, %v", err)
	}
	if u, err := url.Parse(address); err != nil || u.Host != strings.TrimPrefix(p.demo.url, "http://") {
		p.t.Errorf("the picture comes from %s", address)
	}
	p.stepped(nadia, "Claim")
	p.photo("receipt")
}

// picture writes a small picture and returns its path and hash.
func (p *tab) picture() (path, sum string) {
	p.t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range 40 * 30 {
		m.Set(i%40, i/40, color.RGBA{uint8(i), uint8(i / 5), 90, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		p.t.Fatal(err)
	}
	path = filepath.Join(p.t.TempDir(), "receipt.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		p.t.Fatal(err)
	}
	hash := sha256.Sum256(b.Bytes())
	return path, hex.EncodeToString(hash[:])
}

// attaches presses the 📎 key of a person and chooses a file in the dialog that opens.
func (p *tab) attaches(who int64, path string) {
	p.t.Helper()
	p.do("catch the dialog", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: true})
		return err
	})
	p.click("the key for pictures", fmt.Sprintf(`probe.phone(%d).querySelector("[data-attach]")`, who))
	asked := func() cdp.BackendNodeID { p.mu.Lock(); defer p.mu.Unlock(); return p.chooser }
	for end := time.Now().Add(browserPatience); asked() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatal("the key asked for no file")
		}
	}
	p.do("choose", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, BackendNodeID: asked()})
		return err
	})
}

// waitsForAnAnswer asks a supplier that takes long for a price: the phone says that somebody is typing, until the answer is there.
func waitsForAnAnswer(p *tab) {
	busy := fmt.Sprintf(`probe.phone(%d).querySelector("[data-typing]").checkVisibility() && probe.phone(%d).querySelector(".status").innerText.includes("typing")`, omar, omar)
	p.say(omar, "/start")
	p.orders("grab", "Grab (Vietnam)", "Grab 20.000")
	if ask[bool](p, busy) {
		p.t.Error("somebody types for nothing")
	}
	p.demo.post("/suppliers/giftz/_control/faults", giftz.Trouble{Fault: giftz.Slow, Path: "get-available-vouchers", For: 4 * time.Second})
	p.press(omar, english().one)
	p.see("somebody is typing", busy)
	p.photo("typing")
	p.see("the price", fmt.Sprintf("probe.key(%d, %q)", omar, english().confirm))
	p.see("nobody is typing any more", "!("+busy+")")
}
