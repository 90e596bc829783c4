package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"cardrop/bot/demo"
)

// quiet is how long nobody asks Redis anything until a tap's work counts as over.
const quiet = 30 * time.Millisecond

// counted is what was counted for one kind of tap, one number for each customer.
type counted map[string][]float64

// roundTrips counts what the taps of a purchase ask of Redis, one customer after the other. The ticks of the program run meanwhile; the
// median over the customers leaves them out.
func (b *bench) roundTrips(ctx context.Context, customers int) (rows []row, err error) {
	p, err := startProxy(ctx, b.dir, b.redis.socket)
	if err != nil {
		return nil, err
	}
	s, err := openShop(ctx, b.binary, b.dir, "trips", p.url, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	people, err := s.customers(ctx, customers+1)
	if err != nil {
		return nil, err
	}
	seen := counted{}
	for i, id := range people {
		c := &watched{crowd: newCrowd(s.world.Telegram, purchase()), shop: s, proxy: p, seen: seen, id: id}
		if i == 0 { // connections and scripts are new to the program: not counted
			c.seen = counted{}
		}
		c.aloud = b.aloud && i == len(people)-1
		if err := c.buys(ctx); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, s.run.log)
		}
	}
	return seen.rows(), nil
}

// rows makes the table's rows of what was counted.
func (seen counted) rows() []row {
	worst, detail := 0.0, []string{}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		if n, ok := strings.CutPrefix(name, "tap "); ok {
			worst = max(worst, median(seen[name]))
			detail = append(detail, fmt.Sprintf("%s %.0f", n, median(seen[name])))
		}
	}
	line := func(what string, n, target float64) row {
		return row{what: what, unit: "trips", sense: atMost, target: target, exact: true, rounds: []pair{{ours: n}}}
	}
	tap := line("Redis, the costliest ordinary tap", worst, 2)
	tap.note = "all that a tap causes, also behind its answer: " + strings.Join(detail, ", ")
	confirm := line("Redis, Confirm to the supplier asked", median(seen["confirm"]), 3)
	show := line("Redis, Show to the code on screen", median(seen["show"]), 3)
	confirm.note = fmt.Sprintf("until nothing is asked any more, card ready and offered: %.0f", median(seen["confirm whole"]))
	show.note = fmt.Sprintf("until nothing is asked any more: %.0f", median(seen["show whole"]))
	return []row{tap, confirm, show}
}

// watched is one customer whose taps are counted.
type watched struct {
	*crowd
	shop  *shop
	proxy *proxy
	seen  counted
	id    int64
	aloud bool
}

// buys makes the purchase tap by tap and counts the trips of each.
func (w *watched) buys(ctx context.Context) error {
	for _, t := range purchase() {
		if t.press != "" {
			if err := w.sees(ctx, w.id, holding(t.press)); err != nil {
				return err
			}
		}
		w.settle(ctx)
		began := time.Now()
		if err := w.turns(ctx, w.id)(func() error { return w.do(w.id, t) }, t.answered()); err != nil {
			return err
		}
		if t.press == "Confirm" {
			if err := w.sees(ctx, w.id, holding("👁 Show")); err != nil {
				return err
			}
		}
		w.settle(ctx)
		w.count(t, began)
	}
	return nil
}

// settle waits until nothing was asked for a while; a program that never rests is counted as it is.
func (w *watched) settle(ctx context.Context) {
	until(ctx, 2*time.Second, func() bool { return time.Since(w.proxy.latest()) > quiet })
}

// count keeps what one tap asked.
func (w *watched) count(t tap, began time.Time) {
	all := w.proxy.between(began, time.Now())
	if w.aloud {
		fmt.Fprintf(os.Stderr, "%s%s:\n  %s\n", t.say, t.press, strings.Join(all, "\n  "))
	}
	add := func(name string, n int) { w.seen[name] = append(w.seen[name], float64(n)) }
	switch t.press {
	case "Confirm":
		add("confirm", len(w.proxy.between(began, w.asked())))
		add("confirm whole", len(all))
	case "👁 Show":
		add("show", len(w.proxy.between(began, w.shown())))
		add("show whole", len(all))
	default:
		add("tap "+t.say+t.press, len(all))
	}
}

// asked is when the supplier's simulator read the latest request to sell.
func (w *watched) asked() time.Time {
	for _, call := range slices.Backward(w.shop.world.GiftZ.Calls()) {
		if call.TransID != "" {
			return call.At
		}
	}
	return time.Time{}
}

// shown is when Telegram had read the edit that put the code on the screen.
func (w *watched) shown() time.Time {
	for _, call := range slices.Backward(w.shop.world.Telegram.Journal()) {
		if call.ChatID == w.id && holds(demo.Message{Keyboard: call.Keyboard}, "delete now") {
			return call.At
		}
	}
	return time.Time{}
}
