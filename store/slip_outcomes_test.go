package store

import "time"

func slipOutcomes() []outcome {
	cut := func(kind SlipKind) func(s *kit) error {
		return func(s *kit) error { _, _, err := s.CutSlip(s.ctx, cutting("o1", 70, kind)); return err }
	}
	own, hand := cut(SlipOwn), cut(SlipHand)
	redeem := func(s *kit) error { _, err := s.TakeSlip(s.ctx, redeeming("o1", 70)); return err }
	void := func(s *kit) error { _, err := s.VoidSlip(s.ctx, "o1", buyer, event("VOID", "o1")); return err }
	sealed := func(s *kit) { s.sealed("o1", 1) }
	open := func(s *kit) { sealed(s); s.cut("o1", 70, SlipOwn); s.link() }
	away := func(s *kit) { ready(s); s.cut("o1", 71, SlipHand); s.link() }
	const anew = "the shop cannot tell a repeat from a new wish; the former link is dead"
	return []outcome{
		{"cut_slip", "cut", sealed, own, true, "cut", anew},
		{"cut_slip", "denied", nothing, own, false, "denied", ""},
		{"cut_slip", "not_ready", func(s *kit) { s.order("o1", 1) }, own, false, "not_ready", ""},
		{"cut_slip", "nothing", emptied, own, false, "nothing", ""},
		{"cut_slip", "shredded", shredded, own, false, "shredded", ""},
		{"cut_slip", "used_up", usedUp, own, false, "used_up", ""},
		{"cut_slip", "on_screen", func(s *kit) { sealed(s); s.show("o1", 2) }, own, false, "on_screen", ""},
		{"cut_slip", "handed", away, own, false, "handed", ""},
		{"cut_slip", "seen", func(s *kit) { sealed(s); s.show("o1", 1); s.sweep("o1") }, hand, false, "seen", ""},

		{"take_slip", "taken", open, redeem, true, "no", ""},
		{"take_slip", "no", sealed, redeem, false, "no", ""},
		{"take_slip", "behind", func(s *kit) { open(s); s.pass(10 * time.Second) }, redeem, false, "behind", ""},

		{"void_slip", "void", away, void, true, "none", ""},
		{"void_slip", "denied", nothing, void, false, "denied", ""},
		{"void_slip", "none", sealed, void, false, "none", ""},
		{"void_slip", "opened", func(s *kit) { away(s); s.redeem("o1", 71) }, void, false, "opened", ""},

		{"mint", "handed", away, func(s *kit) error {
			return s.Mint(s.ctx, "o1", mac(1), buyer, time.Minute, showings, event("MINTED", "o1"))
		}, false, "handed", ""},
		{"take_reveal", "handed", away, func(s *kit) error { _, err := s.TakeReveal(s.ctx, wish("o1", 1)); return err }, false, "handed", ""},
	}
}
