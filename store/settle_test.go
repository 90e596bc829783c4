package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestEveryPairOfStates settles from every state to every state: the table decides, nothing else.
func TestEveryPairOfStates(t *testing.T) {
	states := []OrderState{Ready, Placing, InDoubt, Pending, Review, Fulfilled, Partial, Refunded, Refused, "nonsense", ""}
	both(t, func(t *testing.T, s *kit) {
		allowed := 0
		for i, from := range states[:9] {
			for j, to := range states {
				id := fmt.Sprintf("o%d-%d", i, j)
				s.order(id, 2)
				c := s.claim(id, 1)
				s.set(id, "1.st", string(from))
				before := s.dump()
				_, err := s.Settle(s.ctx, settlement(c, to))
				if slices.Contains(Edges()[from], to) {
					allowed++
					if err != nil {
						t.Errorf("%s → %s: %v", from, to, err)
					}
					s.invariants()
					continue
				}
				s.is(err, ErrEdge)
				s.unchanged(before)
			}
			s.clear()
		}
		if allowed != edgeCount() {
			t.Errorf("%d pairs were allowed, the table has %d", allowed, edgeCount())
		}
	})
}

// clear empties the shop.
func (s *kit) clear() {
	s.t.Helper()
	for key := range scan(s.ctx, s.t, s.rdb, s.keys.at("*")) {
		s.ok(s.rdb.Del(s.ctx, key).Err())
	}
}

// TestStateOfAnOrder derives an order's state and money from its placements.
func TestStateOfAnOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []OrderState // of placements of two cards each
		cards  int          // that a partial placement brings
		want   OrderState
		got    int
		back   int64
	}{
		{"all came", []OrderState{Fulfilled, Fulfilled}, 0, Fulfilled, 4, 0},
		{"one refused", []OrderState{Fulfilled, Refused}, 0, Partial, 2, 2 * unit},
		{"one refunded, then one came", []OrderState{Refunded, Fulfilled}, 0, Partial, 2, 2 * unit},
		{"all refused", []OrderState{Refused, Refused}, 0, Refused, 0, 4 * unit},
		{"refused and refunded", []OrderState{Refused, Refunded}, 0, Refunded, 0, 4 * unit},
		{"all refunded", []OrderState{Refunded, Refunded}, 0, Refunded, 0, 4 * unit},
		{"one card is missing", []OrderState{Fulfilled, Partial}, 1, Partial, 3, unit},
		{"one card came", []OrderState{Partial}, 1, Partial, 1, unit},
		{"one in doubt", []OrderState{Fulfilled, InDoubt}, 0, InDoubt, 2, 0},
		{"review before doubt", []OrderState{Review, InDoubt, Pending}, 0, Review, 0, 0},
		{"doubt before pending", []OrderState{Pending, InDoubt, Refused}, 0, InDoubt, 0, 0},
		{"pending before placing", []OrderState{Pending, Ready}, 0, Pending, 0, 0},
		{"one not asked for", []OrderState{Fulfilled, Ready}, 0, Placing, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			both(t, func(t *testing.T, s *kit) {
				s.order("o1", slices.Repeat([]int{2}, len(c.states))...)
				state := Placing
				for i, to := range c.states {
					if to == Ready {
						continue
					}
					st := settlement(s.claim("o1", i+1), to)
					if to == Partial {
						st = brought(st, c.cards)
					}
					state = s.settle(st)
					s.invariants()
				}
				o, err := s.Order(s.ctx, "o1")
				s.ok(err)
				if state != c.want || o.State != c.want || o.Delivered != c.got || o.Refunded != c.back {
					t.Errorf("settled %s, stored %s with %d cards and %d back; want %s, %d, %d",
						state, o.State, o.Delivered, o.Refunded, c.want, c.got, c.back)
				}
				s.ends(o, c.want, c.got, c.back)
			})
		})
	}
}

// ends compares what follows from an order's state.
func (s *kit) ends(o Order, want OrderState, got int, back int64) {
	s.t.Helper()
	if o.Captured != int64(got)*unit {
		s.t.Errorf("captured %d for %d cards", o.Captured, got)
	}
	balance, err := s.Balance(s.ctx, account)
	s.ok(err)
	if balance != back {
		s.t.Errorf("the buyer has %d, want %d", balance, back)
	}
	if want.Final() == o.Final.IsZero() {
		s.t.Errorf("%s ended at %v", want, o.Final)
	}
	sealed := NoCards
	if want.Final() && got > 0 {
		sealed = Sealed
	}
	if o.Reveal.State != sealed {
		s.t.Errorf("reveal is %q, want %q", o.Reveal.State, sealed)
	}
	events, _, err := s.EventsOfOrder(s.ctx, o.ID, 0, 1)
	s.ok(err)
	if want.Final() {
		data := map[string]string{"state": string(want), "cards": fmt.Sprint(got), "returned": fmt.Sprint(back)}
		if diff := cmp.Diff(data, events[0].Data); diff != "" || events[0].Kind != "ORDER_ENDED" {
			s.t.Errorf("last event %s:\n%s", events[0].Kind, diff)
		}
	} else if events[0].Kind == "ORDER_ENDED" {
		s.t.Error("the order's end is recorded, and it has not ended")
	}
}

func TestSettleWritesEverythingAtOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		c := s.claim("o1", 1)
		st := settlement(c, Partial)
		st = brought(st, 1)
		st.Handle, st.Memo, st.Slow, st.Doc = "77", "short", true, []byte(`{"new":1}`)
		s.settle(st)
		s.invariants()
		s.holds(keyspace{
			"wallets": {"hash", "cust:1001=1050", "external=-2100", "hold=0", "sales=50", "supplier:giftz=1000"},
			"ledger": {"hash", "fund:1=+0s|external|cust:1001|2100|", "o1.1:capture=+0s|hold|sales|1050|",
				"o1.1:cost=+0s|sales|supplier:giftz|1000|", "o1:hold=+0s|cust:1001|hold|2100|", "o1:release=+0s|hold|cust:1001|1050|"},
			"st:cust:1001": {"list", "fund:1", "o1:hold", "o1:release"},
			"v:o1":         {"hash", "1.1=sealed\x00o1 1.1"},
			"prints":       {"hash", "print o1 1.1=o1.1"},
			"handles":      {"hash", "giftz:77=o1.1"},
			"due:notice":   {"zset", "o1 at +0s"},
			"due:place":    nil, "open": nil, "doubt": nil,
			"o:o1": {"hash", "1.by=+30s", "1.cost=1000", "1.fence=1", "1.fp=12:print o1 1.1", "1.h=77", "1.memo=short", "1.n=1", "1.q=2", "1.sent=+0s",
				"1.st=partial", "1.until=0", "acct=cust:1001", "at=+0s", "back=1050", "buyer=1001", "captured=1050", "chat=1001",
				`doc={"new":1}`, "final=+0s", "got=1", "msg=7", "n=1", "prov=giftz", "q=2", "rv=sealed", "slow=1", "st=partial",
				"total=2100", "unit=1050"},
			"events": {"stream", `#1 t=+0s FUNDED o= p=p1 a=system {"why":"test"}`,
				`#2 t=+0s ORDER_OPENED o=o1 p=p1 a=system {"why":"test"}`,
				`#3 t=+0s PLACING o=o1 p=p1 a=system {"why":"test"}`, `#4 t=+0s PLACEMENT o=o1 p=p1 a=system {"why":"test"}`,
				`#5 t=+0s ORDER_ENDED o=o1 p=p1 a=system {"state":"partial","cards":"1","returned":"1050"}`},
		})
	})
}

func TestAReviewEndsByAPerson(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		c := s.claim("o1", 1)
		odd := settlement(c, Review)
		odd.Cards = []SealedCard{{Index: "q1.1", Bytes: []byte("what came")}}
		s.settle(odd)
		s.invariants()
		if _, err := s.ClaimPlacement(s.ctx, request("o1", 1)); err == nil {
			t.Error("a placement under review was claimed")
		}
		if n, err := s.DueCount(s.ctx, DuePlace); err != nil || n != 0 {
			t.Errorf("%d placements are due, %v", n, err)
		}
		released := settlement(c, Fulfilled)
		s.settle(released)
		s.invariants()
		cards, err := s.Vault(s.ctx, "o1")
		s.ok(err)
		if len(cards) != 3 {
			t.Errorf("vault: %v", cards)
		}
	})
}

// TestMoreCardsThanWereBought holds that a capture never exceeds the hold.
func TestMoreCardsThanWereBought(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 2)
		c := s.claim("o1", 1)
		before := s.dump()
		for _, n := range []int{3, -1} {
			st := settlement(c, Fulfilled)
			st.Delivered = n
			_, err := s.Settle(s.ctx, st)
			s.is(err, ErrEdge)
		}
		s.unchanged(before)
	})
}

func TestACodeIsSoldOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.order("o2", 1, 1)
		stolen := settlement(s.claim("o2", 1), Fulfilled)
		stolen.Prints = [][]byte{[]byte("print o1 1.1")}
		before := s.dump()
		_, err := s.Settle(s.ctx, stolen)
		s.is(err, ErrRepeat)
		s.unchanged(before)
		stolen.State, stolen.Delivered = Review, 0 // what the shop does with it
		s.settle(stolen)

		twin := settlement(s.claim("o2", 2), Fulfilled)
		s.settle(twin)
		s.invariants()
	})
}

func TestAnAnswerThatIsNotFinalIsAskedAgain(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1)
		wait := settlement(s.claim("o1", 1), Pending)
		wait.Next = 20 * time.Second
		s.settle(wait)
		s.pass(15 * time.Second)
		if ids, err := s.DuePlacements(s.ctx, 10); err != nil || len(ids) != 0 {
			t.Errorf("asked too early: %v, %v", ids, err)
		}
		s.pass(6 * time.Second)
		if ids, err := s.DuePlacements(s.ctx, 10); err != nil || len(ids) != 1 {
			t.Errorf("not asked again: %v, %v", ids, err)
		}
		n, _, err := s.EventsOfOrder(s.ctx, "o1", 0, 100)
		s.ok(err)
		s.settle(settlement(s.claim("o1", 1), Pending)) // nothing new: no event
		m, _, err := s.EventsOfOrder(s.ctx, "o1", 0, 100)
		s.ok(err)
		if len(m) != len(n) {
			t.Errorf("an answer without news wrote %d events", len(m)-len(n))
		}
	})
}
