package flows

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// unopened tells whether an order's cards wait for their first showing.
func unopened(o store.Order) bool { return o.Reveal.State == store.Sealed && o.Reveal.Shown == 0 }

// bought tells whether an order is in a list.
func bought(orders []store.Order, id string) bool {
	return slices.ContainsFunc(orders, func(o store.Order) bool { return o.ID == id })
}

// timeline turns the pressed confirm screen into the order's timeline; it is no menu any more.
func (d *Desk) timeline(v *visit, o store.Order) error {
	v.talk.Screen, v.talk.Room = "tl:"+o.ID, ""
	edit := o.Message
	if o.Post != v.in.Chat { // a group that became a supergroup has other messages
		edit = 0
	}
	if v.in.Button != "" && (edit == 0 || v.in.Message == v.live) {
		edit = v.in.Message
	}
	if edit != 0 && edit == v.live {
		v.leave()
	}
	screen := d.timelineScreen(v.speech, o, edit, v.customer)
	screen.Chat = v.in.Chat
	v.keep(screen)
	return nil
}

// showTimeline draws an order's timeline in its message.
func (d *Desk) showTimeline(ctx context.Context, v *visit, args []string) error {
	o, err := d.shop.Order(ctx, args[0], v.in.User)
	if err != nil {
		return v.refuse(err, "")
	}
	return d.timeline(v, o)
}

// timelineScreen is the one message that tells how far an order is.
func (d *Desk) timelineScreen(s speech, o store.Order, edit int, customer int64) Screen {
	title, body := d.story(s, o, customer)
	v := &visit{speech: s}
	row := []Button{v.button("menu.orders", "orders:0"), v.button("button.home", "menu")}
	var wait []Button
	if !o.State.Final() {
		wait = []Button{v.button("timeline.processing", "tl:"+o.ID)}
	}
	var rows [][]Button
	if public(o) {
		var open []Button
		body, open = d.publicly(s, o, body)
		rows = filled([][]Button{belonging(o.Buyer, wait), open})
	} else {
		rows = kept(wait, row)
	}
	return Screen{
		Edit: edit, Text: clip(title+"\n\n"+body, textLimit), Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Rows: rows, Keep: true, Order: o.ID, Language: s.language,
	}
}

// story tells an order of the customer with that number from payment to deletion.
func (d *Desk) story(s speech, o store.Order, customer int64) (title, body string) {
	snap, err := checkout.SnapshotOf(o)
	if err != nil {
		d.log.Error("snapshot cannot be read", "order", o.ID, "err", err)
	}
	account := ""
	if snap.Account != "" {
		account = s.say("confirm.account", "Service", string(snap.Service), "Number", shownNumber(snap.Account))
	}
	var facts []string
	for _, f := range snap.Facts {
		facts = append(facts, s.fact(f))
	}
	title = s.say("order.name", "Order", orderName(o.ID))
	body = lines(
		s.say("order.product", "Product", soldName(snap), "Quantity", o.Quantity), account,
		s.say("confirm.total", "Total", s.money(o.Total)), s.alone(s.day(o.Created)), s.numberLine(customer),
	) + "\n\n" + lines(steps(s, o)...) + "\n\n" + d.status(s, o, snap)
	if o.PaidBack > 0 {
		body += "\n" + s.say("status.paidback", "Amount", s.signed(o.PaidBack))
	}
	if len(facts) > 0 {
		body += "\n\n" + strings.Join(facts, "\n")
	}
	if o.State == store.Review || o.State == store.Refused || o.State == store.InDoubt {
		body += "\n" + s.support()
	}
	return title, body
}

// soldName is the product as it was sold.
func soldName(snap checkout.Snapshot) string {
	if snap.Name == "" || strings.Contains(fold(snap.Name), fold(snap.Title)) {
		return clip(first(snap.Name, snap.Title), 80)
	}
	return clip(snap.Title, 80) + " · " + clip(snap.Name, 80)
}

// steps are the order's stations with their times.
func steps(s speech, o store.Order) []string {
	var out []string
	at := func(t time.Time, key string, args ...any) {
		if !t.IsZero() {
			out = append(out, s.say("timeline.line", "Time", s.until(t, o.Created), "What", s.say(key, args...)))
		}
	}
	at(o.Created, "timeline.paid", "Total", s.money(o.Total))
	var sent time.Time
	came := 0
	for _, p := range o.Placements {
		if !p.Sent.IsZero() && (sent.IsZero() || p.Sent.Before(sent)) {
			sent = p.Sent
		}
		came += p.Delivered
	}
	at(sent, "timeline.sent")
	if !o.State.Final() && came > 0 && came < o.Quantity {
		out = append(out, "• "+s.say("timeline.some", "Came", came, "Quantity", o.Quantity))
	}
	switch {
	case o.State == store.Fulfilled:
		at(o.Final, "timeline.ready")
	case o.State == store.Partial:
		at(o.Final, "timeline.some", "Came", o.Delivered, "Quantity", o.Quantity)
	case o.State.Final():
		at(o.Final, "timeline.returned", "Amount", s.signed(o.Refunded))
	}
	at(o.Slip.Handed, "timeline.handed")
	if o.Slip.Handed.IsZero() {
		at(o.Reveal.First, "timeline.opened")
	}
	if o.Reveal.Visit == "" { // a page behind a link ends by itself
		at(o.Reveal.Gone, "timeline.gone")
	}
	at(o.Reveal.Shredded, "timeline.destroyed")
	at(o.PaidBackAt, "timeline.paidback", "Amount", s.signed(o.PaidBack))
	return out
}

