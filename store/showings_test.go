package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExtendOnceAShowing(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		add := func() (time.Time, error) { return s.Extend(s.ctx, "o1", time.Minute, event("EXTENDED", "o1")) }
		_, err := add()
		s.is(err, ErrEdge)
		s.show("o1", 1)
		until := s.reveal("o1").Until
		s.pass(30 * time.Second)
		got, err := add()
		s.ok(err)
		if !got.Equal(until.Add(time.Minute)) || !s.reveal("o1").Until.Equal(got) || !s.reveal("o1").Extended {
			t.Errorf("extended to %v, want %v", got, until.Add(time.Minute))
		}
		before := s.dump()
		_, err = add()
		s.is(err, ErrEdge)
		s.unchanged(before)
		s.pass(onScreen)
		if work, err := s.ClaimDue(s.ctx, DueSweep, 10, time.Minute); err != nil || len(work) != 0 {
			t.Errorf("swept before its new time: %v, %v", work, err)
		}
		s.sweep("o1")
		s.show("o1", 2)
		if s.reveal("o1").Extended {
			t.Error("a new showing begins extended")
		}
		_, err = add()
		s.ok(err)
		s.pass(3 * onScreen)
		_, err = add()
		s.is(err, ErrEdge)
	})
}

func TestExtendWhileTheSweepHasIt(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.show("o1", 1)
		s.pass(onScreen - 10*time.Second)
		_, err := s.Extend(s.ctx, "o1", time.Minute, event("EXTENDED", "o1"))
		s.ok(err)
		s.pass(70 * time.Second)
		d := s.due(DueSweep, "o1")
		s.ok(s.EndNow(s.ctx, "o1", event("SAVED", "o1")))
		before := s.dump()
		s.is(s.gone(d), ErrFenced) // woken in between: the sweep comes again
		s.unchanged(before)
		s.ok(s.gone(s.due(DueSweep, "o1")))
	})
}

func TestSavedEndsNow(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.is(s.EndNow(s.ctx, "o1", event("SAVED", "o1")), ErrEdge)
		taken := s.show("o1", 1)
		s.ok(s.EndNow(s.ctx, "o1", event("SAVED", "o1")))
		s.about("end", s.reveal("o1").Until, s.now())
		s.pass(time.Second)
		s.ok(s.gone(s.due(DueSweep, "o1")))
		if r := s.reveal("o1"); r.State != Sealed || r.Shown != 1 {
			t.Errorf("after saving: %+v", r)
		}
		_, err := s.ConfirmShown(s.ctx, "o1", taken.Claim, onScreen, keep, event("CARDS_DELIVERED", "o1"))
		s.is(err, ErrFenced) // a late confirmation brings nothing back
	})
}

func TestGiveBackSealsAgain(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		taken := s.take("o1", 1)
		s.ok(s.GiveBack(s.ctx, "o1", taken.Claim))
		if r := s.reveal("o1"); r.State != Sealed || r.Shown != 0 {
			t.Errorf("given back: %+v", r)
		}
		before := s.dump()
		s.is(s.GiveBack(s.ctx, "o1", taken.Claim), ErrEdge)
		_, err := s.PlaceReceipt(s.ctx, spot("o1", taken.Claim))
		s.is(err, ErrFenced)
		s.unchanged(before)
		again := s.take("o1", 1)
		s.place("o1", again.Claim)
		s.is(s.GiveBack(s.ctx, "o1", again.Claim), ErrEdge) // a placeholder stands: only the sweep ends it
		s.confirm("o1", again.Claim)
		s.is(s.GiveBack(s.ctx, "o1", again.Claim), ErrEdge)
	})
}

// TestASweepIsOver holds that the queue forgets a message that is gone, and one that never was, and that the buyer hears of it.
func TestASweepIsOver(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.show("o1", 1)
		told := func() { s.ok(s.AckNotice(s.ctx, s.due(DueNotice, "o1"), 0)) }
		told()
		s.sweep("o1")
		s.holds(keyspace{"due:sweep": nil, "leases:sweep": nil})
		told()
		s.queue(DueSweep, map[string]time.Duration{"o1": -time.Second})
		s.is(s.gone(s.due(DueSweep, "o1")), ErrEdge)
		s.holds(keyspace{"due:sweep": nil, "leases:sweep": nil, "due:notice": nil})

		s.pass(keep)
		s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")))
		s.queue(DueRetain, map[string]time.Duration{"o1": -time.Second})
		s.is(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")), ErrEdge)
		s.holds(keyspace{"due:retain": nil, "leases:retain": nil})
	})
}

