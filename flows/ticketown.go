package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// showTicket draws a report for its buyer: what was said, and what became of it. While it is open the buyer may write there.
func (d *Desk) showTicket(ctx context.Context, v *visit, args []string) error {
	t, err := d.shop.Ticket(ctx, args[0], v.in.User)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.orders", "orders:0")})
	}
	body, err := d.ticketStory(ctx, v, t)
	if err != nil {
		return err
	}
	var rows [][]Button
	switch {
	case t.State == store.TicketReplaced:
		rows = append(rows, []Button{v.primary("report.new", "order:"+t.New)})
	case t.State == store.TicketRefunded:
		rows = append(rows, []Button{v.button("menu.balance", "wallet")})
	case t.State != store.TicketPaying && !t.State.Ended():
		v.talk.Room, v.reporting().Ticket = roomTicket, t.ID
		rows = append(rows, []Button{v.button("button.refresh", "tk:"+t.ID), v.button("report.done", "tkdone:"+t.ID)})
		body += "\n\n" + v.say("report.write")
	}
	v.menu(v.say("report.name", "Report", topupName(t.ID)), body, append(rows, v.back("order:"+t.Order))...)
	return nil
}

// ticketStory tells a report to its buyer.
func (d *Desk) ticketStory(ctx context.Context, v *visit, t store.Ticket) (string, error) {
	o, err := d.shop.Order(ctx, t.Order, 0)
	if err != nil {
		return "", err
	}
	snap, err := checkout.SnapshotOf(o)
	if err != nil {
		d.log.Error("snapshot cannot be read", "order", o.ID, "err", err)
	}
	late := ""
	if t.Late {
		late = v.say("report.late", "Hours", int(d.shop.ClaimsWithin().Hours()))
	}
	return strings.TrimSpace(spaced([]string{v.say("order.name", "Order", orderName(o.ID)), v.alone(soldName(snap)), v.say("report.number", "Card", t.Card, "Cards", o.Delivered),
		v.say("report.reason", "Why", v.say("report.why."+t.Why)), "", v.dialog(t, "report.you", "report.staff"), "", d.verdict(v, t, o), late})), nil
}

// dialog is what was said in a report.
func (v *visit) dialog(t store.Ticket, buyer, staff string) string {
	var out []string
	for _, w := range t.Words {
		key := buyer
		if w.Staff {
			key = staff
		}
		out = append(out, v.say(key, "Time", v.moment(w.At), "Words", w.Text))
	}
	return strings.Join(out, "\n")
}

// verdict says where a report stands, and what became of the money.
func (d *Desk) verdict(v *visit, t store.Ticket, o store.Order) string {
	switch t.State {
	case store.TicketPaying:
		return v.say("report.paying")
	case store.TicketRefunded:
		why := ""
		if t.Note == checkout.NoteNoOrder {
			why = v.say("report.noorder")
		}
		return lines(v.say("report.refunded", "Amount", v.money(o.Unit)), why)
	case store.TicketReplaced:
		return v.say("report.replaced", "Order", orderName(t.New))
	case store.TicketRefused:
		return lines(v.say("report.refused", "Reason", t.Note), v.say("money.none"), v.support())
	case store.TicketClosed:
		return v.say("report.closed")
	}
	if t.Waits.IsZero() {
		return v.say("report.yours")
	}
	return lines(v.say("report.received"), v.attendedTo("report.when."))
}

// writeTicket takes further words of the buyer.
func (d *Desk) writeTicket(ctx context.Context, v *visit, id string) error {
	text := said(v.in.Text)
	if text == "" { // a picture without words: one picture comes with the report
		if err := d.open(ctx, v, "tk:"+id); err != nil {
			return err
		}
		v.remark("⚠️ " + v.say("report.onlywords"))
		return nil
	}
	err := d.shop.WriteTicket(ctx, v.in.User, id, text, strconv.FormatInt(v.in.Update, 10))
	_, moved := errors.AsType[*checkout.TicketStateError](err)
	switch {
	case errors.Is(err, checkout.ErrNote):
		return d.secretive(ctx, v)
	case err != nil && !moved && !errors.Is(err, checkout.ErrWordy):
		return v.refuse(err, "", []Button{v.button("menu.orders", "orders:0")})
	}
	if open := d.open(ctx, v, "tk:"+id); open != nil {
		return open
	}
	if errors.Is(err, checkout.ErrWordy) {
		v.remark("⚠️ " + lines(v.say("report.wordy"), v.support()))
	}
	return nil
}

// dropTicket ends a report by its buyer's word.
func (d *Desk) dropTicket(ctx context.Context, v *visit, args []string) error {
	if _, err := d.shop.Ticket(ctx, args[0], v.in.User); err != nil {
		return v.refuse(err, "", []Button{v.button("menu.orders", "orders:0")})
	}
	v.accept()
	err := d.shop.CloseTicket(ctx, v.in.User, args[0])
	if _, moved := errors.AsType[*checkout.TicketStateError](err); err != nil && !moved {
		return err
	}
	return d.open(ctx, v, "tk:"+args[0])
}
