package flows

import (
	"context"
	"errors"
	"strconv"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// Filling is a top-up as far as a talk has come: what a person is about to ask for, or what an admin is about to decide.
type Filling struct {
	Method  string `json:"m,omitempty"`
	Amount  int64  `json:"a,omitempty"` // minor units
	ID      string `json:"i,omitempty"` // of the confirm screen on display
	Request string `json:"r,omitempty"` // the request that waits for its proof, or that an admin looks at
	Lacks   int64  `json:"l,omitempty"` // what the last purchase was short of, minor units
	Text    string `json:"t,omitempty"` // an admin's own reason or note
}

// The rooms of a top-up.
const (
	roomAmount   = "amount"   // how much a person wants to fill in
	roomProof    = "proof"    // the operator's number, or a picture
	roomReceived = "received" // what an admin saw arriving
	roomReason   = "reason"   // why an admin refuses
)

// topupVerbs lists the buttons about top-ups and statements.
func topupVerbs() map[string]verb {
	return map[string]verb{
		"topup":   {act: (*Desk).showMethods, view: true},
		"tuhow":   {args: []arg{isMethod}, act: (*Desk).askAmount, view: true},
		"tufor":   {args: []arg{isMethod, isMinor}, act: (*Desk).confirmTopUp, view: true},
		"tugo":    {args: []arg{isTopUp}, act: (*Desk).beginTopUp},
		"tu":      {args: []arg{isTopUp}, act: (*Desk).showTopUp, view: true},
		"tualone": {args: []arg{isTopUp}, act: (*Desk).proveAlone},
		"tudrop":  {args: []arg{isTopUp}, act: (*Desk).dropTopUp},

		"topups":    {args: []arg{isPage}, act: (*Desk).showWaiting, view: true, admin: true},
		"tusee":     {args: []arg{isTopUp}, act: (*Desk).showRequest, view: true, admin: true},
		"tuclaim":   {args: []arg{isTopUp}, act: (*Desk).claimTopUp, admin: true},
		"tutake":    {args: []arg{isTopUp, isUser}, act: (*Desk).claimTopUp, admin: true},
		"tupic":     {args: []arg{isTopUp}, act: (*Desk).showReceipt, admin: true},
		"tuyes":     {args: []arg{isTopUp}, act: (*Desk).askReceived, view: true, admin: true},
		"tuother":   {args: []arg{isTopUp}, act: (*Desk).askOther, view: true, admin: true},
		"tuecho":    {args: []arg{isTopUp, isMinor}, act: (*Desk).echoReceived, view: true, admin: true},
		"tucredit":  {args: []arg{isTopUp, isMinor}, act: (*Desk).creditTopUp, admin: true},
		"tuno":      {args: []arg{isTopUp}, act: (*Desk).askReason, view: true, admin: true},
		"tuwhy":     {args: []arg{isTopUp}, act: (*Desk).echoReason, view: true, admin: true},
		"turefuse":  {args: []arg{isTopUp, isReason}, act: (*Desk).refuseTopUp, admin: true},
		"reversing": {args: []arg{isTopUp}, act: (*Desk).showReversal, view: true, admin: true},
		"reverse":   {args: []arg{isTopUp}, act: (*Desk).reverseTopUp, admin: true},

		"stmt":    {args: []arg{isDay, isDay, isPage}, act: (*Desk).showStatement, view: true},
		"stmtcsv": {args: []arg{isDay, isDay}, act: (*Desk).statementFile},
	}
}

func isTopUp(s string) bool  { return made(s, 6, 6, orderLetter) }
func isMethod(s string) bool { return made(s, 2, 16, lowers) }
func isMinor(s string) bool  { return made(s, 1, 13, digits) && s[0] != '0' }

// topupName is a request's reference as it is read aloud.
func topupName(id string) string {
	if len(id) != 6 {
		return id
	}
	return id[:3] + "-" + id[3:]
}

// method names a method of payment.
func (s speech) method(name string) string {
	text, ok := s.maybe("topup.method." + name)
	if !ok {
		return name
	}
	return text
}

// owes says that a wallet is frozen because a credit was taken back; empty while it is not.
func (v *visit) owes(balance int64) string {
	if balance >= 0 || !v.in.Private {
		return ""
	}
	return v.say("topup.owes", "Missing", v.money(-balance))
}

// topupRow leads from a purchase that is short to a top-up of what is missing; nothing where the shop takes no payments.
func (d *Desk) topupRow(v *visit, lacks int64) []Button {
	if !v.in.Private || len(d.shop.Methods()) == 0 {
		return nil
	}
	v.talk.Filling.Lacks = lacks
	return []Button{v.primary("topup.lacks", "topup", "Amount", v.money(lacks))}
}

// topupFor is topupRow for a purchase that was refused.
func (d *Desk) topupFor(v *visit, err error) []Button {
	if short, ok := errors.AsType[*checkout.ShortError](err); ok {
		return d.topupRow(v, short.Total-short.Balance)
	}
	return nil
}

// showMethods asks how a person wants to pay, and shows the requests that have not ended.
func (d *Desk) showMethods(ctx context.Context, v *visit, _ []string) error {
	balance, err := d.shop.Balance(ctx, v.in.User)
	if err != nil {
		return err
	}
	mine, err := d.shop.TopUps(ctx, v.in.User)
	if err != nil {
		return err
	}
	var rows [][]Button
	for _, t := range mine {
		if t.State == store.TopUpAsked || t.State == store.TopUpSent || t.State == store.TopUpClaimed {
			rows = append(rows, []Button{v.button("topup.open", "tu:"+t.ID, "TopUp", topupName(t.ID), "Amount", v.money(t.Asked))})
		}
	}
	head := lines(v.say("wallet.balance", "Balance", v.money(balance)), v.owes(balance))
	methods := d.shop.Methods()
	if len(methods) == 0 {
		v.menu(v.say("topup.title"), head+"\n\n"+lines(v.say("wallet.topup"), v.support()), append(rows, v.back("wallet"))...)
		return nil
	}
	for _, m := range methods {
		rows = append(rows, []Button{{Text: v.method(m.Name()), Data: "tuhow:" + m.Name()}})
	}
	v.menu(v.say("topup.title"), head+"\n\n"+lines(v.say("topup.how"), v.attended()), append(rows, v.back("wallet"))...)
	return nil
}

// askAmount asks how much, by presets or typed.
func (d *Desk) askAmount(_ context.Context, v *visit, args []string) error {
	m, err := d.shop.Method(args[0])
	if err != nil {
		return v.refuse(err, "", []Button{v.button("topup.others", "topup")})
	}
	v.talk.Room, v.talk.Filling.Method = roomAmount, m.Name()
	d.amounts(v, m, v.say("topup.ask"))
	return nil
}

// amounts draws the question how much, with what is said above it.
func (d *Desk) amounts(v *visit, m checkout.PaymentMethod, ask string) {
	least, most := d.shop.TopUpLimits(m)
	limits := v.say("topup.least", "Least", v.money(least))
	if most > 0 {
		limits = v.say("topup.between", "Least", v.money(least), "Most", v.money(most))
	}
	var buttons []Button
	for _, minor := range presets(v.talk.Filling.Lacks, least, most) {
		buttons = append(buttons, Button{Text: v.money(minor), Data: "tufor:" + m.Name() + ":" + strconv.FormatInt(minor, 10)})
	}
	v.menu(v.method(m.Name()), lines(ask, limits), append(columns(2, buttons), v.typing("topup"))...)
}

// presets are amounts to choose from: what a purchase lacks, rounded up to whole units, and round ones within the limits.
func presets(lacks, least, most int64) []int64 {
	var out []int64
	fits := func(minor int64) bool { return minor >= least && (most == 0 || minor <= most) }
	if lacks > 0 {
		if need := max((lacks+99)/100*100, least); fits(need) {
			out = append(out, need)
		}
	}
	for _, whole := range []int64{500, 1000, 2000, 5000, 10000, 20000} {
		if minor := whole * 100; fits(minor) && len(out) < 6 && (len(out) == 0 || minor != out[0]) {
			out = append(out, minor)
		}
	}
	return out
}

// confirmTopUp echoes what is about to be asked for. Its button carries the request's reference, so that two taps ask once.
func (d *Desk) confirmTopUp(ctx context.Context, v *visit, args []string) error {
	amount, err := strconv.ParseInt(args[1], 10, 64)
	if err == nil {
		err = d.shop.CheckTopUp(args[0], amount)
	}
	if err != nil {
		return d.badAmount(ctx, v, args[0], err)
	}
	f := &v.talk.Filling
	if !v.redraw && (f.ID == "" || f.ID == f.Request || f.Method != args[0] || f.Amount != amount) {
		f.ID = d.shop.NewTopUpID()
	}
	f.Method, f.Amount = args[0], amount
	confirm := v.button("topup.go", "tugo:"+f.ID, "Amount", v.money(amount))
	confirm.Style = "success"
	v.menu(v.say("topup.check"), lines(v.say("topup.by", "Method", v.method(args[0])), v.say("credit.amount", "Amount", v.money(amount)), v.echo(amount),
		d.starCost(v.speech, args[0], amount), v.next(args[0])), []Button{confirm}, v.typing("tuhow:"+args[0]))
	return nil
}

// badAmount asks for the amount again, with the limits and an example.
func (d *Desk) badAmount(_ context.Context, v *visit, method string, err error) error {
	m, known := d.shop.Method(method)
	if known != nil {
		return v.refuse(known, "", []Button{v.button("topup.others", "topup")})
	}
	v.talk.Screen, v.talk.Room, v.talk.Filling.Method = "tuhow:"+method, roomAmount, method
	ask := v.say("topup.unread")
	if limit, ok := errors.AsType[*checkout.AmountError](err); ok {
		ask = v.say("topup.low")
		switch {
		case limit.Whole:
			ask = v.say("topup.whole")
		case limit.Most > 0:
			ask = v.say("topup.outside")
		}
	}
	d.amounts(v, m, ask)
	return nil
}

// beginTopUp asks for a top-up: an account is shown from then on.
func (d *Desk) beginTopUp(ctx context.Context, v *visit, args []string) error {
	f := &v.talk.Filling
	if f.ID != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	t, err := d.shop.AskTopUp(ctx, v.in.User, f.ID, f.Method, f.Amount)
	if limit, ok := errors.AsType[*checkout.AmountError](err); ok {
		return d.badAmount(ctx, v, f.Method, limit)
	}
	if err != nil {
		return v.refuse(err, "", []Button{v.button("topup.others", "topup")})
	}
	f.Request = t.ID
	return d.open(ctx, v, "tu:"+t.ID)
}

// dropTopUp ends a request that its person gives up.
func (d *Desk) dropTopUp(ctx context.Context, v *visit, args []string) error {
	v.accept()
	err := d.shop.DropTopUp(ctx, v.in.User, args[0])
	if _, moved := errors.AsType[*checkout.TopUpStateError](err); err != nil && !moved {
		return v.refuse(err, "", []Button{v.button("topup.others", "topup")})
	}
	return d.open(ctx, v, "tu:"+args[0])
}

// typedTopUp takes what was typed about a top-up.
func (d *Desk) typedTopUp(ctx context.Context, v *visit) error {
	switch v.talk.Room {
	case roomAmount:
		amount, err := amountOf(v.in.Text, d.words.options.Currency)
		if err == nil {
			err = d.shop.CheckTopUp(v.talk.Filling.Method, amount)
		}
		if err != nil {
			return d.badAmount(ctx, v, v.talk.Filling.Method, err)
		}
		return d.open(ctx, v, "tufor:"+v.talk.Filling.Method+":"+strconv.FormatInt(amount, 10))
	case roomReceived:
		return d.typedReceived(ctx, v)
	case roomReason:
		return d.typedReason(ctx, v)
	}
	return d.prove(ctx, v, v.talk.Filling.Request, v.in.Text, Picture{})
}
