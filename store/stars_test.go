package store

import (
	"sync"
	"testing"
	"time"
)

// invoiced begins a request that is paid in Stars.
func (s *kit) invoiced(id string) {
	s.t.Helper()
	n := asking(id)
	n.Method, n.Auto, n.Number, n.Picture, n.Payees = "stars", DueTopUp, false, false, []Payee{{Name: "stars=200"}}
	_, err := s.AskTopUp(s.ctx, n)
	s.ok(err)
}

func (s *kit) star(charge string, change func(*StarPayment)) (StarState, bool, error) {
	p := StarPayment{Charge: charge, TopUp: topup, Payer: buyer, Stars: 200}
	change(&p)
	return s.PayStar(s.ctx, p, event("TOPUP_MONEY", ""), event("STARS_BACK", ""))
}

func fitting(*StarPayment) {}

// starOutcomes lists every answer of the script about Stars.
func starOutcomes() []outcome {
	paying := func(s *kit) error { _, _, err := s.star("stx1", fitting); return err }
	return []outcome{
		{"pay_star", "credited", func(s *kit) { s.invoiced(topup) }, paying, true, "exists", ""},
		{"pay_star", "exists", func(s *kit) { s.invoiced(topup); s.ok(paying(s)) }, paying, false, "exists", ""},
		{"pay_star", "back", nothing, paying, true, "exists", ""},
	}
}

// TestStarsAreCreditedOnce: fifty accounts of one payment at once credit once; a second payment, one of another person, one over another
// amount and one for nothing go back.
func TestStarsAreCreditedOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.invoiced(topup)
		var all sync.WaitGroup
		var mu sync.Mutex
		fresh := 0
		for range 50 {
			all.Go(func() {
				state, is, err := s.star("stx1", fitting)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || state != StarCredited {
					t.Errorf("%s, %v", state, err)
				}
				if is {
					fresh++
				}
			})
		}
		all.Wait()
		if balance, err := s.Balance(s.ctx, account); err != nil || fresh != 1 || balance != 500 {
			t.Errorf("credited %d times, balance %d, %v", fresh, balance, err)
		}
		s.invoiced("AAAAAA")
		for charge, change := range map[string]func(*StarPayment){
			"second": fitting, "other": func(p *StarPayment) { p.TopUp, p.Payer = "AAAAAA", 77 }, "less": func(p *StarPayment) { p.TopUp, p.Stars = "AAAAAA", 199 },
			"none": func(p *StarPayment) { p.TopUp = "no such thing" },
		} {
			if state, is, err := s.star(charge, change); err != nil || !is || state != StarBack {
				t.Errorf("%s: %s, new %v, %v", charge, state, is, err)
			}
		}
		work, err := s.ClaimDue(s.ctx, DueStars, 9, time.Minute)
		if err != nil || len(work) != 4 {
			t.Errorf("%d payments go back, %v", len(work), err)
		}
		s.ok(s.StarReturned(s.ctx, "second"))
		if star, err := s.Charge(s.ctx, "second"); err != nil || star.State != StarReturned || star.Payer != buyer || star.Stars != 200 {
			t.Errorf("%+v, %v", star, err)
		}
		s.invariants()
	})
}

// TestStarsAfterTheEnd: an invoice that ran out and was paid all the same is credited; a reversal sends the Stars back.
func TestStarsAfterTheEnd(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.invoiced(topup)
		s.ok(s.step(topup, TopUpExpired, 0, 0))
		if state, _, err := s.star("stx1", fitting); err != nil || state != StarCredited {
			t.Fatalf("%s, %v", state, err)
		}
		if _, err := s.settleTopUp(topup, TopUpReversed, 0, 8); err != nil {
			t.Fatal(err)
		}
		work, err := s.ClaimDue(s.ctx, DueStars, 9, time.Minute)
		if err != nil || len(work) != 1 || work[0].Member != "stx1" {
			t.Errorf("%v go back, %v", work, err)
		}
		s.invariants()
	})
}

// TestStarsThatTheMemoryForgot: a Redis of an older day still has the ledger's line; the same charge is not booked again, another one is not
// taken for it.
func TestStarsThatTheMemoryForgot(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.invoiced(topup)
		_, _, err := s.star("stx1", fitting)
		s.ok(err)
		s.ok(s.rdb.Del(s.ctx, s.keys.star("stx1")).Err())
		s.ok(s.rdb.HSet(s.ctx, s.keys.topup(topup), "st", "asked").Err())
		if state, fresh, err := s.star("stx1", fitting); err != nil || fresh || state != StarCredited {
			t.Errorf("%s, new %v, %v", state, fresh, err)
		}
		if state, _, err := s.star("stx2", fitting); err != nil || state != StarBack {
			t.Errorf("%s, %v", state, err)
		}
		if balance, err := s.Balance(s.ctx, account); err != nil || balance != 500 {
			t.Errorf("balance %d, %v", balance, err)
		}
	})
}
