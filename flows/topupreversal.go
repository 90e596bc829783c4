package flows

import (
	"context"
	"errors"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// topupID reads a request's reference as people copy it.
func topupID(text string) (string, bool) {
	id := strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,/'#:", r) {
			return -1
		}
		return r
	}, strings.ToUpper(western(text)))
	return id, isTopUp(id)
}

// commandReverse is /reverse <top-up> <note>. Nothing is booked before the second tap.
func (d *Desk) commandReverse(ctx context.Context, v *visit) error {
	name, note, _ := strings.Cut(strings.TrimSpace(v.in.Text), " ")
	id, ok := topupID(name)
	note = clip(strings.TrimSpace(strings.Map(printed, note)), 100)
	if !ok || note == "" {
		return d.usage(v, "reverse")
	}
	v.talk.Filling.Text, v.talk.Filling.Request = note, id
	return d.open(ctx, v, "reversing:"+id)
}

// showReversal shows what taking a credit back would do.
func (d *Desk) showReversal(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	if !ok {
		return err
	}
	if t.State != store.TopUpCredited {
		return d.handled(ctx, v, t.ID, nil, v.say("topup.notcredited"))
	}
	balance, err := d.shop.BalanceOn(ctx, t.Account)
	if err != nil {
		return err
	}
	body, err := d.receipt(ctx, v, t)
	if err != nil {
		return err
	}
	freeze, stars := "", ""
	if t.Method == checkout.MethodStars {
		stars = v.say("stars.willreturn")
	}
	if balance < t.Received {
		freeze = "⚠️ " + v.say("topup.willowe")
	}
	back := v.button("topup.reverse", "reverse:"+t.ID, "Amount", v.money(t.Received))
	back.Style = "danger"
	v.menu(v.say("topup.reverse?", "TopUp", topupName(t.ID)), body+"\n\n"+lines(v.say("credit.note", "Note", v.talk.Filling.Text),
		v.say("credit.balance", "Before", v.money(balance), "After", v.money(balance-t.Received)), stars, freeze),
		[]Button{back}, []Button{v.button("button.cancel", "cancel")})
	return nil
}

// reverseTopUp takes a credit back, once.
func (d *Desk) reverseTopUp(ctx context.Context, v *visit, args []string) error {
	f := v.talk.Filling
	if f.Text == "" || f.Request != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	done, err := d.shop.ReverseTopUp(ctx, v.in.User, args[0], f.Text)
	if errors.Is(err, checkout.ErrNote) {
		return d.usage(v, "reverse")
	}
	said := ""
	if err == nil {
		said = v.say("topup.takenback", "Amount", v.money(done.Amount), "Balance", v.money(done.Balance))
	}
	return d.handled(ctx, v, args[0], err, said)
}
