package flows

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// Reporting is a report of a card as far as a talk has come: what a buyer is about to send, or what somebody of the staff is about to say.
type Reporting struct {
	Order   string  `json:"o,omitempty"`
	Card    int     `json:"c,omitempty"`
	Why     string  `json:"w,omitempty"`
	Words   string  `json:"t,omitempty"`
	Picture Picture `json:"p,omitzero"`
	ID      string  `json:"i,omitempty"` // of the screen on display: the report it becomes
	Ticket  string  `json:"k,omitempty"` // the report that words belong to
	Act     string  `json:"a,omitempty"` // what the staff's words are
}

// The rooms of a report.
const (
	roomReport = "report" // what a buyer adds to a report before it is sent
	roomTicket = "ticket" // what a buyer writes in a report that is open
	roomStaff  = "tkword" // what the staff answers
)

// What the staff's words are.
const (
	ticketAnswer = "answer"
	ticketRefuse = "refuse"
)

// wordsLimit is how long words in a report may be, in UTF-16 code units.
const wordsLimit = 300

// ticketVerbs lists the buttons about reports of cards.
func ticketVerbs() map[string]verb {
	return map[string]verb{
		"bad":     {args: []arg{isOrder}, act: (*Desk).showBad, view: true},
		"badcard": {args: []arg{isOrder, isCount}, act: (*Desk).showComplaints, view: true},
		"badwhy":  {args: []arg{isOrder, isCount, isComplaint}, act: (*Desk).showReport, view: true},
		"badgo":   {args: []arg{isTopUp}, act: (*Desk).sendReport},
		"tk":      {args: []arg{isTopUp}, act: (*Desk).showTicket, view: true},
		"tkdone":  {args: []arg{isTopUp}, act: (*Desk).dropTicket},

		"tickets": {args: []arg{isPage}, act: (*Desk).showTickets, view: true, admin: true},
		"tksee":   {args: []arg{isTopUp}, act: (*Desk).seeTicket, view: true, admin: true},
		"tkclaim": {args: []arg{isTopUp}, act: (*Desk).claimTicket, admin: true},
		"tktake":  {args: []arg{isTopUp, isUser}, act: (*Desk).claimTicket, admin: true},
		"tkpic":   {args: []arg{isTopUp}, act: (*Desk).showEvidence, admin: true},
		"tksay":   {args: []arg{isTopUp, isTicketAct}, act: (*Desk).askTicketWords, view: true, admin: true},
		"tkecho":  {args: []arg{isTopUp, isTicketAct}, act: (*Desk).echoTicketWords, view: true, admin: true},
		"tkgo":    {args: []arg{isTopUp, isTicketAct}, act: (*Desk).sendTicketWords, admin: true},
		"tkend":   {args: []arg{isTopUp}, act: (*Desk).endTicket, admin: true},
		"tkpay":   {args: []arg{isTopUp, isTicketPay}, act: (*Desk).showTicketPay, view: true, admin: true},
		"tkpaid":  {args: []arg{isTopUp, isTicketPay}, act: (*Desk).payTicket, admin: true},
	}
}

func ticketCommands() map[string]command {
	return map[string]command{"tickets": {act: view("tickets:0"), admin: true}}
}

func isComplaint(s string) bool { return slices.Contains(checkout.Complaints(), s) }
func isTicketAct(s string) bool { return s == ticketAnswer || s == ticketRefuse }

// reporting is what the talk has of a report.
func (v *visit) reporting() *Reporting {
	if v.talk.Reporting == nil {
		v.talk.Reporting = &Reporting{}
	}
	return v.talk.Reporting
}

