package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cardrop/bot/demo"
)

// How many updates wait for an answer at once, and how many people there are: some wait for their card meanwhile, and nothing of theirs is
// outstanding.
const (
	outstanding = 100
	present     = 150
	enough      = 10 * time.Second // without an answer: the person goes away
)

// turn sends one update by act and waits until done sees its answer on the screen.
type turn func(act func() error, done func([]demo.Message) bool) error

// crowd is people who talk with one bot, a hundred updates outstanding in all.
type crowd struct {
	telegram *demo.Telegram
	slots    chan struct{}
	answered atomic.Int64
	whole    chan struct{} // told of each talk that came to its end
	steps    []tap         // of a talk
	lost     atomic.Int64  // talks that got stuck
}

func newCrowd(t *demo.Telegram, steps []tap) *crowd {
	return &crowd{telegram: t, steps: steps, slots: make(chan struct{}, outstanding), whole: make(chan struct{}, 1_000_000)}
}

// turns gives one person their turns.
func (c *crowd) turns(ctx context.Context, user int64) turn {
	return func(act func() error, done func([]demo.Message) bool) error {
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := act(); err != nil {
			return err
		}
		if err := c.sees(ctx, user, done); err != nil {
			return err
		}
		c.answered.Add(1)
		return nil
	}
}

// sees waits until a screen shows something.
func (c *crowd) sees(ctx context.Context, user int64, done func([]demo.Message) bool) error {
	limited, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	err := c.telegram.Wait(limited, user, done)
	if err != nil && ctx.Err() == nil {
		var screen []string
		for _, m := range c.telegram.Messages(user) {
			screen = append(screen, m.Text)
		}
		return fmt.Errorf("no answer: %w; on screen:\n%s", err, strings.Join(screen, "\n--\n"))
	}
	return err
}

// load is what came of people talking for a while.
type load struct {
	updates int64
	took    time.Duration
	cpu     time.Duration // of the bot's process
	lost    int64         // talks that got stuck
	driver  time.Duration // processor time of this process: emulator, simulators and people
}

// perSecond is how many updates were answered in a second.
func (l load) perSecond() float64 { return float64(l.updates) / l.took.Seconds() }

// micros is the bot's processor time for one update, in microseconds.
func (l load) micros() float64 { return float64(l.cpu.Microseconds()) / float64(l.updates) }

// talk lets people have a talk each, one after the other, and counts between the end of the first talks, as many as warm says, and that of so
// many more: the steps of a talk are mixed then as they are in the long run. One talk in ten may get stuck; the updates before that count.
func (c *crowd) talk(ctx context.Context, people []int64, warm, count int, bot *child, one func(context.Context, int64, turn) error) (load, error) {
	talking, over := context.WithCancel(ctx)
	defer over()
	var wg sync.WaitGroup
	queue, failed := make(chan int64, len(people)), make(chan error, present)
	for _, id := range people {
		queue <- id
	}
	for range present {
		wg.Go(func() {
			for talking.Err() == nil {
				select {
				case id := <-queue:
					if err := one(talking, id, c.turns(talking, id)); err == nil {
						c.whole <- struct{}{}
					} else if talking.Err() == nil && c.lost.Add(1) > int64(count/10) {
						failed <- err
						return
					}
				case <-talking.Done():
				}
			}
		})
	}
	l, err := c.count(ctx, warm, count, bot, failed)
	over()
	wg.Wait()
	return l, err
}

// count looks at both ends.
func (c *crowd) count(ctx context.Context, warm, count int, bot *child, failed <-chan error) (load, error) {
	var l load
	if err := c.ends(ctx, warm, failed); err != nil {
		return l, err
	}
	began, before, driver := time.Now(), c.answered.Load(), own()
	cpu, err := bot.spent()
	if err != nil {
		return l, err
	}
	if err := c.ends(ctx, count, failed); err != nil {
		return l, err
	}
	l = load{updates: c.answered.Load() - before, took: time.Since(began), driver: own() - driver, lost: c.lost.Load()}
	after, err := bot.spent()
	l.cpu = after - cpu
	return l, err
}

// ends waits until n talks came to their end, unless something fails.
func (c *crowd) ends(ctx context.Context, n int, failed <-chan error) error {
	for range n {
		select {
		case <-c.whole:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// tap is one step of a talk: a button pressed or a text said, and what its answer holds.
type tap struct {
	say, press string
	shows      string
	gone       bool // the answer is that it is not there any more
}

// purchase is the full talk: menu, product, quantity, confirm, show, delete.
func purchase() []tap {
	return []tap{
		{say: "/start", shows: "🛍 Buy"},
		{press: "🛍 Buy", shows: "Choose a category"},
		{press: "Grab", shows: "Grab (Vietnam)"},
		{press: "Grab (Vietnam)", shows: "Choose an amount"},
		{press: "20.000", shows: "how many?"},
		{press: "+1", shows: "Continue with 2"},
		{press: "−1", shows: "Continue with 1"},
		{press: "Continue", shows: "Please check your order"},
		{press: "Confirm", shows: "  Paid "},
		{press: "👁 Show", shows: "delete now"},
		{press: "delete now", shows: "delete now", gone: true},
	}
}

// confirmed is how many of these steps lead to a paid order.
const confirmed = 9

// buys has a person make the purchase. Between Confirm and Show they wait for the card, with no update outstanding.
func (c *crowd) buys(ctx context.Context, id int64, in turn) error {
	for _, t := range c.steps {
		if t.press != "" {
			if err := c.sees(ctx, id, holding(t.press)); err != nil {
				return fmt.Errorf("before %q: %w", t.press, err)
			}
		}
		if err := in(func() error { return c.do(id, t) }, t.answered()); err != nil {
			return fmt.Errorf("%q: %w", t.say+t.press, err)
		}
	}
	return nil
}

// do says or presses, on the newest message that has the button.
func (c *crowd) do(id int64, t tap) error {
	if t.say != "" {
		_, err := c.telegram.Say(id, id, t.say)
		return err
	}
	for _, m := range slices.Backward(c.telegram.Messages(id)) {
		if m.FromBot && holds(m, t.press) {
			_, err := c.telegram.PressText(id, id, m.ID, t.press)
			return err
		}
	}
	return fmt.Errorf("no button %q", t.press)
}

// answered tells whether the step's answer is on the screen.
func (t tap) answered() func([]demo.Message) bool {
	if t.gone {
		return func(list []demo.Message) bool { return !holding(t.shows)(list) }
	}
	return holding(t.shows)
}

// holding tells whether one of the bot's messages holds a text, in its words or on a button.
func holding(text string) func([]demo.Message) bool {
	return func(list []demo.Message) bool {
		for _, m := range list {
			if m.FromBot && holds(m, text) {
				return true
			}
		}
		return false
	}
}

func holds(m demo.Message, text string) bool {
	if strings.Contains(m.Text, text) {
		return true
	}
	for _, row := range m.Keyboard {
		for _, b := range row {
			if strings.Contains(b.Text, text) {
				return true
			}
		}
	}
	return false
}

// echoes has a person say as many things to the echo as a talk has updates.
func (c *crowd) echoes(_ context.Context, id int64, in turn) error {
	for i := range c.steps {
		text := "hello " + strconv.Itoa(i)
		if err := in(func() error { _, err := c.telegram.Say(id, id, text); return err }, holding(text)); err != nil {
			return err
		}
	}
	return nil
}
