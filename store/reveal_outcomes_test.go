package store

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// member is a queue entry at a time in ms.
func member(name string, at int64) redis.Z { return redis.Z{Score: float64(at), Member: name} }

// ready leaves order o1 with one sealed card and token 1.
func ready(s *kit) {
	s.sealed("o1", 1)
	s.mint("o1", 1)
	s.link()
}

// emptied leaves order o1 refused.
func emptied(s *kit) {
	s.order("o1", 1)
	s.settle(settlement(s.claim("o1", 1), Refused))
	s.link()
}

// shredded leaves order o1 as a tombstone that still knows token 1.
func shredded(s *kit) {
	ready(s)
	s.show("o1", 2)
	s.sweep("o1")
	s.pass(keep)
	s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("SHREDDED", "o1")))
	s.set("o1", "tok", mac(1))
	s.link()
}

// usedUp leaves order o1 with no showing left and an unused token 1.
func usedUp(s *kit) {
	ready(s)
	s.set("o1", "rv.n", showings)
}

func revealOutcomes() []outcome {
	taking := func(s *kit) error { _, err := s.TakeReveal(s.ctx, wish("o1", 1)); return err }
	minting := func(s *kit) error {
		return s.Mint(s.ctx, "o1", mac(1), buyer, time.Minute, showings, event("MINTED", "o1"))
	}
	sealed := func(s *kit) { s.sealed("o1", 1) }
	onIt := func(s *kit) { s.sealed("o1", 1); s.show("o1", 2); s.set("o1", "tok", mac(1)); s.link() }
	return []outcome{
		{"take_reveal", "taken", ready, taking, true, "on_screen", ""},
		{"take_reveal", "denied", sealed, taking, true, "denied", "every wrong token is counted and recorded"},
		{"take_reveal", "paused", func(s *kit) {
			ready(s)
			for range tries {
				_, err := s.TakeReveal(s.ctx, wish("o1", 99))
				if err == nil {
					s.t.Fatal("a wrong token was taken")
				}
			}
		}, taking, false, "paused", ""},
		{"take_reveal", "not_ready", func(s *kit) { s.order("o1", 1); s.set("o1", "tok", mac(1)) }, taking, false, "not_ready", ""},
		{"take_reveal", "nothing", func(s *kit) { emptied(s); s.set("o1", "tok", mac(1)) }, taking, false, "nothing", ""},
		{"take_reveal", "shredded", shredded, taking, false, "shredded", ""},
		{"take_reveal", "on_screen", onIt, taking, false, "on_screen", ""},
		{"take_reveal", "shown", func(s *kit) { s.sealed("o1", 1); s.show("o1", 1); s.sweep("o1") }, taking, false, "shown", ""},
		{"take_reveal", "used_up", usedUp, taking, false, "used_up", ""},
		{"take_reveal", "behind", func(s *kit) { ready(s); s.pass(10 * time.Second) }, taking, false, "behind", ""},

		{"mint", "minted", sealed, minting, true, "minted", "the shop cannot tell a repeat from a new wish; the former mac is kept"},
		{"mint", "denied", nothing, minting, false, "denied", ""},
		{"mint", "not_ready", func(s *kit) { s.order("o1", 1) }, minting, false, "not_ready", ""},
		{"mint", "nothing", emptied, minting, false, "nothing", ""},
		{"mint", "shredded", shredded, minting, false, "shredded", ""},
		{"mint", "used_up", usedUp, minting, false, "used_up", ""},
		{"mint", "on_screen", onIt, minting, false, "on_screen", ""},
	}
}

func stepOutcomes() []outcome {
	// taken leaves a claim of o1; the first claim of a reveal is number 2, the placement's was 1.
	taken := func(s *kit) { ready(s); s.take("o1", 1) }
	placing := func(s *kit) error {
		_, err := s.PlaceReceipt(s.ctx, spot("o1", 2))
		return err
	}
	extending := func(s *kit) error { _, err := s.Extend(s.ctx, "o1", time.Minute, event("EXTENDED", "o1")); return err }
	over := func(s *kit) { s.sealed("o1", 1); s.show("o1", 1); s.pass(onScreen); s.due(DueSweep, "o1") }
	removing := func(s *kit) error { return s.gone(Due{Member: "o1", Fence: 3}) }
	kept := func(s *kit) { s.sealed("o1", 1); s.show("o1", 1); s.sweep("o1"); s.pass(keep); s.due(DueRetain, "o1") }
	shredding := func(s *kit) error { return s.Shred(s.ctx, Due{Member: "o1", Fence: 4}, event("SHREDDED", "o1")) }
	return []outcome{
		{"reveal_step", "ok", taken, placing, true, "lost", ""},
		{"reveal_step", "lost", func(s *kit) { taken(s); s.pass(showLease + 1e9); s.take("o1", 1) }, placing, false, "lost", ""},
		{"reveal_step", "no", taken, extending, false, "no", ""},

		{"removed", "ok", over, removing, true, "fenced", ""},
		{"removed", "fenced", func(s *kit) { over(s); s.pass(40e9); s.due(DueSweep, "o1") }, removing, false, "fenced", ""},
		{"removed", "early", func(s *kit) {
			over(s)
			s.set("o1", "rv.del", s.now().Add(time.Minute).UnixMilli())
		}, removing, false, "early", ""},
		{"removed", "no", func(s *kit) { over(s); s.set("o1", "rv", "sealed") }, removing, true, "fenced", ""},

		{"shred", "ok", kept, shredding, true, "fenced", ""},
		{"shred", "fenced", func(s *kit) { kept(s); s.pass(40e9); s.due(DueRetain, "o1") }, shredding, false, "fenced", ""},
		{"shred", "busy", func(s *kit) { kept(s); s.set("o1", "rv", "shown") }, shredding, false, "busy", ""},
		{"shred", "unopened", func(s *kit) { s.sealed("o1", 1); s.pass(25 * time.Hour); s.due(DueRetain, "o1") },
			func(s *kit) error { return s.Shred(s.ctx, Due{Member: "o1", Fence: 2}, event("SHREDDED", "o1")) }, false, "unopened", ""},
		{"shred", "no", func(s *kit) { kept(s); s.set("o1", "rv", "shredded") }, shredding, true, "fenced", ""},
	}
}
