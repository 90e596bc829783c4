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

func TestOpenOrderWritesEverythingAtOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(4 * unit)
		s.link()
		opened, err := s.OpenOrder(s.ctx, basket("o1", 2, 1))
		s.ok(err)
		if !opened {
			t.Fatal("order was there")
		}
		s.invariants()
		s.holds(keyspace{
			"wallets":      {"hash", "cust:1001=1050", "external=-4200", "hold=3150"},
			"ledger":       {"hash", "fund:1=+0s|external|cust:1001|4200|", "o1:hold=+0s|cust:1001|hold|3150|"},
			"st:cust:1001": {"list", "fund:1", "o1:hold"},
			"o:o1": {"hash", "1.q=2", "1.st=ready", "2.q=1", "2.st=ready", "acct=cust:1001", "at=+0s", "buyer=1001", "chat=1001",
				`doc={"sku":"x"}`, "msg=7", "n=2", "prov=giftz", "q=3", "st=placing", "total=3150", "unit=1050"},
			"uo:1001": {"list", "o1"}, "ao:cust:1001": {"list", "o1"},
			"open":       {"zset", "o1 at +0s"},
			"due:place":  {"zset", "o1.1 at +0s", "o1.2 at +0s"},
			"due:notice": {"zset", "o1 at +0s"}, // 3 s ahead, rounded
			"events": {"stream", `#1 t=+0s FUNDED o= p=p1 a=system {"why":"test"}`,
				`#2 t=+0s ORDER_OPENED o=o1 p=p1 a=system {"why":"test"}`},
			"seq": {"string", "2"}, "eo:o1": {"list", "#2"}, "ep:p1": {"list", "#1", "#2"},
		})
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		want := Order{ID: "o1", Buyer: buyer, Chat: buyer, Post: buyer, Account: account, Provider: "giftz", State: Placing, Unit: unit,
			Total: 3 * unit, Quantity: 3, Created: o.Created, Message: 7, Doc: []byte(`{"sku":"x"}`), Reveal: Reveal{Receipt: []byte{}},
			Placements: []Placement{{K: 1, Quantity: 2, State: Ready, Provider: "giftz"}, {K: 2, Quantity: 1, State: Ready, Provider: "giftz"}}}
		if diff := cmp.Diff(want, o); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		s.about("created", o.Created, s.now())
	})
}

func TestOpenOrderRefusals(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(unit)
		s.link()
		before := s.dump()
		var short *ShortError
		if _, err := s.OpenOrder(s.ctx, basket("o1", 2)); !errors.As(err, &short) || short.Balance != unit {
			t.Errorf("two cards for the money of one: %v", err)
		}
		s.unchanged(before)

		_, err := s.Pause(s.ctx, "giftz", "no_funds", event("PAUSED", ""))
		s.ok(err)
		var paused *PausedError
		if _, err := s.OpenOrder(s.ctx, basket("o1", 1)); !errors.As(err, &paused) || paused.Reason != "no_funds" {
			t.Errorf("a paused supplier: %v", err)
		}
		n := basket("o2", 1)
		n.Provider = "oneclickdz"
		opened, err := s.OpenOrder(s.ctx, n)
		s.ok(err)
		if !opened {
			t.Error("the pause of one supplier stops another")
		}
		_, err = s.Pause(s.ctx, "giftz", "", event("RESUMED", ""))
		s.ok(err)
		_, err = s.SwitchBuying(s.ctx, "closed for a day", event("CLOSED", ""))
		s.ok(err)
		_, err = s.OpenOrder(s.ctx, basket("o3", 1))
		s.is(err, ErrClosed)
		if again, err := s.OpenOrder(s.ctx, n); err != nil || again {
			t.Errorf("repeating an order while buying is closed: %v, %v", again, err)
		}
		s.invariants()
	})
}

// TestOpenOrderRefusesNonsense holds that no basket can move money the wrong way or leave a hold that nothing ends.
func TestOpenOrderRefusesNonsense(t *testing.T) {
	change := map[string]func(n *NewOrder){
		"negative price":         func(n *NewOrder) { n.Unit = -1 },
		"no price":               func(n *NewOrder) { n.Unit = 0 },
		"no placements":          func(n *NewOrder) { n.Placements = nil },
		"an empty placement":     func(n *NewOrder) { n.Placements = []int{2, 0} },
		"cards in no placement":  func(n *NewOrder) { n.Quantity = 3 },
		"more than a number has": func(n *NewOrder) { n.Unit = 1 << 60 },
		"no id":                  func(n *NewOrder) { n.ID = "" },
	}
	both(t, func(t *testing.T, s *kit) {
		s.fund(10 * unit)
		s.link()
		before := s.dump()
		for name, c := range change {
			n := basket("o1", 2)
			c(&n)
			if opened, err := s.OpenOrder(s.ctx, n); err == nil || opened {
				t.Errorf("%s: opened", name)
			}
		}
		s.unchanged(before)
	})
}

