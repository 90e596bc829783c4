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

func TestEventsByOrderAndPerson(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for i := range 5 {
			s.write(Event{Kind: fmt.Sprintf("E%d", i+1), Order: "o1", Person: "p1", Actor: "system"})
		}
		s.write(Event{Kind: "X", Order: "o2", Person: "p1", Actor: "system"}, Event{Kind: "Y", Order: "o1", Person: "p2", Actor: "system"},
			Event{Kind: "Z", Actor: "system"})
		type page struct {
			Kinds []string
			More  bool
		}
		read := func(from func(n int) ([]Event, bool, error), n int) (pages []page) {
			for i := range n {
				events, more, err := from(i)
				s.ok(err)
				pages = append(pages, page{kinds(events), more})
			}
			return pages
		}
		if diff := cmp.Diff([]page{{[]string{"Y", "E5"}, true}, {[]string{"E4", "E3"}, true}, {[]string{"E2", "E1"}, false}, {}},
			read(func(n int) ([]Event, bool, error) { return s.EventsOfOrder(s.ctx, "o1", n, 2) }, 4)); diff != "" {
			t.Errorf("of the order:\n%s", diff)
		}
		if diff := cmp.Diff([]page{{[]string{"X", "E5", "E4", "E3"}, true}, {[]string{"E2", "E1"}, false}, {}, {}},
			read(func(n int) ([]Event, bool, error) { return s.EventsOfPerson(s.ctx, "p1", n, 4) }, 4)); diff != "" {
			t.Errorf("of the person:\n%s", diff)
		}
		since := start().Add(15 * time.Second) // leaves out E1 and E2
		if diff := cmp.Diff([]page{{[]string{"Z", "Y", "X", "E5"}, true}, {[]string{"E4", "E3"}, false}, {}},
			read(func(n int) ([]Event, bool, error) { return s.EventsSince(s.ctx, since, "", n, 4) }, 3)); diff != "" {
			t.Errorf("since:\n%s", diff)
		}
		newest, _, err := s.EventsSince(s.ctx, since, "", 0, 1)
		s.ok(err)
		s.write(Event{Kind: "NEW"}, Event{Kind: "NEWER"}) // an anchor keeps the pages where they are
		if diff := cmp.Diff([]page{{[]string{"Z", "Y", "X"}, true}, {[]string{"E5", "E4", "E3"}, false}, {}},
			read(func(n int) ([]Event, bool, error) { return s.EventsSince(s.ctx, since, newest[0].ID, n, 3) }, 3)); diff != "" {
			t.Errorf("since, from an anchor:\n%s", diff)
		}
		if diff := cmp.Diff([]page{{}}, read(func(n int) ([]Event, bool, error) { return s.EventsOfPerson(s.ctx, "p9", n, 4) }, 1)); diff != "" {
			t.Errorf("of nobody:\n%s", diff)
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
