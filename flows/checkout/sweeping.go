package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"cardrop/store"
)

// Retracter is a channel that takes many messages back with few calls. It is found by type assertion; a channel without it is asked for
// one message at a time.
type Retracter interface {
	// RetractAll takes messages back, the first ones first, at the pace the other side permits. It calls done for each receipt, by its
	// place in all, as soon as its result is known, with what Channel.Retract would return; several calls of done may run at a time.
	RetractAll(ctx context.Context, all []Receipt, done func(i int, err error))
}

// sweepMost bounds the removals this process has taken at one time: all of them have to be made within the lease at the permitted pace.
const sweepMost = 500

// removal is one message on its way off the screen.
type removal struct {
	due     store.Due
	order   store.Order
	receipt Receipt
}

// sweeping counts the removals under way in this process.
type sweeping struct{ taken atomic.Int64 }

// room takes as many as may still be taken, at most n.
func (w *sweeping) room(n int64) int {
	if left := sweepMost - w.taken.Add(n); left < 0 {
		give := min(n, -left)
		w.taken.Add(-give)
		n -= give
	}
	return int(n)
}

// Sweep removes every code message whose time has come, most overdue first. It is called every second and whenever Sweeps says so;
// several processes, and several calls in one, share the work: one that hangs keeps nobody else's codes on a screen.
func (s *Shop) Sweep(ctx context.Context) error {
	for {
		room := s.removing.room(sweepBatch)
		if room == 0 {
			return nil // other calls have their hands full; they, or the next tick, take the rest
		}
		n, err := s.sweepSome(ctx, room)
		s.removing.taken.Add(-int64(room))
		if err != nil || n < room {
			return err
		}
	}
}

// sweepSome takes and removes at most so many, and returns how many it took.
func (s *Shop) sweepSome(ctx context.Context, most int) (int, error) {
	work, err := s.o.Store.ClaimDue(ctx, store.DueSweep, most, sweepLease)
	if err != nil {
		return 0, err
	}
	parts := map[Channel][]removal{}
	for _, d := range work {
		s.safely(ctx, "removal of "+d.Member, func() error {
			r, channel, err := s.removal(ctx, d)
			if err == nil && channel != nil {
				parts[channel] = append(parts[channel], r)
			}
			return err
		})
	}
	var wg sync.WaitGroup
	for channel, part := range parts {
		if many, ok := channel.(Retracter); ok && len(part) > 1 {
			wg.Go(func() { s.retractAll(ctx, many, part) })
			continue
		}
		for _, r := range part {
			wg.Go(func() {
				s.safely(ctx, "removal of "+r.due.Member, func() error {
					limited, cancel := context.WithTimeout(ctx, sweepCall)
					defer cancel()
					return s.retracted(ctx, r, channel.Retract(limited, r.receipt))
				})
			})
		}
	}
	wg.Wait()
	return len(work), nil
}

// removal reads where a message lies; without a channel there is nothing to do now.
func (s *Shop) removal(ctx context.Context, d store.Due) (removal, Channel, error) {
	o, err := s.o.Store.Order(ctx, d.Member)
	if err != nil {
		return removal{}, nil, err
	}
	r := removal{due: d, order: o}
	if err := json.Unmarshal(o.Reveal.Receipt, &r.receipt); err != nil {
		return r, nil, s.comeBack(ctx, store.DueSweep, d, time.Hour, fmt.Errorf("read receipt: %w", err))
	}
	channel := s.channels[r.receipt.Channel]
	if channel == nil {
		return r, nil, s.comeBack(ctx, store.DueSweep, d, time.Minute, fmt.Errorf("channel %q is switched off", r.receipt.Channel))
	}
	return r, channel, nil
}

// retractAll takes many messages back and writes down what became of each.
func (s *Shop) retractAll(ctx context.Context, channel Retracter, part []removal) {
	receipts := make([]Receipt, len(part))
	for i, r := range part {
		receipts[i] = r.receipt
	}
	channel.RetractAll(ctx, receipts, func(i int, err error) {
		s.safely(ctx, "removal of "+part[i].due.Member, func() error { return s.retracted(ctx, part[i], err) })
	})
}
