package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/flows"
	"cardrop/flows/checkout"
	"cardrop/providers"
)

// The code, the link and the address of these tests.
const (
	secret = "CODE-<b>&1234"
	someLk = "/l/en/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	shopAt = "https://shop.example"
)

// door is the pages in front of a shop that says what the test wants.
type door struct {
	*Links
	t      *testing.T
	log    bytes.Buffer
	asked  atomic.Int64
	answer func(ctx context.Context, c checkout.Caller, file bool, show func(context.Context, checkout.Parcel) error) error
	now    time.Time
}

func newDoor(t *testing.T, https bool) *door {
	t.Helper()
	words, err := flows.NewWords(flows.WordsOptions{Default: "en", Timezone: time.UTC, Currency: "DZD"})
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, now: time.Unix(1_800_000_000, 0)}
	d.answer = func(ctx context.Context, c checkout.Caller, file bool, show func(context.Context, checkout.Parcel) error) error {
		return show(ctx, parcel(c.Language, file))
	}
	d.Links, err = NewLinks(LinkOptions{HTTPS: https, Words: words, Now: func() time.Time { return d.now }, Log: slog.New(slog.NewJSONHandler(&d.log, nil)),
		Open: func(ctx context.Context, _ string, c checkout.Caller, file bool, show func(context.Context, checkout.Parcel) error) error {
			d.asked.Add(1)
			return d.answer(ctx, c, file, show)
		}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parcel(language string, file bool) checkout.Parcel {
	return checkout.Parcel{Recipient: checkout.Recipient{Order: "K7M29QXW", Title: "PSN 10 EUR", Language: language, File: file, Life: time.Minute},
		Kind: providers.GiftCard, Cards: []providers.Card{{Code: providers.NewSecret(secret), Serial: providers.NewSecret("S-1")}}}
}

// goes makes a request through the compose file's proxy, or as the change says.
func (d *door) goes(method, target string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), method, shopAt+target, strings.NewReader(form.Encode()))
	r.TLS = nil
	r.RemoteAddr = "172.18.0.3:4711"
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	r.Header.Set("X-Forwarded-Proto", "https")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range change {
		c(r)
	}
	w := recorder{httptest.NewRecorder()}
	d.ServeHTTP(w, r)
	return w.ResponseRecorder
}

// recorder takes the limit that a real answer has.
type recorder struct{ *httptest.ResponseRecorder }

// SetWriteDeadline is there for http.ResponseController.
func (recorder) SetWriteDeadline(time.Time) error { return nil }

// TestOnlyTheButtonOpens: previews, scanners and clients that fetch ahead burn nothing, and learn nothing of the link.
func TestOnlyTheButtonOpens(t *testing.T) {
	d := newDoor(t, true)
	want := d.goes(http.MethodGet, someLk, nil)
	if want.Code != http.StatusOK || !strings.Contains(want.Body.String(), `<form method="post"`) {
		t.Fatalf("%d %s", want.Code, want.Body)
	}
	other := d.goes(http.MethodGet, "/l/en/x", nil)
	if other.Body.String() != want.Body.String() || other.Code != want.Code {
		t.Error("the page of another link is another page")
	}
	for _, ahead := range []string{"Purpose", "Sec-Purpose", "X-Moz"} {
		d.goes(http.MethodGet, someLk, nil, func(r *http.Request) { r.Header.Set(ahead, "prefetch") })
	}
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		d.goes(method, someLk, nil)
	}
	if n := d.asked.Load(); n != 0 {
		t.Errorf("the shop was asked %d times", n)
	}
}

