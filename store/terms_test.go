package store

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ofResellers = "group:-5"

// shared is a basket of one placement that a group's wallet pays for.
func shared(id string, user int64, cards int) NewOrder {
	n := basket(id, cards)
	n.Account, n.Buyer, n.MostOpen = ofResellers, user, 3
	return n
}

// term sets a term of the group's wallet.
func (s *kit) term(field, value string) {
	s.t.Helper()
	_, err := s.SetTerm(s.ctx, ofResellers, field, value, event("TERMS", ""))
	s.ok(err)
}

// wealth puts money into the group's wallet and links the record.
func (s *kit) wealth(amount int64) {
	s.t.Helper()
	s.seeds++
	_, err := s.Move(s.ctx, Transfer{ID: fmt.Sprintf("wealth:%d", s.seeds), From: External, To: ofResellers, Amount: amount, Event: event("FUNDED", "")})
	s.ok(err)
	s.link()
}

func termOutcomes() []outcome {
	ready := func(s *kit) { s.wealth(10 * unit) }
	opening := func(s *kit) error { _, err := s.OpenOrder(s.ctx, shared("o1", buyer, 2)); return err }
	with := func(field, value string) func(s *kit) {
		return func(s *kit) { ready(s); s.term(field, value) }
	}
	return []outcome{
		{"open_order", "banned", func(s *kit) {
			ready(s)
			_, err := s.Ban(s.ctx, buyer, "1", event("BANNED", ""))
			s.ok(err)
		}, opening, false, "banned", ""},
		{"open_order", "frozen", with(TermFrozen, "1"), opening, false, "frozen", ""},
		{"open_order", "role", with(RoleTerm(buyer), "viewer"), opening, false, "role", ""},
		{"open_order", "quiet", with(TermQuiet, "180-190"), opening, false, "quiet", ""}, // the tests begin at 03:04
		{"open_order", "many", func(s *kit) {
			ready(s)
			for i := range 3 {
				_, err := s.OpenOrder(s.ctx, shared(fmt.Sprint("m", i), buyer, 1))
				s.ok(err)
			}
		}, opening, false, "many", ""},
		{"open_order", "spent", with(TermDay, "100"), opening, false, "spent", ""},
	}
}

// TestTermsDecide holds each term at its edge: who and what is let through, and what is not.
func TestTermsDecide(t *testing.T) {
	const other = buyer + 1
	for name, c := range map[string]struct {
		terms map[string]string
		user  int64
		cards int
		want  error
	}{
		"no terms":              {nil, buyer, 2, nil},
		"everybody looks":       {map[string]string{TermRole: "viewer"}, buyer, 1, ErrViewer},
		"but one buys":          {map[string]string{TermRole: "viewer", RoleTerm(buyer): "buyer"}, buyer, 1, nil},
		"an owner buys":         {map[string]string{TermRole: "viewer", RoleTerm(buyer): "owner"}, buyer, 1, nil},
		"another looks":         {map[string]string{RoleTerm(other): "viewer"}, buyer, 1, nil},
		"quiet over midnight":   {map[string]string{TermQuiet: "1320-240"}, buyer, 1, &QuietError{1320, 240}},
		"quiet elsewhen":        {map[string]string{TermQuiet: "240-1320"}, buyer, 1, nil},
		"quiet until now":       {map[string]string{TermQuiet: "1320-184"}, buyer, 1, nil},
		"quiet from now":        {map[string]string{TermQuiet: "184-185"}, buyer, 1, &QuietError{184, 185}},
		"the day's last":        {map[string]string{TermDay: fmt.Sprint(2 * unit)}, buyer, 2, nil},
		"above the day":         {map[string]string{TermDay: fmt.Sprint(2*unit - 1)}, buyer, 2, &SpentError{Left: 2*unit - 1}},
		"the member's last":     {map[string]string{TermMemberDay: fmt.Sprint(unit)}, buyer, 1, nil},
		"above the member's":    {map[string]string{TermMemberDay: fmt.Sprint(unit)}, buyer, 2, &SpentError{Left: unit, Member: true}},
		"a limit of their own":  {map[string]string{TermMemberDay: fmt.Sprint(unit), DayTerm(buyer): fmt.Sprint(2 * unit)}, buyer, 2, nil},
		"a limit of another":    {map[string]string{DayTerm(other): "1"}, buyer, 2, nil},
		"credit to the last":    {map[string]string{TermCredit: fmt.Sprint(unit)}, buyer, 11, nil},
		"above the credit":      {map[string]string{TermCredit: fmt.Sprint(unit - 1)}, buyer, 11, &ShortError{11*unit - 1}},
		"frozen before credit":  {map[string]string{TermCredit: fmt.Sprint(unit), TermFrozen: "1"}, buyer, 11, ErrFrozen},
		"unfrozen":              {map[string]string{TermFrozen: ""}, buyer, 1, nil},
		"no money and no terms": {nil, buyer, 11, &ShortError{10 * unit}},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, s *kit) {
				s.wealth(10 * unit)
				for field, value := range c.terms {
					s.term(field, value)
				}
				opened, err := s.OpenOrder(s.ctx, shared("o1", c.user, c.cards))
				if c.want == nil && (err != nil || !opened) {
					t.Fatalf("not opened: %v", err)
				}
				if c.want != nil && fmt.Sprintf("%T%+v", err, err) != fmt.Sprintf("%T%+v", c.want, c.want) {
					t.Fatalf("%v, want %v", err, c.want)
				}
				s.invariants()
			})
		})
	}
}

