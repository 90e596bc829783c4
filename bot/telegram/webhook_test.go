package telegram

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"cardrop/flows"
	"cardrop/providers"
)

const hookSecret = "s3cret_for-the-hook"

func newHookRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := newRig(t, func(o *Options) {
		o.WebhookURL, o.WebhookSecret = "https://shop.example/hook", providers.NewSecret(hookSecret)
		if change != nil {
			change(o)
		}
	})
	if _, err := r.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// post brings a body to the handler and returns the answer.
func (r *rig) post(t *testing.T, method string, body []byte, secrets ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, "/hook", bytes.NewReader(body))
	for _, s := range secrets {
		req.Header.Add(secretHeader, s)
	}
	w := httptest.NewRecorder()
	r.WebhookHandler().ServeHTTP(w, req)
	return w
}

func TestThreat29WebhookMatrix(t *testing.T) {
	good := []byte(privateMessage(`"text":"hello"`))
	tests := []struct {
		name    string
		method  string
		body    []byte
		secrets []string
		want    int
		effects int
	}{
		{"right", http.MethodPost, good, []string{hookSecret}, 200, 1},
		{"wrong secret", http.MethodPost, good, []string{"x" + hookSecret[1:]}, 401, 0},
		{"no secret", http.MethodPost, good, nil, 401, 0},
		{"empty secret", http.MethodPost, good, []string{""}, 401, 0},
		{"long secret", http.MethodPost, good, []string{strings.Repeat(hookSecret, 5000)}, 401, 0},
		{"doubled secret", http.MethodPost, good, []string{hookSecret, hookSecret}, 401, 0},
		{"right and wrong secret", http.MethodPost, good, []string{hookSecret, "other"}, 401, 0},
		{"get", http.MethodGet, nil, []string{hookSecret}, 405, 0},
		{"ten MiB", http.MethodPost, bytes.Repeat([]byte("a"), 10<<20), []string{hookSecret}, 413, 0},
		{"garbage", http.MethodPost, []byte("<xml>"), []string{hookSecret}, 400, 0},
		{"no update", http.MethodPost, []byte(`{"ok":true}`), []string{hookSecret}, 400, 0},
		{"cut", http.MethodPost, good[:40], []string{hookSecret}, 400, 0},
		{"unreadable body of an update", http.MethodPost, []byte(`{"update_id":3,"message":7}`), []string{hookSecret}, 200, 0},
		{"kind not handled", http.MethodPost, []byte(`{"update_id":3,"poll":{}}`), []string{hookSecret}, 200, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newHookRig(t, nil)
			w := r.post(t, tt.method, tt.body, tt.secrets...)
			effects := len(slices.Compact(r.desk.texts())) // a step that is tried again is one: the store knows the update
			if w.Code != tt.want || effects != tt.effects {
				t.Errorf("status %d with %d effects, want %d with %d", w.Code, effects, tt.want, tt.effects)
			}
			if strings.Contains(w.Body.String()+r.log.String(), hookSecret) {
				t.Error("the secret is in the answer or the log")
			}
		})
	}
}

func TestThreat31WebhookAnswersAfterTheEffect(t *testing.T) {
	clock := newStepClock()
	r := newHookRig(t, func(o *Options) { o.Now, o.Wait = clock.now, clock.wait })
	var away atomic.Bool
	away.Store(true)
	r.desk.handle = func(context.Context, flows.Input) (flows.Reply, error) {
		if away.Load() {
			return flows.Reply{}, errors.New("memory away")
		}
		return flows.Reply{}, nil
	}
	good := []byte(privateMessage(`"text":"hello"`))
	w := r.post(t, http.MethodPost, good, hookSecret)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("without memory: %d %v", w.Code, w.Header())
	}
	away.Store(false)
	for range 2 { // the same update twice: both reach the desk with the id by which it knows them
		if w := r.post(t, http.MethodPost, good, hookSecret); w.Code != http.StatusOK {
			t.Errorf("with memory: %d", w.Code)
		}
	}
	for _, in := range r.desk.inputs {
		if in.Update != 9 {
			t.Errorf("update %d, want 9", in.Update)
		}
	}
	r.lanes.close()
	if w := r.post(t, http.MethodPost, good, hookSecret); w.Code != http.StatusServiceUnavailable {
		t.Errorf("while stopping: %d", w.Code)
	}
}

func TestWebhookOverload(t *testing.T) {
	r := newHookRig(t, nil)
	release, begun := make(chan struct{}), make(chan struct{}, workChat)
	r.desk.handle = func(context.Context, flows.Input) (flows.Reply, error) {
		begun <- struct{}{}
		<-release
		return flows.Reply{}, nil
	}
	for range workChat {
		in := &flows.Input{Chat: amina, User: amina}
		if err := r.take(t.Context(), delivery{arrival: arrival{chat: amina, input: in}, settled: func(bool) {}}); err != nil {
			t.Fatal(err)
		}
	}
	<-begun
	if w := r.post(t, http.MethodPost, []byte(privateMessage(`"text":"one more"`)), hookSecret); w.Code != http.StatusServiceUnavailable {
		t.Errorf("overloaded chat: %d", w.Code)
	}
	close(release)
	r.lanes.close()
	r.lanes.drain(soon(t))
}

func TestWebhookRun(t *testing.T) {
	r := newHookRig(t, nil)
	r.start(t)
	if err := r.tg.Await(soon(t), func() bool { return len(r.calls("setWebhook")) == 1 }); err != nil {
		t.Fatal(err)
	}
	if c := r.calls("setWebhook")[0]; !c.OK {
		t.Errorf("setWebhook refused: %+v", c)
	}
	r.halt(t)
}

func TestSecretRules(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "a": true, strings.Repeat("a", 256): true, strings.Repeat("a", 257): false, "a b": false, "é": false, "A_z-9": true,
	} {
		if validSecret(text) != want {
			t.Errorf("secret of %d bytes: %v, want %v", len(text), !want, want)
		}
	}
}

// Telegram brings an update again until its effect is stored, and keeps a chat's order meanwhile.
func TestWebhookDelivery(t *testing.T) {
	r := newHookRig(t, nil)
	server := httptest.NewServer(r.WebhookHandler())
	t.Cleanup(server.Close)
	var failures atomic.Int32
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		if in.Text == "one" && failures.Add(1) <= 2 {
			return flows.Reply{}, errors.New("memory away")
		}
		return flows.Reply{Screens: []flows.Screen{{Text: "you said " + in.Text}}, Version: 1}, nil
	}
	r.say(t, amina, "one")
	r.say(t, amina, "two")
	r.say(t, omar, "three")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.setHook(ctx, server.URL, providers.NewSecret(hookSecret))
	r.shows(t, omar, "you said three")
	r.shows(t, amina, "you said two")
	if err := r.tg.Await(soon(t), func() bool { return r.tg.Pending() == 0 }); err != nil {
		t.Errorf("%d updates unconfirmed", r.tg.Pending())
	}
	var order []string
	for _, text := range r.visible(amina) {
		order = append(order, strings.TrimPrefix(text, "you said "))
	}
	if got := strings.Join(order, " "); got != "one two" {
		t.Errorf("replies %q, want one before two", got)
	}
}
