package flows

import (
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// WebPage holds the words of the pages behind a one-time link that show no card. They depend on the language alone: whether a link opens
// anything, and whose it is, cannot be read from them.
type WebPage struct {
	Language  string
	Direction string // ltr or rtl
	Title     string
	Lead      string // what pressing the button does
	Show      string // the button
	Save      string // the button for a file
	Once      string // that it works once, and how long it stays
	Saved     string // what stands where the buttons were once the file came
	Dead      WebNote
	Gone      WebNote
	Later     WebNote
	Busy      WebNote // too many tries
	Plain     WebNote // not over https
}

// WebNote is a page that says one thing.
type WebNote struct {
	Title string
	Body  string
}

// WebPage is what those pages say in a language; in the nearest one the shop speaks.
func (w *Words) WebPage(language string) WebPage {
	s := w.in(language)
	note := func(name string) WebNote {
		return WebNote{Title: s.say("web." + name + ".title"), Body: s.say("web." + name + ".body")}
	}
	p := WebPage{Language: s.language, Direction: "ltr", Title: s.say("web.title"), Lead: s.say("web.lead"), Show: s.say("web.show"),
		Save: s.say("web.save"), Once: s.say("web.once"), Saved: s.say("web.saved"), Dead: note("dead"), Gone: note("gone"), Later: note("later"),
		Busy: note("busy"), Plain: note("plain")}
	if s.leftward {
		p.Direction = "rtl"
	}
	return p
}

// WebCards is the page with the cards of an order. It is drawn only by the delivery channel.
type WebCards struct {
	Language  string
	Direction string
	Title     string // the product
	About     []string
	Cards     []WebCard
	How       WebNote
	Secure    string
	Left      string // how long it stays
	Clear     string // the button that ends it now
	Copy      string // the button beside a code
	Copied    string
	Life      time.Duration
}

// WebCard is one card on it.
type WebCard struct {
	Title   string // empty where there is one card only
	Secrets []WebSecret
	Facts   []string
}

// WebSecret is one labeled secret.
type WebSecret struct {
	Label string
	Value providers.Secret
}

// WebCards lays out a parcel for a page.
func (w *Words) WebCards(p checkout.Parcel) WebCards {
	s := w.in(p.Language)
	head := w.WebPage(p.Language)
	page := WebCards{Language: head.Language, Direction: head.Direction, Title: s.alone(clip(p.Title, 120)), Secure: s.say("card.secure"),
		Left: s.say("web.left", "Life", s.life(p.Life)), Clear: s.say("web.clear"), Copy: s.say("web.copy"), Copied: s.say("web.copied"),
		How: WebNote{Title: s.say("how.title"), Body: s.instructions(p)}, Life: p.Life}
	page.About = []string{s.say("order.name", "Order", orderName(p.Order))}
	var about sheet
	s.about(&about, p)
	if lines := strings.TrimSpace(about.text.String()); lines != "" {
		page.About = append(page.About, strings.Split(lines, "\n")...)
	}
	for i, c := range p.Cards {
		card := WebCard{Secrets: s.secrets(c)}
		if len(p.Cards) > 1 {
			card.Title = s.say("card.heading", "N", i+1, "Count", len(p.Cards))
		}
		for _, f := range c.Facts {
			card.Facts = append(card.Facts, s.fact(f))
		}
		page.Cards = append(page.Cards, card)
	}
	return page
}

// secrets lists what is secret of a card, with its labels; what is empty is left out.
func (s speech) secrets(c providers.Card) []WebSecret {
	var list []WebSecret
	add := func(label string, value providers.Secret) {
		if !value.Empty() {
			list = append(list, WebSecret{Label: label, Value: value})
		}
	}
	add(s.say("card.code"), c.Code)
	add(s.say("card.serial"), c.Serial)
	for _, x := range c.Extras {
		add(s.say("card.label", "Label", s.extraLabel(x.Label)), x.Value)
	}
	return list
}

// WebFile is what the page offers as a file: a text in the layout of the chat's file.
func (w *Words) WebFile(p checkout.Parcel) CodeFile {
	return CodeFile{Name: "cards-" + p.Order + ".txt", Data: w.in(p.Language).document(p)}
}
