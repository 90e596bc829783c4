package store

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func customerOutcomes() []outcome {
	numbering := func(s *kit) error { _, err := s.CustomerNumber(s.ctx, buyer); return err }
	return []outcome{{"customer", "ok", nothing, numbering, true, "ok", ""}}
}

// number gives a customer a number.
func (s *kit) number(user int64) int64 {
	s.t.Helper()
	n, err := s.CustomerNumber(s.ctx, user)
	s.ok(err)
	return n
}

func TestACustomerHasOneNumber(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		_, err := s.Customer(s.ctx, 4821)
		s.is(err, ErrNotFound)
		first, second := s.number(buyer), s.number(buyer+1)
		if first != 4821 || second == first || s.number(buyer) != first {
			t.Errorf("numbers %d and %d, and later %d", first, second, s.number(buyer))
		}
		for user, n := range map[int64]int64{buyer: first, buyer + 1: second} {
			got, err := s.Customer(s.ctx, n)
			s.ok(err)
			if got != user {
				t.Errorf("%d belongs to %d, not to %d", n, got, user)
			}
		}
	})
}

// TestTheTalkCarriesTheNumber holds that it is read with the talk, before and after the first save.
func TestTheTalkCarriesTheNumber(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		n := s.number(buyer)
		talk, err := s.LoadTalk(s.ctx, buyer, 0)
		s.ok(err)
		if diff := cmp.Diff(Talk{Chat: buyer, Body: []byte{}, Customer: n}, talk); diff != "" {
			t.Errorf("before the first save:\n%s", diff)
		}
		talk.Body = []byte("{}")
		_, err = s.SaveTalk(s.ctx, talk, 1)
		s.ok(err)
		talk, err = s.LoadTalk(s.ctx, buyer, 0)
		s.ok(err)
		want := Talk{Chat: buyer, Version: 1, Body: []byte("{}"), Customer: n}
		if diff := cmp.Diff(want, talk, cmpopts.IgnoreFields(Talk{}, "Since")); diff != "" {
			t.Errorf("after the first save:\n%s", diff)
		}
	})
}

// TestNumbersNeverMeet gives numbers to many customers at once, each of whom asks twice.
func TestNumbersNeverMeet(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		owner := map[int64]int64{}
		for i := range int64(40) {
			wg.Go(func() {
				n, err := s.CustomerNumber(s.ctx, 1+i%20)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if had, there := owner[n]; there && had != 1+i%20 {
					t.Errorf("%d and %d share %d", had, 1+i%20, n)
				}
				owner[n] = 1 + i%20
			})
		}
		wg.Wait()
		if len(owner) != 20 {
			t.Errorf("20 customers have %d numbers", len(owner))
		}
	})
}

// TestTheRowsOfNumbers gives every number of four digits and the first ones of five.
func TestTheRowsOfNumbers(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		const row = 9000
		seen := map[int64]bool{}
		for user := range int64(row + 50) {
			n := s.number(1 + user)
			low, high := int64(1000), int64(9999)
			if user >= row {
				low, high = 10_000, 99_999
			}
			if n < low || n > high || seen[n] {
				t.Fatalf("customer %d gets %d (given before: %v)", user, n, seen[n])
			}
			seen[n] = true
		}
	})
}
