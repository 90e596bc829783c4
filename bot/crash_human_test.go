package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// move is what a person does when something is on the screen: a button with the label is pressed; with see and say, a question with
// these words is answered.
type move struct {
	label string
	see   string
	say   string
}

// human acts in the emulator as a patient person does: looks, presses what leads on, and tries again when nothing happens for long.
type human struct {
	*wreck
	id    int64
	said  int    // texts typed
	seen  string // the message acted on last, as it was
	acted time.Time
	calm  time.Time // since when the program is up
}

// pursue acts by the first move that fits, the newest message first, until done; start is said when nothing fits.
func (h *human) pursue(moves []move, start string, limit time.Duration, done func() bool) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		if done() {
			return nil
		}
		if !h.up() {
			h.calm = time.Time{}
			continue
		}
		if h.calm.IsZero() {
			h.calm = time.Now()
		}
		h.look(moves, start)
	}
	return fmt.Errorf("nothing leads on; on screen:\n%s", h.as(h.id).screen())
}

// look acts once, on something new, or again when the program was up for long and nothing came of it.
func (h *human) look(moves []move, start string) {
	stuck := time.Since(h.acted) > 7*time.Second && time.Since(h.calm) > 4*time.Second
	list := h.world.Telegram.Messages(h.id)
	slices.Reverse(list)
	for _, move := range moves {
		for _, m := range list {
			if !m.FromBot || !move.fits(m) {
				continue
			}
			if key := face(m); key != h.seen || stuck {
				h.seen = key
				h.do(m, move)
			}
			return
		}
	}
	if start != "" && (h.acted.IsZero() || stuck) {
		h.types(start)
	}
}

func (m move) fits(on demo.Message) bool {
	if m.see != "" {
		return strings.Contains(on.Text, m.see)
	}
	return slices.ContainsFunc(slices.Concat(on.Keyboard...), func(b demo.Button) bool {
		return b.CallbackData != "" && strings.Contains(b.Text, m.label)
	})
}

func (h *human) do(on demo.Message, m move) {
	if m.say != "" {
		h.types(m.say)
		return
	}
	h.acted = time.Now()
	_, _ = h.world.Telegram.PressText(h.id, h.id, on.ID, m.label) // gone meanwhile: the next look decides
}

func (h *human) types(text string) {
	h.acted = time.Now()
	h.said++
	if _, err := h.world.Telegram.Say(h.id, h.id, text); err != nil {
		h.t.Error(err)
	}
}

// face is a message as a person sees it.
func face(m demo.Message) string {
	text := fmt.Sprint(m.ID, m.Text)
	for _, b := range slices.Concat(m.Keyboard...) {
		text += "|" + b.Text
	}
	return text
}

// buys makes exactly one order, by the moves of a scenario.
func (h *human) buys(s scenario) error {
	start := s.start
	if s.line != "" {
		code := h.code(s.line)
		if code == "" {
			return errors.New("the catalog does not know " + s.line)
		}
		start = "/buy " + code + " " + s.quantity
	}
	return h.pursue(s.moves, start, 90*time.Second, func() bool {
		orders, _, err := h.memory.OrdersOf(h.t.Context(), h.id, 0, 10)
		return err == nil && len(orders) > 0
	})
}

// code waits for the short code of a line, by the end of its reference.
func (h *human) code(line string) string {
	found := ""
	until(40*time.Second, func() bool {
		all, err := h.redis.rdb.HGetAll(h.t.Context(), "{"+h.env["SHOP"]+"}:codes").Result()
		for ref, code := range all {
			if err == nil && strings.HasSuffix(ref, "|"+line) {
				found = code
			}
		}
		return found != ""
	})
	return found
}

// receives waits until every order is final, looks at every code that was sold, and waits until all of them are gone. When nothing
// moves, time passes.
func (h *human) receives(s scenario) error {
	steps := []time.Duration{time.Minute, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 10 * time.Minute, 20 * time.Minute}
	mark, moved, why, tried := "", time.Now(), "nothing was read", false
	for end := time.Now().Add(100 * time.Second); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		orders, _, err := h.memory.OrdersOf(h.t.Context(), h.id, 0, 10)
		if err != nil || !h.up() {
			moved = time.Now()
			continue
		}
		var now string
		if now, why = h.progress(orders); why == "" {
			return nil
		}
		if now != mark {
			mark, moved, tried = now, time.Now(), false
		}
		switch {
		case !tried && time.Since(h.acted) > 2*time.Second && h.wants(orders, s):
			h.acted, moved, tried = time.Now(), time.Now(), true
		case time.Since(moved) > 2*time.Second && len(steps) > 0:
			h.advance(steps[0])
			steps, moved, tried = steps[1:], time.Now(), false
		case time.Since(moved) > 12*time.Second:
			end = time.Now() // time does not help
		}
	}
	return fmt.Errorf("%s; on screen:\n%s", why, h.as(h.id).screen())
}

