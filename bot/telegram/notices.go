package telegram

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cardrop/flows"
)

const (
	noticeBatch = 50
	noticeLines = 8 // notices on their way at once
	redrawBatch = 100
	dutyPause   = time.Second
)

// notices knows who has to hear what.
type notices interface {
	DueRedraws(ctx context.Context, limit int) ([]int64, error)
	DueNotices(ctx context.Context, limit int) ([]flows.Notice, error)
	Notice(ctx context.Context, n flows.Notice) (flows.Reply, error)
	Noticed(ctx context.Context, n flows.Notice, sent []flows.Sent, err error) error
}

// Notify brings due news of orders to their buyers and returns when this batch is done. It fails when the list cannot be read;
// a notice that cannot be sent comes again by itself.
func (b *Bot) Notify(ctx context.Context) error {
	due, err := b.news.DueNotices(ctx, noticeBatch)
	if err != nil {
		return fmt.Errorf("list notices: %w", err)
	}
	lines := make(chan struct{}, noticeLines)
	var sending sync.WaitGroup
	for _, n := range due {
		lines <- struct{}{}
		sending.Go(func() {
			defer func() { <-lines }()
			b.guard("notice", func() { b.notify(ctx, n) })
		})
	}
	sending.Wait()
	return nil
}

// notify sends one notice through the lane of its chat, so that it cannot cross a reply to the same message.
func (b *Bot) notify(ctx context.Context, n flows.Notice) {
	reply, err := b.news.Notice(ctx, n)
	if err != nil {
		b.log.Warn("notice not written", "order", n.Order, "error", err)
		return
	}
	if len(reply.Screens) == 0 {
		b.noticed(ctx, n, nil, nil)
		return
	}
	chat := reply.Screens[0].Chat
	b.inLane(ctx, chat, func(ctx context.Context) {
		sent, _, err := b.draw(ctx, errand{chat: chat, rank: rankNotice, patience: noticePatience}, reply)
		b.noticed(ctx, n, sent, err)
	})
}

func (b *Bot) noticed(ctx context.Context, n flows.Notice, sent []flows.Sent, err error) {
	if err != nil {
		b.log.Warn("notice not sent", "order", n.Order, "error", err)
	}
	if err := b.news.Noticed(ctx, n, sent, err); err != nil {
		b.log.Warn("notice not acknowledged", "order", n.Order, "error", err)
	}
}

// RedrawDue draws the present screen of chats whose last reply may be lost and returns when this batch is done. It fails when
// the list cannot be read; a chat that cannot be drawn comes again by itself.
func (b *Bot) RedrawDue(ctx context.Context) error {
	chats, err := b.news.DueRedraws(ctx, redrawBatch)
	if err != nil {
		return fmt.Errorf("list redraws: %w", err)
	}
	var drawing sync.WaitGroup
	for _, chat := range chats {
		if b.out.brakes.left(chat, lotSend) > replyPatience {
			continue // flood control holds the chat; its lease ends and it comes again
		}
		drawing.Go(func() {
			b.inLane(ctx, chat, func(ctx context.Context) {
				reply, err := b.desk.Redraw(ctx, chat)
				if err != nil {
					b.log.Warn("chat not redrawn", "error", err)
					return
				}
				b.reply(ctx, flows.Input{Chat: chat}, reply, false)
			})
		})
	}
	drawing.Wait()
	return nil
}

// inLane runs f in a chat's lane and waits for it. A full lane is left alone: its work comes again.
func (b *Bot) inLane(ctx context.Context, chat int64, f func(context.Context)) {
	done := make(chan struct{})
	err := b.lanes.submit(ctx, chat, func(ctx context.Context, _ func() int) {
		defer close(done)
		ctx, cancel := context.WithTimeout(ctx, replyLimit)
		defer cancel()
		b.guard("duty", func() { f(ctx) })
	})
	if err != nil {
		b.log.Debug("duty put off", "error", err)
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Nudge lets due notices be looked for at once instead of within a second.
func (b *Bot) Nudge() {
	select {
	case b.nudge <- struct{}{}:
	default:
	}
}

// duties keep notices and redraws flowing until ctx ends.
func (b *Bot) duties(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { b.repeat(ctx, "notices", b.nudge, b.Notify) })
	all.Go(func() { b.repeat(ctx, "redraws", nil, b.RedrawDue) })
	all.Go(func() { b.repeat(ctx, "throttles", nil, b.out.brakes.refresh) })
	all.Wait()
}

func (b *Bot) repeat(ctx context.Context, what string, nudge <-chan struct{}, duty func(context.Context) error) {
	tick := time.NewTicker(dutyPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-nudge:
		}
		b.guard(what, func() {
			if err := duty(ctx); err != nil && ctx.Err() == nil {
				b.log.Warn("duty failed", "duty", what, "error", err)
			}
		})
	}
}
