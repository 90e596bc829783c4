package store

import "testing"

// used brings o1 to where its owner has no showing left and nothing is on the screen.
func used(s *kit) {
	s.sealed("o1", 1)
	s.set("o1", "rv.n", showings-1)
	s.show("o1", 1)
	s.sweep("o1")
}

func reissueOutcomes() []outcome {
	act := func(s *kit) error { return s.Reissue(s.ctx, "o1", showings, event("REISSUED", "o1")) }
	return []outcome{
		{"reissue", "reissued", used, act, true, "left", ""},
		{"reissue", "gone", nothing, act, false, "gone", ""},
		{"reissue", "not_ready", func(s *kit) { s.order("o1", 1) }, act, false, "not_ready", ""},
		{"reissue", "nothing", emptied, act, false, "nothing", ""},
		{"reissue", "shredded", shredded, act, false, "shredded", ""},
		{"reissue", "left", func(s *kit) { s.sealed("o1", 1); s.show("o1", 1); s.sweep("o1") }, act, false, "left", ""},
	}
}

// TestReissueIsOneShowing holds that the owner can show the cards once more, and no oftener.
func TestReissueIsOneShowing(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		used(s)
		if state := s.reveal("o1").State; state != Removed {
			t.Fatalf("the cards are %s", state)
		}
		for n := range 2 {
			s.ok(s.Reissue(s.ctx, "o1", showings, event("REISSUED", "o1")))
			s.show("o1", 10+n)
			s.sweep("o1")
			if r := s.reveal("o1"); r.State != Removed || r.Shown != showings+n+1 {
				t.Fatalf("after one more showing the cards are %s, shown %d times", r.State, r.Shown)
			}
			_ = s.outcome(s.Mint(s.ctx, "o1", mac(50+n), buyer, tokenLife, showings, event("MINTED", "o1")), "used_up")
		}
	})
}
