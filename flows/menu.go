package flows

import (
	"context"
	"strings"
)

// command is what a command does; an admin one exists for those to whom rights gives it.
type command struct {
	act   func(*Desk, context.Context, *visit) error
	admin bool
}

// commands lists every command of the shop.
func commands() map[string]command {
	return joined(starCommands(), favoriteCommands(), watchCommands(), pricingCommands(), banCommands(), debtCommands(), closureCommands(), reconcileCommands(), staffCommands(), approvalCommands(), reissueCommands(), checklistCommands(), goodsCommands(), castCommands(), ticketCommands(), moveCommands(), rehearsalCommands(), map[string]command{
		"start":     {act: (*Desk).start},
		"help":      {act: view("help")},
		"cancel":    {act: func(d *Desk, ctx context.Context, v *visit) error { return d.cancel(ctx, v, nil) }},
		"buy":       {act: (*Desk).commandBuy},
		"orders":    {act: view("orders:0")},
		"order":     {act: (*Desk).commandOrder},
		"balance":   {act: view("wallet")},
		"topup":     {act: view("topup")},
		"statement": {act: (*Desk).commandStatement},
		"language":  {act: view("lang")},
		"credit":    {act: (*Desk).commandCredit, admin: true},
		"retry":     {act: (*Desk).commandRetry, admin: true},
		"resolve":   {act: (*Desk).commandResolve, admin: true},
		"release":   {act: (*Desk).commandRelease, admin: true},
		"refund":    {act: (*Desk).commandRefund, admin: true},
		"supply":    {act: (*Desk).commandSupply, admin: true},
		"suppliers": {act: view("suppliers"), admin: true},
		"resume":    {act: (*Desk).commandResume, admin: true},
		"stuck":     {act: view("stuck"), admin: true},
		"audit":     {act: (*Desk).commandAudit, admin: true},
		"topups":    {act: view("topups:0"), admin: true},
		"reverse":   {act: (*Desk).commandReverse, admin: true},
	})
}

// view is a command that only draws.
func view(data string) func(*Desk, context.Context, *visit) error {
	return func(d *Desk, ctx context.Context, v *visit) error { return d.open(ctx, v, data) }
}

// command runs a command. An unknown one and a forbidden one get the same answer.
func (d *Desk) command(ctx context.Context, v *visit) error {
	c, ok := d.orders[v.in.Command]
	if !ok || c.admin && !v.may("/"+v.in.Command) {
		v.talk.Screen, v.talk.Room = "menu", ""
		v.menu(v.say("unknown.title"), v.say("unknown.body"), []Button{v.button("button.help", "help")}, v.home())
		return nil
	}
	return c.act(d, ctx, v)
}

// start greets, or follows a deep link. The basket survives.
func (d *Desk) start(ctx context.Context, v *visit) error {
	if isPass(v.in.Text) {
		return d.follow(ctx, v, v.in.Text)
	}
	greets, err := d.greets(ctx, v)
	if err != nil {
		return err
	}
	if greets {
		return d.greet(ctx, v)
	}
	return d.open(ctx, v, "menu")
}

// showMenu draws the first screen, with the cards that wait to be opened.
func (d *Desk) showMenu(ctx context.Context, v *visit, _ []string) error {
	balance, err := d.shop.Balance(ctx, v.in.User)
	if err != nil {
		return err
	}
	orders, _, err := d.shop.Orders(ctx, v.in.User, 0, 10)
	if err != nil {
		return err
	}
	title := v.say("menu.title")
	if v.talk.Name != "" {
		title = v.say("menu.titled", "Name", v.talk.Name)
	}
	rows, err := d.moveRows(ctx, v)
	if err != nil {
		return err
	}
	waiting := 0
	for _, o := range orders {
		if unopened(o) && waiting < 3 {
			waiting++
			rows = append(rows, []Button{v.primary("menu.ready", "order:"+o.ID, "Order", orderName(o.ID))})
		}
	}
	if v.talk.OrderID != "" && v.talk.Line != "" && !bought(orders, v.talk.OrderID) {
		rows = append(rows, []Button{v.button("menu.basket", "confirm")})
	}
	stars, err := d.favoriteRow(ctx, v)
	if err != nil {
		return err
	}
	rows = append(rows, d.againRow(v, orders), stars,
		[]Button{v.primary("menu.buy", "cats:0"), v.button("menu.search", "search")},
		[]Button{v.button("menu.orders", "orders:0"), v.button("menu.balance", "wallet")},
		[]Button{v.button("menu.language", "lang"), v.button("menu.help", "help")})
	rows = append(rows, []Button{v.button("menu.admin", "admin")})
	banner, err := d.banner(ctx, v)
	if err != nil {
		return err
	}
	v.menu(title, lines(banner, v.say("menu.body", "Balance", v.money(balance)), v.numberLine(v.customer)), rows...)
	return nil
}

// showHelp explains the shop.
func (d *Desk) showHelp(_ context.Context, v *visit, _ []string) error {
	var list []string
	for _, c := range d.words.Commands(v.language, v.role) {
		list = append(list, v.isolate("/"+c.Name)+" – "+c.Text)
	}
	body := v.say("help.body") + "\n\n" + strings.Join(list, "\n") + "\n\n" + v.support()
	v.menu(v.say("help.title"), body, v.home())
	return nil
}

// cancel forgets the basket and whatever was being typed.
func (d *Desk) cancel(ctx context.Context, v *visit, _ []string) error {
	t := v.talk
	v.talk = Talk{Name: t.Name, Client: t.Client, Past: t.Past, Photo: t.Photo, Thread: t.Thread}
	if err := d.open(ctx, v, "menu"); err != nil {
		return err
	}
	v.done(v.say("canceled"))
	return nil
}

// showLanguages lists the languages by their own names.
func (d *Desk) showLanguages(_ context.Context, v *visit, _ []string) error {
	var buttons []Button
	for _, tag := range d.words.Languages() {
		b := Button{Text: d.words.in(tag).say("language.name"), Data: "speak:" + tag}
		if tag == v.language {
			b.Text = "✓ " + b.Text
		}
		buttons = append(buttons, b)
	}
	v.menu(v.say("language.title"), v.say("language.body"), append(columns(2, buttons), v.home())...)
	return nil
}

// speak changes the chat's language.
func (d *Desk) speak(ctx context.Context, v *visit, args []string) error {
	if tag := args[0]; d.words.Match(tag) == tag {
		v.chosen = tag
		v.use(d.words.in(tag))
	}
	v.reply.Alert = v.say("language.changed")
	return d.open(ctx, v, "menu")
}

// primary is a button that stands out.
func (v *visit) primary(key, data string, args ...any) Button {
	b := v.button(key, data, args...)
	b.Style = "primary"
	return b
}
