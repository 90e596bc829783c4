package store

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cutting is an order's owner who wants a link.
func cutting(id string, n int, kind SlipKind) Cut {
	return Cut{Order: id, MAC: mac(n), User: buyer, Kind: kind, Life: tokenLife, Limit: showings, Event: event("CUT", id)}
}

// redeeming is whoever holds link n.
func redeeming(id string, n int) Redeem {
	return Redeem{Order: id, MAC: mac(n), Lease: showLease, Limit: showings, Claimed: event("CLAIMED", id)}
}

// cut makes link n to an order's cards.
func (s *kit) cut(id string, n int, kind SlipKind) {
	s.t.Helper()
	_, _, err := s.CutSlip(s.ctx, cutting(id, n, kind))
	s.ok(err)
}

// redeem opens link n up to where a code may leave, and returns the claim.
func (s *kit) redeem(id string, n int) int64 {
	s.t.Helper()
	s.link()
	taken, err := s.TakeSlip(s.ctx, redeeming(id, n))
	s.ok(err)
	p := spot(id, taken.Claim)
	p.Visit = []byte(`{"a":"192.0.2.7"}`)
	_, err = s.PlaceReceipt(s.ctx, p)
	s.ok(err)
	return taken.Claim
}

// shut fails unless link n opens nothing, and says no more than that.
func (s *kit) shut(id string, n int) {
	s.t.Helper()
	before := s.view()
	if _, err := s.TakeSlip(s.ctx, redeeming(id, n)); !errors.Is(err, ErrNotFound) {
		s.t.Errorf("link %d: %v", n, err)
	}
	if !equal(before, s.view()) {
		s.t.Errorf("link %d opens nothing, and something was written", n)
	}
}

func TestALinkOpensOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.cut("o1", 70, SlipOwn)
		s.link()
		s.shut("o1", 71)
		s.shut("", 70)
		s.shut("o9", 70)
		if order, owner, err := s.SlipOf(s.ctx, mac(70)); err != nil || order != "o1" || owner != buyer {
			t.Errorf("link of %s, %d: %v", order, owner, err)
		}
		_, _, err := s.SlipOf(s.ctx, mac(71))
		s.is(err, ErrNotFound)

		taken, err := s.TakeSlip(s.ctx, redeeming("o1", 70)) // and its process dies
		s.ok(err)
		s.shut("o1", 70)
		s.pass(showLease + time.Second)
		s.link()
		_, err = s.PlaceReceipt(s.ctx, spot("o1", taken.Claim))
		s.is(err, ErrFenced)
		claim := s.redeem("o1", 70) // nothing had left: it opens still
		s.shut("o1", 70)
		s.confirm("o1", claim)
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		if o.Slip.Opened.IsZero() || o.Reveal.Shown != 1 || o.Reveal.Visit != `{"a":"192.0.2.7"}` {
			t.Errorf("after the showing: %+v, %+v", o.Slip, o.Reveal)
		}
		s.sweep("o1")
		s.link()
		s.shut("o1", 70)
		s.show("o1", 2) // its owner may see it again
		if r := s.reveal("o1"); r.Visit != "" {
			t.Errorf("a showing in the chat was visited by %s", r.Visit)
		}
	})
}

func TestAnUnconfirmedLinkIsUsed(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.cut("o1", 70, SlipOwn)
		s.redeem("o1", 70) // and its process dies: the code may have left
		s.sweep("o1")
		s.link()
		if r := s.reveal("o1"); r.State != Sealed || r.Shown != 0 {
			t.Errorf("%+v", r)
		}
		s.shut("o1", 70)
		s.cut("o1", 72, SlipOwn) // the owner gets another
		s.redeem("o1", 72)
	})
}

func TestALinkEnds(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.cut("o1", 70, SlipOwn)
		s.pass(tokenLife)
		s.link()
		s.shut("o1", 70)
		s.cut("o1", 71, SlipOwn)
		s.ok(s.SetSlipMessage(s.ctx, "o1", 55))
		_, former, err := s.CutSlip(s.ctx, cutting("o1", 72, SlipOwn))
		s.ok(err)
		if former != 55 {
			t.Errorf("the former link stands in message %d", former)
		}
		s.link()
		s.shut("o1", 71)
		foreign := cutting("o1", 73, SlipOwn)
		foreign.User = 2002
		_, _, err = s.CutSlip(s.ctx, foreign)
		_ = s.outcome(err, "denied")
		_, err = s.VoidSlip(s.ctx, "o1", 2002, event("VOID", "o1"))
		s.is(err, ErrNotFound)
		_, err = s.VoidSlip(s.ctx, "o1", buyer, event("VOID", "o1"))
		s.ok(err)
		s.link()
		s.shut("o1", 72)
	})
}

