package store

import (
	"context"
	"time"
)

// LinkTopUp stores the page where a request is paid, and its reference at the cashier, once. It tells whether that was new, and returns
// ErrNotFound, ErrEdge for a request that waits for no payment any more, and ErrTaken for a reference of another request.
func (s *Store) LinkTopUp(ctx context.Context, t TopUp, ref, url string, life time.Duration) (bool, error) {
	k := s.keys
	word, _, err := s.word(ctx, "link_topup", []string{k.topup(t.ID), k.topupNumbers(t.Method), k.due(DueTopUp), k.leases(DueTopUp),
		k.due(DueTimes), k.leases(DueTimes)}, t.ID, ref, url, life.Milliseconds())
	if err != nil {
		return false, err
	}
	if word != "linked" && word != "exists" {
		return false, refusal(word)
	}
	return word == "linked", nil
}
