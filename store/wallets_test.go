package store

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestMoveBooksOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		in := Transfer{ID: "t1", From: External, To: account, Amount: 700, Note: "cash|by\nhand", Event: event("CREDITED", "")}
		moved, err := s.Move(s.ctx, in)
		s.ok(err)
		if diff := cmp.Diff(Moved{Fresh: true, From: -700, To: 700}, moved); diff != "" {
			t.Error(diff)
		}
		before := s.dump()
		moved, err = s.Move(s.ctx, in)
		s.ok(err)
		if diff := cmp.Diff(Moved{From: -700, To: 700}, moved); diff != "" {
			t.Error(diff)
		}
		for name, change := range map[string]func(*Transfer){
			"amount": func(t *Transfer) { t.Amount = 701 },
			"from":   func(t *Transfer) { t.From = Sales },
			"to":     func(t *Transfer) { t.To = "cust:1002" },
			"note":   func(t *Transfer) { t.Note = "other" },
		} {
			other := in
			change(&other)
			if _, err := s.Move(s.ctx, other); !errors.Is(err, ErrConflict) {
				t.Errorf("another %s: %v", name, err)
			}
		}
		s.unchanged(before)
		s.invariants()
		lines, err := s.Statement(s.ctx, account, 10)
		s.ok(err)
		want := []Entry{{ID: "t1", From: External, To: account, Amount: 700, Note: "cash/by/hand"}}
		if diff := cmp.Diff(want, lines, cmpopts.IgnoreFields(Entry{}, "At")); diff != "" {
			t.Errorf("statement:\n%s", diff)
		}
		s.about("entry", lines[0].At, s.now())
	})
}

func TestMoveKeepsTheFloor(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(500)
		for _, c := range []struct{ amount, floor, left int64 }{
			{501, 0, -1}, {401, 100, -1}, {400, 100, 100}, {101, 0, -1}, {1000, -900, -900},
		} {
			before := s.dump()
			moved, err := s.Move(s.ctx, Transfer{ID: fmt.Sprintf("m%d", c.amount), From: account, To: External, Amount: c.amount,
				Floor: &c.floor, Event: event("DEBITED", "")})
			if c.left == -1 {
				if _, ok := errors.AsType[*ShortError](err); !ok {
					t.Errorf("%d down to %d: %v", c.amount, c.floor, err)
				}
				s.unchanged(before)
			} else if err != nil || moved.From != c.left {
				t.Errorf("%d down to %d leaves %d, %v; want %d", c.amount, c.floor, moved.From, err, c.left)
			}
		}
	})
}

// TestMoveRefusesNonsense holds that money goes one way only: a negative amount would pass every floor.
func TestMoveRefusesNonsense(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(500)
		before := s.dump()
		for _, amount := range []int64{0, -1, -500, largest + 1} {
			_, err := s.Move(s.ctx, Transfer{ID: "m", From: External, To: account, Amount: amount, Event: event("MOVED", "")})
			if err == nil {
				t.Errorf("moved %d", amount)
			}
		}
		s.unchanged(before)
	})
}

func TestParallelMovesNeverPassTheFloor(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(10)
		floor := int64(0)
		var moved atomic.Int64
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				_, err := s.Move(s.ctx, Transfer{ID: fmt.Sprintf("m%d", i/2), From: account, To: External, Amount: 1, Floor: &floor,
					Event: event("DEBITED", "")})
				if err == nil {
					moved.Add(1)
				}
			})
		}
		wg.Wait()
		balance, err := s.Balance(s.ctx, account)
		s.ok(err)
		if balance != 0 || moved.Load() < 10 || moved.Load() > 20 { // each id is tried twice
			t.Errorf("%d moves leave %d", moved.Load(), balance)
		}
		s.invariants()
	})
}

