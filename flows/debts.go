package flows

import (
	"context"
	"strconv"
	"strings"
)

func debtVerbs() map[string]verb {
	return map[string]verb{"debts": {act: (*Desk).showDebts, view: true, admin: true}}
}

func debtCommands() map[string]command {
	return map[string]command{"debts": {act: view("debts"), admin: true}}
}

// showDebts lists the groups whose balance is below zero, with the age of the debt.
func (d *Desk) showDebts(ctx context.Context, v *visit, _ []string) error {
	debts, err := d.shop.Debts(ctx)
	if err != nil {
		return err
	}
	var list []string
	var sum int64
	for _, debt := range debts {
		since := v.say("debts.long")
		if !debt.Since.IsZero() {
			since = v.say("debts.since", "Time", v.moment(debt.Since), "Days", int(v.now.Sub(debt.Since).Hours()/24))
		}
		sum += debt.Owed
		if len(list) < listed {
			list = append(list, v.say("debts.line", "Group", strconv.FormatInt(debt.Group.Chat, 10), "Amount", v.money(debt.Owed),
				"Credit", v.money(debt.Group.Terms.Credit), "Since", since))
		}
	}
	body := v.say("debts.none")
	if len(list) > 0 {
		body = strings.Join(list, "\n") + "\n\n" + v.say("debts.sum", "Amount", v.money(sum), "Count", len(debts))
	}
	v.menu(v.say("debts.title"), body, []Button{v.button("button.refresh", "debts")}, v.back("admin"))
	return nil
}
