package telegram

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/bot/demo"
)

// sharedBrakes keeps what processes tell each other.
type sharedBrakes struct {
	mu   sync.Mutex
	left map[int64]time.Duration
}

func (s *sharedBrakes) Throttle(_ context.Context, chat int64, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[chat] = d
	return nil
}

func (s *sharedBrakes) Throttled(context.Context) (map[int64]time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.left), nil
}

func newSendRig(t *testing.T) (*rig, *stepClock, *sharedBrakes) {
	t.Helper()
	clock, shared := newStepClock(), &sharedBrakes{left: map[int64]time.Duration{}}
	r := newRig(t, func(o *Options) { o.Now, o.Wait, o.Throttle = clock.now, clock.wait, shared })
	r.say(t, amina, "/start")
	r.say(t, omar, "/start")
	return r, clock, shared
}

func (r *rig) fault(t *testing.T, f demo.Fault) {
	t.Helper()
	if err := r.tg.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

func TestFloodControlHoldsOneChat(t *testing.T) {
	r, clock, shared := newSendRig(t)
	r.fault(t, demo.Fault{Method: "sendMessage", ChatID: amina, Kind: demo.FaultFlood, RetryAfter: 7})
	text := message{text: "hello"}
	if _, err := r.out.send(t.Context(), errand{chat: amina, rank: rankReply, patience: time.Second}, text); code(err) != 429 {
		t.Fatalf("impatient call: %v", err)
	}
	if len(clock.slept) != 0 {
		t.Errorf("slept %v", clock.slept)
	}
	if diff := cmp.Diff(map[int64]time.Duration{amina: 7 * time.Second}, shared.left); diff != "" {
		t.Errorf("shared (-want +got):\n%s", diff)
	}
	if _, err := r.out.send(t.Context(), errand{chat: omar, rank: rankReply}, text); err != nil {
		t.Errorf("another chat: %v", err)
	}
	if err := r.out.remove(t.Context(), errand{chat: amina}, 1); err != nil {
		t.Errorf("deletion in the held chat: %v", err)
	}
	before := len(r.calls("sendMessage"))
	if _, err := r.out.send(t.Context(), errand{chat: amina, rank: rankReply, patience: time.Second}, text); code(err) != 429 {
		t.Errorf("held chat: %v", err)
	}
	if n := len(r.calls("sendMessage")); n != before {
		t.Error("the held chat was called")
	}
	if _, err := r.out.send(t.Context(), errand{chat: amina, rank: rankReply, patience: 10 * time.Second}, text); err != nil {
		t.Errorf("patient call: %v", err)
	}
	if diff := cmp.Diff([]time.Duration{7 * time.Second}, clock.slept); diff != "" {
		t.Errorf("slept (-want +got):\n%s", diff)
	}
}

func TestBrakesOfOtherProcesses(t *testing.T) {
	r, _, shared := newSendRig(t)
	shared.left[0] = time.Minute
	if err := r.out.brakes.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.out.send(t.Context(), errand{chat: amina}, message{text: "x"}); code(err) != 429 {
		t.Errorf("send while the whole bot is held: %v", err)
	}
	if err := r.out.remove(t.Context(), errand{chat: amina}, 1); err != nil {
		t.Errorf("deletion: %v", err)
	}
}

func TestWhatIsRepeated(t *testing.T) {
	tests := []struct {
		name  string
		fault demo.Fault
		send  int // messages in the chat after a send with this fault once; -1: the send fails
		calls int
	}{
		{"cut before", demo.Fault{Kind: demo.FaultCutBefore}, -1, 1},
		{"cut after", demo.Fault{Kind: demo.FaultCutAfter}, -1, 1},
		{"html 502", demo.Fault{Kind: demo.FaultHTML}, 1, 2},
		{"500", demo.Fault{Kind: demo.FaultError, Code: 500, Description: "Internal Server Error"}, 1, 2},
		{"400", demo.Fault{Kind: demo.FaultError, Code: 400, Description: "Bad Request: no"}, -1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _, _ := newSendRig(t)
			tt.fault.Method = "sendMessage"
			r.fault(t, tt.fault)
			_, err := r.out.send(t.Context(), errand{chat: amina, rank: rankReply}, message{text: "x"})
			if (err != nil) != (tt.send < 0) || len(r.calls("sendMessage")) != tt.calls {
				t.Errorf("send: %v after %d calls, want %d", err, len(r.calls("sendMessage")), tt.calls)
			}
			id, err := r.out.send(t.Context(), errand{chat: omar, rank: rankReply}, message{text: "y"})
			if err != nil {
				t.Fatal(err)
			}
			if tt.fault.Code == 400 {
				return
			}
			for _, method := range []string{"editMessageText", "deleteMessage"} {
				tt.fault.Method, tt.fault.Times = method, 2
				r.fault(t, tt.fault)
			}
			if err := r.out.edit(t.Context(), errand{chat: omar}, id, message{text: "z"}); err != nil {
				t.Errorf("edit: %v", err)
			}
			if err := r.out.remove(t.Context(), errand{chat: omar}, id); err != nil {
				t.Errorf("remove: %v", err)
			}
		})
	}
}

func TestGateLetsDeletionsFirst(t *testing.T) {
	g := newGate(1, 0)
	if err := g.enter(t.Context(), rankNotice); err != nil {
		t.Fatal(err)
	}
	order := make(chan rank, 3)
	var all sync.WaitGroup
	for i, r := range []rank{rankNotice, rankReply, rankDelete} {
		all.Go(func() {
			if err := g.enter(t.Context(), r); err != nil {
				t.Error(err)
			}
			order <- r
			g.leave()
		})
		queued(t, g, i+1)
	}
	g.leave()
	all.Wait()
	if a, b, c := <-order, <-order, <-order; a != rankDelete || b != rankReply || c != rankNotice {
		t.Errorf("order %v %v %v", a, b, c)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = g.enter(t.Context(), rankReply)
	if err := g.enter(ctx, rankDelete); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled wait: %v", err)
	}
	g.leave()
	if g.free != 1 {
		t.Errorf("free %d, want 1", g.free)
	}
}

// queued waits until n callers stand before the gate.
func queued(t *testing.T, g *gate, n int) {
	t.Helper()
	ctx := soon(t)
	for {
		g.mu.Lock()
		waiting := len(g.waiting[rankDelete]) + len(g.waiting[rankReply]) + len(g.waiting[rankNotice])
		g.mu.Unlock()
		if waiting == n {
			return
		}
		if err := rest(ctx, time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPlacesForDeletions(t *testing.T) {
	g := newGate(3, 1)
	for range 2 {
		if err := g.enter(t.Context(), rankReply); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := g.enter(ctx, rankReply); err == nil {
		t.Error("a reply took the place of deletions")
	}
	if err := g.enter(t.Context(), rankDelete); err != nil {
		t.Errorf("deletion: %v", err)
	}
}

func TestNoticesArePaced(t *testing.T) {
	clock := newStepClock()
	b := newBrakes(clock.now, nil)
	var last time.Duration
	for range 31 {
		last = b.pace()
	}
	if last < 990*time.Millisecond || last > 1010*time.Millisecond {
		t.Errorf("the 31st notice leaves after %v, want a second", last)
	}
}

func TestBackoff(t *testing.T) {
	for try, want := range map[int]time.Duration{1: 100, 2: 200, 3: 400, 5: 1000, 5000: 1000} {
		if got := backoff(try, 100, 1000); got != want {
			t.Errorf("try %d: %v, want %v", try, got, want)
		}
	}
}
