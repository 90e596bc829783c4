package store

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// outcome is one answer of one script: how the shop has to stand for it, what asks for it, and what a repeat says.
type outcome struct {
	script string
	word   string
	seed   func(s *kit)
	act    func(s *kit) error
	writes bool   // the shop holds something else afterwards
	again  string // the answer of a repeat; it writes nothing unless repeats is set
	// repeats says why a repeat writes something, where it does.
	repeats string
}

// outcomes lists every answer of every script.
func outcomes() []outcome {
	return slices.Concat(orderOutcomes(), settleOutcomes(), revealOutcomes(), stepOutcomes(), otherOutcomes(), queueOutcomes(),
		customerOutcomes(), groupOutcomes(), decisionOutcomes(), rotationOutcomes(), topupOutcomes(), starOutcomes(), denialOutcomes(), termOutcomes(), sendOutcomes(), approvalOutcomes(), reissueOutcomes(), productOutcomes(), broadcastOutcomes(), ticketOutcomes(), moveOutcomes(), slipOutcomes())
}

func TestEveryAnswerOfEveryScript(t *testing.T) {
	for _, o := range outcomes() {
		t.Run(o.script+" "+o.word, func(t *testing.T) {
			both(t, func(t *testing.T, s *kit) {
				o.seed(s)
				before := s.view()
				o.run(s, o.word)
				s.invariants()
				if o.writes == equal(before, s.view()) {
					t.Errorf("wrote something: %v, want %v", !o.writes, o.writes)
				}
				before = s.view()
				o.run(s, o.again)
				s.invariants()
				if changed := !equal(before, s.view()); changed != (o.repeats != "") {
					t.Errorf("a repeat wrote something: %v; reason given: %q", changed, o.repeats)
				}
			})
		})
	}
}

// run acts and compares the script's word.
func (o outcome) run(s *kit, want string) {
	s.t.Helper()
	_, before := s.calls.last(o.script)
	err := o.act(s)
	last, after := s.calls.last(o.script)
	if after != before+1 {
		s.t.Fatalf("%s ran %d times: %v", o.script, after-before, err)
	}
	if len(last.answer) == 0 || last.answer[0] != want {
		s.t.Fatalf("%s answers %v (%v), want %s", o.script, last.answer, err, want)
	}
}

func equal(a, b keyspace) bool {
	if len(a) != len(b) {
		return false
	}
	for key, lines := range a {
		if !slices.Equal(lines, b[key]) {
			return false
		}
	}
	return true
}

// TestOutcomesAreComplete compares the table with what the headers of the scripts promise.
func TestOutcomesAreComplete(t *testing.T) {
	told := map[string]bool{}
	for _, o := range outcomes() {
		told[o.script+" "+o.word] = true
	}
	word := regexp.MustCompile(`'([a-z_]+)'`)
	for name, text := range luaFiles(t) {
		if name == "prelude" {
			continue
		}
		header, _, _ := strings.Cut(text, "\nlocal ")
		_, returns, ok := strings.Cut(header, "-- returns ")
		if !ok {
			t.Errorf("%s.lua: header does not say what it returns", name)
		}
		for _, found := range word.FindAllStringSubmatch(returns, -1) {
			if key := name + " " + found[1]; !told[key] {
				t.Errorf("no test reaches the answer %q", key)
			} else {
				told[key] = false
			}
		}
	}
	for key, left := range told {
		if left {
			t.Errorf("answer %q is tested, but the script's header does not name it", key)
		}
	}
}

func nothing(*kit) {}

// set writes a field of an order by hand.
func (s *kit) set(id string, fields ...any) {
	s.t.Helper()
	s.ok(s.rdb.HSet(s.ctx, s.keys.order(id), fields...).Err())
}

