package store

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tapes are the lines of a copy and of the changes behind it.
type tapes [][]byte

func (l *tapes) add(text []byte) error {
	*l = append(*l, bytes.Clone(text))
	return nil
}

// twin is an empty shop on a Redis of the same kind.
func (s *kit) twin() *kit {
	s.t.Helper()
	if s.real {
		return realRedis(s.t)
	}
	return embedded(s.t)
}

// refill puts lines back into an empty shop.
func (s *kit) refill(lines tapes) (*kit, Refilled) {
	s.t.Helper()
	to := s.twin()
	return to, s.refillTo(to, lines)
}

// refillTo puts lines back into this empty shop.
func (s *kit) refillTo(to *kit, lines tapes) Refilled {
	s.t.Helper()
	r, err := to.Refill(s.ctx)
	s.ok(err)
	for _, text := range lines {
		s.ok(r.Put(s.ctx, text))
	}
	done, err := r.End(s.ctx)
	s.ok(err)
	if barred, err := to.Barred(s.ctx, refilling); err != nil || !barred {
		s.t.Errorf("the shop counts as put back before it is: %v", err)
	}
	s.ok(r.Done(s.ctx))
	return done
}

// lasting is a dump without what a backup leaves out or makes anew: leases, brakes, redraws, times of queues, and why buying is stopped.
func (s *kit) lasting() keyspace {
	s.t.Helper()
	all := s.dump()
	for key, lines := range all {
		switch {
		case s.apart(s.keys.at(key)) && (key == "throttle" || key == "due:redraw" || !slices.Contains([]string{"events", "macs", "ledger:ids", "seq", "fence", "head", "wallets"}, key)),
			key == "switches", key == "due:notice", key == "due:look":
			delete(all, key)
		case key == "due:place":
			for i, l := range lines {
				lines[i], _, _ = strings.Cut(l, " at ")
			}
			slices.Sort(lines)
		case strings.HasPrefix(key, "o:"):
			all[key] = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, ".until=") || l == "alone=1" })
		}
	}
	return all
}

// same compares two shops by all that lasts.
func (s *kit) same(to *kit) string {
	s.t.Helper()
	return cmp.Diff(s.lasting(), to.lasting())
}

// lives are orders in every state a backup may find them in.
func (s *kit) lives() {
	s.t.Helper()
	s.sealed("o1", 2, 1)
	s.show("o1", 1)
	s.sealed("o2", 1)
	s.show("o2", 2)
	s.sweep("o2")
	s.order("o3", 1)
	s.settle(settlement(s.claim("o3", 1), InDoubt))
	s.order("o4", 1)
	refused := settlement(s.claim("o4", 1), Refused)
	s.settle(refused)
	s.sealed("o5", 1)
	_, _, err := s.Refund(s.ctx, Refund{Order: "o5", Account: account, Ref: "r1", Event: event("REFUNDED", "o5")})
	s.ok(err)
	s.order("o6", 1)
	pending := settlement(s.claim("o6", 1), Pending)
	pending.Handle = "88"
	s.settle(pending)
	_, err = s.LinkGroup(s.ctx, -77, GroupAccount(-77), true, event("GROUP_LINKED", ""))
	s.ok(err)
	_, err = s.CustomerNumber(s.ctx, buyer)
	s.ok(err)
	s.ok(s.NamePerson(s.ctx, "p1", buyer))
	_, err = s.SaveTalk(s.ctx, Talk{Chat: buyer, Body: []byte(`{"a":1}`), Language: "fr"}, 5)
	s.ok(err)
	s.ok(s.KeepPass(s.ctx, "token", Pass{Order: "o1", User: buyer}))
}

// TestABackupIsTheShop: a copy and the changes behind it put back the shop as it was, byte for byte, without what passes.
func TestABackupIsTheShop(t *testing.T) {
	both(t, func(t *testing.T, s *kit) { s.backsUp(s.twin()) })
}

