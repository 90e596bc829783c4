package telegram

import (
	"context"
	"net/http"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// Ephemeral messages (Bot API 10.2, in the shape of 10.3) are seen by one member of a group and the bot; here they are called whispers. What
// is known of them: the reference says who may be whispered to (a member whose callback query is 15 s old at most, anybody there by a bot that
// is an administrator), that arrival is not guaranteed, and that they have methods of their own; public reports say that message_id is 0 in
// answers. What a server before 10.3 does with the parameter is assumed from how the Bot API treats all it does not know: it takes no notice
// of it and shows the message to all. So nothing that is for one member alone is sent before a server has shown that it whispers.
const (
	whisperAgain = 6 * time.Hour    // until a server that does not whisper is tried again
	whisperRight = 10 * time.Minute // until a group in which only a press gives the right is tried without one
	whisperEdit  = 1024             // UTF-16 units that an edit takes; the reference says 4096. Source: tdlib/telegram-bot-api issue 881
)

// ear is who may be whispered to in answer to an update.
type ear struct {
	user    int64
	query   string // the press that gives the right; empty when there was none
	whisper int    // the whisper that was pressed; 0 when none was
}

// whispers remembers where the bot can whisper. It is learned from answers, never asked for: no method tells it.
type whispers struct {
	now func() time.Time

	mu      sync.Mutex
	known   bool
	absent  time.Time           // until when the server counts as one that does not whisper
	refused map[int64]time.Time // groups in which a press is needed, until when that counts
}

// may tells whether to try, and whether the server has shown that it whispers.
func (w *whispers) may(chat int64, pressed bool) (try, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	return !now.Before(w.absent) && (pressed || !now.Before(w.refused[chat])), w.known
}

func (w *whispers) worked() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known, w.absent = true, time.Time{}
}

func (w *whispers) missed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known, w.absent = false, w.now().Add(whisperAgain)
}

func (w *whispers) declined(chat int64, pressed bool) {
	if pressed {
		return // of this press: it was too old, or the group is one where nobody can be whispered to
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	for id, until := range w.refused {
		if now.After(until) {
			delete(w.refused, id)
		}
	}
	if w.refused == nil {
		w.refused = map[int64]time.Time{}
	}
	w.refused[chat] = now.Add(whisperRight)
}

// forget lets a group be tried again: the bot's rights there are others now.
func (w *whispers) forget(chat int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.refused, chat)
}

// aside shows a screen to one member alone, or the open one to all where that cannot be. It returns the message that carries the menu for all:
// the one that was there, for a whisper is none.
func (b *Bot) aside(ctx context.Context, e errand, s flows.Screen) (int, error) {
	if e.ear != nil {
		id, done, err := b.whisper(ctx, e, s)
		if done || err != nil {
			return id, err
		}
	}
	return b.screen(ctx, e, opened(s))
}

// opened is the screen that all may read.
func opened(s flows.Screen) flows.Screen {
	open := s
	if s.Openly != nil {
		open.Text, open.Marks, open.Rows = s.Openly.Text, s.Openly.Marks, s.Openly.Rows
	}
	open.Openly, open.Whisper = nil, 0
	return open
}

// whisper tries to show a screen to one member; done is false when it has to be shown openly.
func (b *Bot) whisper(ctx context.Context, e errand, s flows.Screen) (id int, done bool, err error) {
	m := b.asMessage(s)
	if s.Whisper != 0 && len(utf16.Encode([]rune(m.text))) <= whisperEdit {
		err := b.out.editWhisper(ctx, e, s.Whisper, m)
		if err == nil {
			return s.Edit, true, nil
		}
		if !declined(err) {
			return 0, false, err
		}
	}
	try, known := b.whispers.may(e.chat, e.ear.query != "")
	if !try {
		return 0, false, nil
	}
	first := m
	if probe := s.Openly != nil && !known; probe {
		first = b.asMessage(opened(s))
	}
	heard, public, err := b.out.whisper(ctx, e, first, s.Whisper == 0 && s.Edit != 0)
	switch {
	case declined(err):
		b.whispers.declined(e.chat, e.ear.query != "")
		return 0, false, nil
	case err != nil:
		return 0, false, err
	case heard == 0:
		return b.overheard(ctx, e, s, public, known)
	}
	b.whispers.worked()
	b.hush(ctx, e, s.Whisper)
	if s.Openly == nil || known {
		return s.Edit, true, nil
	}
	return s.Edit, true, b.fill(ctx, e, heard, m)
}

