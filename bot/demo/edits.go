package demo

import (
	"reflect"
)

// Refusals of edits, as the real server words them.
const (
	editMissing   = "message to edit not found"
	editForbidden = "message can't be edited"
	editSame      = "message is not modified: specified new message content and reply markup are exactly the same as a current content " +
		"and reply markup of the message"
)

// editable finds the message to edit: one of the bot's own, in a chat it may write to.
func (c *call) editable() (*chat, *Message, *apiError) {
	ch, fail := c.writable()
	if fail != nil {
		return nil, nil, fail
	}
	m := ch.byID[int(c.integer("message_id"))]
	switch {
	case m == nil || m.Deleted || m.Receiver != 0: // an ephemeral one has methods of its own
		return nil, nil, badRequest(editMissing)
	case !m.FromBot || m.Service != "" || m.locked:
		return nil, nil, badRequest(editForbidden)
	}
	return ch, m, nil
}

// apply replaces the content of m by that of next, unless nothing changes. A missing keyboard removes the old one.
func (t *Telegram) apply(c *call, ch *chat, m *Message, next Message) (any, *apiError) {
	markup, fail := c.markup(true)
	if fail != nil {
		return nil, fail
	}
	next.Keyboard = markup.keyboard
	if m.Text == next.Text && m.Spoiler == next.Spoiler && sameList(m.Entities, next.Entities) && sameList(m.Keyboard, next.Keyboard) &&
		sameFile(m.Document, next.Document) && sameFile(m.Photo, next.Photo) {
		return nil, badRequest(editSame)
	}
	if fail := t.admit(ch, true); fail != nil {
		return nil, fail
	}
	m.Text, m.Entities, m.Keyboard = next.Text, next.Entities, next.Keyboard
	m.Document, m.Photo, m.Spoiler, m.noPreview = next.Document, next.Photo, next.Spoiler, next.noPreview
	m.Edited = t.now()
	t.version(ch, m)
	return t.wire(m), nil
}

func sameList[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

func sameFile(a, b *File) bool {
	return a == b || (a != nil && b != nil && a.ID == b.ID)
}

// editText answers editMessageText.
func (t *Telegram) editText(c *call) (any, *apiError) {
	var next Message
	if fail := c.textInto(&next); fail != nil {
		return nil, fail
	}
	ch, m, fail := c.editable()
	if fail != nil {
		return nil, fail
	}
	if m.file() != nil {
		return nil, badRequest("there is no text in the message to edit")
	}
	return t.apply(c, ch, m, next)
}

// editCaption answers editMessageCaption; without a caption the old one is removed.
func (t *Telegram) editCaption(c *call) (any, *apiError) {
	var next Message
	if fail := c.captionInto(&next); fail != nil {
		return nil, fail
	}
	ch, m, fail := c.editable()
	if fail != nil {
		return nil, fail
	}
	if m.file() == nil {
		return nil, badRequest("there is no caption in the message to edit")
	}
	next.Document, next.Photo, next.Spoiler = m.Document, m.Photo, m.Spoiler
	return t.apply(c, ch, m, next)
}

// editMarkup answers editMessageReplyMarkup.
func (t *Telegram) editMarkup(c *call) (any, *apiError) {
	ch, m, fail := c.editable()
	if fail != nil {
		return nil, fail
	}
	next := *m
	return t.apply(c, ch, m, next)
}

// editMedia answers editMessageMedia: a text becomes a file, a file another file; the way back to text does not exist.
func (t *Telegram) editMedia(c *call) (any, *apiError) {
	var media struct {
		Type        string   `json:"type"`
		Media       string   `json:"media"`
		Caption     string   `json:"caption"`
		Entities    []Entity `json:"caption_entities"`
		Above       bool     `json:"show_caption_above_media"`
		Spoiler     bool     `json:"has_spoiler"`
		NoDetection bool     `json:"disable_content_type_detection"`
	}
	if _, fail := c.object("media", &media); fail != nil {
		return nil, fail
	}
	if media.Type != mediaPhoto && media.Type != mediaDocument {
		return nil, badRequest("can't parse InputMedia: type %q is not emulated", media.Type)
	}
	if utf16Len(media.Caption) > maxCaption {
		return nil, badRequest("message caption is too long")
	}
	c.entry.Text, c.entry.Entities = media.Caption, media.Entities
	if fail := checkEntities(media.Caption, media.Entities); fail != nil {
		return nil, fail
	}
	ch, m, fail := c.editable()
	if fail != nil {
		return nil, fail
	}
	file, fail := c.media(media.Media, media.Type)
	if fail != nil {
		return nil, fail
	}
	next := Message{Text: media.Caption, Entities: media.Entities, Spoiler: media.Spoiler}
	if media.Type == mediaPhoto {
		next.Photo = file
	} else {
		next.Document = file
	}
	return t.apply(c, ch, m, next)
}
