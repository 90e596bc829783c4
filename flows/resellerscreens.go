package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// groupCommands lists what members of a linked group may ask for; admin ones do not exist for others.
func groupCommands() map[string]command {
	return joined(termCommands(), givingCommands(), watchCommands(), map[string]command{
		"start":     {act: view("menu")},
		"help":      {act: view("menu")},
		"cancel":    {act: func(d *Desk, ctx context.Context, v *visit) error { return d.cancel(ctx, v, nil) }},
		"catalog":   {act: (*Desk).commandCatalog},
		"price":     {act: (*Desk).commandPrice},
		"buy":       {act: (*Desk).commandBuy},
		"again":     {act: (*Desk).commandAgain},
		"balance":   {act: view("wallet")},
		"statement": {act: (*Desk).commandStatement},
		"orders":    {act: view("orders:0")},
		"order":     {act: (*Desk).commandGroupOrder},
		"link":      {act: (*Desk).link, admin: true},
		"unlink":    {act: (*Desk).unlink, admin: true},
	})
}

// groupVerbs lists every button that may stand in a group. What shows codes is not among them.
func groupVerbs() map[string]verb {
	return joined(givingVerbs(), watchVerbs(), asideVerbs(), map[string]verb{
		"menu":   {act: (*Desk).showGroup, view: true},
		"linked": {act: (*Desk).showLinked, view: true},
		"cancel": {act: (*Desk).cancel},

		"cats":  {args: []arg{isPage}, act: (*Desk).showCategories, view: true},
		"cat":   {args: []arg{isHash, isPage}, act: (*Desk).showCategory, view: true},
		"areas": {args: []arg{isPage}, act: (*Desk).showRegions, view: true},
		"area":  {args: []arg{isHash, isPage}, act: (*Desk).showRegion, view: true},
		"find":  {args: []arg{isPage}, act: (*Desk).showFound, view: true},
		"fam":   {args: []arg{isCode, isPage}, act: (*Desk).showFamily, view: true},
		"price": {args: []arg{isCode}, act: (*Desk).showPrice, view: true},

		"line":    {args: []arg{isCode}, act: (*Desk).chooseLine},
		"ask":     {args: []arg{isCode}, act: (*Desk).showPrivateOnly, view: true},
		"qty":     {args: []arg{isCode, isCount}, act: (*Desk).askQuantity, view: true},
		"take":    {args: []arg{isCode, isCount}, act: (*Desk).take},
		"confirm": {act: (*Desk).showGroupConfirm, view: true},
		"buy":     {args: []arg{isOrder}, act: (*Desk).buyForGroup},

		"tl":      {args: []arg{isOrder}, act: (*Desk).showGroupTimeline, view: true},
		"orders":  {args: []arg{isPage}, act: (*Desk).showOrders, view: true},
		"order":   {args: []arg{isOrder}, act: (*Desk).showGroupOrder, view: true},
		"wallet":  {act: (*Desk).showWallet, view: true},
		"stmt":    {args: []arg{isDay, isDay, isPage}, act: (*Desk).showStatement, view: true},
		"stmtcsv": {args: []arg{isDay, isDay}, act: (*Desk).statementFile},
	})
}

// showGroup says what the shop does in a group.
func (d *Desk) showGroup(_ context.Context, v *visit, _ []string) error {
	var list []string
	for _, c := range d.words.GroupCommands(v.language) {
		list = append(list, v.isolate("/"+c.Name)+" – "+c.Text)
	}
	v.menu(v.say("group.title"), v.say("group.body")+"\n\n"+strings.Join(list, "\n")+"\n\n"+v.support(),
		[]Button{v.primary("button.catalog", "cats:0")},
		[]Button{v.button("group.menu.orders", "orders:0"), v.button("menu.balance", "wallet")})
	return nil
}

