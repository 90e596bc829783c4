package checkout

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	clickbox "cardrop/providers/oneclickdz/sandbox"

	"cardrop/providers"
)

// counted is a meter that keeps what it was told.
type counted struct {
	mu    sync.Mutex
	lines []string
}

func (c *counted) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

func (c *counted) Called(supplier, call, outcome string, took time.Duration) {
	if took < 0 {
		c.add("negative")
	}
	c.add("%s %s %s", supplier, call, outcome)
}
func (c *counted) Ended(supplier, state string) { c.add("ended %s %s", supplier, state) }
func (c *counted) Shown(took time.Duration) {
	c.add("shown in time %t", took >= 0 && took < time.Minute)
}
func (c *counted) Removed(late time.Duration)             { c.add("removed late %s", late.Round(time.Second)) }
func (c *counted) Has(supplier string, b providers.Money) { c.add("has %s %s", supplier, b.Currency) }

// n is how often a line was told.
func (c *counted) n(line string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(c.lines), func(l string) bool { return l != line }))
}

// TestMeter: the way of an order is counted, each call once with what became of it, and its end once.
func TestMeter(t *testing.T) {
	c := &counted{}
	k := newKit(t, false, func(o *Options) { o.Meter = c })
	o, token := k.ready(amine, grab, 1)
	k.ok(k.reveal(o, token, amine))
	k.pass(time.Minute + 3*time.Second)
	k.ok(k.shop.Sweep(k.ctx))
	lost := k.buy(amine, adsl, 1)
	k.trouble(adsl, string(clickbox.ErrorAfter))
	k.work()
	k.run(lost.ID, 10*time.Second, time.Hour)
	_, err := k.shop.Suppliers(k.ctx)
	k.ok(err)
	for line, want := range map[string]int{
		"giftz place ok": 1, "ended giftz fulfilled": 1, "shown in time true": 1, "removed late 3s": 1, "giftz catalog ok": 1,
		"ocnet balance ok": 1, "has ocnet DZD": 1, "ocnet place failed": 1, "ended ocnet fulfilled": 1, "ended giftz refunded": 0,
		"negative": 0,
	} {
		if got := c.n(line); got != want {
			t.Errorf("%q was counted %d times, want %d", line, got, want)
		}
	}
	if t.Failed() {
		t.Logf("%q", c.lines)
	}
}
