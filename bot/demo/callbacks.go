package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// answerAge is the age from which a callback query can no longer be answered.
const answerAge = 15 * time.Second

// maxAnswer is the length of a callback answer in UTF-16 units.
const maxAnswer = 200

const tooOld = "query is too old and response timeout expired or query ID is invalid"

// Callback is a press of a button and what the bot answered.
type Callback struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	From      int64     `json:"from"`
	ChatID    int64     `json:"chat_id"`
	MessageID int       `json:"message_id"`
	Data      string    `json:"data"`
	Answered  bool      `json:"answered"`
	Text      string    `json:"text,omitempty"`
	Alert     bool      `json:"alert,omitempty"`
	URL       string    `json:"url,omitempty"`
}

// Toast is a callback answer that its presser sees.
type Toast struct {
	ID        int       `json:"id"` // rising
	At        time.Time `json:"at"`
	QueryID   string    `json:"callback_query_id"`
	ChatID    int64     `json:"chat_id"`
	MessageID int       `json:"message_id"`
	Text      string    `json:"text,omitempty"`
	Alert     bool      `json:"alert,omitempty"` // a box to be closed instead of a line that vanishes
	URL       string    `json:"url,omitempty"`
}

// Toasts returns the callback answers with a text or an address that a user has seen, oldest first.
func (t *Telegram) Toasts(user int64) []Toast {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.people[user]; p != nil {
		return slices.Clone(p.toasts)
	}
	return nil
}

// Callbacks returns every press of a button, oldest first, also those without an answer.
func (t *Telegram) Callbacks() []Callback {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]Callback, 0, len(t.queries))
	for _, q := range t.queries {
		list = append(list, *q)
	}
	return list
}

// ask makes a callback query out of a press; the caller holds the lock.
func (t *Telegram) ask(ch *chat, user int64, m *Message, data string) string {
	q := &Callback{
		ID: fmt.Sprintf("%d%06d", 4382910000000+t.bot.ID%1000, len(t.queries)+1), At: t.now(),
		From: user, ChatID: ch.id, MessageID: m.ID, Data: data,
	}
	t.asked[q.ID] = q
	t.queries = append(t.queries, q)
	var message any = t.wire(m)
	if m.Deleted {
		message = map[string]any{"chat": t.wireChat(ch), "message_id": m.ID, "date": 0}
	}
	ch.heard = t.now()
	t.push("callback_query", ch.id, map[string]any{
		"id": q.ID, "from": t.userOf(user), "message": message, "chat_instance": fmt.Sprintf("%d", ch.id*7919), "data": data,
	})
	t.touch(ch)
	return q.ID
}

// answerCallback answers answerCallbackQuery. Only the first answer counts; more of them are reported.
func (t *Telegram) answerCallback(c *call) (any, *apiError) {
	text := c.values["text"]
	if utf16Len(text) > maxAnswer {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	if c.integer("cache_time") < 0 {
		return nil, badRequest("wrong parameter cache_time in request")
	}
	q := t.asked[c.values["callback_query_id"]]
	if q == nil || t.now().Sub(q.At) >= answerAge {
		return nil, badRequest(tooOld)
	}
	c.entry.ChatID, c.entry.MessageID = q.ChatID, q.MessageID
	url := c.values["url"]
	if url != "" && !t.ownLink(url) {
		return nil, badRequest("URL_INVALID")
	}
	if q.Answered {
		t.report(ReportAnsweredTwice, q.ChatID, q.MessageID)
		return true, nil
	}
	q.Answered, q.Text, q.Alert, q.URL = true, text, c.boolean("show_alert"), url
	if p := t.people[q.From]; p != nil && (text != "" || url != "") {
		t.toasts++
		p.toasts = append(p.toasts, Toast{
			ID: t.toasts, At: t.now(), QueryID: q.ID, ChatID: q.ChatID, MessageID: q.MessageID, Text: text, Alert: q.Alert, URL: url,
		})
	}
	t.touch(t.chats[q.ChatID])
	return true, nil
}

// ownLink says whether url opens this bot with a start parameter, the only kind of address a callback answer may carry.
func (t *Telegram) ownLink(url string) bool {
	for _, host := range []string{"https://t.me/", "http://t.me/", "t.me/"} {
		if rest, ok := strings.CutPrefix(url, host); ok {
			name, _, found := strings.Cut(rest, "?start=")
			return found && strings.EqualFold(name, t.bot.Username)
		}
	}
	return false
}

// chatAction answers sendChatAction.
func (t *Telegram) chatAction(c *call) (any, *apiError) {
	action := c.values["action"]
	known := strings.Fields("typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker " +
		"find_location record_video_note upload_video_note")
	if !slices.Contains(known, action) {
		return nil, badRequest("wrong parameter action in request")
	}
	ch, fail := c.writable()
	if fail != nil {
		return nil, fail
	}
	ch.action, ch.acted = action, t.now()
	t.touch(ch)
	return true, nil
}
