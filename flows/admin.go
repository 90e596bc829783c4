package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// listed bounds how many orders the admin's lists show.
const listed = 20

// showAdmin draws the admin's menu.
func (d *Desk) showAdmin(_ context.Context, v *visit, _ []string) error {
	day := v.now.In(d.words.options.Timezone).Format("20060102")
	var list []string
	for _, c := range d.words.Commands(v.language, v.role) {
		if v.may("/" + c.Name) {
			list = append(list, v.isolate("/"+c.Name))
		}
	}
	v.menu(v.say("admin.title"), v.say("admin.body", "Commands", strings.Join(list, " ")),
		[]Button{v.button("admin.suppliers", "suppliers"), v.button("admin.stuck", "stuck")},
		[]Button{v.button("admin.topups", "topups:0"), v.button("admin.today", "logday:"+day+":0")},
		[]Button{v.button("admin.staff", "staff"), v.button("admin.approvals", "approvals")},
		[]Button{v.button("admin.tickets", "tickets:0")}, v.home())
	return nil
}

// commandCredit is /credit <customer or group> <amount> <note> [#ref]; a reply to the customer's forwarded message names them too.
// Nothing is booked before the second tap; the reference, which is the update's own unless one is given, makes sure that it is booked once.
func (d *Desk) commandCredit(ctx context.Context, v *visit) error {
	name, words, err := d.whose(ctx, v, strings.Fields(v.in.Text))
	if err != nil {
		return err
	}
	amount, notes, ok := givenAmount(words, d.words.options.Currency)
	if !ok || amount == 0 || len(notes) == 0 {
		return d.usage(v, "credit")
	}
	c, err := d.payee(ctx, v, name)
	if err != nil || c.User == 0 {
		return err
	}
	c.Amount, c.Ref = amount, "u"+strconv.FormatInt(v.in.Update, 10)
	if last := notes[len(notes)-1]; strings.HasPrefix(last, "#") && isRef(last[1:]) {
		c.Ref, notes = last[1:], notes[:len(notes)-1]
	}
	c.Note = clip(strings.Map(printed, strings.Join(notes, " ")), 100)
	c.Kind = settled(c.Note)
	if c.Note == "" {
		return d.usage(v, "credit")
	}
	v.talk.Credit = &c
	return d.open(ctx, v, "crediting")
}

// printed leaves out control and formatting characters.
func printed(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// usage shows how a command is written.
func (d *Desk) usage(v *visit, name string) error {
	v.menu(v.say("usage.title"), v.say("usage."+name), []Button{v.button("menu.admin", "admin")}, v.home())
	return nil
}

// showCredit shows whom a credit is for, before it is booked.
func (d *Desk) showCredit(ctx context.Context, v *visit, _ []string) error {
	c := v.talk.Credit
	if c == nil {
		return d.open(ctx, v, "admin")
	}
	balance, err := d.shop.BalanceOn(ctx, c.wallet())
	if err != nil {
		return err
	}
	if c.Done && c.Amount < 0 {
		v.credited("debit.done", *c, balance)
		return nil
	}
	if c.Done {
		v.credited("credit.done", *c, balance)
		return nil
	}
	who, err := d.payeeLine(ctx, v, *c)
	if err != nil {
		return err
	}
	title, label, amount := v.say("credit.title"), "credit.go", c.Amount
	if c.Amount < 0 {
		title, label, amount = v.say("debit.title"), "debit.go", -c.Amount
	}
	body := lines(
		who, v.say("credit.amount", "Amount", v.signed(c.Amount)), v.echo(amount),
		v.say("credit.balance", "Before", v.money(balance), "After", v.money(balance+c.Amount)), v.settledBy(c.Kind),
		v.say("credit.note", "Note", c.Note), v.say("credit.ref", "Ref", c.Ref))
	confirm := v.button(label, "credit:"+c.Ref, "Amount", v.money(amount))
	confirm.Style = "success"
	if c.Amount < 0 {
		confirm.Style = "danger"
	}
	v.menu(title, body, []Button{confirm}, []Button{v.button("button.cancel", "cancel")})
	return nil
}

// credit books what was confirmed. A second tap carries the same reference and books nothing.
func (d *Desk) credit(ctx context.Context, v *visit, args []string) error {
	c := v.talk.Credit
	if c == nil || c.Ref != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	balance, fresh, err := d.shop.Credit(ctx, checkout.CreditRequest{
		Admin: v.in.User, User: c.User, Account: c.Account, Amount: c.Amount, Kind: c.Kind, Note: c.Note, Ref: c.Ref,
	})
	if asked, err := d.secured(ctx, v, err); asked {
		return err
	}
	if short, ok := errors.AsType[*checkout.ShortError](err); ok {
		v.menu(v.say("debit.short", "Balance", v.money(short.Balance), "Amount", v.money(short.Total)), v.say("money.none"),
			[]Button{v.button("menu.admin", "admin")}, v.home())
		return nil
	}
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.admin", "admin")})
	}
	key := "credit."
	if c.Amount < 0 {
		key = "debit."
	}
	if key += "done"; !fresh {
		key = strings.TrimSuffix(key, "done") + "twice"
	}
	c.Done = true
	v.talk.Screen = "crediting"
	v.credited(key, *c, balance)
	return nil
}

