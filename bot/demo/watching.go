package demo

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// actionTime is how long a chat action is shown.
const actionTime = 5 * time.Second

// Messages returns what a chat shows to everybody, oldest first: no deleted messages and no former versions.
func (t *Telegram) Messages(chatID int64) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visible(t.chats[chatID], 0)
}

// visible is what a user sees of a chat; 0 is nobody in particular, who sees what is for everybody.
func (t *Telegram) visible(c *chat, user int64) []Message {
	list := []Message{}
	if c == nil {
		return list
	}
	covers := c.covers(user)
	for _, m := range c.messages {
		switch over := covers[m.ID]; {
		case m.Deleted || m.Receiver != 0 && (m.Receiver != user || covers[m.Replaces] == m):
		case over != nil:
			list = append(list, over.plain())
		default:
			list = append(list, m.plain())
		}
	}
	return list
}

// plain is a copy without history.
func (m *Message) plain() Message {
	seen := *m
	seen.Versions = nil
	return seen
}

// Wait blocks until what a chat shows satisfies done, and returns the context's error when that ends first. It looks again at each change.
func (t *Telegram) Wait(ctx context.Context, chatID int64, done func([]Message) bool) error {
	for {
		t.mu.Lock()
		changed, c := t.changed, t.chats[chatID]
		if c != nil {
			changed = c.changed
		}
		list := t.visible(c, 0)
		t.mu.Unlock()
		if done(list) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Await blocks until done is true, and returns the context's error when that ends first. It looks again after each call of the bot and each
// act of a person; done may use every method of t.
func (t *Telegram) Await(ctx context.Context, done func() bool) error {
	for {
		t.mu.Lock()
		changed := t.changed
		t.mu.Unlock()
		if done() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ChatView is a chat as a list shows it.
type ChatView struct {
	ID    int64  `json:"id"`
	Kind  string `json:"type"`
	Title string `json:"title"`
}

// State is all that one user sees of one chat.
type State struct {
	Bot         User       `json:"bot"`
	User        User       `json:"user"`
	Blocked     bool       `json:"blocked,omitempty"`
	Chat        ChatView   `json:"chat"`
	Chats       []ChatView `json:"chats"` // the private chat first, then groups
	Cast        []Persona  `json:"cast"`
	Description string     `json:"description,omitempty"`
	MenuButton  string     `json:"menu_button"`
	Action      string     `json:"action,omitempty"`
	Commands    []Command  `json:"commands"`
	Messages    []Message  `json:"messages"`
	Toasts      []Toast    `json:"toasts"`  // the last ones
	Waiting     []string   `json:"waiting"` // ids of the user's presses here that can still be answered
}

// shownToasts is how many toasts a State carries.
const shownToasts = 20

// View returns what a user sees of a chat and the channel that is closed at its next change. It fails with ErrNoUser, ErrNoChat or
// ErrNotMember.
func (t *Telegram) View(chatID, user int64) (State, <-chan struct{}, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, c := t.people[user], t.chats[chatID]
	switch {
	case p == nil:
		return State{}, nil, ErrNoUser
	case c == nil:
		return State{}, nil, ErrNoChat
	case !c.present(user):
		return State{}, nil, ErrNotMember
	}
	s := State{
		Bot: t.bot, User: p.user, Blocked: p.blocked, Chat: t.chatView(c), Chats: []ChatView{t.chatView(t.chats[user])},
		Cast: t.opts.Cast, Description: t.described(t.face.descriptions, p.user.LanguageCode), MenuButton: t.menuFor(chatID),
		Commands: t.commandsFor(chatID, user), Messages: t.visible(c, user), Toasts: p.toasts[max(0, len(p.toasts)-shownToasts):],
	}
	if c.action != "" && t.now().Sub(c.acted) < actionTime {
		s.Action = c.action
	}
	for i := len(t.queries) - 1; i >= 0 && t.now().Sub(t.queries[i].At) < answerAge; i-- {
		if q := t.queries[i]; !q.Answered && q.From == user && q.ChatID == chatID {
			s.Waiting = append(s.Waiting, q.ID)
		}
	}
	for _, g := range t.groupsOf(user) {
		s.Chats = append(s.Chats, t.chatView(g))
	}
	return s, c.changed, nil
}

// groupsOf lists the groups of a user, by id so that the order is steady.
func (t *Telegram) groupsOf(user int64) []*chat {
	var groups []*chat
	for _, c := range t.chats {
		if c.kind != chatPrivate && c.moved == 0 && c.present(user) {
			groups = append(groups, c)
		}
	}
	slices.SortFunc(groups, func(a, b *chat) int { return cmp.Compare(b.id, a.id) })
	return groups
}

func (t *Telegram) chatView(c *chat) ChatView {
	v := ChatView{ID: c.id, Kind: c.kind, Title: c.title}
	if c.kind == chatPrivate {
		v.Title = t.bot.FirstName
	}
	return v
}
