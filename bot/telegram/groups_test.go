package telegram

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/bot/demo"
	"cardrop/flows"
)

// changes are what the desk was told to have happened to chats.
func (s *script) changes() []flows.Input {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.inputs), func(in flows.Input) bool { return in.Change == "" })
}

// TestMovedGroupIsFollowed sends to a group that became a supergroup: the desk learns of it, and the message goes to the new chat.
func TestMovedGroupIsFollowed(t *testing.T) {
	r, _, _ := newSendRig(t)
	r.tg.NewGroup(-5, "Resellers", amina, omar)
	if err := r.tg.Migrate(-5, -1005); err != nil {
		t.Fatal(err)
	}
	r.desk.due = []flows.Notice{{Order: "A"}}
	r.desk.notice = func(flows.Notice) flows.Reply {
		return flows.Reply{Screens: []flows.Screen{{Chat: -5, Edit: 3, Text: "timeline", Order: "A", Keep: true}}}
	}
	if err := r.Notify(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []flows.Input{{Chat: -5, To: -1005, Change: flows.ChatMoved}}
	if diff := cmp.Diff(want, r.desk.changes()); diff != "" {
		t.Errorf("the desk was told (-want +got):\n%s", diff)
	}
	if got := r.visible(-1005); !slices.Contains(got, "timeline") {
		t.Errorf("the new chat shows %q", got)
	}
	if e := r.desk.noticed; len(e) != 1 || e[0].sent != 1 || e[0].failed {
		t.Errorf("noticed %+v", e)
	}
}

// TestNoticeOfTwoChats holds that a group that put the bot out keeps nobody from their cards, and a buyer who blocked the bot keeps
// no group from its news.
func TestNoticeOfTwoChats(t *testing.T) {
	r, _, _ := newSendRig(t)
	r.tg.NewGroup(-5, "Resellers", amina, omar)
	r.tg.NewGroup(-6, "Others", amina, omar)
	if err := r.tg.Leave(-6, 4200); err != nil {
		t.Fatal(err)
	}
	if err := r.tg.Block(omar); err != nil {
		t.Fatal(err)
	}
	r.desk.due = []flows.Notice{{Order: "A"}, {Order: "B"}}
	r.desk.notice = func(n flows.Notice) flows.Reply {
		group, buyer := int64(-6), amina
		if n.Order == "B" {
			group, buyer = -5, omar
		}
		return flows.Reply{Screens: []flows.Screen{
			{Chat: group, Text: "timeline " + n.Order, Order: n.Order, Keep: true}, {Chat: buyer, Text: "offer " + n.Order, Offer: n.Order, Keep: true}}}
	}
	if err := r.Notify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.visible(amina); !slices.Contains(got, "offer A") {
		t.Errorf("amina sees %q", got)
	}
	if got := r.visible(-5); !slices.Contains(got, "timeline B") {
		t.Errorf("the group sees %q", got)
	}
	want := []flows.Input{{Chat: omar, User: omar, Private: true, Change: flows.ChatShut}}
	if diff := cmp.Diff(want, r.desk.changes()); diff != "" {
		t.Errorf("the desk was told (-want +got):\n%s", diff)
	}
	for _, e := range r.desk.noticed {
		if e.sent != 1 || !e.unreachable {
			t.Errorf("noticed %+v", e)
		}
	}
}

// TestDeepLinks holds that a button into the private chat is a link to this bot.
func TestDeepLinks(t *testing.T) {
	r, _, _ := newSendRig(t)
	r.tg.NewGroup(-1005, "Resellers", amina, omar)
	if _, err := r.tg.Speak(-1005, amina, demo.Speech{Text: "/buy", ThreadID: 7}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.reply(t.Context(), flows.Input{Chat: -1005, User: amina}, "", flows.Reply{Screens: []flows.Screen{{Text: "here", Thread: 7,
		Rows: [][]flows.Button{{{Text: "Open", Start: "0123abcd"}, {Text: "Go", Data: "x"}}}}}}, false)
	for _, m := range r.tg.Messages(-1005) {
		if m.Text != "here" {
			continue
		}
		if m.ThreadID != 7 || len(m.Keyboard) != 1 || m.Keyboard[0][0].URL != "https://t.me/ShopBot?start=0123abcd" || m.Keyboard[0][1].CallbackData != "x" {
			t.Errorf("message %+v", m)
		}
		return
	}
	t.Error("nothing was sent")
}

// TestAlarmFollowsItsGroup sends an alarm to the former id of a group that became a supergroup.
func TestAlarmFollowsItsGroup(t *testing.T) {
	r, _, _ := newSendRig(t)
	r.tg.NewGroup(-5, "Operators", nadia)
	if err := r.tg.Migrate(-5, -1005); err != nil {
		t.Fatal(err)
	}
	if err := r.SendNotice(t.Context(), -5, "ALARM"); err != nil {
		t.Fatal(err)
	}
	if got := r.visible(-1005); !slices.Contains(got, "ALARM") {
		t.Errorf("the new chat shows %q", got)
	}
}

// TestConfirmKnocks holds that a Confirm in a group asks Telegram itself whether the buyer's private chat is open: where the news of a
// blocked bot never came, the desk learns of it before it is asked to take money. Nothing else knocks, and no other trouble says anything.
func TestConfirmKnocks(t *testing.T) {
	const confirm, other = "5i!buy:K7M29QXW", "5i!qty:1"
	for name, c := range map[string]struct {
		button  string
		private bool
		block   bool
		fault   bool
		shut    bool
		knocked int
	}{
		"open":                {button: confirm, knocked: 1},
		"blocked":             {button: confirm, block: true, shut: true, knocked: 1},
		"blocked, fresh":      {button: "5i!+buy:K7M29QXW", block: true, shut: true, knocked: 1},
		"another button":      {button: other, block: true},
		"a private Confirm":   {button: "buy:K7M29QXW", private: true, block: true},
		"Telegram in trouble": {button: confirm, fault: true, knocked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, _ := newSendRig(t)
			r.tg.NewGroup(-5, "Resellers", amina, omar)
			if c.block {
				if err := r.tg.Block(omar); err != nil { // nobody polls: the news does not come
					t.Fatal(err)
				}
			}
			if c.fault {
				r.fault(t, demo.Fault{Method: "sendChatAction", Kind: demo.FaultFlood, RetryAfter: 7})
			}
			in := flows.Input{Update: 7, Chat: -5, User: omar, Button: c.button, Private: c.private}
			if _, err := r.attempt(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			want := []flows.Input{in}
			if c.shut {
				want = []flows.Input{{Change: flows.ChatShut, Chat: omar, User: omar, Private: true}, in}
			}
			r.desk.mu.Lock()
			got := slices.Clone(r.desk.inputs)
			r.desk.mu.Unlock()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the desk was told (-want +got):\n%s", diff)
			}
			knocked := 0
			for _, call := range r.tg.Journal() {
				if call.Method == "sendChatAction" {
					knocked++
				}
			}
			if knocked != c.knocked {
				t.Errorf("asked Telegram %d times, want %d", knocked, c.knocked)
			}
		})
	}
}
