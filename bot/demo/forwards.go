package demo

import "time"

// The kinds of origin that a forwarded message of this emulator can have. Source: MessageOrigin of the Bot API; there are no channels here.
const (
	originUser   = "user"
	originHidden = "hidden_user"
	originChat   = "chat"
)

// wireOrigin is MessageOrigin of the Bot API: the fields of its kind, and no others.
type wireOrigin struct {
	Type string    `json:"type"`
	Date int64     `json:"date"`
	User *User     `json:"sender_user,omitempty"`
	Name string    `json:"sender_user_name,omitempty"`
	Chat *wireChat `json:"sender_chat,omitempty"`
}

// HideForwards sets whether the account of a person may be seen behind messages of theirs that somebody forwards from now on: a setting of
// theirs in Telegram. It fails with ErrNoUser.
func (t *Telegram) HideForwards(user int64, hidden bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.people[user]
	if p == nil {
		return ErrNoUser
	}
	p.veiled = hidden
	return nil
}

// mark makes m a forwarded copy of what a user wrote, in the name of a chat unless that is 0; it shows what they show at this time. The
// caller holds the lock.
func (t *Telegram) mark(m *Message, user, chat int64, at time.Time) {
	o := &wireOrigin{Type: originUser, Date: at.Unix()}
	switch p := t.people[user]; {
	case chat != 0:
		sender := t.wireChat(t.chats[chat])
		o.Type, o.Chat, m.ForwardOf = originChat, &sender, chat
	case p != nil && p.veiled:
		o.Type, o.Name, m.ForwardBy = originHidden, p.user.FirstName, p.user.FirstName
	default:
		sender := t.userOf(user)
		o.User, m.ForwardOf = &sender, user
	}
	m.origin = o
}

// ForwardTo forwards a message that a user can see from one chat to another. It fails with ErrProtected for a protected one, and as Say.
func (t *Telegram) ForwardTo(user, fromChat int64, messageID int, toChat int64) (Message, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from, err := t.room(fromChat, user)
	if err != nil {
		return Message{}, err
	}
	to, err := t.room(toChat, user)
	if err != nil {
		return Message{}, err
	}
	m := from.byID[messageID]
	switch {
	case m == nil || m.Deleted:
		return Message{}, ErrNoMessage
	case m.Protected:
		return Message{}, ErrProtected
	}
	copied := &Message{Text: m.Text, Entities: m.Entities, Document: m.Document, Photo: m.Photo, Spoiler: m.Spoiler}
	if copied.Entities == nil {
		copied.Entities = []Entity{}
	}
	if m.origin != nil { // it stays whose it was
		copied.origin, copied.ForwardOf, copied.ForwardBy = m.origin, m.ForwardOf, m.ForwardBy
	} else {
		t.mark(copied, m.From, m.SenderChat, m.Date)
	}
	return t.utter(to, user, copied), nil
}