// TestEveryStepOnScreenIsNews holds that each step of a showing makes the order's notice due, also when none was.
func TestEveryStepOnScreenIsNews(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		told := func() {
			t.Helper()
			s.pass(time.Second)
			s.ok(s.AckNotice(s.ctx, s.due(DueNotice, "o1"), 0))
		}
		told()
		taken := s.take("o1", 1)
		s.place("o1", taken.Claim)
		told()
		s.confirm("o1", taken.Claim)
		told()
		_, err := s.Extend(s.ctx, "o1", time.Minute, event("EXTENDED", "o1"))
		s.ok(err)
		told()
		s.ok(s.EndNow(s.ctx, "o1", event("SAVED", "o1")))
		told()
		events := s.kinds("o1")
		if diff := cmp.Diff([]string{"CARD_SHOWING", "CARDS_DELIVERED", "EXTENDED", "SAVED"}, events[len(events)-4:]); diff != "" {
			t.Errorf("events:\n%s", diff)
		}
	})
}

func TestMintWhileOnScreen(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.show("o1", 1)
		err := s.Mint(s.ctx, "o1", mac(2), buyer, time.Minute, showings, event("MINTED", "o1"))
		if o := s.outcome(err, "on_screen"); !o.Until.Equal(s.reveal("o1").Until) {
			t.Errorf("on screen until %v", o.Until)
		}
	})
}

func TestShreddingLeavesATombstone(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 2)
		s.show("o1", 1)
		s.sweep("o1")
		s.mint("o1", 2)
		s.pass(keep - 2*onScreen)
		if work, err := s.ClaimDue(s.ctx, DueRetain, 10, time.Minute); err != nil || len(work) != 0 {
			t.Errorf("shredded too early: %v, %v", work, err)
		}
		s.pass(2 * onScreen)
		s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")))
		s.invariants()
		if events := s.kinds("o1"); events[len(events)-1] != "SHREDDED" {
			t.Errorf("events: %v", events)
		}
		s.holds(keyspace{"v:o1": nil, "due:retain": nil, "leases:retain": nil})
		cards, err := s.Vault(s.ctx, "o1")
		s.ok(err)
		r := s.reveal("o1")
		if len(cards) != 0 || r.State != Shredded || r.Shown != 1 {
			t.Errorf("%d cards, %+v", len(cards), r)
		}
		s.about("shredded", r.Shredded, s.now())
		for n := range 2 {
			_ = s.refused("o1", n+1, "denied") // tokens are gone with the cards
		}
		_ = s.outcome(s.Mint(s.ctx, "o1", mac(3), buyer, time.Minute, showings, event("MINTED", "o1")), "shredded")
	})
}

// TestAClaimThatCrashedIsShredded holds that a claim nobody carried on does not keep cards beyond their retention.
func TestAClaimThatCrashedIsShredded(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.show("o1", 1)
		s.sweep("o1")
		s.pass(keep)
		s.mint("o1", 2)
		s.take("o1", 2)
		d := s.due(DueRetain, "o1")
		s.is(s.Shred(s.ctx, d, event("SHREDDED", "o1")), ErrLeased)
		s.pass(2 * showLease)
		s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")))
		if r := s.reveal("o1"); r.State != Shredded {
			t.Errorf("reveal: %+v", r)
		}
	})
}

func TestACardOnScreenIsNotShredded(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.show("o1", 1)
		s.sweep("o1")
		s.pass(keep)
		s.show("o1", 2)
		before := s.dump()
		d := Due{Member: "o1", Fence: 1}
		s.is(s.Shred(s.ctx, d, event("SHREDDED", "o1")), ErrFenced)
		s.unchanged(before)
		s.is(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")), ErrLeased)
		s.sweep("o1")
		s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")))
	})
}

// TestARecordThatIsBehind stops showing, never removing.
func TestARecordThatIsBehind(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(10 * unit)
		s.sealed("o1", 1)
		s.sealed("o2", 1)
		s.mint("o2", 9)
		s.show("o1", 1)
		s.pass(onScreen) // the link is older than 5 s now
		_, err := s.OpenOrder(s.ctx, basket("o3", 1))
		s.is(err, ErrBehind)
		_, err = s.TakeReveal(s.ctx, wish("o2", 9))
		s.is(err, ErrBehind)
		s.ok(s.gone(s.due(DueSweep, "o1")))
		s.pass(keep)
		s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")))
		s.link()
		_, err = s.OpenOrder(s.ctx, basket("o3", 1))
		s.ok(err)
		_, err = s.TakeReveal(s.ctx, wish("o2", 9))
		s.ok(err)
	})
}
