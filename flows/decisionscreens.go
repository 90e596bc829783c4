package flows

import (
	"context"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// showDecision draws where a decision stands: which part, what is missing, the confirm screen, or what was done.
func (d *Desk) showDecision(ctx context.Context, v *visit, _ []string) error {
	c := v.talk.Decision
	if c == nil {
		return d.open(ctx, v, "admin")
	}
	o, err := d.shop.Order(ctx, c.Order, 0)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.admin", "admin")})
	}
	if c.Done {
		v.menu(v.say("decide.done"), v.say("decide.now", "Order", orderName(o.ID), "State", v.say("state."+string(o.State))),
			[]Button{v.button("decide.order", "any:"+o.ID), v.button("menu.admin", "admin")}, v.home())
		return nil
	}
	if whole := o.State.Final() && c.Act == actRefund; c.K == 0 && !whole {
		return d.showParts(ctx, v, o)
	}
	var p checkout.Preview
	if c.K != 0 {
		if p, err = d.shop.Preview(ctx, c.Order, c.K); err != nil {
			return d.undecided(ctx, v, err)
		}
	}
	if left := o.Captured - o.PaidBack; c.K == 0 && (left <= 0 || int64(c.Cards)*o.Unit > left) {
		return d.undecided(ctx, v, checkout.ErrNoRefund)
	}
	title, body := v.say("decide.title."+c.Act, "Order", orderName(o.ID)), v.matter(o, p, *c)
	if ask := missingOf(*c, p); ask != "" {
		v.talk.Room = roomDecision
		v.menu(title, body+"\n\n"+v.say(ask, "Quantity", p.Place.Quantity), v.typing("any:"+o.ID))
		return nil
	}
	if c.Act == actRelease && p.Place.State == store.Review && p.Shown == 0 {
		return d.undecided(ctx, v, checkout.ErrUnfit)
	}
	confirm := v.button("decide.go."+c.Act, "decided:"+c.Ref)
	confirm.Style = "danger"
	if c.Act == actBought || c.Act == actRelease {
		confirm.Style = "success"
	}
	v.menu(title, body+"\n\n"+v.consequence(o, p, *c), []Button{confirm},
		[]Button{v.button("decide.order", "any:"+o.ID), v.button("button.cancel", "cancel")})
	return nil
}

// showParts asks about which part of an order it is.
func (d *Desk) showParts(ctx context.Context, v *visit, o store.Order) error {
	c := v.talk.Decision
	parts := decidable(o, c.Act)
	if len(parts) == 0 {
		return d.undecided(ctx, v, checkout.ErrUndecidable)
	}
	var buttons []Button
	for _, k := range parts {
		buttons = append(buttons, v.button("decide.part", "decide:"+o.ID+":"+number(k)+":"+c.Act, "K", k))
	}
	v.menu(v.say("decide.title."+c.Act, "Order", orderName(o.ID)), v.say("decide.which"), append(columns(3, buttons), v.typing("any:"+o.ID))...)
	return nil
}

// missingOf is the word that asks for what a decision still needs; empty when it needs nothing.
func missingOf(c Decision, p checkout.Preview) string {
	switch {
	case c.Act == actSupply:
		return "decide.ask.codes"
	case c.Act == actRelease:
		return ""
	case c.Act == actBought && p.Numbered && c.Handle == "":
		return "decide.ask.handle"
	case c.Note == "":
		return "decide.ask.note"
	}
	return ""
}

// placed says how one part of an order stands, and whom it asks where that is not the order's supplier.
func (v *visit) placed(o store.Order, p store.Placement) string {
	text := v.say("admin.placement", "K", p.K, "State", v.say("state."+string(p.State)), "Came", p.Delivered,
		"Quantity", p.Quantity, "Handle", first(p.Handle, "–"), "Polls", p.Polls)
	if p.Provider != o.Provider {
		text += " · " + v.say("join.instead", "Supplier", p.Provider, "K", p.For)
	}
	return text
}

