package demo

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func texts(list []gotUpdate) []string {
	out := []string{}
	for _, u := range list {
		switch {
		case u.Message != nil:
			out = append(out, u.Message.Text)
		case u.Edited != nil:
			out = append(out, "edited "+u.Edited.Text)
		case u.Query != nil:
			out = append(out, "query "+u.Query.Data)
		case u.Member != nil:
			out = append(out, "member")
		}
	}
	return out
}

func TestOffsets(t *testing.T) {
	r := newRig(t, Options{})
	for _, text := range []string{"a", "b", "c", "d"} {
		r.say(amina, text)
	}
	first := r.updates(nil)
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, texts(first)); diff != "" {
		t.Fatal(diff)
	}
	if first[3].ID != first[0].ID+3 {
		t.Errorf("ids %d … %d", first[0].ID, first[3].ID)
	}
	steps := []struct {
		name   string
		params fields
		want   []string
	}{
		{"not confirmed: again", nil, []string{"a", "b", "c", "d"}},
		{"limit", fields{"limit": 2}, []string{"a", "b"}},
		{"offset confirms what is below", fields{"offset": first[1].ID, "limit": 1}, []string{"b"}},
		{"for ever", fields{"offset": first[0].ID}, []string{"b", "c", "d"}},
		{"negative keeps the last", fields{"offset": -2}, []string{"c", "d"}},
		{"and drops the rest", nil, []string{"c", "d"}},
		{"beyond the last", fields{"offset": first[3].ID + 1}, []string{}},
		{"nothing comes back", fields{"offset": 0}, []string{}},
	}
	for _, s := range steps {
		if diff := cmp.Diff(s.want, texts(r.updates(s.params))); diff != "" {
			t.Errorf("%s: %s", s.name, diff)
		}
	}
	r.say(amina, "e")
	if next := r.updates(nil); len(next) != 1 || next[0].ID != first[3].ID+1 {
		t.Errorf("ids go on: %+v", next)
	}
}

func TestUpdatesExpire(t *testing.T) {
	r := newRig(t, Options{})
	r.say(amina, "old")
	r.SetOffset(24*time.Hour + time.Second)
	r.say(amina, "new")
	if diff := cmp.Diff([]string{"new"}, texts(r.updates(nil))); diff != "" {
		t.Error(diff)
	}
}

func TestAllowedUpdates(t *testing.T) {
	r := newChatRig(t, Options{})
	menu := r.ok("sendMessage", fields{"chat_id": amina, "text": "menu", "reply_markup": keyboard(button(fields{"callback_data": "x"}))})
	r.updates(fields{"allowed_updates": []string{"callback_query"}})
	r.say(amina, "not wanted")
	if _, err := r.Press(amina, amina, menu, 0, 0); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"query x"}, texts(r.updates(nil))); diff != "" {
		t.Errorf("the setting stays: %s", diff)
	}
	r.updates(fields{"allowed_updates": []string{}})
	r.say(amina, "wanted")
	if diff := cmp.Diff([]string{"query x", "wanted"}, texts(r.updates(nil))); diff != "" {
		t.Error(diff)
	}
	r.refused("getUpdates", fields{"allowed_updates": []string{"callback"}}, 400, bad(`unknown kind "callback" in allowed_updates`))
}

// polling starts a long poll and returns when it waits; its answer comes through the channel.
func (r *rig) polling(params fields) <-chan answer {
	r.t.Helper()
	r.mu.Lock()
	before := r.inbox.poll
	r.mu.Unlock()
	body, err := json.Marshal(merge(fields{"timeout": 30}, params))
	if err != nil {
		r.t.Fatal(err)
	}
	answered := make(chan answer, 1)
	go func() {
		a, err := r.try("/bot"+token+"/getUpdates", "application/json", bytes.NewReader(body))
		if err != nil {
			r.t.Errorf("poll: %v", err)
		}
		answered <- a
	}()
	r.watched("poll", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.inbox.poll != nil && r.inbox.poll != before
	})
	return answered
}

func TestLongPoll(t *testing.T) {
	r := newRig(t, Options{})
	poll := r.polling(nil)
	if !r.Polling() {
		t.Error("a poll is under way")
	}
	r.say(amina, "late")
	if a := <-poll; !a.OK || !strings.Contains(string(a.Result), `"late"`) {
		t.Errorf("%+v", a)
	}
}