// backsUp copies a shop in the middle of its work, lets it go on, and puts it back into an empty one.
func (s *kit) backsUp(put *kit) {
	s.t.Helper()
	s.lives()
	var lines tapes
	from, err := s.Mark(s.ctx)
	s.ok(err)
	s.ok(s.Copy(s.ctx, from, lines.add))
	s.sealed("o7", 1) // behind the copy
	s.show("o7", 7)
	s.ok(s.rdb.HSet(s.ctx, s.keys.prices(), "rule|", "{}").Err())
	_, err = s.Arrange(s.ctx, -1, map[string]string{"A|hidden": "1"}, event("PRODUCT_SET", ""))
	s.ok(err)
	s.ok(s.rdb.HSet(s.ctx, s.keys.terms(GroupAccount(-77)), "limit", "500").Err())
	s.settle(settlement(s.claimAgain("o3"), Fulfilled))
	to, err := s.Changes(s.ctx, from, lines.add)
	s.ok(err)
	done := s.refillTo(put, lines)
	if diff := s.same(put); diff != "" {
		s.t.Errorf("the shop that was put back is another one (-was +is):\n%s", diff)
	}
	put.invariants()
	if to.Seq <= from.Seq || done.Open != 1 || done.Asked != 0 {
		s.t.Errorf("from %+v to %+v: %+v", from, to, done)
	}
	if barred, err := put.Barred(s.ctx, unlooked); err != nil || !barred {
		s.t.Errorf("the shop sells before anybody looked: %v", err)
	}
	if barred, err := put.Barred(s.ctx, refilling); err != nil || barred {
		s.t.Errorf("the shop still counts as half put back: %v", err)
	}
}

// claimAgain takes a placement whose time has not come, as a person may.
func (s *kit) claimAgain(id string) Claim {
	s.t.Helper()
	r := request(id, 1)
	r.Now = true
	c, err := s.ClaimPlacement(s.ctx, r)
	s.ok(err)
	return c
}

// TestTombstonesHold: a card that was shredded behind the copy stays shredded.
func TestTombstonesHold(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		s.show("o1", 1)
		s.sweep("o1")
		var lines tapes
		from, err := s.Mark(s.ctx)
		s.ok(err)
		s.ok(s.Copy(s.ctx, from, lines.add))
		s.pass(keep)
		s.ok(s.Shred(s.ctx, s.due(DueRetain, "o1"), event("CARDS_SHREDDED", "o1")))
		_, err = s.Changes(s.ctx, from, lines.add)
		s.ok(err)
		put, _ := s.refill(lines)
		cards, err := put.Vault(s.ctx, "o1")
		s.ok(err)
		if state := put.reveal("o1").State; len(cards) != 0 || state != Shredded {
			t.Errorf("%d sealed cards came back, state %s", len(cards), state)
		}
	})
}

// TestNobodyIsAskedTwice: a placement that nobody had asked for yet, as far as the backup knows, is never placed afterwards.
func TestNobodyIsAskedTwice(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.order("o1", 1, 1)
		var lines tapes
		from, err := s.Mark(s.ctx)
		s.ok(err)
		s.ok(s.Copy(s.ctx, from, lines.add))
		_, err = s.Changes(s.ctx, from, lines.add)
		s.ok(err)
		s.claim("o1", 1) // lost
		put, done := s.refill(lines)
		if done.Asked != 2 {
			t.Errorf("%+v", done)
		}
		put.pass(time.Second)
		for k := range 2 {
			if c := put.claim("o1", k+1); c.Buy || c.Place.State != InDoubt || c.Place.Sent.IsZero() {
				t.Errorf("placement %d: %+v", k+1, c)
			}
		}
		doubts, err := put.InDoubtPlacements(s.ctx)
		s.ok(err)
		if o, err := put.Order(s.ctx, "o1"); err != nil || o.State != InDoubt || len(doubts) != 2 {
			t.Errorf("%+v, %v, %v", o, doubts, err)
		}
	})
}
