package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// depositDays is how far /deposit looks back.
const depositDays = 30

// Funding is what an admin is about to say of our money at a supplier: it waits for the second tap.
type Funding struct {
	Supplier string          `json:"s"`
	Money    providers.Money `json:"m"`
	Set      bool            `json:"e,omitempty"` // this is what there is, not what came
	Note     string          `json:"n,omitempty"`
	Ref      string          `json:"r"`
}

func fundVerbs() map[string]verb {
	return map[string]verb{
		"deposits": {act: (*Desk).showDeposits, view: true, admin: true},
		"funding":  {act: (*Desk).showFunding, view: true, admin: true},
		"fund":     {args: []arg{isRef}, act: (*Desk).fund, admin: true},
		"pause":    {args: []arg{isSupplier}, act: (*Desk).pause, admin: true},
	}
}

func fundCommands() map[string]command {
	return map[string]command{
		"deposit": {act: (*Desk).commandDeposit, admin: true},
		"pause":   {act: (*Desk).commandPause, admin: true},
	}
}

// commandPause is /pause <supplier>.
func (d *Desk) commandPause(ctx context.Context, v *visit) error {
	name := strings.ToLower(strings.TrimSpace(v.in.Text))
	if !isSupplier(name) {
		return d.open(ctx, v, "suppliers")
	}
	return d.pause(ctx, v, []string{name})
}

// pause stops selling from a supplier. Of one that is paused, or does not exist, it only shows how things stand.
func (d *Desk) pause(ctx context.Context, v *visit, args []string) error {
	err := d.shop.PauseByHand(ctx, v.in.User, args[0])
	if err != nil && !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	return d.open(ctx, v, "suppliers")
}

// commandDeposit is /deposit <supplier> <amount> <note>, or =<amount> for what there is; alone it lists the last ones.
func (d *Desk) commandDeposit(ctx context.Context, v *visit) error {
	words := strings.Fields(strings.Map(oneLine, v.in.Text))
	v.talk.Funding = nil
	if len(words) == 0 {
		return d.open(ctx, v, "deposits")
	}
	f := Funding{Supplier: strings.ToLower(words[0]), Ref: "u" + strconv.FormatInt(v.in.Update, 10)}
	currency := d.shop.CurrencyOf(f.Supplier)
	if len(words) < 2 || currency == "" {
		return d.usage(v, "deposit")
	}
	words = words[1:]
	words[0], f.Set = strings.CutPrefix(words[0], "=")
	minor, notes, ok := leadingAmount(words, currency)
	if !ok || minor < 0 || !f.Set && (minor == 0 || len(notes) == 0) {
		return d.usage(v, "deposit")
	}
	f.Money, f.Note = providers.Money{Minor: minor, Currency: currency}, clip(strings.Join(notes, " "), 100)
	v.talk.Funding = &f
	return d.open(ctx, v, "funding")
}

// showFunding draws what is about to be recorded.
func (d *Desk) showFunding(ctx context.Context, v *visit, _ []string) error {
	f := v.talk.Funding
	if f == nil {
		return d.open(ctx, v, "deposits")
	}
	title := "deposit.title"
	if f.Set {
		title = "deposit.set"
	}
	note := ""
	if f.Note != "" {
		note = v.say("credit.note", "Note", f.Note)
	}
	confirm := v.button("deposit.go", "fund:"+f.Ref, "Amount", v.amount(f.Money))
	confirm.Style = "success"
	v.menu(v.say(title), lines(v.say("deposit.what", "Supplier", v.isolate(f.Supplier), "Amount", v.amount(f.Money)), note, v.say("deposit.nomoney")),
		[]Button{confirm}, []Button{v.button("button.cancel", "cancel")})
	return nil
}