// TestEveryAnswerKeepsToItself looks at the headers of each kind of answer.
func TestEveryAnswerKeepsToItself(t *testing.T) {
	d := newDoor(t, true)
	dead := func(context.Context, checkout.Caller, bool, func(context.Context, checkout.Parcel) error) error {
		return checkout.ErrNotFound
	}
	shows := d.answer
	for _, c := range []struct {
		name, method, target string
		answer               func(context.Context, checkout.Caller, bool, func(context.Context, checkout.Parcel) error) error
		status               int
	}{
		{"closed", http.MethodGet, someLk, shows, 200}, {"cards", http.MethodPost, someLk, shows, 200}, {"dead", http.MethodPost, someLk, dead, 404},
		{"gone", http.MethodGet, "/l/ar/gone", shows, 200}, {"style", http.MethodGet, "/l/link.css", shows, 200}, {"script", http.MethodGet, "/l/link.js", shows, 200},
		{"nothing", http.MethodGet, "/l/x", shows, 404},
	} {
		d.answer = c.answer
		w := d.goes(c.method, c.target, url.Values{})
		h := w.Header()
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.name, w.Code, c.status)
		}
		for name, part := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Content-Security-Policy": "frame-ancestors 'none'", "Strict-Transport-Security": "max-age=", "X-Robots-Tag": "noindex",
		} {
			if !strings.Contains(h.Get(name), part) {
				t.Errorf("%s: %s is %q", c.name, name, h.Get(name))
			}
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", c.name, csp)
		}
		if body := w.Body.String(); strings.Contains(body, " style=") || strings.Contains(body, "<script>") || strings.Contains(body, " onclick=") {
			t.Errorf("%s holds what its policy forbids", c.name)
		}
	}
}

func TestTheCards(t *testing.T) {
	d := newDoor(t, true)
	var seen checkout.Caller
	shows := d.answer
	d.answer = func(ctx context.Context, c checkout.Caller, file bool, show func(context.Context, checkout.Parcel) error) error {
		seen = c
		return shows(ctx, c, file, show)
	}
	w := d.goes(http.MethodPost, strings.Replace(someLk, "/en/", "/ar/", 1), url.Values{"as": {"page"}}, func(r *http.Request) { r.Header.Set("User-Agent", "Test/1") })
	body := w.Body.String()
	if !strings.Contains(body, `dir="rtl"`) || !strings.Contains(body, `<bdi dir="ltr" class="secret">CODE-&lt;b&gt;&amp;1234</bdi>`) || w.Header().Get("Refresh") != "60; url=gone" {
		t.Errorf("%v\n%s", w.Header(), body)
	}
	if seen != (checkout.Caller{Address: "203.0.113.9", Agent: "Test/1", Language: "ar"}) {
		t.Errorf("%+v", seen)
	}
	w = d.goes(http.MethodPost, someLk, url.Values{"as": {"file"}})
	if w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("Content-Disposition") != `attachment; filename="cards-K7M29QXW.txt"` ||
		!strings.Contains(w.Body.String(), secret+"\n") {
		t.Errorf("%v\n%s", w.Header(), w.Body)
	}
	if strings.Contains(d.log.String(), secret) {
		t.Error("the log holds the code")
	}
}

// TestWhatIsNotShown: dead links have one answer; a trouble of ours another, and neither panic nor trouble tells what it was about.
func TestWhatIsNotShown(t *testing.T) {
	d := newDoor(t, true)
	for _, c := range []struct {
		err    error
		status int
	}{
		{checkout.ErrNotFound, 404}, {errors.Join(checkout.ErrNotFound, errors.New("used")), 404}, {checkout.ErrClosed, 503}, {checkout.ErrDelivery, 503},
		{checkout.ErrKeyMissing, 503},
	} {
		d.answer = func(context.Context, checkout.Caller, bool, func(context.Context, checkout.Parcel) error) error {
			return c.err
		}
		w := d.goes(http.MethodPost, someLk, url.Values{})
		if w.Code != c.status || strings.Contains(w.Body.String(), c.err.Error()) {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
	}
	d.answer = func(context.Context, checkout.Caller, bool, func(context.Context, checkout.Parcel) error) error {
		panic(secret)
	}
	if w := d.goes(http.MethodPost, someLk, url.Values{}); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String()+d.log.String(), secret) {
		t.Errorf("a panic: %d %s %s", w.Code, w.Body, d.log.String())
	}
	d.answer = func(ctx context.Context, c checkout.Caller, file bool, show func(context.Context, checkout.Parcel) error) error {
		return errors.Join(show(ctx, parcel(c.Language, file)), checkout.ErrNotFound) // begun: no second page follows
	}
	if w := d.goes(http.MethodPost, someLk, url.Values{}); strings.Count(w.Body.String(), "<html") != 1 {
		t.Errorf("two pages in one answer: %s", w.Body)
	}
}