// showLinked tells that the group is a reseller, and how its wallet is filled.
func (d *Desk) showLinked(ctx context.Context, v *visit, _ []string) error {
	balance, err := d.shop.BalanceOn(ctx, v.account())
	if err != nil {
		return err
	}
	v.menu(v.say("group.linked.title"), lines(v.say("wallet.balance", "Balance", v.money(balance)),
		v.say("group.linked.rule"), v.say("group.linked.fill", "Group", strconv.FormatInt(v.group.Chat, 10))),
		[]Button{v.button("button.catalog", "cats:0"), v.button("button.help", "menu")})
	return nil
}

// commandCatalog is /catalog [words].
func (d *Desk) commandCatalog(ctx context.Context, v *visit) error {
	if strings.TrimSpace(v.in.Text) == "" {
		return d.open(ctx, v, "cats:0")
	}
	return d.search(ctx, v, v.in.Text)
}

// commandPrice is /price <code>, of a product or of one of its lines.
func (d *Desk) commandPrice(ctx context.Context, v *visit) error {
	words := strings.Fields(v.in.Text)
	if len(words) == 0 {
		return d.usage(v, "price")
	}
	all, err := d.shop.Families(ctx)
	if err != nil {
		return v.missing(err)
	}
	code, _, ok := namedCode(all, words)
	if !ok {
		return d.usage(v, "price")
	}
	for _, f := range all {
		if f.Code == code {
			return d.open(ctx, v, "fam:"+code+":0")
		}
	}
	return d.open(ctx, v, "price:"+code)
}

// showPrice says what one line costs now.
func (d *Desk) showPrice(ctx context.Context, v *visit, args []string) error {
	v.accept()
	l, err := d.shop.Line(ctx, args[0])
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	var buy []Button
	if sellable(l) {
		buy = []Button{v.primary("menu.buy", "line:"+l.Code)}
	}
	v.menu(v.alone(productName(l)), lines(v.say("quantity.price", "Price", v.price(l), "Stock", v.stock(l)), v.say("family.code", "Code", l.Code)),
		buy, v.back("fam:"+l.Family+":0"))
	return nil
}

// showPrivateOnly says that a product with a line number is bought in private: such a number is the customer's own.
func (d *Desk) showPrivateOnly(ctx context.Context, v *visit, args []string) error {
	l, err := d.shop.Line(ctx, args[0])
	if err != nil {
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	}
	v.menu(v.alone(productName(l)), v.say("group.line"), v.back("fam:"+l.Family+":0"))
	return nil
}

// showGroupConfirm draws the confirm screen once the buyer's private chat is open, where the cards will go.
func (d *Desk) showGroupConfirm(ctx context.Context, v *visit, args []string) error {
	if v.talk.OrderID != "" && !v.open {
		return d.knock(ctx, v)
	}
	return d.showConfirm(ctx, v, args)
}

// knock asks a member to open the private chat first; no money moves before that.
func (d *Desk) knock(ctx context.Context, v *visit) error {
	if err := d.shop.Pass(ctx, v.talk.OrderID, v.in.User); err != nil {
		return err
	}
	open := Button{Text: v.say("group.knock.open"), Start: d.shop.PassToken(v.talk.OrderID), Style: "primary"}
	v.talk.Screen = "confirm"
	if v.in.Button != "" {
		v.reply.Alert, v.reply.Modal = v.say("group.knock.title"), true
	}
	v.menu(v.say("group.knock.title"), v.say("group.knock.body"), []Button{open},
		[]Button{v.button("group.knock.done", "confirm"), v.button("button.cancel", "cancel")})
	return nil
}

