package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write records events with a step of time between them.
func (s *kit) write(events ...Event) {
	s.t.Helper()
	for _, e := range events {
		s.ok(s.Record(s.ctx, e))
		s.pass(10 * time.Second)
	}
}

func kinds(events []Event) (list []string) {
	for _, e := range events {
		list = append(list, e.Kind)
	}
	return list
}

func TestEventsAreWrittenAsTheyAre(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		want := []Event{
			{Kind: "A", Order: "o1", Person: "p1", Actor: "p2", Data: map[string]string{"note": "quotes \" and \\ and <b> and é and \u2028", "n": "1"}},
			{Kind: "B", Actor: "system", Data: map[string]string{}},
		}
		s.write(want...)
		got, err := s.EventsAfter(s.ctx, "", 10)
		s.ok(err)
		for i := range got {
			s.about("event", got[i].At, start().Add(time.Duration(i)*10*time.Second))
			want[i].ID, want[i].At = got[i].ID, got[i].At
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events:\n%s", diff)
		}
	})
}

// back reads a trail to its end, n events at a time.
func (s *kit) back(trail Trail, cursor string, n int) (pages [][]string) {
	s.t.Helper()
	for {
		steps, err := s.EventsBefore(s.ctx, trail, cursor, n)
		s.ok(err)
		if len(steps) == 0 {
			return pages
		}
		var page []string
		for _, step := range steps {
			page = append(page, step.Kind)
		}
		pages, cursor = append(pages, page), steps[len(steps)-1].Next
	}
}

func TestTrails(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for i := range 5 {
			s.write(Event{Kind: fmt.Sprintf("E%d", i+1), Order: "o1", Person: "p1", Actor: "system"})
		}
		s.write(Event{Kind: "X", Order: "o2", Person: "p1", Actor: "p1"}, Event{Kind: "Y", Order: "o1", Person: "p2", Actor: "p3"},
			Event{Kind: "Z", Actor: "system"}, Event{Kind: "Y", Actor: "p3"})
		all, err := s.EventsAfter(s.ctx, "", 100)
		s.ok(err)
		s.ok(s.Index(s.ctx, "", all[:6], []string{"g1", "", "", "", "", "g2"}))
		s.is(s.Index(s.ctx, "", all, make([]string, len(all))), ErrStale)
		s.ok(s.Index(s.ctx, all[5].ID, all[6:], []string{"g1", "", ""}))
		if head, err := s.Head(s.ctx); err != nil || head.Indexed != all[8].ID {
			t.Errorf("indexed to %s: %v", head.Indexed, err)
		}
		for _, c := range []struct {
			trail Trail
			n     int
			want  [][]string
		}{
			{Trail{Order: "o1"}, 2, [][]string{{"Y", "E5"}, {"E4", "E3"}, {"E2", "E1"}}},
			{Trail{Person: "p1"}, 4, [][]string{{"X", "E5", "E4", "E3"}, {"E2", "E1"}}},
			{Trail{Group: "g1"}, 4, [][]string{{"Y", "E1"}}},
			{Trail{Actor: "p3"}, 1, [][]string{{"Y"}, {"Y"}}},
			{Trail{Actor: "p1"}, 9, [][]string{{"X"}}},
			{Trail{Actor: "system"}, 9, nil},
			{Trail{Kind: "Y"}, 9, [][]string{{"Y", "Y"}}},
			{Trail{Kind: "nothing"}, 9, nil},
			{Trail{}, 5, [][]string{{"Y", "Z", "Y", "X", "E5"}, {"E4", "E3", "E2", "E1"}}},
		} {
			if diff := cmp.Diff(c.want, s.back(c.trail, "", c.n)); diff != "" {
				t.Errorf("%+v:\n%s", c.trail, diff)
			}
		}
		// New events move no page that was begun, neither of a list nor of the whole record.
		for _, trail := range []Trail{{Person: "p1"}, {}} {
			first, err := s.EventsBefore(s.ctx, trail, "", 3)
			s.ok(err)
			want := s.back(trail, first[2].Next, 3)
			s.write(Event{Kind: "NEW", Person: "p1"})
			if diff := cmp.Diff(want, s.back(trail, first[2].Next, 3)); diff != "" || len(want) == 0 {
				t.Errorf("%+v moved:\n%s", trail, diff)
			}
		}
		if _, err := s.EventsBefore(s.ctx, Trail{}, "+", 3); err == nil {
			t.Error("a cursor of any shape is taken")
		}
		// Events that are gone leave their numbers: somebody cut the record.
		s.ok(s.rdb.XDel(s.ctx, s.keys.events(), all[6].ID).Err())
		steps, err := s.EventsBefore(s.ctx, Trail{Actor: "p3"}, "", 5)
		s.ok(err)
		if len(steps) != 2 || steps[1].ID != all[6].ID || steps[1].Kind != "" {
			t.Errorf("%+v", steps)
		}
	})
}

