package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cardrop/bot/demo"
)

// lina is the demo's French-speaking customer.
const lina = 71_000_001

// TestRedisGoesAway takes Redis from under a customer who is about to confirm. The purchase stops with an honest sentence, nothing is
// acknowledged to Telegram and nothing is bought; when Redis is back, what was tapped and typed meanwhile is handled, once.
func TestRedisGoesAway(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(s *redisServer) (back func()){
		"killed": func(s *redisServer) func() { s.kill(); return s.start },
		"paused": func(s *redisServer) func() {
			_ = s.cmd.Process.Signal(syscall.SIGSTOP)
			return func() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "paused" { // every question waits for its limit
				takesLong(t)
			}
			t.Parallel()
			server := startRedis(t, t.TempDir())
			r := newRig(t, server.memory(t), nil)
			r.fund(omar, "20000")
			p := r.as(omar)
			p.confirms()
			r.settled()
			before := len(r.world.GiftZ.Sold())

			back := away(server)
			p.taps("Confirm")
			r.hears(omar, "We cannot reach our records right now")
			r.as(lina).say("/start")
			r.soon(3*patience, "she reads why nothing happens", func() bool {
				return strings.Contains(r.as(lina).screen(), "nos registres")
			})
			if n := r.world.Telegram.Pending(); n < 2 {
				t.Errorf("%d updates are unconfirmed while Redis is away, want the press and the text", n)
			}
			if n := len(r.world.GiftZ.Sold()); n != before {
				t.Errorf("%d sales while Redis is away", n-before)
			}
			if out := r.ready(); !strings.Contains(out, "redis") {
				t.Errorf("/readyz says %s", out)
			}

			back()
			r.redis.answers(t)
			r.as(lina).sees("Bienvenue")
			p.gets()
			p.sees("Copy code")
			p.gone("Copy code")
			r.settled()
			r.oneSale(before)
			if err := r.stop(); err != nil {
				t.Errorf("program ended with %v", err)
			}
			r.nothingLeaks(r.sold())
		})
	}
}

// longForm is set by .ci/full: tests that take half a minute, because something has to run out, run only then.
const longForm = "REDIS_TOPOLOGY"

// takesLong skips a test in the short form.
func takesLong(t *testing.T) {
	t.Helper()
	if os.Getenv(longForm) == "" {
		t.Skip("takes longer: runs with " + longForm + "=1, as .ci/full does")
	}
}

// TestUpdatesOutliveBoth kills Redis and then the program: what was sent meanwhile is answered by the next one.
func TestUpdatesOutliveBoth(t *testing.T) {
	takesLong(t)
	t.Parallel()
	server := startRedis(t, t.TempDir())
	r := newRig(t, server.memory(t), nil)
	r.fund(omar, "20000")
	p := r.as(omar)
	p.confirms()
	r.settled()
	server.kill()
	p.taps("Confirm")
	r.hears(omar, "We cannot reach our records right now")
	r.kill()
	r.as(lina).say("/start")
	server.start()
	r.redis.answers(t)
	r.start()
	r.polls()
	r.as(lina).sees("Bienvenue")
	p.gets()
	p.sees("Copy code")
	r.settled()
	r.oneSale(0)
}

// confirms goes as far as the confirm screen of one voucher.
func (p person) confirms() {
	p.t.Helper()
	p.say("/start")
	for _, label := range []string{"Buy", "Grab (", "Grab (Vietnam)", "Grab 20.000", "Continue with 1"} {
		p.taps(label)
	}
	p.sees("Please check your order", "Quantity: 1")
}

// gets waits for the card and shows it. A Confirm that is handled before the record was linked again is refused, and no money moved;
// then it is confirmed once more.
func (p person) gets() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	refused := false
	err := p.world.Telegram.Wait(ctx, p.id, func(list []demo.Message) bool {
		ready := false
		for _, m := range list {
			refused = refused || m.FromBot && holdsAll(m, []string{"SHOP_CLOSED", "No money moved"})
			ready = ready || m.FromBot && holdsAll(m, []string{" ready\n", "👁 Show"})
		}
		return refused || ready
	})
	if err != nil {
		p.t.Fatalf("no card and no word; on screen:\n%s\nlog:\n%s", p.screen(), p.log)
	}
	if refused {
		p.linked()
		p.confirms()
		p.taps("Confirm")
	}
	p.sees(" ready\n", "👁 Show")
	p.linked() // nothing is shown either while the record is behind
	p.orderName(p.shows())
}

// linked waits until the record is linked up to its end: until then the shop neither sells nor shows.
func (r *rig) linked() {
	r.t.Helper()
	r.soon(3*patience, "the record is linked again", func() bool {
		state := r.ready()
		return state != "" && !strings.Contains(state, `"record"`)
	})
}

// taps waits for a button whose label holds the text and presses it on the newest message that has one. Unlike press it passes over
// messages that only say so.
func (p person) taps(label string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var message, row, col int
	err := p.world.Telegram.Wait(ctx, p.id, func(list []demo.Message) bool {
		for _, m := range slices.Backward(list) {
			for i, keys := range m.Keyboard {
				for j, key := range keys {
					if m.FromBot && strings.Contains(key.Text, label) {
						message, row, col = m.ID, i, j
						return true
					}
				}
			}
		}
		return false
	})
	if err == nil {
		_, err = p.world.Telegram.Press(p.id, p.id, message, row, col)
	}
	if err != nil {
		p.t.Fatalf("button %q: %v; on screen:\n%s\nlog:\n%s", label, err, p.screen(), p.log)
	}
}

// hears waits until a press of this user was answered with these words.
func (r *rig) hears(user int64, words string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*patience)
	defer cancel()
	err := r.world.Telegram.Await(ctx, func() bool {
		return slices.ContainsFunc(r.world.Telegram.Callbacks(), func(c demo.Callback) bool {
			return c.From == user && strings.Contains(c.Text, words)
		})
	})
	if err != nil {
		r.t.Fatalf("user %d never heard %q: %+v\nlog:\n%s", user, words, r.world.Telegram.Callbacks(), r.log)
	}
}

// polls waits until the program asks for updates, which it does once the poller's lease of a killed one has ended.
func (r *rig) polls() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 45*time.Second)
	defer cancel()
	for !r.world.Telegram.Polling() {
		select {
		case <-ctx.Done():
			r.t.Fatalf("nobody polls\nlog:\n%s", r.log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// settled waits until every update is confirmed.
func (r *rig) settled() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	if r.world.Telegram.Await(ctx, func() bool { return r.world.Telegram.Pending() == 0 }) != nil {
		r.t.Fatalf("%d updates are never confirmed\nlog:\n%s", r.world.Telegram.Pending(), r.log)
	}
}

// oneSale checks that one voucher more was sold than before, and that the emulator has nothing to report.
func (r *rig) oneSale(before int) {
	r.t.Helper()
	if n := len(r.world.GiftZ.Sold()) - before; n != 1 {
		r.t.Errorf("%d sales, want 1", n)
	}
	if reports := r.world.Telegram.Reports(); len(reports) > 0 {
		r.t.Errorf("the emulator reports %v", reports)
	}
}