func orderOutcomes() []outcome {
	ready := func(s *kit) { s.fund(10 * unit); s.link() }
	opening := func(s *kit) error { _, err := s.OpenOrder(s.ctx, basket("o1", 2, 1)); return err }
	mine := func(s *kit) { s.order("o1", 2) }
	claiming := func(s *kit) error { _, err := s.ClaimPlacement(s.ctx, request("o1", 1)); return err }
	waking := func(s *kit) error { _, err := s.Wake(s.ctx, "o1", event("RETRY", "o1")); return err }
	return []outcome{
		{"open_order", "opened", ready, opening, true, "exists", ""},
		{"open_order", "exists", func(s *kit) { s.order("o1", 2, 1) }, opening, false, "exists", ""},
		{"open_order", "conflict", mine, func(s *kit) error {
			n := basket("o1", 2)
			n.Buyer, n.Account = 1002, "cust:1002"
			_, err := s.OpenOrder(s.ctx, n)
			return err
		}, false, "conflict", ""},
		{"open_order", "short", func(s *kit) { s.fund(unit); s.link() }, opening, false, "short", ""},
		{"open_order", "closed", func(s *kit) {
			ready(s)
			_, err := s.SwitchBuying(s.ctx, "holiday", event("CLOSED", ""))
			s.ok(err)
		}, opening, false, "closed", ""},
		{"open_order", "paused", func(s *kit) {
			ready(s)
			_, err := s.Pause(s.ctx, "giftz", "no_funds", event("PAUSED", ""))
			s.ok(err)
		}, opening, false, "paused", ""},
		{"open_order", "behind", func(s *kit) { s.fund(10 * unit) }, opening, false, "behind", ""},

		{"claim_placement", "place", mine, claiming, true, "leased", ""},
		{"claim_placement", "resolve", func(s *kit) {
			mine(s)
			s.settle(settlement(s.claim("o1", 1), Pending))
			s.pass(10e9)
		}, claiming, true, "leased", ""},
		{"claim_placement", "gone", func(s *kit) {
			s.ok(s.rdb.ZAdd(s.ctx, s.keys.due(DuePlace), member("o1.1", 1)).Err())
		}, claiming, true, "gone", ""},
		{"claim_placement", "done", func(s *kit) { s.sealed("o1", 1) }, claiming, false, "done", ""},
		{"claim_placement", "leased", func(s *kit) { mine(s); s.claim("o1", 1) }, claiming, false, "leased", ""},
		{"claim_placement", "later", func(s *kit) {
			mine(s)
			s.settle(settlement(s.claim("o1", 1), Pending))
		}, claiming, false, "later", ""},

		{"wake", "ok", mine, waking, true, "ok", "every request of a person is recorded"},
		{"wake", "gone", nothing, waking, false, "gone", ""},
	}
}

func settleOutcomes() []outcome {
	// claimedOne leaves a claimed placement of o1; the fence of the first claim on a fresh shop is 1.
	claimedOne := func(s *kit) { s.order("o1", 2); s.claim("o1", 1) }
	as := func(change func(*Settlement)) func(s *kit) error {
		return func(s *kit) error {
			o, err := s.Order(s.ctx, "o1")
			if err != nil {
				o = Order{ID: "o1", Placements: []Placement{{K: 1, Quantity: 2}}}
			}
			t := settlement(Claim{Order: o, Place: o.Placements[0], Fence: 1}, Fulfilled)
			change(&t)
			_, err = s.Settle(s.ctx, t)
			return err
		}
	}
	same := func(*Settlement) {}
	return []outcome{
		{"settle", "ok", claimedOne, as(same), true, "edge", ""},
		{"settle", "gone", nothing, as(same), false, "gone", ""},
		{"settle", "fenced", func(s *kit) {
			claimedOne(s)
			s.pass(sendBy + 10e9)
			s.claim("o1", 1)
		}, as(same), false, "fenced", ""},
		{"settle", "edge", func(s *kit) { claimedOne(s); s.set("o1", "1.st", "review") },
			as(func(t *Settlement) { t.State = Pending }), false, "edge", ""},
		{"settle", "repeat", func(s *kit) {
			claimedOne(s)
			s.ok(s.rdb.HSet(s.ctx, s.keys.prints(), "print o1 1.2", "o0.1").Err())
		}, as(same), false, "repeat", ""},
		{"settle", "taken", func(s *kit) {
			claimedOne(s)
			s.ok(s.rdb.HSet(s.ctx, s.keys.handles(), "giftz:77", "o0.1").Err())
		}, as(func(t *Settlement) { t.Handle = "77" }), false, "taken", ""},
	}
}

