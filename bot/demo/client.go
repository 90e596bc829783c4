package demo

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"
)

// Refusals of what people do.
var (
	ErrNoUser      = errors.New("user not known")
	ErrNoChat      = errors.New("chat not known, or not of that kind")
	ErrNoMessage   = errors.New("message not known or deleted")
	ErrNoButton    = errors.New("no callback button there")
	ErrNoFile      = errors.New("file not known")
	ErrNoFault     = errors.New("kind of fault not known")
	ErrNotMember   = errors.New("user is not in the chat")
	ErrBlocked     = errors.New("user has blocked the bot")
	ErrProtected   = errors.New("message is protected from forwarding")
	ErrNotYours    = errors.New("message is another's")
	ErrBadText     = errors.New("text is empty or too long")
	ErrNotAnswered = errors.New("callback query not known")
	ErrNoShop      = errors.New("there is no running shop to restart")
)

// Speech is what a person sends to a chat.
type Speech struct {
	Text      string `json:"text"`
	ThreadID  int    `json:"thread_id,omitempty"`  // the topic of a forum; it exists from its first message on
	ReplyTo   int    `json:"reply_to,omitempty"`   // a message of the chat
	ForwardOf int64  `json:"forward_of,omitempty"` // the user who wrote the text somewhere else, for a forwarded message
}

// Say sends a text of a user to a chat. Commands in it are marked, and the bot gets it unless privacy mode hides it. It fails with
// ErrNoChat, ErrNotMember, ErrBlocked or ErrBadText.
func (t *Telegram) Say(chatID, user int64, text string) (Message, error) {
	return t.Speak(chatID, user, Speech{Text: text})
}

// Speak is Say with a thread, a reply or the author of a forwarded text; it fails with ErrNoMessage, too, for a reply to nothing.
func (t *Telegram) Speak(chatID, user int64, s Speech) (Message, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.room(chatID, user)
	if err != nil {
		return Message{}, err
	}
	if strings.TrimSpace(s.Text) == "" || utf16Len(s.Text) > maxText || !utf8.ValidString(s.Text) {
		return Message{}, ErrBadText
	}
	if target := c.byID[s.ReplyTo]; s.ReplyTo != 0 && (target == nil || target.Deleted) {
		return Message{}, ErrNoMessage
	}
	m := &Message{Text: s.Text, ThreadID: s.ThreadID, ReplyTo: s.ReplyTo}
	if s.ForwardOf != 0 {
		t.mark(m, s.ForwardOf, 0, t.now())
	}
	return t.utter(c, user, m), nil
}

// utter posts a person's message and tells the bot of it; the caller holds the lock.
func (t *Telegram) utter(c *chat, user int64, m *Message) Message {
	m.From = user
	if member := c.members[user]; member != nil && member.anonymous && c.admin(user) {
		m.From, m.SenderChat = anonymousAdmin, c.id
	}
	if m.Entities == nil {
		m.Entities = commandEntities(m.Text)
	}
	if m.ThreadID != 0 {
		c.threads[m.ThreadID] = true
	}
	if c.kind == chatPrivate {
		t.people[user].started = true
	}
	c.heard = t.now()
	t.keep(c, m)
	t.pushMessage(m)
	return m.plain()
}

// room finds a chat in which a user may act.
func (t *Telegram) room(chatID, user int64) (*chat, error) {
	c, p := t.chats[chatID], t.people[user]
	switch {
	case p == nil:
		return nil, ErrNoUser
	case c == nil || c.moved != 0:
		return nil, ErrNoChat
	case !c.present(user):
		return nil, ErrNotMember
	case c.kind == chatPrivate && p.blocked:
		return nil, ErrBlocked
	}
	return c, nil
}

// pushMessage tells the bot of a new message if it may read it.
func (t *Telegram) pushMessage(m *Message) {
	if c := t.chats[m.ChatID]; t.hears(c, m) {
		t.push("message", c.id, t.wire(m))
	}
}