// overheard follows when a server showed to all what was to be whispered. What all may read stays as the menu; anything else is taken back.
func (b *Bot) overheard(ctx context.Context, e errand, s flows.Screen, public int, known bool) (int, bool, error) {
	b.whispers.missed()
	if s.Openly != nil && known {
		b.log.Error("a server that whispered shows messages to all now", "chat", e.chat)
		b.clear(ctx, e, []int{public})
		return 0, false, nil
	}
	b.clear(ctx, e, []int{s.Edit})
	return public, true, nil
}

// fill puts the text into a whisper that was sent with the open one first.
func (b *Bot) fill(ctx context.Context, e errand, heard int, m message) error {
	if len(utf16.Encode([]rune(m.text))) <= whisperEdit {
		err := b.out.editWhisper(ctx, e, heard, m)
		if declined(err) { // what all may read stands there: better than nothing
			b.log.Warn("whisper not filled", "error", err)
			return nil
		}
		return err
	}
	b.hush(ctx, e, heard)
	_, _, err := b.out.whisper(ctx, e, m, false)
	return err
}

// hush takes a whisper away that another took the place of; one that stays harms nobody.
func (b *Bot) hush(ctx context.Context, e errand, id int) {
	if id == 0 {
		return
	}
	if err := b.out.removeWhisper(ctx, e, id); err != nil {
		b.log.Debug("whisper not removed", "error", err)
	}
}

// asMessage is a screen without a file, cut to one message: a whisper is never split.
func (b *Bot) asMessage(s flows.Screen) message {
	m := message{thread: s.Thread, markup: keyboard(b.doors(s.Rows), b.log)}
	if parts := split(s.Text, s.Marks, maxText); len(parts) > 0 {
		m.text, m.entities = parts[0].text, parts[0].entities
	}
	return m
}

// declined: the server will not do this for us here, however often it is asked, or knows no such method.
func declined(err error) bool {
	return (code(err) == http.StatusBadRequest || code(err) == http.StatusNotFound) && movedTo(err) == 0 && !unreachable(err)
}

// whisper sends a message to one member of a group. It returns the whisper's id, or the id of the message that all see when the server took
// no notice of for whom it was.
func (s *sender) whisper(ctx context.Context, e errand, m message, replace bool) (heard, public int, err error) {
	e.lot, e.repeat = lotSend, false
	to := &models.EphemeralMessageParameters{
		ReceiverUserID: e.ear.user, CallbackQueryID: e.ear.query, ReplaceCallbackQueryMessage: replace && e.ear.query != "" && e.ear.whisper == 0,
	}
	err = s.do(ctx, e, "sendMessage", func(ctx context.Context) error {
		made, err := s.api.SendMessage(ctx, &bot.SendMessageParams{
			ChatID: e.chat, MessageThreadID: m.thread, Text: m.text, Entities: m.entities, EphemeralMessageParameters: to,
			LinkPreviewOptions: noPreview(), ReplyMarkup: m.markup,
		})
		if err == nil {
			heard, public = made.EphemeralMessageID, made.ID
		}
		return err
	})
	if err == nil && heard == 0 && public == 0 {
		err = &wireError{method: "sendMessage", sent: true, cause: "answer names no message"}
	}
	return heard, public, err
}

// editWhisper replaces the content of a whisper.
func (s *sender) editWhisper(ctx context.Context, e errand, id int, m message) error {
	e.repeat = true
	keys, _ := m.markup.(*models.InlineKeyboardMarkup)
	err := s.do(ctx, e, "editEphemeralMessageText", func(ctx context.Context) error {
		_, err := s.api.EditEphemeralMessageText(ctx, &bot.EditEphemeralMessageTextParams{
			ChatID: e.chat, ReceiverUserID: e.ear.user, EphemeralMessageID: id, Text: m.text, Entities: m.entities,
			LinkPreviewOptions: noPreview(), ReplyMarkup: keys,
		})
		return err
	})
	if unchanged(err) {
		return nil
	}
	return err
}

// removeWhisper deletes a whisper.
func (s *sender) removeWhisper(ctx context.Context, e errand, id int) error {
	e.rank, e.lot, e.repeat, e.patience = rankDelete, lotDelete, true, deletePatience
	return s.do(ctx, e, "deleteEphemeralMessage", func(ctx context.Context) error {
		_, err := s.api.DeleteEphemeralMessage(ctx, &bot.DeleteEphemeralMessageParams{ChatID: e.chat, ReceiverUserID: e.ear.user, EphemeralMessageID: id})
		return err
	})
}

// heardIn is who may be whispered to in answer to an input; nobody in a private chat.
func heardIn(in flows.Input, query string) *ear {
	if in.Private || in.User <= 0 || in.Veiled {
		return nil
	}
	return &ear{user: in.User, query: query, whisper: in.Whisper}
}
