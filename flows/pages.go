package flows

import (
	"fmt"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// Limits of a page with codes.
const (
	copyLimit = 256 // characters a copy button holds
	pageCards = 5   // more cards than this come as one file
)

// Placeholder is the message that stands where the codes will be: it holds none.
func (w *Words) Placeholder(to checkout.Recipient) Screen {
	s := w.in(to.Language)
	title := s.count("placeholder.title", to.Cards)
	body := lines(s.alone(clip(to.Title, 120)), s.say("order.name", "Order", orderName(to.Order)), s.say("placeholder.life", "Life", s.life(to.Life)))
	return Screen{
		Chat: to.Chat, Text: title + "\n\n" + body, Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Keep: true, Protect: !to.File, Language: s.language,
	}
}

// Expired is what stays where a message with codes is too old to be deleted: a text, or a file in the place of the file.
func (w *Words) Expired(language string) (string, File) {
	text := w.in(language).say("expired")
	return text, File{Name: "expired.txt", Data: []byte(text + "\n")}
}

// Codes is the message with the codes: one card a block, each secret a spoiler, with copy buttons. More than five cards, and
// what does not fit a message, come as one file. A parcel without cards is an error.
func (w *Words) Codes(p checkout.Parcel) (CodePage, error) {
	if len(p.Cards) == 0 {
		return CodePage{}, fmt.Errorf("draw codes of order %s: no cards", p.Order)
	}
	s := w.in(p.Language)
	rows := [][]Button{{{Text: s.say("button.saved"), Data: "saved:" + p.Order, Style: "danger"}}}
	if p.Extend {
		rows[0] = append(rows[0], Button{Text: s.say("button.more"), Data: "more:" + p.Order})
	}
	if !p.File && len(p.Cards) <= pageCards {
		page := s.page(p)
		if page.units <= textLimit {
			page.rows = rows
			return page.codes(), nil
		}
	}
	var about sheet
	about.line(s.count("file.title", len(p.Cards), "Order", orderName(p.Order)))
	about.line(s.alone(clip(p.Title, 120)))
	about.line(s.say("card.until", "Until", s.moment(p.Until)))
	about.line(s.say("card.secure"))
	file := &CodeFile{Name: "cards-" + p.Order + ".txt", Data: s.document(p)}
	if p.Table {
		file = &CodeFile{Name: "cards-" + p.Order + ".csv", Data: spreadsheet(p)}
	}
	return CodePage{Text: providers.NewSecret(strings.TrimRight(about.text.String(), "\n")), Rows: rows, File: file}, nil
}

// labelExpires is another supplier spelling of providers.LabelValidUntil.
const labelExpires = "expire_date"

// sheet is a text with secrets that grows line by line. It is the only place in this package where a secret is read.
type sheet struct {
	text  strings.Builder
	units int
	marks []Mark
	copy  []CopyButton
	rows  [][]Button

	leftward bool // runs right to left: each secret is set apart
	file     bool // a document, from which lines are copied whole
}

// write adds a text without secrets.
func (p *sheet) write(text string) {
	p.text.WriteString(text)
	p.units += units(text)
}

// line adds a line without secrets; an empty one is left out.
func (p *sheet) line(text string) {
	if text != "" {
		p.write(text + "\n")
	}
}

// bold adds a heading.
func (p *sheet) bold(text string) {
	p.marks = append(p.marks, Mark{Kind: "bold", Offset: p.units, Length: units(text)})
	p.line(text)
}

// secret adds a labeled secret, hidden under a spoiler that covers exactly it. Where the words run right to left it is set apart
// by characters around it; in a document it has a line of its own instead, so that nothing is copied with it.
func (p *sheet) secret(label string, value providers.Secret) {
	if value.Empty() {
		return
	}
	before, after := " ", ""
	switch {
	case p.leftward && p.file:
		before = "\n"
	case p.leftward:
		before, after = " "+isolateLeft, isolateEnd
	}
	p.write(label + before)
	text := value.Expose()
	p.marks = append(p.marks, Mark{Kind: "spoiler", Offset: p.units, Length: units(text)})
	p.write(text + after + "\n")
}

// copied adds a copy button; a secret that is too long for one is copied from the text.
func (p *sheet) copied(label string, value providers.Secret) {
	if n := value.Len(); n > 0 && n <= copyLimit {
		p.copy = append(p.copy, CopyButton{Text: label, Copy: value})
	}
}

// codes is the finished message.
func (p *sheet) codes() CodePage {
	return CodePage{
		Text: providers.NewSecret(strings.TrimRight(p.text.String(), "\n")), Marks: p.marks, Copy: p.copy, Rows: p.rows,
	}
}

// page is the message with the codes of a few cards.
func (s speech) page(p checkout.Parcel) *sheet {
	out := &sheet{leftward: s.leftward}
	out.bold(s.alone(clip(p.Title, 120)))
	out.line(s.say("order.name", "Order", orderName(p.Order)))
	s.about(out, p)
	for i, c := range p.Cards {
		out.write("\n")
		n := ""
		if len(p.Cards) > 1 {
			n = " " + number(i+1)
			out.bold(s.say("card.heading", "N", i+1, "Count", len(p.Cards)))
		}
		s.card(out, c)
		out.copied(s.say("button.copycode")+n, c.Code)
		out.copied(s.say("button.copyserial")+n, c.Serial)
		for _, x := range c.Extras {
			switch x.Label {
			case providers.LabelURL:
				out.copied(s.say("button.copylink")+n, x.Value)
			case providers.LabelValidUntil, labelExpires:
				out.copied(s.say("button.copyvalid")+n, x.Value)
			}
		}
	}
	out.write("\n")
	out.bold(s.say("how.title"))
	out.line(s.instructions(p))
	out.write("\n")
	out.line("⏳ " + s.say("card.until", "Until", s.clock(p.Until)))
	out.line("🔒 " + s.say("card.secure"))
	return out
}

// about says what was topped up, for cards that belong to a line.
func (s speech) about(out *sheet, p checkout.Parcel) {
	if p.Service != providers.NoAccount {
		out.line(s.say("card.service", "Service", s.say("service."+string(p.Service))))
	}
	if p.Account != "" {
		out.line(s.say("card.number", "Number", shownNumber(p.Account)))
	}
	if !p.Face.IsZero() {
		out.line(s.say("card.face", "Face", s.amount(p.Face)))
	}
}

// card adds one card: code, serial, what else came, and its proofs of purchase.
func (s speech) card(out *sheet, c providers.Card) {
	out.secret(s.say("card.code"), c.Code)
	out.secret(s.say("card.serial"), c.Serial)
	for _, x := range c.Extras {
		out.secret(s.say("card.label", "Label", s.extraLabel(x.Label)), x.Value)
	}
	for _, f := range c.Facts {
		out.line(s.fact(f))
	}
}

// extraLabel names what came with a code.
func (s speech) extraLabel(label string) string {
	switch label {
	case providers.LabelURL:
		return s.say("card.link")
	case providers.LabelValidUntil, labelExpires:
		return s.say("card.valid")
	}
	return clip(label, 40)
}

// document is the file with the codes of many cards.
func (s speech) document(p checkout.Parcel) providers.Secret {
	out := &sheet{leftward: s.leftward, file: true}
	out.line(s.say("order.name", "Order", orderName(p.Order)) + " – " + s.isolate(clip(p.Title, 120)))
	s.about(out, p)
	out.line(s.say("card.secure"))
	out.line(s.say("file.rule"))
	for i, c := range p.Cards {
		out.line(s.say("file.heading", "N", i+1))
		s.card(out, c)
		out.line(s.say("file.rule"))
	}
	out.line(s.say("how.title"))
	out.line(s.instructions(p))
	return providers.NewSecret(out.text.String())
}

// instructions say how cards of this kind are used.
func (s speech) instructions(p checkout.Parcel) string {
	if p.How != "" {
		return p.How
	}
	kind := string(p.Kind)
	if p.Kind == providers.InternetCard {
		kind += "." + string(p.Service)
	}
	if text, ok := s.maybe("how." + kind); ok {
		return text
	}
	return s.say("how.other")
}

// life writes how long codes stay.
func (s speech) life(d time.Duration) string {
	if d >= 2*time.Minute && d%time.Minute == 0 {
		return s.count("life.minutes", int(d.Minutes()))
	}
	return s.count("life.seconds", int(d.Seconds()))
}

// stamp reads a supplier's time.
func stamp(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}
