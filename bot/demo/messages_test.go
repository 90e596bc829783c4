package demo

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEditing(t *testing.T) {
	r := newChatRig(t, Options{})
	markup := keyboard(button(fields{"callback_data": "x"}))
	id := r.ok("sendMessage", fields{"chat_id": amina, "text": "one", "reply_markup": markup, "protect_content": true})
	edit := func(extra fields) fields {
		return merge(fields{"chat_id": amina, "message_id": id, "text": "one"}, extra)
	}
	same := edit(fields{"reply_markup": markup})
	r.refused("editMessageText", same, 400, bad("%s", editSame))
	r.ok("editMessageText", edit(nil)) // without reply_markup the keyboard goes
	if m := r.Messages(amina)[1]; m.Keyboard != nil || !m.Protected {
		t.Errorf("after the edit: %+v", m)
	}
	r.refused("editMessageText", edit(nil), 400, bad("%s", editSame))
	r.ok("editMessageText", edit(fields{"entities": []Entity{{Type: "bold", Offset: 0, Length: 3}}}))
	r.ok("editMessageReplyMarkup", fields{"chat_id": amina, "message_id": id, "reply_markup": markup})
	if m := r.Messages(amina)[1]; m.Text != "one" || len(m.Entities) != 1 || len(m.Keyboard) != 1 {
		t.Errorf("after the edit of the keyboard: %+v", m)
	}
	r.refused("editMessageReplyMarkup", fields{"chat_id": amina, "message_id": id, "reply_markup": markup}, 400, bad("%s", editSame))
	r.refused("editMessageText", edit(fields{"message_id": 99}), 400, bad("message to edit not found"))
	r.refused("editMessageText", edit(fields{"message_id": 1}), 400, bad("message can't be edited")) // Amina's own
	r.refused("editMessageText", fields{"chat_id": amina, "text": "x"}, 400, bad("message identifier is not specified"))
	r.refused("editMessageText", edit(fields{"reply_markup": fields{"force_reply": true}}), 400, bad("inline keyboard expected"))
	forced := r.ok("sendMessage", fields{"chat_id": amina, "text": "name?", "reply_markup": fields{"force_reply": true}})
	r.refused("editMessageText", edit(fields{"message_id": forced}), 400, bad("message can't be edited"))
	r.SetOffset(100 * time.Hour)
	r.ok("editMessageText", edit(fields{"text": "old messages can be edited"}))
	r.ok("deleteMessage", fields{"chat_id": amina, "message_id": r.text(amina, "x")})
}

func TestDeleting(t *testing.T) {
	r := newChatRig(t, Options{})
	del := func(id int) fields { return fields{"chat_id": amina, "message_id": id} }
	first, second, third := r.text(amina, "1"), r.text(amina, "2"), r.text(amina, "3")
	r.ok("deleteMessage", del(first))
	r.refused("deleteMessage", del(first), 400, bad("message to delete not found"))
	r.refused("editMessageText", merge(del(first), fields{"text": "x"}), 400, bad("message to edit not found"))
	r.ok("deleteMessage", del(1)) // what a person wrote in a private chat
	r.ok("deleteMessages", fields{"chat_id": amina, "message_ids": []int{first, second, 500}})
	if left := r.Messages(amina); len(left) != 1 || left[0].ID != third {
		t.Fatalf("left: %+v", left)
	}
	old := r.text(amina, "old")
	r.SetOffset(48*time.Hour - time.Minute)
	r.ok("deleteMessage", del(third))
	fresh := r.text(amina, "fresh")
	r.SetOffset(48*time.Hour + time.Second)
	const tooLate = "message can't be deleted for everyone"
	r.refused("deleteMessage", del(old), 400, bad(tooLate))
	r.refused("deleteMessages", fields{"chat_id": amina, "message_ids": []int{fresh, old}}, 400, bad(tooLate))
	if left := r.Messages(amina); len(left) != 2 {
		t.Errorf("a refused call deletes nothing: %+v", left)
	}
	r.ok("deleteMessage", del(fresh))
	history := r.History(amina)
	if len(history) != 6 || !history[0].Deleted || history[0].DeletedAt.IsZero() {
		t.Errorf("history: %+v", history)
	}
}

