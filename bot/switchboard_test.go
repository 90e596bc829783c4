package main

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// hookSecret is the webhook's secret of these tests.
const hookSecret = "a-secret-of-the-switchboard"

// switchboard stands where Telegram brings its updates, passes each on to one of the programs behind it in turn, and keeps what came.
type switchboard struct {
	server  *httptest.Server
	client  http.Client
	mu      sync.Mutex
	addrs   []string
	next    int
	bodies  [][]byte       // in the order in which they came, repetitions left out
	seen    map[string]int // body → how often it came
	through map[string]int // program → updates it took
}

// newSwitchboard opens one; serve names the programs behind it.
func newSwitchboard(t *testing.T) *switchboard {
	t.Helper()
	b := &switchboard{seen: map[string]int{}, through: map[string]int{}}
	b.client.Timeout = 40 * time.Second
	b.client.Transport = &http.Transport{MaxIdleConnsPerHost: 500}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "cut", http.StatusBadRequest)
			return
		}
		b.keep(body)
		for _, addr := range b.turns() {
			resp, err := b.pass(r, addr, body)
			if err != nil {
				continue // that program is being replaced
			}
			maps.Copy(w.Header(), resp.Header)
			w.WriteHeader(resp.StatusCode)
			_ = resp.Body.Close()
			return
		}
		http.Error(w, "nobody", http.StatusBadGateway)
	}))
	t.Cleanup(b.server.Close)
	return b
}

// settings make a program take its updates from here.
func (b *switchboard) settings() map[string]string {
	return map[string]string{"TELEGRAM_WEBHOOK_URL": b.server.URL + "/telegram/hook", "TELEGRAM_WEBHOOK_SECRET": hookSecret}
}

func (b *switchboard) keep(body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen[string(body)]++; b.seen[string(body)] == 1 {
		b.bodies = append(b.bodies, body)
	}
}

// serve has these programs take the updates, in turn.
func (b *switchboard) serve(addrs ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addrs = addrs
}

// turns are the programs, beginning with the one whose turn it is.
func (b *switchboard) turns() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.addrs) == 0 {
		return nil
	}
	b.next = (b.next + 1) % len(b.addrs)
	return append(slices.Clone(b.addrs[b.next:]), b.addrs[:b.next]...)
}

// pass brings an update to a program as Telegram does.
func (b *switchboard) pass(r *http.Request, addr string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "http://"+addr+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	resp, err := b.client.Do(req)
	if err == nil && resp.StatusCode == http.StatusOK {
		b.mu.Lock()
		b.through[addr]++
		b.mu.Unlock()
	}
	return resp, err
}

// bring brings an update to a program by hand and tells its answer's status.
func (b *switchboard) bring(t *testing.T, body []byte) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+b.turns()[0]+"/telegram/hook", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", hookSecret)
	resp, err := b.client.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// recorded are all updates that came so far.
func (b *switchboard) recorded() [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([][]byte(nil), b.bodies...)
}

// took is how many updates a program took.
func (b *switchboard) took(addr string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.through[addr]
}
