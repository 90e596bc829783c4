package telegram

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"cardrop/flows"
)

// How an update is tried.
const (
	handleLimit = 15 * time.Second // of one try
	panicTries  = 3                // then a poisoned update counts as handled: it must not block its chat for ever
	crowd       = 4                // waiting updates of a chat from which on menus in between are not drawn
)

// errPanic stands for a panic in a step; its value is not kept, for it may be a text with a code.
var errPanic = errors.New("step panicked")

// desk is who answers.
type desk interface {
	Handle(ctx context.Context, in flows.Input) (flows.Reply, error)
	Redraw(ctx context.Context, id flows.TalkID) (flows.Reply, error)
	Drawn(ctx context.Context, id flows.TalkID, version int64, live int, sent []flows.Sent) error
	Staff(ctx context.Context) (map[int64]flows.Role, error)
}

// delivery is an update on its way through its lane.
type delivery struct {
	arrival
	patience time.Duration      // how long a failing desk is tried again; 0 until the lanes close
	settled  func(handled bool) // called once: whether the update's effect is stored
	gone     func() bool        // nobody waits for it any more; nil when somebody always does
}

// take puts an update into its chat's lane. What is not for the desk is settled at once.
func (b *Bot) take(ctx context.Context, d delivery) error {
	b.whispers.forget(d.right)
	if d.input == nil && d.query == "" && d.pay == nil {
		if d.lost {
			b.log.Error("update lost", "update", d.id, "why", d.note)
		} else {
			b.log.Debug("update passed over", "update", d.id, "why", d.note)
		}
		b.count(UpdateOther, d.fate(true))
		d.settled(true)
		return nil
	}
	settled := d.settled
	d.settled = func(handled bool) {
		b.count(d.kind(), d.fate(handled))
		settled(handled)
	}
	chat := d.chat
	if chat == 0 {
		chat = -d.id // a lane of its own
	}
	return b.lanes.submit(ctx, chat, func(ctx context.Context, behind func() int) { b.run(ctx, d, behind) })
}

// run handles one update and sends its reply.
func (b *Bot) run(ctx context.Context, d delivery, behind func() int) {
	if d.gone != nil && d.gone() {
		d.settled(false)
		return
	}
	if d.pay != nil {
		b.decide(ctx, d)
		return
	}
	p := &press{bot: b, query: d.query, chat: d.chat}
	defer p.wait()
	if d.input == nil {
		b.log.Debug("press passed over", "update", d.id, "why", d.note)
		d.settled(true)
		p.answer(ctx, "", false)
		return
	}
	in := *d.input
	if d.query != "" {
		in.Accept = func() { p.accept(ctx) }
	}
	reply, handled := b.handle(ctx, d, in, p)
	d.settled(handled)
	if !handled {
		return // the update comes again, and with it the press
	}
	p.answer(ctx, reply.Alert, reply.Modal)
	if reply.Slow {
		b.Nudge()
	}
	if behind() >= crowd && skippable(reply) {
		return // the next reply shows a newer screen; until it is sent, the redraw entry stays
	}
	b.guard("reply", func() { b.reply(ctx, in, d.query, reply, behind() > 0) })
	b.republish(ctx, reply.Menus)
}

// skippable replies only change menus in place.
func skippable(r flows.Reply) bool {
	if r.Version == 0 || len(r.Delete) > 0 {
		return false
	}
	for _, s := range r.Screens {
		if s.Keep || s.Edit == 0 || s.Order != "" || s.Offer != "" || s.File != nil || s.Chat != 0 {
			return false
		}
	}
	return true
}

// handle asks the desk until the effect is stored. A person who waits for it hears why. It gives up, and reports false, when the
// delivery's patience or the lanes end.
func (b *Bot) handle(ctx context.Context, d delivery, in flows.Input, p *press) (flows.Reply, bool) {
	start, panics, excused := b.now(), 0, false
	for try := 1; ; try++ {
		reply, err := b.attempt(ctx, in)
		switch {
		case err == nil:
			return reply, true
		case errors.Is(err, errPanic):
			if panics++; panics == panicTries {
				b.log.Error("ALARM: update given up, its effect is missing", "update", d.id, "tries", try)
				return flows.Reply{}, true
			}
		default:
			b.log.Warn("update not handled yet", "update", d.id, "try", try, "error", err)
			if !excused && b.now().Sub(start) >= awayAfter {
				excused = true
				b.excuse(ctx, p, in)
			}
		}
		if d.patience > 0 && b.now().Sub(start) >= d.patience {
			return flows.Reply{}, false
		}
		if !b.pause(ctx, backoff(try, 100*time.Millisecond, 5*time.Second)) {
			return flows.Reply{}, false
		}
	}
}

// pause waits between two tries; false when the lanes close or the context ends.
func (b *Bot) pause(ctx context.Context, d time.Duration) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-b.lanes.closing:
			cancel()
		case <-stop:
		}
	}()
	return b.wait(ctx, d) == nil
}

func (b *Bot) attempt(ctx context.Context, in flows.Input) (reply flows.Reply, err error) {
	ctx, cancel := context.WithTimeout(ctx, handleLimit)
	defer cancel()
	defer b.typing(ctx, in)()
	b.knocks(ctx, in)
	err = errPanic
	b.guard("step", func() { reply, err = b.desk.Handle(ctx, in) })
	return reply, err
}

// guard runs f and ends a panic in it. The value is logged by its type only.
func (b *Bot) guard(what string, f func()) {
	defer func() {
		if v := recover(); v != nil {
			b.log.Error("panic", "in", what, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	f()
}

// press is a pressed button that is answered exactly once. The zero query belongs to no button.
type press struct {
	bot   *Bot
	query string
	chat  int64
	once  sync.Once
	done  sync.WaitGroup
}

// accept answers empty, without holding up the step.
func (p *press) accept(ctx context.Context) {
	if p.query == "" {
		return
	}
	p.once.Do(func() {
		p.done.Go(func() { p.say(ctx, "", false) })
	})
}

// answer answers with words unless accept came first; then the words would be lost, and the message says what happened.
func (p *press) answer(ctx context.Context, text string, modal bool) {
	if p.query == "" {
		return
	}
	p.once.Do(func() { p.say(ctx, text, modal) })
}

// wait lets an answer in flight end.
func (p *press) wait() { p.done.Wait() }

func (p *press) say(ctx context.Context, text string, modal bool) {
	p.bot.guard("answer", func() {
		e := errand{chat: p.chat, rank: rankReply, patience: answerPatience}
		if err := p.bot.out.answer(ctx, e, p.query, toast(text), modal); err != nil {
			p.bot.log.Warn("press not answered", "error", err)
		}
	})
}