func TestCallbackAnswers(t *testing.T) {
	r := newChatRig(t, Options{})
	id := r.ok("sendMessage", fields{"chat_id": amina, "text": "menu", "reply_markup": keyboard(button(fields{"callback_data": "buy"}))})
	press := func(data string) string {
		query, err := r.PressData(amina, amina, id, data)
		if err != nil {
			t.Fatal(err)
		}
		return query
	}
	forged := press("forged data that is on no button")
	if list := r.updates(nil); len(list) != 1 || list[0].Query.Data != "forged data that is on no button" || list[0].Query.From.ID != amina {
		t.Fatalf("updates: %+v", list)
	}
	r.ok("answerCallbackQuery", fields{"callback_query_id": forged})
	r.ok("answerCallbackQuery", fields{"callback_query_id": forged, "text": "too much"})
	if n := len(r.Toasts(amina)); n != 0 {
		t.Errorf("%d toasts: an empty answer or a second one is not seen", n)
	}
	if diff := cmp.Diff([]string{ReportAnsweredTwice}, kinds(r)); diff != "" {
		t.Error(diff)
	}
	link := press("go")
	r.refused("answerCallbackQuery", fields{"callback_query_id": link, "url": "https://example.org"}, 400, bad("URL_INVALID"))
	r.ok("answerCallbackQuery", fields{"callback_query_id": link, "url": "https://t.me/ShopBot?start=abc"})
	inTime, late := press("a"), press("b")
	r.SetOffset(14 * time.Second)
	r.ok("answerCallbackQuery", fields{"callback_query_id": inTime, "text": "ok"})
	r.SetOffset(15 * time.Second)
	r.refused("answerCallbackQuery", fields{"callback_query_id": late, "text": "ok"}, 400, bad("%s", tooOld))
	var open []string
	for _, q := range r.Callbacks() {
		if !q.Answered {
			open = append(open, q.Data)
		}
	}
	if diff := cmp.Diff([]string{"b"}, open); diff != "" {
		t.Errorf("without an answer: %s", diff)
	}
	r.ok("deleteMessage", fields{"chat_id": amina, "message_id": id})
	r.drop()
	if _, err := r.Press(amina, amina, id, 0, 0); err == nil {
		t.Error("a deleted message has no buttons")
	}
	press("late tap")
	if q := r.updates(nil)[0].Query; q.Message.Date != 0 || q.Message.ID != id {
		t.Errorf("a deleted message is inaccessible: %+v", q)
	}
}

func kinds(r *rig) []string {
	var list []string
	for _, report := range r.Reports() {
		list = append(list, report.Kind)
	}
	return list
}

func TestLinkPreviewReport(t *testing.T) {
	off := fields{"is_disabled": true}
	spoiler := []Entity{{Type: entitySpoiler, Offset: 0, Length: 2}}
	const link = "go to https://giftz.example/x"
	tests := []struct {
		name    string
		send    fields
		edit    fields // then, unless nil
		reports int
	}{
		{"plain link, plain message", fields{"text": link}, nil, 0},
		{"protected", fields{"text": link, "protect_content": true}, nil, 1},
		{"protected, preview off", fields{"text": link, "protect_content": true, "link_preview_options": off}, nil, 0},
		{"protected, no link", fields{"text": "code", "protect_content": true}, nil, 0},
		{"upper case", fields{"text": "HTTP://X.example", "protect_content": true}, nil, 1},
		{"text_link entity", fields{"text": "here", "protect_content": true,
			"entities": []Entity{{Type: "text_link", Offset: 0, Length: 4, URL: "https://x.example"}}}, nil, 1},
		{"url entity", fields{"text": "x.example", "protect_content": true, "entities": []Entity{{Type: "url", Offset: 0, Length: 9}}}, nil, 1},
		{"spoiler", fields{"text": link, "entities": spoiler}, nil, 1},
		{"the placeholder was careful, its edit is not", fields{"text": "wait", "protect_content": true, "link_preview_options": off}, fields{"text": link}, 1},
		{"both are careful", fields{"text": "wait", "protect_content": true}, fields{"text": link, "link_preview_options": off}, 0},
		{"held a spoiler before", fields{"text": "code", "entities": spoiler}, fields{"text": link}, 1},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			r := newChatRig(t, Options{})
			id := r.ok("sendMessage", merge(fields{"chat_id": amina}, tc.send))
			if tc.edit != nil {
				r.ok("editMessageText", merge(fields{"chat_id": amina, "message_id": id}, tc.edit))
			}
			reports := r.Reports()
			if len(reports) != tc.reports {
				t.Fatalf("reports: %+v", reports)
			}
			if tc.reports > 0 && (reports[0].Kind != ReportLinkPreview || reports[0].ChatID != amina || reports[0].MessageID != id) {
				t.Errorf("report: %+v", reports[0])
			}
		})
	}
}

