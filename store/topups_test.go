package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

const topup = "4F7K2M"

// asking is a request of the buyer over 500 units, to the first of two accounts.
func asking(id string) NewTopUp {
	return NewTopUp{ID: id, Account: account, Method: "ccp", Day: "20260102", User: buyer, Amount: 500, Life: 24 * time.Hour, Open: 2,
		Number: true, Picture: true, Payees: []Payee{{"first", 800}, {"second", 800}}, Event: event("TOPUP_ASKED", "")}
}

// ask begins a request that has to be accepted.
func (s *kit) ask(id string) TopUp {
	s.t.Helper()
	t, err := s.AskTopUp(s.ctx, asking(id))
	s.ok(err)
	return t
}

func proof(id, number string) Proof {
	return Proof{ID: id, User: buyer, Method: "ccp", Number: number, Picture: Picture{File: "file " + id, Unique: "unique"},
		Event: event("TOPUP_SENT", "")}
}

// sent brings a request so far that an admin may take it.
func (s *kit) sent(id string) TopUp {
	s.t.Helper()
	s.ask(id)
	_, err := s.ProveTopUp(s.ctx, proof(id, "number "+id))
	s.ok(err)
	return s.topup(id)
}

func (s *kit) topup(id string) TopUp {
	s.t.Helper()
	t, err := s.TopUp(s.ctx, id)
	s.ok(err)
	return t
}

func (s *kit) step(id string, to TopUpState, admin, from int64) error {
	t, err := s.TopUp(s.ctx, id)
	if err != nil {
		t = TopUp{ID: id, User: buyer, Day: "20260102"}
	}
	_, err = s.StepTopUp(s.ctx, t, TopUpStep{To: to, Admin: admin, From: from, Note: "why", Event: event("TOPUP_STEP", "")})
	return err
}

func (s *kit) settleTopUp(id string, to TopUpState, amount, admin int64) (Settled, error) {
	t, err := s.TopUp(s.ctx, id)
	if err != nil {
		t = TopUp{ID: id, User: buyer, Account: account, Day: "20260102"}
	}
	return s.SettleTopUp(s.ctx, t, TopUpSettlement{To: to, Amount: amount, Admin: admin, Note: "seen", Event: event("TOPUP_MONEY", "")})
}

func (s *kit) claimed(id string) { s.t.Helper(); s.sent(id); s.ok(s.step(id, TopUpClaimed, 9, 0)) }

func (s *kit) credited(id string) {
	s.t.Helper()
	s.claimed(id)
	_, err := s.settleTopUp(id, TopUpCredited, 450, 9)
	s.ok(err)
}