// TestOpenOrderKeepsTheLedger holds that an id whose hold was booked before, by whatever, is not booked over.
func TestOpenOrderKeepsTheLedger(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(10 * unit)
		_, err := s.Move(s.ctx, Transfer{ID: "o1:hold", From: account, To: External, Amount: 5, Event: event("MOVED", "")})
		s.ok(err)
		s.link()
		before := s.dump()
		_, err = s.OpenOrder(s.ctx, basket("o1", 2))
		s.is(err, ErrConflict)
		s.unchanged(before)
	})
}

func TestOpenOrderInParallelSpendsMoneyOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(10 * unit)
		s.link()
		var opened, short atomic.Int64
		var wg sync.WaitGroup
		gate := make(chan struct{})
		for i := range 200 {
			wg.Go(func() {
				<-gate
				ok, err := s.OpenOrder(s.ctx, basket(fmt.Sprintf("o%d", i), 1))
				var e *ShortError
				switch {
				case ok && err == nil:
					opened.Add(1)
				case errors.As(err, &e):
					short.Add(1)
				default:
					t.Errorf("order %d: %v, %v", i, ok, err)
				}
			})
		}
		close(gate)
		wg.Wait()
		if opened.Load() != 10 || short.Load() != 190 {
			t.Errorf("opened %d and refused %d of 200 orders with money for 10", opened.Load(), short.Load())
		}
		s.invariants()
	})
}

func TestOneOrderOpenedInParallelHoldsOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(10 * unit)
		s.link()
		var opened atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				ok, err := s.OpenOrder(s.ctx, basket("o1", 1))
				if err != nil {
					t.Error(err)
				}
				if ok {
					opened.Add(1)
				}
			})
		}
		wg.Wait()
		if opened.Load() != 1 {
			t.Errorf("one id was opened %d times", opened.Load())
		}
		s.invariants()
	})
}

func TestReadingOrders(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for i := range 5 {
			s.order(fmt.Sprintf("o%d", i+1), 1)
			s.pass(10 * time.Second)
		}
		names := func(orders []Order) (ids []string) {
			for _, o := range orders {
				ids = append(ids, o.ID)
			}
			return ids
		}
		for page, want := range []struct {
			ids  []string
			more bool
		}{{[]string{"o5", "o4"}, true}, {[]string{"o3", "o2"}, true}, {[]string{"o1"}, false}, {nil, false}} {
			orders, more, err := s.OrdersOf(s.ctx, buyer, page, 2)
			s.ok(err)
			if diff := cmp.Diff(want.ids, names(orders)); diff != "" || more != want.more {
				t.Errorf("page %d (more %v):\n%s", page, more, diff)
			}
		}
		s.settle(settlement(s.claim("o2", 1), Refused))
		orders, err := s.OpenSince(s.ctx, s.now().Add(-15*time.Second), 10)
		s.ok(err)
		if diff := cmp.Diff([]string{"o1", "o3", "o4"}, names(orders)); diff != "" {
			t.Errorf("open since:\n%s", diff)
		}
		if orders, err = s.OpenSince(s.ctx, s.now(), 2); err != nil || len(orders) != 2 {
			t.Errorf("limit of two gives %v, %v", names(orders), err)
		}
		_, err = s.Order(s.ctx, "none")
		s.is(err, ErrNotFound)
	})
}

func TestMarksOfAnOrder(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.is(s.MarkAlarmed(s.ctx, "o1", AlarmedAsk), ErrNotFound)
		s.is(s.MarkOffered(s.ctx, "o1"), ErrNotFound)
		s.is(s.SetOrderMessage(s.ctx, "o1", 5), ErrNotFound)
		s.is(s.SetOfferMessage(s.ctx, "o1", 6), ErrNotFound)
		s.order("o1", 1) // the marks above do not stand in its way
		s.pass(time.Minute)
		s.ok(s.MarkAlarmed(s.ctx, "o1", AlarmedAsk))
		s.ok(s.MarkOffered(s.ctx, "o1"))
		s.ok(s.SetOrderMessage(s.ctx, "o1", 55))
		s.ok(s.SetOfferMessage(s.ctx, "o1", 56))
		o, err := s.Order(s.ctx, "o1")
		s.ok(err)
		if o.Alarmed != AlarmedAsk || o.Message != 55 || o.Offer != 56 {
			t.Errorf("alarmed %q, message %d, offer %d", o.Alarmed, o.Message, o.Offer)
		}
		s.about("offered", o.Offered, s.now())
	})
}
