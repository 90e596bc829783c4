package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

const ticket = "4F7K2M"

// complaint is a report of a card of o1 by its buyer.
func complaint(id string, card int) NewTicket {
	return NewTicket{ID: id, Order: "o1", Line: "GRAB", Why: "used", Words: "locked", User: buyer, Card: card, Picture: Picture{File: "f"}, Daily: 3,
		Within: 72 * time.Hour, Member: "tk:" + id, Event: event("TICKET_OPENED", "o1")}
}

// opened brings o1, of two cards, so far that they were shown, and opens reports of some.
func (s *kit) opened(cards ...int) {
	s.t.Helper()
	s.sealed("o1", 2)
	s.show("o1", 1)
	s.sweep("o1")
	for _, card := range cards {
		_, err := s.OpenTicket(s.ctx, complaint(ticketNamed(card), card))
		s.ok(err)
	}
}

// ticketNamed is the id of the report of a card in these tests.
func ticketNamed(card int) string {
	if card == 1 {
		return ticket
	}
	return fmt.Sprintf("AAAAA%d", card)
}

// tend takes a step of the report of card 1.
func (s *kit) tend(to TicketState, who int64, change ...func(*TicketStep)) error {
	st := TicketStep{To: to, Who: who, Text: "why", Pause: time.Minute, Member: "tk:" + ticket, Event: event("TICKET_STEP", "o1")}
	for _, c := range change {
		c(&st)
	}
	_, err := s.StepTicket(s.ctx, Ticket{ID: ticket, Order: "o1"}, st)
	return err
}

func (s *kit) ticket() Ticket {
	s.t.Helper()
	t, err := s.Ticket(s.ctx, ticket)
	s.ok(err)
	return t
}

func ref(text string) func(*TicketStep) { return func(st *TicketStep) { st.Ref = text } }

// ticketOutcomes lists every answer of the scripts about reports.
func ticketOutcomes() []outcome {
	report := func(change func(*NewTicket)) func(s *kit) error {
		return func(s *kit) error {
			n := complaint(ticket, 1)
			change(&n)
			_, err := s.OpenTicket(s.ctx, n)
			return err
		}
	}
	same := func(*NewTicket) {}
	shown := func(s *kit) { s.opened() }
	one := func(s *kit) { s.opened(1) }
	mine := func(s *kit) { one(s); s.ok(s.tend(TicketClaimed, 9)) }
	step := func(to TicketState, who int64) func(s *kit) error {
		return func(s *kit) error { return s.tend(to, who, ref("7")) }
	}
	return []outcome{
		{"open_ticket", "opened", shown, report(same), true, "exists", ""},
		{"open_ticket", "exists", one, report(same), false, "exists", ""},
		{"open_ticket", "conflict", one, report(func(n *NewTicket) { n.Card = 2 }), false, "conflict", ""},
		{"open_ticket", "gone", shown, report(func(n *NewTicket) { n.User++ }), false, "gone", ""},
		{"open_ticket", "nothing", shown, report(func(n *NewTicket) { n.Card = 3 }), false, "nothing", ""},
		{"open_ticket", "unopened", func(s *kit) { s.sealed("o1", 2) }, report(same), false, "unopened", ""},
		{"open_ticket", "busy", one, report(func(n *NewTicket) { n.ID = "BBBBBB" }), false, "busy", ""},
		{"open_ticket", "done", func(s *kit) { mine(s); s.ok(s.tend(TicketPaying, 9)); s.ok(s.tend(TicketRefunded, 0)) },
			report(func(n *NewTicket) { n.ID = "BBBBBB" }), false, "done", ""},
		{"open_ticket", "many", shown, report(func(n *NewTicket) { n.Daily = 0 }), false, "many", ""},

		{"step_ticket", "ok", mine, step(TicketAnswered, 9), true, "same", ""},
		{"step_ticket", "same", mine, step(TicketClaimed, 9), false, "same", ""},
		{"step_ticket", "gone", nothing, step(TicketClaimed, 9), false, "gone", ""},
		{"step_ticket", "edge", mine, step(TicketAnswered, 8), false, "edge", ""},
		{"step_ticket", "full", func(s *kit) {
			mine(s)
			for i := range mostWords - 3 { // the first words, and the two fields of the picture
				s.ok(s.tend(TicketWritten, buyer, ref(fmt.Sprint(100+i))))
			}
		}, step(TicketWritten, buyer), false, "full", ""},
	}
}

