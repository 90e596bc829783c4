package checkout

import (
	"context"
	"errors"
	"time"
)

// pattern is something that is harmless once, and worth an alarm when one person has much of it in a stretch of time.
type pattern struct {
	what    string
	many    int64
	stretch time.Duration
}

// tokenPattern is a wrong or used token: tried by who looks for another's cards, or has a button that does not do what it says.
func tokenPattern() pattern { return pattern{what: "tokens", many: 20, stretch: time.Hour} }

// receiptPattern is a refused receipt: sent by who hopes that nobody looks.
func receiptPattern() pattern {
	return pattern{what: "receipts", many: 5, stretch: 7 * 24 * time.Hour}
}

// tally counts one more of a pattern, and alarms when it becomes many: once, not with each that follows. Where it cannot be counted that is
// logged, and what is counted goes on.
func (s *Shop) tally(ctx context.Context, p pattern, user int64) {
	n, err := s.o.Store.Tally(ctx, p.what, user, p.stretch)
	if err != nil {
		s.o.Logger.WarnContext(ctx, "pattern was not counted", "what", p.what, "err", err)
		return
	}
	if n == p.many {
		s.alarm(ctx, "many_"+p.what, "user "+itoa(user)+", "+itoa(n)+" in "+p.stretch.String())
	}
}

// wrongToken tells whether a reveal was asked for with a token that opens nothing: unknown, another's, or used.
func wrongToken(err error) bool {
	_, used := errors.AsType[*ShownError](err)
	return used || errors.Is(err, ErrNotFound) || errors.Is(err, ErrPaused)
}
