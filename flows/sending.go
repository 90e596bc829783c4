package flows

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// Giving is money of a group's wallet that an owner is about to send to a customer, or has sent.
type Giving struct {
	ID      string `json:"i"` // makes it happen once
	User    int64  `json:"u"`
	Number  int64  `json:"c"`
	Amount  int64  `json:"a"` // minor units
	Left    int64  `json:"l,omitempty"`
	Message int    `json:"m,omitempty"` // the receipt, once it was sent
}

// givingCommands and givingVerbs are what owners of a group send money with.
func givingCommands() map[string]command {
	return map[string]command{"send": {act: (*Desk).commandSend}}
}

func givingVerbs() map[string]verb {
	return map[string]verb{
		"giving": {act: (*Desk).showGiving, view: true},
		"give":   {args: []arg{isOrder}, act: (*Desk).give},
	}
}

// commandSend is /send <customer> <amount>, or /send <amount> in reply to a customer's message. Nothing is booked before the second tap.
func (d *Desk) commandSend(ctx context.Context, v *visit) error {
	if v.group.Terms.Role(v.in.User) != store.RoleOwner {
		return d.ownersOnly(ctx, v, "group_send")
	}
	words := strings.Fields(v.in.Text)
	user, typed := v.in.Replied, ""
	if named := len(words) > 0 && (user <= 0 || isCustomerName(words[0])); named {
		var err error
		typed, words = words[0], words[1:]
		if user, err = d.customer(ctx, typed); err != nil && !nameless(err) {
			return err
		} else if errors.Is(err, errNoName) {
			return d.groupUsage(v, "send")
		} else if err != nil {
			return d.nobody(v, typed)
		}
	}
	amount, rest, ok := leadingAmount(words, d.words.options.Currency)
	if !ok || amount <= 0 || len(rest) > 0 || user <= 0 {
		return d.groupUsage(v, "send")
	}
	number, err := d.numberOf(ctx, user)
	if err != nil {
		return err
	}
	if number == 0 { // to somebody who never talked to the shop nothing is sent: it may be a slip
		return d.nobody(v, typed)
	}
	v.talk.Giving = &Giving{ID: d.shop.NewOrderID(), User: user, Number: number, Amount: amount}
	return d.open(ctx, v, "giving")
}

// isCustomerName tells whether a word is a customer's number such as C-4821.
func isCustomerName(word string) bool { _, ok := customerNumber(word); return ok }

// nobody says that the shop knows no such customer.
func (d *Desk) nobody(v *visit, typed string) error {
	title := v.say("send.unknown")
	if typed != "" {
		title = v.say("customer.nobody", "Typed", clip(typed, 40))
	}
	v.menu(title, v.say("usage.send"), v.home())
	return nil
}

// masked is a name as somebody who may not know the person sees it: enough to notice a slip.
func masked(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return ""
	}
	return string(r) + "…"
}

// receiver names whom money goes to.
func (d *Desk) receiver(ctx context.Context, v *visit, g Giving) (string, error) {
	person, err := d.known(ctx, g.User)
	if err != nil {
		return "", err
	}
	name := v.isolate(customerName(g.Number))
	if who := masked(person.talk.Name); who != "" {
		name += " (" + v.isolate(who) + ")"
	}
	return name, nil
}

// showGiving draws what is about to be sent, or the receipt once it was.
func (d *Desk) showGiving(ctx context.Context, v *visit, _ []string) error {
	g := v.talk.Giving
	if g == nil {
		return d.open(ctx, v, "menu")
	}
	who, err := d.receiver(ctx, v, *g)
	if err != nil {
		return err
	}
	if g.Message != 0 {
		v.given(*g, who)
		return nil
	}
	balance, err := d.shop.BalanceOn(ctx, v.account())
	if err != nil {
		return err
	}
	if may := balance + v.group.Terms.Credit; may < g.Amount {
		return v.unsent(&checkout.ShortError{Balance: may, Total: g.Amount}, v.button("menu.balance", "wallet"))
	}
	confirm := v.button("send.go", "give:"+g.ID, "Amount", v.money(g.Amount))
	confirm.Style = "success"
	v.menu(v.say("send.title"), lines(v.say("send.to", "Customer", who), v.say("send.amount", "Amount", v.money(g.Amount)), v.echo(g.Amount),
		v.say("credit.balance", "Before", v.money(balance), "After", v.money(balance-g.Amount)))+"\n\n"+v.say("send.rule"),
		[]Button{confirm}, []Button{v.button("button.cancel", "cancel")})
	return nil
}

// give sends what was confirmed. A second tap carries the same id and moves nothing.
func (d *Desk) give(ctx context.Context, v *visit, args []string) error {
	g := v.talk.Giving
	if g == nil || g.ID != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	who, err := d.receiver(ctx, v, *g)
	if err != nil {
		return err
	}
	if g.Message != 0 && g.Message != v.in.Message { // the confirm screen stood there twice
		v.reply.Delete = append(v.reply.Delete, v.in.Message)
	} else if g.Message == 0 {
		left, _, err := d.shop.Send(ctx, checkout.Sending{ID: g.ID, Group: *v.group, Sender: v.in.User, To: g.User, Amount: g.Amount,
			Number: customerName(g.Number)})
		if err != nil {
			return v.unsent(err, v.button("button.back", "giving"))
		}
		g.Left, g.Message = left, v.in.Message
		v.talk.Screen = "giving"
	}
	v.given(*g, who)
	return nil
}

// unsent says why no money was sent.
func (v *visit) unsent(err error, way Button) error {
	if short, ok := errors.AsType[*checkout.ShortError](err); ok {
		v.fail(failure{code: "SEND_SHORT", money: moneyNone}, "", []any{"Balance", v.money(short.Balance), "Amount", v.money(short.Total)}, []Button{way})
		return nil
	}
	return v.refuse(err, "", []Button{way})
}

// given turns the confirm screen into the receipt; it is no menu any more.
func (v *visit) given(g Giving, who string) {
	if g.Message == v.live {
		v.leave()
	}
	title := v.say("send.done", "Amount", v.money(g.Amount))
	v.keep(Screen{Edit: g.Message, Marks: []Mark{{Kind: "bold", Length: units(title)}}, Text: title + "\n\n" + lines(
		v.say("send.to", "Customer", who), v.say("credit.now", "Balance", v.money(g.Left)), v.say("send.ref", "Ref", orderName(g.ID)))})
}