func TestSecondPollerEndsTheFirst(t *testing.T) {
	r := newRig(t, Options{})
	first := r.polling(nil)
	second := r.polling(nil)
	const want = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
	if a := <-first; a.Code != http.StatusConflict || a.Status != http.StatusConflict || a.Description != want {
		t.Errorf("first poller: %+v", a)
	}
	r.say(amina, "for the second")
	if a := <-second; !a.OK || !strings.Contains(string(a.Result), "for the second") {
		t.Errorf("second poller: %+v", a)
	}
}

func TestWebhookAndPollingExclude(t *testing.T) {
	r := newRig(t, Options{})
	poll := r.polling(nil)
	r.ok("setWebhook", fields{"url": "https://127.0.0.1:9/hook"})
	if a := <-poll; a.Code != http.StatusConflict || a.Description != "Conflict: terminated by setWebhook request" {
		t.Errorf("waiting poller: %+v", a)
	}
	const active = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
	r.refused("getUpdates", nil, http.StatusConflict, active)
	r.ok("deleteWebhook", nil)
	r.ok("getUpdates", nil)
}

// TestBodies sends one message in each of the forms that the Bot API reads.
func TestBodies(t *testing.T) {
	r := newChatRig(t, Options{})
	path := "/bot" + token + "/sendMessage"
	form := url.Values{"chat_id": {"71000001"}, "text": {"from a form"}}.Encode()
	const multipart = "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n71000001\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nfrom parts\r\n--b--\r\n"
	tests := []struct{ name, path, kind, body, want string }{
		{"json", path, "application/json", `{"chat_id":71000001,"text":"from json"}`, ""},
		{"json with charset", path, "application/json; charset=utf-8", `{"chat_id":"71000001","text":"from json"}`, ""},
		{"form", path, "application/x-www-form-urlencoded", form, ""},
		{"multipart", path, "multipart/form-data; boundary=b", multipart, ""},
		{"query", path + "?" + form, "", "", ""},
		{"any case of the method", "/bot" + token + "/SENDMESSAGE?" + form, "", "", ""},
		{"cut multipart", path, "multipart/form-data; boundary=b", multipart[:90], "can't read the request body"},
		{"broken json", path, "application/json", `{"chat_id":71000001`, "can't parse JSON object"},
		{"broken form", path, "application/x-www-form-urlencoded", "%zz", "can't parse the form"},
		{"other type", path, "text/plain", "x", "unsupported content type text/plain"},
		{"twice", path + "?text=a&" + form, "", "", `parameter "text" is given twice`},
		{"not UTF-8", path + "?chat_id=71000001&text=%ff", "", "", "strings must be encoded in UTF-8"},
		{"file nobody names", path, "multipart/form-data; boundary=b", strings.Replace(multipart, `name="text"`, `name="f"; filename="f"`, 1), `unknown parameter "f" of sendMessage`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			a := r.post(tc.path, tc.kind, strings.NewReader(tc.body))
			if tc.want == "" && !a.OK {
				t.Errorf("refused: %s", a.Description)
			}
			if tc.want != "" && (a.Code != 400 || a.Description != bad("%s", tc.want)) {
				t.Errorf("got %d %q", a.Code, a.Description)
			}
		})
	}
}

func TestTokensAndMethods(t *testing.T) {
	r := newRig(t, Options{})
	tests := []struct {
		path, want string
		code       int
	}{
		{"/bot1:wrong/getMe", "Unauthorized", 401},
		{"/bot1:wrong/noMethod", "Unauthorized", 401},
		{"/bot" + token + "/noMethod", "Not Found: method not found", 404},
		{"/bot" + token, "Not Found", 404},
		{"/file/bot1:wrong/documents/file_1.txt", "Unauthorized", 401},
		{"/file/bot" + token + "/documents/file_1.txt", "Not Found", 404},
	}
	for _, tc := range tests {
		if a := r.post(tc.path, "application/json", strings.NewReader("{}")); a.OK || a.Status != tc.code || a.Code != tc.code || a.Description != tc.want {
			t.Errorf("%s: %d %q", tc.path, a.Code, a.Description)
		}
	}
	if a := r.call("getMe", nil); !strings.Contains(string(a.Result), `"id":4200`) || !strings.Contains(string(a.Result), `"username":"ShopBot"`) {
		t.Errorf("getMe: %s", a.Result)
	}
}
