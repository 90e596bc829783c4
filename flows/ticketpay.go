package flows

import (
	"context"
	"errors"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// showTicketPay shows what a refund or a replacement would do.
func (d *Desk) showTicketPay(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.theTicket(ctx, v, args[0])
	if !ok {
		return err
	}
	if t.State != store.TicketClaimed || t.Admin != v.in.User {
		return d.tended(ctx, v, t.ID, &checkout.TicketStateError{Ticket: t}, "")
	}
	o, err := d.shop.Order(ctx, t.Order, 0)
	if err != nil {
		return err
	}
	whole := ""
	if o.Delivered == 1 {
		whole = v.say("ticket.whole")
	}
	if args[1] == payReplace {
		if err := d.shop.Replaceable(ctx, t.Order); err != nil {
			return d.unpaid(ctx, v, t.ID, err)
		}
	}
	confirm := v.button("ticket.pay."+args[1], "tkpaid:"+t.ID+":"+args[1], "Amount", v.money(o.Unit))
	confirm.Style = "danger"
	v.menu(v.say("report.name", "Report", topupName(t.ID)), lines(v.say("ticket.body."+args[1], "Amount", v.money(o.Unit)), whole), []Button{confirm}, v.back("tksee:"+t.ID))
	return nil
}

// payTicket pays, or asks whoever has to approve it.
func (d *Desk) payTicket(ctx context.Context, v *visit, args []string) error {
	v.accept()
	err := d.shop.PayTicket(ctx, v.in.User, args[0], args[1] == payReplace)
	if asked, err := d.secured(ctx, v, err); asked {
		return err
	}
	return d.unpaid(ctx, v, args[0], err)
}

// unpaid shows a report after a try to pay it, and why nothing was paid.
func (d *Desk) unpaid(ctx context.Context, v *visit, id string, err error) error {
	said := ""
	if screen, on := errors.AsType[*checkout.OnScreenError](err); on {
		said, err = v.say("ticket.onscreen", "Until", v.until(screen.Until, v.now)), nil
	}
	if price, dear := errors.AsType[*checkout.PriceError](err); dear {
		said, err = v.say("ticket.dear", "Price", v.money(price.Unit)), nil
	}
	for _, known := range []struct {
		err error
		key string
	}{
		{checkout.ErrOutOfStock, "ticket.sold_out"}, {checkout.ErrUnavailable, "ticket.unavailable"}, {checkout.ErrClosed, "ticket.shut"},
		{checkout.ErrNotFound, "ticket.delisted"}, {checkout.ErrNoRefund, "ticket.note." + checkout.NoteNoRefund},
	} {
		if errors.Is(err, known.err) {
			said, err = v.say(known.key), nil
		}
	}
	if said != "" {
		said = "⚠️ " + said
	}
	return d.tended(ctx, v, id, err, said)
}

// reportOf says which report an act is about, and what follows it; empty for none.
func (v *visit) reportOf(act checkout.Act) string {
	switch {
	case act.Ticket == "":
		return ""
	case act.Replace:
		return v.say("deed.replace", "Report", topupName(act.Ticket))
	}
	return v.say("report.name", "Report", topupName(act.Ticket))
}
