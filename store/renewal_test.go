package store

import (
	"slices"
	"testing"
	"time"
)

// renewals counts how often a token of the order was renewed, by the record.
func (s *kit) renewals(id string) int {
	s.t.Helper()
	return len(slices.DeleteFunc(s.kinds(id), func(kind string) bool { return kind != "RENEWED" }))
}

// TestATokenThatRanOut is renewed at its owner's tap, with its event, and counts as no showing; within its life it is not. Once shown,
// neither it nor the new one opens anything again.
func TestATokenThatRanOut(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		s.pass(tokenLife - 10*time.Second)
		s.ok(s.GiveBack(s.ctx, "o1", s.take("o1", 1).Claim))
		if n := s.renewals("o1"); n != 0 {
			t.Fatalf("%d renewals within the token's life", n)
		}
		s.pass(20 * time.Second)
		s.ok(s.GiveBack(s.ctx, "o1", s.take("o1", 1).Claim)) // nothing was shown: the button still works
		s.pass(time.Hour)
		taken := s.take("o1", 1)
		if n := s.renewals("o1"); n != 2 {
			t.Errorf("%d renewals, want 2", n)
		}
		s.place("o1", taken.Claim)
		s.confirm("o1", taken.Claim)
		if r := s.reveal("o1"); r.Shown != 1 {
			t.Errorf("%d showings", r.Shown)
		}
		s.pass(onScreen)
		s.sweep("o1")
		s.link()
		for _, n := range []int{1, 1_000_001} {
			if got := s.refused("o1", n, "shown"); got.Shown != 1 {
				t.Errorf("token %d: %+v", n, got)
			}
		}
	})
}

// TestAReplacedToken is renewed as well; the one that replaced it stays good as long as nothing was shown.
func TestAReplacedToken(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		s.mint("o1", 2)
		for range 80 { // however often it fails, no button of the owner is forgotten
			s.ok(s.GiveBack(s.ctx, "o1", s.take("o1", 1).Claim))
		}
		if n := s.renewals("o1"); n != 80 {
			t.Errorf("%d renewals, want 80", n)
		}
		s.ok(s.GiveBack(s.ctx, "o1", s.take("o1", 2).Claim))
		s.mint("o1", 3)
		s.ok(s.GiveBack(s.ctx, "o1", s.take("o1", 3).Claim))
		if n := s.renewals("o1"); n != 81 {
			t.Errorf("%d renewals: a new token was renewed, or a replaced one was not", n)
		}
	})
}

// TestRenewalIsTheOwners: what ran out opens nothing for anybody else.
func TestRenewalIsTheOwners(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		s.pass(time.Hour)
		s.link()
		w := wish("o1", 1)
		w.User = buyer + 1
		_, err := s.TakeReveal(s.ctx, w)
		_ = s.outcome(err, "denied")
		if n := s.renewals("o1"); n != 0 {
			t.Errorf("%d renewals for a stranger", n)
		}
		_ = s.refused("o1", 99, "denied")
	})
}

// TestNobodyConfirms: a placeholder without a word goes as soon as nobody can be putting codes there any more, and its owner may ask again
// at once. What the former claim says afterwards changes nothing.
func TestNobodyConfirms(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		lost := s.take("o1", 1)
		until := s.place("o1", lost.Claim)
		s.about("the time on the code message", until, s.now().Add(onScreen))
		s.about("the end without a word", s.reveal("o1").Until, s.now().Add(idle))
		s.pass(idle - 10*time.Second)
		if work, err := s.ClaimDue(s.ctx, DueSweep, 10, time.Minute); err != nil || len(work) != 0 {
			t.Fatalf("swept while codes may still come: %v, %v", work, err)
		}
		s.pass(10 * time.Second)
		s.ok(s.gone(s.due(DueSweep, "o1")))
		next := s.take("o1", 1)
		s.place("o1", next.Claim)
		before := s.dump()
		_, err := s.ConfirmShown(s.ctx, "o1", lost.Claim, onScreen, keep, event("CARDS_DELIVERED", "o1"))
		s.is(err, ErrFenced)
		s.is(s.EndClaim(s.ctx, "o1", lost.Claim, event("FAILED", "o1")), ErrFenced)
		_, err = s.PlaceReceipt(s.ctx, spot("o1", lost.Claim))
		s.is(err, ErrFenced)
		s.unchanged(before)
		s.confirm("o1", next.Claim)
		s.about("the end once confirmed", s.reveal("o1").Until, s.now().Add(onScreen))
		s.pass(idle + time.Second)
		if work, err := s.ClaimDue(s.ctx, DueSweep, 10, time.Minute); err != nil || len(work) != 0 {
			t.Errorf("confirmed codes were swept early: %v, %v", work, err)
		}
		s.ok(s.EndClaim(s.ctx, "o1", next.Claim, event("FAILED", "o1")))
	})
}
