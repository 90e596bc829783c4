package store

import (
	"fmt"
	"testing"
	"time"
)

// TestProgressIsPaced holds when the news of an order of several parts are due: at once for the first one and for the end, for those
// between every three seconds in private and every ten where others read.
func TestProgressIsPaced(t *testing.T) {
	for name, c := range map[string]struct {
		post int64
		pace time.Duration
	}{"private": {0, 3 * time.Second}, "private, said so": {buyer, 3 * time.Second}, "group": {-5, 10 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, s *kit) {
				n := basket("o1", 1, 1, 1, 1, 1)
				n.Post = c.post
				s.fund(5 * unit)
				s.link()
				_, err := s.OpenOrder(s.ctx, n)
				s.ok(err)
				due := func() time.Time {
					at, err := s.rdb.ZScore(s.ctx, s.keys.due(DueNotice), "o1").Result()
					s.ok(err)
					return time.UnixMilli(int64(at)).UTC()
				}
				part := func(k int) { s.settle(settlement(s.claim("o1", k), Fulfilled)) }
				first := s.now()
				part(1)
				s.about("the first part's news", due(), first)
				s.pass(time.Second)
				part(2)
				s.about("the second part's news", due(), first.Add(c.pace))
				s.pass(time.Second)
				part(3)
				s.about("the third part's news", due(), first.Add(c.pace))
				s.pass(c.pace)
				part(4)
				s.about("the fourth part's news", due(), first.Add(2*c.pace))
				part(5)
				s.about("the end's news", due(), s.now())
				o, err := s.Order(s.ctx, "o1")
				s.ok(err)
				if o.State != Fulfilled || fmt.Sprint(o.Delivered) != "5" {
					t.Errorf("it ends %s with %d", o.State, o.Delivered)
				}
			})
		})
	}
}
