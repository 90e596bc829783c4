package telegram

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/bot/demo"
	"cardrop/flows"
)

// replied lets the bot carry out one reply in Amina's chat.
func replied(t *testing.T, r *rig, reply flows.Reply) {
	t.Helper()
	t.Helper()
	r.reply(t.Context(), flows.Input{Chat: amina}, "", reply, false)
}

func (r *rig) visible(chat int64) []string {
	var list []string
	for _, m := range r.tg.Messages(chat) {
		if m.FromBot {
			list = append(list, m.Text)
		}
	}
	return list
}

func TestEditFallsBackToANewMessage(t *testing.T) {
	r, _, _ := newSendRig(t)
	replied(t, r, flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "menu"}}})
	first := r.shows(t, amina, "menu")
	replied(t, r, flows.Reply{Version: 2, Screens: []flows.Screen{{Text: "menu", Edit: first.ID}}}) // not modified: a success
	if err := r.out.remove(t.Context(), errand{chat: amina}, first.ID); err != nil {
		t.Fatal(err)
	}
	replied(t, r, flows.Reply{Version: 3, Screens: []flows.Screen{{Text: "again", Edit: first.ID}}})
	second := r.shows(t, amina, "again")
	r.fault(t, demo.Fault{Method: "editMessageText", Kind: demo.FaultError, Code: 400, Description: "Bad Request: message can't be edited"})
	replied(t, r, flows.Reply{Version: 4, Screens: []flows.Screen{{Text: "third", Edit: second.ID}}})
	third := r.shows(t, amina, "third")
	replied(t, r, flows.Reply{Version: 5, Screens: []flows.Screen{
		{Text: "a file", Keep: true, File: &flows.File{Name: "re port.txt", Data: []byte("x")}},
	}})
	file := r.shows(t, amina, "a file")
	replied(t, r, flows.Reply{Version: 6, Screens: []flows.Screen{{Text: "text again", Edit: file.ID}}, Delete: []int{third.ID}})
	last := r.shows(t, amina, "text again")
	want := []drawing{{amina, 1, first.ID, 1}, {amina, 2, first.ID, 1}, {amina, 3, second.ID, 1}, {amina, 4, third.ID, 1}, {amina, 5, 0, 1}, {amina, 6, last.ID, 1}}
	if diff := cmp.Diff(want, r.desk.drawn); diff != "" {
		t.Errorf("drawn (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"again", "text again"}, r.visible(amina)); diff != "" {
		t.Errorf("chat shows (-want +got):\n%s", diff)
	}
	if file.Document.Name != "re-port.txt" {
		t.Errorf("file %q", file.Document.Name)
	}
}

// TestEditOrNothing holds that news about a message that its reader deleted does not bring it back.
func TestEditOrNothing(t *testing.T) {
	r, _, _ := newSendRig(t)
	replied(t, r, flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "offer", Keep: true}, {Text: "menu"}}})
	offer := r.shows(t, amina, "offer")
	replied(t, r, flows.Reply{Version: 2, Screens: []flows.Screen{{Text: "shown", Edit: offer.ID, Keep: true, Only: true}}})
	r.shows(t, amina, "shown")
	if err := r.out.remove(t.Context(), errand{chat: amina}, offer.ID); err != nil {
		t.Fatal(err)
	}
	replied(t, r, flows.Reply{Version: 3, Screens: []flows.Screen{{Text: "removed", Edit: offer.ID, Keep: true, Only: true}}})
	if diff := cmp.Diff([]string{"menu"}, r.visible(amina)); diff != "" {
		t.Errorf("chat shows (-want +got):\n%s", diff)
	}
}

func TestLongTextIsSplit(t *testing.T) {
	r, _, _ := newSendRig(t)
	text := strings.Repeat("💳 line\n", 1000)
	rows := [][]flows.Button{{{Text: "Home", Data: "menu"}}}
	replied(t, r, flows.Reply{Version: 1, Screens: []flows.Screen{{Text: text, Marks: []flows.Mark{{Kind: "bold", Length: units(text)}}, Rows: rows}}})
	sent := r.calls("sendMessage")
	if len(sent) != 2 || !sent[0].OK || !sent[1].OK || len(sent[0].Keyboard) != 0 || len(sent[1].Keyboard) != 1 {
		t.Fatalf("calls %+v", sent)
	}
	if r.desk.drawn[0].Live != sent[1].MessageID {
		t.Errorf("live %d, want the part with the buttons", r.desk.drawn[0].Live)
	}
}

// A reply that flood control holds back keeps its redraw entry, and the redraw brings the present screen.
func TestHeldReplyIsRedrawn(t *testing.T) {
	r, clock, _ := newSendRig(t)
	r.fault(t, demo.Fault{Method: "sendMessage", ChatID: amina, Kind: demo.FaultFlood, RetryAfter: 30})
	replied(t, r, flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "menu"}}})
	if len(r.desk.drawn) != 0 || len(r.visible(amina)) != 0 {
		t.Fatalf("drawn %v, shows %v", r.desk.drawn, r.visible(amina))
	}
	r.desk.redraw = func(chat int64) flows.Reply {
		return flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "present"}}}
	}
	r.desk.chats = []flows.TalkID{{Chat: amina}}
	if err := r.RedrawDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.calls("sendMessage")) != 1 {
		t.Error("the held chat was called")
	}
	clock.move(31 * time.Second)
	r.desk.chats = []flows.TalkID{{Chat: amina}}
	if err := r.RedrawDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := r.shows(t, amina, "present")
	if diff := cmp.Diff([]drawing{{amina, 1, m.ID, 1}}, r.desk.drawn); diff != "" {
		t.Errorf("drawn (-want +got):\n%s", diff)
	}
}

