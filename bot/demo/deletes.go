package demo

import (
	"time"
)

// deleteAge is the age from which a message can no longer be deleted.
const deleteAge = 48 * time.Hour

// maxDeletes is how many messages one call of deleteMessages may name.
const maxDeletes = 100

// deletable says why the bot may not delete m, nil when it may.
func (t *Telegram) deletable(ch *chat, m *Message) *apiError {
	switch {
	case t.now().Sub(m.Date) >= deleteAge:
		return badRequest("message can't be deleted for everyone")
	case ch.kind != chatPrivate && !m.FromBot && !ch.admin(t.bot.ID):
		return badRequest("message can't be deleted")
	case m.Service == "migrated":
		return badRequest("message can't be deleted")
	}
	return nil
}

func (t *Telegram) remove(ch *chat, m *Message) {
	m.Deleted, m.DeletedAt = true, t.now()
	t.touch(ch)
}

// deleteMessage answers the method of that name.
func (t *Telegram) deleteMessage(c *call) (any, *apiError) {
	ch, fail := c.writable()
	if fail != nil {
		return nil, fail
	}
	m := ch.byID[int(c.integer("message_id"))]
	if m == nil || m.Deleted || m.Receiver != 0 {
		return nil, badRequest("message to delete not found")
	}
	if fail := t.deletable(ch, m); fail != nil {
		return nil, fail
	}
	t.remove(ch, m)
	return true, nil
}

// deleteMessages skips missing messages; one that may not be deleted refuses the whole call.
func (t *Telegram) deleteMessages(c *call) (any, *apiError) {
	var ids []int
	if _, fail := c.object("message_ids", &ids); fail != nil {
		return nil, fail
	}
	if len(ids) == 0 {
		return nil, badRequest("message identifiers are not specified")
	}
	if len(ids) > maxDeletes {
		return nil, badRequest("too many message identifiers specified")
	}
	c.entry.MessageIDs = ids
	ch, fail := c.writable()
	if fail != nil {
		return nil, fail
	}
	var found []*Message
	for _, id := range ids {
		m := ch.byID[id]
		if m == nil || m.Deleted || m.Receiver != 0 {
			continue
		}
		if fail := t.deletable(ch, m); fail != nil {
			return nil, fail
		}
		found = append(found, m)
	}
	for _, m := range found {
		t.remove(ch, m)
	}
	return true, nil
}