func TestAccountsOfOrdersAndGroups(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1)
		for _, chat := range []int64{-5, -7} {
			_, err := s.LinkGroup(s.ctx, chat, GroupAccount(chat), true, event("LINKED", ""))
			s.ok(err)
		}
		_, err := s.MoveGroup(s.ctx, -5, -1005, GroupAccount(-5), event("MOVED", ""))
		s.ok(err)
		accounts, err := s.OrderAccounts(s.ctx, []string{"o9", "o1"})
		s.ok(err)
		groups, err := s.GroupAccounts(s.ctx)
		s.ok(err)
		if diff := cmp.Diff([][]string{{"", account}, {"group:-5", "group:-7"}}, [][]string{accounts, groups}); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEventsAfter(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		var want []string
		for i := range 5 {
			s.write(Event{Kind: fmt.Sprintf("E%d", i+1)})
			want = append(want, fmt.Sprintf("E%d", i+1))
		}
		var got []string
		id := ""
		for {
			events, err := s.EventsAfter(s.ctx, id, 2)
			s.ok(err)
			if len(events) == 0 {
				break
			}
			got, id = append(got, kinds(events)...), events[len(events)-1].ID
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLinkMovesOnlyItsOwnHead(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		none, err := s.Head(s.ctx)
		s.ok(err)
		if diff := cmp.Diff(Head{}, none); diff != "" {
			t.Errorf("at the start:\n%s", diff)
		}
		mac := func(n byte) []byte { return []byte{0, 0xff, n} }
		one := Head{Hash: "aa", ID: "5-0", Seq: 2}
		s.ok(s.Link(s.ctx, none, one, [][]byte{mac(1), mac(2)}))
		before := s.dump()
		s.is(s.Link(s.ctx, none, Head{Hash: "bb", ID: "6-0", Seq: 3}, [][]byte{mac(9)}), ErrStale)
		s.unchanged(before)

		s.pass(20 * time.Second)
		s.ok(s.Link(s.ctx, one, one, nil)) // nothing new: only the time
		head, err := s.Head(s.ctx)
		s.ok(err)
		s.about("link", head.At, s.now())
		one.At = head.At
		if diff := cmp.Diff(one, head); diff != "" {
			t.Error(diff)
		}
		s.ok(s.Link(s.ctx, one, Head{Hash: "bb", ID: "6-0", Seq: 3}, [][]byte{mac(3)}))
		macs, err := s.Macs(s.ctx, 1, 5)
		s.ok(err)
		if diff := cmp.Diff([][]byte{mac(2), mac(3)}, macs); diff != "" {
			t.Errorf("macs:\n%s", diff)
		}
		if macs, err = s.Macs(s.ctx, 3, 5); err != nil || len(macs) != 0 {
			t.Errorf("macs past the end: %v, %v", macs, err)
		}
	})
}

// TestBehindBegins finds the two borders exactly; only the embedded clock stands still.
func TestBehindBegins(t *testing.T) {
	for _, c := range []struct {
		name     string
		age      time.Duration
		unlinked int64
		err      error
	}{
		{"5 s", 5 * time.Second, 0, nil}, {"a bit over 5 s", 5001 * time.Millisecond, 0, ErrBehind},
		{"1,000 entries", 0, 1000, nil}, {"1,001 entries", 0, 1001, ErrBehind},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := embedded(t)
			s.fund(unit)
			s.link()
			s.ok(s.rdb.IncrBy(s.ctx, s.keys.seq(), c.unlinked).Err())
			s.pass(c.age)
			_, err := s.OpenOrder(s.ctx, basket("o1", 1))
			s.is(err, c.err)
		})
	}
}

func TestSwitchesAreRecordedOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		set := func(change func() (bool, error), want bool) {
			t.Helper()
			if changed, err := change(); err != nil || changed != want {
				t.Errorf("changed %v, %v; want %v", changed, err, want)
			}
		}
		pause := func(reason string) func() (bool, error) {
			return func() (bool, error) { return s.Pause(s.ctx, "giftz", reason, Event{Kind: "PAUSE"}) }
		}
		buying := func(reason string) func() (bool, error) {
			return func() (bool, error) { return s.SwitchBuying(s.ctx, reason, Event{Kind: "SWITCH"}) }
		}
		set(pause(""), false)
		set(pause("no_funds"), true)
		set(pause("no_funds"), false)
		set(pause("blocked"), true)
		set(buying("closed"), true)
		set(buying("closed"), false)
		paused, err := s.Paused(s.ctx)
		s.ok(err)
		if diff := cmp.Diff(map[string]string{"giftz": "blocked"}, paused); diff != "" {
			t.Error(diff)
		}
		set(pause(""), true)
		set(buying(""), true)
		set(buying(""), false)
		events, err := s.EventsAfter(s.ctx, "", 100)
		s.ok(err)
		if diff := cmp.Diff([]string{"PAUSE", "PAUSE", "SWITCH", "PAUSE", "SWITCH"}, kinds(events)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPeople(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.ok(s.NamePerson(s.ctx, "p1", buyer))
		if user, err := s.Person(s.ctx, "p1"); err != nil || user != buyer {
			t.Errorf("person is %d, %v", user, err)
		}
		_, err := s.Person(s.ctx, "p2")
		s.is(err, ErrNotFound)
	})
}
