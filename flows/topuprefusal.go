package flows

import (
	"context"
	"slices"
	"strings"

	"cardrop/flows/checkout"
)

// reasons are why a request may be refused, as buttons; anything else is typed.
func reasons() []string { return []string{"notfound", "number", "picture", "name"} }

// ownReason stands for what the admin typed.
const ownReason = "own"

func isReason(s string) bool { return s == ownReason || slices.Contains(reasons(), s) }

// reason is a stored reason in the reader's language.
func (s speech) reason(note string) string {
	if slices.Contains(reasons(), note) || note == checkout.NoteDiffers {
		return s.say("topup.reason." + note)
	}
	return note
}

// askReason asks why a request is refused.
func (d *Desk) askReason(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	if !ok {
		return err
	}
	v.talk.Room, v.talk.Filling.Request = roomReason, t.ID
	var rows [][]Button
	for _, r := range reasons() {
		rows = append(rows, []Button{{Text: v.say("topup.reason." + r), Data: "turefuse:" + t.ID + ":" + r}})
	}
	v.menu(v.say("topup.refuse?", "TopUp", topupName(t.ID)), lines(v.summary(t), v.say("topup.typereason")), append(rows, v.typing("tusee:"+t.ID))...)
	return nil
}

// typedReason takes a reason of the admin's own.
func (d *Desk) typedReason(ctx context.Context, v *visit) error {
	v.talk.Filling.Text = clip(strings.TrimSpace(strings.Map(printed, v.in.Text)), 100)
	if v.talk.Filling.Text == "" {
		return d.open(ctx, v, "tuno:"+v.talk.Filling.Request)
	}
	return d.open(ctx, v, "tuwhy:"+v.talk.Filling.Request)
}

// echoReason repeats a typed reason before its person reads it.
func (d *Desk) echoReason(ctx context.Context, v *visit, args []string) error {
	t, ok, err := d.request(ctx, v, args[0])
	if !ok {
		return err
	}
	no := v.button("topup.refuse", "turefuse:"+t.ID+":"+ownReason)
	no.Style = "danger"
	v.menu(v.say("topup.refuse?", "TopUp", topupName(t.ID)), lines(v.summary(t), v.say("credit.note", "Note", v.talk.Filling.Text)),
		[]Button{no}, v.back("tuno:"+t.ID))
	return nil
}

// refuseTopUp ends a request with a reason.
func (d *Desk) refuseTopUp(ctx context.Context, v *visit, args []string) error {
	reason := args[1]
	if reason == ownReason {
		if reason = v.talk.Filling.Text; reason == "" || v.talk.Filling.Request != args[0] {
			return d.stale(ctx, v)
		}
	}
	v.accept()
	return d.handled(ctx, v, args[0], d.shop.RefuseTopUp(ctx, v.in.User, args[0], reason), "")
}
