package store

import "testing"

// TestCounts counts customers and linked groups.
func TestCounts(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		count := func(people, groups int64) {
			t.Helper()
			c, g, err := s.Counts(s.ctx)
			s.ok(err)
			if c != people || g != groups {
				t.Errorf("%d customers and %d groups, want %d and %d", c, g, people, groups)
			}
		}
		count(0, 0)
		for _, user := range []int64{1001, 1002, 1001} {
			_, err := s.CustomerNumber(s.ctx, user)
			s.ok(err)
		}
		_, err := s.LinkGroup(s.ctx, -5, GroupAccount(-5), true, event("LINKED", ""))
		s.ok(err)
		count(2, 1)
		_, err = s.LinkGroup(s.ctx, -5, GroupAccount(-5), false, event("UNLINKED", ""))
		s.ok(err)
		count(2, 0)
	})
}
