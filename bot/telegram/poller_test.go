package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
)

// A webhook of former times is removed before the first poll, and what waited for it is not dropped.
func TestPollingRemovesWebhook(t *testing.T) {
	r := newRig(t, nil)
	setHook := newHookRig(t, func(o *Options) { o.APIURL = r.url })
	hooked, cancel := context.WithCancel(t.Context())
	go func() { setHook.setHook(hooked, "https://127.0.0.1:9/hook", setHook.secret) }()
	if err := r.tg.Await(soon(t), func() bool { return len(r.calls("setWebhook")) == 1 }); err != nil {
		t.Fatal(err)
	}
	cancel()
	r.say(t, amina, "waiting")
	r.start(t)
	r.shows(t, amina, "you said waiting")
	r.halt(t)
}

// Two processes: only the holder of the lease polls; when it is lost, polling ends.
func TestOnePoller(t *testing.T) {
	r := newRig(t, nil)
	lease := r.opts.Leases.(*sole)
	lease.other = true
	r.start(t)
	r.say(t, amina, "hello")
	if err := r.tg.Await(soon(t), func() bool { return len(r.calls("getMe")) == 1 }); err != nil {
		t.Fatal(err)
	}
	_ = rest(t.Context(), 100*time.Millisecond) // long enough for a poll that must not happen
	if len(r.desk.texts()) != 0 || len(r.calls("deleteWebhook")) != 0 {
		t.Error("polled without the lease")
	}
	r.halt(t)
	if len(lease.drops) != 0 {
		t.Error("gave back a lease it never had")
	}
}

func TestLeaseLost(t *testing.T) {
	clock := newStepClock()
	r := newRig(t, func(o *Options) { o.Now = clock.now; o.Wait = clock.wait })
	lease := r.opts.Leases.(*sole)
	lease.other = true
	done := make(chan struct{})
	go func() { r.poller.renew(t.Context()); close(done) }()
	select {
	case <-done:
	case <-soon(t).Done():
		t.Error("renewal goes on without the lease")
	}
	broken := &brokenLease{}
	r.leases = broken
	r.poller.renew(t.Context())
	if broken.asked < 1 || broken.asked > 3 {
		t.Errorf("asked %d times before giving up; the lease lives %v", broken.asked, leaseLife)
	}
}

type brokenLease struct{ asked int }

func (l *brokenLease) TakeLease(context.Context, string, time.Duration) (bool, error) {
	l.asked++
	return false, errors.New("memory away")
}
func (l *brokenLease) DropLease(context.Context, string) error { return nil }

func TestPollFailures(t *testing.T) {
	tests := []struct {
		name  string
		fault demo.Fault
		want  time.Duration
	}{
		{"flood", demo.Fault{Kind: demo.FaultFlood, RetryAfter: 9}, 9 * time.Second},
		{"other poller", demo.Fault{Kind: demo.FaultError, Code: http.StatusConflict, Description: "Conflict: terminated by other getUpdates request"}, conflictFor},
		{"proxy", demo.Fault{Kind: demo.FaultHTML}, 500 * time.Millisecond},
		{"network", demo.Fault{Kind: demo.FaultCutBefore}, 500 * time.Millisecond},
		{"answer lost", demo.Fault{Kind: demo.FaultCutAfter}, 500 * time.Millisecond},
		{"token", demo.Fault{Kind: demo.FaultError, Code: http.StatusUnauthorized, Description: "Unauthorized"}, 30 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, clock, _ := newSendRig(t)
			tt.fault.Method = "getUpdates"
			r.fault(t, tt.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r.poller.window = newWindow()
			r.desk.handle = func(context.Context, flows.Input) (flows.Reply, error) {
				cancel()
				return flows.Reply{}, nil
			}
			r.poller.poll(ctx)
			if len(r.desk.texts()) == 0 {
				t.Error("no update after the failure")
			}
			if len(clock.slept) == 0 || clock.slept[0] != tt.want {
				t.Errorf("waited %v, want %v first", clock.slept, tt.want)
			}
			r.lanes.close()
			r.lanes.drain(soon(t))
		})
	}
}

// While one chat's update cannot be stored, those behind it are handled, once each, and a flood of that chat stays out.
func TestStuckHeadDoesNotStopOthers(t *testing.T) {
	r := newRig(t, nil)
	release := make(chan struct{})
	var mu sync.Mutex
	seen := map[string]int{}
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		if in.Text == "head" {
			<-release
		}
		mu.Lock()
		defer mu.Unlock()
		seen[in.Text]++
		return flows.Reply{}, nil
	}
	r.say(t, amina, "head")
	for i := range 40 {
		r.say(t, amina, fmt.Sprint("a", i))
	}
	r.start(t)
	for i := range 30 {
		r.say(t, omar, fmt.Sprint("o", i))
	}
	counted := func(want int) {
		t.Helper()
		ctx := soon(t)
		for {
			mu.Lock()
			n := len(seen)
			mu.Unlock()
			if n == want {
				return
			}
			if err := rest(ctx, 5*time.Millisecond); err != nil {
				t.Fatalf("%d handled, want %d", n, want)
			}
		}
	}
	counted(30)
	if n := r.tg.Pending(); n != 71 {
		t.Errorf("%d unconfirmed, want all 71", n)
	}
	close(release)
	counted(71)
	r.halt(t)
	for text, n := range seen {
		if n != 1 {
			t.Errorf("%s handled %d times", text, n)
		}
	}
	if n := r.tg.Pending(); n != 0 {
		t.Errorf("%d unconfirmed", n)
	}
	got := strings.Join(r.desk.texts(), " ")
	at := -1
	for i := range 40 {
		next := strings.Index(got+" ", fmt.Sprintf("a%d ", i))
		if next < at {
			t.Fatalf("a%d out of order", i)
		}
		at = next
	}
}