// hears applies privacy mode: in a group a bot that is no administrator gets service messages, replies to its own messages, commands without
// an address (it is the only bot there) and commands addressed to it.
func (t *Telegram) hears(c *chat, m *Message) bool {
	if c.kind == chatPrivate || c.admin(t.bot.ID) || m.Service != "" {
		return !c.gone
	}
	if c.gone {
		return false
	}
	if target := c.byID[m.ReplyTo]; target != nil && target.FromBot {
		return true
	}
	if len(m.Entities) == 0 || m.Entities[0].Type != "bot_command" || m.Entities[0].Offset != 0 {
		return false
	}
	_, address, addressed := strings.Cut(m.Text[:m.Entities[0].Length], "@")
	return !addressed || strings.EqualFold(address, t.bot.Username)
}

// Edit changes the text of a user's own message; the bot gets edited_message. It fails as Say, and with ErrNoMessage or ErrNotYours.
func (t *Telegram) Edit(chatID, user int64, messageID int, text string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.room(chatID, user)
	if err != nil {
		return err
	}
	m := c.byID[messageID]
	switch {
	case m == nil || m.Deleted:
		return ErrNoMessage
	case m.From != user:
		return ErrNotYours
	case strings.TrimSpace(text) == "" || utf16Len(text) > maxText:
		return ErrBadText
	}
	m.Text, m.Entities, m.Edited = text, commandEntities(text), t.now()
	t.version(c, m)
	if t.hears(c, m) {
		t.push("edited_message", c.id, t.wire(m))
	}
	return nil
}

// Press presses the button in a row and column (from zero) of a visible message and returns the id of the callback query. It fails with
// ErrNoButton when no callback button is there.
func (t *Telegram) Press(chatID, user int64, messageID, row, col int) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, m, err := t.seen(chatID, user, messageID)
	if err != nil {
		return "", err
	}
	if row < 0 || col < 0 || row >= len(m.Keyboard) || col >= len(m.Keyboard[row]) || m.Keyboard[row][col].CallbackData == "" {
		return "", ErrNoButton
	}
	return t.ask(c, user, m, m.Keyboard[row][col].CallbackData), nil
}

// PressData sends any callback data for any message that ever was in the chat, as a modified client can: also data that is on no button, and
// for a deleted message.
func (t *Telegram) PressData(chatID, user int64, messageID int, data string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.room(chatID, user)
	if err != nil {
		return "", err
	}
	m := c.byID[messageID]
	if m == nil || !m.FromBot {
		return "", ErrNoMessage
	}
	return t.ask(c, user, m, data), nil
}

// PressText presses the first callback button of a visible message whose label contains label.
func (t *Telegram) PressText(chatID, user int64, messageID int, label string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, m, err := t.seen(chatID, user, messageID)
	if err != nil {
		return "", err
	}
	for _, row := range m.Keyboard {
		for _, b := range row {
			if b.CallbackData != "" && strings.Contains(b.Text, label) {
				return t.ask(c, user, m, b.CallbackData), nil
			}
		}
	}
	return "", ErrNoButton
}

func (t *Telegram) seen(chatID, user int64, messageID int) (*chat, *Message, error) {
	c, err := t.room(chatID, user)
	if err != nil {
		return nil, nil, err
	}
	m := c.byID[messageID]
	if m == nil || m.Deleted || !m.FromBot {
		return nil, nil, ErrNoMessage
	}
	return c, m, nil
}

// WaitAnswer waits until a callback query is answered; ErrNotAnswered for an unknown id, else the context's error.
func (t *Telegram) WaitAnswer(ctx context.Context, queryID string) (Callback, error) {
	var last Callback
	known := true
	err := t.Await(ctx, func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		q := t.asked[queryID]
		if known = q != nil; known {
			last = *q
		}
		return !known || last.Answered
	})
	if !known {
		return last, ErrNotAnswered
	}
	return last, err
}
