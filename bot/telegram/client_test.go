package telegram

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-telegram/bot"

	"cardrop/bot/demo"
	"cardrop/providers"
)

const (
	secretToken = "987654321:AAcanary_TOKEN-canary"
	codeCanary  = "KX7P-CANARY-0042"
)

// caller is a bot against a server of its own.
func caller(t *testing.T, h http.Handler, change func(*Options)) *Bot {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o := Options{Token: providers.NewSecret(secretToken), APIURL: server.URL, Words: plainWording{}, Leases: &sole{}}
	clock := newStepClock()
	o.Now, o.Wait = clock.now, clock.wait
	if change != nil {
		change(&o)
	}
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// However a call fails, its error holds neither the token nor a code that the server sent back.
func TestThreat04ErrorsHoldNoSecret(t *testing.T) {
	echo := `"` + codeCanary + ` /bot` + secretToken + `/sendMessage"`
	shapes := map[string]http.HandlerFunc{
		"refused with an echo": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"ok":false,"error_code":400,"description":`+echo+`}`)
		},
		"server's own failure with an echo": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `{"ok":false,"error_code":500,"description":`+echo+`}`)
		},
		"html from a proxy": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html>"+echo)
		},
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1,"text":`+echo)
		},
		"result of another shape": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"ok":true,"result":`+echo+`}`)
		},
		"too long": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"ok":true,"result":"`+strings.Repeat(codeCanary, maxAnswer/10)+`"}`)
		},
		"hang-up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere"+r.URL.Path, http.StatusTemporaryRedirect)
		},
	}
	for name, h := range shapes {
		t.Run(name, func(t *testing.T) {
			err := caller(t, h, nil).SendNotice(t.Context(), amina, codeCanary)
			if err == nil {
				t.Fatal("no error")
			}
			checkClean(t, err)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		b := caller(t, http.NotFoundHandler(), func(o *Options) { o.APIURL = "http://127.0.0.1:1" })
		err := b.SendNotice(t.Context(), amina, codeCanary)
		var broken *wireError
		if !errors.As(err, &broken) || broken.sent {
			t.Errorf("error %v, want one that says it was not sent", err)
		}
		checkClean(t, err)
	})
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		})
		err := caller(t, h, nil).SendNotice(ctx, amina, codeCanary)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want canceled", err)
		}
		checkClean(t, err)
	})
	t.Run("polling", func(t *testing.T) {
		_, err := caller(t, shapes["half an answer"], nil).wire.updates(t.Context(), updatesAsked{})
		checkClean(t, err)
	})
}

// checkClean looks at an error and everything it wraps.
func checkClean(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for ; err != nil; err = errors.Unwrap(err) {
		for _, canary := range []string{secretToken, "AAcanary", codeCanary, "/bot9876"} {
			if strings.Contains(err.Error(), canary) {
				t.Errorf("error %q holds %q", err, canary)
			}
		}
	}
}

// A redirect is not followed: it would carry the token elsewhere.
func TestRedirectIsNotFollowed(t *testing.T) {
	requests := 0
	b := caller(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, "/elsewhere"+r.URL.Path, http.StatusTemporaryRedirect)
	}), nil)
	if err := b.SendNotice(t.Context(), amina, "x"); err == nil || requests != 1 {
		t.Errorf("error %v after %d requests, want one", err, requests)
	}
}

