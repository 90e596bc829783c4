package demo

// chatInfo answers getChat with the required fields of ChatFullInfo and those the emulator knows.
func (t *Telegram) chatInfo(c *call) (any, *apiError) {
	ch, fail := c.chat()
	if fail != nil {
		return nil, fail
	}
	info := map[string]any{
		"id": ch.id, "type": ch.kind, "accent_color_id": 0, "max_reaction_count": 11,
		"accepted_gift_types": map[string]bool{
			"unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false, "gifts_from_channels": false,
		},
	}
	w := t.wireChat(ch)
	if w.Title != "" {
		info["title"] = w.Title
	}
	if w.FirstName != "" {
		info["first_name"] = w.FirstName
	}
	if w.Username != "" {
		info["username"] = w.Username
	}
	return info, nil
}

// chatMember answers getChatMember: a known user outside the group has left, an unknown one is an error.
func (t *Telegram) chatMember(c *call) (any, *apiError) {
	ch, fail := c.chat()
	if fail != nil {
		return nil, fail
	}
	id := c.integer("user_id")
	if ch.kind == chatPrivate {
		if id != ch.id && id != t.bot.ID {
			return nil, badRequest("member not found")
		}
		return wireMember(t.userOf(id), &member{status: statusMember}), nil
	}
	m := ch.members[id]
	if m == nil {
		if t.people[id] == nil {
			return nil, badRequest("member not found")
		}
		m = &member{status: statusLeft}
	}
	return wireMember(t.userOf(id), m), nil
}

// chatAdmins answers getChatAdministrators; bots are listed only when return_bots asks for them, except the bot itself.
func (t *Telegram) chatAdmins(c *call) (any, *apiError) {
	ch, fail := c.chat()
	if fail != nil {
		return nil, fail
	}
	if ch.kind == chatPrivate {
		return nil, badRequest("there are no administrators in the private chat")
	}
	list := []map[string]any{}
	for _, id := range ch.order {
		if ch.admin(id) {
			list = append(list, wireMember(t.userOf(id), ch.members[id]))
		}
	}
	return list, nil
}

// wireMember is ChatMember of the Bot API.
func wireMember(u User, m *member) map[string]any {
	out := map[string]any{"status": m.status, "user": u}
	switch m.status {
	case statusCreator:
		out["is_anonymous"] = m.anonymous
	case statusKicked:
		out["until_date"] = 0
	case statusAdmin:
		out["is_anonymous"] = m.anonymous
		for _, right := range []string{
			"can_manage_chat", "can_delete_messages", "can_restrict_members", "can_change_info", "can_invite_users", "can_pin_messages",
			"can_manage_video_chats", "can_post_stories", "can_edit_stories", "can_delete_stories", "can_manage_topics",
		} {
			out[right] = true
		}
		out["can_be_edited"] = false
		out["can_promote_members"] = false
	}
	return out
}
