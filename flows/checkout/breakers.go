package checkout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"cardrop/providers"
)

// When a breaker opens, and for how long.
const (
	lineStrikes     = 5                // failures in a row, of one line
	supplierStrikes = 8                // failures in a row, of all lines of a supplier
	supplierSample  = 20               // calls of a supplier from which on the share of failures counts
	breakerSpan     = time.Minute      // over which they are counted
	breakerRest     = 30 * time.Second // until one call is tried again
)

// errSkipped is a call that was not made after all.
var errSkipped = errors.New("call was not made")

// breakers stop the shop from offering what fails again and again: one for each supplier and one for each of its lines, in this
// process. They stand before new orders only: what became of an agreed one is asked whatever they say.
type breakers struct {
	rest time.Duration

	mu  sync.Mutex
	all map[string]*gobreaker.TwoStepCircuitBreaker[struct{}] // by supplier, or supplier and line with a slash between
}

// of finds a breaker; it is made when it is asked for first.
func (b *breakers) of(name string) *gobreaker.TwoStepCircuitBreaker[struct{}] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all == nil {
		b.all = map[string]*gobreaker.TwoStepCircuitBreaker[struct{}]{}
	}
	if b.all[name] == nil {
		trip := func(c gobreaker.Counts) bool {
			return c.ConsecutiveFailures >= supplierStrikes || c.Requests >= supplierSample && 2*c.TotalFailures >= c.Requests
		}
		if strings.Contains(name, "/") {
			trip = func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= lineStrikes }
		}
		b.all[name] = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{Name: name, Interval: breakerSpan, Timeout: b.rest,
			ReadyToTrip: trip, IsSuccessful: func(err error) bool { return !failing(err) },
			IsExcluded: func(err error) bool { return errors.Is(err, errSkipped) || errors.Is(err, context.Canceled) }})
	}
	return b.all[name]
}

// failing tells whether an error speaks against the supplier: a sure no is an answer, unless it is that it is too busy.
func failing(err error) bool {
	reason, refused := providers.Refused(err)
	return err != nil && (!refused || reason == providers.Busy)
}

// tripped lists the breakers that are not closed.
func (b *breakers) tripped() []string {
	b.mu.Lock()
	names := make([]string, 0, len(b.all))
	for name := range b.all {
		names = append(names, name)
	}
	b.mu.Unlock()
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return b.of(name).State() == gobreaker.StateClosed })
}

// allow asks both breakers of a line; done tells them what became of the call. An error means that the call is not made.
func (b *breakers) allow(supplier, sku string) (done func(err error), err error) {
	line, err := b.of(supplier + "/" + sku).Allow()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	whole, err := b.of(supplier).Allow()
	if err != nil {
		line(errSkipped)
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return func(err error) { line(err); whole(err) }, nil
}

// offered reads live cost and stock of a line, unless its breaker, or its supplier's, is open.
func (s *Shop) offered(ctx context.Context, supplier, sku string) (providers.Offer, error) {
	done, err := s.breakers.allow(supplier, sku)
	if err != nil {
		return providers.Offer{}, err
	}
	offer, err := timed(ctx, s, supplier, CallQuote, func(ctx context.Context) (providers.Offer, error) {
		return s.suppliers[supplier].Quote(ctx, sku)
	})
	done(err)
	s.trips(ctx, supplier, sku)
	return offer, err
}

// struck tells the breakers what became of a purchase.
func (s *Shop) struck(ctx context.Context, supplier, sku string, err error) {
	done, closed := s.breakers.allow(supplier, sku)
	if closed == nil {
		done(err)
		s.trips(ctx, supplier, sku)
	}
}

// trips tells the operators of a breaker that has opened, once for all breakers of a supplier.
func (s *Shop) trips(ctx context.Context, supplier, sku string) {
	for _, name := range []string{supplier, supplier + "/" + sku} {
		if s.breakers.of(name).State() == gobreaker.StateOpen {
			s.crossed(ctx, supplier, "supplier_failing", name+": calls fail, nothing more of it is sold until one works again")
			return
		}
	}
}

// MindSuppliers looks at what is wrong with suppliers: breakers that wait for a call to be tried get one, a question that buys nothing;
// balances are read, and a supplier that was paused for want of money sells again when there is more. What was wrong and has been well
// for a while is told as over. It is called by a tick.
func (s *Shop) MindSuppliers(ctx context.Context) error {
	for _, name := range s.breakers.tripped() {
		supplier, sku, line := strings.Cut(name, "/")
		if !line || s.suppliers[supplier] == nil {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, askLimit)
		_, err := s.offered(limited, supplier, sku)
		cancel()
		if failing(err) {
			s.o.Logger.DebugContext(ctx, "line still fails", "supplier", supplier, "err", err)
		}
	}
	if err := s.calls.flush(ctx, s); err != nil {
		return err
	}
	if err := s.mindBalances(ctx); err != nil {
		return err
	}
	paused, err := s.o.Store.Paused(ctx)
	if err != nil {
		return err
	}
	bad := map[string]bool{}
	for _, name := range s.breakers.tripped() {
		supplier, _, _ := strings.Cut(name, "/")
		bad[supplier] = true
	}
	for name := range paused {
		bad[pauseMark+name] = true
	}
	return s.recovered(ctx, bad)
}
