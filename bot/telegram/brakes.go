package telegram

import (
	"context"
	"sync"
	"time"
)

// throttle shares between processes what Telegram said about waiting. Chat 0 is the whole bot.
type throttle interface {
	Throttle(ctx context.Context, chat int64, d time.Duration) error
	Throttled(ctx context.Context) (map[int64]time.Duration, error)
}

// lot is a kind of call with its own flood control: a chat that may not be written to can still be deleted from.
type lot int

const (
	lotSend lot = iota
	lotDelete
	lotAnswer // callback answers and calls that concern no chat
)

type brake struct {
	chat int64
	lot  lot
}

// noticeApart is the time between two notices.
const noticeApart = time.Second / 30

// brakes remember until when a chat has to be left alone.
type brakes struct {
	now    func() time.Time
	shared throttle

	mu   sync.Mutex
	till map[brake]time.Time
	next time.Time // when the next notice may leave

	deletes time.Time // when the next removal may leave

	cast     time.Time // when the next announcement may leave
	refused  time.Time // when one was refused last
	refusals int       // in a row
}

func newBrakes(now func() time.Time, shared throttle) *brakes {
	return &brakes{now: now, shared: shared, till: map[brake]time.Time{}}
}

// left is how long a call for the chat has to wait still.
func (b *brakes) left(chat int64, l lot) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	left := b.till[brake{chat, l}].Sub(now)
	if l == lotSend {
		left = max(left, b.till[brake{0, l}].Sub(now))
	}
	return max(left, 0)
}

// hold keeps calls of a chat back for d and tells the other processes.
func (b *brakes) hold(ctx context.Context, chat int64, l lot, d time.Duration) error {
	b.set(chat, l, d)
	if l == lotDelete {
		b.slower(d)
	}
	if l != lotSend || b.shared == nil {
		return nil
	}
	return b.shared.Throttle(ctx, chat, d)
}

func (b *brakes) set(chat int64, l lot, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for k, t := range b.till {
		if !t.After(now) {
			delete(b.till, k)
		}
	}
	if until := now.Add(d); until.After(b.till[brake{chat, l}]) {
		b.till[brake{chat, l}] = until
	}
}

// refresh takes over what other processes were told.
func (b *brakes) refresh(ctx context.Context) error {
	if b.shared == nil {
		return nil
	}
	all, err := b.shared.Throttled(ctx)
	if err != nil {
		return err
	}
	for chat, d := range all {
		b.set(chat, lotSend, d)
	}
	return nil
}

// pace books the moment of the next notice and returns how long it is away: bulk messages leave one after the other, about
// 30 a second over all chats (Bot API FAQ, broadcasting).
func (b *brakes) pace() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	at := b.next
	if at.Before(now) {
		at = now
	}
	b.next = at.Add(noticeApart)
	return at.Sub(now)
}
