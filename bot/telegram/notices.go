package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cardrop/flows"
	"cardrop/flows/checkout"
)

const (
	noticeBatch = 50
	noticeLines = 8 // notices on their way at once
	redrawBatch = 100
	dutyPause   = time.Second
)

// notices knows who has to hear what.
type notices interface {
	mailings
	DueRedraws(ctx context.Context, limit int) ([]flows.TalkID, error)
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
	var all []flows.Sent
	var failed error
	for _, part := range byChat(reply.Screens) {
		done := false
		b.inLane(ctx, part[0].Chat, func(ctx context.Context) {
			e := errand{chat: part[0].Chat, rank: rankNotice, patience: noticePatience}
			sent, _, err := b.draw(ctx, e, flows.Reply{Screens: part})
			all, failed, done = append(all, sent...), worse(failed, err), true
		})
		if !done {
			return // put off as a whole: its lease ends and it comes again
		}
	}
	b.noticed(ctx, n, all, failed)
}

// byChat parts screens by where they go: each chat has its own lane, and one that cannot be reached holds up no other.
func byChat(screens []flows.Screen) [][]flows.Screen {
	var parts [][]flows.Screen
	for _, s := range screens {
		at := slices.IndexFunc(parts, func(p []flows.Screen) bool { return p[0].Chat == s.Chat })
		if at < 0 {
			at, parts = len(parts), append(parts, nil)
		}
		parts[at] = append(parts[at], s)
	}
	return parts
}

// worse keeps of two failures the one that is worth another try.
func worse(a, b error) error {
	if a == nil || b != nil && errors.Is(a, checkout.ErrUnreachable) {
		return b
	}
	return a
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
	talks, err := b.news.DueRedraws(ctx, redrawBatch)
	if err != nil {
		return fmt.Errorf("list redraws: %w", err)
	}
	var drawing sync.WaitGroup
	for _, id := range talks {
		if b.out.brakes.left(id.Chat, lotSend) > replyPatience {
			continue // flood control holds the chat; its lease ends and it comes again
		}
		drawing.Go(func() {
			b.inLane(ctx, id.Chat, func(ctx context.Context) {
				reply, err := b.desk.Redraw(ctx, id)
				if err != nil {
					b.log.Warn("chat not redrawn", "error", err)
					return
				}
				b.reply(ctx, flows.Input{Chat: id.Chat, User: id.User, Private: id.User == 0}, "", reply, false)
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
	all.Go(func() { b.repeat(ctx, "announcements", nil, b.Broadcast) })
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
