package telegram

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/go-telegram/bot"

	"cardrop/flows/checkout"
)

// How many messages are deleted at once.
const (
	deletesMost  = 100             // messages one call of deleteMessages may name (Bot API deleteMessages)
	deleteLines  = 48              // calls under way at one time; some may hang
	deleteLimit  = 5 * time.Second // of one call with its repetitions
	deletesApart = time.Second / 30
	deletesBurst = 60 // calls that may leave at once after a rest
)

var _ checkout.Retracter = (*Channel)(nil)

// RetractAll takes messages back: those of one chat with one call of deleteMessages, up to 100, which skips what is not there any more.
// Calls leave in the order of the receipts, about 30 a second after a first burst, which is the rate Telegram permits a bot over all
// chats. What deleteMessages cannot do as a whole is done one by one: too old messages are blanked, a moved chat is followed.
func (c *Channel) RetractAll(ctx context.Context, all []checkout.Receipt, done func(i int, err error)) {
	lines := make(chan struct{}, deleteLines)
	var calls sync.WaitGroup
	defer calls.Wait()
	for _, part := range c.heaps(all) {
		lines <- struct{}{}
		if err := c.out.turn(ctx); err != nil {
			for _, i := range part {
				done(i, err)
			}
			<-lines
			continue
		}
		calls.Go(func() {
			defer func() { <-lines }()
			c.retractPart(ctx, all, part, done)
		})
	}
}

// heaps groups receipts, by their places, into what one call can take back; each stands where its first one stood.
func (c *Channel) heaps(all []checkout.Receipt) [][]int {
	var parts [][]int
	open := map[int64]int{} // chat → its part that is not full
	for i, r := range all {
		at, ok := open[r.Chat]
		switch {
		case r.Message == 0 || c.now().Sub(r.Sent) >= deleteAge:
			parts = append(parts, []int{i})
		case ok && len(parts[at]) < deletesMost:
			parts[at] = append(parts[at], i)
		default:
			open[r.Chat] = len(parts)
			parts = append(parts, []int{i})
		}
	}
	return parts
}

// retractPart takes one chat's messages back with one call; when that fails for good, one by one.
func (c *Channel) retractPart(ctx context.Context, all []checkout.Receipt, part []int, done func(i int, err error)) {
	if len(part) > 1 {
		ids := make([]int, len(part))
		for n, i := range part {
			ids[n] = all[i].Message
		}
		slices.Sort(ids)
		chat := all[part[0]].Chat
		limited, cancel := context.WithTimeout(ctx, deleteLimit)
		err := c.out.removeAll(limited, errand{chat: chat, patience: deletePatience}, ids)
		cancel()
		if err == nil || passing(err) || unreachable(err) || errors.Is(err, context.DeadlineExceeded) {
			for _, i := range part {
				done(i, reachable(err))
			}
			return
		}
	}
	for n, i := range part {
		if n > 0 {
			if err := c.out.turn(ctx); err != nil {
				done(i, err)
				continue
			}
		}
		limited, cancel := context.WithTimeout(ctx, deleteLimit)
		err := c.Retract(limited, all[i])
		cancel()
		done(i, err)
	}
}

// removeAll deletes up to 100 messages of a chat. Those that are not there any more are skipped; one that may not be deleted refuses all.
func (s *sender) removeAll(ctx context.Context, e errand, ids []int) error {
	e.rank, e.lot, e.repeat = rankDelete, lotDelete, true
	return s.do(ctx, e, "deleteMessages", func(ctx context.Context) error {
		_, err := s.api.DeleteMessages(ctx, &bot.DeleteMessagesParams{ChatID: e.chat, MessageIDs: ids})
		return err
	})
}

// turn waits until the next removal of a lot may leave.
func (s *sender) turn(ctx context.Context) error {
	if d := s.brakes.nextDelete(); d > 0 {
		return s.wait(ctx, d)
	}
	return ctx.Err()
}

// nextDelete books the moment of a removal and returns how long it is away. After a rest some may leave at once.
func (b *brakes) nextDelete() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if idle := now.Add(-deletesBurst * deletesApart); b.deletes.Before(idle) {
		b.deletes = idle
	}
	b.deletes = b.deletes.Add(deletesApart)
	return b.deletes.Sub(now)
}

// slower lets no removal leave for a second, or less when that is what Telegram asks for: it answered one with 429, and what it counts may
// be the bot and not the chat.
func (b *brakes) slower(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := b.now().Add(min(d, time.Second)); b.deletes.Before(at) {
		b.deletes = at
	}
}
