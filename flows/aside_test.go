package flows

import (
	"strings"
	"testing"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// last is the newest screen of a reply.
func last(t *testing.T, r Reply) Screen {
	t.Helper()
	if len(r.Screens) == 0 {
		t.Fatalf("nothing was drawn: %+v", r)
	}
	return r.Screens[len(r.Screens)-1]
}

// asked is a group after a purchase, in which Karim may spend 300 a day.
func asked(t *testing.T) *stage {
	t.Helper()
	st := linked(t)
	st.act("/buy GRAB2000-9L7 1")
	st.press("Confirm")
	st.work()
	st.must(st.shop.SetTerm(t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.DayTerm(karim), Member: karim, Value: "30000"}))
	return st
}

// TestAside holds which screens of a group are for the one who asked, and that all read less where it cannot be: no entry of the wallet, no
// limit of a member. In private nothing is apart.
func TestAside(t *testing.T) {
	st := asked(t)
	st.must(st.shop.SetTerm(t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.RoleTerm(karim), Member: karim, Value: string(store.RoleOwner)}))
	for command, only := range map[string]string{"balance": "cash", "statement": "cash", "limits": "300 DZD", "members": "300 DZD"} {
		s := last(t, st.do(Input{Command: command}))
		if s.Openly == nil || !strings.Contains(plain(s.Text), only) || strings.Contains(plain(s.Openly.Text), only) || len(s.Openly.Text) < 10 {
			t.Errorf("/%s: %q, for all %+v", command, s.Text, s.Openly)
		}
		if s.Openly != nil && (len(s.Openly.Rows) < 2 || s.Openly.Rows[0][0].Text != st.words.in("en").say("aside.show")) {
			t.Errorf("/%s: all may press %+v", command, s.Openly.Rows)
		}
	}
	if s := last(t, st.do(Input{Command: "limits", Text: "member 800"})); !strings.Contains(plain(s.Text), "800 DZD = 80,000 centimes") || strings.Contains(s.Openly.Text, "centimes") {
		t.Errorf("a new limit is echoed as %q, for all %+v", s.Text, s.Openly)
	}
	for _, command := range []string{"catalog", "orders", "help", "price"} {
		if s := last(t, st.do(Input{Command: command})); s.Openly != nil {
			t.Errorf("/%s is apart: %+v", command, s)
		}
	}
	st.scene = scene{}
	for _, command := range []string{"balance", "statement"} {
		if s := last(t, st.do(Input{Command: command})); s.Openly != nil || s.Whisper != 0 {
			t.Errorf("/%s in private is apart: %+v", command, s)
		}
	}
}

// TestRefusedAside holds that a refusal that is about one member tells all only that nothing was done, on the pressed menu as well as after a
// command, and the member why; a refusal about the group tells all.
func TestRefusedAside(t *testing.T) {
	st := asked(t)
	st.act("/buy GRAB2000-9L7 3")
	c := st.chat(shop5)
	s := last(t, st.do(Input{Button: c.messages[c.next].rows[0][0].Data, Message: c.next}))
	if s.Openly != nil || s.Edit != c.next || strings.Contains(s.Text, "300") || !strings.Contains(s.Text, "MEMBER_DAY_LIMIT") {
		t.Errorf("refused with %+v", s)
	}
	if told := st.do(Input{Button: s.Rows[0][0].Data, Message: c.next}).Alert; !strings.Contains(plain(told), "115 DZD of 300 DZD") {
		t.Errorf("the member is told %q", told)
	}
	st.must(st.shop.SetTerm(t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.RoleTerm(karim), Member: karim, Value: string(store.RoleViewer)}))
	s = last(t, st.do(Input{Command: "send", Text: "2002 5"}))
	if s.Openly == nil || !strings.Contains(s.Text, "Only an owner") || strings.Contains(s.Openly.Text, "Ask an owner") {
		t.Errorf("refused with %+v, for all %+v", s, s.Openly)
	}
	st.act("/buy GRAB2000-9L7 1")
	s = last(t, st.do(Input{Button: c.messages[c.next].rows[0][0].Data, Message: c.next}))
	if told := st.do(Input{Button: s.Rows[0][0].Data, Message: c.next}); !strings.Contains(told.Alert, "you may look, not buy") || !told.Modal || len(told.Screens) != 0 {
		t.Errorf("the member is told %+v", told)
	}
	st.must(st.shop.SetTerm(t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.TermFrozen, Value: "1"}))
	st.user = person{lina, "Lina", "en"}
	st.act("/buy GRAB2000-9L7 1")
	if s = last(t, st.do(Input{Button: c.messages[c.next].rows[0][0].Data, Message: c.next})); !strings.Contains(s.Text, "WALLET_FROZEN") || !strings.Contains(s.Text, "frozen") {
		t.Errorf("all read %+v", s)
	}
}

