package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const chat = int64(-100123)

// say saves the chat's talk at a version.
func (s *kit) say(version, update int64) (int64, error) {
	return s.SaveTalk(s.ctx, Talk{Chat: chat, Version: version, Body: fmt.Appendf(nil, `{"at":%d}`, version), Language: "fr"}, update)
}

func (s *kit) redraws() []int64 {
	s.t.Helper()
	talks, err := s.DueRedraws(s.ctx, 10)
	s.ok(err)
	chats := make([]int64, len(talks))
	for i, id := range talks {
		chats[i] = id.Chat
	}
	return chats
}

func TestATalkHasVersions(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		talk, err := s.LoadTalk(s.ctx, chat, 1)
		s.ok(err)
		if diff := cmp.Diff(Talk{Chat: chat, Body: []byte{}}, talk); diff != "" {
			t.Errorf("a chat that never talked:\n%s", diff)
		}
		for v := range int64(12) { // passes from one digit to two
			got, err := s.say(v, 100+v)
			s.ok(err)
			if got != v+1 {
				t.Fatalf("version %d after %d", got, v)
			}
		}
		before := s.dump()
		for _, v := range []int64{0, 1, 11, 13} {
			_, err := s.say(v, 200)
			s.is(err, ErrStale)
		}
		s.unchanged(before)
		talk, err = s.LoadTalk(s.ctx, chat, 200)
		s.ok(err)
		want := Talk{Chat: chat, Version: 12, Body: []byte(`{"at":11}`), Language: "fr"}
		if diff := cmp.Diff(want, talk, cmpopts.IgnoreFields(Talk{}, "Since")); diff != "" {
			t.Error(diff)
		}
		s.about("since", talk.Since, s.now())
	})
}

func TestOneOfTwoSavesWins(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				if _, err := s.say(0, int64(i+1)); err == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d saves of one version", won.Load())
		}
	})
}

func TestUpdatesAreRememberedAndBounded(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for v := range int64(120) {
			update := 1000 + v
			if v%10 == 9 {
				update = 0 // a save that comes from no update
			}
			_, err := s.say(v, update)
			s.ok(err)
		}
		seen := func(update int64) bool {
			talk, err := s.LoadTalk(s.ctx, chat, update)
			s.ok(err)
			return talk.Seen
		}
		remembered := 0
		for v := range int64(120) {
			if seen(1000 + v) {
				remembered++
				if v < 60 || v%10 == 9 {
					t.Errorf("update %d is remembered", 1000+v)
				}
			}
		}
		if remembered != updatesRemembered || !seen(1118) {
			t.Errorf("%d updates are remembered", remembered)
		}
		for _, odd := range []int64{0, 111, 18, 1, 11, 11181} { // pieces of remembered ids
			if seen(odd) {
				t.Errorf("update %d was never handled", odd)
			}
		}
	})
}

func TestAReplyThatWasLostIsDrawnAgain(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		_, err := s.say(0, 1)
		s.ok(err)
		s.pass(4 * time.Second)
		if chats := s.redraws(); len(chats) != 0 {
			t.Errorf("redrawn too early: %v", chats)
		}
		s.pass(2 * time.Second)
		if diff := cmp.Diff([]int64{chat}, s.redraws()); diff != "" {
			t.Error(diff)
		}
		if chats := s.redraws(); len(chats) != 0 {
			t.Errorf("redrawn by two: %v", chats)
		}
		s.pass(21 * time.Second)
		if diff := cmp.Diff([]int64{chat}, s.redraws()); diff != "" {
			t.Error(diff)
		}
		_, err = s.say(1, 2) // takes the redraw over from whoever has it
		s.ok(err)
		s.holds(keyspace{"leases:redraw": nil})
		s.ok(s.Drawn(s.ctx, TalkID{Chat: chat}, 2, 70))
		s.pass(time.Hour)
		if chats := s.redraws(); len(chats) != 0 {
			t.Errorf("drawn, and redrawn: %v", chats)
		}
		talk, err := s.LoadTalk(s.ctx, chat, 0)
		s.ok(err)
		if talk.Live != 70 || talk.Version != 2 {
			t.Errorf("live message %d of version %d", talk.Live, talk.Version)
		}
	})
}

func TestANewerVersionKeepsItsRedraw(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for v := range int64(2) {
			_, err := s.say(v, v+1)
			s.ok(err)
		}
		s.ok(s.Drawn(s.ctx, TalkID{Chat: chat}, 1, 70))
		s.pass(6 * time.Second)
		if diff := cmp.Diff([]int64{chat}, s.redraws()); diff != "" {
			t.Error(diff)
		}
		s.ok(s.Drawn(s.ctx, TalkID{Chat: chat}, 2, 0))
		talk, err := s.LoadTalk(s.ctx, chat, 0)
		s.ok(err)
		if talk.Live != 70 {
			t.Errorf("live message %d", talk.Live)
		}
		s.holds(keyspace{"due:redraw": nil, "leases:redraw": nil})
	})
}

func TestLeasesHaveOneHolder(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		two := s.other()
		take := func(p *Store) bool {
			held, err := p.TakeLease(s.ctx, "poll", 10*time.Second)
			s.ok(err)
			return held
		}
		if !take(s.Store) || take(two) {
			t.Fatal("a lease without one holder")
		}
		s.pass(8 * time.Second)
		if !take(s.Store) { // renewed
			t.Error("the holder cannot renew")
		}
		s.pass(8 * time.Second)
		s.ok(two.DropLease(s.ctx, "poll"))
		if take(two) {
			t.Error("another took a renewed lease, or dropped it")
		}
		if held, err := two.TakeLease(s.ctx, "notary", 10*time.Second); err != nil || !held {
			t.Errorf("another duty: %v, %v", held, err)
		}
		s.pass(3 * time.Second)
		if !take(two) || take(s.Store) {
			t.Error("a lease that ended did not pass on")
		}
		s.ok(two.DropLease(s.ctx, "poll"))
		if !take(s.Store) {
			t.Error("a lease that was given back is not free")
		}
	})
}

func TestThrottlesAreShared(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		two := s.other()
		s.ok(s.Throttle(s.ctx, 5, 30*time.Second))
		s.ok(s.Throttle(s.ctx, 0, 10*time.Second))
		s.ok(s.Throttle(s.ctx, 5, 40*time.Second))
		rounded := func() map[int64]time.Duration {
			left, err := two.Throttled(s.ctx)
			s.ok(err)
			for chat, d := range left { // a real clock has run on a little
				left[chat] = (d + 4*time.Second) / (5 * time.Second) * 5 * time.Second
			}
			return left
		}
		if diff := cmp.Diff(map[int64]time.Duration{5: 40 * time.Second, 0: 10 * time.Second}, rounded()); diff != "" {
			t.Error(diff)
		}
		s.pass(15 * time.Second)
		if diff := cmp.Diff(map[int64]time.Duration{5: 25 * time.Second}, rounded()); diff != "" {
			t.Error(diff)
		}
		s.pass(30 * time.Second)
		if diff := cmp.Diff(map[int64]time.Duration{}, rounded()); diff != "" {
			t.Error(diff)
		}
		s.holds(keyspace{"throttle": nil})
	})
}
