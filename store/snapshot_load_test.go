package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crowd buys, settles, shows and credits until it is told to stop.
func (s *kit) crowd(buyers int) (stop func()) {
	var halt atomic.Bool
	var wg sync.WaitGroup
	for b := range buyers {
		wg.Go(func() {
			for n := 0; !halt.Load(); n++ {
				if err := s.buys(b, n); err != nil {
					s.t.Errorf("buyer %d: %v", b, err)
					return
				}
			}
		})
	}
	wg.Go(func() { // the notary
		for !halt.Load() {
			s.link()
			time.Sleep(5 * time.Millisecond) //nolint:forbidigo // as the notary does, only faster
		}
	})
	return func() { halt.Store(true); wg.Wait() }
}

// buys credits exactly one order's price and buys with it: a backup that has the order and not the credit shows a debt.
func (s *kit) buys(b, n int) error {
	id, user := fmt.Sprintf("c%d-%d", b, n), int64(5000+b)
	wallet := CustomerAccount(user)
	of := func(kind, order string) Event {
		return Event{Kind: kind, Order: order, Person: fmt.Sprintf("p%d", b), Actor: "system"}
	}
	_, err := s.Move(s.ctx, Transfer{ID: "credit-" + id, From: External, To: wallet, Amount: 2 * unit, Event: of("CREDITED", "")})
	if err != nil {
		return err
	}
	basket := basket(id, 1, 1)
	basket.Account, basket.Buyer, basket.Event = wallet, user, of("ORDER_OPENED", id)
	if _, err := s.OpenOrder(s.ctx, basket); err != nil {
		return err
	}
	for k := 1; k <= 2; k++ {
		time.Sleep(5 * time.Millisecond) //nolint:forbidigo // a supplier takes its time, and Redis is not one test's alone
		r := request(id, k)
		r.Event = of("PLACING", id)
		c, err := s.ClaimPlacement(s.ctx, r)
		if err != nil {
			return err
		}
		state := Fulfilled
		if (n+k)%3 == 0 {
			state = Refused
		}
		t := settlement(c, state)
		t.Account, t.Event, t.Ended, t.Handle = wallet, of("PLACEMENT", id), of("ORDER_ENDED", id), fmt.Sprintf("%s-%d", id, k)
		if _, err := s.Settle(s.ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// sound checks what is true of every order of a shop caught at one moment: the ledger, the record and the order say the same.
func (s *kit) sound() {
	s.t.Helper()
	s.invariants()
	booked := map[string]int64{}
	statements := map[string][]string{}
	s.ok(s.Ledger(s.ctx, func(e Entry) error { booked[e.ID] = e.Amount; return nil }))
	ids, err := s.rdb.LRange(s.ctx, s.keys.booked(), 0, -1).Result()
	s.ok(err)
	if len(ids) != len(booked) {
		s.t.Errorf("%d entries are booked, %d have their place", len(booked), len(ids))
	}
	for _, id := range ids {
		text, err := s.rdb.HGet(s.ctx, s.keys.ledger(), id).Result()
		s.ok(err)
		for _, a := range []string{parseEntry(id, text).From, parseEntry(id, text).To} {
			if hasStatement(a) == "1" {
				statements[a] = append(statements[a], id)
			}
		}
	}
	for a, want := range statements {
		got, err := s.rdb.LRange(s.ctx, s.keys.statement(a), 0, -1).Result()
		s.ok(err)
		if diff := cmp.Diff(want, got); diff != "" {
			s.t.Errorf("statement of %s (-ledger +statement):\n%s", a, diff)
		}
	}
	ended, placed := map[string]int{}, map[string]int{}
	events, err := s.EventsAfter(s.ctx, "", 1_000_000)
	s.ok(err)
	for _, e := range events {
		switch e.Kind {
		case "ORDER_ENDED":
			ended[e.Order]++
		case "PLACEMENT":
			placed[e.Order]++
		}
	}
	if n, err := s.rdb.Get(s.ctx, s.keys.seq()).Int64(); err != nil || n != int64(len(events)) {
		s.t.Errorf("%d events are counted, %d are there: %v", n, len(events), err)
	}
	for key := range scan(s.ctx, s.t, s.rdb, s.keys.order("*")) {
		o, err := s.Order(s.ctx, strings.TrimPrefix(key, s.keys.order("")))
		s.ok(err)
		cards, err := s.Vault(s.ctx, o.ID)
		s.ok(err)
		final, captured := 0, int64(0)
		for _, p := range o.Placements {
			if p.State.Final() {
				final++
			}
			captured += booked[fmt.Sprintf("%s.%d:capture", o.ID, p.K)]
		}
		if final != placed[o.ID] || (ended[o.ID] == 1) != o.State.Final() || captured != o.Captured || len(cards) != o.Delivered {
			s.t.Errorf("order %s is not of one moment: %d of %d settled, %d ended, %d captured, %d cards: %+v", o.ID, final, placed[o.ID], ended[o.ID], captured, len(cards), o)
		}
	}
}

// loaded takes a copy and changes, several times, while a crowd buys; mangle may take lines away.
func (s *kit) loaded(each func(lines tapes, to Mark)) {
	s.t.Helper()
	stop := s.crowd(4)
	defer stop()
	time.Sleep(200 * time.Millisecond) //nolint:forbidigo // the crowd needs a history
	var lines tapes
	at, err := s.Mark(s.ctx)
	s.ok(err)
	s.ok(s.Copy(s.ctx, at, lines.add))
	for range 3 {
		at, err = s.Changes(s.ctx, at, lines.add)
		s.ok(err)
		each(slices.Clone(lines), at)
	}
	stop()
	at, err = s.Changes(s.ctx, at, lines.add)
	s.ok(err)
	each(lines, at)
}

// TestABackupUnderLoadIsOneMoment: whatever is bought meanwhile, each backup is the shop of one moment.
func TestABackupUnderLoadIsOneMoment(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.link()
		var last *kit
		s.loaded(func(lines tapes, to Mark) {
			put, done := s.refill(lines)
			put.sound()
			now, err := put.Mark(s.ctx)
			s.ok(err)
			if now.Seq != to.Seq || now.Event != to.Event || now.Booked != to.Booked || now.Head != to.Head {
				t.Errorf("put back: %+v, told: %+v", now, to)
			}
			t.Logf("event %d, %d entries, %d open", now.Seq, done.Entries, done.Open)
			last = put
		})
		if diff := s.same(last); diff != "" {
			t.Errorf("after all the changes it is another shop (-was +is):\n%s", diff)
		}
	})
}

// TestACopyAloneIsNoBackup is the control of the test above: without the orders that changed meanwhile, moments are mixed.
func TestACopyAloneIsNoBackup(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.link()
		s.loaded(func(lines tapes, _ Mark) {
			to := s.twin()
			r, err := to.Refill(s.ctx)
			s.ok(err)
			for _, text := range lines {
				var l line
				s.ok(json.Unmarshal(text, &l))
				if l.T != "order" {
					s.ok(r.Put(s.ctx, text))
				}
			}
			if _, err := r.End(s.ctx); err == nil && s.same(to) == "" {
				t.Error("it makes no difference: the comparison proves nothing")
			}
		})
	})
}