// TestOnlyOverHTTPS: no code leaves over a connection that others read, and only a near proxy is believed whom it speaks for.
func TestOnlyOverHTTPS(t *testing.T) {
	for _, c := range []struct {
		https                         bool
		peer, forwardedFor, forwarded string
		from                          string // empty: refused
	}{
		{true, "172.18.0.3:1", "203.0.113.9", "https", "203.0.113.9"},
		{true, "172.18.0.3:1", "198.51.100.1, 203.0.113.9", "https", "203.0.113.9"},
		{true, "[::1]:1", "2001:db8::7", "https", "2001:db8::7"},
		{true, "172.18.0.3:1", "203.0.113.9", "http", ""},
		{true, "172.18.0.3:1", "203.0.113.9", "", ""},
		{true, "172.18.0.3:1", "nonsense", "https", ""},
		{true, "172.18.0.3:1", "", "", ""},
		{true, "203.0.113.9:1", "10.0.0.1", "https", ""},
		{true, "203.0.113.9:1", "", "https", ""},
		{true, "127.0.0.1:1", "", "", "127.0.0.1"},
		{false, "127.0.0.1:1", "", "", "127.0.0.1"},
		{false, "127.0.0.1:1", "203.0.113.9", "https", ""},
		{false, "192.168.1.7:1", "", "", ""},
	} {
		d := newDoor(t, c.https)
		from := ""
		d.answer = func(_ context.Context, caller checkout.Caller, _ bool, _ func(context.Context, checkout.Parcel) error) error {
			from = caller.Address
			return checkout.ErrNotFound
		}
		w := d.goes(http.MethodPost, someLk, url.Values{}, func(r *http.Request) {
			r.RemoteAddr = c.peer
			r.Header.Del("X-Forwarded-For")
			r.Header.Del("X-Forwarded-Proto")
			if c.forwardedFor != "" {
				r.Header.Set("X-Forwarded-For", c.forwardedFor)
			}
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-Proto", c.forwarded)
			}
		})
		if from != c.from || (c.from == "") != (w.Code == http.StatusForbidden) {
			t.Errorf("%+v: from %q, status %d", c, from, w.Code)
		}
	}
}

func TestPagesHaveAPace(t *testing.T) {
	d := newDoor(t, true)
	from := func(address string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Forwarded-For", address) }
	}
	status := 0
	for range linkBurst + 1 {
		status = d.goes(http.MethodPost, someLk, url.Values{}, from("2001:db8::1")).Code
	}
	if status != http.StatusTooManyRequests || d.asked.Load() != linkBurst {
		t.Errorf("status %d after %d", status, d.asked.Load())
	}
	if w := d.goes(http.MethodGet, someLk, nil, from("2001:db8::ffff")); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("a neighbor in the same network: %d", w.Code)
	}
	if w := d.goes(http.MethodGet, someLk, nil, from("2001:db8:0:1::1")); w.Code != http.StatusOK {
		t.Errorf("somebody else: %d", w.Code)
	}
	d.now = d.now.Add(2 * linkEvery)
	if w := d.goes(http.MethodGet, someLk, nil, from("2001:db8::1")); w.Code != http.StatusOK {
		t.Errorf("after a while: %d", w.Code)
	}
}
