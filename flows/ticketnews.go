package flows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// ticketNews is what the desk needs to bring reports to the staff and their fate to their buyers.
type ticketNews interface {
	SetTicketPost(ctx context.Context, id string, admin int64, message int) error
	SetTicketTold(ctx context.Context, id, what string) error
	SetTicketHeard(ctx context.Context, id, ref string) error
}

// TicketTold is what a message about a report has brought, as it is remembered with the report.
type TicketTold struct {
	ID    string
	State string // told to the buyer; empty on a card of the staff
	Heard string // the buyer's words that the staff was told of
}

// tellable is what a buyer has to be told now: how the report ended, or that the staff wrote; empty for nothing.
func tellable(t store.Ticket) string {
	switch t.State {
	case store.TicketRefunded, store.TicketReplaced, store.TicketRefused, store.TicketClosed:
		return string(t.State)
	case store.TicketPaying:
		return ""
	}
	n := 0
	for _, w := range t.Words {
		if w.Staff {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "answer" + number(n)
}

// ticketNotice says what to edit and send: the report before each of the staff as it stands, words of the buyer to who has it, and the fate or
// an answer to the buyer, once.
func (d *Desk) ticketNotice(ctx context.Context, id string) (Reply, error) {
	t, err := d.shop.Ticket(ctx, id, 0)
	if errors.Is(err, checkout.ErrNotFound) {
		return Reply{}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("read ticket: %w", err)
	}
	var reply Reply
	if what := tellable(t); what != "" && what != t.Told {
		screen, err := d.ticketFate(ctx, t, what)
		if err != nil {
			return Reply{}, err
		}
		reply.Screens = append(reply.Screens, screen)
	}
	staff, err := d.whoMay(ctx, "tkclaim")
	if err != nil {
		return Reply{}, err
	}
	for _, admin := range staff {
		if t.Posts[admin] == 0 && t.State.Ended() {
			continue
		}
		screen, err := d.ticketCard(ctx, admin, t)
		if err != nil {
			return Reply{}, err
		}
		reply.Screens = append(reply.Screens, screen)
		if admin == t.Admin && t.Last != t.Heard && t.State == store.TicketClaimed {
			who, err := d.known(ctx, admin)
			if err != nil {
				return Reply{}, err
			}
			said := who.alone(t.Words[len(t.Words)-1].Text)
			reply.Screens = append(reply.Screens, ticketNote(who, t, who.say("ticket.wrote"), said, "tksee:", TicketTold{ID: t.ID, Heard: t.Last}))
		}
	}
	return reply, nil
}

// ticketCard is a report before the eyes of one of the staff, edited in place as it goes on.
func (d *Desk) ticketCard(ctx context.Context, admin int64, t store.Ticket) (Screen, error) {
	who, err := d.known(ctx, admin)
	if err != nil {
		return Screen{}, err
	}
	body, err := d.ticketFacts(ctx, who, t)
	if err != nil {
		return Screen{}, err
	}
	title := who.say("report.name", "Report", topupName(t.ID))
	var row []Button
	switch {
	case t.State == store.TicketOpen:
		row = []Button{who.primary("topup.claim", "tkclaim:"+t.ID)}
	case !t.State.Ended():
		row = []Button{who.button("topup.look", "tksee:"+t.ID)}
	}
	return Screen{Chat: admin, Edit: t.Posts[admin], Text: clip(title+"\n\n"+body, textLimit), Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Rows: kept(row), Keep: true, Language: who.language, Ticket: TicketTold{ID: t.ID}}, nil
}

// ticketFate tells a buyer what the staff wrote, or how the report ended.
func (d *Desk) ticketFate(ctx context.Context, t store.Ticket, what string) (Screen, error) {
	v, err := d.known(ctx, t.User)
	if err != nil {
		return Screen{}, err
	}
	o, err := d.shop.Order(ctx, t.Order, 0)
	if err != nil {
		return Screen{}, err
	}
	head, body := "", d.verdict(v, t, o)
	if !t.State.Ended() {
		head = v.say("report.answer")
		for _, w := range t.Words {
			if w.Staff {
				body = v.alone(w.Text)
			}
		}
	}
	return ticketNote(v, t, head, body, "tk:", TicketTold{ID: t.ID, State: what}), nil
}

// ticketNote is a short message that leads to a report.
func ticketNote(v *visit, t store.Ticket, head, body, way string, told TicketTold) Screen {
	title := v.say("report.name", "Report", topupName(t.ID))
	return Screen{Chat: v.in.User, Text: clip(title+"\n\n"+lines(head, body), textLimit), Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Rows: kept([]Button{v.primary("topup.look", way+t.ID)}), Keep: true, Language: v.language, Ticket: told}
}

// afterTicket is when news of a report, or of the move of an account, come again: after a failure that may pass. Who cannot be reached finds it in the menus.
func afterTicket(_ context.Context, _ string, failure error) (time.Duration, error) {
	if failure != nil && !errors.Is(failure, checkout.ErrUnreachable) {
		return noticeRetry, nil
	}
	return 0, nil
}

// rememberTicket stores which message is a report before one of the staff, and what its buyer was told.
func (d *Desk) rememberTicket(ctx context.Context, s Sent) error {
	told := s.Screen.Ticket
	var err error
	switch {
	case told.ID == "":
	case told.State != "":
		err = d.talks.SetTicketTold(ctx, told.ID, told.State)
	case told.Heard != "":
		err = d.talks.SetTicketHeard(ctx, told.ID, told.Heard)
	case s.Message != s.Screen.Edit:
		err = d.talks.SetTicketPost(ctx, told.ID, s.Screen.Chat, s.Message)
	}
	if err != nil {
		return fmt.Errorf("remember ticket: %w", err)
	}
	return nil
}