// A reply cut in the middle remembers what was sent and keeps its redraw entry.
func TestHalfAReply(t *testing.T) {
	r, _, _ := newSendRig(t)
	replied(t, r, flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "menu"}}})
	menu := r.shows(t, amina, "menu")
	r.fault(t, demo.Fault{Method: "sendMessage", Kind: demo.FaultFlood, RetryAfter: 30})
	replied(t, r, flows.Reply{Version: 2, Screens: []flows.Screen{{Text: "timeline", Edit: menu.ID, Order: "A", Keep: true}, {Text: "next"}}})
	if diff := cmp.Diff([]drawing{{amina, 1, menu.ID, 1}, {amina, 0, 0, 1}}, r.desk.drawn); diff != "" {
		t.Errorf("drawn (-want +got):\n%s", diff)
	}
}

// What can never be drawn must not be drawn for ever.
func TestHopelessRepliesEnd(t *testing.T) {
	r, _, _ := newSendRig(t)
	replied(t, r, flows.Reply{Version: 1, Screens: []flows.Screen{{Text: " "}, {Text: "fine"}}})
	if err := r.tg.Block(amina); err != nil {
		t.Fatal(err)
	}
	replied(t, r, flows.Reply{Version: 2, Screens: []flows.Screen{{Text: "menu"}, {Text: "more"}}})
	if len(r.desk.drawn) != 2 || r.desk.drawn[0].Sent != 1 || r.desk.drawn[1].Version != 2 || r.desk.drawn[1].Sent != 0 {
		t.Errorf("drawn %+v", r.desk.drawn)
	}
	if n := len(r.calls("sendMessage")); n != 2 {
		t.Errorf("%d calls, want no second one to a blocked chat", n)
	}
}

func TestNotices(t *testing.T) {
	r, _, _ := newSendRig(t)
	if err := r.tg.Block(omar); err != nil {
		t.Fatal(err)
	}
	r.desk.due = []flows.Notice{{Order: "A"}, {Order: "B"}, {Order: "C"}}
	r.desk.notice = func(n flows.Notice) flows.Reply {
		switch n.Order {
		case "A":
			return flows.Reply{Screens: []flows.Screen{{Chat: amina, Text: "timeline", Order: "A", Keep: true}, {Chat: amina, Text: "offer", Offer: "A", Keep: true}}}
		case "B":
			return flows.Reply{Screens: []flows.Screen{{Chat: omar, Text: "timeline", Order: "B", Keep: true}}}
		}
		return flows.Reply{}
	}
	if err := r.Notify(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]ending{}
	for _, e := range r.desk.noticed {
		got[e.order] = e
	}
	want := map[string]ending{"A": {order: "A", sent: 2}, "B": {order: "B", unreachable: true, failed: true}, "C": {order: "C"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(ending{})); diff != "" {
		t.Errorf("noticed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"timeline", "offer"}, r.visible(amina)); diff != "" {
		t.Errorf("chat shows (-want +got):\n%s", diff)
	}
}

func TestCommandMenus(t *testing.T) {
	r := newRig(t, nil)
	r.start(t)
	if err := r.tg.Await(soon(t), func() bool { return len(r.calls("setMyCommands")) == 9 }); err != nil {
		t.Fatal(err)
	}
	if got := r.tg.Commands(amina, amina); len(got) != 1 {
		t.Errorf("customer's menu %+v", got)
	}
	if got := r.tg.Commands(nadia, nadia); len(got) != 2 {
		t.Errorf("admin's menu %+v", got)
	}
	if r.Username() != "ShopBot" {
		t.Errorf("username %q", r.Username())
	}
	r.halt(t)
}

// TestAppointedMenu holds that whoever got a role sees its commands, and whoever lost it the customers' again.
func TestAppointedMenu(t *testing.T) {
	r := newRig(t, nil)
	r.start(t)
	offered := func(want int) {
		t.Helper()
		if err := r.tg.Await(soon(t), func() bool { return len(r.tg.Commands(omar, omar)) == want }); err != nil {
			t.Fatalf("menu %+v: %v", r.tg.Commands(omar, omar), err)
		}
	}
	offered(1)
	for _, role := range []flows.Role{flows.Support, ""} {
		r.desk.mu.Lock()
		r.desk.staff = map[int64]flows.Role{omar: role}
		r.desk.mu.Unlock()
		r.republish(t.Context(), []int64{omar})
		offered(map[flows.Role]int{flows.Support: 2, "": 1}[role])
	}
	r.halt(t)
}

func TestTokenRefused(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Token = r42() })
	if err := r.Run(t.Context()); err == nil || !strings.Contains(err.Error(), ErrToken.Error()) {
		t.Errorf("run with a wrong token: %v", err)
	}
	var none Bot
	if err := none.Run(context.WithoutCancel(t.Context())); err == nil {
		t.Error("run without a desk")
	}
}
