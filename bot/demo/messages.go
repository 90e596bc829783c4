package demo

import (
	"slices"
	"strings"
	"time"
)

// Lengths in UTF-16 units.
const (
	maxText    = 4096
	maxCaption = 1024
)

// Message is a message as its chat shows it.
type Message struct {
	ID         int        `json:"id"`
	ChatID     int64      `json:"chat_id"`
	ThreadID   int        `json:"thread_id,omitempty"`
	From       int64      `json:"from"` // the bot, a person, or GroupAnonymousBot
	FromName   string     `json:"from_name"`
	FromBot    bool       `json:"from_bot,omitempty"` // the emulated bot wrote it
	SenderChat int64      `json:"sender_chat,omitempty"`
	ForwardOf  int64      `json:"forward_of,omitempty"` // who wrote the original: a person, a bot or a chat
	ForwardBy  string     `json:"forward_by,omitempty"` // in its place the name of an author who hides the account
	ReplyTo    int        `json:"reply_to,omitempty"`
	Date       time.Time  `json:"date"`
	Edited     time.Time  `json:"edited,omitzero"`
	Text       string     `json:"text,omitempty"` // the caption when there is a file
	Entities   []Entity   `json:"entities,omitempty"`
	Keyboard   [][]Button `json:"keyboard,omitempty"`
	Document   *File      `json:"document,omitempty"`
	Photo      *File      `json:"photo,omitempty"`
	Invoice    *Invoice   `json:"invoice,omitempty"`
	Spoiler    bool       `json:"has_spoiler,omitempty"` // the photo is covered
	Protected  bool       `json:"protected,omitempty"`
	Service    string     `json:"service,omitempty"`  // not empty for a service message
	Receiver   int64      `json:"receiver,omitempty"` // not zero for an ephemeral message: who alone sees it
	Replaces   int        `json:"replaces,omitempty"` // the message in whose place an ephemeral one is shown
	Deleted    bool       `json:"deleted,omitempty"`
	DeletedAt  time.Time  `json:"deleted_at,omitzero"`
	Versions   []Version  `json:"versions,omitempty"` // only in History and Holding

	noPreview bool
	spoiled   bool // some version had a spoiler
	locked    bool // sent with a markup that forbids edits
	origin    *wireOrigin
	movedTo   int64
	movedFrom int64
	paid      map[string]any // the notice of a payment
}

func (m *Message) file() *File {
	if m.Document != nil {
		return m.Document
	}
	return m.Photo
}

// sendMessage answers the method of that name.
func (t *Telegram) sendMessage(c *call) (any, *apiError) {
	m := &Message{}
	if fail := c.textInto(m); fail != nil {
		return nil, fail
	}
	return t.send(c, m)
}

// textInto reads text, entities and link preview options.
func (c *call) textInto(m *Message) *apiError {
	m.Text = c.values["text"]
	if strings.TrimSpace(m.Text) == "" {
		return badRequest("message text is empty")
	}
	if utf16Len(m.Text) > maxText {
		return badRequest("message is too long")
	}
	var preview struct {
		Disabled bool   `json:"is_disabled"`
		URL      string `json:"url"`
		Small    bool   `json:"prefer_small_media"`
		Large    bool   `json:"prefer_large_media"`
		Above    bool   `json:"show_above_text"`
	}
	if _, fail := c.object("link_preview_options", &preview); fail != nil {
		return fail
	}
	m.noPreview = preview.Disabled
	return c.entitiesInto(m, "entities")
}

// captionInto reads caption and its entities.
func (c *call) captionInto(m *Message) *apiError {
	m.Text = c.values["caption"]
	if utf16Len(m.Text) > maxCaption {
		return badRequest("message caption is too long")
	}
	return c.entitiesInto(m, "caption_entities")
}

func (c *call) entitiesInto(m *Message, name string) *apiError {
	if _, fail := c.object(name, &m.Entities); fail != nil {
		return fail
	}
	c.entry.Entities = m.Entities
	return checkEntities(m.Text, m.Entities)
}

// send puts a message of the bot into its chat, with all that the send methods share.
func (t *Telegram) send(c *call, m *Message) (any, *apiError) {
	markup, fail := c.markup(false)
	if fail != nil {
		return nil, fail
	}
	ch, fail := c.writable()
	if fail != nil {
		return nil, fail
	}
	m.Keyboard, m.locked = markup.keyboard, markup.other
	m.From, m.FromBot, m.Protected = t.bot.ID, true, c.boolean("protect_content")
	if m.ThreadID = int(c.integer("message_thread_id")); m.ThreadID != 0 && !ch.threads[m.ThreadID] {
		return nil, badRequest("message thread not found")
	}
	if m.ReplyTo, fail = c.replyTo(ch); fail != nil {
		return nil, fail
	}
	if fail := c.whisper(ch, m); fail != nil {
		return nil, fail
	}
	if fail := t.admit(ch, false); fail != nil {
		return nil, fail
	}
	ch.action = ""
	t.post(ch, m)
	c.entry.MessageID, c.entry.Receiver = m.ID, m.Receiver
	return t.wire(m), nil
}

// replyTo finds the message that reply_parameters name; zero when it is missing and may be.
func (c *call) replyTo(ch *chat) (int, *apiError) {
	var p struct {
		MessageID int   `json:"message_id"`
		ChatID    int64 `json:"chat_id"`
		Without   bool  `json:"allow_sending_without_reply"`
	}
	given, fail := c.object("reply_parameters", &p)
	if !given || fail != nil {
		return 0, fail
	}
	if p.ChatID != 0 && p.ChatID != ch.id {
		return 0, badRequest("replies to another chat are not emulated")
	}
	if target := ch.byID[p.MessageID]; target != nil && !target.Deleted {
		return p.MessageID, nil
	}
	if p.Without {
		return 0, nil
	}
	return 0, badRequest("message to be replied not found")
}

// keep gives a message its id, time and author and appends it to the chat.
func (t *Telegram) keep(ch *chat, m *Message) *Message {
	ch.last++
	m.ID, m.ChatID, m.Date = ch.last, ch.id, t.now()
	m.FromName = t.userOf(m.From).FirstName
	ch.messages = append(ch.messages, m)
	ch.byID[m.ID] = m
	t.version(ch, m)
	return m
}

// version adds the present state of m to its history and wakes the watchers.
func (t *Telegram) version(ch *chat, m *Message) {
	v := Version{At: t.now(), Text: m.Text, Entities: m.Entities, Keyboard: m.Keyboard, noPreviews: m.noPreview}
	if f := m.file(); f != nil {
		v.FileName, v.FileID, v.content = f.Name, f.ID, f.content
	}
	m.Versions = append(slices.Clip(m.Versions), v)
	m.spoiled = m.spoiled || hasSpoiler(m.Entities)
	if m.FromBot && m.file() == nil && !m.noPreview && (m.Protected || m.spoiled) && hasURL(m.Text, m.Entities) {
		t.report(ReportLinkPreview, ch.id, m.ID)
	}
	t.touch(ch)
}
