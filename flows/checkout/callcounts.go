package checkout

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// callCounts are calls to suppliers that were made since the last flush: how many, how many failed, how long they took.
type callCounts struct {
	mu  sync.Mutex
	new map[string]int64
}

// add counts a call. Lists are left out: nobody waits for them.
func (c *callCounts) add(supplier, call string, err error, took time.Duration) {
	if call == CallCatalog || call == CallOpen {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.new = grown(c.new, supplier+"|n", 1)
	c.new = grown(c.new, supplier+"|b"+strconv.Itoa(bucket(took)), 1)
	if failing(err) {
		c.new = grown(c.new, supplier+"|f", 1)
	}
}

// flush adds what was counted to the counts of the day, for all processes to see.
func (c *callCounts) flush(ctx context.Context, s *Shop) error {
	c.mu.Lock()
	add := c.new
	c.new = nil
	c.mu.Unlock()
	return s.o.Store.CountCalls(ctx, s.dateOf(s.o.Now()), add)
}

// waiting are the counts that were not flushed yet.
func (c *callCounts) waiting() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.new)
}

// callsToday reads the counts of the day by supplier: calls, failures, and spans. Who looks at them writes nothing: what waits for the
// next flush of this process is added to what is read.
func (s *Shop) callsToday(ctx context.Context) (calls, failed map[string]int64, spans map[string]map[int]int, err error) {
	counts, err := s.o.Store.Calls(ctx, s.dateOf(s.o.Now()))
	for field, n := range s.calls.waiting() {
		counts = grown(counts, field, n)
	}
	calls, failed, spans = map[string]int64{}, map[string]int64{}, map[string]map[int]int{}
	for field, n := range counts {
		supplier, what, _ := strings.Cut(field, "|")
		switch what {
		case "n":
			calls[supplier] = n
		case "f":
			failed[supplier] = n
		default:
			b, _ := strconv.Atoi(strings.TrimPrefix(what, "b"))
			spans[supplier] = grown(spans[supplier], b, int(n))
		}
	}
	return calls, failed, spans, err
}
