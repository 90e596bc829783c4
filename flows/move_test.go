package flows

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cardrop/store"
)

// TestMoveIsForItsTwo forges the buttons of a move as everybody else, at each of its states: nobody but the old account and the staff stops it, nobody
// but the new account is asked for a receipt, and no screen tells a stranger of it.
func TestMoveIsForItsTwo(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	play(st, "* credit 1001 5000\n> /buy GRAB2000-9L7 1\n> [Confirm]\n* work")
	order := st.named()
	people := []person{{1002, "Amine", "en"}, {2001, "Lina", "en"}, {62, "Salim", "en"}}
	for _, p := range people {
		st.user = p
		st.act("/start")
	}
	_, err := st.shop.Appoint(t.Context(), admin, 62, string(Support))
	st.must(err)
	st.wait(time.Minute)
	st.must(st.shop.AskMove(t.Context(), admin, "K7M29Q", 1001, 1002))
	stands := func() store.Move {
		m, err := st.shop.AccountMove(t.Context(), "K7M29Q", 0)
		st.must(err)
		return m
	}
	forge := func(users ...person) {
		t.Helper()
		before := stands()
		for _, p := range users {
			st.user = p
			for _, data := range []string{"mvstop:K7M29Q", "mvend:K7M29Q", "mvsee:K7M29Q", "mvgo:K7M29Q", "moves", "mvask"} {
				reply := st.do(Input{Button: data, Message: 1})
				if strings.Contains(fmt.Sprintf("%+v", reply.Screens), "K7M-29Q") {
					t.Errorf("%s shows the move to %s", data, p.name)
				}
			}
			if p.id != 1002 {
				st.do(Input{Button: "mvprove:K7M29Q", Message: 1})
				st.do(Input{Text: order})
			}
		}
		if now := stands(); now.State != before.State || now.Tries != before.Tries {
			t.Errorf("a forged button moved it from %s (%d) to %s (%d)", before.State, before.Tries, now.State, now.Tries)
		}
	}
	forge(append(people, person{1001, "Amine", "en"})[:3]...)
	st.user = people[0]
	st.do(Input{Button: "mvprove:K7M29Q", Message: 1})
	wrong := st.do(Input{Text: "AAAA2222"})
	other := st.do(Input{Text: "no such thing"})
	if wrong.Screens[0].Text != other.Screens[0].Text || stands().Tries != 2 {
		t.Error("a wrong receipt and one that is none get different answers, or are not counted")
	}
	st.do(Input{Text: order})
	if stands().State != store.MoveWaiting {
		t.Fatalf("the receipt was not taken: %+v", stands())
	}
	forge(people...)
	st.user = person{1001, "Amine", "en"}
	st.do(Input{Button: "mvstop:K7M29Q", Message: 1})
	if stands().State != store.MoveStopped {
		t.Error("the old account cannot stop it")
	}
	forge(people...)
}