// topupOutcomes lists every answer of the scripts about top-ups.
func topupOutcomes() []outcome {
	begin := func(s *kit) error { _, err := s.AskTopUp(s.ctx, asking(topup)); return err }
	prove := func(change func(*Proof)) func(s *kit) error {
		return func(s *kit) error {
			p := proof(topup, "77 12")
			change(&p)
			_, err := s.ProveTopUp(s.ctx, p)
			return err
		}
	}
	all := func(*Proof) {}
	step := func(to TopUpState, admin int64) func(s *kit) error {
		return func(s *kit) error { return s.step(topup, to, admin, 0) }
	}
	money := func(to TopUpState, admin int64) func(s *kit) error {
		return func(s *kit) error { _, err := s.settleTopUp(topup, to, 450, admin); return err }
	}
	asked := func(s *kit) { s.ask(topup) }
	linking := func(s *kit) error {
		_, err := s.LinkTopUp(s.ctx, TopUp{ID: topup, Method: "ocpay"}, "OCPL-"+topup, "https://pay.example/1", time.Hour)
		return err
	}
	claim := func(s *kit) { s.claimed(topup) }
	return []outcome{
		{"ask_topup", "asked", nothing, begin, true, "exists", ""},
		{"ask_topup", "exists", asked, begin, false, "exists", ""},
		{"ask_topup", "conflict", asked, func(s *kit) error {
			n := asking(topup)
			n.Amount++
			_, err := s.AskTopUp(s.ctx, n)
			return err
		}, false, "conflict", ""},
		{"ask_topup", "many", func(s *kit) { s.ask("AAAAAA"); s.ask("BBBBBB") }, begin, false, "many", ""},
		{"ask_topup", "full", func(s *kit) { s.ask("AAAAAA"); s.ask("BBBBBB") }, func(s *kit) error {
			n := asking(topup)
			n.Open = 5
			_, err := s.AskTopUp(s.ctx, n)
			return err
		}, false, "full", ""},

		{"prove_topup", "sent", asked, prove(all), true, "edge", ""},
		{"prove_topup", "kept", asked, prove(func(p *Proof) { p.Number = "" }), true, "kept", ""},
		{"prove_topup", "gone", asked, prove(func(p *Proof) { p.User++ }), false, "gone", ""},
		{"prove_topup", "edge", claim, prove(all), false, "edge", ""},
		{"prove_topup", "taken", func(s *kit) { s.sent("AAAAAA"); s.ask(topup) }, prove(func(p *Proof) { p.Number = "number AAAAAA" }), false, "taken", ""},

		{"link_topup", "linked", func(s *kit) { s.waits(topup) }, linking, true, "exists", ""},
		{"link_topup", "exists", func(s *kit) { s.linked(topup) }, linking, false, "exists", ""},
		{"link_topup", "gone", asked, linking, false, "gone", ""},
		{"link_topup", "edge", func(s *kit) { s.waits(topup); s.ok(s.step(topup, TopUpExpired, 0, 0)) }, linking, false, "edge", ""},
		{"link_topup", "taken", func(s *kit) {
			s.linked("AAAAAA")
			s.waits(topup)
		}, func(s *kit) error {
			_, err := s.LinkTopUp(s.ctx, s.topup(topup), "OCPL-AAAAAA", "https://pay.example/other", time.Hour)
			return err
		}, false, "taken", ""},

		{"step_topup", "ok", func(s *kit) { s.sent(topup) }, step(TopUpClaimed, 9), true, "same", ""},
		{"step_topup", "same", claim, step(TopUpClaimed, 9), false, "same", ""},
		{"step_topup", "gone", nothing, step(TopUpClaimed, 9), false, "gone", ""},
		{"step_topup", "edge", claim, step(TopUpRefused, 8), false, "edge", ""},

		{"settle_topup", "ok", claim, money(TopUpCredited, 9), true, "exists", ""},
		{"settle_topup", "exists", func(s *kit) { s.credited(topup) }, money(TopUpCredited, 8), false, "exists", ""},
		{"settle_topup", "gone", nothing, money(TopUpCredited, 9), false, "gone", ""},
		{"settle_topup", "edge", claim, money(TopUpCredited, 8), false, "edge", ""},
	}
}

// TestTopUpLife: the account below its ceiling is shown, what an admin saw is credited and not what was asked for, and a credit found
// false is taken back, once each.
func TestTopUpLife(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.credited(topup)
		if got, err := s.settleTopUp(topup, TopUpCredited, 9999, 9); err != nil || got.Fresh || got.Amount != 450 || got.Balance != 450 {
			t.Errorf("a second approval: %+v, %v", got, err)
		}
		second := s.ask("AAAAAA")
		if second.Payee != "second" { // 450 of 800 are promised to the first
			t.Errorf("shown %s", second.Payee)
		}
		s.ok(s.step("AAAAAA", TopUpExpired, 0, 0))
		if again := s.ask("BBBBBB"); again.Payee != "second" {
			t.Errorf("what expired is still promised: shown %s", again.Payee)
		}
		for round := range 2 {
			got, err := s.settleTopUp(topup, TopUpReversed, 0, 8)
			if err != nil || got.Fresh != (round == 0) || got.Amount != 450 || got.Balance != 0 {
				t.Errorf("reversal %d: %+v, %v", round, got, err)
			}
		}
		if _, err := s.settleTopUp(topup, TopUpCredited, 450, 9); err != nil || s.topup(topup).State != TopUpReversed {
			t.Errorf("what was reversed may be credited: %v", err)
		}
		s.invariants()
	})
}

