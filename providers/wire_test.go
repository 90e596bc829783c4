package providers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/providers"

	"github.com/google/go-cmp/cmp"
)

const (
	token      = "TOKEN-41f7c2"
	queryValue = "QUERY-90aa11"
	bodyValue  = "BODY-5d5d5d"
)

// hijack ends the connection without an answer.
func hijack(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func wire(t *testing.T, o providers.WireOptions) *providers.Wire {
	t.Helper()
	o.Name = "test"
	w, err := providers.NewWire(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// purchase is a call with something secret in every place.
func purchase() providers.Call {
	return providers.Call{
		Name: "buy", Method: http.MethodPost, Path: "/secretpath", Query: url.Values{"q": {queryValue}}, Buys: true,
		Header: map[string]providers.Secret{"X-Access-Token": providers.NewSecret(token)}, Body: []byte(`{"b":"` + bodyValue + `"}`),
	}
}

// quotes tells whether an error text carries anything of the call or of the address.
func quotes(err error, address string) bool {
	text := fmt.Sprintf("%v %+v %q %#v", err, err, err, err)
	for _, part := range []string{token, queryValue, bodyValue, "secretpath", "http://", "https://", strings.TrimPrefix(address, "http://"), "127.0.0.1"} {
		if part != "" && strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func TestNewWireChecksTheAddress(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://api.example.com": true, "https://api.example.com/v1/": true, "http://127.0.0.1:8080": true, "http://localhost:1": true,
		"http://[::1]:80": true, "http://127.9.9.9": true,
		"http://api.example.com": false, "http://10.0.0.1": false, "http://localhost.evil.example": false, "http://127.0.0.1.evil.example": false,
		"ftp://127.0.0.1": false, "api.example.com": false, "": false, "https://": false, "://x": false,
	} {
		_, err := providers.NewWire(providers.WireOptions{Name: "shopname", BaseURL: address})
		if (err == nil) != ok {
			t.Errorf("%q: error %v, want accepted %v", address, err, ok)
		}
		if err != nil && !strings.Contains(err.Error(), "shopname") {
			t.Errorf("%q: the error does not name the supplier: %v", address, err)
		}
	}
}

func TestWireSendsTheCall(t *testing.T) {
	var got []string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = []string{
			r.Method, r.URL.RequestURI(), r.Header.Get("X-Access-Token"), r.Header.Get("Content-Type"), r.Header.Get("Accept"), string(body), r.Proto,
		}
		w.Header().Set("Retry-After", "9")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("answer"))
	})
	answer, err := wire(t, providers.WireOptions{BaseURL: address + "/v1/"}).Do(t.Context(), purchase())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(providers.Answer{Status: http.StatusTeapot, Body: []byte("answer"), RetryAfter: 9 * time.Second}, answer); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	want := []string{
		"POST", "/v1/secretpath?q=" + queryValue, token, "application/json", "application/json", `{"b":"` + bodyValue + `"}`, "HTTP/1.1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestWireFollowsNoRedirect(t *testing.T) {
	var followed atomic.Int64
	other := serve(t, func(http.ResponseWriter, *http.Request) { followed.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		address := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, status) })
		answer, err := wire(t, providers.WireOptions{BaseURL: address}).Do(t.Context(), purchase())
		if err != nil || answer.Status != status || followed.Load() != 0 {
			t.Errorf("%d: got HTTP %d, error %v, followed %d times", status, answer.Status, err, followed.Load())
		}
	}
}

func TestWireLimitsTheAnswer(t *testing.T) {
	for _, c := range []struct {
		bytes int
		ok    bool
	}{{99, true}, {100, true}, {101, false}, {1 << 20, false}} {
		address := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, c.bytes)) })
		answer, err := wire(t, providers.WireOptions{BaseURL: address, MaxBody: 100}).Do(t.Context(), purchase())
		if c.ok != (err == nil) || (c.ok && len(answer.Body) != c.bytes) {
			t.Errorf("%d bytes: got %d, error %v", c.bytes, len(answer.Body), err)
		}
		if !c.ok && (!errors.Is(err, providers.ErrUnknown) || errors.Is(err, providers.ErrNotSent)) {
			t.Errorf("%d bytes: got %v, want ErrUnknown", c.bytes, err)
		}
	}
}