// buyForGroup is a member's Confirm. Whose it is has been looked at; what it names has to be theirs as well.
func (d *Desk) buyForGroup(ctx context.Context, v *visit, args []string) error {
	o, err := d.shop.Order(ctx, args[0], 0)
	switch {
	case err == nil && o.Buyer != v.in.User:
		return d.foreign(ctx, v, "group_confirm")
	case err == nil && o.Account != v.account():
		return d.stale(ctx, v)
	case err != nil && !errors.Is(err, checkout.ErrNotFound):
		return err
	case err == nil || args[0] != v.talk.OrderID || v.talk.Unit == 0:
		return d.buy(ctx, v, args)
	case !v.open:
		return d.knock(ctx, v)
	}
	if err := d.shop.Pass(ctx, args[0], v.in.User); err != nil {
		return err
	}
	return d.buy(ctx, v, args)
}

// showGroupTimeline draws an order's timeline for its buyer.
func (d *Desk) showGroupTimeline(ctx context.Context, v *visit, args []string) error {
	if _, err := d.shop.OrderOn(ctx, args[0], v.account()); err != nil {
		return v.refuse(err, "")
	}
	return d.showTimeline(ctx, v, args)
}

// commandGroupOrder is /order <id> in a group.
func (d *Desk) commandGroupOrder(ctx context.Context, v *visit) error {
	if strings.TrimSpace(v.in.Text) == "" {
		return d.open(ctx, v, "orders:0")
	}
	id, ok := orderID(v.in.Text)
	if !ok {
		return v.refuse(checkout.ErrNotFound, "", []Button{v.button("group.menu.orders", "orders:0")})
	}
	return d.open(ctx, v, "order:"+id)
}

// showGroupOrder draws an order of the group's wallet for any member. Only its buyer gets further, in private.
func (d *Desk) showGroupOrder(ctx context.Context, v *visit, args []string) error {
	o, err := d.shop.OrderOn(ctx, args[0], v.account())
	if err != nil {
		return v.refuse(err, "", []Button{v.button("group.menu.orders", "orders:0")})
	}
	title, body := d.story(v.speech, o, 0)
	body, open := d.publicly(v.speech, o, body)
	v.menu(title, body, open, v.back("orders:0"))
	return nil
}

// ordersOf reads a page of the orders that are talked about: the group's, or the customer's own.
func (d *Desk) ordersOf(ctx context.Context, v *visit, page int) ([]store.Order, bool, error) {
	if v.group != nil {
		return d.shop.OrdersOn(ctx, v.group.Account, page, pageSize)
	}
	return d.shop.Orders(ctx, v.in.User, page, pageSize)
}

// public tells whether an order's timeline stands where others read it.
func public(o store.Order) bool { return o.Post != o.Chat }

// publicly is what others may read of an order, and the way to its cards for the one who may see them.
func (d *Desk) publicly(s speech, o store.Order, body string) (string, []Button) {
	if o.Delivered == 0 || !o.State.Final() {
		return body, nil
	}
	return body + "\n" + s.say("group.codes"), []Button{{Text: s.say("group.codes.open"), Start: d.shop.PassToken(o.ID)}}
}

// followed is an order whose group may have become a supergroup: there its timeline is a new message.
func (d *Desk) followed(ctx context.Context, o store.Order) (store.Order, error) {
	if !public(o) {
		return o, nil
	}
	g, err := d.shop.Group(ctx, o.Post)
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		return o, nil
	case err != nil:
		return o, err
	case g.Chat != o.Post:
		o.Post, o.Message, o.Thread = g.Chat, 0, 0
	}
	return o, nil
}

// follow opens what a deep link stands for, for the person it was made for.
func (d *Desk) follow(ctx context.Context, v *visit, token string) error {
	id, err := d.shop.Admit(ctx, token, v.in.User)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.orders", "orders:0")})
	}
	if _, err := d.shop.Order(ctx, id, v.in.User); err == nil {
		return d.open(ctx, v, "order:"+id)
	} else if !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	v.talk.Screen, v.talk.Room = "menu", ""
	v.menu(v.say("group.opened.title"), v.say("group.opened.body"), v.home())
	return nil
}

// isPass is the shape of a deep link's payload.
func isPass(s string) bool { return made(s, 32, 32, digits+"abcdef") }
