package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pauses is a Wait that takes no time and remembers what was asked.
type pauses struct {
	mu   sync.Mutex
	list []time.Duration
}

func (p *pauses) wait(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, d)
	return ctx.Err()
}

// receiver is a webhook that answers what answer says, by the text of the update.
func receiver(t *testing.T, answer func(w http.ResponseWriter, u gotUpdate, secret string)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var u gotUpdate
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil || u.Message == nil {
			t.Errorf("update: %v %+v", err, u)
			return
		}
		answer(w, u, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestWebhookRetries(t *testing.T) {
	p := &pauses{}
	r := newRig(t, Options{Wait: p.wait})
	var mu sync.Mutex
	tries := map[string]int{}
	var got []string
	url := receiver(t, func(w http.ResponseWriter, u gotUpdate, secret string) {
		mu.Lock()
		defer mu.Unlock()
		if secret != "s-1" {
			t.Errorf("secret %q", secret)
		}
		tries[u.Message.Text]++
		switch n := tries[u.Message.Text]; {
		case u.Message.Text == "one" && n <= 3:
			w.WriteHeader(http.StatusInternalServerError)
			return
		case u.Message.Text == "two" && n == 1:
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		got = append(got, u.Message.Text)
	})
	r.say(amina, "one")
	r.say(amina, "two")
	r.ok("setWebhook", fields{"url": url, "secret_token": "s-1"})
	r.watched("delivery", func() bool { return r.Pending() == 0 })
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" {
		t.Errorf("order: %s", diff)
	}
	want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 17 * time.Second}
	if diff := cmp.Diff(want, p.list); diff != "" {
		t.Errorf("pauses: %s", diff)
	}
	var info struct {
		Error string `json:"last_error_message"`
	}
	if err := json.Unmarshal(r.call("getWebhookInfo", nil).Result, &info); err != nil || info.Error != "wrong response from the webhook: 503 Service Unavailable" {
		t.Errorf("info %+v, %v", info, err)
	}
}

// TestWebhookChats holds one chat's update back: that chat waits, the other does not.
func TestWebhookChats(t *testing.T) {
	r := newRig(t, Options{})
	release := make(chan struct{})
	var mu sync.Mutex
	var got []string
	url := receiver(t, func(_ http.ResponseWriter, u gotUpdate, _ string) {
		if u.Message.Text == "a1" {
			<-release
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, u.Message.Text)
	})
	r.ok("setWebhook", fields{"url": url, "max_connections": 2})
	for _, s := range []struct {
		user int64
		text string
	}{{amina, "a1"}, {amina, "a2"}, {omar, "o1"}, {omar, "o2"}} {
		r.say(s.user, s.text)
	}
	r.watched("Omar's updates", func() bool { return r.Pending() == 2 })
	mu.Lock()
	if diff := cmp.Diff([]string{"o1", "o2"}, got); diff != "" {
		t.Errorf("while Amina's chat waits: %s", diff)
	}
	mu.Unlock()
	close(release)
	r.watched("all updates", func() bool { return r.Pending() == 0 })
	mu.Lock()
	defer mu.Unlock()
	if slices.Index(got, "a1") > slices.Index(got, "a2") {
		t.Errorf("order in a chat: %v", got)
	}
}

func TestWebhookConnectionLimit(t *testing.T) {
	r := newRig(t, Options{})
	var mu sync.Mutex
	now, most := 0, 0
	entered := make(chan struct{}, 8)
	release := make(chan struct{})
	url := receiver(t, func(http.ResponseWriter, gotUpdate, string) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		entered <- struct{}{}
		<-release
		mu.Lock()
		now--
		mu.Unlock()
	})
	r.ok("setWebhook", fields{"url": url, "max_connections": 2})
	for _, user := range []int64{amina, omar, nadia} {
		r.say(user, "hello")
	}
	<-entered
	<-entered
	close(release)
	r.watched("all updates", func() bool { return r.Pending() == 0 })
	mu.Lock()
	defer mu.Unlock()
	if most != 2 {
		t.Errorf("%d connections at once, want 2", most)
	}
}

func TestWebhookEndsAndDrops(t *testing.T) {
	waiting := make(chan struct{}, 100)
	r := newRig(t, Options{Wait: func(ctx context.Context, _ time.Duration) error {
		waiting <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}})
	url := receiver(t, func(w http.ResponseWriter, _ gotUpdate, _ string) { w.WriteHeader(http.StatusBadGateway) })
	r.ok("setWebhook", fields{"url": url})
	r.say(amina, "kept")
	<-waiting
	r.ok("deleteWebhook", nil)
	if diff := cmp.Diff([]string{"kept"}, texts(r.updates(nil))); diff != "" {
		t.Errorf("an update that failed waits for the poller: %s", diff)
	}
	r.ok("setWebhook", fields{"url": url, "drop_pending_updates": true})
	if n := r.Pending(); n != 0 {
		t.Errorf("%d updates after dropping", n)
	}
	r.say(amina, "again")
	r.ok("deleteWebhook", fields{"drop_pending_updates": true})
	if n := r.Pending(); n != 0 {
		t.Errorf("%d updates after deleteWebhook with dropping", n)
	}
}
