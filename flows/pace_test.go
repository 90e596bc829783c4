package flows

import (
	"strings"
	"testing"
	"time"
)

// TestTooFast: who asks faster than allowed is told how long to wait, in each language, once in a row for messages and at every press; what
// takes codes off the screen is never held up, and after the wait everything works again.
func TestTooFast(t *testing.T) {
	st := newStage(t)
	st.desk.people = newBound(Pace{Burst: 3, Second: 0.2})
	for language, words := range map[string]string{"en": "wait 5 seconds", "fr": "attendez 5 secondes", "ar": "انتظر 5 ثوانٍ"} {
		st.user = person{map[string]int64{"en": 1001, "fr": 1002, "ar": 1003}[language], "X", language}
		for range 3 {
			if reply := st.do(Input{Command: "start"}); len(reply.Screens) == 0 || strings.Contains(reply.Screens[0].Text, words) {
				t.Fatalf("%s: held up early: %+v", language, reply)
			}
		}
		if reply := st.do(Input{Command: "start"}); len(reply.Screens) != 1 || !strings.Contains(unbracketed(plain(reply.Screens[0].Text)), words) {
			t.Errorf("%s: told %+v", language, reply)
		}
		if reply := st.do(Input{Command: "start"}); len(reply.Screens) != 0 || reply.Alert != "" {
			t.Errorf("%s: told again: %+v", language, reply)
		}
		for range 2 {
			if reply := st.do(Input{Button: "menu", Message: 1}); !reply.Modal || !strings.Contains(unbracketed(plain(reply.Alert)), words) || len(reply.Screens) != 0 {
				t.Errorf("%s: a press is answered with %+v", language, reply)
			}
		}
		for _, button := range []string{"saved:ABCDEFGH", "+saved:ABCDEFGH"} {
			if reply := st.do(Input{Button: button, Message: 1}); strings.Contains(unbracketed(plain(reply.Alert)), words) {
				t.Errorf("%s: %s is held up", language, button)
			}
		}
	}
	st.clock.Advance(5 * time.Second)
	st.redis.SetTime(st.clock.Now())
	if reply := st.do(Input{Command: "start"}); len(reply.Screens) == 0 {
		t.Errorf("after the wait: %+v", reply)
	}
}

// TestTooFastTogether: a group's members share the group's pace, and what is said in a group without the shop counts nothing.
func TestTooFastTogether(t *testing.T) {
	st := linked(t)
	st.desk.groups = newBound(Pace{Burst: 2, Second: 1})
	for range 5 {
		st.do(Input{Text: "hello"})
		st.do(Input{Command: "othersbot"})
	}
	for i, user := range []int64{karim, lina, sami} {
		st.user = person{user, "X", "en"}
		reply := st.do(Input{Command: "limits"})
		if told := strings.Contains(reply.Screens[0].Text, "Too fast"); told != (i == 2) {
			t.Errorf("command %d: %+v", i, reply)
		}
	}
}

// TestPaceIsBounded: more people than are remembered do not grow the memory, and who is in haste is the last to be forgotten.
func TestPaceIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	b := newBound(Pace{Burst: 1, Second: 1})
	for id := range int64(mostPaced - 1) {
		b.ask(id+1, now)
	}
	later := now.Add(time.Minute)
	b.ask(-1, later)
	for id := range int64(mostPaced) {
		b.ask(1_000_000+id, later)
		if id == 100 {
			if wait, _ := b.ask(-1, later); wait == 0 {
				t.Error("who is in haste was forgotten before who is not")
			}
		}
	}
	if len(b.all) > mostPaced {
		t.Errorf("%d are remembered", len(b.all))
	}
}
