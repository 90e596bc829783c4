package store

import (
	"sync"
	"testing"
	"time"
)

// TestTallyPassesEachNumberOnce: forty at once count to forty, each number is seen once, and another stretch, thing or user begins anew.
func TestTallyPassesEachNumberOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		seen := map[int64]int{}
		for range 40 {
			wg.Go(func() {
				n, err := s.Tally(s.ctx, "tokens", buyer, time.Hour)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[n]++
			})
		}
		wg.Wait()
		for n := range int64(40) {
			if seen[n+1] != 1 {
				t.Errorf("%d was seen %d times", n+1, seen[n+1])
			}
		}
		counts := func(what string, user int64) int64 {
			n, err := s.Tally(s.ctx, what, user, time.Hour)
			s.ok(err)
			return n
		}
		if a, b := counts("receipts", buyer), counts("tokens", buyer+1); a != 1 || b != 1 {
			t.Errorf("others begin at %d and %d", a, b)
		}
		s.pass(time.Hour)
		if n := counts("tokens", buyer); n != 1 {
			t.Errorf("the next stretch begins at %d", n)
		}
	})
}
