package store

import (
	"context"
	"fmt"
	"time"
)

// DueKind is a queue of work with a time.
type DueKind string

// The queues. Placements have a claim of their own, because their lease is part of the order.
const (
	DuePlace  DueKind = "place"  // placements to ask a supplier about
	DueNotice DueKind = "notice" // orders with news for their buyer
	DueSweep  DueKind = "sweep"  // orders whose code message has to go
	DueRedraw DueKind = "redraw" // talks whose reply may be lost
	DueRetain DueKind = "retain" // orders whose cards have to be shredded
)

// Due is work taken for a while.
type Due struct {
	Member string
	Fence  int64
}

// ClaimDue takes at most limit members whose time has come, most overdue first, each for the length of lease.
func (s *Store) ClaimDue(ctx context.Context, kind DueKind, limit int, lease time.Duration) ([]Due, error) {
	out, err := s.run(ctx, "claim_due", []string{s.keys.due(kind), s.keys.leases(kind), s.keys.fence()},
		limit, lease.Milliseconds())
	if err != nil {
		return nil, err
	}
	work := make([]Due, 0, len(out)/2)
	for i := 0; i+1 < len(out); i += 2 {
		work = append(work, Due{Member: out[i], Fence: number(out[i+1])})
	}
	return work, nil
}

// AckDue ends a claim: next 0 removes the work, else it comes back after next. It returns ErrFenced when the work was taken over
// or woken in between; then it stays as it is.
func (s *Store) AckDue(ctx context.Context, kind DueKind, d Due, next time.Duration) error {
	back := ""
	if next > 0 {
		back = fmt.Sprint(next.Milliseconds())
	}
	word, _, err := s.word(ctx, "ack_due", []string{s.keys.due(kind), s.keys.leases(kind)}, d.Member, d.Fence, back)
	if err != nil {
		return err
	}
	if word != "ok" {
		return refusal(word)
	}
	return nil
}

// DueCount tells how much work of a kind is queued, whenever it is due.
func (s *Store) DueCount(ctx context.Context, kind DueKind) (int64, error) {
	n, err := s.rdb.ZCard(ctx, s.keys.due(kind)).Result()
	if err != nil {
		return 0, fmt.Errorf("count due work: %w", err)
	}
	return n, nil
}

// DueNotices takes orders with news for their buyer.
func (s *Store) DueNotices(ctx context.Context, limit int, lease time.Duration) ([]Due, error) {
	return s.ClaimDue(ctx, DueNotice, limit, lease)
}

// AckNotice ends the claim of a notice; next 0 removes it.
func (s *Store) AckNotice(ctx context.Context, d Due, next time.Duration) error {
	return s.AckDue(ctx, DueNotice, d, next)
}

// DueRedraws takes talks whose reply may be lost; each comes back after 20 s unless it is drawn.
func (s *Store) DueRedraws(ctx context.Context, limit int) ([]TalkID, error) {
	work, err := s.ClaimDue(ctx, DueRedraw, limit, 20*time.Second)
	if err != nil {
		return nil, err
	}
	talks := make([]TalkID, len(work))
	for i, d := range work {
		talks[i] = talkID(d.Member)
	}
	return talks, nil
}