// TestJournal follows a code from its placeholder to its deletion.
func TestJournal(t *testing.T) {
	r := newChatRig(t, Options{})
	const code = "CODE-7781"
	id := r.ok("sendMessage", fields{"chat_id": amina, "text": "one moment", "protect_content": true})
	r.ok("editMessageText", fields{
		"chat_id": amina, "message_id": id, "text": code, "entities": []Entity{{Type: entitySpoiler, Offset: 0, Length: 9}},
		"reply_markup": keyboard(fields{"text": "Copy", "copy_text": fields{"text": code}}),
	})
	r.refused("editMessageText", fields{"chat_id": amina, "message_id": 77, "text": "x"}, 400, bad("message to edit not found"))
	held := r.Holding(code)
	if len(held) != 1 || held[0].ID != id || held[0].Deleted || held[0].Versions[0].Holds(code) || !held[0].Versions[1].Holds(code) {
		t.Fatalf("holding: %+v", held)
	}
	r.ok("deleteMessages", fields{"chat_id": amina, "message_ids": []int{id}})
	if held := r.Holding(code); len(held) != 1 || !held[0].Deleted {
		t.Errorf("after deletion: %+v", held)
	}
	var got []string
	for _, c := range r.Journal() {
		got = append(got, strings.TrimSpace(c.Method+" "+c.Description))
	}
	want := []string{"sendMessage", "editMessageText", "editMessageText Bad Request: message to edit not found", "deleteMessages"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	shown := r.Journal()[1]
	if shown.ChatID != amina || shown.MessageID != id || shown.Text != code || len(shown.Entities) != 1 || shown.Keyboard[0][0].CopyText.Text != code {
		t.Errorf("journal: %+v", shown)
	}
	if first := r.Journal()[0]; !first.Protected || first.MessageID != id {
		t.Errorf("journal: %+v", first)
	}
}

func TestHoldsFiles(t *testing.T) {
	r := newChatRig(t, Options{})
	r.document(r.library(), "cards.txt", "Gift Card 1\nCODE-9\n")
	if len(r.Holding("CODE-9")) != 1 || len(r.Holding("CODE-8")) != 0 {
		t.Error("the content of files is searched")
	}
	version := Version{
		Text: "a", FileName: "b", Entities: []Entity{{URL: "c"}}, content: []byte("d"),
		Keyboard: [][]Button{{{Text: "e", CallbackData: "f", URL: "g", CopyText: &CopyText{Text: "h"}}}},
	}
	for s := range strings.SplitSeq("abcdefgh", "") {
		if !version.Holds(s) {
			t.Errorf("%q not found", s)
		}
	}
	if version.Holds("z") {
		t.Error("z found")
	}
}

func TestFileRefusals(t *testing.T) {
	r := newChatRig(t, Options{})
	m := r.document(r.library(), "a.txt", "x")
	r.refused("sendPhoto", fields{"chat_id": amina, "photo": m.Document.FileID}, 400, bad("can't use file of type document as photo"))
	r.refused("sendDocument", fields{"chat_id": amina, "document": "https://example.org/a"}, 400, bad("wrong file identifier/HTTP URL specified"))
	r.refused("sendDocument", fields{"chat_id": amina}, 400, bad("document is empty"))
	r.refused("getFile", fields{"file_id": "x"}, 400, bad("invalid file_id"))
	long := fields{"chat_id": amina, "document": m.Document.FileID, "caption": strings.Repeat("x", 1025)}
	r.refused("sendDocument", long, http.StatusBadRequest, bad("message caption is too long"))
	long["caption"] = strings.Repeat("x", 1024)
	r.ok("sendDocument", long)
	media := fields{"chat_id": amina, "message_id": m.ID, "media": fields{"type": "document", "media": "attach://nothing"}}
	r.refused("editMessageMedia", media, 400, bad(`wrong file identifier/HTTP URL specified: no file is attached as "nothing"`))
	media["media"] = fields{"type": "document", "media": m.Document.FileID, "caption": "here", "caption_entities": []Entity{{Type: "bold", Offset: 0, Length: 4}}}
	r.refused("editMessageMedia", media, 400, bad("%s", editSame))
	media["media"] = fields{"type": "video", "media": m.Document.FileID}
	r.refused("editMessageMedia", media, 400, bad(`can't parse InputMedia: type "video" is not emulated`))
}
