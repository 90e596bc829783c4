package flows

import (
	"context"
	"errors"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// commandBuy is /buy [code] [quantity]: the catalog, a product, or straight to the confirm screen.
func (d *Desk) commandBuy(ctx context.Context, v *visit) error {
	words := strings.Fields(v.in.Text)
	if len(words) == 0 {
		return d.open(ctx, v, "cats:0")
	}
	all, err := d.shop.Families(ctx)
	if err != nil {
		return v.missing(err)
	}
	code, rest, ok := namedCode(all, words)
	if !ok {
		return d.search(ctx, v, v.in.Text)
	}
	for _, f := range all { // a family's code also names its cheapest line: here the family is meant
		if f.Code == code {
			return d.open(ctx, v, "fam:"+code+":0")
		}
	}
	l, err := d.shop.Line(ctx, code)
	if errors.Is(err, checkout.ErrNotFound) {
		if _, counted := countOf(words[len(words)-1]); counted && len(words) > 1 {
			words = words[:len(words)-1] // a quantity is no word to look for
		}
		return d.search(ctx, v, strings.Join(words, " "))
	}
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	if len(rest) == 0 || l.Product.Account != providers.NoAccount {
		return d.chooseLine(ctx, v, []string{code})
	}
	n, ok := countOf(strings.Join(rest, " "))
	if !ok || n < 1 || n > l.Max() {
		return v.refuse(&checkout.QuantityError{Max: l.Max()}, "", []Button{v.button("button.quantity", "qty:"+code+":1")})
	}
	return d.take(ctx, v, []string{code, number(n)})
}

// namedCode takes a product's code from the beginning of typed words, and gives the words behind it. Of a code that is known it
// does not matter whether its dash is there, another sign or a space.
func namedCode(all []checkout.Family, words []string) (code string, rest []string, ok bool) {
	known := make(map[string]string)
	for _, f := range all {
		for _, l := range f.Lines {
			known[squeezed(l.Code)] = l.Code
		}
	}
	for _, f := range all {
		known[squeezed(f.Code)] = f.Code
	}
	for n := min(len(words), 3); n > 0; n-- {
		typed, ok := shortCode(strings.Join(words[:n], "-"))
		if code, is := known[squeezed(typed)]; ok && is {
			return code, words[n:], true
		}
	}
	code, ok = shortCode(words[0])
	return code, words[1:], ok
}

// chooseLine begins a basket: a line number is asked for where one is needed, else the quantity.
func (d *Desk) chooseLine(ctx context.Context, v *visit, args []string) error {
	v.accept()
	l, err := d.shop.Line(ctx, args[0])
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	if !sellable(l) {
		return d.unsellable(v, l)
	}
	v.talk.Line, v.talk.Quantity, v.talk.OrderID = l.Code, 1, ""
	v.talk.Account, v.talk.Holder, v.talk.Plan, v.talk.Asked = "", "", "", 0
	if l.Product.Account != providers.NoAccount {
		return d.open(ctx, v, "ask:"+l.Code)
	}
	return d.open(ctx, v, "qty:"+l.Code+":1")
}

// unsellable says why a line cannot be bought now.
func (d *Desk) unsellable(v *visit, l checkout.Line) error {
	err := checkout.ErrOutOfStock
	if l.Price == 0 && l.Product.Stock != 0 {
		err = checkout.ErrUnavailable
	}
	return v.missing(err, []Button{v.button("button.others", "fam:"+l.Family+":0")})
}

// askAccount asks for the line number to top up.
func (d *Desk) askAccount(ctx context.Context, v *visit, args []string) error {
	v.accept()
	l, err := d.shop.Line(ctx, args[0])
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	marks, err := d.marks(ctx, v, l.Code)
	if err != nil {
		return err
	}
	v.talk.Room = roomAccount
	v.talk.choose(l.Code, 1)
	v.menu(v.say("account.title", "Product", productName(l)), v.say("account.body."+string(l.Product.Account)),
		marks, v.typing("fam:"+l.Family+":0"))
	return nil
}

// typedAccount reads a line number, checks it with the supplier and goes on to the confirm screen.
func (d *Desk) typedAccount(ctx context.Context, v *visit) error {
	l, err := d.shop.Line(ctx, v.talk.Line)
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	kind := l.Product.Account
	wire, ok := lineNumber(kind, v.in.Text)
	if !ok {
		v.talk.Asked++
		help := v.say("account.example." + string(kind))
		if v.talk.Asked > 1 {
			help = lines(help, v.support())
		}
		v.menu(v.say("account.bad", "Typed", clip(v.in.Text, 40)), help, v.typing("fam:"+l.Family+":0"))
		return nil
	}
	account, err := d.shop.CheckAccount(ctx, l.Code, wire)
	if err != nil { // the room stays: another number may be typed
		return v.missing(err, []Button{v.button("button.again", "ask:"+l.Code), v.button("button.cancel", "cancel")})
	}
	v.talk.Account, v.talk.Holder, v.talk.Plan, v.talk.Asked = wire, account.Holder, account.Plan, 0
	return d.take(ctx, v, []string{l.Code, "1"})
}

// askQuantity draws the quantity with one card less, one more, and as many as there are.
func (d *Desk) askQuantity(ctx context.Context, v *visit, args []string) error {
	v.accept()
	l, err := d.shop.Line(ctx, args[0])
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	if l.Product.Account != providers.NoAccount {
		return d.open(ctx, v, "ask:"+l.Code)
	}
	if !sellable(l) {
		return d.unsellable(v, l)
	}
	marks, err := d.marks(ctx, v, l.Code)
	if err != nil {
		return err
	}
	most := l.Max()
	n := min(max(1, pageOf(args[1])), most)
	v.talk.Room = roomQuantity
	v.talk.choose(l.Code, n)
	at := func(n int) string { return "qty:" + l.Code + ":" + number(n) }
	var steps []Button
	if n > 1 {
		steps = append(steps, Button{Text: v.isolate("−1"), Data: at(n - 1)})
	}
	if n < most {
		steps = append(steps, Button{Text: v.isolate("+1"), Data: at(n + 1)}, v.button("quantity.max", at(most), "Max", most))
	}
	body := lines(
		v.say("quantity.price", "Price", v.money(l.Price), "Stock", v.stock(l)),
		v.say("quantity.now", "Quantity", n, "Total", v.money(l.Price*int64(n))),
		"", v.say(v.kind("quantity.type"), "Max", most, "Code", l.Code))
	v.menu(v.say("quantity.title", "Product", productName(l)), body, steps,
		[]Button{v.primary("quantity.go", "take:"+l.Code+":"+number(n), "Quantity", n)}, marks, v.typing("fam:"+l.Family+":0"))
	return nil
}

// typedQuantity reads a quantity and echoes it on the same screen.
func (d *Desk) typedQuantity(ctx context.Context, v *visit) error {
	l, err := d.shop.Line(ctx, v.talk.Line)
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	n, ok := countOf(v.in.Text)
	if !ok || n < 1 || n > l.Max() {
		v.talk.Asked++
		v.menu(v.say("quantity.bad", "Typed", clip(v.in.Text, 40)), v.say("quantity.example", "Max", l.Max()),
			[]Button{v.button("button.quantity", "qty:"+l.Code+":1")}, v.typing("fam:"+l.Family+":0"))
		return nil
	}
	v.talk.Asked = 0
	return d.open(ctx, v, "qty:"+l.Code+":"+number(n))
}

// take mints an order's id and draws its confirm screen. A former confirm screen is stale from then on.
func (d *Desk) take(ctx context.Context, v *visit, args []string) error {
	v.accept()
	if v.talk.Line != args[0] {
		v.talk.Account, v.talk.Holder, v.talk.Plan = "", "", ""
	}
	v.talk.Line, v.talk.Quantity = args[0], max(1, pageOf(args[1]))
	v.talk.OrderID, v.talk.Unit, v.talk.Holds = d.shop.NewOrderID(), 0, time.Time{}
	return d.open(ctx, v, "confirm")
}

// choose changes what the basket holds. A Confirm that was drawn for something else is stale from then on: its id is forgotten.
func (t *Talk) choose(line string, n int) {
	if t.Line != line || t.Quantity != n {
		t.OrderID, t.Unit, t.Holds = "", 0, time.Time{}
	}
	if t.Line != line {
		t.Account, t.Holder, t.Plan = "", "", ""
	}
	t.Line, t.Quantity = line, n
}

// basket is what the talk has collected.
func (v *visit) basket() checkout.Basket {
	return checkout.Basket{
		ID: v.talk.OrderID, Line: v.talk.Line, Quantity: v.talk.Quantity, Account: v.talk.Account, Unit: v.talk.Unit,
		Buyer: v.buyer(), Message: v.in.Message, Post: v.in.Chat, Thread: v.in.Thread,
	}
}

// buyer is who is talking. Cards go to their private chat, whose id is the user's.
func (v *visit) buyer() checkout.Buyer {
	return checkout.Buyer{User: v.in.User, Chat: v.in.User, Account: v.account(), Language: v.language}
}

// productName is a line with its product's title, unless its own name tells both.
func productName(l checkout.Line) string {
	name, family := lineName(l), clip(l.Product.Title, 80)
	if family == "" || strings.Contains(fold(name), fold(family)) {
		return name
	}
	return family + " · " + name
}
