package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newWorld serves a world until the test ends.
func newWorld(t *testing.T, o WorldOptions) *World {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	w, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	living, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- w.Serve(living) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return w
}

// events reads a stream: the data of its next event of a kind.
func events(t *testing.T, url string) func(kind string) string {
	t.Helper()
	req := mustRequest(t, url)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("stream is %s", got)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<22)
	return func(kind string) string {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == "event: "+kind && lines.Scan() {
				return strings.TrimPrefix(lines.Text(), "data: ")
			}
		}
		t.Fatalf("the stream ends without %s: %v", kind, lines.Err())
		return ""
	}
}

// roomUntil reads rooms until one is right.
func roomUntil(t *testing.T, next func(string) string, right func(roomView) bool) {
	t.Helper()
	for {
		var v roomView
		if err := json.Unmarshal([]byte(next("room")), &v); err != nil {
			t.Fatal(err)
		}
		if right(v) {
			return
		}
	}
}

func (v roomView) on(supplier string) []string {
	list := []string{}
	for _, d := range v.Suppliers {
		for _, s := range d.Switches {
			if d.Name == supplier && s.On {
				list = append(list, s.Name)
			}
		}
	}
	return list
}

func post(t *testing.T, url, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx(t), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestRoom(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	next := events(t, w.URL()+"/room/stream")
	next("clock")
	roomUntil(t, next, func(v roomView) bool {
		return v.Shop == nil && len(v.Suppliers) == 3 && len(v.on("giftz")) == 0 && v.Suppliers[0].Balance > 0
	})
	for _, tt := range []struct {
		path, body string
		status     int
	}{
		{"switch", `{"supplier":"giftz","name":"lost-answer","on":true}`, 200},
		{"switch", `{"supplier":"giftz","name":"down","on":true}`, 200},
		{"switch", `{"supplier":"giftz","name":"queued","on":true}`, 400},
		{"switch", `{"supplier":"nobody","name":"down","on":true}`, 400},
		{"switch", `{"surprise":1}`, 400},
		{"switch", `{"supplier":"ocpay","name":"late","on":true}`, 200},
		{"switch", `{"supplier":"ocpay","name":"late","on":false}`, 200},
		{"pay", `{"supplier":"ocpay","name":"OCPL-ABCDEF-1234"}`, 400},
		{"advance", `{"seconds":60}`, 200},
		{"advance", `{"seconds":-1}`, 400},
		{"advance", `{"seconds":99999999}`, 400},
		{"restart", `{}`, 400},
	} {
		if got := post(t, w.URL()+"/room/"+tt.path, tt.body); got != tt.status {
			t.Errorf("%s %s: %d, want %d", tt.path, tt.body, got, tt.status)
		}
	}
	roomUntil(t, next, func(v roomView) bool {
		return slices.Equal(v.on("giftz"), []string{"lost-answer", "down"}) && v.Offset == time.Minute
	})
	if time.Until(w.Telegram.now()) < 59*time.Second {
		t.Error("Telegram's clock stayed behind")
	}
}

func TestRoomRefusesOtherSites(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	req := mustRequest(t, w.URL()+"/room/stream")
	req.Header.Set("Origin", "https://evil.example")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site gets %d", resp.StatusCode)
	}
}

// TestSwitches flips every switch of every supplier on and off again, beside another that stays.
func TestSwitches(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	for _, d := range w.desks() {
		for _, l := range d.levers {
			other := "slow"
			if l.name == other {
				other = "down"
			}
			for _, step := range []struct {
				name string
				on   bool
				want []string
			}{
				{other, true, []string{other}}, {l.name, true, []string{other, l.name}}, {l.name, true, []string{other, l.name}},
				{l.name, false, []string{other}}, {other, false, []string{}},
			} {
				if err := w.Switch(d.name, step.name, step.on); err != nil {
					t.Fatal(err)
				}
				v, _, _, _ := w.view(0)
				got := v.on(d.name)
				slices.Sort(got)
				slices.Sort(step.want)
				if diff := cmp.Diff(step.want, got); diff != "" {
					t.Fatalf("%s, %s to %v (-want +got):\n%s", d.name, step.name, step.on, diff)
				}
			}
		}
	}
}

// TestParts looks at what each part alone answers.
func TestParts(t *testing.T) {
	tests := []struct {
		only                      string
		page, room, giftz, oneclk int
		settings                  []string
	}{
		{"", 200, 405, 200, 200, []string{"TELEGRAM_BOT_TOKEN", "GIFTZ_BASE_URL", "SHOP"}},
		{OnlyTelegram, 200, 404, 404, 404, []string{"TELEGRAM_BOT_TOKEN"}},
		{OnlySuppliers, 404, 404, 200, 200, []string{"GIFTZ_BASE_URL"}},
	}
	all := []string{"TELEGRAM_BOT_TOKEN", "GIFTZ_BASE_URL", "SHOP"}
	for _, tt := range tests {
		t.Run(tt.only, func(t *testing.T) {
			w := newWorld(t, WorldOptions{Only: tt.only})
			for path, want := range map[string]int{"/": tt.page, "/room/switch": tt.room,
				"/suppliers/giftz/_control/state": tt.giftz, "/suppliers/oneclickdz/_control/state": tt.oneclk} {
				resp, err := http.DefaultClient.Do(mustRequest(t, w.URL()+path))
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if resp.StatusCode != want {
					t.Errorf("%s: %d, want %d", path, resp.StatusCode, want)
				}
			}
			given := w.Settings()
			for _, name := range all {
				if _, ok := given[name]; ok != slices.Contains(tt.settings, name) {
					t.Errorf("%s given: %v", name, ok)
				}
			}
		})
	}
}
