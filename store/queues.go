package store

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// DueKinds lists every queue of work with a time.
func DueKinds() []DueKind {
	return []DueKind{DuePlace, DueNotice, DueSweep, DueRedraw, DueRetain, DueLook, DueReconcile, DueTopUp, DueTimes, DuePay, DueStars,
		DueNews, DueApproval}
}

// Queue is how much work of one kind there is.
type Queue struct {
	Kind  DueKind
	Count int64         // whenever it is due
	Late  time.Duration // of the most overdue; 0 when none is
}

// Queues reads all of them, and how many orders are open and placements in doubt, in one round trip.
func (s *Store) Queues(ctx context.Context) (queues []Queue, open, doubt int64, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	p := s.rdb.Pipeline()
	counts, firsts := map[DueKind]*redis.IntCmd{}, map[DueKind]*redis.ZSliceCmd{}
	for _, kind := range DueKinds() {
		counts[kind], firsts[kind] = p.ZCard(ctx, s.keys.due(kind)), p.ZRangeWithScores(ctx, s.keys.due(kind), 0, 0)
	}
	orders, doubts := p.ZCard(ctx, s.keys.open()), p.ZCard(ctx, s.keys.doubt())
	if _, err := p.Exec(ctx); err != nil {
		return nil, 0, 0, fmt.Errorf("read queues: %w", err)
	}
	for _, kind := range DueKinds() {
		q := Queue{Kind: kind, Count: counts[kind].Val()}
		if first := firsts[kind].Val(); len(first) > 0 {
			q.Late = max(0, now.Sub(time.UnixMilli(int64(first[0].Score))))
		}
		queues = append(queues, q)
	}
	return queues, orders.Val(), doubts.Val(), nil
}