// TestTakenBackInTheLastMoment takes a link back while somebody is about to open it: their claim ends, and nothing was shown.
func TestTakenBackInTheLastMoment(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.cut("o1", 70, SlipHand)
		s.link()
		taken, err := s.TakeSlip(s.ctx, redeeming("o1", 70))
		s.ok(err)
		_, err = s.VoidSlip(s.ctx, "o1", buyer, event("VOID", "o1"))
		s.ok(err)
		before := s.view()
		_, err = s.PlaceReceipt(s.ctx, spot("o1", taken.Claim))
		s.is(err, ErrFenced)
		if !equal(before, s.view()) {
			t.Error("something was written")
		}
		s.pass(showLease + time.Second)
		s.show("o1", 1)
	})
}

func TestHandedOverCardsAreNotTheSendersAnyMore(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.mint("o1", 1)
		s.cut("o1", 70, SlipHand)
		s.link()
		if o := s.refused("o1", 1, "handed"); o.Until.IsZero() || !o.Opened.IsZero() {
			t.Errorf("an open hand-over: %+v", o)
		}
		s.pass(tokenLife) // nobody opened it
		s.link()
		s.shut("o1", 70)
		s.mint("o1", 2)
		s.cut("o1", 71, SlipHand)
		claim := s.redeem("o1", 71)
		s.confirm("o1", claim)
		if o := s.refused("o1", 2, "handed"); o.Opened.IsZero() {
			t.Errorf("while it is open: %+v", o)
		}
		s.sweep("o1")
		s.link()
		if r := s.reveal("o1"); r.State != Removed || r.Shown != 1 {
			t.Errorf("afterwards: %+v", r)
		}
		_ = s.refused("o1", 2, "handed")
		_ = s.outcome(s.Mint(s.ctx, "o1", mac(3), 0, time.Minute, showings, event("MINTED", "o1")), "handed")

		s.ok(s.Reissue(s.ctx, "o1", showings, event("REISSUED", "o1"))) // nothing came through, say both
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		if o.Slip.Away(s.now()) || o.Slip.Handed.IsZero() {
			t.Errorf("after the reissue: %+v", o.Slip)
		}
		s.show("o1", 4)
		s.sweep("o1")
		_ = s.outcome(s.Mint(s.ctx, "o1", mac(5), 0, time.Minute, showings, event("MINTED", "o1")), "used_up")
	})
}

// TestOneWinnerALink: of 64 at once one opens a link. With CRASH=full the real Redis hands out a thousand.
func TestOneWinnerALink(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		rounds := 2
		if s.real {
			rounds = 12
		}
		if s.real && os.Getenv("CRASH") == "full" {
			rounds = 1000
		}
		s.sealed("o1", 1)
		for round := range rounds {
			n := 100 + round
			s.set("o1", "rv.n", 0)
			s.cut("o1", n, SlipOwn)
			s.link()
			var won atomic.Int64
			var all sync.WaitGroup
			start := make(chan struct{})
			for range 64 {
				all.Go(func() {
					<-start
					taken, err := s.TakeSlip(s.ctx, redeeming("o1", n))
					if err == nil {
						won.Add(1)
						_, err = s.PlaceReceipt(s.ctx, spot("o1", taken.Claim))
					}
					if err != nil && !errors.Is(err, ErrNotFound) {
						t.Error(err)
					}
				})
			}
			close(start)
			all.Wait()
			if won.Load() != 1 {
				t.Fatalf("round %d has %d winners", round, won.Load())
			}
			s.sweep("o1")
		}
	})
}

// TestALinksMessageIsLookedAtAtItsEnd finds the order's notice where a link ends, and a sooner one where it was.
func TestALinksMessageIsLookedAtAtItsEnd(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.ok(s.rdb.ZRem(s.ctx, s.keys.due(DueNotice), "o1").Err())
		s.cut("o1", 70, SlipOwn)
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		at, err := s.rdb.ZScore(s.ctx, s.keys.due(DueNotice), "o1").Result()
		s.ok(err)
		if int64(at) != o.Slip.Until.UnixMilli() {
			t.Errorf("looked at at %.0f, ends at %d", at, o.Slip.Until.UnixMilli())
		}
		s.ok(s.rdb.ZAdd(s.ctx, s.keys.due(DueNotice), member("o1", 5)).Err())
		s.cut("o1", 71, SlipOwn)
		if at, err := s.rdb.ZScore(s.ctx, s.keys.due(DueNotice), "o1").Result(); err != nil || at != 5 {
			t.Errorf("a sooner notice went to %.0f (%v)", at, err)
		}
	})
}

// TestNoLinkIsStored looks for what a link's token is made of.
func TestNoLinkIsStored(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.cut("o1", 70, SlipOwn)
		for key, lines := range s.view() {
			if strings.HasPrefix(key, "slip:") && (key != "slip:"+mac(70) || !slices.Equal(lines, []string{"string", "o1|1001"})) {
				t.Errorf("%s holds %v", key, lines)
			}
		}
	})
}
