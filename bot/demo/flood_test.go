package demo

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// flooded expects a 429 that says the same everywhere and returns how many seconds to wait.
func (r *rig) flooded(method string, params fields) int {
	r.t.Helper()
	a := r.call(method, params)
	seconds := a.Parameters.RetryAfter
	if a.OK || a.Code != http.StatusTooManyRequests || a.Status != a.Code || seconds < 1 {
		r.t.Fatalf("%s: %+v", method, a)
	}
	if want := strconv.Itoa(seconds); a.Header.Get("Retry-After") != want || a.Description != "Too Many Requests: retry after "+want {
		r.t.Fatalf("%s: header %q, description %q, want %s seconds", method, a.Header.Get("Retry-After"), a.Description, want)
	}
	return seconds
}

func frozen() *clock {
	return &clock{at: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
}

func TestFloodInAPrivateChat(t *testing.T) {
	r := newChatRig(t, Options{FloodControl: true, Now: frozen().now})
	message := fields{"chat_id": amina, "text": "x"}
	id := 0
	for range 5 {
		id = r.ok("sendMessage", message)
	}
	if n := r.flooded("sendMessage", message); n != 1 {
		t.Errorf("retry after %d s", n)
	}
	r.flooded("sendDocument", fields{"chat_id": amina, "document": r.stored("a")})
	for i := range 30 { // edits, deletions and answers go on
		r.ok("editMessageText", fields{"chat_id": amina, "message_id": id, "text": strconv.Itoa(i)})
	}
	r.ok("deleteMessage", fields{"chat_id": amina, "message_id": id})
	r.ok("sendChatAction", fields{"chat_id": amina, "action": "typing"})
	if _, err := r.Say(omar, omar, started); err != nil {
		t.Fatal(err)
	}
	r.text(omar, "another chat goes on")
	r.SetOffset(time.Second)
	r.ok("sendMessage", message)
	r.flooded("sendMessage", message)
	r.SetOffset(time.Hour)
	for range 5 {
		r.ok("sendMessage", message)
	}
	r.flooded("sendMessage", message)
	r.SetFloodControl(false)
	r.ok("sendMessage", message)
}

// stored puts a file on the server and returns its id.
func (r *rig) stored(content string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, fail := r.store(&upload{name: "a.txt", content: []byte(content)}, mediaDocument)
	if fail != nil {
		r.t.Fatal(fail.text)
	}
	return f.ID
}

func TestFloodInAGroup(t *testing.T) {
	r := newChatRig(t, Options{FloodControl: true, Now: frozen().now})
	r.NewGroup(-100777, "Resellers", amina)
	message := fields{"chat_id": -100777, "text": "x"}
	id := 0
	for i := range 20 {
		r.SetOffset(time.Duration(i) * time.Second)
		if id == 0 {
			id = r.ok("sendMessage", message)
			continue
		}
		r.ok("editMessageText", merge(message, fields{"message_id": id, "text": strconv.Itoa(i)})) // edits count in groups
	}
	r.SetOffset(25 * time.Second)
	if n := r.flooded("sendMessage", message); n != 35 {
		t.Errorf("retry after %d s, want 35: the first of 20 is 25 s old", n)
	}
	r.flooded("editMessageText", merge(message, fields{"message_id": id}))
	r.ok("deleteMessage", fields{"chat_id": -100777, "message_id": id})
	r.SetOffset(time.Minute)
	r.ok("sendMessage", message)
	r.flooded("sendMessage", message)
}

func TestFloodOfBulk(t *testing.T) {
	r := newRig(t, Options{FloodControl: true, Now: frozen().now})
	for i := range 40 {
		r.NewUser(int64(1000+i), "Customer", "en")
		r.say(int64(1000+i), started)
	}
	for i := range 40 {
		r.text(int64(1000+i), "an answer is not bulk")
	}
	r.SetOffset(time.Hour)
	sent := 0
	for sent < 40 && r.call("sendMessage", fields{"chat_id": 1000 + sent, "text": "news"}).OK {
		sent++
	}
	if sent != 30 {
		t.Errorf("%d notices in one second, want 30", sent)
	}
	r.SetOffset(time.Hour + time.Second)
	r.text(1031, "news")
}
