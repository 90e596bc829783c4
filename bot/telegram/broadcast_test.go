package telegram

import (
	"context"
	"net/http"
	"testing"
	"time"

	"cardrop/flows"
)

// TestWhatBecameOfAnAnnouncement: only what surely was not sent is sent again, and what may have been sent never is.
func TestWhatBecameOfAnAnnouncement(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		fate  flows.Fate
		after time.Duration
	}{
		"sent":        {nil, flows.FateSent, 0},
		"blocked":     {&apiError{code: http.StatusForbidden, text: "Forbidden: bot was blocked by the user"}, flows.FateBlocked, 0},
		"deleted":     {&apiError{code: http.StatusBadRequest, text: "Bad Request: chat not found"}, flows.FateBlocked, 0},
		"flood":       {&apiError{code: http.StatusTooManyRequests, wait: 7 * time.Second}, flows.FateAgain, 7 * time.Second},
		"their fault": {&apiError{code: http.StatusBadGateway}, flows.FateAgain, 0},
		"refused":     {&apiError{code: http.StatusBadRequest, text: "Bad Request: message is too long"}, flows.FateFailed, 0},
		"cut after":   {&wireError{sent: true}, flows.FateUnsure, 0},
		"cut before":  {&wireError{}, flows.FateAgain, 0},
		"never began": {context.DeadlineExceeded, flows.FateAgain, 0},
	} {
		if fate, after := castFate(c.err); fate != c.fate || after != c.after {
			t.Errorf("%s: %s after %s, want %s after %s", name, fate, after, c.fate, c.after)
		}
	}
}

// TestAnnouncementsStandBehind: 25 a second at most, behind the notices that are booked and the replies that left, and none for a while after a
// refusal.
func TestAnnouncementsStandBehind(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	b := newBrakes(func() time.Time { return now }, nil)
	book := func() time.Duration { return b.nextCast().Round(time.Millisecond) }
	if a, z := book(), book(); a != 0 || z != 40*time.Millisecond {
		t.Errorf("two announcements leave in %s and %s", a, z)
	}
	now = now.Add(time.Minute)
	for range 30 {
		b.pace()
	}
	if d := book(); d != time.Second {
		t.Errorf("behind 30 notices one leaves in %s", d)
	}
	if d := b.pace().Round(time.Millisecond); d != 1033*time.Millisecond {
		t.Errorf("behind an announcement a notice leaves in %s", d)
	}
	now = now.Add(time.Minute)
	for range 300 {
		b.overtake()
	}
	if d := book(); d < 900*time.Millisecond || d > time.Second {
		t.Errorf("behind many replies one leaves in %s", d)
	}
	now = now.Add(time.Minute)
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
		b.easeCast(3 * time.Second)
		b.easeCast(3 * time.Second) // another one that had left already
		if d := book(); d != want {
			t.Errorf("after a refusal one leaves in %s, want %s", d, want)
		}
		now = now.Add(want + 100*time.Millisecond)
	}
}