// TestWhisperPressed holds that what is pressed on a message for one member alone is answered there, that the menu for all stays the live
// one, and that a purchase begun there has its timeline in the group.
func TestWhisperPressed(t *testing.T) {
	st := asked(t)
	st.act("/help")
	menu := st.talkOf(karim).Live
	s := last(t, st.do(Input{Button: owned(karim, "wallet"), Message: menu}))
	if s.Openly == nil || s.Edit != menu || s.Whisper != 0 {
		t.Fatalf("a press on the menu: %+v", s)
	}
	for _, data := range []string{"wallet", "orders:0", "take:GRAB2000-9L7:1"} {
		r := st.do(Input{Button: owned(karim, data), Whisper: 77})
		if s := last(t, r); s.Whisper != 77 || s.Edit != menu || len(r.Delete) != 0 {
			t.Errorf("%s: %+v, deleted %v", data, s, r.Delete)
		}
	}
	if now := st.talkOf(karim).Live; now != menu {
		t.Errorf("the live menu is %d, was %d", now, menu)
	}
	order := st.visitOf(karim).OrderID
	for range 2 {
		if s := last(t, st.do(Input{Button: owned(karim, "buy:"+order), Whisper: 77})); s.Whisper != 0 || s.Order != order || !s.Keep || s.Chat != shop5 {
			t.Errorf("bought with %+v", s)
		}
	}
	if reply := st.do(Input{Button: owned(lina, "wallet"), Whisper: 77}); reply.Alert != st.words.in("en").say("group.foreign") || len(reply.Screens) != 0 {
		t.Errorf("another's button: %+v", reply)
	}
}

// TestNoCodeIsWhispered holds that no button that has to do with a card's code is answered on a message for one member alone, and none that a
// group has not: what is whispered is a menu of the group, in which codes do not exist.
func TestNoCodeIsWhispered(t *testing.T) {
	st := asked(t)
	former, _, err := st.shop.Orders(t.Context(), karim, 0, 1)
	st.must(err)
	tried := 0
	for name, v := range verbs() {
		if _, shared := groupVerbs()[name]; shared {
			continue
		}
		data := strings.ReplaceAll(sample(t, name, v), "K7M29QXW", former[0].ID)
		r := st.do(Input{Button: owned(karim, data), Whisper: 77})
		if len(r.Screens) != 0 || r.Alert != st.words.in("en").say("group.stale") {
			t.Errorf("%s is answered with %+v", data, r)
		}
		tried++
	}
	for _, name := range []string{"s", "again", "file", "saved", "more"} {
		if _, shared := groupVerbs()[name]; shared {
			t.Errorf("a group has the button %s", name)
		}
	}
	if tried < 40 {
		t.Errorf("only %d buttons were tried", tried)
	}
}

// TestStatementFileInPrivate holds that a group's statement as a file goes to the one who asked, in private, and nowhere where that is shut.
func TestStatementFileInPrivate(t *testing.T) {
	st := asked(t)
	data := owned(karim, "stmtcsv:20300301:20300304")
	if s := last(t, st.do(Input{Button: data, Message: 1})); s.Chat != karim || s.File == nil || !s.Keep || s.Thread != 0 {
		t.Errorf("the file goes to %+v", s)
	}
	st.change(Input{Chat: karim, User: karim, Private: true, Change: ChatShut})
	if r := st.do(Input{Button: data, Message: 1}); len(r.Screens) != 0 || !strings.Contains(r.Alert, "private chat first") {
		t.Errorf("answered with %+v", r)
	}
}
