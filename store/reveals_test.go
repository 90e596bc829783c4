package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// outcome fails unless err is a reveal that was not taken for the wanted reason.
func (s *kit) outcome(err error, word string) *TakeOutcome {
	s.t.Helper()
	var o *TakeOutcome
	if !errors.As(err, &o) || o.Word != word {
		s.t.Fatalf("outcome is %v, want %s", err, word)
	}
	return o
}

// refused asks for the cards with token n and compares why they are not given.
func (s *kit) refused(id string, n int, word string) *TakeOutcome {
	s.t.Helper()
	_, err := s.TakeReveal(s.ctx, wish(id, n))
	return s.outcome(err, word)
}

func (s *kit) kinds(order string) []string {
	s.t.Helper()
	events, _, err := s.EventsOfOrder(s.ctx, order, 0, 1000)
	s.ok(err)
	kinds := make([]string, len(events))
	for i, e := range events {
		kinds[len(events)-1-i] = e.Kind
	}
	return kinds
}

// TestAShowingFromTokenToNothing walks one showing and reads the reveal after every step.
func TestAShowingFromTokenToNothing(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 2)
		s.mint("o1", 1)
		taken := s.take("o1", 1)
		want := []SealedCard{{"1.1", []byte("sealed\x00o1 1.1")}, {"1.2", []byte("sealed\x00o1 1.2")}}
		if diff := cmp.Diff(want, taken.Cards, cmpopts.SortSlices(func(a, b SealedCard) bool { return a.Index < b.Index })); diff != "" {
			t.Errorf("cards:\n%s", diff)
		}
		if taken.Order.Buyer != buyer || taken.Claim == 0 {
			t.Errorf("taken: %+v", taken)
		}
		s.about("claim", taken.Now, s.now())
		if r := s.reveal("o1"); r.State != Claimed || r.Shown != 0 || r.Claim != taken.Claim {
			t.Errorf("claimed: %+v", r)
		}

		s.pass(10 * time.Second)
		until := s.place("o1", taken.Claim)
		s.about("placeholder's end", until, s.now().Add(onScreen))
		if r := s.reveal("o1"); r.State != Showing || string(r.Receipt) != `{"message":9}` || !r.Until.Equal(until.Add(idle-onScreen)) || r.Shown != 0 {
			t.Errorf("showing: %+v", r)
		}
		_ = s.refused("o1", 1, "on_screen")

		s.pass(10 * time.Second)
		until = s.confirm("o1", taken.Claim)
		s.about("code's end", until, s.now().Add(onScreen))
		if r := s.reveal("o1"); r.State != Shown || r.Shown != 1 || !r.Until.Equal(until) || r.First.IsZero() {
			t.Errorf("shown: %+v", r)
		}
		if o := s.refused("o1", 1, "on_screen"); !o.Until.Equal(until) {
			t.Errorf("on screen until %v, want %v", o.Until, until)
		}
		if work, err := s.ClaimDue(s.ctx, DueSweep, 10, time.Minute); err != nil || len(work) != 0 {
			t.Errorf("swept too early: %v, %v", work, err)
		}

		s.sweep("o1")
		if r := s.reveal("o1"); r.State != Sealed || r.Shown != 1 || len(r.Receipt) != 0 || r.Gone.IsZero() {
			t.Errorf("removed: %+v", r)
		}
		if o := s.refused("o1", 1, "shown"); o.Shown != 1 {
			t.Errorf("shown %d times", o.Shown)
		}
		if diff := cmp.Diff([]string{"ORDER_OPENED", "PLACING", "PLACEMENT", "ORDER_ENDED", "MINTED", "CLAIMED", "CARD_SHOWING",
			"CARDS_DELIVERED", "CARD_REMOVED"}, s.kinds("o1")); diff != "" {
			t.Errorf("events:\n%s", diff)
		}
	})
}

func TestShowingsAreLimited(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		for n := range showings {
			s.show("o1", n+1)
			s.sweep("o1")
			if r := s.reveal("o1"); r.Shown != n+1 {
				t.Fatalf("shown %d times after %d", r.Shown, n+1)
			}
			for old := range n + 1 {
				if n+1 < showings {
					_ = s.refused("o1", old+1, "shown")
				}
			}
		}
		if r := s.reveal("o1"); r.State != Removed {
			t.Errorf("after the last showing: %+v", r)
		}
		_ = s.refused("o1", 1, "used_up")
		_ = s.outcome(s.Mint(s.ctx, "o1", mac(9), buyer, time.Minute, showings, event("MINTED", "o1")), "used_up")
		// a person may raise the limit
		s.ok(s.Mint(s.ctx, "o1", mac(9), 0, time.Minute, showings+1, event("MINTED", "o1")))
		s.link()
		w := wish("o1", 9)
		w.Limit = showings + 1
		_, err := s.TakeReveal(s.ctx, w)
		s.ok(err)
	})
}

