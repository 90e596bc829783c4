package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhatPeopleWrite(t *testing.T) {
	r := newRig(t, Options{})
	tests := []struct {
		text string
		want []Entity
	}{
		{"hello", nil},
		{"/start", []Entity{{Type: "bot_command", Offset: 0, Length: 6}}},
		{"/start a-token", []Entity{{Type: "bot_command", Offset: 0, Length: 6}}},
		{"/buy@ShopBot 2", []Entity{{Type: "bot_command", Offset: 0, Length: 12}}},
		{"😀 /buy\n/help", []Entity{{Type: "bot_command", Offset: 3, Length: 4}, {Type: "bot_command", Offset: 8, Length: 5}}},
		{"a/b /", nil},
		{"/usr/bin", nil},
		{"/buy, please", []Entity{{Type: "bot_command", Offset: 0, Length: 4}}},
	}
	for _, tc := range tests {
		if diff := cmp.Diff(tc.want, r.say(amina, tc.text).Entities); diff != "" {
			t.Errorf("%q: %s", tc.text, diff)
		}
	}
	for _, text := range []string{"", " \n", strings.Repeat("x", 4097), "\xff"} {
		_, err := r.Say(amina, amina, text)
		wantErr(t, err, ErrBadText)
	}
	_, err := r.Say(amina, omar, "in another's chat")
	wantErr(t, err, ErrNotMember)
	_, err = r.Say(5, amina, "nowhere")
	wantErr(t, err, ErrNoChat)
	_, err = r.Say(amina, 5, "nobody")
	wantErr(t, err, ErrNoUser)
	_, err = r.Speak(amina, amina, Speech{Text: "x", ReplyTo: 99})
	wantErr(t, err, ErrNoMessage)
}

func TestEditsAndForwards(t *testing.T) {
	const group = -100504
	r := newChatRig(t, Options{})
	r.NewGroup(group, "Friends", omar, nadia)
	m, err := r.Say(group, omar, "my order is lost")
	if err != nil {
		t.Fatal(err)
	}
	r.say(nadia, started)
	r.drop()
	forwarded, err := r.ForwardTo(nadia, group, m.ID, nadia)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Speak(nadia, nadia, Speech{Text: "/credit 500", ReplyTo: forwarded.ID}); err != nil {
		t.Fatal(err)
	}
	if err := r.Edit(nadia, nadia, forwarded.ID+1, "/credit 900"); err != nil {
		t.Fatal(err)
	}
	list := r.updates(nil)
	if diff := cmp.Diff([]string{"my order is lost", "/credit 500", "edited /credit 900"}, texts(list)); diff != "" {
		t.Fatal(diff)
	}
	if o := list[0].Message.Origin; o == nil || o.Type != "user" || o.User.ID != omar {
		t.Errorf("origin: %+v", o)
	}
	if to := list[1].Message.ReplyTo; to == nil || to.Origin == nil || to.Origin.User.ID != omar {
		t.Errorf("reply: %+v", to)
	}
	wantErr(t, r.Edit(group, nadia, m.ID, "x"), ErrNotYours)
	wantErr(t, r.Edit(group, omar, 99, "x"), ErrNoMessage)
	id := r.ok("sendMessage", fields{"chat_id": nadia, "text": "code", "protect_content": true})
	_, err = r.ForwardTo(nadia, nadia, id, nadia)
	wantErr(t, err, ErrProtected)
}

func TestWaitEnds(t *testing.T) {
	r := newChatRig(t, Options{})
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	never := func([]Message) bool { return false }
	wantErr(t, r.Wait(short, amina, never), context.DeadlineExceeded)
	_, err := r.WaitAnswer(ctx(t), "no such query")
	wantErr(t, err, ErrNotAnswered)
}

// people does one request to the people's side.
func (r *rig) people(method, path string, body any) (int, string) {
	r.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx(r.t), method, r.url+path, bytes.NewReader(raw))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(got)
}

