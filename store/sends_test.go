package store

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// sending is money of the group for the buyer, from an owner.
func sending(id string, sender, amount int64) Send {
	return Send{ID: id, From: ofResellers, To: account, Amount: amount, Note: "C-1", Sender: sender, News: "sent:" + id,
		OfGroup: event("SENT", ""), OfPerson: event("RECEIVED", "")}
}

const ownerOfGroup = int64(2001)

// owned is a group with money and an owner.
func (s *kit) owned(amount int64) {
	s.t.Helper()
	s.term(RoleTerm(ownerOfGroup), "owner")
	s.wealth(amount)
}

func sendOutcomes() []outcome {
	ready := func(s *kit) { s.owned(10 * unit) }
	sends := func(s *kit) error { _, _, err := s.Send(s.ctx, sending("s1", ownerOfGroup, 2*unit)); return err }
	with := func(field, value string) func(s *kit) {
		return func(s *kit) { s.term(field, value); ready(s) }
	}
	return []outcome{
		{"send", "sent", ready, sends, true, "exists", ""},
		{"send", "exists", func(s *kit) { ready(s); s.ok(sends(s)) }, sends, false, "exists", ""},
		{"send", "conflict", func(s *kit) {
			ready(s)
			_, _, err := s.Send(s.ctx, sending("s1", ownerOfGroup, unit))
			s.ok(err)
		}, sends, false, "conflict", ""},
		{"send", "closed", func(s *kit) {
			ready(s)
			_, err := s.SwitchBuying(s.ctx, "holiday", event("CLOSED", ""))
			s.ok(err)
		}, sends, false, "closed", ""},
		{"send", "behind", func(s *kit) { ready(s); s.pass(time.Minute) }, sends, false, "behind", ""},
		{"send", "banned", func(s *kit) {
			ready(s)
			_, err := s.Ban(s.ctx, ownerOfGroup, "1", event("BANNED", ""))
			s.ok(err)
		}, sends, false, "banned", ""},
		{"send", "frozen", with(TermFrozen, "1"), sends, false, "frozen", ""},
		{"send", "role", func(s *kit) { ready(s); s.term(RoleTerm(ownerOfGroup), "viewer") }, sends, false, "role", ""},
		{"send", "owner", func(s *kit) { ready(s); s.term(RoleTerm(ownerOfGroup), "buyer") }, sends, false, "owner", ""},
		{"send", "quiet", with(TermQuiet, "180-190"), sends, false, "quiet", ""}, // the tests begin at 03:04
		{"send", "spent", with(TermDay, "100"), sends, false, "spent", ""},
		{"send", "short", func(s *kit) { s.owned(unit) }, sends, false, "short", ""},
	}
}

// TestSendsAndPurchasesShareTheDay: what was sent counts like what was bought, for the member and for all, and goes into debt no further
// than the credit limit.
func TestSendsAndPurchasesShareTheDay(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.owned(3 * unit)
		s.term(TermDay, fmt.Sprint(5*unit))
		s.term(TermCredit, fmt.Sprint(unit))
		s.link()
		n := shared("o1", ownerOfGroup, 1)
		_, err := s.OpenOrder(s.ctx, n)
		s.ok(err)
		var short *ShortError
		if _, _, err := s.Send(s.ctx, sending("s1", ownerOfGroup, 4*unit)); !errors.As(err, &short) || short.Balance != 3*unit {
			t.Errorf("more than there is with the credit: %v", err)
		}
		left, fresh, err := s.Send(s.ctx, sending("s2", ownerOfGroup, 3*unit))
		if err != nil || !fresh || left != -unit {
			t.Fatalf("sent: %d, %v, %v", left, fresh, err)
		}
		s.wealth(10 * unit)
		var spent *SpentError
		if _, _, err := s.Send(s.ctx, sending("s3", ownerOfGroup, unit+1)); !errors.As(err, &spent) || spent.Left != unit || spent.Member {
			t.Errorf("above what is left of the day: %v", err)
		}
		due, err := s.ClaimDue(s.ctx, DueNews, 5, time.Minute)
		s.ok(err)
		if len(due) != 1 || due[0].Member != "sent:s2" {
			t.Errorf("told: %v", due)
		}
		s.invariants()
	})
}

// TestParallelSendsStayWithinTheMoney: forty at once with money for ten give exactly ten.
func TestParallelSendsStayWithinTheMoney(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.owned(10 * unit)
		var sent atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if _, fresh, err := s.Send(s.ctx, sending(fmt.Sprint("s", i), ownerOfGroup, unit)); fresh && err == nil {
					sent.Add(1)
				}
			})
		}
		wg.Wait()
		if n := sent.Load(); n != 10 {
			t.Errorf("%d were sent, want 10", n)
		}
		s.invariants()
	})
}

// TestMoneyBackGivesTheDayBack: what returns from an order, by its end or by a refund, may be spent again on the same day; not on another,
// and not for an order from before days were kept.
func TestMoneyBackGivesTheDayBack(t *testing.T) {
	const firstDay = 20_455 // the day the tests begin on, from 1970
	spentNow := func(s *kit) [2]int64 {
		all, own, err := s.Spent(s.ctx, ofResellers, buyer, firstDay)
		s.ok(err)
		return [2]int64{all, own}
	}
	both(t, func(t *testing.T, s *kit) {
		s.wealth(10 * unit)
		opens := func(id string, cards int) {
			_, err := s.OpenOrder(s.ctx, shared(id, buyer, cards))
			s.ok(err)
		}
		ends := func(id string, state OrderState) {
			r := settlement(s.claim(id, 1), state)
			r.Account = ofResellers
			s.settle(r)
			s.link()
		}
		opens("o1", 2)
		opens("o2", 3)
		if got := spentNow(s); got != [2]int64{5 * unit, 5 * unit} {
			t.Fatalf("spent %v", got)
		}
		ends("o1", Refused)
		if got := spentNow(s); got != [2]int64{3 * unit, 3 * unit} {
			t.Errorf("after an order that came to nothing: %v", got)
		}
		ends("o2", Fulfilled)
		back := Refund{Order: "o2", Account: ofResellers, Ref: "R1", Event: event("REFUNDED", "o2")}
		for range 2 {
			_, _, err := s.Refund(s.ctx, back)
			s.ok(err)
			if got := spentNow(s); got != [2]int64{0, 0} {
				t.Errorf("after a refund: %v", got)
			}
		}
		opens("o3", 1)
		s.ok(s.rdb.HDel(s.ctx, s.keys.order("o3"), "day").Err())
		ends("o3", Refused)
		if got := spentNow(s); got != [2]int64{unit, unit} {
			t.Errorf("after the end of an order without a day: %v", got)
		}
		opens("o4", 2)
		s.pass(24 * time.Hour)
		s.link()
		opens("o5", 1)
		ends("o4", Refused)
		all, own, err := s.Spent(s.ctx, ofResellers, buyer, firstDay+1)
		s.ok(err)
		if all != unit || own != unit {
			t.Errorf("yesterday's money was given to today: %d, %d", all, own)
		}
		s.invariants()
	})
}