// TestADayEnds holds that what was bought counts until the shop's midnight, by the shop's clock.
func TestADayEnds(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.wealth(10 * unit)
		s.term(TermDay, fmt.Sprint(2*unit))
		order := func(id string) error {
			n := shared(id, buyer, 1)
			n.Zone, n.MostOpen = 3*time.Hour, 0
			_, err := s.OpenOrder(s.ctx, n)
			return err
		}
		s.ok(order("o1"))
		s.ok(order("o2"))
		var spent *SpentError
		if err := order("o3"); !errors.As(err, &spent) || spent.Left != 0 || spent.Member {
			t.Fatalf("above the day's limit: %v", err)
		}
		s.pass(17*time.Hour + 54*time.Minute) // 20:58 in the world, 23:58 in the shop
		s.link()
		if err := order("o3"); !errors.As(err, &spent) {
			t.Fatalf("before midnight: %v", err)
		}
		s.pass(3 * time.Minute)
		s.link()
		s.ok(order("o3"))
		day := (start().Add(21*time.Hour).UnixMilli())/86_400_000 + 0
		all, own, err := s.Spent(s.ctx, ofResellers, buyer, day+0)
		s.ok(err)
		if all != unit || own != unit {
			t.Errorf("%d and %d are spent of the new day", all, own)
		}
	})
}

// TestOpenOrdersAreCounted holds that ended orders make room, and that another's do not count.
func TestOpenOrdersAreCounted(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.wealth(50 * unit)
		for i := range 3 {
			_, err := s.OpenOrder(s.ctx, shared(fmt.Sprint("o", i), buyer, 1))
			s.ok(err)
		}
		_, err := s.OpenOrder(s.ctx, shared("o3", buyer, 1))
		s.is(err, ErrManyOpen)
		_, err = s.OpenOrder(s.ctx, shared("x", buyer+1, 1))
		s.ok(err)
		t1 := settlement(s.claim("o1", 1), Fulfilled)
		t1.Account = ofResellers
		s.settle(t1)
		s.link()
		opened, err := s.OpenOrder(s.ctx, shared("o3", buyer, 1))
		if err != nil || !opened {
			t.Errorf("after one ended: %v", err)
		}
		s.invariants()
	})
}

// TestParallelBuyersStayWithinTheDay: forty at once with room for ten give exactly ten, whoever comes first.
func TestParallelBuyersStayWithinTheDay(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.wealth(unit)
		s.term(TermCredit, fmt.Sprint(100*unit))
		s.term(TermDay, fmt.Sprint(10*unit))
		var opened atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if ok, err := s.OpenOrder(s.ctx, shared(fmt.Sprint("o", i), int64(5000+i), 1)); ok && err == nil {
					opened.Add(1)
				}
			})
		}
		wg.Wait()
		if n := opened.Load(); n != 10 {
			t.Errorf("%d orders were opened, want 10", n)
		}
		if b, err := s.Balance(s.ctx, ofResellers); err != nil || b != -9*unit {
			t.Errorf("the wallet has %d, %v", b, err)
		}
		s.invariants()
	})
}

func TestTermsFromOldBytes(t *testing.T) {
	if diff := cmp.Diff(Terms{}, parseTerms(map[string]string{})); diff != "" {
		t.Error(diff)
	}
	got := parseTerms(map[string]string{"tier": "gold", "credit": "5000", "frozen": "1", "quiet": "1320-480", "day": "9", "mday": "3",
		"role:*": "viewer", "role:7": "owner", "day:7": "4", "file": "csv", "filettl": "3600", "later": "x", "role:x": "y"})
	want := Terms{Tier: "gold", Credit: 5000, Frozen: true, QuietFrom: 1320, QuietTo: 480, Day: 9, MemberDay: 3, Default: RoleViewer,
		Roles: map[int64]Role{7: RoleOwner}, Days: map[int64]int64{7: 4}, CSV: true, FileTTL: time.Hour}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
