package flows

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"cardrop/store"
)

// Pace is how fast somebody may ask: so many at once, and so many a second on the long run. The zero value does not bound it.
type Pace struct {
	Burst  int
	Second float64
}

// Paces are how fast people and groups may ask.
type Paces struct {
	Person Pace // each
	Group  Pace // all members of one together
}

// mostPaced bounds how many people or groups are remembered at once. Who is forgotten begins anew.
const mostPaced = 20_000

// bound counts what people, or groups, ask for. It is safe for concurrent use.
type bound struct {
	pace Pace
	mu   sync.Mutex
	all  map[int64]*paced
}

// paced is one of them.
type paced struct {
	tokens *rate.Limiter
	told   bool // that it was too fast, since it was not
}

func newBound(p Pace) *bound { return &bound{pace: p, all: map[int64]*paced{}} }

// ask counts one more. When it is too fast it says how long to wait, and whether that was not said since it was not too fast.
func (b *bound) ask(id int64, now time.Time) (wait time.Duration, first bool) {
	if b.pace.Burst == 0 || id == 0 {
		return 0, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.all[id]
	if p == nil {
		b.forget(now)
		p = &paced{tokens: rate.NewLimiter(rate.Limit(b.pace.Second), b.pace.Burst)}
		b.all[id] = p
	}
	turn := p.tokens.ReserveN(now, 1)
	if wait = turn.DelayFrom(now); wait == 0 {
		p.told = false
		return 0, false
	}
	turn.CancelAt(now)
	first, p.told = !p.told, true
	return wait, first
}

// forget makes room for one more: who has not asked for a while is as if they had never asked; where nobody is, anybody is forgotten.
func (b *bound) forget(now time.Time) {
	if len(b.all) < mostPaced {
		return
	}
	for id, p := range b.all {
		if p.tokens.TokensAt(now) >= float64(b.pace.Burst) {
			delete(b.all, id)
		}
	}
	for id := range b.all {
		if len(b.all) < mostPaced {
			return
		}
		delete(b.all, id)
	}
}

// urgent tells whether an input is never too fast: it takes codes off a screen.
func urgent(in Input) bool { return strings.HasPrefix(strings.TrimPrefix(in.Button, "+"), "saved:") }

// hurried answers who asks too fast; false when they do not. Nothing is done, and the person is told how long to wait: at each press, for it
// has to be answered, and once in a row for messages, which would else be answered by as many.
func (d *Desk) hurried(ctx context.Context, in Input) (Reply, bool, error) {
	_, known := d.asked[in.Command]
	if urgent(in) || !in.Private && in.Button == "" && !known { // what people say to each other in a group is not for the shop
		return Reply{}, false, nil
	}
	wait, first := time.Duration(0), false
	if !in.Veiled { // all groups' anonymous admins have one id
		wait, first = d.people.ask(in.User, d.now())
	}
	if wait == 0 && !in.Private {
		wait, first = d.groups.ask(in.Chat, d.now())
	}
	switch {
	case wait == 0:
		return Reply{}, false, nil
	case in.Button == "" && !first:
		return Reply{}, true, nil
	}
	s, err := d.hurriedSpeech(ctx, in)
	if err != nil {
		return Reply{}, false, err
	}
	text := s.count("slow.down", int(math.Ceil(wait.Seconds())))
	if in.Button != "" {
		return Reply{Alert: text, Modal: true}, true, nil
	}
	return told(s, in, text), true, nil
}

// hurriedSpeech is the language of the person.
func (d *Desk) hurriedSpeech(ctx context.Context, in Input) (speech, error) {
	if in.Veiled {
		return d.words.in(in.Language), nil
	}
	kept, err := d.talks.LoadTalkOf(ctx, store.TalkID{Chat: in.User}, 0)
	if err != nil {
		return speech{}, fmt.Errorf("load talk: %w", err)
	}
	return d.words.in(first(kept.Language, in.Language)), nil
}
