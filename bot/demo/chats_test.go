package demo

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStartAndBlock(t *testing.T) {
	r := newRig(t, Options{})
	message := fields{"chat_id": amina, "text": "x"}
	const silent, blocked = "Forbidden: bot can't initiate conversation with a user", "Forbidden: bot was blocked by the user"
	r.refused("sendMessage", message, http.StatusForbidden, silent)
	r.say(amina, started)
	id := r.ok("sendMessage", message)
	r.drop()
	if err := r.Block(amina); err != nil {
		t.Fatal(err)
	}
	for method, extra := range map[string]fields{
		"sendMessage": {"text": "x"}, "editMessageText": {"message_id": id, "text": "y"}, "deleteMessage": {"message_id": id},
		"deleteMessages": {"message_ids": []int{id}}, "sendChatAction": {"action": "typing"},
	} {
		r.refused(method, merge(fields{"chat_id": amina}, extra), http.StatusForbidden, blocked)
	}
	_, err := r.Say(amina, amina, "hello")
	wantErr(t, err, ErrBlocked)
	list := r.updates(nil)
	if len(list) != 1 || !strings.Contains(string(list[0].Member), `"status":"kicked"`) {
		t.Fatalf("updates: %+v", list)
	}
	if err := r.Unblock(amina); err != nil {
		t.Fatal(err)
	}
	r.ok("deleteMessage", fields{"chat_id": amina, "message_id": id})
	wantErr(t, r.Block(1), ErrNoUser)
}

func TestPrivacyMode(t *testing.T) {
	const group = -100500
	r := newChatRig(t, Options{})
	r.NewGroup(group, "Resellers", amina, omar)
	own := r.text(group, "hello")
	r.drop()
	say := func(s Speech) {
		t.Helper()
		if _, err := r.Speak(group, omar, s); err != nil {
			t.Fatal(err)
		}
	}
	all := []string{"chat among people", "/buy", "/buy@shopbot 2", "/buy@OtherBot", "I like /buy", "answer"}
	talk := func() {
		for _, text := range all[:5] {
			say(Speech{Text: text})
		}
		say(Speech{Text: all[5], ReplyTo: own})
	}
	talk()
	if diff := cmp.Diff([]string{"/buy", "/buy@shopbot 2", "answer"}, texts(r.updates(nil))); diff != "" {
		t.Errorf("as a member: %s", diff)
	}
	r.drop()
	if err := r.Promote(group, r.Bot().ID, false); err != nil {
		t.Fatal(err)
	}
	talk()
	if diff := cmp.Diff(append([]string{"member"}, all...), texts(r.updates(nil))); diff != "" { // it is told of its promotion first
		t.Errorf("as an administrator: %s", diff)
	}
}

func TestAnonymousAdmin(t *testing.T) {
	const group = -100501
	r := newChatRig(t, Options{})
	r.NewGroup(group, "Resellers", amina, omar)
	menu := r.ok("sendMessage", fields{"chat_id": group, "text": "menu", "reply_markup": keyboard(button(fields{"callback_data": "x"}))})
	r.drop()
	if err := r.Promote(group, omar, true); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Speak(group, omar, Speech{Text: "/audit today", ThreadID: 12}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Press(group, omar, menu, 0, 0); err != nil {
		t.Fatal(err)
	}
	list := r.updates(nil)
	m := list[0].Message
	if m.From.ID != 1087968824 || m.From.Username != "GroupAnonymousBot" || m.SenderChat == nil || m.SenderChat.ID != group {
		t.Errorf("message: %+v", m)
	}
	if m.ThreadID != 12 {
		t.Errorf("thread %d", m.ThreadID)
	}
	r.ok("sendMessage", fields{"chat_id": group, "text": "in the thread", "message_thread_id": 12})
	if q := list[1].Query; q.From.ID != omar {
		t.Errorf("a press names the real user: %+v", q)
	}
	_, err := r.Press(group, nadia, menu, 0, 0)
	wantErr(t, err, ErrNotMember)
}

func TestMigration(t *testing.T) {
	const group, super = -77, -10077
	r := newChatRig(t, Options{})
	r.NewGroup(group, "Resellers", amina, omar)
	r.drop()
	if err := r.Migrate(group, super); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"sendMessage", "getChat"} {
		params := fields{"chat_id": group}
		if method == "sendMessage" {
			params["text"] = "x"
		}
		a := r.refused(method, params, http.StatusBadRequest, bad("group chat was upgraded to a supergroup chat"))
		if a.Parameters.MigrateTo != super {
			t.Errorf("%s: migrate_to_chat_id %d", method, a.Parameters.MigrateTo)
		}
	}
	r.text(super, "hello")
	list := r.updates(nil)
	if len(list) != 2 || list[0].Message.MovedTo != super || list[1].Message.MovedFrom != group {
		t.Errorf("service messages: %+v", list)
	}
	wantErr(t, r.Migrate(group, -1), ErrNoChat)
	if _, err := r.Say(super, omar, "/buy"); err != nil {
		t.Errorf("members move along: %v", err)
	}
}

