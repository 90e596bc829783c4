package store

import (
	"testing"
	"time"
)

// waits begins a request whose payment a machine sees.
func (s *kit) waits(id string) {
	s.t.Helper()
	n := asking(id)
	n.Method, n.Auto, n.Number, n.Picture, n.Payees = "ocpay", DuePay, false, false, []Payee{{}}
	_, err := s.AskTopUp(s.ctx, n)
	s.ok(err)
}

// linked is the same with its page.
func (s *kit) linked(id string) {
	s.t.Helper()
	s.waits(id)
	_, err := s.LinkTopUp(s.ctx, s.topup(id), "OCPL-"+id, "https://pay.example/"+id, time.Hour)
	s.ok(err)
}

// TestPaymentSeenByAMachine: it is credited without an admin, also after the request had expired, once; and no person proves it.
func TestPaymentSeenByAMachine(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.linked(topup)
		work, err := s.ClaimDue(s.ctx, DuePay, 5, time.Minute)
		if err != nil || len(work) != 1 || work[0].Member != topup {
			t.Fatalf("the request begins no work: %v, %v", work, err)
		}
		_, err = s.ProveTopUp(s.ctx, Proof{ID: topup, User: buyer, Method: "ocpay", Alone: true, Event: event("TOPUP_SENT", "")})
		s.is(err, ErrEdge)
		_, err = s.settleTopUp(topup, TopUpCredited, 500, 9)
		s.is(err, ErrEdge) // an admin who has not claimed it
		s.ok(s.step(topup, TopUpExpired, 0, 0))
		for i := range 50 {
			got, err := s.settleTopUp(topup, TopUpCredited, 500, 0)
			if err != nil || got.Fresh != (i == 0) || got.Balance != 500 {
				t.Fatalf("notice %d: %+v, %v", i, got, err)
			}
		}
		if left := s.rdb.HGet(s.ctx, s.keys.promised("20260102"), "ocpay ").Val(); left != "500" {
			t.Errorf("%s is promised that day", left)
		}
		s.is(s.step(topup, TopUpSent, 0, 0), ErrEdge)
		s.invariants()
	})
}

// TestMachineSendsToAPerson: what does not fit waits for an admin, who credits what has really come; the machine credits no more.
func TestMachineSendsToAPerson(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.linked(topup)
		s.ok(s.step(topup, TopUpExpired, 0, 0))
		s.ok(s.step(topup, TopUpSent, 0, 0))
		list, _, err := s.WaitingTopUps(s.ctx, 0, 5)
		if err != nil || len(list) != 1 || list[0].Note != "why" {
			t.Fatalf("waiting: %+v, %v", list, err)
		}
		_, err = s.settleTopUp(topup, TopUpCredited, 500, 0)
		s.is(err, ErrEdge)
		s.ok(s.step(topup, TopUpClaimed, 9, 0))
		got, err := s.settleTopUp(topup, TopUpCredited, 250, 9)
		if err != nil || !got.Fresh || got.Balance != 250 {
			t.Errorf("%+v, %v", got, err)
		}
		s.invariants()
	})
}

// TestTransferIsNotSeenByAMachine: a request that a person looks at is credited by nobody else.
func TestTransferIsNotSeenByAMachine(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.ask(topup)
		_, err := s.settleTopUp(topup, TopUpCredited, 500, 0)
		s.is(err, ErrEdge)
		s.is(s.step(topup, TopUpSent, 0, 0), ErrEdge)
		_, err = s.LinkTopUp(s.ctx, s.topup(topup), "OCPL-1", "https://pay.example/1", time.Hour)
		s.is(err, ErrNotFound)
	})
}
