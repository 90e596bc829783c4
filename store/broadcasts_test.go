package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// cast begins broadcast b1 to ten customers, and has session s1 send it.
func (s *kit) cast() {
	s.t.Helper()
	s.ok(s.begins("b1"))
	s.mails("s1")
}

func (s *kit) begins(id string) error {
	return s.StepBroadcast(s.ctx, id, BroadcastStep{To: BroadcastRunning, Event: event("BROADCAST_BEGUN", ""), Doc: []byte(`{"t":1}`), End: 10})
}

func (s *kit) mails(session string) int64 {
	s.t.Helper()
	n, err := s.BeginMailing(s.ctx, "b1", session)
	s.ok(err)
	return n
}

func (s *kit) steps(to BroadcastState, version string, from ...BroadcastState) error {
	news := ""
	if to == BroadcastOver {
		news = "cast:b1"
	}
	return s.StepBroadcast(s.ctx, "b1", BroadcastStep{From: from, To: to, Version: version, News: news, Event: event("BROADCAST_STEPPED", "")})
}

func (s *kit) broadcast() Broadcast {
	s.t.Helper()
	b, err := s.Broadcast(s.ctx)
	s.ok(err)
	return b
}

// broadcastOutcomes lists every answer of the scripts about texts to every customer.
func broadcastOutcomes() []outcome {
	begin := func(id string) func(s *kit) error { return func(s *kit) error { return s.begins(id) } }
	step := func(to BroadcastState, version string, from ...BroadcastState) func(s *kit) error {
		return func(s *kit) error { return s.steps(to, version, from...) }
	}
	mail := func(s *kit) error { _, err := s.BeginMailing(s.ctx, "b1", "s2"); return err }
	take := func(user, place int64, fate Fate) func(s *kit) error {
		return func(s *kit) error { return s.TakeMail(s.ctx, "s1", user, place, fate) }
	}
	end := func(fate Fate) func(s *kit) error {
		return func(s *kit) error { return s.EndMail(s.ctx, "b1", 7, fate, time.Second) }
	}
	casting := func(s *kit) { s.cast() }
	onTheWay := func(s *kit) { s.cast(); s.ok(s.TakeMail(s.ctx, "s1", 7, 0, "")) }
	over := func(s *kit) {
		s.cast()
		s.ok(s.steps(BroadcastOver, s.broadcast().Version, BroadcastRunning))
	}
	return []outcome{
		{"broadcast", "ok", nothing, begin("b1"), true, "same", ""},
		{"broadcast", "same", casting, begin("b1"), false, "same", ""},
		{"broadcast", "taken", casting, begin("b2"), false, "taken", ""},
		{"broadcast", "ok", over, begin("b2"), true, "same", ""},
		{"broadcast", "gone", nothing, step(BroadcastPaused, "", BroadcastRunning), false, "gone", ""},
		{"broadcast", "ok", casting, step(BroadcastPaused, "", BroadcastRunning), true, "edge", ""},
		{"broadcast", "edge", over, step(BroadcastPaused, "", BroadcastRunning), false, "edge", ""},
		{"broadcast", "stale", casting, step(BroadcastOver, "1000", BroadcastRunning), false, "stale", ""},
		{"broadcast", "ok", casting, step(BroadcastOver, "2", BroadcastRunning), true, "edge", ""},
		{"mailing", "ok", onTheWay, mail, true, "ok", "each session has its own version"},
		{"mailing", "idle", over, mail, false, "idle", ""},
		{"mail_take", "ok", casting, take(7, 0, ""), true, "moved", ""},
		{"mail_take", "ok", casting, take(7, 0, FateBanned), true, "moved", ""},
		{"mail_take", "ok", casting, take(0, 0, FateNobody), true, "moved", ""},
		{"mail_take", "ok", func(s *kit) { onTheWay(s); s.ok(end(FateAgain)(s)) }, take(7, -1, ""), true, "moved", ""},
		{"mail_take", "moved", casting, take(7, 3, ""), false, "moved", ""},
		{"mail_take", "stop", func(s *kit) { s.cast(); s.ok(s.steps(BroadcastPaused, "", BroadcastRunning)) }, take(7, 0, ""), false, "stop", ""},
		{"mail_take", "stop", func(s *kit) { s.cast(); s.mails("s2") }, take(7, 0, ""), false, "stop", ""},
		{"mail_end", "ok", onTheWay, end(FateSent), true, "gone", ""},
		{"mail_end", "ok", onTheWay, end(FateAgain), true, "gone", ""},
		{"mail_end", "ok", onTheWay, end(FateUnsure), true, "gone", ""},
		{"mail_end", "gone", casting, end(FateSent), false, "gone", ""},
		{"mail_end", "gone", func(s *kit) { onTheWay(s); s.mails("s2") }, end(FateUnsure), false, "gone", ""},
		{"mail_end", "gone", func(s *kit) {
			onTheWay(s)
			s.mails("s2")
			s.ok(s.steps(BroadcastOver, "", BroadcastRunning))
		}, end(FateSent), false, "gone", ""},
	}
}

