package demo

// Ephemeral messages of Bot API 10.3: in a group, seen by one member and the bot. On the wire their message_id is 0 and they are named by
// chat, receiver and ephemeral_message_id; here a message's own id is that id with a minus. Source: EphemeralMessageParameters of the public
// reference, and reports of public projects for what it does not say: which is marked as reported or assumed.

// firstWhisper is near the ids that public reports show.
const firstWhisper = 29341834

// notAdmin is the refusal of a whisper without the right to it. Reported for private chats; assumed for groups.
const notAdmin = "BOT_NOT_ADMIN"

// whispering is ephemeral_message_parameters of a call.
type whispering struct {
	Receiver int64  `json:"receiver_user_id"`
	Query    string `json:"callback_query_id"`
	Replace  bool   `json:"replace_callback_query_message"`
}

// SetWhispers makes the server know ephemeral messages, as it does from the first, or not: an older server knows no method of them, and
// takes no notice of a parameter that it does not know, so that everybody sees the message.
func (t *Telegram) SetWhispers(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.deaf = !on
}

// older says whether the server plays one that does not know a method.
func (t *Telegram) older(m *method) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.deaf && (m.name == "editEphemeralMessageText" || m.name == "deleteEphemeralMessage")
}

// whisper reads to whom alone a message goes, and refuses what the bot has no right to: outside of groups, to nobody there, and, unless it
// is an administrator, without a fresh press of the receiver. It leaves m as it is when the message is for everybody.
func (c *call) whisper(ch *chat, m *Message) *apiError {
	var p whispering
	given, fail := c.object("ephemeral_message_parameters", &p)
	if !given || fail != nil || c.t.deaf {
		return fail
	}
	switch {
	case ch.kind == chatPrivate:
		return badRequest(notAdmin)
	case p.Receiver == c.t.bot.ID || !ch.present(p.Receiver): // its wording is assumed
		return badRequest("USER_NOT_PARTICIPANT")
	}
	if p.Query != "" {
		q := c.t.asked[p.Query]
		if q == nil || q.From != p.Receiver || q.ChatID != ch.id || c.t.now().Sub(q.At) >= answerAge {
			return badRequest(tooOld)
		}
		if on := ch.byID[q.MessageID]; p.Replace && on != nil {
			if on.Receiver != 0 { // the reference: such a message is edited; the wording is assumed
				return badRequest("MESSAGE_ID_INVALID")
			}
			m.Replaces = on.ID
		}
	} else if !ch.admin(c.t.bot.ID) || p.Replace {
		return badRequest(notAdmin)
	}
	m.Receiver = p.Receiver
	return nil
}

// post gives a message of the bot its id and puts it into the chat.
func (t *Telegram) post(ch *chat, m *Message) {
	if m.Receiver == 0 {
		t.keep(ch, m)
		return
	}
	t.whispers++
	m.ID, m.ChatID, m.Date, m.FromName = -(firstWhisper + t.whispers), ch.id, t.now(), t.userOf(m.From).FirstName
	ch.messages = append(ch.messages, m)
	ch.byID[m.ID] = m
	t.version(ch, m)
}

// whispered finds the ephemeral message that a call names.
func (c *call) whispered() (*chat, *Message, *apiError) {
	ch, fail := c.writable()
	if fail != nil {
		return nil, nil, fail
	}
	m := ch.byID[-int(c.integer("ephemeral_message_id"))]
	if m == nil || m.Deleted || m.Receiver == 0 || m.Receiver != c.integer("receiver_user_id") {
		return nil, nil, badRequest(editMissing)
	}
	c.entry.MessageID, c.entry.Receiver = m.ID, m.Receiver
	return ch, m, nil
}

// editWhisper answers editEphemeralMessageText. A text over 1,024 units is refused, as the real server is reported to do though its
// reference says 4,096. Source: tdlib/telegram-bot-api issue 881.
func (t *Telegram) editWhisper(c *call) (any, *apiError) {
	var next Message
	if fail := c.textInto(&next); fail != nil {
		return nil, fail
	}
	if utf16Len(next.Text) > maxCaption {
		return nil, badRequest("MEDIA_CAPTION_TOO_LONG")
	}
	ch, m, fail := c.whispered()
	if fail != nil {
		return nil, fail
	}
	if _, fail := t.apply(c, ch, m, next); fail != nil {
		return nil, fail
	}
	return true, nil
}

// deleteWhisper answers deleteEphemeralMessage.
func (t *Telegram) deleteWhisper(c *call) (any, *apiError) {
	ch, m, fail := c.whispered()
	if fail != nil {
		return nil, badRequest("message to delete not found")
	}
	t.remove(ch, m)
	return true, nil
}

// MessagesOf returns what one member sees of a chat, oldest first: what everybody sees, and what is for them alone, in place of the message
// that it covers.
func (t *Telegram) MessagesOf(chatID, user int64) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visible(t.chats[chatID], user)
}

// covers are the whispers that a member sees in place of other messages, by those.
func (c *chat) covers(user int64) map[int]*Message {
	over := map[int]*Message{}
	if c.kind == chatPrivate || user == 0 {
		return over
	}
	for _, m := range c.messages {
		if under := c.byID[m.Replaces]; m.Receiver == user && !m.Deleted && under != nil && !under.Deleted {
			over[m.Replaces] = m
		}
	}
	return over
}
