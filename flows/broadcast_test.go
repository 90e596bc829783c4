package flows

import (
	"errors"
	"testing"

	"cardrop/store"
)

// directCasting does what a stage direction about announcements says: carry sends what is under way, but for people who are named and have
// blocked the bot.
func (st *stage) directCasting(words []string) bool {
	st.t.Helper()
	if words[0] != "carry" {
		return false
	}
	m, err := st.desk.Mail(st.t.Context())
	st.must(err)
	if m == nil {
		st.print("(nothing to send)")
		return true
	}
	for {
		s, wait, err := m.Next(st.t.Context())
		if errors.Is(err, ErrMailed) {
			break
		}
		st.must(err)
		if s == nil {
			st.t.Fatalf("somebody has to wait %s", wait)
		}
		fate := store.FateSent
		if len(words) > 1 && number(int(s.Chat)) == words[1] {
			fate = store.FateBlocked
		} else {
			st.check(Reply{Screens: []Screen{*s}})
			st.show(s.Chat, Reply{Screens: []Screen{*s}})
		}
		st.must(m.Done(st.t.Context(), s.Chat, fate, 0))
	}
	st.must(m.Close(st.t.Context()))
	ids, err := st.desk.DueRedraws(st.t.Context(), 10)
	st.must(err)
	for _, id := range ids {
		reply, err := st.desk.Redraw(st.t.Context(), id)
		st.must(err)
		st.show(id.Chat, reply)
	}
	st.notices()
	return true
}

// TestTheWrongAdminSteersNothing: support and auditors have no announcements, and a tap on buttons that are out of date changes nothing.
func TestTheWrongAdminSteersNothing(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.crew()
	st.user = person{admin, "Nadia", "en"}
	st.act("/broadcast")
	st.act("[Write]")
	st.act("Hello")
	st.act("[Send to everybody]")
	st.act("[Send now]")
	b, err := st.shop.Broadcast(t.Context())
	st.must(err)
	for _, id := range []int64{62, 63, 64} { // support, auditor, customer
		st.user = person{id, "X", "en"}
		for _, data := range []string{"castpause:" + b.ID, "castend:" + b.ID, "castgo:" + b.ID} {
			st.do(Input{Button: data, Message: 1})
		}
	}
	st.user = person{admin, "Nadia", "en"}
	st.do(Input{Button: "castend:ABCD2345", Message: 1})
	if after, err := st.shop.Broadcast(t.Context()); err != nil || after.State != store.BroadcastRunning || after.Version != b.Version {
		t.Errorf("it stands at %s: %v", after.State, err)
	}
}