// reportRows lead from an order to a report of one of its cards, and to those that are open.
func (d *Desk) reportRows(ctx context.Context, v *visit, o store.Order) ([][]Button, error) {
	if !o.State.Final() || o.Delivered == 0 {
		return nil, nil
	}
	about, err := d.shop.TicketsAbout(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	var rows [][]Button
	for card := range o.Delivered {
		if id := about[card+1]; isTopUp(id) && len(rows) < 3 {
			rows = append(rows, []Button{v.button("report.open", "tk:"+id, "Report", topupName(id))})
		}
	}
	if o.PaidBack < o.Captured {
		rows = append(rows, []Button{v.button("report.bad", "bad:"+o.ID)})
	}
	return rows, nil
}

// reportable reads an order for a report, and draws why there is nothing to report.
func (d *Desk) reportable(ctx context.Context, v *visit, id string) (store.Order, bool, error) {
	o, err := d.shop.Order(ctx, id, v.in.User)
	switch {
	case err != nil:
	case o.Delivered == 0 || !o.State.Final():
		err = checkout.ErrNothing
	case o.Reveal.First.IsZero():
		err = checkout.ErrNeverOpened
	default:
		return o, true, nil
	}
	return o, false, d.unreported(v, err, id)
}

// unreported says why a card cannot be reported.
func (d *Desk) unreported(v *visit, err error, order string) error {
	row := []Button{v.button("button.order", "order:"+order)}
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		return v.refuse(err, "", []Button{v.button("menu.orders", "orders:0")})
	case errors.Is(err, checkout.ErrNothing):
		return v.refuse(err, order, row)
	case errors.Is(err, checkout.ErrNeverOpened):
		v.menu(v.say("report.unopened"), v.say("report.unopened.body"), []Button{v.primary("button.show", "again:"+order)}, v.back("order:"+order))
		return nil
	case errors.Is(err, checkout.ErrReported):
		v.menu(v.say("report.settled"), lines(v.say("report.settled.body"), v.support()), v.back("order:"+order))
		return nil
	case errors.Is(err, checkout.ErrTickets):
		v.menu(v.say("report.many"), lines(v.say("report.many.body"), v.support()), v.back("order:"+order))
		return nil
	}
	return err
}

// showBad asks which card it is; of one card only, what is wrong.
func (d *Desk) showBad(ctx context.Context, v *visit, args []string) error {
	o, ok, err := d.reportable(ctx, v, args[0])
	if !ok {
		return err
	}
	if o.Delivered == 1 {
		return d.open(ctx, v, "badcard:"+o.ID+":1")
	}
	var buttons []Button
	for card := range min(o.Delivered, 80) { // as many as fit under a message
		buttons = append(buttons, v.button("report.card", "badcard:"+o.ID+":"+strconv.Itoa(card+1), "Card", card+1))
	}
	v.menu(v.say("report.title", "Order", orderName(o.ID)), v.say("report.which"), append(columns(4, buttons), v.back("order:"+o.ID))...)
	return nil
}

// showComplaints asks what is wrong with a card.
func (d *Desk) showComplaints(ctx context.Context, v *visit, args []string) error {
	o, ok, err := d.reportable(ctx, v, args[0])
	if !ok {
		return err
	}
	var rows [][]Button
	for _, why := range checkout.Complaints() {
		rows = append(rows, []Button{v.button("report.why."+why, "badwhy:"+o.ID+":"+args[1]+":"+why)})
	}
	back := "order:" + o.ID
	if o.Delivered > 1 {
		back = "bad:" + o.ID
	}
	v.menu(v.say("report.title", "Order", orderName(o.ID)), lines(v.say("report.number", "Card", args[1], "Cards", o.Delivered), v.say("report.what")),
		append(rows, v.back(back))...)
	return nil
}

