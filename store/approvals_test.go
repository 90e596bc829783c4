package store

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// asking for an approval, and its steps.
const approvalID = "K7M29QXW"

func (s *kit) approval(st ApprovalStep) error {
	st.Event = event("APPROVAL", "")
	return s.StepApproval(s.ctx, approvalID, st)
}

func opening() ApprovalStep {
	return ApprovalStep{To: ApprovalOpen, Life: 10 * time.Minute, By: 9, Order: "o1", Body: []byte(`{"a":1}`)}
}

func tapping() ApprovalStep {
	return ApprovalStep{From: []ApprovalState{ApprovalOpen}, To: ApprovalGiven, Window: "<", Second: 8}
}

func approvalOutcomes() []outcome {
	open := func(s *kit) { s.ok(s.approval(opening())) }
	ask := func(s *kit) error { return s.approval(opening()) }
	tap := func(s *kit) error { return s.approval(tapping()) }
	expire := func(s *kit) error {
		return s.approval(ApprovalStep{From: []ApprovalState{ApprovalOpen}, To: ApprovalExpired, Window: ">", Why: "time"})
	}
	return []outcome{
		{"approval", "ok", nothing, ask, true, "edge", ""},
		{"approval", "ok", open, tap, true, "edge", ""},
		{"approval", "gone", nothing, tap, false, "gone", ""},
		{"approval", "edge", open, ask, false, "edge", ""},
		{"approval", "late", func(s *kit) { open(s); s.pass(11 * time.Minute) }, tap, false, "late", ""},
		{"approval", "early", open, expire, false, "early", ""},
	}
}

// TestApproval holds what an approval keeps, and that it leaves the list of open ones at its end.
func TestApproval(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.ok(s.approval(opening()))
		s.ok(s.SetApprovalTold(s.ctx, approvalID, 8, ApprovalOpen, 77))
		a, err := s.Approval(s.ctx, approvalID)
		s.ok(err)
		if a.Till.Sub(a.Opened) != 10*time.Minute {
			t.Errorf("it stands open from %v to %v", a.Opened, a.Till)
		}
		want := Approval{ID: approvalID, State: ApprovalOpen, By: 9, Order: "o1", Body: []byte(`{"a":1}`), Opened: a.Opened, Till: a.Till,
			Told: map[int64]ApprovalState{8: ApprovalOpen}, Posts: map[int64]int{8: 77}}
		if diff := cmp.Diff(want, a); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		ids, err := s.Approvals(s.ctx, 5)
		s.ok(err)
		if diff := cmp.Diff([]string{approvalID}, ids); diff != "" {
			t.Error(diff)
		}
		s.ok(s.approval(tapping()))
		s.ok(s.approval(ApprovalStep{From: []ApprovalState{ApprovalGiven}, To: ApprovalFailed, Why: "short"}))
		if a, err = s.Approval(s.ctx, approvalID); err != nil || a.Why != "short" || a.Second != 8 {
			t.Errorf("ended as %+v, %v", a, err)
		}
		if ids, err = s.Approvals(s.ctx, 5); err != nil || len(ids) != 0 {
			t.Errorf("open: %v, %v", ids, err)
		}
		if work, err := s.ClaimDue(s.ctx, DueApproval, 5, time.Second); err != nil || len(work) != 1 {
			t.Errorf("news: %v, %v", work, err)
		}
		if _, err := s.Approval(s.ctx, "other"); !errors.Is(err, ErrNotFound) {
			t.Errorf("another: %v", err)
		}
	})
}

// TestTwoTapsApproveOnce holds that of many taps at once one approves.
func TestTwoTapsApproveOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.ok(s.approval(opening()))
		var given, other atomic.Int32
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				switch err := s.StepApproval(s.ctx, approvalID, tapping()); {
				case err == nil:
					given.Add(1)
				case errors.Is(err, ErrEdge):
					other.Add(1)
				}
			})
		}
		all.Wait()
		if given.Load() != 1 || other.Load() != 31 {
			t.Errorf("%d taps approved, %d came later", given.Load(), other.Load())
		}
	})
}
