package flows

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// Paying is the question whether an invoice may be paid.
type Paying struct {
	Query    string // to answer it by
	User     int64  // who pays
	Language string // of their client
	TopUp    string // the request on the invoice; it may be anything
	Stars    int64  // 0 when the payment is in another currency
}

// Paid is a payment that Telegram tells of.
type Paid struct {
	Charge string // Telegram's id of it
	TopUp  string
	Stars  int64
}

// Invoice is a message that asks for Stars.
type Invoice struct {
	Title string // 1 to 32 characters
	Text  string // 1 to 255
	TopUp string
	Stars int64
}

// starVerbs lists the buttons about Stars.
func starVerbs() map[string]verb {
	return map[string]verb{"paysupport": {act: (*Desk).showPaySupport, view: true}}
}

// starCommands lists what may be asked about them.
func starCommands() map[string]command {
	return map[string]command{"paysupport": {act: view("paysupport")}}
}

// showPaySupport says what to do about a payment that went wrong, and how one can be had back.
func (d *Desk) showPaySupport(_ context.Context, v *visit, _ []string) error {
	v.menu(v.say("paysupport.title"), lines(v.say("paysupport.body"), v.support()), []Button{v.button("menu.topup", "topup")}, v.home())
	return nil
}

// MayPay tells why an invoice may not be paid now, in the payer's words; nothing when it may.
func (d *Desk) MayPay(ctx context.Context, p Paying) string {
	s := d.words.in(d.words.Match(p.Language))
	if kept, err := d.talks.LoadTalk(ctx, p.User, 0); err == nil && kept.Language != "" {
		s = d.words.in(kept.Language)
	}
	err := d.shop.CheckStars(ctx, checkout.StarPayment{TopUp: p.TopUp, Payer: p.User, Stars: p.Stars})
	_, moved := errors.AsType[*checkout.TopUpStateError](err)
	switch {
	case err == nil:
		return ""
	case moved:
		return s.say("stars.over")
	case errors.Is(err, checkout.ErrNotFound):
		return s.say("stars.notyours")
	}
	d.log.Warn("payment not decided", "err", err)
	return s.say("stars.later")
}

// paid books a payment. An error means that nothing was booked: its notice comes again.
func (d *Desk) paid(ctx context.Context, in Input) error {
	err := d.shop.StarsPaid(ctx, checkout.StarPayment{Charge: in.Paid.Charge, TopUp: in.Paid.TopUp, Payer: in.User, Stars: in.Paid.Stars})
	if err != nil {
		return fmt.Errorf("book payment: %w", err)
	}
	return nil
}

// starCost says how many Stars an amount costs; nothing for another way to pay.
func (d *Desk) starCost(s speech, method string, amount int64) string {
	if method != checkout.MethodStars {
		return ""
	}
	return s.say("topup.stars", "Value", strconv.FormatInt(d.shop.StarsFor(amount), 10))
}

// invoiceScreen is the message that asks for the Stars of a request; when the request ended unpaid it is taken away. Telegram itself marks one
// that was paid.
func (d *Desk) invoiceScreen(s speech, t store.TopUp) (Screen, bool) {
	title := s.say("topup.request", "TopUp", topupName(t.ID))
	page := Screen{Chat: t.User, Text: title, Edit: t.Page, Keep: true, Language: s.language, TopUp: Told{ID: t.ID, Page: true}}
	switch {
	case t.State == store.TopUpAsked && t.Page == 0:
		page.Invoice = &Invoice{Title: clip(title, 32), Text: clip(s.say("stars.text", "Amount", s.money(t.Asked)), 255), TopUp: t.ID,
			Stars: checkout.StarsOf(t)}
	case t.State == store.TopUpExpired && t.Page != 0:
		page.Gone = true
	default:
		return Screen{}, false
	}
	return page, true
}