// What is known after a call that failed, and that its error quotes nothing.
func TestThreat04WireFailures(t *testing.T) {
	failing := errors.New("failpoint")
	at := func(when string) func(context.Context, string) error {
		return func(_ context.Context, name string) error {
			if name == "supplier.test."+when {
				return failing
			}
			return nil
		}
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	fine := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	for _, c := range []struct {
		name, address string
		limit         time.Duration // of the caller's context; negative is one that has ended
		failpoint     func(context.Context, string) error
		want, not     error
		also          error
	}{
		{"refused connection", closed.URL, time.Minute, nil, providers.ErrNotSent, providers.ErrUnknown, nil},
		{"ended before", fine, -1, nil, providers.ErrNotSent, providers.ErrUnknown, context.DeadlineExceeded},
		{"failpoint before", fine, time.Minute, at("before"), providers.ErrNotSent, providers.ErrUnknown, failing},
		{"failpoint at the write", fine, time.Minute, at("write"), providers.ErrNotSent, providers.ErrUnknown, nil},
		{"failpoint after", fine, time.Minute, at("after"), providers.ErrUnknown, providers.ErrNotSent, failing},
		{"no answer in time", silent, time.Second, nil, providers.ErrUnknown, providers.ErrNotSent, context.DeadlineExceeded},
		{"cut before the answer", serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			hijack(w)
		}), time.Minute, nil, providers.ErrUnknown, providers.ErrNotSent, nil},
		{"cut in the answer", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half of " + bodyValue))
		}), time.Minute, nil, providers.ErrUnknown, providers.ErrNotSent, nil},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), c.limit)
		_, err := wire(t, providers.WireOptions{BaseURL: c.address, Failpoint: c.failpoint}).Do(ctx, purchase())
		cancel()
		if !errors.Is(err, c.want) || errors.Is(err, c.not) {
			t.Errorf("%s: got %v, want %v and not %v", c.name, err, c.want, c.not)
		}
		if c.also != nil && !errors.Is(err, c.also) {
			t.Errorf("%s: got %v, want it to wrap %v", c.name, err, c.also)
		}
		if quotes(err, c.address) {
			t.Errorf("%s: the error quotes the call: %v", c.name, err)
		}
		if err == nil || !strings.Contains(err.Error(), "test buy") {
			t.Errorf("%s: the error does not name supplier and call: %v", c.name, err)
		}
	}
}

func TestWireRefusesAnUnmakeableRequest(t *testing.T) {
	call := purchase()
	call.Method = "BAD METHOD " + token
	_, err := wire(t, providers.WireOptions{BaseURL: "http://127.0.0.1:1"}).Do(t.Context(), call)
	if !errors.Is(err, providers.ErrNotSent) || quotes(err, "") {
		t.Errorf("got %v, want ErrNotSent without the call's parts", err)
	}
}

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "5": 5 * time.Second, "-1": 0, "soon": 0, "999999": time.Hour, "Wed, 21 Oct 2030 07:28:00 GMT": 0,
	} {
		address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				w.Header().Set("Retry-After", header)
			}
		})
		answer, err := wire(t, providers.WireOptions{BaseURL: address}).Do(t.Context(), providers.Call{Name: "read", Method: http.MethodGet})
		if err != nil || answer.RetryAfter != want {
			t.Errorf("%q: got %s, error %v; want %s", header, answer.RetryAfter, err, want)
		}
	}
}

func TestThreat04DecodeJSONQuotesNothing(t *testing.T) {
	for _, body := range []string{`{"a":"` + canary, `<html>` + canary, `{"a":"` + canary + `"}`, `"` + canary + `"`, ``} {
		var into struct{ A int }
		err := providers.DecodeJSON([]byte(body), &into)
		if !errors.Is(err, providers.ErrUnknown) || leaked(err.Error()) {
			t.Errorf("got %v, want ErrUnknown without the content", err)
		}
	}
	var into struct{ A int }
	if err := providers.DecodeJSON([]byte(`{"a":7}`), &into); err != nil || into.A != 7 {
		t.Errorf("got %d, error %v", into.A, err)
	}
}

// TestWirePoints holds which calls the crash tests can break, and where: those that buy, and those by whose answer money moves.
func TestWirePoints(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	for _, c := range []struct {
		call providers.Call
		want []string
	}{
		{purchase(), []string{"supplier.test.before", "supplier.test.write", "supplier.test.after"}},
		{providers.Call{Name: "check", Method: http.MethodGet, Settles: true}, []string{"supplier.test.check.before", "supplier.test.check.after"}},
		{providers.Call{Name: "read", Method: http.MethodGet}, nil},
	} {
		var passed []string
		note := func(_ context.Context, name string) error { passed = append(passed, name); return nil }
		if _, err := wire(t, providers.WireOptions{BaseURL: address, Failpoint: note}).Do(t.Context(), c.call); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(passed, c.want) {
			t.Errorf("%s passes %q, want %q", c.call.Name, passed, c.want)
		}
	}
}
