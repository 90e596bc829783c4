package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// waitingSize is how many requests the queue shows at once.
const waitingSize = 8

// showWaiting lists the requests that wait for an admin, oldest first.
func (d *Desk) showWaiting(ctx context.Context, v *visit, args []string) error {
	page := pageOf(args[0])
	list, more, err := d.shop.WaitingTopUps(ctx, page, waitingSize)
	if err != nil {
		return err
	}
	body := []string{v.say("topups.none")}
	if len(list) > 0 {
		body = nil
	}
	var rows [][]Button
	for _, t := range list {
		body = append(body, v.say("topups.line", "TopUp", topupName(t.ID), "Amount", v.money(t.Asked), "Method", v.method(t.Method),
			"Time", v.moment(t.SentAt), "State", v.say("topup.state."+string(t.State))))
		rows = append(rows, []Button{v.button("topups.open", "tusee:"+t.ID, "TopUp", topupName(t.ID), "Amount", v.money(t.Asked))})
	}
	rows = append(rows, v.pager(page, more, func(p int) string { return "topups:" + number(p) }),
		[]Button{v.button("button.refresh", "topups:"+args[0])}, v.back("admin"))
	v.menu(v.say("topups.title"), strings.Join(body, "\n"), rows...)
	return nil
}

// receipt is what an admin is told of a request.
func (d *Desk) receipt(ctx context.Context, v *visit, t store.TopUp) (string, error) {
	s := v.speech
	person, err := d.known(ctx, t.User)
	if err != nil {
		return "", err
	}
	balance, err := d.shop.BalanceOn(ctx, t.Account)
	if err != nil {
		return "", err
	}
	facts := []string{s.say("credit.user", "User", userName(t.User, person.customer)), s.say("topup.name", "Name", first(person.talk.Name, "?")),
		s.say("wallet.balance", "Balance", s.money(balance)), "", s.summary(t), ""}
	for _, f := range checkout.Shown(t).Fields {
		facts = append(facts, s.say("topup."+f.Key, "Value", clip(f.Value, 80)))
	}
	if t.Seen != "" {
		facts = append(facts, s.say("topup.seen", "TopUp", topupName(t.Seen)))
	}
	if t.Alone && t.Number != "" {
		facts = append(facts, s.say("topup.nopicture"))
	}
	by := ""
	if t.Admin != 0 {
		admin, err := d.known(ctx, t.Admin)
		if err != nil {
			return "", err
		}
		if t.Admin == v.in.User { // whose name may have come with this very step
			admin = v
		}
		by = s.say("topup.claimedby", "Name", first(admin.talk.Name, strconv.FormatInt(t.Admin, 10)))
	}
	got, why := "", ""
	if t.Received != 0 {
		got = s.say("topup.got", "Amount", s.money(t.Received))
	}
	if t.Note != "" {
		why = s.say("credit.note", "Note", clip(s.reason(t.Note), 200))
	}
	facts = append(facts, "", s.say("topup.stands", "State", s.say("topup.state."+string(t.State))), by, got, why)
	return strings.TrimSpace(spaced(facts)), nil
}

// known is what the shop knows of a person: their talk, and their language.
func (d *Desk) known(ctx context.Context, user int64) (*visit, error) {
	kept, err := d.talks.LoadTalk(ctx, user, 0)
	if err != nil {
		return nil, err
	}
	return d.visit(Input{Chat: user, User: user, Private: true}, kept), nil
}

// request reads the request that an admin means, and draws the refusal if there is none.
func (d *Desk) request(ctx context.Context, v *visit, id string) (store.TopUp, bool, error) {
	t, err := d.shop.TopUp(ctx, id, 0)
	if errors.Is(err, checkout.ErrNotFound) {
		v.menu(v.say("topup.unknown"), "", []Button{v.button("admin.topups", "topups:0")}, v.home())
		return t, false, nil
	}
	return t, err == nil, err
}

// showRequest draws a request for an admin, with what may be done about it.
func (d *Desk) showRequest(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	if !ok {
		return err
	}
	body, err := d.receipt(ctx, v, t)
	if err != nil {
		return err
	}
	v.menu(v.say("topup.request", "TopUp", topupName(t.ID)), body, append(v.handles(t), v.back("topups:0"))...)
	return nil
}

// handles are what an admin may do about a request.
func (v *visit) handles(t store.TopUp) [][]Button {
	var rows [][]Button
	switch {
	case t.State == store.TopUpSent:
		rows = append(rows, []Button{v.primary("topup.claim", "tuclaim:"+t.ID)})
	case t.State == store.TopUpClaimed && t.Admin == v.in.User:
		yes := v.button("topup.approve", "tuyes:"+t.ID)
		yes.Style = "success"
		no := v.button("topup.refuse", "tuno:"+t.ID)
		no.Style = "danger"
		rows = append(rows, []Button{yes}, []Button{no})
	case t.State == store.TopUpClaimed:
		rows = append(rows, []Button{v.button("topup.takeover", "tutake:"+t.ID+":"+strconv.FormatInt(t.Admin, 10))})
	case t.State == store.TopUpRefused:
		rows = append(rows, []Button{v.button("topup.again", "tuclaim:"+t.ID)})
	}
	if t.Picture.File != "" {
		rows = append(rows, []Button{v.button("topup.picture", "tupic:"+t.ID)})
	}
	return rows
}