func TestMembers(t *testing.T) {
	const group = -100502
	r := newChatRig(t, Options{})
	r.NewGroup(group, "Resellers", amina, omar)
	if err := r.Promote(group, omar, false); err != nil {
		t.Fatal(err)
	}
	status := func(chat, user int64) string {
		t.Helper()
		var m struct {
			Status string `json:"status"`
		}
		a := r.call("getChatMember", fields{"chat_id": chat, "user_id": user})
		if !a.OK {
			return a.Description
		}
		if err := json.Unmarshal(a.Result, &m); err != nil {
			t.Fatal(err)
		}
		return m.Status
	}
	got := []string{status(group, amina), status(group, omar), status(group, nadia), status(group, 5), status(amina, amina), status(amina, omar)}
	want := []string{"creator", "administrator", "left", bad("member not found"), "member", bad("member not found")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var admins []map[string]any
	if err := json.Unmarshal(r.call("getChatAdministrators", fields{"chat_id": group}).Result, &admins); err != nil || len(admins) != 2 {
		t.Errorf("administrators: %v %v", admins, err)
	}
	r.refused("getChatAdministrators", fields{"chat_id": amina}, 400, bad("there are no administrators in the private chat"))
	if err := r.Join(group, nadia); err != nil || status(group, nadia) != "member" {
		t.Errorf("join: %v %s", err, status(group, nadia))
	}
	m, err := r.Say(group, omar, "/buy 1")
	if err != nil {
		t.Fatal(err)
	}
	r.refused("deleteMessage", fields{"chat_id": group, "message_id": m.ID}, 400, bad("message can't be deleted"))
	if err := r.Leave(group, omar); err != nil || status(group, omar) != "left" {
		t.Errorf("leave: %v", err)
	}
	if err := r.Promote(group, r.Bot().ID, false); err != nil {
		t.Fatal(err)
	}
	r.ok("deleteMessage", fields{"chat_id": group, "message_id": m.ID}) // as an administrator
	if err := r.Leave(group, r.Bot().ID); err != nil {
		t.Fatal(err)
	}
	r.refused("sendMessage", fields{"chat_id": group, "text": "x"}, 403, "Forbidden: bot was kicked from the supergroup chat")
}

func TestGroupCommands(t *testing.T) {
	const group = -100503
	r := newChatRig(t, Options{})
	r.NewGroup(group, "Resellers", amina, omar)
	set := func(name string, scope fields) {
		t.Helper()
		r.ok("setMyCommands", fields{"commands": []fields{{"command": name, "description": "d"}}, "scope": scope})
	}
	offered := func(user int64) string { return r.Commands(group, user)[0].Command }
	set("default", fields{"type": "default"})
	for _, step := range []struct {
		scope         fields
		owner, member string
	}{
		{fields{"type": "all_group_chats"}, "c0", "c0"},
		{fields{"type": "all_chat_administrators"}, "c1", "c0"},
		{fields{"type": "chat", "chat_id": group}, "c2", "c2"},
		{fields{"type": "chat_administrators", "chat_id": group}, "c3", "c2"},
		{fields{"type": "chat_member", "chat_id": group, "user_id": omar}, "c3", "c4"},
	} {
		set("c"+string(rune('0'+len(r.Journal())-1)), step.scope)
		if a, b := offered(amina), offered(omar); a != step.owner || b != step.member {
			t.Errorf("%v: owner %s, member %s, want %s, %s", step.scope, a, b, step.owner, step.member)
		}
	}
	r.refused("setMyCommands", fields{"commands": []fields{}, "scope": fields{"type": "chat_administrators", "chat_id": amina}}, 400,
		bad("can't change commands of a private chat by scope chat_administrators"))
	r.refused("setMyCommands", fields{"commands": []fields{}, "scope": fields{"type": "chat"}}, 400, bad("can't parse BotCommandScope: wrong fields for chat"))
}
