package store

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorded writes n events of one order, links them and files them, and returns them.
func (s *kit) recorded(n int) []Event {
	s.t.Helper()
	for i := range n {
		e := event("TEST", "o1")
		e.Actor = fmt.Sprintf("p%d", i%2)
		s.ok(s.Record(s.ctx, e))
	}
	head, err := s.Head(s.ctx)
	s.ok(err)
	events, err := s.EventsAfter(s.ctx, head.ID, n)
	s.ok(err)
	macs, groups := make([][]byte, n), make([]string, n)
	for i := range events {
		macs[i], groups[i] = []byte(events[i].ID), "g1"
	}
	last := events[n-1].ID
	s.ok(s.Link(s.ctx, head, Head{Hash: head.Hash + "a", ID: last, Seq: head.Seq + int64(n)}, macs))
	s.ok(s.Index(s.ctx, head.Indexed, events, groups))
	return events
}

// TestTrim removes the oldest entries from everywhere, and leaves the others findable at the places they had.
func TestTrim(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		all := s.recorded(7)
		s.ok(s.Archive(s.ctx, "", "base", Event{Kind: "ARCHIVED"}))
		if head, err := s.Head(s.ctx); err != nil || head.Base != "base" || head.Seq != 7 {
			t.Errorf("%+v, %v", head, err)
		}
		s.is(s.Archive(s.ctx, "", "other", Event{Kind: "ARCHIVED"}), ErrStale)
		if n, err := s.Trimmed(s.ctx); err != nil || n != 0 {
			t.Errorf("%d entries are gone before any is trimmed, %v", n, err)
		}
		groups := make([]string, 7)
		for i := range groups {
			groups[i] = "g1"
		}
		other, err := New(s.rdb, s.o) // another process, which has read macs already
		s.ok(err)
		if _, err := other.Macs(s.ctx, 0, 2); err != nil {
			t.Fatal(err)
		}
		s.ok(s.Trim(s.ctx, all[:3], groups[:3]))
		s.is(s.Trim(s.ctx, all[:3], groups[:3]), ErrStale)
		s.is(s.Trim(s.ctx, all[4:5], groups[:1]), ErrStale)
		s.ok(s.Trim(s.ctx, all[3:4], groups[:1]))
		for _, memory := range []*Store{s.Store, other} {
			macs, err := memory.Macs(s.ctx, 4, 10)
			s.ok(err)
			if diff := cmp.Diff([][]byte{[]byte(all[4].ID), []byte(all[5].ID), []byte(all[6].ID)}, macs); diff != "" {
				t.Errorf("macs:\n%s", diff)
			}
			if macs, err = memory.Macs(s.ctx, 3, 2); err != nil || len(macs) != 0 {
				t.Errorf("macs of what is gone: %d, %v", len(macs), err)
			}
		}
		if head, err := s.Head(s.ctx); err != nil || head.Gone != 4 || head.Seq != 7 {
			t.Errorf("%+v, %v", head, err)
		}
		if n, err := s.Trimmed(s.ctx); err != nil || n != 4 {
			t.Errorf("%d entries are gone, %v", n, err)
		}
		for _, trail := range []Trail{{Order: "o1"}, {Person: "p1"}, {Group: "g1"}, {Kind: "TEST"}} {
			steps, err := s.EventsBefore(s.ctx, trail, "", 20)
			s.ok(err)
			if len(steps) != 3 || steps[2].ID != all[4].ID || steps[2].Kind != "TEST" {
				t.Errorf("%+v: %+v", trail, steps)
			}
		}
		if steps, err := s.EventsBefore(s.ctx, Trail{Actor: "p0"}, "", 20); err != nil || len(steps) != 2 {
			t.Errorf("by actor: %+v, %v", steps, err)
		}
	})
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		id, last string
		want     bool
	}{
		{"5-0", "5-0", true}, {"5-1", "5-0", false}, {"4-9", "5-0", true}, {"10-0", "9-7", false}, {"9-10", "9-9", false}, {"9-9", "9-10", true},
		{"", "5-0", false}, {"5-0", "", false}, {"x", "5-0", false}, {"5", "5-0", false},
	} {
		if got := Within(c.id, c.last); got != c.want {
			t.Errorf("%q within %q: %v", c.id, c.last, got)
		}
	}
}

// TestABackupOfATrimmedRecord puts back a copy that was made before entries were trimmed, and one made after: in both each mac stays beside its
// entry.
func TestABackupOfATrimmedRecord(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		all := s.recorded(6)
		var before, after tapes
		early, err := s.Mark(s.ctx)
		s.ok(err)
		s.ok(s.Copy(s.ctx, early, before.add))
		s.ok(s.Archive(s.ctx, "", "base", Event{Kind: "ARCHIVED"}))
		s.ok(s.Trim(s.ctx, all[:3], []string{"g1", "g1", "g1"}))
		late, err := s.Mark(s.ctx)
		s.ok(err)
		s.ok(s.Copy(s.ctx, late, after.add))
		all = append(all, s.recorded(4)...) // with the entry about the archive
		_, err = s.Changes(s.ctx, early, before.add)
		s.ok(err)
		_, err = s.Changes(s.ctx, late, after.add)
		s.ok(err)
		for gone, lines := range map[int64]tapes{0: before, 3: after} {
			put, _ := s.refill(lines)
			head, err := put.Head(s.ctx)
			s.ok(err)
			if head.Gone != gone || head.Base != "base" || head.Seq != 10 {
				t.Errorf("%+v, want %d entries gone", head, gone)
			}
			if head.Indexed != "" {
				t.Errorf("the lists by kind, actor and group, which are made anew, count as complete up to %s", head.Indexed)
			}
			for n := gone; n < 10; n++ {
				macs, err := put.Macs(s.ctx, n, 1)
				s.ok(err)
				if len(macs) != 1 || n < 6 && string(macs[0]) != all[n].ID {
					t.Errorf("the mac of entry %d: %q", n+1, macs)
				}
			}
			if events, err := put.EventsAfter(s.ctx, "", 100); err != nil || int64(len(events)) != 11-gone || events[0].ID != all[gone].ID {
				t.Errorf("%d entries, %v", len(events), err)
			}
		}
	})
}