// TestOverHTTP drives people and faults as another process does.
func TestOverHTTP(t *testing.T) {
	r := newRig(t, Options{})
	steps := []struct {
		method, path string
		body         any
		status       int
		want         string
	}{
		{"POST", "/client/user", fields{"id": 9, "first_name": "Lina", "language_code": "ar"}, 200, `"ok":true`},
		{"POST", "/client/say", fields{"chat": 9, "user": 9, "text": "/start"}, 200, `"bot_command"`},
		{"POST", "/client/group", fields{"id": -100600, "title": "Team", "members": []int{9}}, 200, "ok"},
		{"POST", "/client/say", fields{"chat": -100600, "user": 9, "text": "/buy", "thread_id": 3}, 200, `"thread_id":3`},
		{"POST", "/client/join", fields{"chat": -100600, "user": amina}, 200, "ok"},
		{"POST", "/client/promote", fields{"chat": -100600, "user": amina, "on": true}, 200, "ok"},
		{"POST", "/client/say", fields{"chat": -100600, "user": amina, "text": "x"}, 200, `"from":1087968824`},
		{"POST", "/client/leave", fields{"chat": -100600, "user": amina}, 200, "ok"},
		{"POST", "/client/say", fields{"chat": 9, "user": amina, "text": "x"}, 400, ErrNotMember.Error()},
		{"POST", "/client/say", fields{"chat": 9, "usr": 9, "text": "x"}, 400, errBadBody.Error()},
		{"POST", "/client/press", fields{"chat": 9, "user": 9, "message": 2, "row": 0, "col": 0}, 200, "callback_query_id"},
		{"POST", "/client/press", fields{"chat": 9, "user": 9, "message": 2, "label": "uy"}, 200, "callback_query_id"},
		{"POST", "/client/press", fields{"chat": 9, "user": 9, "message": 2, "data": "forged"}, 200, "callback_query_id"},
		{"POST", "/client/press", fields{"chat": 9, "user": 9, "message": 2, "row": 4}, 400, ErrNoButton.Error()},
		{"GET", "/client/callbacks", nil, 200, `"data":"forged"`},
		{"GET", "/client/state?user=9", nil, 200, `"messages":[{"id":1`},
		{"GET", "/client/state?user=5", nil, 400, ErrNoUser.Error()},
		{"GET", "/client/history?chat=9", nil, 200, `"versions":[`},
		{"GET", "/client/holding?text=menu", nil, 200, `"text":"menu"`},
		{"GET", "/client/journal", nil, 200, `"method":"sendMessage"`},
		{"GET", "/client/reports", nil, 200, "null"},
		{"GET", "/client/toasts?user=9", nil, 200, "null"},
		{"GET", "/client/personas", nil, 200, `"name":"Nadia"`},
		{"POST", "/client/faults", fields{"method": "sendMessage", "kind": "flood", "retry_after": 4, "times": 3, "delay_ms": 5}, 200, "ok"},
		{"GET", "/client/faults", nil, 200, `"times":3`},
		{"DELETE", "/client/faults", nil, 200, "ok"},
		{"POST", "/client/faults", fields{"kind": "nothing"}, 400, ErrNoFault.Error()},
		{"POST", "/client/edit", fields{"chat": 9, "user": 9, "message": 1, "text": "/help"}, 200, "ok"},
		{"POST", "/client/forward", fields{"chat": 9, "user": 9, "message": 1, "to_chat": -100600}, 200, `"forward_of":9`},
		{"POST", "/client/hide", fields{"user": 9, "on": true}, 200, "ok"},
		{"POST", "/client/hide", fields{"user": 5, "on": true}, 400, ErrNoUser.Error()},
		{"POST", "/client/forward", fields{"chat": 9, "user": 9, "message": 1, "to_chat": -100600}, 200, `"forward_by":"Lina"`},
		{"POST", "/client/block", fields{"user": 9, "on": true}, 200, "ok"},
		{"POST", "/client/block", fields{"user": 9, "on": false}, 200, "ok"},
		{"POST", "/client/flood", fields{"on": true}, 200, "ok"},
		{"POST", "/client/offset", fields{"seconds": 3600}, 200, "ok"},
		{"GET", "/client/file?id=none", nil, 400, ErrNoFile.Error()},
		{"GET", "/client/nothing", nil, 404, ""},
	}
	for i, s := range steps {
		if i == 2 {
			r.ok("sendMessage", fields{"chat_id": 9, "text": "menu", "reply_markup": keyboard(button(fields{"callback_data": "x"}))})
		}
		if status, body := r.people(s.method, s.path, s.body); status != s.status || !strings.Contains(body, s.want) {
			t.Errorf("%s %s %v: %d %s", s.method, s.path, s.body, status, body)
		}
	}
	if status, body := r.people("GET", "/client/file?id="+r.stored("content"), nil); status != 200 || body != "content" {
		t.Errorf("file: %d %q", status, body)
	}
	if faults := r.Faults(); len(faults) != 0 {
		t.Errorf("faults left: %+v", faults)
	}
}