func otherOutcomes() []outcome {
	floor := int64(0)
	moving := func(s *kit) error {
		_, err := s.Move(s.ctx, Transfer{ID: "m1", From: account, To: External, Amount: 500, Floor: &floor, Event: event("MOVED", "")})
		return err
	}
	coding := func(s *kit) error { _, err := s.Code(s.ctx, "giftz/x", []string{"ab", "cd"}); return err }
	linking := func(s *kit) error {
		return s.Link(s.ctx, Head{Hash: ""}, Head{Hash: "aa", ID: "1-1", Seq: 1}, [][]byte{[]byte("mac\x00one")})
	}
	archiving := func(s *kit) error { return s.Archive(s.ctx, "", "base", Event{Kind: "ARCHIVED"}) }
	oldest := Event{ID: "1-1", Kind: "TEST", Order: "o1", Person: "p1", Actor: "p2"}
	entered := func(s *kit) {
		for _, id := range []string{"1-1", "1-2"} {
			s.ok(s.rdb.XAdd(s.ctx, &redis.XAddArgs{Stream: s.keys.events(), ID: id, Values: []string{"k", oldest.Kind}}).Err())
			for _, list := range []string{s.keys.macs(), s.keys.orderEvents("o1"), s.keys.personEvents("p1"), s.keys.kindEvents("TEST"),
				s.keys.actorEvents("p2"), s.keys.groupEvents("g1")} {
				s.ok(s.rdb.RPush(s.ctx, list, id).Err())
			}
		}
	}
	trimming := func(s *kit) error { return s.Trim(s.ctx, []Event{oldest}, []string{"g1"}) }
	indexing := func(s *kit) error {
		return s.Index(s.ctx, "", []Event{{ID: "1-1", Kind: "MOVED", Person: "p1", Actor: "p2"}}, []string{"p1"})
	}
	pausing := func(s *kit) error { _, err := s.Pause(s.ctx, "giftz", "blocked", event("PAUSED", "")); return err }
	return []outcome{
		{"transfer", "moved", func(s *kit) { s.fund(500) }, moving, true, "exists", ""},
		{"transfer", "exists", func(s *kit) { s.fund(500); s.ok(moving(s)) }, moving, false, "exists", ""},
		{"transfer", "conflict", func(s *kit) {
			_, err := s.Move(s.ctx, Transfer{ID: "m1", From: External, To: account, Amount: 500, Event: event("MOVED", "")})
			s.ok(err)
		}, moving, false, "conflict", ""},
		{"transfer", "short", func(s *kit) { s.fund(499) }, moving, false, "short", ""},

		{"record", "ok", nothing, pausing, true, "same", ""},
		{"record", "same", func(s *kit) { s.ok(pausing(s)) }, pausing, false, "same", ""},

		{"code", "ok", nothing, coding, true, "ok", ""},
		{"code", "full", func(s *kit) {
			for _, c := range []string{"ab", "cd"} {
				_, err := s.Code(s.ctx, "other/"+c, []string{c})
				s.ok(err)
			}
		}, coding, false, "full", ""},

		{"link", "ok", nothing, linking, true, "moved", ""},
		{"link", "moved", func(s *kit) { s.link() }, linking, false, "moved", ""},

		{"index", "ok", nothing, indexing, true, "moved", ""},
		{"index", "moved", func(s *kit) { s.ok(indexing(s)) }, indexing, false, "moved", ""},

		{"archive", "ok", nothing, archiving, true, "moved", ""},
		{"archive", "moved", func(s *kit) { s.ok(archiving(s)) }, archiving, false, "moved", ""},

		{"trim", "ok", entered, trimming, true, "moved", ""},
		{"trim", "moved", func(s *kit) { entered(s); s.ok(trimming(s)) }, trimming, false, "moved", ""},

		{"mark", "ok", func(s *kit) { s.order("o1", 1) }, func(s *kit) error { return s.MarkAlarmed(s.ctx, "o1", AlarmedAsk) }, true, "ok", ""},
		{"mark", "gone", nothing, func(s *kit) error { return s.SetOrderMessage(s.ctx, "o1", 8) }, false, "gone", ""},
	}
}

func queueOutcomes() []outcome {
	taking := func(s *kit) error { _, err := s.TakeLease(s.ctx, "poll", 10e9); return err }
	talking := func(s *kit) error { _, err := s.SaveTalk(s.ctx, Talk{Chat: 5, Body: []byte("{}")}, 1); return err }
	drawing := func(s *kit) error { return s.Drawn(s.ctx, TalkID{Chat: 5}, 1, 70) }
	queued := func(s *kit) {
		s.ok(s.rdb.ZAdd(s.ctx, s.keys.due(DueNotice), member("o1", 1)).Err())
		s.due(DueNotice, "o1")
	}
	acking := func(s *kit) error { return s.AckNotice(s.ctx, Due{Member: "o1", Fence: 1}, time.Minute) }
	return []outcome{
		{"lease", "held", nothing, taking, true, "held", ""},
		{"lease", "other", func(s *kit) {
			held, err := s.other().TakeLease(s.ctx, "poll", 10e9)
			s.ok(err)
			if !held {
				s.t.Fatal("a free lease was not given")
			}
		}, taking, false, "other", ""},

		{"save_talk", "ok", nothing, talking, true, "stale", ""},
		{"save_talk", "stale", func(s *kit) { s.ok(talking(s)) }, talking, false, "stale", ""},

		{"drawn", "ok", func(s *kit) { s.ok(talking(s)) }, drawing, true, "ok", ""},
		{"drawn", "stale", func(s *kit) {
			s.ok(talking(s))
			_, err := s.SaveTalk(s.ctx, Talk{Chat: 5, Version: 1}, 2)
			s.ok(err)
		}, func(s *kit) error { return s.Drawn(s.ctx, TalkID{Chat: 5}, 1, 0) }, false, "stale", ""},

		{"ack_due", "ok", queued, acking, true, "fenced", ""},
		{"ack_due", "fenced", func(s *kit) { queued(s); s.pass(40e9); s.due(DueNotice, "o1") }, acking, false, "fenced", ""},
	}
}
