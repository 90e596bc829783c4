package flows

import (
	"context"
	"errors"
	"slices"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/store"
)

// favoriteVerbs and favoriteCommands are about what somebody likes to buy, and buys again.
func favoriteVerbs() map[string]verb {
	return map[string]verb{
		"stars":  {args: []arg{isPage}, act: (*Desk).showStars, view: true},
		"star":   {args: []arg{isCode, isSwitch}, act: (*Desk).star},
		"repeat": {args: []arg{isOrder}, act: (*Desk).repeat},
	}
}

func favoriteCommands() map[string]command {
	return map[string]command{
		"favorites": {act: view("stars:0")},
		"again":     {act: (*Desk).commandAgain},
	}
}

// isSwitch is 1 for on and 0 for off.
func isSwitch(s string) bool { return s == "0" || s == "1" }

// marks are the buttons of a line's own page: favorite, and daily note. A group has its commands instead.
func (d *Desk) marks(ctx context.Context, v *visit, code string) ([]Button, error) {
	if !v.in.Private {
		return nil, nil
	}
	stars, err := d.shop.Stars(ctx, v.in.User)
	if err != nil {
		return nil, err
	}
	w, err := d.shop.Watched(ctx, v.account())
	if err != nil {
		return nil, err
	}
	star, note := v.button("star.add", "star:"+code+":1"), v.button("watch.add", "watch:"+code+":1")
	if slices.Contains(stars, code) {
		star = v.button("star.end", "star:"+code+":0")
	}
	if _, on := w.Lines[code]; on {
		note = v.button("watch.end", "watch:"+code+":0")
	}
	return []Button{star, note}, nil
}

// star makes a line a favorite, or ends that, and draws the screen it was pressed on. Repeating it changes nothing.
func (d *Desk) star(ctx context.Context, v *visit, args []string) error {
	on := args[1] == "1"
	said := v.say("star.ended")
	if on {
		said = v.say("star.added")
	}
	if err := d.shop.Star(ctx, v.in.User, args[0], on); errors.Is(err, checkout.ErrFullList) {
		said = v.say("list.full")
	} else if err != nil {
		return err
	}
	if err := d.open(ctx, v, first(v.talk.Screen, "stars:0")); err != nil {
		return err
	}
	v.remark(said)
	return nil
}

// favoriteRow is the way to the favorites; empty for who has none, and in groups.
func (d *Desk) favoriteRow(ctx context.Context, v *visit) ([]Button, error) {
	if !v.in.Private {
		return nil, nil
	}
	stars, err := d.shop.Stars(ctx, v.in.User)
	if err != nil || len(stars) == 0 {
		return nil, err
	}
	return []Button{v.button("menu.stars", "stars:0")}, nil
}

// showStars lists a person's favorites with price and stock as they were read last.
func (d *Desk) showStars(ctx context.Context, v *visit, args []string) error {
	stars, err := d.shop.Stars(ctx, v.in.User)
	if err != nil {
		return err
	}
	known, err := d.shop.Known(ctx, stars)
	if err != nil {
		return v.missing(err)
	}
	part, at, more := cut(stars, pageOf(args[0]), pageSize)
	list, rows := v.lineList(part, known)
	if len(stars) == 0 {
		list = []string{v.say("stars.none")}
	}
	rows = append(rows, v.pager(at, more, func(p int) string { return "stars:" + number(p) }),
		[]Button{v.button("button.catalog", "cats:0"), v.button("menu.watching", "watching:0")}, v.home())
	v.menu(v.say("stars.title"), strings.Join(list, "\n"), rows...)
	return nil
}

// lineList writes lines with price and stock, and a button for each that can be bought.
func (v *visit) lineList(codes []string, known map[string]checkout.Line) (list []string, rows [][]Button) {
	for _, code := range codes {
		l, sold := known[code]
		if !sold {
			list = append(list, "• "+v.isolate(code)+" – "+v.say("stars.gone"))
			continue
		}
		list = append(list, "• "+v.isolate(productName(l))+" – "+v.price(l)+" – "+v.stock(l)+" · "+v.isolate(l.Code))
		b := Button{Text: v.isolate(clip(productName(l), 40)) + " – " + v.price(l), Data: "line:" + l.Code}
		if !sellable(l) {
			b.Text = "✖ " + clip(productName(l), 44)
		}
		rows = append(rows, []Button{b})
	}
	return list, rows
}

// latest is the last order of somebody's that the wallet talked about paid for and that was not refused; false for none.
func (d *Desk) latest(v *visit, orders []store.Order) (store.Order, bool) {
	for _, o := range orders {
		if o.Account == v.account() && o.State != store.Refused && o.State != store.Refunded {
			return o, true
		}
	}
	return store.Order{}, false
}

// commandAgain is /again: the confirm screen of what the person ordered last, in private or from this group's wallet.
func (d *Desk) commandAgain(ctx context.Context, v *visit) error {
	orders, _, err := d.shop.Orders(ctx, v.in.User, 0, 50)
	if err != nil {
		return err
	}
	o, ok := d.latest(v, orders)
	if !ok {
		v.menu(v.say("again.none"), "", []Button{v.button("button.catalog", "cats:0")}, v.home())
		return nil
	}
	return d.repeat(ctx, v, []string{o.ID})
}

// againRow is the way to that; empty for who has bought nothing.
func (d *Desk) againRow(v *visit, orders []store.Order) []Button {
	o, ok := d.latest(v, orders)
	if !ok {
		return nil
	}
	snap, err := checkout.SnapshotOf(o)
	if err != nil {
		return nil
	}
	return []Button{v.button("menu.again", "repeat:"+o.ID, "Product", clip(soldName(snap), 36), "Quantity", o.Quantity)}
}

// repeat fills the basket with what an order was for and draws the confirm screen: price and stock are those of now. A line number is
// looked at by its operator again.
func (d *Desk) repeat(ctx context.Context, v *visit, args []string) error {
	v.accept()
	o, err := d.shop.Order(ctx, args[0], v.in.User)
	if err != nil || o.Account != v.account() {
		return v.refuse(checkout.ErrNotFound, "", []Button{v.button("button.catalog", "cats:0")})
	}
	snap, err := checkout.SnapshotOf(o)
	if err != nil {
		return err
	}
	l, err := d.shop.Line(ctx, snap.Line)
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	if !sellable(l) {
		return d.unsellable(v, l)
	}
	if l.Product.Account == providers.NoAccount {
		return d.take(ctx, v, []string{l.Code, number(min(o.Quantity, l.Max()))})
	}
	if snap.Account == "" || !v.in.Private {
		return d.chooseLine(ctx, v, []string{l.Code})
	}
	account, err := d.shop.CheckAccount(ctx, l.Code, snap.Account)
	if err != nil {
		return v.missing(err, []Button{v.button("button.again", "ask:"+l.Code), v.button("button.cancel", "cancel")})
	}
	v.talk.Line, v.talk.Account, v.talk.Holder, v.talk.Plan = l.Code, snap.Account, account.Holder, account.Plan
	return d.take(ctx, v, []string{l.Code, "1"})
}