// TestEvents reads the stream while the chat changes.
func TestEvents(t *testing.T) {
	r := newChatRig(t, Options{})
	resp, err := http.DefaultClient.Do(mustRequest(t, r.url+"/client/events?user=71000001"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	until := func(what string, done func(State) bool) {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				continue
			}
			var s State
			if err := json.Unmarshal([]byte(data), &s); err != nil {
				t.Fatal(err)
			}
			if done(s) {
				return
			}
		}
	}
	until("first state", func(s State) bool { return len(s.Messages) == 1 && s.User.FirstName == "Amina" && len(s.Cast) == 3 })
	id := r.ok("sendMessage", fields{"chat_id": amina, "text": "menu", "reply_markup": keyboard(button(fields{"callback_data": "x"}))})
	until("message", func(s State) bool { return len(s.Messages) == 2 && s.Messages[1].Keyboard[0][0].Text == "Buy" })
	r.ok("sendChatAction", fields{"chat_id": amina, "action": "typing"})
	until("action", func(s State) bool { return s.Action == "typing" })
	query, err := r.Press(amina, amina, id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	until("press", func(s State) bool { return len(s.Waiting) == 1 && s.Waiting[0] == query })
	r.ok("answerCallbackQuery", fields{"callback_query_id": query, "text": "sold"})
	until("toast", func(s State) bool { return len(s.Toasts) == 1 && s.Toasts[0].Text == "sold" && len(s.Waiting) == 0 })
	r.ok("setMyCommands", fields{"commands": []fields{{"command": "buy", "description": "d"}}})
	until("commands", func(s State) bool { return len(s.Commands) == 1 })
	r.ok("deleteMessage", fields{"chat_id": amina, "message_id": id})
	until("deletion", func(s State) bool { return len(s.Messages) == 1 })
	r.Close()
	if rest, err := io.ReadAll(lines); err != nil || len(bytes.TrimSpace(rest)) != 0 {
		t.Errorf("the stream ends: %q %v", rest, err)
	}
}

func TestPage(t *testing.T) {
	r := newRig(t, Options{})
	for path, kind := range map[string]string{
		"/": "text/html", "/style.css": "text/css", "/app.js": "text/javascript",
		"/message.js": "text/javascript", "/icon.svg": "image/svg+xml",
	} {
		resp, err := http.DefaultClient.Do(mustRequest(t, r.url+path))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		text := string(body)
		if strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/", ""), "http://") || strings.Contains(text, "https://") {
			t.Errorf("%s refers to another host", path)
		}
		if path == "/" && (strings.Contains(text, "<style") || strings.Contains(text, " style=") || strings.Contains(text, " on") && strings.Contains(text, "onclick=")) {
			t.Error("the page has inline script or style")
		}
		if strings.HasSuffix(path, ".js") && strings.Contains(text, "innerHTML") {
			t.Error("the script writes HTML")
		}
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	r := newRig(t, Options{})
	for origin, status := range map[string]int{"": 200, r.url: 200, "https://evil.example": 403, "null": 403} {
		req := mustRequest(t, r.url+"/client/personas")
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("origin %q: %d", origin, resp.StatusCode)
		}
	}
}

func TestDefaultCast(t *testing.T) {
	want := []Persona{
		{ID: 71000001, Name: "Amina", Username: "amina_dz", Language: "fr", Role: "customer"},
		{ID: 71000002, Name: "Omar", Username: "omar_b", Language: "en", Role: "customer"},
		{ID: 42, Name: "Nadia", Username: "nadia_ops", Language: "en", Role: "admin"},
	}
	if diff := cmp.Diff(want, DefaultCast(42)); diff != "" {
		t.Error(diff)
	}
}
