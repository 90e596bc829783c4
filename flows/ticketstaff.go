package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// How a report may be paid.
const (
	payRefund  = "refund"
	payReplace = "replace"
)

func isTicketPay(s string) bool { return s == payRefund || s == payReplace }

// showTickets lists the reports that have not ended, oldest first, with their age.
func (d *Desk) showTickets(ctx context.Context, v *visit, args []string) error {
	page := pageOf(args[0])
	list, more, err := d.shop.Tickets(ctx, page, waitingSize)
	if err != nil {
		return err
	}
	body := []string{v.say("tickets.none")}
	if len(list) > 0 {
		body = nil
	}
	var rows [][]Button
	for _, t := range list {
		body = append(body, v.say("tickets.line", "Report", topupName(t.ID), "Why", v.say("report.why."+t.Why), "Time", v.moment(t.Created),
			"Minutes", int(v.now.Sub(t.Created).Minutes()), "State", v.ticketState(t)))
		rows = append(rows, []Button{{Text: topupName(t.ID), Data: "tksee:" + t.ID}})
	}
	rows = append(rows, v.pager(page, more, func(p int) string { return "tickets:" + number(p) }),
		[]Button{v.button("button.refresh", "tickets:"+args[0])}, v.back("admin"))
	v.menu(v.say("tickets.title"), strings.Join(body, "\n"), rows...)
	return nil
}

// ticketState says where a report stands, and whose turn it is.
func (v *visit) ticketState(t store.Ticket) string {
	if t.State == store.TicketClaimed && t.Waits.IsZero() {
		return v.say("ticket.state.answered")
	}
	return v.say("ticket.state." + string(t.State))
}

// ticketFacts is what somebody of the staff is told of a report: never a code.
func (d *Desk) ticketFacts(ctx context.Context, v *visit, t store.Ticket) (string, error) {
	o, err := d.shop.Order(ctx, t.Order, 0)
	if err != nil {
		return "", err
	}
	snap, err := checkout.SnapshotOf(o)
	if err != nil {
		return "", err
	}
	person, err := d.known(ctx, t.User)
	if err != nil {
		return "", err
	}
	n, err := d.shop.Reports(ctx, t.User, t.Line)
	if err != nil {
		return "", err
	}
	within, picture, by, note := v.say("ticket.within", "Hours", int(d.shop.ClaimsWithin().Hours())), "", "", ""
	if t.Late {
		within = "⚠️ " + v.say("ticket.late", "Hours", int(d.shop.ClaimsWithin().Hours()))
	}
	if t.Picture.File != "" {
		picture = v.say("report.picture")
	}
	if t.Admin != 0 {
		admin, err := d.known(ctx, t.Admin)
		if err != nil {
			return "", err
		}
		if t.Admin == v.in.User { // whose name may have come with this very step
			admin = v
		}
		by = v.say("topup.claimedby", "Name", first(admin.talk.Name, strconv.FormatInt(t.Admin, 10)))
	}
	switch t.Note {
	case "":
	case checkout.NoteNoRefund, checkout.NoteNoOrder:
		note = "⚠️ " + v.say("ticket.note."+t.Note)
	default:
		note = v.say("credit.note", "Note", t.Note)
	}
	shown := v.say("ticket.shown", "Time", v.moment(o.Reveal.First), "Shown", o.Reveal.Shown)
	return strings.TrimSpace(spaced([]string{
		v.say("credit.user", "User", userName(t.User, person.customer)), v.say("topup.name", "Name", first(person.talk.Name, "?")), "",
		v.say("order.name", "Order", orderName(o.ID)), v.alone(soldName(snap)), v.say("ticket.supplier", "Provider", o.Provider, "Price", v.money(o.Unit)),
		v.say("report.number", "Card", t.Card, "Cards", o.Delivered), shown, within, "",
		v.say("report.reason", "Why", v.say("report.why."+t.Why)), v.dialog(t, "ticket.buyer", "ticket.staff"), picture, "",
		v.count("ticket.person", int(n.Person)), v.count("ticket.product", int(n.Line)), "",
		v.say("topup.stands", "State", v.ticketState(t)), by, note})), nil
}

// theTicket reads the report that somebody of the staff means, and draws the refusal if there is none.
func (d *Desk) theTicket(ctx context.Context, v *visit, id string) (store.Ticket, bool, error) {
	t, err := d.shop.Ticket(ctx, id, 0)
	if errors.Is(err, checkout.ErrNotFound) {
		v.menu(v.say("ticket.unknown"), "", []Button{v.button("admin.tickets", "tickets:0")}, v.home())
		return t, false, nil
	}
	return t, err == nil, err
}

// seeTicket draws a report for the staff, with what may be done about it.
func (d *Desk) seeTicket(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.theTicket(ctx, v, args[0])
	if !ok {
		return err
	}
	body, err := d.ticketFacts(ctx, v, t)
	if err != nil {
		return err
	}
	v.menu(v.say("report.name", "Report", topupName(t.ID)), body, append(v.ticketHandles(t), v.back("tickets:0"))...)
	return nil
}

