package telegram

import (
	"context"
	"slices"
	"sync"
)

// rank is what goes first when calls have to queue.
type rank int

const (
	rankDelete rank = iota
	rankReply
	rankNotice
	rankCast
	ranks
)

// gate limits the calls in flight. A free place goes to the highest rank that waits, and some places are for deletions only:
// a code has to leave the screen in time, however many replies hang.
type gate struct {
	mu      sync.Mutex
	free    int
	spare   int // places only deletions may take
	waiting [ranks][]chan struct{}
}

func newGate(places, spare int) *gate { return &gate{free: places, spare: spare} }

// enter waits for a place.
func (g *gate) enter(ctx context.Context, r rank) error {
	g.mu.Lock()
	if g.open(r) {
		g.free--
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.waiting[r] = append(g.waiting[r], turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	i := slices.Index(g.waiting[r], turn)
	if i >= 0 {
		g.waiting[r] = slices.Delete(g.waiting[r], i, i+1)
	}
	g.mu.Unlock()
	if i < 0 { // the place came at the same moment
		g.leave()
	}
	return ctx.Err()
}

func (g *gate) open(r rank) bool {
	if r == rankDelete {
		return g.free > 0
	}
	return g.free > g.spare
}

// leave gives a place back or hands it on.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free++
	for r := range ranks {
		if len(g.waiting[r]) > 0 && g.open(r) {
			turn := g.waiting[r][0]
			g.waiting[r] = g.waiting[r][1:]
			g.free--
			close(turn)
			return
		}
	}
}
