package telegram

import (
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// about is who wrote the message that a private message replies to, if its sender forwarded that one into the chat. Messages of bots and of
// channels, those written in the name of a chat, and what the bot itself sent, forwarded or not, are nobody's.
func about(m *models.Message) flows.About {
	r := m.ReplyToMessage
	if r == nil || r.ForwardOrigin == nil || r.From == nil || r.From.ID != m.From.ID {
		return flows.About{}
	}
	switch o := r.ForwardOrigin; o.Type {
	case models.MessageOriginTypeUser:
		if u := o.MessageOriginUser; u != nil && !u.SenderUser.IsBot && u.SenderUser.ID > 0 {
			return flows.About{User: u.SenderUser.ID}
		}
	case models.MessageOriginTypeHiddenUser:
		return flows.About{Hidden: true}
	case models.MessageOriginTypeChat, models.MessageOriginTypeChannel:
	}
	return flows.About{}
}