func TestStatementIsNewestFirst(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.fund(7)
		lines, err := s.Statement(s.ctx, account, 2)
		s.ok(err)
		var ids []string
		for _, e := range lines {
			ids = append(ids, e.ID)
		}
		if diff := cmp.Diff([]string{"fund:2", "o1:hold"}, ids); diff != "" {
			t.Error(diff)
		}
		if lines, err = s.Statement(s.ctx, "cust:5", 2); err != nil || lines != nil {
			t.Errorf("nobody's statement: %v, %v", lines, err)
		}
		if n, err := s.Balance(s.ctx, "cust:5"); err != nil || n != 0 {
			t.Errorf("nobody's balance: %d, %v", n, err)
		}
		if keys := s.dump(); keys["st:external"] != nil || keys["st:hold"] != nil {
			t.Error("an account that is no wallet has a statement")
		}
	})
}

func TestLedgerWalkEnds(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		want := map[string]bool{}
		for i := range 700 { // more than one step of the walk
			s.fund(1)
			want[fmt.Sprintf("fund:%d", i+1)] = true
		}
		got := map[string]bool{}
		s.ok(s.Ledger(s.ctx, func(e Entry) error { got[e.ID] = true; return nil }))
		if !maps.Equal(want, got) {
			t.Errorf("walked %d entries of %d", len(got), len(want))
		}
		stop := errors.New("stop")
		s.is(s.Ledger(s.ctx, func(Entry) error { return stop }), stop)
	})
}

// TestLargeAmountsSurvive carries amounts near 9,000,000,000,000.00 through every script that touches money.
func TestLargeAmountsSurvive(t *testing.T) {
	const huge = int64(900_000_000_000_000)
	for _, amount := range []int64{huge, huge - 1, huge + 7, 123_456_789_012_345} {
		t.Run(fmt.Sprint(amount), func(t *testing.T) {
			both(t, func(t *testing.T, s *kit) {
				s.fund(amount)
				s.link()
				n := basket("o1", 1)
				n.Unit = amount + 1
				var short *ShortError
				if _, err := s.OpenOrder(s.ctx, n); !errors.As(err, &short) || short.Balance != amount {
					t.Fatalf("one minor unit too much: %v", err)
				}
				n.Unit = amount
				_, err := s.OpenOrder(s.ctx, n)
				s.ok(err)
				s.invariants()
				st := settlement(s.claim("o1", 1), Fulfilled)
				st.Cost = amount - 1
				s.settle(st)
				s.invariants()
				balances, err := s.Balances(s.ctx)
				s.ok(err)
				want := map[string]int64{account: 0, External: -amount, Hold: 0, Sales: 1, SupplierAccount("giftz"): amount - 1}
				if diff := cmp.Diff(want, balances); diff != "" {
					t.Errorf("balances:\n%s", diff)
				}
				floor := int64(0)
				moved, err := s.Move(s.ctx, Transfer{ID: "back", From: SupplierAccount("giftz"), To: account, Amount: amount - 1,
					Floor: &floor, Event: event("REFUNDED", "o1")})
				s.ok(err)
				if moved.From != 0 || moved.To != amount-1 {
					t.Errorf("moved %+v", moved)
				}
				n = basket("o2", 1)
				n.Unit = amount - 1
				s.link()
				_, err = s.OpenOrder(s.ctx, n)
				s.ok(err)
				s.settle(settlement(s.claim("o2", 1), Refunded))
				s.invariants()
				o, err := s.Order(s.ctx, "o2")
				s.ok(err)
				if o.Total != amount-1 || o.Refunded != amount-1 {
					t.Errorf("order of %d gives %d back", o.Total, o.Refunded)
				}
				for key, lines := range s.dump() {
					if text := strings.Join(lines, "\n"); strings.Contains(text, "e+") || strings.Contains(text, "E+") {
						t.Errorf("%s holds a number in exponent form: %s", key, text)
					}
				}
			})
		})
	}
}

func TestNotesAreOneShortLine(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a|b": "a/b", "a\nb\x00c": "a/b/c", strings.Repeat("é", 150): strings.Repeat("é", 100),
		"x" + strings.Repeat("é", 150): "x" + strings.Repeat("é", 99),
	} {
		if got := note(in); got != want {
			t.Errorf("note(%q) = %q, want %q", in, got, want)
		}
	}
}
