package flows

import (
	"strconv"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/providers/ocpay"
	paysandbox "cardrop/providers/ocpay/sandbox"
	"cardrop/providers/providertest"
)

// cashier joins the shipped client to its simulator.
func (st *stage) cashier() checkout.PaymentMethod {
	st.t.Helper()
	st.pages = paysandbox.New(paysandbox.Options{Token: "token", Page: "https://pay.example", Now: st.clock.Now})
	c, err := ocpay.New(ocpay.Options{AccessToken: providers.NewSecret("token"), BaseURL: providertest.Serve(st.t, st.pages).URL + "/v3"})
	st.must(err)
	return checkout.NewPayPage(ocpay.Name, c, 100, checkout.PayPageOptions{Least: ocpay.Least, Most: ocpay.Most, Life: ocpay.Life, Sandbox: true})
}

// star is a tap on the Pay button of the newest invoice: Telegram asks, and tells of the payment when it may be. With "anyway" it is told
// even so.
func (st *stage) star(words []string) {
	st.t.Helper()
	list, err := st.shop.TopUps(st.t.Context(), st.user.id)
	st.must(err)
	payer, err := strconv.ParseInt(words[0], 10, 64)
	st.must(err)
	p := Paying{Query: "q", User: payer, Language: st.user.language, TopUp: list[0].ID, Stars: checkout.StarsOf(list[0])}
	refusal := st.desk.MayPay(st.t.Context(), p)
	if refusal != "" {
		st.print("(refused: %s)", refusal)
	}
	if refusal == "" || len(words) > 2 {
		_, err := st.desk.Handle(st.t.Context(), Input{Update: int64(st.update), Chat: payer, User: payer, Private: true,
			Paid: &Paid{Charge: words[1], TopUp: p.TopUp, Stars: p.Stars}})
		st.must(err)
	}
	st.notices()
}

// directPaying are the directions about payments that a machine sees.
func (st *stage) directPaying(words []string) bool {
	st.t.Helper()
	links := st.pages.Links()
	switch words[0] {
	case "pay": // the newest page is paid
		if len(links) == 0 || !st.pages.Pay(links[len(links)-1].Ref) {
			st.t.Fatal("there is no page to pay on")
		}
	case "decline": // or its payer declines
		st.pages.Decline(links[len(links)-1].Ref)
	case "payfault": // how payments or calls go wrong, and for how long
		trouble := paysandbox.Trouble{Fault: paysandbox.Fault(words[1]), Times: 1}
		if len(words) > 2 {
			wait, err := time.ParseDuration(words[2])
			st.must(err)
			trouble.For = wait
		}
		st.must(st.pages.Fault(trouble))
	case "star": // whom Telegram asks about, the charge if it is let through, and another amount of Stars
		st.star(words[1:])
	default:
		return false
	}
	return true
}