// progress tells where everything stands, and what is missing; nothing when all is done.
func (h *human) progress(orders []store.Order) (now, missing string) {
	for _, o := range orders {
		now += fmt.Sprint(o.ID, o.State, o.Reveal.State, o.Reveal.Shown, len(o.Placements))
		for _, p := range o.Placements {
			now += string(p.State)
		}
		if !o.State.Final() {
			missing = "order " + o.ID + " is " + string(o.State)
		}
	}
	hidden, held := h.screened()
	if !slices.ContainsFunc(orders, func(o store.Order) bool { return o.Delivered > 0 }) {
		hidden = 0 // what was sold is the shop's
	}
	now += fmt.Sprint(hidden, held)
	switch {
	case missing != "":
	case hidden > 0:
		missing = fmt.Sprintf("%d secrets were never shown", hidden)
	case held > 0:
		missing = fmt.Sprintf("%d secrets are still on the screen", held)
	}
	return now, missing
}

// screened counts the secrets that were never on a screen and those that still are.
func (h *human) screened() (hidden, held int) {
	for _, secret := range h.sold() {
		messages := h.world.Telegram.Holding(secret)
		if len(messages) == 0 {
			hidden++
		}
		if slices.ContainsFunc(messages, func(m demo.Message) bool { return !m.Deleted }) {
			held++
		}
	}
	return hidden, held
}

// wants presses what a buyer presses now: Show while something was not seen, and what the scenario does with codes on the screen.
func (h *human) wants(orders []store.Order, s scenario) bool {
	final := !slices.ContainsFunc(orders, func(o store.Order) bool { return !o.State.Final() })
	hidden, held := h.screened()
	switch {
	case final && hidden > 0 && held == 0:
		return h.tap("👁 Show", "Show again")
	case held > 0 && hidden == 0 && s.handsOn:
		return h.tap("+60 s", "delete now")
	}
	return false
}

// tap presses the first of these buttons that is there, on the newest message.
func (h *human) tap(labels ...string) bool {
	list := h.world.Telegram.Messages(h.id)
	slices.Reverse(list)
	for _, label := range labels {
		for _, m := range list {
			if m.FromBot && (move{label: label}).fits(m) {
				_, err := h.world.Telegram.PressText(h.id, h.id, m.ID, label)
				return err == nil
			}
		}
	}
	return false
}

// fund puts money into a wallet before the scenario begins, without the program.
func (w *wreck) endow(user, minor int64) {
	w.t.Helper()
	_, err := w.memory.Move(w.t.Context(), store.Transfer{ID: fmt.Sprintf("endow:%d", user), From: store.External,
		To: store.CustomerAccount(user), Amount: minor, Event: store.Event{Kind: checkout.EventCredited}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// still waits until nothing is due any more, letting time pass for what was put off.
func (w *wreck) still(ctx context.Context) error {
	left := ""
	calm := func() bool {
		left = ""
		for _, kind := range []store.DueKind{store.DuePlace, store.DueNotice, store.DueSweep, store.DueRedraw, store.DueNews} {
			if n, err := w.memory.DueCount(ctx, kind); err != nil || n > 0 {
				left += fmt.Sprintf(" %d %s %v", n, kind, err)
			}
		}
		if n := w.world.Telegram.Pending(); n > 0 && w.env["TELEGRAM_WEBHOOK_URL"] == "" {
			left += fmt.Sprintf(" %d updates", n)
		}
		return left == "" && w.up()
	}
	for round := range 14 {
		if until(3*time.Second, calm) {
			return nil
		}
		pass := 30 * time.Second
		if round >= 8 {
			pass = 2 * time.Minute // as long as a file with codes may lie open
		}
		w.advance(pass)
	}
	return errors.New("it does not get quiet:" + left)
}
