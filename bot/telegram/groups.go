package telegram

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cardrop/flows"
)

// movedTo is the new id of a group that became a supergroup, as a refused call tells it; zero for other errors.
func movedTo(err error) int64 {
	if refused, ok := errors.AsType[*apiError](err); ok {
		return refused.moved
	}
	return 0
}

// moved lets the desk follow a group: a call may learn of it before an update does.
func (b *Bot) moved(ctx context.Context, from, to int64) error {
	if _, err := b.desk.Handle(ctx, flows.Input{Change: flows.ChatMoved, Chat: from, To: to}); err != nil {
		return fmt.Errorf("follow group: %w", err)
	}
	return nil
}

// shut lets the desk know that a person cannot be written to. What it does not learn now it learns at the next try.
func (b *Bot) shut(ctx context.Context, chat int64) {
	if chat <= 0 {
		return
	}
	if _, err := b.desk.Handle(ctx, flows.Input{Change: flows.ChatShut, Chat: chat, User: chat, Private: true}); err != nil {
		b.log.Warn("blocked chat not noted", "error", err)
	}
}

// knocks looks, before a Confirm of a group is handled, whether the private chat of who pressed it can be written to: the cards would come
// there. The shop has mostly heard of a blocked bot already, but not when that happened while it was away for longer than Telegram keeps
// its news. The mark that somebody is typing is the one thing that can be sent without being seen to be; any other failure says nothing.
func (b *Bot) knocks(ctx context.Context, in flows.Input) {
	if in.Private || in.User <= 0 || !flows.Pays(in.Button) {
		return
	}
	b.guard("knock", func() {
		if err := b.out.typing(ctx, errand{chat: in.User, rank: rankReply, patience: time.Second}); err != nil && unreachable(err) {
			b.shut(ctx, in.User)
		}
	})
}

// doors turns buttons that open the private chat into the links they stand for.
func (b *Bot) doors(rows [][]flows.Button) [][]flows.Button {
	out := make([][]flows.Button, len(rows))
	for i, row := range rows {
		for _, key := range row {
			if key.Start != "" {
				key.URL, key.Start = "https://t.me/"+b.Username()+"?start="+key.Start, ""
			}
			out[i] = append(out[i], key)
		}
	}
	return out
}
