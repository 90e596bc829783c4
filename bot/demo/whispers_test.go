package demo

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

const resellers = int64(-1007)

// whisperRig is a group of Amina, who owns it, and Omar, with a public message that has a button; the bot is an ordinary member.
func whisperRig(t *testing.T) (r *rig, menu int) {
	t.Helper()
	r = newRig(t, Options{})
	r.NewGroup(resellers, "Resellers", amina, omar)
	return r, r.ok("sendMessage", fields{"chat_id": resellers, "text": "menu", "reply_markup": keyboard(fields{"text": "Balance", "callback_data": "b"})})
}

func whisperTo(user int64, extra fields) fields {
	p := fields{"receiver_user_id": user}
	maps.Copy(p, extra)
	return fields{"chat_id": resellers, "text": "for you alone", "ephemeral_message_parameters": p}
}

// whispered sends a message and reads the ids of a message in an answer.
func (r *rig) whispered(params fields) (id, ephemeral int) {
	r.t.Helper()
	a := r.call("sendMessage", params)
	var m struct {
		ID        int `json:"message_id"`
		Ephemeral int `json:"ephemeral_message_id"`
	}
	if !a.OK || json.Unmarshal(a.Result, &m) != nil {
		r.t.Fatalf("not sent: %d %s", a.Code, a.Description)
	}
	return m.ID, m.Ephemeral
}

func (r *rig) texts(list []Message) string {
	var all []string
	for _, m := range list {
		all = append(all, m.Text)
	}
	return strings.Join(all, "|")
}

// TestWhisperIsSeenByOne holds that an ephemeral message is seen by its receiver alone, has no message id for the bot, and is edited and
// deleted by methods of its own only.
func TestWhisperIsSeenByOne(t *testing.T) {
	r, menu := whisperRig(t)
	query, err := r.Press(resellers, amina, menu, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	id, ephemeral := r.whispered(whisperTo(amina, fields{"callback_query_id": query}))
	if id != 0 || ephemeral <= 0 {
		t.Fatalf("message %d, ephemeral %d", id, ephemeral)
	}
	for user, want := range map[int64]string{amina: "menu|for you alone", omar: "menu", 0: "menu"} {
		if got := r.texts(r.MessagesOf(resellers, user)); got != want {
			t.Errorf("%d sees %q, want %q", user, got, want)
		}
	}
	if held := r.Holding("for you alone"); len(held) != 1 || held[0].Receiver != amina {
		t.Errorf("held by %+v", held)
	}
	name := fields{"chat_id": resellers, "receiver_user_id": amina, "ephemeral_message_id": ephemeral}
	r.refused("editMessageText", fields{"chat_id": resellers, "message_id": ephemeral, "text": "x"}, 400, bad(editMissing))
	r.refused("editMessageText", fields{"chat_id": resellers, "message_id": -ephemeral, "text": "x"}, 400, bad(editMissing))
	r.refused("deleteMessage", fields{"chat_id": resellers, "message_id": -ephemeral}, 400, bad("message to delete not found"))
	r.refused("editEphemeralMessageText", merge(name, fields{"receiver_user_id": omar, "text": "x"}), 400, bad(editMissing))
	r.refused("editEphemeralMessageText", merge(name, fields{"text": strings.Repeat("x", 1025)}), 400, bad("MEDIA_CAPTION_TOO_LONG"))
	r.ok("editEphemeralMessageText", merge(name, fields{"text": "changed"}))
	if got := r.texts(r.MessagesOf(resellers, amina)); got != "menu|changed" {
		t.Errorf("Amina sees %q", got)
	}
	r.ok("deleteEphemeralMessage", name)
	r.refused("deleteEphemeralMessage", name, 400, bad("message to delete not found"))
}

// TestWhisperRights holds who may be whispered to: somebody of the group after a fresh press of theirs, or by an administrator.
func TestWhisperRights(t *testing.T) {
	r, menu := whisperRig(t)
	r.refused("sendMessage", whisperTo(amina, nil), 400, bad(notAdmin))
	r.refused("sendMessage", whisperTo(nadia, nil), 400, bad("USER_NOT_PARTICIPANT"))
	query, err := r.Press(resellers, amina, menu, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	r.refused("sendMessage", whisperTo(omar, fields{"callback_query_id": query}), 400, bad(tooOld))
	_, over := r.whispered(whisperTo(amina, fields{"callback_query_id": query, "replace_callback_query_message": true}))
	if got := r.texts(r.MessagesOf(resellers, amina)); got != "for you alone" {
		t.Errorf("Amina sees %q in place of the menu", got)
	}
	again, err := r.PressData(resellers, amina, -over, "b")
	if err != nil {
		t.Fatal(err)
	}
	r.refused("sendMessage", whisperTo(amina, fields{"callback_query_id": again, "replace_callback_query_message": true}), 400, bad("MESSAGE_ID_INVALID"))
	if pressed := r.updates(fields{}); !slices.ContainsFunc(pressed, func(u gotUpdate) bool { return u.Query != nil && u.Query.Message.ID == 0 }) {
		t.Errorf("the press on an ephemeral message came as %+v", pressed)
	}
	r.SetOffset(16 * time.Second)
	r.refused("sendMessage", whisperTo(amina, fields{"callback_query_id": query}), 400, bad(tooOld))
	if err := r.Promote(resellers, r.Bot().ID, false); err != nil {
		t.Fatal(err)
	}
	if id, _ := r.whispered(whisperTo(omar, nil)); id != 0 {
		t.Errorf("an administrator's ephemeral message has the id %d", id)
	}
	r.say(omar, started)
	r.refused("sendMessage", merge(whisperTo(omar, nil), fields{"chat_id": omar}), 400, bad(notAdmin))
}

// TestServerWithoutWhispers holds that an older server knows no method of ephemeral messages and shows what was meant for one to all.
func TestServerWithoutWhispers(t *testing.T) {
	r, _ := whisperRig(t)
	r.SetWhispers(false)
	if id, ephemeral := r.whispered(whisperTo(amina, nil)); id == 0 || ephemeral != 0 {
		t.Errorf("message %d, ephemeral %d", id, ephemeral)
	}
	if got := r.texts(r.MessagesOf(resellers, omar)); got != "menu|for you alone" {
		t.Errorf("Omar sees %q", got)
	}
	name := fields{"chat_id": resellers, "receiver_user_id": amina, "ephemeral_message_id": 1}
	r.refused("editEphemeralMessageText", merge(name, fields{"text": "x"}), 404, "Not Found: method not found")
	r.refused("deleteEphemeralMessage", name, 404, "Not Found: method not found")
}
