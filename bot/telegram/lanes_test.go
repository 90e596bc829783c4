package telegram

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestThreat46LanesAreBounded(t *testing.T) {
	l := newLanes(5, 3)
	release := make(chan struct{})
	hold := func(context.Context, func() int) { <-release }
	for i := range 3 {
		if err := l.submit(t.Context(), amina, hold); err != nil {
			t.Fatalf("job %d: %v", i, err)
		}
	}
	if err := l.submit(t.Context(), amina, hold); !errors.Is(err, errChat) {
		t.Errorf("fourth job of a chat: %v, want %v", err, errChat)
	}
	for range 2 {
		if err := l.submit(t.Context(), omar, hold); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.submit(t.Context(), nadia, hold); !errors.Is(err, errBusy) {
		t.Errorf("sixth job: %v, want %v", err, errBusy)
	}
	close(release)
	l.close()
	if err := l.submit(t.Context(), nadia, hold); !errors.Is(err, errClosed) {
		t.Errorf("job after the end: %v, want %v", err, errClosed)
	}
	if !l.drain(soon(t)) {
		t.Error("lanes not drained")
	}
	if l.total != 0 || len(l.lanes) != 0 || len(l.running) != 0 {
		t.Errorf("left over: total %d, lanes %d, running %d", l.total, len(l.lanes), len(l.running))
	}
}

// A flood of 10,000 jobs of one chat meets errChat; memory and goroutines stay bounded.
func TestThreat46FloodOfOneChat(t *testing.T) {
	l := newLanes(workMost, workChat)
	release := make(chan struct{})
	before := runtime.NumGoroutine()
	taken := 0
	for range 10_000 {
		if l.submit(t.Context(), amina, func(context.Context, func() int) { <-release }) == nil {
			taken++
		}
	}
	if grown := runtime.NumGoroutine() - before; taken != workChat || grown > 3 {
		t.Errorf("took %d of a flood with %d goroutines more, want %d and one lane", taken, grown, workChat)
	}
	if err := l.submit(t.Context(), omar, func(context.Context, func() int) {}); err != nil {
		t.Errorf("another chat: %v", err)
	}
	close(release)
	l.close()
	l.drain(soon(t))
}

func TestDrainCutsOff(t *testing.T) {
	l := newLanes(9, 9)
	seen := make(chan error, 1)
	err := l.submit(t.Context(), amina, func(ctx context.Context, _ func() int) {
		<-ctx.Done()
		seen <- ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	l.close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if l.drain(ctx) {
		t.Error("drained while a job runs")
	}
	if err := <-seen; !errors.Is(err, context.Canceled) {
		t.Errorf("job's context: %v", err)
	}
}

func TestWindow(t *testing.T) {
	w := newWindow()
	w.show([]int64{10, 11, 12})
	for _, id := range []int64{10, 11, 12} {
		w.begin(id, amina)
	}
	steps := []struct {
		id      int64
		handled bool
		want    int64
	}{{11, true, 0}, {12, true, 0}, {10, false, 0}, {10, true, 13}}
	for i, s := range steps {
		w.settle(s.id, s.handled)
		if got := w.offset(); got != s.want {
			t.Errorf("step %d: offset %d, want %d", i, got, s.want)
		}
	}
	w.show([]int64{20, 21})
	w.begin(20, amina)
	w.begin(21, omar)
	w.settle(20, false)
	w.settle(21, true)
	if wanted, open := w.wants(20, amina); !wanted || open != 0 {
		t.Errorf("given back: wanted %v, open %d", wanted, open)
	}
	w.show([]int64{22}) // Telegram dropped 20 after a day
	if got := w.offset(); got != 22 {
		t.Errorf("offset %d after a dropped update, want 22", got)
	}
	w.show([]int64{20, 21, 22}) // a batch that was on its way when the offset moved
	if wanted, _ := w.wants(21, omar); wanted || w.open() != 1 {
		t.Errorf("wanted again %v, open %d, want 1", wanted, w.open())
	}
}
