package store

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// queue puts members into a queue, each so many seconds from now.
func (s *kit) queue(kind DueKind, in map[string]time.Duration) {
	s.t.Helper()
	for name, d := range in {
		s.ok(s.rdb.ZAdd(s.ctx, s.keys.due(kind), member(name, s.now().Add(d).UnixMilli())).Err())
	}
}

func names(work []Due) (list []string) {
	for _, d := range work {
		list = append(list, d.Member)
	}
	return list
}

func TestDueIsMostOverdueFirst(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.queue(DueSweep, map[string]time.Duration{"c": -10 * time.Second, "a": -time.Hour, "b": -time.Minute, "later": time.Minute})
		first, err := s.ClaimDue(s.ctx, DueSweep, 2, 30*time.Second)
		s.ok(err)
		second, err := s.ClaimDue(s.ctx, DueSweep, 2, 30*time.Second)
		s.ok(err)
		third, err := s.ClaimDue(s.ctx, DueSweep, 2, 30*time.Second)
		s.ok(err)
		if diff := cmp.Diff([][]string{{"a", "b"}, {"c"}, nil}, [][]string{names(first), names(second), names(third)}); diff != "" {
			t.Error(diff)
		}
		if first[0].Fence >= first[1].Fence || first[1].Fence >= second[0].Fence {
			t.Errorf("fences: %v %v", first, second)
		}
		if n, err := s.DueCount(s.ctx, DueSweep); err != nil || n != 4 {
			t.Errorf("queued: %d, %v", n, err)
		}
	})
}

func TestDueComesBackUnlessItIsDone(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.queue(DueNotice, map[string]time.Duration{"done": 0, "later": 0, "lost": 0})
		s.pass(time.Second)
		work, err := s.DueNotices(s.ctx, 10, 30*time.Second)
		s.ok(err)
		by := map[string]Due{}
		for _, d := range work {
			by[d.Member] = d
		}
		s.ok(s.AckNotice(s.ctx, by["done"], 0))
		s.ok(s.AckNotice(s.ctx, by["later"], time.Minute))
		for _, d := range []Due{by["done"], by["later"]} {
			s.is(s.AckNotice(s.ctx, d, 0), ErrFenced)
		}
		s.pass(40 * time.Second)
		work, err = s.DueNotices(s.ctx, 10, 30*time.Second)
		s.ok(err)
		if diff := cmp.Diff([]string{"lost"}, names(work)); diff != "" {
			t.Error(diff)
		}
		before := s.dump()
		s.is(s.AckNotice(s.ctx, by["lost"], 0), ErrFenced) // the slow worker
		s.unchanged(before)
		s.pass(25 * time.Second)
		work, err = s.DueNotices(s.ctx, 10, 30*time.Second)
		s.ok(err)
		if diff := cmp.Diff([]string{"later"}, names(work)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestNewsDuringANotice holds that an order's news are told although a worker is telling former ones.
func TestNewsDuringANotice(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1)
		s.pass(4 * time.Second)
		telling := s.due(DueNotice, "o1")
		s.settle(settlement(s.claim("o1", 1), Fulfilled))
		s.is(s.AckNotice(s.ctx, telling, 0), ErrFenced)
		s.ok(s.AckNotice(s.ctx, s.due(DueNotice, "o1"), 0))

		_, err := s.Wake(s.ctx, "o1", event("RETRY", "o1"))
		s.ok(err)
		telling = s.due(DueNotice, "o1")
		_, err = s.Wake(s.ctx, "o1", event("RETRY", "o1"))
		s.ok(err)
		s.is(s.AckNotice(s.ctx, telling, 0), ErrFenced)

		telling = s.due(DueNotice, "o1")
		s.show("o1", 1)
		s.is(s.AckNotice(s.ctx, telling, 0), ErrFenced)
		telling = s.due(DueNotice, "o1")
		s.sweep("o1")
		s.is(s.AckNotice(s.ctx, telling, 0), ErrFenced)
		s.due(DueNotice, "o1")
	})
}

func TestWorkersShareAQueue(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		in := map[string]time.Duration{}
		var want []string
		for i := range 60 {
			in[fmt.Sprintf("m%02d", i)] = -time.Second
			want = append(want, fmt.Sprintf("m%02d", i))
		}
		s.queue(DueRetain, in)
		var mu sync.Mutex
		var got []string
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					work, err := s.ClaimDue(s.ctx, DueRetain, 3, time.Hour)
					if err != nil {
						t.Error(err)
					}
					if len(work) == 0 {
						return
					}
					mu.Lock()
					got = append(got, names(work)...)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestQueuesAreApart(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.queue(DueSweep, map[string]time.Duration{"x": -time.Second})
		s.queue(DueNotice, map[string]time.Duration{"x": -time.Second})
		d := s.due(DueSweep, "x")
		s.is(s.AckDue(s.ctx, DueNotice, d, 0), ErrFenced)
		s.ok(s.AckDue(s.ctx, DueSweep, d, 0))
		s.due(DueNotice, "x")
	})
}
