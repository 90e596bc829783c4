package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
)

// measured are metrics with every figure told once; the words that somebody else chose are told as well.
func measured(words ...string) *Metrics {
	labels := Labels{Suppliers: []string{"giftz"}, Calls: []string{"place"}, Outcomes: []string{"ok"}, States: []string{"fulfilled"},
		Updates: []string{"press"}, Fates: []string{"handled"}, Queues: []string{"sweep"}, Alarms: []string{"review"}, Money: []string{"VND"}}
	words = append(words, "giftz", "place", "ok", "fulfilled", "press", "handled", "sweep", "review", "VND", "evalsha")
	m := NewMetrics(labels, func(context.Context) (Figures, error) {
		f := Figures{Open: 3, Doubt: 1, Paused: words}
		for _, w := range words {
			f.Queues = append(f.Queues, Queue{w, 2, time.Second})
		}
		return f, nil
	})
	for _, w := range words {
		m.Update(w, w)
		m.Called(w, w, w, time.Second)
		m.Ended(w, w)
		m.Alarmed(w)
		m.Trip(w, time.Millisecond)
		m.Has(w, providers.Money{Minor: 1250, Currency: w})
	}
	m.Shown(time.Second)
	m.Removed(time.Second)
	return m
}

// scrape asks for the metrics as Prometheus does.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	rec := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	r.RemoteAddr = "127.0.0.1:1"
	near(m.handler()).ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		t.Fatalf("metrics answer %d", rec.Code)
	}
	return rec.Body.String()
}

// values are the values that labels take in a scrape, without buckets and what the collectors of the runtime write.
func values(text string) []string {
	set := map[string]bool{}
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "cardrop_") {
			continue
		}
		for _, pair := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(line, -1) {
			if pair[1] != "le" {
				set[pair[2]] = true
			}
		}
	}
	var all []string
	for v := range set {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// TestThreat09ClosedLabels: whatever a label is told, it takes a word of its set; ids and texts do not get into the metrics.
func TestThreat09ClosedLabels(t *testing.T) {
	want := []string{"VND", "evalsha", "fulfilled", "giftz", "handled", "ok", "other", "place", "press", "review", "sweep"}
	for range 3 {
		m := measured("K7M29QXW", "123456789", "a card with PSN-CODE-4711", "", "\xff\n\"")
		if diff := cmp.Diff(want, values(scrape(t, m))); diff != "" {
			t.Errorf("labels took (-want +got):\n%s", diff)
		}
	}
	if got := values(`cardrop_x{order="K7M29QXW",le="1"} 1`); !slices.Equal(got, []string{"K7M29QXW"}) {
		t.Errorf("a planted id is read as %q: the test sees nothing", got)
	}
}

// TestMetricsAreNear: callers from afar get what they get for any page that is not there, also through a proxy that stands near.
func TestMetricsAreNear(t *testing.T) {
	tests := []struct {
		from, header string
		want         int
	}{
		{"127.0.0.1:4711", "", http.StatusOK}, {"[::1]:4711", "", http.StatusOK}, {"172.18.0.5:4711", "", http.StatusOK},
		{"[fd00::5]:4711", "", http.StatusOK}, {"[::ffff:10.0.0.5]:4711", "", http.StatusOK},
		{"8.8.8.8:4711", "", http.StatusNotFound}, {"[2a01:4f8::1]:4711", "", http.StatusNotFound}, {"nonsense", "", http.StatusNotFound},
		{"127.0.0.1:4711", "X-Forwarded-For", http.StatusNotFound}, {"127.0.0.1:4711", "Forwarded", http.StatusNotFound},
	}
	for _, tt := range tests {
		rec := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		if r.RemoteAddr = tt.from; tt.header != "" {
			r.Header.Set(tt.header, "8.8.8.8")
		}
		near(measured().handler()).ServeHTTP(rec, r)
		if rec.Code != tt.want {
			t.Errorf("from %s %s: %d, want %d", tt.from, tt.header, rec.Code, tt.want)
		}
	}
}

// TestMetricsListener: the listener has one page.
func TestMetricsListener(t *testing.T) {
	s, err := ListenMetrics(t.Context(), "127.0.0.1:0", measured(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	for page, want := range map[string]int{"/metrics": 200, "/": 404, "/debug/pprof/": 404, "/readyz": 404, "/healthz": 404} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.at.Addr().String()+page, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s answers %d, want %d", page, resp.StatusCode, want)
		}
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// TestSilentRedisIsNoOldFigure: what cannot be read is absent, not as it was.
func TestSilentRedisIsNoOldFigure(t *testing.T) {
	m, away := measured(), false
	look := m.look
	m.look = func(ctx context.Context) (Figures, error) {
		if away {
			return Figures{}, errors.New("away")
		}
		return look(ctx)
	}
	if text := scrape(t, m); !strings.Contains(text, `cardrop_queue_length{queue="sweep"} 2`) || !strings.Contains(text, "cardrop_redis_silent 0") {
		t.Errorf("the first scrape lacks the queues:\n%s", text)
	}
	away = true
	if text := scrape(t, m); strings.Contains(text, "cardrop_queue_length{") || !strings.Contains(text, "cardrop_redis_silent 1") {
		t.Errorf("a scrape without Redis tells queues:\n%s", text)
	}
}

// TestDashboard: every metric on the dashboard exists, and every metric of the shop is on it.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for line := range strings.SplitSeq(scrape(t, measured()), "\n") {
		if name, ok := strings.CutPrefix(line, "# TYPE cardrop_"); ok {
			found["cardrop_"+strings.Fields(name)[0]] = true
		}
	}
	if len(found) < 10 {
		t.Fatalf("only %d metrics are found", len(found))
	}
	shown := map[string]bool{}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			for _, name := range regexp.MustCompile(`cardrop_\w+`).FindAllString(target.Expr, -1) {
				base := strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count")
				if shown[base] = true; !found[name] && !found[base] {
					t.Errorf("%s: there is no %s", p.Title, name)
				}
			}
		}
	}
	for name := range found {
		if !shown[name] {
			t.Errorf("%s is on no panel", name)
		}
	}
}
