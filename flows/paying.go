package flows

import (
	"cardrop/flows/checkout"
	"cardrop/store"
)

// next says what comes after the Confirm of a request, by its method.
func (s speech) next(method string) string {
	if text, ok := s.maybe("topup.next." + method); ok {
		return text
	}
	return s.say("topup.next")
}

// showPaying draws a request whose payment a machine sees. Where it is paid stands in a message of its own, which is kept true.
func (v *visit) showPaying(t store.TopUp) {
	word := pageWord(t, "topup.page.soon", "stars.soon")
	if t.Page != 0 {
		word = pageWord(t, "topup.page.below", "stars.below")
	}
	v.menu(v.say("topup.request", "TopUp", topupName(t.ID)), v.summary(t)+"\n\n"+lines(v.say(word), v.say("topup.till", "Until", v.moment(t.Till))),
		[]Button{v.button("button.refresh", "tu:"+t.ID)}, []Button{v.button("topup.drop", "tudrop:"+t.ID)}, v.back("topup"))
}

// pageScreen is the message that leads to the page of a payment, and what is left of it when the request has ended.
func (d *Desk) pageScreen(person *visit, t store.TopUp) (Screen, bool) {
	if t.Method == checkout.MethodStars {
		return d.invoiceScreen(person.speech, t)
	}
	if t.URL == "" || t.State != store.TopUpAsked && t.Page == 0 {
		return Screen{}, false
	}
	s := person.speech
	title := s.say("topup.request", "TopUp", topupName(t.ID))
	page := Screen{Chat: t.User, Edit: t.Page, Marks: []Mark{{Kind: "bold", Length: units(title)}}, Keep: true, Language: s.language,
		TopUp: Told{ID: t.ID, Page: true}}
	if t.State != store.TopUpAsked {
		page.Only, page.Text = true, title+"\n\n"+s.say("topup.stands", "State", s.say("topup.state."+string(t.State)))
		return page, true
	}
	page.Text = title + "\n\n" + s.summary(t) + "\n\n" + lines(s.say("topup.page.pay"), s.say("topup.page.till", "Until", s.moment(t.Till)))
	page.Rows = [][]Button{{{Text: s.say("topup.page.go", "Amount", s.money(t.Asked)), URL: t.URL}}}
	return page, true
}

// unpaid is the word for a request that ended although a machine looks after it.
func unpaid(t store.TopUp) string {
	switch t.Note {
	case checkout.NoteDropped:
		return "topup.page.dropped"
	case checkout.NoteNoPage:
		return "topup.page.none"
	case checkout.NoteFailed:
		return "topup.page.failed"
	}
	return pageWord(t, "topup.page.over", "stars.ended")
}

// pageWord chooses the word for a page of a cashier, or for an invoice in the chat.
func pageWord(t store.TopUp, page, invoice string) string {
	if t.Method == checkout.MethodStars {
		return invoice
	}
	return page
}
