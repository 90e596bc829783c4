package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/go-telegram/bot"
)

// How often a call is made at most when it fails in passing, and how often one that must not be repeated blindly.
const (
	triesRepeatable = 4
	triesOther      = 2
)

// heldBack is what a call fails with that flood control would hold up for longer than it has patience.
const heldBack = "held back"

// errand is how a call is to be made.
type errand struct {
	chat     int64
	ear      *ear // in a group: who may be whispered to; nil for nobody
	rank     rank
	lot      lot
	repeat   bool          // making it twice does what making it once does
	patience time.Duration // how long flood control may hold it up in all; over that it fails at once
}

// sender is the one way out: every call but getUpdates passes it. It obeys flood control chat by chat, lets deletions pass
// before replies before notices before announcements, and repeats what may be repeated.
type sender struct {
	api    *bot.Bot
	gate   *gate
	brakes *brakes
	wait   func(ctx context.Context, d time.Duration) error
	log    *slog.Logger
}

// do makes a call until it succeeds, is refused, or may not be tried again. Its error is an *apiError, a *wireError or a
// context's.
func (s *sender) do(ctx context.Context, e errand, method string, call func(context.Context) error) error {
	for try := 1; ; try++ {
		if err := s.brake(ctx, method, &e); err != nil {
			return err
		}
		err := s.once(ctx, e, method, call)
		if err == nil {
			return nil
		}
		var refused *apiError
		if errors.As(err, &refused) && refused.code == http.StatusTooManyRequests {
			if err := s.brakes.hold(ctx, e.chat, e.lot, refused.wait); err != nil {
				s.log.Warn("waiting time not shared", "error", err)
			}
			try-- // flood control is bounded by patience, not by tries
			continue
		}
		if !again(e, try, err) || ctx.Err() != nil {
			return err
		}
		if err := s.wait(ctx, backoff(try, 200*time.Millisecond, 2*time.Second)); err != nil {
			return err
		}
	}
}

// again decides on another try: refusals are final, a server's own failure is not, and a send whose outcome is unknown is made
// again only when surely nothing left the house.
func again(e errand, try int, err error) bool {
	var broken *wireError
	switch {
	case errors.As(err, &broken):
		if e.repeat {
			return try < triesRepeatable
		}
		return !broken.sent && try < triesOther
	case code(err) >= http.StatusInternalServerError:
		return try < triesRepeatable
	}
	return false
}

// brake waits until flood control lets the call pass, at most as long as the errand has patience.
func (s *sender) brake(ctx context.Context, method string, e *errand) error {
	for {
		left := s.brakes.left(e.chat, e.lot)
		if left <= 0 {
			break
		}
		if left > e.patience {
			return &apiError{method: method, code: http.StatusTooManyRequests, text: heldBack, wait: left}
		}
		e.patience -= left
		if err := s.wait(ctx, left); err != nil {
			return err
		}
	}
	if e.rank == rankReply && e.lot == lotSend {
		s.brakes.overtake()
	}
	if e.rank != rankNotice {
		return nil
	}
	if d := s.brakes.pace(); d > 0 {
		return s.wait(ctx, d)
	}
	return nil
}

// once makes one call. A panic in it ends this call only, with an unknown outcome; its value is not logged: it may be anything.
func (s *sender) once(ctx context.Context, e errand, method string, call func(context.Context) error) (err error) {
	if err := s.gate.enter(ctx, e.rank); err != nil {
		return err
	}
	defer s.gate.leave()
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("panic", "in", method, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			err = &wireError{method: method, sent: true, cause: "panic"}
		}
	}()
	return failure(method, call(ctx))
}

// backoff doubles from first with every try, up to most.
func backoff(try int, first, most time.Duration) time.Duration {
	d := first
	for range try - 1 {
		if d >= most {
			break
		}
		d *= 2
	}
	return min(d, most)
}

// rest waits for d or until the context ends.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
