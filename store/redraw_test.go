package store

import "testing"

// TestARedrawAskedForMeanwhileStays: what changes while a screen is being drawn is drawn, too.
func TestARedrawAskedForMeanwhileStays(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		id := TalkID{Chat: 7}
		version, err := s.SaveTalk(s.ctx, Talk{Chat: 7, Body: []byte("{}")}, 1)
		s.ok(err)
		s.ok(s.Drawn(s.ctx, id, version, 0))
		due := func() int {
			list, err := s.DueRedraws(s.ctx, 10)
			s.ok(err)
			return len(list)
		}
		s.ok(s.Redraw(s.ctx, id))
		if due() != 1 {
			t.Fatal("it is not due")
		}
		s.ok(s.Redraw(s.ctx, id)) // while the first one is drawn
		s.ok(s.Drawn(s.ctx, id, version, 0))
		if due() != 1 {
			t.Error("the second one is lost")
		}
		s.ok(s.Drawn(s.ctx, id, version, 0))
		if due() != 0 {
			t.Error("it comes for ever")
		}
	})
}
