package demo

// anonymousAdmin is the user in whose name anonymous administrators of all groups write (GroupAnonymousBot).
const anonymousAdmin = 1087968824

// User is a person or a bot, in the shape of the Bot API.
type User struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

// Persona is someone whom a person at the chat page can be.
type Persona struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username,omitempty"`
	Language string `json:"language"`       // IETF tag of the Telegram client
	Role     string `json:"role"`           // customer, reseller, member or admin: where the page seats them
	Chat     int64  `json:"chat,omitempty"` // the chat they have open first; zero for the private one
}

// DefaultCast returns two customers, who read French and English, and an administrator with the given user id.
func DefaultCast(adminID int64) []Persona {
	return []Persona{
		{ID: 71000001, Name: "Amina", Username: "amina_dz", Language: "fr", Role: "customer"},
		{ID: 71000002, Name: "Omar", Username: "omar_b", Language: "en", Role: "customer"},
		{ID: adminID, Name: "Nadia", Username: "nadia_ops", Language: "en", Role: "admin"},
	}
}

// person is a user as the emulator knows them.
type person struct {
	user    User
	started bool // has written to the bot, so the bot may write to them
	blocked bool
	veiled  bool // hides the account in forwarded messages
	toasts  []Toast
}

// NewUser makes a person known, with a private chat (of the same id) in which nobody has written yet. A known id gets the new name.
func (t *Telegram) NewUser(id int64, firstName, languageCode string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.addPerson(User{ID: id, FirstName: firstName, LanguageCode: languageCode})
}

func (t *Telegram) addPerson(u User) {
	if p := t.people[u.ID]; p != nil {
		p.user = u
		t.touch(t.chats[u.ID])
		return
	}
	t.people[u.ID] = &person{user: u}
	t.chats[u.ID] = newChat(u.ID, chatPrivate, "")
	t.touch(nil)
}

// Block makes a user block the bot: it learns of it by my_chat_member, and its calls for this chat fail with 403.
func (t *Telegram) Block(user int64) error {
	return t.setBlocked(user, true)
}

// Unblock takes Block back.
func (t *Telegram) Unblock(user int64) error {
	return t.setBlocked(user, false)
}

func (t *Telegram) setBlocked(user int64, blocked bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, c := t.people[user], t.chats[user]
	if p == nil {
		return ErrNoUser
	}
	if p.blocked == blocked {
		return nil
	}
	p.blocked = blocked
	if !blocked {
		p.started = true
	}
	before, after := statusMember, statusKicked
	if !blocked {
		before, after = after, before
	}
	t.push("my_chat_member", c.id, t.memberChange(c, p.user, before, after))
	t.touch(c)
	return nil
}

// wireMemberChange is ChatMemberUpdated of the Bot API.
type wireMemberChange struct {
	Chat wireChat       `json:"chat"`
	From User           `json:"from"`
	Date int64          `json:"date"`
	Old  map[string]any `json:"old_chat_member"`
	New  map[string]any `json:"new_chat_member"`
}

// memberChange describes a change of the bot's own standing in c, made by a user.
func (t *Telegram) memberChange(c *chat, by User, before, after string) wireMemberChange {
	return wireMemberChange{
		Chat: t.wireChat(c),
		From: by,
		Date: t.now().Unix(),
		Old:  wireMember(t.bot, &member{status: before}),
		New:  wireMember(t.bot, &member{status: after}),
	}
}

// userOf returns the public data of a user, the bot and GroupAnonymousBot included; the caller holds the lock.
func (t *Telegram) userOf(id int64) User {
	switch id {
	case t.bot.ID:
		return t.bot
	case anonymousAdmin:
		return User{ID: anonymousAdmin, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
	}
	if p := t.people[id]; p != nil {
		return p.user
	}
	return User{ID: id, FirstName: "Deleted Account"}
}
