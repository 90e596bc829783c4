package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kinds of chats, in the words of the Bot API.
const (
	chatPrivate    = "private"
	chatGroup      = "group"
	chatSupergroup = "supergroup"
)

// Standings of a member, in the words of the Bot API.
const (
	statusCreator = "creator"
	statusAdmin   = "administrator"
	statusMember  = "member"
	statusLeft    = "left"
	statusKicked  = "kicked"
)

// chat is a private chat (with the id of its user) or a group.
type chat struct {
	id       int64
	kind     string
	title    string
	members  map[int64]*member
	order    []int64 // members as they joined
	messages []*Message
	byID     map[int]*Message
	last     int // the last message id given out
	threads  map[int]bool
	moved    int64 // the supergroup this group became
	gone     bool  // the bot was removed
	action   string
	acted    time.Time // when the action was shown
	heard    time.Time // when a person last acted here
	changed  chan struct{}
}

type member struct {
	status    string
	anonymous bool
}

type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	Username  string `json:"username,omitempty"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

func newChat(id int64, kind, title string) *chat {
	return &chat{
		id: id, kind: kind, title: title,
		members: map[int64]*member{}, byID: map[int]*Message{}, threads: map[int]bool{}, changed: make(chan struct{}),
	}
}

// NewGroup makes a group with the bot in it. An id that begins with -100 is a supergroup. The first member owns the group.
func (t *Telegram) NewGroup(id int64, title string, members ...int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kind := chatGroup
	if strings.HasPrefix(fmt.Sprint(id), "-100") {
		kind = chatSupergroup
	}
	c := newChat(id, kind, title)
	for i, user := range members {
		status := statusMember
		if i == 0 {
			status = statusCreator
		}
		c.join(user, status)
	}
	c.join(t.bot.ID, statusMember)
	t.chats[id] = c
	if len(members) > 0 {
		t.push("my_chat_member", id, t.memberChange(c, t.userOf(members[0]), statusLeft, statusMember))
	}
	t.touch(nil)
}

func (c *chat) join(user int64, status string) {
	if c.members[user] == nil {
		c.order = append(c.order, user)
	}
	c.members[user] = &member{status: status}
}

// Promote makes a member (or the bot, by its id, which is told of it) an administrator of a group; an anonymous one writes as the group itself.
func (t *Telegram) Promote(chatID, user int64, anonymous bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.group(chatID)
	if err != nil {
		return err
	}
	m := c.members[user]
	if m == nil {
		return ErrNotMember
	}
	before := m.status
	if m.status != statusCreator {
		m.status = statusAdmin
	}
	m.anonymous = anonymous
	if user == t.bot.ID && before != m.status {
		t.push("my_chat_member", c.id, t.memberChange(c, t.userOf(c.order[0]), before, m.status))
	}
	t.touch(c)
	return nil
}

// group finds a group by its id; the caller holds the lock.
func (t *Telegram) group(chatID int64) (*chat, error) {
	c := t.chats[chatID]
	if c == nil || c.kind == chatPrivate {
		return nil, ErrNoChat
	}
	return c, nil
}

// Join adds a known user to a group as an ordinary member.
func (t *Telegram) Join(chatID, user int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.group(chatID)
	if err != nil {
		return err
	}
	if t.people[user] == nil {
		return ErrNoUser
	}
	c.join(user, statusMember)
	t.touch(c)
	return nil
}

// Leave takes a user out of a group. With the bot's own id the bot is removed: its calls for the group fail with 403.
func (t *Telegram) Leave(chatID, user int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.group(chatID)
	if err != nil {
		return err
	}
	m := c.members[user]
	if m == nil {
		return ErrNotMember
	}
	if user == t.bot.ID {
		c.gone = true
		t.push("my_chat_member", c.id, t.memberChange(c, t.userOf(c.order[0]), m.status, statusKicked))
	}
	m.status = statusLeft
	t.touch(c)
	return nil
}

// Migrate turns a group into the supergroup newID with the same members. Calls for the old id fail with 400 and migrate_to_chat_id.
func (t *Telegram) Migrate(oldID, newID int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.chats[oldID]
	if c == nil || c.kind != chatGroup || c.moved != 0 {
		return ErrNoChat
	}
	super := newChat(newID, chatSupergroup, c.title)
	super.order = slices.Clone(c.order)
	for id, m := range c.members {
		copied := *m
		super.members[id] = &copied
	}
	t.chats[newID] = super
	from := c.order[0]
	t.pushMessage(t.keep(c, &Message{From: from, Service: "migrated", movedTo: newID}))
	c.moved = newID
	t.pushMessage(t.keep(super, &Message{From: from, Service: "migrated", movedFrom: oldID}))
	return nil
}

// admin says whether a user may see and delete everything in a group.
func (c *chat) admin(user int64) bool {
	m := c.members[user]
	return m != nil && (m.status == statusAdmin || m.status == statusCreator)
}

// present says whether a user belongs to the chat.
func (c *chat) present(user int64) bool {
	if c.kind == chatPrivate {
		return c.id == user
	}
	m := c.members[user]
	return m != nil && m.status != statusLeft && m.status != statusKicked
}

func (t *Telegram) wireChat(c *chat) wireChat {
	if c.kind == chatPrivate {
		u := t.userOf(c.id)
		return wireChat{ID: c.id, Type: c.kind, FirstName: u.FirstName, Username: u.Username}
	}
	return wireChat{ID: c.id, Type: c.kind, Title: c.title, IsForum: c.kind == chatSupergroup && len(c.threads) > 0}
}
