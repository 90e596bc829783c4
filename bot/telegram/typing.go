package telegram

import (
	"context"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// typingAfter is how long a person waits before the chat says that somebody is typing.
const typingAfter = 1500 * time.Millisecond

// typing shows in a private chat that an answer is on its way, should it take long; stop ends the wait. It is a courtesy: its failure
// means nothing.
func (b *Bot) typing(ctx context.Context, in flows.Input) (stop func()) {
	if !in.Private {
		return func() {}
	}
	t := time.AfterFunc(typingAfter, func() {
		b.guard("typing", func() {
			if err := b.out.typing(ctx, errand{chat: in.Chat, rank: rankNotice, patience: time.Second}); err != nil {
				b.log.Debug("typing not shown", "error", err)
			}
		})
	})
	return func() { t.Stop() }
}

// typing sets the chat action; the Bot API takes it back after 5 s or with the next message.
func (s *sender) typing(ctx context.Context, e errand) error {
	e.lot = lotAnswer
	return s.do(ctx, e, "sendChatAction", func(ctx context.Context) error {
		_, err := s.api.SendChatAction(ctx, &bot.SendChatActionParams{ChatID: e.chat, Action: models.ChatActionTyping})
		return err
	})
}