// showReport echoes a report before it is sent; words and a picture may be added. Its button carries the report's reference, so that two taps
// send it once.
func (d *Desk) showReport(ctx context.Context, v *visit, args []string) error {
	o, ok, err := d.reportable(ctx, v, args[0])
	if !ok {
		return err
	}
	card, err := strconv.Atoi(args[1])
	if err != nil {
		return d.stale(ctx, v)
	}
	r := v.reporting()
	if r.Order != o.ID || r.Card != card || r.Why != args[2] || r.ID == "" {
		*r = Reporting{Order: o.ID, Card: card, Why: args[2], ID: d.shop.NewTopUpID()}
	}
	v.talk.Room = roomReport
	words, picture, late := "", "", ""
	if r.Words != "" {
		words = v.say("report.words", "Words", r.Words)
	}
	if r.Picture.File != "" {
		picture = v.say("report.picture")
	}
	if v.now.Sub(o.Reveal.First) > d.shop.ClaimsWithin() {
		late = "⚠️ " + v.say("report.late", "Hours", int(d.shop.ClaimsWithin().Hours()))
	}
	var rows [][]Button
	ask := v.say("report.add")
	if r.Why == "other" && r.Words == "" {
		ask = v.say("report.needs")
	} else {
		send := v.button("report.send", "badgo:"+r.ID)
		send.Style = "success"
		rows = append(rows, []Button{send})
	}
	v.menu(v.say("report.check"), strings.TrimSpace(spaced([]string{v.say("order.name", "Order", orderName(o.ID)), v.say("report.number", "Card", card, "Cards", o.Delivered),
		v.say("report.reason", "Why", v.say("report.why."+r.Why)), words, picture, "", late, "", ask, "⚠️ " + v.say("report.nocode")})),
		append(rows, v.typing("badcard:"+o.ID+":"+args[1]))...)
	return nil
}

// said is what somebody typed about a report, on one line.
func said(text string) string {
	return clip(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return printed(r)
	}, text)), " "), wordsLimit)
}

// typedTicket takes what was typed, or sent as a picture, about a report.
func (d *Desk) typedTicket(ctx context.Context, v *visit) error {
	r := v.reporting()
	switch v.talk.Room {
	case roomStaff:
		if r.Words = said(v.in.Text); r.Words == "" {
			return d.open(ctx, v, "tksay:"+r.Ticket+":"+r.Act)
		}
		return d.open(ctx, v, "tkecho:"+r.Ticket+":"+r.Act)
	case roomTicket:
		return d.writeTicket(ctx, v, r.Ticket)
	}
	if v.in.Picture.File != "" {
		r.Picture = v.in.Picture
	}
	if text := said(v.in.Text); text != "" {
		text = said(r.Words + " " + text)
		switch err := d.shop.CheckWords(ctx, v.in.User, r.Order, text); {
		case errors.Is(err, checkout.ErrNote):
			return d.secretive(ctx, v)
		case err != nil:
			return d.unreported(v, err, r.Order)
		}
		r.Words = text
	}
	return d.open(ctx, v, "badwhy:"+r.Order+":"+strconv.Itoa(r.Card)+":"+r.Why)
}

// secretive takes a message away that holds a code, and asks again.
func (d *Desk) secretive(ctx context.Context, v *visit) error {
	v.reply.Delete = append(v.reply.Delete, v.in.Message)
	if err := d.open(ctx, v, v.talk.Screen); err != nil {
		return err
	}
	v.remark("⚠️ " + v.say("report.hascode"))
	return nil
}

// sendReport sends it.
func (d *Desk) sendReport(ctx context.Context, v *visit, args []string) error {
	r := v.reporting()
	if r.ID != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	t, err := d.shop.OpenTicket(ctx, v.in.User, checkout.Report{ID: r.ID, Order: r.Order, Card: r.Card, Why: r.Why, Words: r.Words, Picture: r.Picture})
	if open, ok := errors.AsType[*checkout.ReportedError](err); ok {
		return d.open(ctx, v, "tk:"+open.ID)
	}
	if errors.Is(err, checkout.ErrNote) {
		r.Words = ""
		return d.open(ctx, v, "badwhy:"+r.Order+":"+strconv.Itoa(r.Card)+":"+r.Why)
	}
	if err != nil {
		return d.unreported(v, err, r.Order)
	}
	v.talk.Reporting = nil
	return d.open(ctx, v, "tk:"+t.ID)
}