// status is where an order stands, said honestly: never "failed" while nobody knows.
func (d *Desk) status(s speech, o store.Order, snap checkout.Snapshot) string {
	if !o.Reveal.Shredded.IsZero() {
		return s.count("status.destroyed", o.Delivered, "Day", s.alone(s.day(o.Reveal.Shredded)))
	}
	switch o.State {
	case store.Fulfilled:
		return s.count("status.fulfilled", o.Delivered)
	case store.Partial:
		return s.say("status.partial", "Came", o.Delivered, "Quantity", o.Quantity, "Missing", o.Quantity-o.Delivered,
			"Amount", s.signed(o.Refunded))
	case store.Refunded:
		return s.say("status.refunded", "Amount", s.signed(o.Refunded))
	case store.Refused:
		why, ok := s.maybe("reason." + snap.Reason)
		if !ok {
			why = s.say("reason.other")
		}
		return lines(why, s.say("status.refused", "Amount", s.signed(o.Refunded)))
	case store.Review:
		return s.say("status.review")
	case store.InDoubt:
		return s.say("status.in_doubt")
	}
	if o.Slow {
		return s.say("status.slow")
	}
	waited := d.now().Sub(o.Created)
	for _, w := range waits() {
		if waited >= w.from {
			return s.say(w.key)
		}
	}
	return s.say("status.processing")
}

// wait is what a buyer is told after some time.
type wait struct {
	from time.Duration
	key  string
}

// waits lists them, the longest first.
func waits() []wait {
	return []wait{
		{45 * time.Second, "status.long"},
		{15 * time.Second, "status.still"},
		{3 * time.Second, "status.asking"},
	}
}

// nextWait is how long it takes until something else has to be said about an order; 0 for never.
func nextWait(o store.Order, now time.Time) time.Duration {
	if o.State.Final() || o.State == store.Review {
		return 0
	}
	waited := now.Sub(o.Created)
	var next time.Duration
	for _, w := range waits() {
		if waited < w.from {
			next = w.from - waited
		}
	}
	return next
}

// commandOrder is /order <id>.
func (d *Desk) commandOrder(ctx context.Context, v *visit) error {
	if strings.TrimSpace(v.in.Text) == "" {
		return d.open(ctx, v, "orders:0")
	}
	id, ok := orderID(v.in.Text)
	if !ok {
		return v.refuse(checkout.ErrNotFound, "", []Button{v.button("menu.orders", "orders:0")})
	}
	if v.may("any") {
		if _, err := d.shop.Order(ctx, id, v.in.User); errors.Is(err, checkout.ErrNotFound) {
			return d.open(ctx, v, "any:"+id)
		}
	}
	return d.open(ctx, v, "order:"+id)
}

// showOrders lists a customer's orders, newest first.
func (d *Desk) showOrders(ctx context.Context, v *visit, args []string) error {
	page := pageOf(args[0])
	orders, more, err := d.ordersOf(ctx, v, page)
	if err != nil {
		return err
	}
	if len(orders) == 0 {
		gone, err := d.movedAway(ctx, v)
		if err != nil {
			return err
		}
		v.menu(v.say(v.kind("orders.title")), lines(v.say(v.kind("orders.none")), gone), []Button{v.button("button.catalog", "cats:0")}, v.home())
		return nil
	}
	var list []string
	var buttons []Button
	for _, o := range orders {
		snap, err := checkout.SnapshotOf(o)
		if err != nil {
			d.log.Error("snapshot cannot be read", "order", o.ID, "err", err)
		}
		list = append(list, v.say("orders.line", "Order", orderName(o.ID), "Day", v.moment(o.Created),
			"Product", soldName(snap), "Quantity", o.Quantity, "Total", v.money(o.Total), "State", v.say("state."+string(o.State))))
		mark := ""
		if unopened(o) {
			mark = "🎁 "
		}
		buttons = append(buttons, Button{Text: mark + orderName(o.ID), Data: "order:" + o.ID})
	}
	rows := append(columns(2, buttons), v.pager(page, more, func(p int) string { return "orders:" + number(p) }), v.home())
	v.menu(v.say(v.kind("orders.title")), strings.Join(list, "\n\n"), rows...)
	return nil
}

// showOrder draws one order with what can be done about it.
func (d *Desk) showOrder(ctx context.Context, v *visit, args []string) error {
	o, err := d.shop.Order(ctx, args[0], v.in.User)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.orders", "orders:0")})
	}
	title, body := d.story(v.speech, o, v.customer)
	reports, err := d.reportRows(ctx, v, o)
	if err != nil {
		return err
	}
	more, rows := d.choices(v, o)
	v.menu(title, body+more, append(append(rows, reports...), v.back("orders:0"))...)
	return nil
}