// TestTicketSteps walks every step from every state, by who has the report, by another admin, by its buyer and by the shop: only the listed
// cells act.
func TestTicketSteps(t *testing.T) {
	const admin, other = 9, 8
	allowed := map[string]bool{}
	for _, cell := range []string{
		"open claimed 9", "open claimed 8", "open written 1001", "open closed 1001",
		"claimed answered 9", "claimed written 1001", "claimed paying 9", "claimed refused 9", "claimed closed 9", "claimed closed 1001",
		"paying back 0", "paying refunded 0", "paying replaced 0",
	} {
		allowed[cell] = true
	}
	roads := map[TicketState]func(s *kit){
		TicketOpen:    func(*kit) {},
		TicketClaimed: func(s *kit) { s.ok(s.tend(TicketClaimed, admin)) },
		TicketPaying:  func(s *kit) { s.ok(s.tend(TicketClaimed, admin)); s.ok(s.tend(TicketPaying, admin)) },
		TicketRefused: func(s *kit) { s.ok(s.tend(TicketClaimed, admin)); s.ok(s.tend(TicketRefused, admin)) },
		TicketClosed:  func(s *kit) { s.ok(s.tend(TicketClosed, buyer)) },
		TicketReplaced: func(s *kit) {
			s.ok(s.tend(TicketClaimed, admin))
			s.ok(s.tend(TicketPaying, admin))
			s.ok(s.tend(TicketReplaced, 0))
		},
	}
	both(t, func(t *testing.T, s *kit) {
		for from, road := range roads {
			for _, to := range []TicketState{TicketClaimed, TicketAnswered, TicketWritten, TicketPaying, TicketBack, TicketRefunded, TicketReplaced,
				TicketRefused, TicketClosed} {
				for _, who := range []int64{admin, other, buyer, 0} {
					s.clear()
					s.seeds = 0
					s.opened(1)
					road(s)
					before := s.dump()
					err := s.tend(to, who, ref("5"))
					cell := fmt.Sprintf("%s %s %d", from, to, who)
					switch {
					case allowed[cell] && err != nil:
						t.Errorf("%s: %v", cell, err)
					case !allowed[cell] && err == nil && from != to:
						t.Errorf("%s was taken", cell)
					case !allowed[cell]:
						s.unchanged(before)
					}
				}
			}
		}
	})
}

// TestTicketLife: words stand in their order and once, the staff's turn is known, and a report that ended without money makes room for another.
func TestTicketLife(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.opened(1, 2)
		s.ok(s.tend(TicketClaimed, 9))
		for range 2 {
			s.ok(s.tend(TicketAnswered, 9, ref("20")))
		}
		if got := s.ticket(); !got.Waits.IsZero() || len(got.Words) != 2 || !got.Words[1].Staff {
			t.Errorf("answered: %+v", got)
		}
		s.ok(s.tend(TicketWritten, buyer, ref("21")))
		if got := s.ticket(); got.Waits.IsZero() || got.Last != "21" || len(got.Words) != 3 || got.Words[2].Staff {
			t.Errorf("written: %+v", got)
		}
		if list, more, err := s.OpenTickets(s.ctx, 0, 1); err != nil || !more || len(list) != 1 || list[0].ID != ticket {
			t.Errorf("open: %+v, %v, %v", list, more, err)
		}
		s.ok(s.tend(TicketRefused, 9))
		if n, err := s.Reports(s.ctx, buyer, "GRAB"); err != nil || n.Person != 2 || n.Line != 2 {
			t.Errorf("counted %+v, %v", n, err)
		}
		_, err := s.OpenTicket(s.ctx, complaint("BBBBBB", 1))
		s.ok(err)
		_, err = s.OpenTicket(s.ctx, complaint("CCCCCC", 1))
		if _, busy := errors.AsType[*BusyError](err); !busy {
			t.Errorf("a second report about the card: %v", err)
		}
		s.pass(73 * time.Hour)
		n := complaint("DDDDDD", 2)
		n.ID, n.Card = "DDDDDD", 2
		s.ok(s.rdb.HDel(s.ctx, s.keys.ticketCards("o1"), "2").Err())
		_, err = s.OpenTicket(s.ctx, n)
		s.ok(err)
		late, err := s.Ticket(s.ctx, "DDDDDD")
		if s.ok(err); !late.Late || s.ticket().Late {
			t.Error("what is late is not told from what is in time")
		}
	})
}

// TestFirstTapHasTheTicket: of many who claim a report at once one has it.
func TestFirstTapHasTheTicket(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.opened(1)
		var wg sync.WaitGroup
		won := make(chan int64, 40)
		for who := int64(1); who <= 40; who++ {
			wg.Go(func() {
				if s.tend(TicketClaimed, who) == nil {
					won <- who
				}
			})
		}
		wg.Wait()
		if len(won) != 1 || s.ticket().Admin != <-won {
			t.Errorf("%d have the report", len(won)+1)
		}
	})
}
