package checkout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// tray is a channel in memory: what lies on it is what a buyer sees. It looks at the store while codes are put up.
type tray struct {
	k        *kit
	mu       sync.Mutex
	last     int
	laid     map[int]*laid
	fails    map[string][]failure
	problems []string
	inside   func(method string) // called within every method
}

// laid is one message.
type laid struct {
	to     Recipient
	parcel *Parcel // nil for an empty placeholder
	shows  int
	at     time.Time // when the codes came
	gone   time.Time // when it was taken back; zero while it lies there
}

// failure is what a method answers instead of nil. With after it acts all the same: its answer was lost.
type failure struct {
	err   error
	after bool
}

// errTray is a channel's own error.
var errTray = errors.New("tray does not answer")

// fail makes the next call of a method fail.
func (y *tray) fail(method string, f failure) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.fails[method] = append(y.fails[method], f)
}

// meet tells whether a call fails, and whether it acts.
func (y *tray) meet(method string) (act bool, err error) {
	if y.inside != nil {
		y.inside(method)
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	if len(y.fails[method]) == 0 {
		return true, nil
	}
	f := y.fails[method][0]
	y.fails[method] = y.fails[method][1:]
	return f.after, f.err
}

// Name is "in-app".
func (y *tray) Name() string { return "in-app" }

// Prepare lays an empty placeholder.
func (y *tray) Prepare(_ context.Context, to Recipient) (Receipt, error) {
	act, err := y.meet("Prepare")
	y.mu.Lock()
	defer y.mu.Unlock()
	if act {
		y.last++
		y.laid[y.last] = &laid{to: to}
	}
	return Receipt{Chat: to.Chat, Message: y.last, File: to.File, Sent: y.k.now()}, err
}

// Show puts the codes into a placeholder. The time at which they go must be in the store by then.
func (y *tray) Show(ctx context.Context, r Receipt, p Parcel) error {
	y.durable(ctx, r, p)
	act, err := y.meet("Show")
	y.mu.Lock()
	defer y.mu.Unlock()
	m := y.laid[r.Message]
	switch {
	case !act:
		return err
	case m == nil || !m.gone.IsZero():
		return errors.New("no such message")
	case p.User != m.to.User || r.Chat != m.to.Chat || p.Chat != m.to.Chat:
		y.problems = append(y.problems, fmt.Sprintf("codes of %d went to the chat of %d", p.User, m.to.User))
	}
	m.parcel, m.shows, m.at = &p, m.shows+1, y.k.now()
	return err
}

// durable notes a showing whose end or whose record is not stored.
func (y *tray) durable(ctx context.Context, r Receipt, p Parcel) {
	o, err := y.k.store.Order(ctx, p.Order)
	score, missing := y.k.raw.ZScore(ctx, y.k.key("due:sweep"), p.Order).Result()
	y.mu.Lock()
	defer y.mu.Unlock()
	switch {
	case err != nil || missing != nil || o.Reveal.Until.IsZero() || int64(score) != o.Reveal.Until.UnixMilli():
		y.problems = append(y.problems, "codes of "+p.Order+" went up before their end was stored")
	case len(o.Reveal.Receipt) == 0 || !slices.Contains([]string{"showing", "shown"}, string(o.Reveal.State)):
		y.problems = append(y.problems, "codes of "+p.Order+" went up before the place was stored")
	case p.Until.Before(o.Reveal.Until), o.Reveal.State == store.Shown && !p.Until.Equal(o.Reveal.Until):
		y.problems = append(y.problems, fmt.Sprintf("codes of %s say %s and go at %s", p.Order, p.Until, o.Reveal.Until))
	case r.Message == 0:
		y.problems = append(y.problems, "codes of "+p.Order+" have no message")
	}
}

// Retract takes a message back; one that is gone is no error.
func (y *tray) Retract(_ context.Context, r Receipt) error {
	act, err := y.meet("Retract")
	y.mu.Lock()
	defer y.mu.Unlock()
	if m := y.laid[r.Message]; act && m != nil && m.gone.IsZero() {
		m.gone = y.k.now()
	}
	return err
}

// seen takes what went wrong so far.
func (y *tray) seen() []string {
	y.mu.Lock()
	defer y.mu.Unlock()
	list := y.problems
	y.problems = nil
	return list
}

// visible lists the messages with codes that lie there now, oldest first.
func (y *tray) visible() []*laid {
	y.mu.Lock()
	defer y.mu.Unlock()
	var list []*laid
	for _, id := range slices.Sorted(maps.Keys(y.laid)) {
		if m := y.laid[id]; m.parcel != nil && m.gone.IsZero() {
			list = append(list, m)
		}
	}
	return list
}

// count is how many placeholders were ever laid.
func (y *tray) count() int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return len(y.laid)
}

// codes are the texts of a parcel's cards.
func codes(cards []providers.Card) []string {
	var list []string
	for _, c := range cards {
		id := c.Code.Expose()
		for _, x := range c.Extras {
			if id == "" && x.Label == providers.LabelURL {
				id = x.Value.Expose()
			}
		}
		list = append(list, id)
	}
	return list
}