func TestRefusalKeepsItsWords(t *testing.T) {
	err := &apiError{method: "editMessageText", code: 400, text: "Bad Request: message to edit not found (ABCD-1234, SECRETCODE, BUTTON_DATA_INVALID)"}
	const want = "telegram editMessageText: 400 Bad Request: message to edit not found … … BUTTON_DATA_INVALID)"
	if err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestAddresses(t *testing.T) {
	tests := []struct {
		address  string
		insecure bool
		ok       bool
	}{
		{"https://api.telegram.org", false, true},
		{"https://api.telegram.org/", false, true},
		{"http://127.0.0.1:8081", false, true},
		{"http://[::1]:8081", false, true},
		{"http://localhost:8081", false, true},
		{"http://api.telegram.org", false, false},
		{"http://api.telegram.org", true, false},
		{"http://10.0.0.5", false, false},
		{"http://10.0.0.5", true, true},
		{"http://telegram:8081", true, true},
		{"http://telegram:8081", false, false},
		{"http://8.8.8.8", true, false},
		{"https://user:pass@api.telegram.org", false, false},
		{"ftp://localhost", true, false},
		{"api.telegram.org", false, false},
		{"", true, false},
	}
	for _, tt := range tests {
		if _, err := checkAddress(tt.address, tt.insecure); (err == nil) != tt.ok {
			t.Errorf("%q insecure %v: %v, want ok %v", tt.address, tt.insecure, err, tt.ok)
		}
	}
	for _, token := range []string{"", "42", "42:", ":a", "42:a/b", "42:a?b", "x:a", "42:a:b", "42:a b"} {
		if validToken(token) {
			t.Errorf("token %q is taken", token)
		}
	}
}

// Every request carries its length and one whole body, also when connections die under it and buffers are used again.
func TestBodiesAreWholeAndTheirOwn(t *testing.T) {
	tg := demo.New(demo.Options{Token: secretToken, Username: "ShopBot", Cast: demo.DefaultCast(nadia)})
	t.Cleanup(tg.Close)
	if _, err := tg.Say(amina, amina, "hi"); err != nil {
		t.Fatal(err)
	}
	inner := tg.Handler()
	b := caller(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength <= 0 || len(r.TransferEncoding) != 0 {
			t.Errorf("length %d, encoding %v", r.ContentLength, r.TransferEncoding)
		}
		inner.ServeHTTP(w, r)
	}), nil)
	want := map[string]bool{}
	var all sync.WaitGroup
	for i := range 60 {
		text := strings.Repeat(string(rune('a'+i%26)), 10+i*30)
		want[text] = true
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			if i%7 == 0 {
				cancel() // a caller that gives up must not hand its buffer to another too early
			}
			defer cancel()
			if err := b.SendNotice(ctx, amina, text); err != nil && i%7 != 0 {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sent := 0
	for _, m := range tg.Messages(amina) {
		if m.FromBot {
			sent++
			if !want[m.Text] {
				t.Errorf("message of %d bytes was never written", len(m.Text))
			}
		}
	}
	if sent < 50 {
		t.Errorf("%d messages arrived", sent)
	}
}

func TestPayloadIsWipedAndReturnedLast(t *testing.T) {
	var pool bodies
	p, err := pool.fill(strings.NewReader(codeCanary))
	if err != nil {
		t.Fatal(err)
	}
	held := p.buf.Bytes()[:len(codeCanary):len(codeCanary)]
	first, second := p.reader(), p.reader()
	p.done()
	_ = first.Close()
	_ = first.Close()
	if got, err := io.ReadAll(second); err != nil || string(got) != codeCanary || !p.sent() {
		t.Errorf("read %q, %v, sent %v", got, err, p.sent())
	}
	_ = second.Close()
	if bytes.Contains(held, []byte(codeCanary)) {
		t.Error("buffer went back with its content")
	}
	if _, err := second.Read(make([]byte, 1)); !errors.Is(err, errBodyClosed) {
		t.Errorf("read after close: %v", err)
	}
}

func TestFailpoints(t *testing.T) {
	stop := errors.New("stopped here")
	for _, at := range []string{"before", "after"} {
		var seen []string
		b := caller(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			seen = append(seen, "server")
			_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
		}), func(o *Options) {
			o.Failpoint = func(_ context.Context, name string) error {
				seen = append(seen, name)
				if name == "telegram.sendMessage."+at {
					return stop
				}
				return nil
			}
		})
		err := b.SendNotice(t.Context(), amina, "x")
		var broken *wireError
		if !errors.Is(err, stop) || !errors.As(err, &broken) || broken.sent != (at == "after") {
			t.Errorf("%s: %v", at, err)
		}
		if got := strings.Join(seen, " "); (at == "after") != strings.Contains(got, "server") {
			t.Errorf("%s: calls %q", at, got)
		}
	}
}

var _ bot.HttpClient = (*wire)(nil)
