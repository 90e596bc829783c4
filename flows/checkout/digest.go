package checkout

import (
	"context"
	"time"
)

// The hours of the shop's clock within which the morning's digest goes out: a shop that starts in the afternoon sends none.
const (
	digestFrom = 7
	digestTo   = 12
)

// digestMark names what is told once a morning.
const digestMark = "digest"

// DigestDue tells whether the operators have to hear this morning what yesterday came to.
func (s *Shop) DigestDue(ctx context.Context) (bool, error) {
	now, sent, err := s.digested(ctx)
	hour := now.In(s.zone()).Hour()
	return err == nil && hour >= digestFrom && hour < digestTo && s.dateOf(sent) != s.dateOf(now), err
}

// TakeDigest tells whether the caller is the one who sends the digest: of all processes one hears yes, once a day.
func (s *Shop) TakeDigest(ctx context.Context) (bool, error) {
	now, sent, err := s.digested(ctx)
	if err != nil || s.dateOf(sent) == s.dateOf(now) {
		return false, err
	}
	if !sent.IsZero() {
		if mine, err := s.o.Store.Forget(ctx, digestMark); err != nil || !mine {
			return false, err
		}
	}
	return s.o.Store.Once(ctx, digestMark, now)
}

// digested is the shop's time, and when a digest was sent last.
func (s *Shop) digested(ctx context.Context) (now, sent time.Time, err error) {
	if now, err = s.o.Store.Now(ctx); err != nil {
		return now, sent, err
	}
	marks, err := s.o.Store.Marks(ctx)
	return now, marks[digestMark], err
}