// credited tells what was booked.
func (v *visit) credited(key string, c Credit, balance int64) {
	v.menu(v.say(key, "Amount", v.signed(c.Amount), "User", c.payee()),
		lines(v.say("credit.now", "Balance", v.money(balance)), v.settledBy(c.Kind), v.say("credit.note", "Note", c.Note), v.say("credit.ref", "Ref", c.Ref)),
		[]Button{v.button("menu.admin", "admin")}, v.home())
}

// commandRetry is /retry <id>.
func (d *Desk) commandRetry(ctx context.Context, v *visit) error {
	id, ok := orderID(v.in.Text)
	if !ok {
		return d.usage(v, "retry")
	}
	return d.retry(ctx, v, []string{id})
}

// retry has an order's unfinished placements asked about now; nothing is bought a second time.
func (d *Desk) retry(ctx context.Context, v *visit, args []string) error {
	v.accept()
	if _, err := d.shop.Retry(ctx, args[0], v.in.User); err != nil {
		return v.refuse(err, "", []Button{v.button("menu.admin", "admin")})
	}
	if err := d.open(ctx, v, "any:"+args[0]); err != nil {
		return err
	}
	v.done(v.say("admin.retried"))
	return nil
}

// showAny draws any order for an admin.
func (d *Desk) showAny(ctx context.Context, v *visit, args []string) error {
	o, err := d.shop.Order(ctx, args[0], 0)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.admin", "admin")})
	}
	number, err := d.numberOf(ctx, o.Buyer)
	if err != nil {
		return err
	}
	title, body := d.story(v.speech, o, number)
	var parts []string
	for _, p := range o.Placements {
		parts = append(parts, v.placed(o, p))
	}
	body += "\n\n" + lines(v.say("admin.buyer", "User", o.Buyer, "Provider", o.Provider), v.margin(o)) + "\n" +
		strings.Join(parts, "\n")
	row := []Button{v.button("admin.log", "logorder:"+o.ID+":0")}
	if !o.State.Final() {
		row = append(row, v.button("admin.retry", "retry:"+o.ID))
	}
	v.menu(title, body, append(append(v.decisions(o), row), v.back("admin"))...)
	return nil
}

// showSuppliers draws every supplier's state.
func (d *Desk) showSuppliers(ctx context.Context, v *visit, _ []string) error {
	v.accept()
	all, err := d.shop.Suppliers(ctx)
	if err != nil {
		return err
	}
	var list []string
	for _, s := range all {
		list = append(list, v.supplier(s))
	}
	rows := append(v.resumable(all), []Button{v.button("suppliers.deposits", "deposits"), v.button("button.refresh", "suppliers")}, v.back("admin"))
	v.menu(v.say("suppliers.title"), strings.Join(list, "\n\n"), rows...)
	return nil
}

// supplier says how one supplier stands.
func (v *visit) supplier(s checkout.Supplier) string {
	state := v.say("suppliers.sells")
	if s.Failing {
		state = v.say("suppliers.failing")
	}
	if s.Paused != "" {
		state = v.say("suppliers.paused", "Why", clip(s.Paused, 100))
	}
	balance := v.say("suppliers.nobalance")
	switch {
	case s.Estimated:
		balance = v.say("suppliers.estimate", "Balance", v.amount(s.Balance))
	case !s.Balance.IsZero():
		balance = v.say("suppliers.balance", "Balance", v.amount(s.Balance))
	case s.Err != "":
		balance = v.say("suppliers.silent", "Why", clip(s.Err, 100))
	}
	read := v.say("suppliers.unread")
	if !s.ReadAt.IsZero() {
		read = v.say("suppliers.read", "Families", s.Families, "Time", v.moment(s.ReadAt))
	}
	return lines(v.isolate(s.Name)+" – "+state, balance, v.figures(s), read, v.say("suppliers.doubt", "Count", s.InDoubt))
}

// showStuck lists the orders that do not move.
func (d *Desk) showStuck(ctx context.Context, v *visit, _ []string) error {
	orders, err := d.shop.Stuck(ctx)
	if err != nil {
		return err
	}
	if len(orders) == 0 {
		v.menu(v.say("stuck.title"), v.say("stuck.none"), []Button{v.button("button.refresh", "stuck")}, v.back("admin"))
		return nil
	}
	var list []string
	var rows [][]Button
	for _, o := range orders[:min(len(orders), listed)] {
		list = append(list, v.say("stuck.line", "Order", orderName(o.ID), "State", v.say("state."+string(o.State)),
			"Time", v.moment(o.Created), "Provider", o.Provider, "Total", v.money(o.Total)))
		rows = append(rows, v.stuckRow(o))
	}
	v.menu(v.say("stuck.title"), strings.Join(list, "\n"),
		append(rows, []Button{v.button("button.refresh", "stuck")}, v.back("admin"))...)
	return nil
}

// fact writes a proof of purchase under its label.
func (s speech) fact(f providers.Fact) string {
	label, value := clip(f.Label, 40), clip(f.Value, 200)
	switch f.Label {
	case providers.FactTransaction:
		label = s.say("card.transaction")
	case providers.FactProcessed:
		label = s.say("card.processed")
		if t, ok := stamp(f.Value); ok {
			value = s.moment(t)
		}
	}
	return s.say("card.field", "Label", label, "Value", value)
}
