package flows

import (
	"context"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// statementLines is how many entries /balance shows.
const statementLines = 10

// showWallet draws the balance and the last entries.
func (d *Desk) showWallet(ctx context.Context, v *visit, _ []string) error {
	balance, err := d.shop.BalanceOn(ctx, v.account())
	if err != nil {
		return err
	}
	entries, err := d.shop.StatementOn(ctx, v.account(), statementLines)
	if err != nil {
		return err
	}
	list := []string{v.say("wallet.none")}
	if len(entries) > 0 {
		list = []string{v.say("wallet.entries")}
	}
	for _, e := range entries {
		list = append(list, v.say("wallet.line", "Time", v.moment(e.At), "Amount", v.signed(signedFor(v.account(), e)),
			"What", v.entry(v.account(), e)))
	}
	body := lines(v.say("wallet.balance", "Balance", v.money(balance)), v.holder()) + "\n\n" + strings.Join(list, "\n") + "\n\n" +
		lines(v.say("wallet.topup"), v.support())
	rows := [][]Button{{v.button(v.kind("menu.orders"), "orders:0"), v.button("menu.statement", v.month())}, v.home()}
	if v.in.Private && len(d.shop.Methods()) > 0 {
		body = lines(v.say("wallet.balance", "Balance", v.money(balance)), v.owes(balance), v.holder()) + "\n\n" + strings.Join(list, "\n")
		rows = append([][]Button{{v.primary("menu.topup", "topup")}}, rows...)
	}
	v.menu(v.say(v.kind("wallet.title")), body, rows...)
	v.aside(v.say("wallet.balance", "Balance", v.money(balance)), "wallet", rows...)
	return nil
}

// signedFor is what an entry did to a wallet's balance.
func signedFor(account string, e store.Entry) int64 {
	if e.From == account {
		return -e.Amount
	}
	return e.Amount
}

// entry says what an entry was for; its id begins with the order it belongs to.
func (v *visit) entry(account string, e store.Entry) string {
	id, _, _ := strings.Cut(e.ID, ":")
	id, _, _ = strings.Cut(id, ".")
	order := orderName(id)
	switch {
	case checkout.IsSent(e) && e.From == account:
		return v.say("wallet.sent", "Customer", e.Note)
	case checkout.IsSent(e):
		return v.say("wallet.received")
	case strings.HasPrefix(e.ID, checkout.MovePrefix) && e.From == account:
		return v.say("wallet.movedaway")
	case strings.HasPrefix(e.ID, checkout.MovePrefix):
		return v.say("wallet.movedhere")
	case isTopUp(id) && e.To == account:
		return v.say("wallet.filled", "TopUp", topupName(id))
	case isTopUp(id):
		return v.say("wallet.reversed", "TopUp", topupName(id))
	case isOrder(id) && e.To == store.Hold:
		return v.say("wallet.paid", "Order", order)
	case isOrder(id) && e.From == store.Hold:
		return v.say("wallet.returned", "Order", order)
	case isOrder(id) && e.From == store.Sales:
		return v.say("wallet.refunded", "Order", order)
	case e.To == store.External:
		return v.say("wallet.debit", "Note", clip(e.Note, 60))
	case e.From == store.External:
		return v.say("wallet.credit", "Note", clip(e.Note, 60))
	default:
		return v.say("wallet.other", "Note", clip(e.Note, 60))
	}
}