// fund records what was confirmed. A second tap carries the same reference and records nothing.
func (d *Desk) fund(ctx context.Context, v *visit, args []string) error {
	f := v.talk.Funding
	if f == nil || f.Ref != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	var err error
	if f.Set {
		err = d.shop.Reckon(ctx, v.in.User, f.Supplier, f.Money)
	} else {
		_, err = d.shop.Deposit(ctx, checkout.Deposit{Supplier: f.Supplier, Money: f.Money, Admin: v.in.User, Note: f.Note, Ref: f.Ref})
	}
	if errors.Is(err, checkout.ErrFunds) {
		v.talk.Funding = nil
		return d.usage(v, "deposit")
	}
	if errors.Is(err, checkout.ErrBooks) {
		v.menu(v.say("deposit.title"), v.say("till.summing"), []Button{v.button("button.refresh", "funding")}, v.back("admin"))
		return nil
	}
	if err != nil {
		return err
	}
	v.talk.Funding = nil
	if f.Set {
		return d.open(ctx, v, "suppliers")
	}
	return d.open(ctx, v, "deposits")
}

// showDeposits lists what was paid in at suppliers, and whether they show it.
func (d *Desk) showDeposits(ctx context.Context, v *visit, _ []string) error {
	v.accept()
	list, unrecorded, err := d.shop.Deposits(ctx, depositDays)
	silent := ""
	if errors.Is(err, checkout.ErrUnavailable) {
		silent, err = v.say("deposit.silent"), nil
	}
	if err != nil {
		return err
	}
	var text []string
	for _, f := range list[:min(len(list), listed)] {
		key := "deposit.line"
		if f.Matched {
			key = "deposit.matched"
		}
		text = append(text, v.say(key, "Time", v.moment(f.At), "Supplier", v.isolate(f.Supplier), "Amount", v.amount(f.Money), "Note", v.isolate(f.Note)))
	}
	for _, f := range unrecorded[:min(len(unrecorded), listed)] {
		text = append(text, v.say("deposit.unrecorded", "Time", v.moment(f.At), "Supplier", v.isolate(f.Supplier), "Amount", v.amount(f.Money)))
	}
	if len(text) == 0 {
		text = []string{v.say("deposit.none")}
	}
	v.menu(v.say("deposit.list"), lines(append(text, silent)...)+"\n\n"+v.say("usage.deposit"), []Button{v.button("button.refresh", "deposits")}, v.back("suppliers"))
	return nil
}

// recharged lists what was paid in at suppliers on a day; empty for nothing.
func (d *Desk) recharged(ctx context.Context, v *visit, day time.Time) (string, error) {
	list, err := d.shop.DepositsOn(ctx, day)
	if err != nil || len(list) == 0 {
		return "", err
	}
	text := []string{v.say("till.recharges")}
	for _, f := range list[:min(len(list), listed)] {
		text = append(text, v.say("till.recharge", "Supplier", v.isolate(f.Supplier), "Amount", v.amount(f.Money), "Admin", d.adminName(ctx, v, f.Admin)))
	}
	return strings.Join(text, "\n"), nil
}

// figures says how a supplier does: how long its money lasts, its calls of the day, its last sale.
func (v *visit) figures(s checkout.Supplier) string {
	calls, lasts, sold := "", "", v.say("suppliers.neversold")
	if s.Calls > 0 {
		calls = v.say("suppliers.calls", "Count", s.Calls, "Percent", percent(s.Failed, s.Calls), "Half", v.quick(s.Half), "Most", v.quick(s.Most))
	}
	if s.Lasts > 0 {
		lasts = v.say("suppliers.lasts", "Time", v.speech.span(s.Lasts))
	}
	if !s.LastSold.IsZero() {
		sold = v.say("suppliers.sold", "Time", v.moment(s.LastSold))
	}
	return lines(lasts, calls, sold)
}

// quick writes a time that a call took.
func (s speech) quick(d time.Duration) string {
	if d >= 10*time.Second {
		return s.span(d)
	}
	return s.say("stats.seconds", "N", strconv.FormatFloat(d.Seconds(), 'f', 1, 64))
}