// TestTopUpRefusedAndTakenUpAgain: a refused request leaves the queue and comes back with its own number.
func TestTopUpRefusedAndTakenUpAgain(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.claimed(topup)
		s.ok(s.step(topup, TopUpRefused, 9, 0))
		s.is(s.step(topup, TopUpRefused, 8, 0), ErrEdge)
		if list, _, err := s.WaitingTopUps(s.ctx, 0, 5); err != nil || len(list) != 0 {
			t.Errorf("refused, and still waiting: %v, %v", list, err)
		}
		s.is(s.step(topup, TopUpExpired, 0, 0), ErrEdge)
		s.ok(s.step(topup, TopUpClaimed, 8, 0))
		s.is(s.step(topup, TopUpClaimed, 9, 7), ErrEdge)
		s.ok(s.step(topup, TopUpClaimed, 9, 8))
		list, _, err := s.WaitingTopUps(s.ctx, 0, 5)
		if err != nil || len(list) != 1 || list[0].Admin != 9 || list[0].Note != "" {
			t.Errorf("taken up again: %+v, %v", list, err)
		}
	})
}

// TestSamePictureIsSeen: the second request with one picture names the first.
func TestSamePictureIsSeen(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		if first := s.sent("AAAAAA"); first.Seen != "" {
			t.Errorf("the first picture was seen in %s", first.Seen)
		}
		if second := s.sent(topup); second.Seen != "AAAAAA" {
			t.Errorf("the same picture was seen in %q", second.Seen)
		}
	})
}

// TestManyApprovalsCreditOnce: fifty approvals of one request at once, by two admins of whom one has it, credit once.
func TestManyApprovalsCreditOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.claimed(topup)
		var all sync.WaitGroup
		var mu sync.Mutex
		fresh := 0
		for i := range 50 {
			all.Go(func() {
				got, err := s.settleTopUp(topup, TopUpCredited, 450, int64(8+i%2))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil && !errors.Is(err, ErrEdge):
					t.Error(err)
				case got.Fresh:
					fresh++
				}
			})
		}
		all.Wait()
		balance, err := s.Balance(s.ctx, account)
		if err != nil || fresh != 1 || balance != 450 {
			t.Errorf("credited %d times, balance %d, %v", fresh, balance, err)
		}
		s.invariants()
	})
}

// TestReversalMayOwe: a credit that was spent is taken back all the same, and nothing can be bought until the wallet is filled again.
func TestReversalMayOwe(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.credited(topup)
		_, err := s.Move(s.ctx, Transfer{ID: "spent", From: account, To: Sales, Amount: 400, Event: event("MOVED", "")})
		s.ok(err)
		got, err := s.settleTopUp(topup, TopUpReversed, 0, 8)
		if err != nil || got.Balance != -400 {
			t.Fatalf("%+v, %v", got, err)
		}
		s.link()
		var short *ShortError
		if _, err := s.OpenOrder(s.ctx, basket("o1", 1)); !errors.As(err, &short) || short.Balance != -400 {
			t.Errorf("a purchase from a wallet that owes: %v", err)
		}
		s.invariants()
	})
}

// TestWaitingTopUpsInPages: oldest first.
func TestWaitingTopUpsInPages(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for i, id := range []string{"AAAAAA", "BBBBBB", "CCCCCC"} {
			n := asking(id)
			n.Open, n.Payees = 9, []Payee{{"any", 0}}
			_, err := s.AskTopUp(s.ctx, n)
			s.ok(err)
			_, err = s.ProveTopUp(s.ctx, proof(id, fmt.Sprint(i)))
			s.ok(err)
			s.pass(time.Minute)
		}
		first, more, err := s.WaitingTopUps(s.ctx, 0, 2)
		if err != nil || !more || len(first) != 2 || first[0].ID != "AAAAAA" {
			t.Errorf("%v, more %v, %v", first, more, err)
		}
		rest, more, err := s.WaitingTopUps(s.ctx, 1, 2)
		if err != nil || more || len(rest) != 1 || rest[0].ID != "CCCCCC" {
			t.Errorf("%v, more %v, %v", rest, more, err)
		}
	})
}
