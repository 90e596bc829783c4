package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// What a Shop can be doing.
const (
	shopStarting = "starting"
	shopOpen     = "open"
	shopKilled   = "killed"
	shopEnded    = "ended"
)

const (
	shopPatience = 8 * time.Second // how long a shop may take to end when it is asked to
	keptEvents   = 400             // of the record, for pages that are opened later
)

// ShopOptions say how the shop is run.
type ShopOptions struct {
	Path   string   // the program
	Args   []string // that make it the shop of a demo
	Stderr io.Writer
}

// Shop is the shop as a child process of the world: it can be killed at any moment and started again on the same Redis. It is safe for
// concurrent use.
type Shop struct {
	o     ShopOptions
	world *World

	mu       sync.Mutex
	state    string
	killed   bool // by Restart, so that it starts again
	restarts int
	since    time.Time
	cmd      *exec.Cmd
	in       io.WriteCloser
	events   []Event
	seen     int    // events that ever came
	addr     string // where its own pages are; empty before it was open
	showings []Showing
	changed  chan struct{}
}

// RunShop runs the shop until ctx ends, and starts it again whenever it is killed by the control room. opened is called once, when the shop
// first serves. It returns an error when the shop cannot be started or ends by itself.
func (w *World) RunShop(ctx context.Context, o ShopOptions, opened func()) error {
	s := &Shop{o: o, world: w, state: shopStarting, since: time.Now(), changed: make(chan struct{})}
	w.shop.Store(s)
	first := sync.OnceFunc(opened)
	for {
		err := s.live(ctx, first)
		s.mu.Lock()
		again := s.killed && ctx.Err() == nil
		s.killed = false
		if !again {
			s.turn(shopEnded)
		}
		s.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return nil
		case !again:
			return errors.Join(errors.New("the demo's shop has ended"), err)
		}
	}
}

// live is one life of the child process.
func (s *Shop) live(ctx context.Context, opened func()) error {
	cmd := exec.CommandContext(ctx, s.o.Path, s.o.Args...) //nolint:gosec // the program itself
	cmd.Cancel = func() error { return errors.Join(s.drop(), askToEnd(cmd)) }
	cmd.WaitDelay = shopPatience
	cmd.Stderr = s.o.Stderr
	for name, value := range s.world.Settings() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, "PUBLIC_URL="+s.world.URL()) // see doorway
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("tie shop: %w", err)
	}
	read, write := io.Pipe() // not a pipe of cmd: Wait would close that before all of it was read
	cmd.Stdout = write
	started, heard := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(heard)
		s.hear(read, opened)
	}()
	go func() {
		if err := <-started; err != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.cmd, s.in = cmd, in
		s.turn(shopStarting)
		offset := s.world.Offset()
		_ = say(in, word{Offset: &offset, After: s.last()}) // a shop that is gone already ends its life below
	}()
	err = tied(cmd, started)
	_ = write.Close()
	<-heard
	return err
}

// drop lets go of the leash, which the shop reads as the end.
func (s *Shop) drop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == nil {
		return nil
	}
	return s.in.Close()
}

// hear reads what the shop tells until it is silent.
func (s *Shop) hear(out io.Reader, opened func()) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var n news
		if json.Unmarshal(lines.Bytes(), &n) != nil {
			continue
		}
		s.mu.Lock()
		switch {
		case n.Open:
			s.addr = n.Addr
			s.turn(shopOpen)
		case n.Event != nil && n.Event.ID != s.last():
			s.seen++
			s.events = append(s.events, *n.Event)
			s.events = slices.Clone(s.events[max(0, len(s.events)-keptEvents):])
			s.touch()
		case n.Showing != nil:
			s.show(*n.Showing)
			s.touch()
		}
		s.mu.Unlock()
		if n.Open {
			opened()
		}
	}
	_, _ = io.Copy(io.Discard, out) // a line too long ends the reading, but must not block the shop
}

// show keeps where codes lie and forgets what is long gone; the caller holds the lock.
func (s *Shop) show(n Showing) {
	old := s.world.now().Add(-time.Minute)
	s.showings = slices.DeleteFunc(s.showings, func(k Showing) bool {
		return k.Until.Before(old) || k.Chat == n.Chat && k.Message == n.Message
	})
	s.showings = append(s.showings, n)
}

// Restart kills the shop without a warning, whatever it is doing; it starts again at once. It tells whether there was one to kill.
func (s *Shop) Restart() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.killed || s.state == shopEnded || s.cmd.Process.Kill() != nil {
		return false
	}
	s.killed = true
	s.restarts++
	s.turn(shopKilled)
	return true
}

// tell passes a word on, when there is a shop to hear it.
func (s *Shop) tell(w word) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in != nil {
		_ = say(s.in, w) // a shop that was killed gets the offset when it starts again
	}
}

// turn changes the state; the caller holds the lock.
func (s *Shop) turn(state string) {
	s.state, s.since = state, time.Now()
	s.touch()
}

func (s *Shop) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// last is the id of the newest event; the caller holds the lock.
func (s *Shop) last() string {
	if len(s.events) == 0 {
		return ""
	}
	return s.events[len(s.events)-1].ID
}
