package telegram

import (
	"context"
	"sync"
	"time"
)

// stepClock is a clock that waiting moves.
type stepClock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func newStepClock() *stepClock { return &stepClock{at: time.Unix(1_800_000_000, 0)} }

func (c *stepClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *stepClock) wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

func (c *stepClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
