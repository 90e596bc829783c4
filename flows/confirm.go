package flows

import (
	"context"
	"errors"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/store"
)

// showConfirm draws what is about to be bought: everything a buyer should know before money moves.
func (d *Desk) showConfirm(ctx context.Context, v *visit, _ []string) error {
	v.accept()
	t := &v.talk
	if t.Line == "" || t.OrderID == "" {
		return d.open(ctx, v, "menu")
	}
	if !v.redraw {
		if err := d.renew(ctx, v); err != nil {
			return err
		}
	}
	q, err := d.shop.Quote(ctx, v.basket())
	if err != nil {
		rows := []Button{v.button("button.quantity", d.before(t)), v.button("button.catalog", "cats:0")}
		if errors.Is(err, checkout.ErrNotFound) {
			return v.missing(err, rows)
		}
		return v.refuse(err, t.OrderID, rows)
	}
	if q.Line.Product.Account != providers.NoAccount && t.Account == "" {
		return d.open(ctx, v, "ask:"+t.Line)
	}
	if t.Unit == 0 {
		t.Unit, t.Holds = q.Unit, q.Holds
	}
	total := t.Unit * int64(t.Quantity)
	title := v.say("confirm.title")
	body := d.bill(v, q, total)
	if q.Balance+q.Credit < total {
		short := total - q.Balance - q.Credit
		missing := v.say("confirm.short", "Missing", v.money(short))
		v.menu(title, body+"\n\n⚠️ "+lines(missing, v.owes(q.Balance))+"\n"+v.support(),
			d.topupRow(v, short),
			[]Button{v.button("confirm.refresh", "take:"+t.Line+":"+number(t.Quantity)), v.button("menu.balance", "wallet")},
			v.typing(d.before(t)))
		return nil
	}
	t.Filling.Lacks = 0
	confirm := v.button("confirm.go", "buy:"+t.OrderID, "Total", v.money(total))
	confirm.Style = "success"
	v.menu(title, body, []Button{confirm}, v.typing(d.before(t)))
	return nil
}

// renew gives a basket a new order id when its price holds no longer or its order was made: the former Confirm is stale then.
func (d *Desk) renew(ctx context.Context, v *visit) error {
	if v.talk.Unit == 0 {
		return nil
	}
	_, err := d.shop.Order(ctx, v.talk.OrderID, v.in.User)
	if err != nil && !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	if err == nil || v.now.After(v.talk.Holds) {
		v.talk.OrderID, v.talk.Unit, v.talk.Holds = d.shop.NewOrderID(), 0, time.Time{}
	}
	return nil
}

// bill is the text of the confirm screen.
func (d *Desk) bill(v *visit, q checkout.Quoted, total int64) string {
	t := &v.talk
	p := q.Line.Product
	account, rule := "", v.say("confirm.refund")
	if t.Account != "" {
		plan, holder := t.Plan, t.Holder
		if plan != "" {
			plan = v.say("confirm.plan", "Plan", clip(plan, 60))
		}
		if holder != "" {
			holder = v.say("confirm.holder", "Holder", clip(holder, 60))
		}
		account = lines(v.say("confirm.account", "Service", string(p.Account), "Number", shownNumber(t.Account)), plan, holder)
		rule = v.say("confirm.wrongline")
	}
	after := ""
	if q.Balance+q.Credit >= total {
		after = v.say("confirm.after", "Balance", v.money(q.Balance-total))
	}
	return lines(
		v.say("confirm.product", "Product", productName(q.Line), "Code", q.Line.Code),
		v.say("family.region", "Region", v.region(p.Region)),
		account,
		v.say("confirm.quantity", "Quantity", t.Quantity),
		v.say("confirm.unit", "Price", v.money(t.Unit)),
		v.say("confirm.total", "Total", v.money(total)),
	) + "\n\n" + lines(v.say("confirm.before", "Balance", v.money(q.Balance)), after) +
		"\n\n" + lines(rule, v.say("confirm.holds", "Until", v.until(t.Holds, v.now)), v.say("order.name", "Order", orderName(t.OrderID)))
}

// before is the screen in front of the confirm screen.
func (d *Desk) before(t *Talk) string {
	if t.Account != "" {
		return "ask:" + t.Line
	}
	return "qty:" + t.Line + ":" + number(max(1, t.Quantity))
}

// shownNumber is a line number in wire form as people read it: 213661223344 as 0661223344.
func shownNumber(wire string) string {
	if len(wire) == 12 && wire[:3] == "213" {
		return "0" + wire[3:]
	}
	return wire
}

// buy agrees to the order on display. A second tap shows the first one's order; a Confirm that is not the talk's present one
// buys nothing.
func (d *Desk) buy(ctx context.Context, v *visit, args []string) error {
	id := args[0]
	if o, err := d.shop.Order(ctx, id, v.in.User); err == nil {
		v.accept()
		return d.confirmed(v, o)
	} else if !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	if id != v.talk.OrderID || v.talk.Unit == 0 {
		return d.stale(ctx, v)
	}
	v.accept()
	if v.now.After(v.talk.Holds) { // the price on the screen may be too high by now as well as too low
		if q, err := d.shop.Quote(ctx, v.basket()); err == nil && q.Unit != v.talk.Unit {
			return d.reprice(ctx, v, q.Unit)
		}
	}
	o, err := d.shop.Buy(ctx, v.basket())
	var price *checkout.PriceError
	switch {
	case errors.As(err, &price):
		return d.reprice(ctx, v, price.Unit)
	case err != nil:
		rows := []Button{v.button("button.back", "confirm")}
		if _, _, ok := v.known(err); !ok {
			return d.unclear(v, err)
		}
		return v.refuse(err, id, d.topupFor(v, err), rows)
	}
	return d.timeline(v, o)
}

// confirmed shows the order that a Confirm has made already. That screen can stand in the chat twice, when its first reply was slow and
// came again: the one that did not become the timeline goes, for a Confirm that leads nowhere must not stay.
func (d *Desk) confirmed(v *visit, o store.Order) error {
	if err := d.timeline(v, o); err != nil {
		return err
	}
	if o.Message == 0 || o.Message == v.in.Message || o.Post != v.in.Chat {
		return nil
	}
	v.reply.Screens[len(v.reply.Screens)-1].Edit = o.Message
	v.reply.Delete = append(v.reply.Delete, v.in.Message)
	return nil
}

// unclear answers a purchase of which nothing is known: the same Confirm may be tapped again, it never buys twice.
func (d *Desk) unclear(v *visit, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	d.log.Error("purchase failed", "order", v.talk.OrderID, "err", err)
	v.fail(failure{code: "PURCHASE_UNCLEAR", money: moneySafe}, v.talk.OrderID, nil,
		[]Button{v.button("button.again", "buy:"+v.talk.OrderID), v.button("menu.orders", "orders:0")})
	return nil
}

// reprice asks again, with the price as it is now. The former Confirm is stale.
func (d *Desk) reprice(ctx context.Context, v *visit, unit int64) error {
	old := v.talk.Unit
	if err := d.take(ctx, v, []string{v.talk.Line, number(v.talk.Quantity)}); err != nil {
		return err
	}
	if v.talk.Unit != 0 {
		v.remark(v.say("confirm.repriced", "Old", v.money(old), "New", v.money(unit)))
	}
	return nil
}