// matter says what is decided about: product, buyer, money, state and why.
func (v *visit) matter(o store.Order, p checkout.Preview, c Decision) string {
	product := ""
	if snap, err := checkout.SnapshotOf(o); err == nil {
		product = v.say("order.product", "Product", soldName(snap), "Quantity", o.Quantity)
	}
	state, reason, handle, note := v.say("decide.state", "State", v.say("state."+string(o.State))), "", "", ""
	if c.K != 0 {
		state = v.placed(o, p.Place)
		if p.Reason != "" {
			why, ok := v.maybe("decide.why." + p.Reason)
			if !ok {
				why = clip(strings.ReplaceAll(p.Reason, "_", " "), 40)
			}
			reason = v.say("decide.reason", "Reason", why)
		}
	}
	if c.Handle != "" {
		handle = v.say("decide.handle", "Handle", c.Handle)
	}
	if c.Note != "" {
		note = v.say("credit.note", "Note", c.Note)
	}
	return lines(product, v.say("confirm.total", "Total", v.money(o.Total)), v.say("admin.buyer", "User", o.Buyer, "Provider", o.Provider),
		state, reason, handle, note)
}

// consequence says what a decision will do.
func (v *visit) consequence(o store.Order, p checkout.Preview, c Decision) string {
	worth := func(cards int) string { return v.money(int64(cards) * o.Unit) }
	switch c.Act {
	case actBought:
		if c.Handle != "" {
			return v.say("decide.what.bind")
		}
		return v.say("decide.what.review", "Amount", worth(p.Place.Quantity))
	case actNotBought:
		what := v.say("decide.what.notbought", "Amount", worth(p.Place.Quantity))
		if p.Place.State == store.Pending {
			what = v.say("decide.what.pending") + "\n" + what
		}
		return what
	case actRelease:
		source := ""
		switch {
		case p.Typed:
			source = v.say("decide.what.typed")
		case p.Reread:
			source = v.say("decide.what.reread")
		}
		return lines(source, v.say("decide.what.release", "Shown", p.Shown, "There", p.There, "Amount", worth(p.Shown),
			"Back", worth(p.Place.Quantity-p.Shown)))
	}
	if c.K != 0 {
		return v.say("decide.what.refund", "Amount", worth(p.Place.Quantity))
	}
	amount := o.Captured - o.PaidBack
	if c.Cards > 0 {
		amount = int64(c.Cards) * o.Unit
	}
	return v.say("decide.what.payback", "Amount", v.money(amount), "Paid", v.money(o.Captured), "Before", v.money(o.PaidBack))
}

// decisions are the buttons that lead from an order to what can be decided about it.
func (v *visit) decisions(o store.Order) [][]Button {
	button := func(act string, k int, key string) Button {
		b := v.button(key, "decide:"+o.ID+":"+number(k)+":"+act)
		if len(o.Placements) > 1 && k > 0 {
			b.Text += " (" + number(k) + ")"
		}
		return b
	}
	var rows [][]Button
	for _, p := range o.Placements {
		if len(rows) == 8 { // as many as fit under a message; the commands take any part
			break
		}
		switch p.State {
		case store.InDoubt:
			rows = append(rows, []Button{button(actBought, p.K, "decide.bought"), button(actNotBought, p.K, "decide.notbought")})
		case store.Pending:
			rows = append(rows, []Button{button(actNotBought, p.K, "decide.notbought")})
		case store.Review:
			rows = append(rows, []Button{button(actRelease, p.K, "decide.release"), button(actRefund, p.K, "decide.refund"),
				button(actSupply, p.K, "decide.supply")})
		}
	}
	if o.State.Final() && o.Captured > o.PaidBack {
		rows = append(rows, []Button{button(actRefund, 0, "decide.refund")})
	}
	return rows
}

// stuckRow is an order of the admin's list with its first decisions beside it.
func (v *visit) stuckRow(o store.Order) []Button {
	row := []Button{{Text: orderName(o.ID), Data: "any:" + o.ID}}
	if all := v.decisions(o); len(all) == 1 {
		row = append(row, all[0][:min(2, len(all[0]))]...)
	}
	return row
}