// TestABroadcastCountsEachOnce: who is sent to is counted once, whoever was on their way when a process died is unsure and not sent to again,
// and a word of the dead one that comes late mends that.
func TestABroadcastCountsEachOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.cast()
		for place, user := range []int64{7, 8, 9} {
			s.ok(s.TakeMail(s.ctx, "s1", user, int64(place), ""))
		}
		s.ok(s.TakeMail(s.ctx, "s1", 10, 3, FateMuted))
		s.ok(s.EndMail(s.ctx, "b1", 7, FateSent, 0))
		s.ok(s.EndMail(s.ctx, "b1", 7, FateSent, 0))
		if n := s.mails("s2"); n != 2 {
			t.Errorf("%d are unsure", n)
		}
		s.is(s.TakeMail(s.ctx, "s1", 11, 4, ""), ErrFenced)
		s.ok(s.EndMail(s.ctx, "b1", 8, FateSent, 0))
		s.ok(s.TakeMail(s.ctx, "s2", 11, 4, ""))
		s.ok(s.EndMail(s.ctx, "b1", 11, FateAgain, 3*time.Second))
		user, wait, err := s.MailAgain(s.ctx)
		s.ok(err)
		if user != 11 || wait < 2*time.Second || wait > 3*time.Second {
			t.Errorf("%d is tried again in %s", user, wait)
		}
		b := s.broadcast()
		want := map[Fate]int64{FateSent: 2, FateMuted: 1, FateUnsure: 1, FateBlocked: 0, FateBanned: 0, FateFailed: 0}
		if diff := cmp.Diff(want, b.Fates); diff != "" || b.Next != 5 || b.Again != 1 || b.OnTheWay != 0 {
			t.Errorf("next %d, again %d, on their way %d (-want +got):\n%s", b.Next, b.Again, b.OnTheWay, diff)
		}
	})
}

// TestTheRowOfCustomers: everybody who has a number stands in it at their place, as they are now.
func TestTheRowOfCustomers(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		const row = 9000 + 5 // into the numbers of five digits
		for place := range int64(row) {
			if got, want := numberAt(place), s.number(100_000+place); got != want {
				t.Fatalf("place %d has number %d, not %d", place, got, want)
			}
		}
		s.ok(s.Shut(s.ctx, 100_001))
		s.ok(s.Mute(s.ctx, 100_002, true))
		s.ok(s.Mute(s.ctx, 100_003, true))
		s.ok(s.Mute(s.ctx, 100_003, false))
		_, err := s.Ban(s.ctx, 100_003, "why", event("BANNED", ""))
		s.ok(err)
		for _, c := range []struct {
			from, to int64
			want     []Addressee
		}{
			{0, 4, []Addressee{{Place: 0, Talk: Talk{Chat: 100_000}}, {Place: 1, Talk: Talk{Chat: 100_001, Shut: true}},
				{Place: 2, Talk: Talk{Chat: 100_002, Muted: true}}, {Place: 3, Talk: Talk{Chat: 100_003}, Banned: true}}},
			{row - 1, row + 1, []Addressee{{Place: row - 1, Talk: Talk{Chat: 100_000 + row - 1}}, {Place: row}}},
		} {
			got, err := s.Addressees(s.ctx, c.from, c.to)
			s.ok(err)
			for i := range got {
				got[i].Body = nil
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("places from %d (-want +got):\n%s", c.from, diff)
			}
		}
		talk, err := s.LoadTalk(s.ctx, 100_002, 0)
		s.ok(err)
		if !talk.Muted {
			t.Error("the talk does not tell that no announcements are wanted")
		}
	})
}
