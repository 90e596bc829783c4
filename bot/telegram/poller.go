package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-telegram/bot"
)

const (
	pollLease   = "poller"
	leaseLife   = 30 * time.Second
	leaseRenew  = 10 * time.Second
	leaseRetry  = 3 * time.Second
	batchSize   = 100                    // the most getUpdates gives
	chatWindow  = 32                     // unconfirmed updates of one chat; the store remembers the last 50 ids of a chat
	grace       = 100 * time.Millisecond // for a batch to be handled before the next one is asked for
	idleReset   = 24 * time.Hour         // ids are random again after a quiet week, so the offset is not kept that long
	conflictFor = 3 * time.Second        // the server is that late to notice that the other poll has ended
)

// leases let one process at a time do a named duty.
type leases interface {
	TakeLease(ctx context.Context, name string, ttl time.Duration) (bool, error)
	DropLease(ctx context.Context, name string) error
}

// allowedUpdates are the kinds asked for; a kind not named stays away. Kinds that have to be ignored anyway are not asked for.
func allowedUpdates() []string {
	return []string{"message", "callback_query", "my_chat_member", "pre_checkout_query"}
}

// poller receives updates by getUpdates. One process polls at a time, by lease.
type poller struct {
	bot    *Bot
	window *window
	heard  time.Time // when the last update came
	misses int       // failed polls in a row
	holds  bool      // this process has the lease
	stuck  int       // polls in a row that brought nothing new while the window is open
}

// run polls whenever this process holds the lease, until ctx ends.
func (p *poller) run(ctx context.Context) {
	for ctx.Err() == nil {
		if !p.lease(ctx) {
			_ = p.bot.wait(ctx, leaseRetry)
			continue
		}
		held, cancel := context.WithCancel(ctx)
		renewed := make(chan struct{})
		go func() {
			defer close(renewed)
			defer cancel()
			p.renew(held)
		}()
		p.window = newWindow() // another process may have polled meanwhile
		p.holds = true
		p.poll(held)
		cancel()
		<-renewed
		p.holds = ctx.Err() != nil // the end, with the lease still ours
	}
}

func (p *poller) lease(ctx context.Context) bool {
	held, err := p.bot.leases.TakeLease(ctx, pollLease, leaseLife)
	if err != nil && ctx.Err() == nil {
		p.bot.log.Warn("poller's lease not reached", "error", err)
	}
	return err == nil && held
}

// renew keeps the lease; it returns when another process has it or it could not be renewed in time.
func (p *poller) renew(ctx context.Context) {
	sure := p.bot.now().Add(leaseLife)
	for p.bot.wait(ctx, leaseRenew) == nil {
		asked := p.bot.now()
		held, err := p.bot.leases.TakeLease(ctx, pollLease, leaseLife)
		switch {
		case err == nil && held:
			sure = asked.Add(leaseLife)
		case err == nil:
			p.bot.log.Warn("another process polls now")
			return
		case !p.bot.now().Add(leaseRenew).Before(sure):
			p.bot.log.Warn("poller's lease ran out", "error", err)
			return
		}
	}
}

// poll asks for updates until ctx ends. A webhook of former times is removed first, without dropping what waits.
func (p *poller) poll(ctx context.Context) {
	hooked := true
	for ctx.Err() == nil {
		if hooked {
			if err := p.unhook(ctx); err != nil {
				p.stumble(ctx, err)
				continue
			}
			hooked = false
		}
		err := errPanic
		p.bot.guard("poll", func() { err = p.cycle(ctx) })
		if err == nil {
			p.misses = 0
			continue
		}
		hooked = code(err) == http.StatusConflict && says(err, "webhook")
		p.stumble(ctx, err)
	}
}

func (p *poller) unhook(ctx context.Context) error {
	return p.bot.out.do(ctx, errand{rank: rankReply, lot: lotAnswer, repeat: true}, "deleteWebhook", func(ctx context.Context) error {
		_, err := p.bot.out.api.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
		return err
	})
}

// stumble waits as long as the failure asks for.
func (p *poller) stumble(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	p.misses++
	d := backoff(p.misses, 500*time.Millisecond, 15*time.Second)
	if refused, ok := errors.AsType[*apiError](err); ok {
		switch refused.code {
		case http.StatusTooManyRequests:
			d = refused.wait
		case http.StatusConflict:
			d = conflictFor
		case http.StatusUnauthorized, http.StatusNotFound:
			d = 30 * time.Second
		}
	}
	p.bot.log.Warn("no updates", "error", err, "again_in", d)
	_ = p.bot.wait(ctx, d)
}

// cycle asks once and hands out what came.
func (p *poller) cycle(ctx context.Context) error {
	asked := updatesAsked{Offset: p.window.offset(), Limit: batchSize, Timeout: pollSeconds, Allowed: allowedUpdates()}
	if p.window.open() > 0 {
		asked.Timeout = 0
	}
	batch, err := p.bot.wire.updates(ctx, asked)
	if err != nil {
		return err
	}
	if len(batch) > 0 {
		p.heard = p.bot.now()
	} else if p.window.open() == 0 && p.bot.now().Sub(p.heard) > idleReset {
		p.window = newWindow() // everything before the offset was confirmed by the empty answer
	}
	p.settle(ctx, p.spread(ctx, batch))
	return nil
}

// spread puts the updates of a batch into their lanes and returns how many were new. When a lane is full, the later updates of
// that chat stay away too: they would overtake it.
func (p *poller) spread(ctx context.Context, batch []json.RawMessage) int {
	var arrivals []arrival
	var ids []int64
	for _, raw := range batch {
		a, err := arrive(raw, p.bot.Username())
		if err != nil {
			p.bot.log.Error("update without an id", "bytes", len(raw))
			continue
		}
		arrivals, ids = append(arrivals, a), append(ids, a.id)
	}
	w := p.window
	w.show(ids)
	fresh, full := 0, map[int64]bool{}
	for _, a := range arrivals {
		wanted, open := w.wants(a.id, a.chat)
		if !wanted || full[a.chat] {
			continue
		}
		if a.chat != 0 && open >= chatWindow {
			full[a.chat] = true
			continue
		}
		w.begin(a.id, a.chat)
		err := p.bot.take(ctx, delivery{arrival: a, settled: func(handled bool) { w.settle(a.id, handled) }})
		if err != nil {
			w.settle(a.id, false)
			full[a.chat] = true
			continue
		}
		fresh++
	}
	return fresh
}

// settle gives the lanes a moment, so that most batches are confirmed by the very next poll. While an update is stuck, later
// ones are still asked for, ever more slowly when nothing new comes.
func (p *poller) settle(ctx context.Context, fresh int) {
	d := grace
	if fresh > 0 || p.window.open() == 0 {
		p.stuck = 0
	} else {
		p.stuck++
		d = backoff(p.stuck, grace, 3*time.Second)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	for p.window.open() > 0 {
		select {
		case <-p.window.moved:
			p.stuck = 0
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// confirm tells Telegram what was handled, at the end; what it answers is left to the next process.
func (p *poller) confirm(ctx context.Context) {
	if !p.holds {
		return
	}
	if offset := p.window.offset(); offset != 0 {
		if _, err := p.bot.wire.updates(ctx, updatesAsked{Offset: offset, Limit: 1, Allowed: allowedUpdates()}); err != nil {
			p.bot.log.Warn("last updates not confirmed, they come again", "error", err)
		}
	}
	if err := p.bot.leases.DropLease(ctx, pollLease); err != nil {
		p.bot.log.Warn("poller's lease not given back", "error", err)
	}
}
