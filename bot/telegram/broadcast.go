package telegram

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"cardrop/flows"
)

// How announcements are sent.
const (
	castApart = time.Second / 25 // between two of them: below the 30 a second that Telegram permits over all chats
	castLines = 8                // on their way at once: a killed program leaves at most so many unsure
	castLimit = 15 * time.Second // of one call; with the drain at the end of the program nothing is cut off
	castTold  = time.Second      // until what became of a message is told again
	castRest  = 10 * time.Millisecond
)

// mailings hands out what goes to everybody.
type mailings interface {
	Mail(ctx context.Context) (*flows.Mailing, error)
}

// Broadcast sends the announcement that is under way, if there is one and no other process does, and returns when nothing is left to send or
// ctx ends; what is on its way then is waited for. It fails when the shop's memory is away.
func (b *Bot) Broadcast(ctx context.Context) error {
	m, err := b.news.Mail(ctx)
	if err != nil || m == nil {
		return err
	}
	lines := make(chan struct{}, castLines)
	var sending sync.WaitGroup
	for err == nil {
		if err = b.out.castTurn(ctx); err != nil {
			break
		}
		lines <- struct{}{} // before anybody is put on their way
		var s *flows.Screen
		var wait time.Duration
		if s, wait, err = m.Next(ctx); err != nil || s == nil {
			<-lines
			if err == nil {
				err = b.wait(ctx, max(wait, castRest))
			}
			continue
		}
		sending.Go(func() {
			defer func() { <-lines }()
			b.guard("announcement", func() { b.announce(context.WithoutCancel(ctx), ctx, m, *s) })
		})
	}
	sending.Wait()
	if errors.Is(err, flows.ErrMailed) || ctx.Err() != nil {
		err = nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), castLimit)
	defer cancel()
	return errors.Join(err, m.Close(last))
}

// announce sends one message and tells what became of it, as long as the program runs.
func (b *Bot) announce(ctx, program context.Context, m *flows.Mailing, s flows.Screen) {
	limited, cancel := context.WithTimeout(ctx, castLimit)
	defer cancel()
	_, err := b.out.send(limited, errand{chat: s.Chat, rank: rankCast}, message{text: s.Text, markup: keyboard(b.doors(s.Rows), b.log)})
	fate, after := castFate(err)
	if fate == flows.FateAgain && !says(err, heldBack) { // who is held back alone slows nobody else
		b.out.brakes.easeCast(after)
	}
	if fate == flows.FateFailed || fate == flows.FateUnsure {
		b.log.Warn("announcement not sent to somebody", "fate", string(fate), "error", err)
	}
	for {
		err := m.Done(ctx, s.Chat, fate, after)
		if err == nil {
			return
		}
		b.log.Warn("announcement's fate not stored", "error", err)
		if b.wait(program, castTold) != nil {
			return // it is unsure then
		}
	}
}

// castFate is what became of a message by what its call said; after is when it is tried again, 0 for a while that grows.
func castFate(err error) (fate flows.Fate, after time.Duration) {
	var refused *apiError
	var broken *wireError
	switch {
	case err == nil:
		return flows.FateSent, 0
	case unreachable(err):
		return flows.FateBlocked, 0
	case errors.As(err, &refused) && refused.code == http.StatusTooManyRequests:
		return flows.FateAgain, refused.wait
	case errors.As(err, &refused) && refused.code >= http.StatusInternalServerError:
		return flows.FateAgain, 0
	case errors.As(err, &refused):
		return flows.FateFailed, 0
	case errors.As(err, &broken) && broken.sent:
		return flows.FateUnsure, 0
	}
	return flows.FateAgain, 0 // it did not leave
}

// castTurn waits until the next announcement may leave.
func (s *sender) castTurn(ctx context.Context) error {
	if d := s.brakes.nextCast(); d > 0 {
		return s.wait(ctx, d)
	}
	return ctx.Err()
}

// nextCast books the moment of an announcement and returns how long it is away: behind all notices that are booked, of which it takes a
// place, and 25 a second at most.
func (b *brakes) nextCast() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, at := b.now(), b.cast
	for _, t := range []time.Time{now, b.next} {
		if at.Before(t) {
			at = t
		}
	}
	b.cast, b.next = at.Add(castApart), at.Add(noticeApart)
	return at.Sub(now)
}

// overtake lets a reply pass before the announcements that are still to be booked: they leave room for it, for a second at most.
func (b *brakes) overtake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.cast.Before(now) {
		b.cast = now
	}
	if next := b.cast.Add(noticeApart); next.Sub(now) <= time.Second {
		b.cast = next
	}
}

// easeCast lets no announcement leave for a while after one was refused: the first time for a second, or less when that is what Telegram asks
// for, then for twice as long with every refusal within a minute, as long as Telegram asks for at most.
func (b *brakes) easeCast(asked time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Sub(b.refused) > time.Minute {
		b.refusals = 0
	}
	if b.cast.Sub(now) > 2*castApart {
		return // those that left with it are refused as well
	}
	b.refused = now
	b.refusals++
	if asked == 0 {
		asked = 30 * time.Second
	}
	b.cast = now.Add(min(backoff(b.refusals, time.Second, time.Minute), asked))
}