// showReceipt sends the picture once more.
func (d *Desk) showReceipt(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	if !ok || t.Picture.File == "" {
		return err
	}
	v.keep(Screen{Text: v.say("topup.request", "TopUp", topupName(t.ID)), Picture: t.Picture})
	return nil
}

// claimTopUp takes a request, also over from another admin.
func (d *Desk) claimTopUp(ctx context.Context, v *visit, args []string) error {
	v.accept()
	from := int64(0)
	if len(args) > 1 {
		from, _ = strconv.ParseInt(args[1], 10, 64)
	}
	return d.handled(ctx, v, args[0], d.shop.ClaimTopUp(ctx, v.in.User, args[0], from), "")
}

// handled shows a request after a step, and why the step was not taken.
func (d *Desk) handled(ctx context.Context, v *visit, id string, err error, done string) error {
	_, moved := errors.AsType[*checkout.TopUpStateError](err)
	if err != nil && !moved && !errors.Is(err, checkout.ErrNotFound) {
		return v.refuse(err, "", []Button{v.button("admin.topups", "topups:0")})
	}
	if err := d.open(ctx, v, "tusee:"+id); err != nil {
		return err
	}
	if moved {
		done = v.say("topup.moved")
	}
	if done != "" {
		v.remark(done)
	}
	return nil
}

// askReceived asks what has come: as much as was asked for, or another amount.
func (d *Desk) askReceived(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	if !ok {
		return err
	}
	return d.offerCredit(ctx, v, t, t.Asked, []Button{v.button("topup.other", "tuother:"+t.ID)})
}

// echoReceived repeats a typed amount before it is credited.
func (d *Desk) echoReceived(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	amount, bad := strconv.ParseInt(args[1], 10, 64)
	if !ok || bad != nil {
		return errors.Join(err, bad)
	}
	return d.offerCredit(ctx, v, t, amount, nil)
}

// offerCredit shows what a credit of an amount would do.
func (d *Desk) offerCredit(ctx context.Context, v *visit, t store.TopUp, amount int64, row []Button) error {
	balance, err := d.shop.BalanceOn(ctx, t.Account)
	if err != nil {
		return err
	}
	confirm := v.button("topup.credit", "tucredit:"+t.ID+":"+strconv.FormatInt(amount, 10), "Amount", v.money(amount))
	confirm.Style = "success"
	v.menu(v.say("topup.received?", "TopUp", topupName(t.ID)), lines(v.summary(t), v.say("topup.got", "Amount", v.money(amount)), v.echo(amount),
		v.say("credit.balance", "Before", v.money(balance), "After", v.money(balance+amount)))+"\n\n"+v.say("topup.lookfirst"),
		[]Button{confirm}, row, v.back("tusee:"+t.ID))
	return nil
}

// askOther lets an admin type what has come.
func (d *Desk) askOther(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	if !ok {
		return err
	}
	v.talk.Room, v.talk.Filling.Request = roomReceived, t.ID
	v.menu(v.say("topup.received?", "TopUp", topupName(t.ID)), lines(v.summary(t), v.say("topup.typeamount")), v.typing("tuyes:"+t.ID))
	return nil
}

// typedReceived reads what an admin typed as received.
func (d *Desk) typedReceived(ctx context.Context, v *visit) error {
	id := v.talk.Filling.Request
	amount, err := amountOf(v.in.Text, d.words.options.Currency)
	if err != nil || amount <= 0 || !isMinor(strconv.FormatInt(amount, 10)) {
		if err := d.open(ctx, v, "tuother:"+id); err != nil {
			return err
		}
		v.remark("⚠️ " + v.say("topup.unread"))
		return nil
	}
	return d.open(ctx, v, "tuecho:"+id+":"+strconv.FormatInt(amount, 10))
}

// creditTopUp books what was received, once.
func (d *Desk) creditTopUp(ctx context.Context, v *visit, args []string) error {
	v.accept()
	amount, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return d.stale(ctx, v)
	}
	done, err := d.shop.CreditTopUp(ctx, v.in.User, args[0], amount)
	said := ""
	switch {
	case err != nil:
	case !done.Fresh:
		said = v.say("topup.twice", "Amount", v.money(done.Amount))
	default:
		said = v.say("topup.booked", "Amount", v.money(done.Amount), "Balance", v.money(done.Balance))
	}
	if _, limit := errors.AsType[*checkout.AmountError](err); limit {
		return d.stale(ctx, v)
	}
	return d.handled(ctx, v, args[0], err, said)
}