// ticketHandles are what somebody of the staff may do about a report.
func (v *visit) ticketHandles(t store.Ticket) [][]Button {
	var rows [][]Button
	switch {
	case t.State == store.TicketOpen:
		rows = append(rows, []Button{v.primary("topup.claim", "tkclaim:"+t.ID)})
	case t.State == store.TicketClaimed && t.Admin == v.in.User:
		refuse := v.button("ticket.refuse", "tksay:"+t.ID+":"+ticketRefuse)
		refuse.Style = "danger"
		rows = append(rows, []Button{v.primary("ticket.answer", "tksay:"+t.ID+":"+ticketAnswer)},
			[]Button{v.button("ticket.refund", "tkpay:"+t.ID+":"+payRefund), v.button("ticket.replace", "tkpay:"+t.ID+":"+payReplace)},
			[]Button{refuse, v.button("ticket.close", "tkend:"+t.ID)})
	case t.State == store.TicketClaimed:
		rows = append(rows, []Button{v.button("topup.takeover", "tktake:"+t.ID+":"+strconv.FormatInt(t.Admin, 10))})
	}
	last := []Button{v.button("decide.order", "any:"+t.Order)}
	if t.Picture.File != "" {
		last = append(last, v.button("topup.picture", "tkpic:"+t.ID))
	}
	return append(rows, last)
}

// showEvidence sends the picture of a report.
func (d *Desk) showEvidence(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.theTicket(ctx, v, args[0])
	if !ok || t.Picture.File == "" {
		return err
	}
	v.keep(Screen{Text: v.say("report.name", "Report", topupName(t.ID)), Picture: t.Picture})
	return nil
}

// claimTicket takes a report, also over from somebody else.
func (d *Desk) claimTicket(ctx context.Context, v *visit, args []string) error {
	v.accept()
	from := int64(0)
	if len(args) > 1 {
		from, _ = strconv.ParseInt(args[1], 10, 64)
	}
	return d.tended(ctx, v, args[0], d.shop.ClaimTicket(ctx, v.in.User, args[0], from), "")
}

// tended shows a report after a step, and why the step was not taken.
func (d *Desk) tended(ctx context.Context, v *visit, id string, err error, done string) error {
	_, moved := errors.AsType[*checkout.TicketStateError](err)
	switch {
	case moved:
		done = v.say("topup.moved")
	case errors.Is(err, checkout.ErrNote):
		done = "⚠️ " + v.say("ticket.unkept")
	case errors.Is(err, checkout.ErrWordy):
		done = "⚠️ " + v.say("report.wordy")
	case err != nil && !errors.Is(err, checkout.ErrNotFound):
		return err
	}
	if err := d.open(ctx, v, "tksee:"+id); err != nil {
		return err
	}
	if done != "" {
		v.remark(done)
	}
	return nil
}

// askTicketWords lets somebody of the staff type what the buyer will read.
func (d *Desk) askTicketWords(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.theTicket(ctx, v, args[0])
	if !ok {
		return err
	}
	r := v.reporting()
	*r = Reporting{Ticket: t.ID, Act: args[1]}
	v.talk.Room = roomStaff
	v.menu(v.say("report.name", "Report", topupName(t.ID)), v.say("ticket.type."+args[1]), v.typing("tksee:"+t.ID))
	return nil
}

// echoTicketWords repeats them before the buyer reads them.
func (d *Desk) echoTicketWords(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.theTicket(ctx, v, args[0])
	if !ok {
		return err
	}
	r := v.reporting()
	if r.Ticket != t.ID || r.Words == "" {
		return d.open(ctx, v, "tksee:"+t.ID)
	}
	send := v.button("ticket.send."+args[1], "tkgo:"+t.ID+":"+args[1])
	send.Style = "success"
	v.menu(v.say("report.name", "Report", topupName(t.ID)), lines(v.say("ticket.reads"), "", v.alone(r.Words)), []Button{send}, v.back("tksay:"+t.ID+":"+args[1]))
	return nil
}

// sendTicketWords answers, or refuses.
func (d *Desk) sendTicketWords(ctx context.Context, v *visit, args []string) error {
	r := v.reporting()
	if r.Ticket != args[0] || r.Words == "" {
		return d.stale(ctx, v)
	}
	v.accept()
	var err error
	if args[1] == ticketRefuse {
		err = d.shop.RefuseTicket(ctx, v.in.User, args[0], r.Words)
	} else {
		err = d.shop.AnswerTicket(ctx, v.in.User, args[0], r.Words, strconv.FormatInt(v.in.Update, 10))
	}
	v.talk.Reporting = nil
	return d.tended(ctx, v, args[0], err, "")
}

// endTicket ends a report without money and without words.
func (d *Desk) endTicket(ctx context.Context, v *visit, args []string) error {
	v.accept()
	return d.tended(ctx, v, args[0], d.shop.CloseTicket(ctx, v.in.User, args[0]), "")
}
