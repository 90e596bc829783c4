package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-telegram/bot"
)

const (
	token   = "4200:demo-token"
	amina   = int64(71000001)
	omar    = int64(71000002)
	nadia   = int64(71000003)
	started = "/start"
)

// rig is a Telegram behind a real listener.
type rig struct {
	*Telegram
	t   *testing.T
	url string
}

// answer is the envelope of the Bot API with the HTTP side.
type answer struct {
	Status      int
	Header      http.Header
	OK          bool            `json:"ok"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Result      json.RawMessage `json:"result"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func newRig(t *testing.T, opts Options) *rig {
	t.Helper()
	opts.Token = token
	opts.Username = "ShopBot"
	opts.Cast = DefaultCast(nadia)
	tg := New(opts)
	server := httptest.NewServer(tg.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(tg.Close) // first, so that no poll keeps the listener open
	return &rig{Telegram: tg, t: t, url: server.URL}
}

// newChatRig is newRig with a chat that Amina has started; the update of it is confirmed.
func newChatRig(t *testing.T, opts Options) *rig {
	t.Helper()
	r := newRig(t, opts)
	r.say(amina, started)
	r.drop()
	return r
}

func ctx(t *testing.T) context.Context {
	t.Helper()
	c, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	t.Cleanup(cancel)
	return c
}

func (r *rig) say(user int64, text string) Message {
	r.t.Helper()
	m, err := r.Say(user, user, text)
	if err != nil {
		r.t.Fatalf("say %q: %v", text, err)
	}
	return m
}

// drop confirms every update.
func (r *rig) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inbox.queue = nil
}

// post sends one request to the bot's side and decodes the envelope.
func (r *rig) post(path, contentType string, body io.Reader) answer {
	r.t.Helper()
	a, err := r.try(path, contentType, body)
	if err != nil {
		r.t.Fatalf("%s: %v", path, err)
	}
	return a
}

func (r *rig) try(path, contentType string, body io.Reader) (answer, error) {
	var a answer
	req, err := http.NewRequestWithContext(ctx(r.t), http.MethodPost, r.url+path, body)
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	a.Status, a.Header = resp.StatusCode, resp.Header
	return a, json.NewDecoder(resp.Body).Decode(&a)
}

// call sends params as JSON.
func (r *rig) call(method string, params any) answer {
	r.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.post("/bot"+token+"/"+method, "application/json", bytes.NewReader(body))
}

// ok is call that must succeed; it returns the id of the message in the result, if there is one.
func (r *rig) ok(method string, params any) int {
	r.t.Helper()
	a := r.call(method, params)
	if !a.OK || a.Status != http.StatusOK {
		r.t.Fatalf("%s: %d %s", method, a.Code, a.Description)
	}
	var m struct {
		ID int `json:"message_id"`
	}
	_ = json.Unmarshal(a.Result, &m) // other results have no message id
	return m.ID
}

// refused is call that must fail with a code and a description.
func (r *rig) refused(method string, params any, code int, description string) answer {
	r.t.Helper()
	a := r.call(method, params)
	if a.OK || a.Code != code || a.Status != code || a.Description != description {
		r.t.Fatalf("%s: got %d (status %d) %q, want %d %q", method, a.Code, a.Status, a.Description, code, description)
	}
	return a
}

func (r *rig) text(chat int64, text string) int {
	r.t.Helper()
	return r.ok("sendMessage", fields{"chat_id": chat, "text": text})
}

type fields map[string]any

// library returns the bot library connected to the rig.
func (r *rig) library(options ...bot.Option) *bot.Bot {
	r.t.Helper()
	b, err := bot.New(token, append([]bot.Option{bot.WithServerURL(r.url)}, options...)...)
	if err != nil {
		r.t.Fatalf("new bot: %v", err)
	}
	return b
}

// updates fetches without waiting and confirms nothing.
func (r *rig) updates(params fields) []gotUpdate {
	r.t.Helper()
	a := r.call("getUpdates", params)
	if !a.OK {
		r.t.Fatalf("getUpdates: %s", a.Description)
	}
	var list []gotUpdate
	if err := json.Unmarshal(a.Result, &list); err != nil {
		r.t.Fatal(err)
	}
	return list
}

type gotUpdate struct {
	ID      int64           `json:"update_id"`
	Message *gotMessage     `json:"message"`
	Edited  *gotMessage     `json:"edited_message"`
	Query   *gotQuery       `json:"callback_query"`
	Member  json.RawMessage `json:"my_chat_member"`
}

type gotMessage struct {
	ID         int         `json:"message_id"`
	Text       string      `json:"text"`
	From       User        `json:"from"`
	SenderChat *wireChat   `json:"sender_chat"`
	Entities   []Entity    `json:"entities"`
	Date       int64       `json:"date"`
	ThreadID   int         `json:"message_thread_id"`
	ReplyTo    *gotMessage `json:"reply_to_message"`
	Origin     *wireOrigin `json:"forward_origin"`
	MovedTo    int64       `json:"migrate_to_chat_id"`
	MovedFrom  int64       `json:"migrate_from_chat_id"`
}

type gotQuery struct {
	ID      string     `json:"id"`
	From    User       `json:"from"`
	Data    string     `json:"data"`
	Message gotMessage `json:"message"`
}

// keyboard builds reply_markup with one button in each row.
func keyboard(buttons ...fields) fields {
	rows := [][]fields{}
	for _, b := range buttons {
		rows = append(rows, []fields{b})
	}
	return fields{"inline_keyboard": rows}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("error %v, want %v", got, want)
	}
}

func bad(format string, args ...any) string {
	return "Bad Request: " + fmt.Sprintf(format, args...)
}
