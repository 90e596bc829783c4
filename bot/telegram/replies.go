package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cardrop/flows"
	"cardrop/flows/checkout"
)

// How long flood control may hold up a call. A reply that would take longer is left to the redraw entry its talk has: the lane
// goes on, and the chat gets its present screen when it may be written to again.
const (
	replyPatience  = 3 * time.Second
	answerPatience = 3 * time.Second
	deletePatience = 3 * time.Second
	noticePatience = 3 * time.Second
	cardPatience   = 15 * time.Second
	replyLimit     = time.Minute
)

// errRefused is a screen that Telegram will never take.
var errRefused = errors.New("screen was refused")

// reply carries out what the desk answered in a chat to an update, a press by its query, and reports it as drawn. With more waiting in the lane it does not wait
// for flood control.
func (b *Bot) reply(ctx context.Context, in flows.Input, query string, r flows.Reply, more bool) {
	ctx, cancel := context.WithTimeout(ctx, replyLimit)
	defer cancel()
	e := errand{chat: in.Chat, ear: heardIn(in, query), rank: rankReply, patience: replyPatience}
	if more {
		e.patience = 0
	}
	sent, live, err := b.draw(ctx, e, r)
	if err != nil && passing(err) {
		b.log.Warn("reply waits for its redraw", "error", err)
		r.Version = 0 // what was sent is remembered, the redraw entry stays
	} else if err != nil {
		b.log.Error("reply not drawn", "error", err)
	}
	if len(sent) == 0 && r.Version == 0 {
		return
	}
	if err := b.desk.Drawn(ctx, in.Talk(), r.Version, live, sent); err != nil {
		b.log.Warn("reply not noted as drawn", "error", err)
	}
}

// draw sends the screens in order, then removes what is done. It stops at the first error that may pass and at a chat that
// cannot be reached (checkout.ErrUnreachable); a refused screen is left out and reported at the end.
func (b *Bot) draw(ctx context.Context, e errand, r flows.Reply) (sent []flows.Sent, live int, err error) {
	home := e.chat
	var refused error
	for _, s := range r.Screens {
		e.chat = home
		if s.Chat != 0 {
			e.chat = s.Chat
		}
		id, err := b.screen(ctx, e, s)
		if to := movedTo(err); to != 0 {
			if err := b.moved(ctx, e.chat, to); err != nil {
				return sent, live, err
			}
			e.chat, s.Chat, s.Edit = to, to, 0
			id, err = b.screen(ctx, e, s)
		}
		switch {
		case err == nil:
			sent = append(sent, flows.Sent{Screen: s, Message: id})
			if !s.Keep && e.chat == home {
				live = id
			}
		case unreachable(err):
			b.shut(ctx, e.chat)
			return sent, live, fmt.Errorf("%w: %w", checkout.ErrUnreachable, err)
		case passing(err):
			return sent, live, err
		default:
			refused = errors.Join(refused, fmt.Errorf("%w: %w", errRefused, err))
		}
	}
	e.chat = home
	if e.ear != nil && leaves(r.Screens, home) {
		b.hush(ctx, e, e.ear.whisper)
	}
	b.clear(ctx, e, r.Delete)
	return sent, live, refused
}

// leaves tells whether what was pressed on a whisper goes on in the group, where all see it.
func leaves(screens []flows.Screen, home int64) bool {
	openly := false
	for _, s := range screens {
		if s.Whisper != 0 {
			return false
		}
		openly = openly || s.Chat == 0 || s.Chat == home
	}
	return openly
}

// clear removes prompts that are done; a prompt that stays harms nobody.
func (b *Bot) clear(ctx context.Context, e errand, ids []int) {
	e.patience = deletePatience
	for _, id := range ids {
		if id == 0 { // of a whisper, which is no message
			continue
		}
		if err := b.out.remove(ctx, e, id); err != nil {
			b.log.Debug("prompt not removed", "error", err)
		}
	}
}

// screen edits or sends one screen and returns the message that carries its buttons.
func (b *Bot) screen(ctx context.Context, e errand, s flows.Screen) (int, error) {
	switch {
	case s.Invoice != nil:
		return b.out.sendInvoice(ctx, e, *s.Invoice)
	case s.Gone:
		return s.Edit, b.out.remove(ctx, e, s.Edit)
	case s.Openly != nil || s.Whisper != 0:
		return b.aside(ctx, e, s)
	}
	limit := maxText
	if s.File != nil || s.Picture.File != "" {
		limit = maxCaption
	}
	parts := split(s.Text, s.Marks, limit)
	if len(parts) == 0 && s.File == nil {
		return 0, errors.New("screen without text")
	}
	if len(parts) == 0 {
		parts = []part{{}}
	}
	id, edit := 0, s.Edit
	for i, p := range parts {
		m := message{thread: s.Thread, text: p.text, entities: p.entities, protect: s.Protect}
		if i == len(parts)-1 {
			m.markup = keyboard(b.doors(s.Rows), b.log)
			m.picture = s.Picture
			if s.File != nil {
				m.file = &attachment{name: fileName(s.File.Name), data: s.File.Data, photo: s.File.Photo}
			}
		}
		var err error
		id, err = b.put(ctx, e, edit, m, s.Only)
		if m.picture.File != "" && !s.Keep && code(err) == http.StatusBadRequest && says(err, "file identifier", "file_id", "file of type") {
			m.picture = flows.Picture{} // it is gone, or another bot's: a menu does without
			id, err = b.put(ctx, e, 0, m, s.Only)
		}
		if err != nil {
			return 0, err
		}
		edit = 0
	}
	return id, nil
}

// put edits a message in place, or sends a new one when there is nothing (any more) to edit, unless only an edit is wanted.
func (b *Bot) put(ctx context.Context, e errand, edit int, m message, only bool) (int, error) {
	if edit != 0 {
		err := b.out.edit(ctx, e, edit, m)
		switch {
		case err == nil, only && (missing(err) || says(err, "message can't be edited")):
			return edit, nil
		case says(err, "there is no text in the message to edit"), // a file stands there, and it cannot become a text; or the other way round
			!only && says(err, "there is no caption in the message to edit"):
			b.clear(ctx, e, []int{edit})
		case !missing(err) && !says(err, "message can't be edited"):
			return 0, err
		}
	}
	id, err := b.out.send(ctx, e, m)
	if m.thread != 0 && code(err) == http.StatusBadRequest && says(err, "message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED") {
		m.thread = 0
		id, err = b.out.send(ctx, e, m)
	}
	return id, err
}