func TestOnlyTheOwnerAndOnlyWithAToken(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		s.link()
		foreign := wish("o1", 1)
		foreign.User = 2002
		_, err := s.TakeReveal(s.ctx, foreign)
		theirs := s.outcome(err, "denied")
		unknown := s.refused("o1", 2, "denied")
		none := s.refused("o9", 1, "denied")
		if *theirs != *unknown || *unknown != *none {
			t.Error("foreign, unknown and missing can be told apart")
		}
		if events := s.kinds("o1"); events[len(events)-1] != "DENIED" || events[len(events)-2] != "DENIED" {
			t.Errorf("events: %v", events)
		}
		if ttl, err := s.rdb.PTTL(s.ctx, s.keys.tries(2002)).Result(); err != nil || ttl < time.Minute {
			t.Errorf("wrong tries are kept for %v, %v", ttl, err)
		}
		for _, odd := range []string{"", "0", mac(1)[1:], mac(1) + mac(1), mac(1)[:31]} {
			w := wish("o1", 0)
			w.MAC, w.Tries = odd, 1000
			_, err := s.TakeReveal(s.ctx, w)
			_ = s.outcome(err, "denied")
		}
		_ = s.outcome(s.Mint(s.ctx, "o1", mac(3), 2002, time.Minute, showings, event("MINTED", "o1")), "denied")
		s.take("o1", 1)
	})
}

// TestAPieceOfATokenOpensNothing looks for a mac where two stored ones meet.
func TestAPieceOfATokenOpensNothing(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		for n := range 3 {
			s.mint("o1", n+1) // two of them are replaced and stand side by side
		}
		s.link()
		w := wish("o1", 0)
		for _, odd := range []string{(mac(1) + mac(2))[16:48], mac(1) + mac(2), mac(2)[:16], ""} {
			w.MAC = odd
			_, err := s.TakeReveal(s.ctx, w)
			_ = s.outcome(err, "denied")
		}
		s.take("o1", 1)
	})
}

func TestWrongTriesPause(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		for range tries {
			_ = s.refused("o1", 99, "denied")
		}
		_ = s.refused("o1", 99, "paused")
		_ = s.refused("o1", 1, "paused") // the right one too
		s.pass(50 * time.Second)
		_ = s.refused("o1", 1, "paused")
		s.pass(11 * time.Second)
		s.take("o1", 1)
		s.pass(showLease + time.Second)
		_ = s.refused("o1", 99, "denied") // counts from one again
		_ = s.refused("o1", 99, "denied")
		if got := s.view()["tries:1001"]; got[1] != "n=2" {
			t.Errorf("tries: %v", got)
		}
		other := wish("o1", 99)
		other.User = 2002
		_, err := s.TakeReveal(s.ctx, other)
		_ = s.outcome(err, "denied")
	})
}

func TestTokensThatWereReplacedOrRanOut(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		s.pass(9 * time.Hour) // a card that came at 3 a.m. opens at noon
		first := s.take("o1", 1)
		s.ok(s.GiveBack(s.ctx, "o1", first.Claim))

		s.mint("o1", 2)
		old := s.take("o1", 1) // replaced and never used: still the owner's
		s.place("o1", old.Claim)
		s.confirm("o1", old.Claim)
		s.sweep("o1")
		_ = s.refused("o1", 1, "shown")
		s.take("o1", 2)
		s.pass(showLease + time.Second)

		for n := range 65 {
			s.mint("o1", 10+n)
		}
		s.take("o1", 10) // of replaced tokens the last 64 are known
		s.pass(showLease + time.Second)
		_ = s.refused("o1", 2, "denied")
	})
}

func TestACrashAfterTheClaim(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		lost := s.take("o1", 1)
		s.link()
		_ = s.refused("o1", 1, "on_screen")
		s.pass(showLease + time.Second)
		_, err := s.PlaceReceipt(s.ctx, spot("o1", lost.Claim))
		s.is(err, ErrFenced)
		again := s.take("o1", 1)
		if again.Claim <= lost.Claim {
			t.Errorf("claim %d after %d", again.Claim, lost.Claim)
		}
		before := s.dump()
		_, err = s.PlaceReceipt(s.ctx, spot("o1", lost.Claim))
		s.is(err, ErrFenced)
		_, err = s.ConfirmShown(s.ctx, "o1", lost.Claim, onScreen, keep, event("CARDS_DELIVERED", "o1"))
		s.is(err, ErrFenced)
		s.is(s.GiveBack(s.ctx, "o1", lost.Claim), ErrFenced)
		s.unchanged(before)
		s.place("o1", again.Claim)
	})
}

func TestThreat26ACrashAfterThePlaceholder(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		lost := s.take("o1", 1)
		s.place("o1", lost.Claim)
		s.sweep("o1")
		r := s.reveal("o1")
		if r.State != Sealed || r.Shown != 0 || !r.First.IsZero() {
			t.Errorf("a showing that nobody confirmed: %+v", r)
		}
		kinds := s.kinds("o1")
		if diff := cmp.Diff([]string{"CARD_SHOWING", "CARD_REMOVED", "UNCONFIRMED"}, kinds[len(kinds)-3:]); diff != "" {
			t.Errorf("events:\n%s", diff)
		}
		again := s.take("o1", 1) // the token was not used
		s.place("o1", again.Claim)
		s.confirm("o1", again.Claim)
		if r := s.reveal("o1"); r.Shown != 1 {
			t.Errorf("shown %d times", r.Shown)
		}
	})
}
