package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// transaction reads an operator's transaction number as people type it: with any digits, spaces and dashes, in any case.
func transaction(text string) (string, bool) {
	text = strings.ToUpper(strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,/:#'’", r) {
			return -1
		}
		return r
	}, western(text)))
	for _, word := range []string{"TRANSACTION", "REFERENCE", "RÉFÉRENCE", "NUMÉRO", "NUMERO", "N°", "REF", "NO"} {
		text = strings.TrimPrefix(text, word)
	}
	good := made(text, 4, 40, uppers+digits) && strings.ContainsAny(text, digits)
	return text, good
}

// pictured takes a picture to the request it belongs to; the caption may be its number.
func (d *Desk) pictured(ctx context.Context, v *visit) error {
	if taken, err := d.picturedGood(ctx, v); taken || err != nil {
		return err
	}
	id := v.talk.Filling.Request
	if v.talk.Room != roomProof { // from another screen: there is no doubt while one request only waits for it
		mine, err := d.shop.TopUps(ctx, v.in.User)
		if err != nil {
			return err
		}
		id = ""
		for _, t := range mine {
			if t.State != store.TopUpAsked || t.Auto {
				continue
			}
			if id != "" {
				return d.open(ctx, v, "topup")
			}
			id = t.ID
		}
	}
	if id == "" {
		v.talk.Screen, v.talk.Room = "topup", ""
		v.menu(v.say("topup.nopicture.title"), v.say("topup.nopicture.body"), []Button{v.button("menu.topup", "topup")}, v.home())
		return nil
	}
	return d.prove(ctx, v, id, v.in.Text, v.in.Picture)
}

// prove takes a number, a picture, or both. A picture with words that are no number is a picture.
func (d *Desk) prove(ctx context.Context, v *visit, id, text string, picture Picture) error {
	e := checkout.Evidence{Picture: picture}
	if strings.TrimSpace(text) != "" {
		number, ok := transaction(text)
		own := strings.EqualFold(number, id)
		if ok && !own {
			e.Number = number
		} else if picture.File == "" {
			return d.afresh(ctx, v, id, v.say("topup.badnumber"))
		}
	}
	return d.proven(ctx, v, id, e)
}

// proveAlone is the person's word that there is no picture, or that cash was handed over.
func (d *Desk) proveAlone(ctx context.Context, v *visit, args []string) error {
	v.accept()
	return d.proven(ctx, v, args[0], checkout.Evidence{Alone: true})
}

// proven stores evidence and shows where the request stands with it.
func (d *Desk) proven(ctx context.Context, v *visit, id string, e checkout.Evidence) error {
	_, err := d.shop.ProveTopUp(ctx, v.in.User, id, e)
	_, moved := errors.AsType[*checkout.TopUpStateError](err)
	switch {
	case errors.Is(err, checkout.ErrNumberTaken):
		return d.afresh(ctx, v, id, v.say("topup.taken"))
	case err != nil && !moved:
		return v.refuse(err, "", []Button{v.button("topup.others", "topup")})
	}
	return d.open(ctx, v, "tu:"+id)
}

// afresh shows a request again under a remark.
func (d *Desk) afresh(ctx context.Context, v *visit, id, remark string) error {
	if err := d.open(ctx, v, "tu:"+id); err != nil {
		return err
	}
	v.remark("⚠️ " + remark)
	return nil
}

// showTopUp draws a request for its person: the account and what is missing, or what became of it.
func (d *Desk) showTopUp(ctx context.Context, v *visit, args []string) error {
	t, err := d.shop.TopUp(ctx, args[0], v.in.User)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("topup.others", "topup")})
	}
	v.talk.Filling.Request = t.ID
	if t.State == store.TopUpAsked {
		if t.Auto {
			v.showPaying(t)
		} else {
			d.showPayee(v, t)
		}
		return nil
	}
	rows := [][]Button{d.afterwards(v.speech, v.talk, t), {v.button("menu.balance", "wallet")}, v.home()}
	v.menu(v.say("topup.request", "TopUp", topupName(t.ID)), v.summary(t)+"\n\n"+d.fate(v.speech, t), rows...)
	return nil
}

// summary says what a request is about.
func (s speech) summary(t store.TopUp) string {
	number := ""
	if t.Number != "" {
		number = s.say("topup.number", "Number", t.Number)
	}
	stars := ""
	if n := checkout.StarsOf(t); n != 0 {
		stars = s.say("topup.stars", "Value", strconv.FormatInt(n, 10))
	}
	return lines(s.say("topup.by", "Method", s.method(t.Method)), s.say("credit.amount", "Amount", s.money(t.Asked)), s.echo(t.Asked), stars, number)
}

// showPayee draws where to pay, with buttons that copy, and what to send then.
func (d *Desk) showPayee(v *visit, t store.TopUp) {
	v.talk.Room = roomProof
	body := []string{v.summary(t), ""}
	var copies []Button
	for _, f := range checkout.Shown(t).Fields {
		body = append(body, v.say("topup."+f.Key, "Value", f.Value))
		if f.Copied() {
			copies = append(copies, Button{Text: v.say("topup.copy." + f.Key), Copy: f.Value})
		}
	}
	body = append(body, v.say("topup.reference", "TopUp", topupName(t.ID)), "")
	copies = append(copies, Button{Text: v.say("topup.copy.reference"), Copy: topupName(t.ID)})
	m, err := d.shop.Method(t.Method)
	needs := checkout.Proof{Number: true, Picture: true}
	if err == nil {
		needs = m.Proof()
	}
	rows := columns(2, copies)
	switch {
	case !needs.Number:
		body = append(body, v.say("topup.hand"))
		paid := v.button("topup.paid", "tualone:"+t.ID)
		paid.Style = "success"
		rows = append(rows, []Button{paid})
	case t.Number == "" && t.Picture.File == "" && !t.Alone:
		body = append(body, v.say("topup.send"))
	case t.Number == "":
		body = append(body, v.say("topup.sendnumber"))
	default:
		body = append(body, v.say("topup.sendpicture"))
		rows = append(rows, []Button{v.button("topup.alone", "tualone:"+t.ID)})
	}
	body = append(body, "", v.attended(), v.say("topup.till", "Until", v.moment(t.Till)))
	rows = append(rows, []Button{v.button("topup.drop", "tudrop:"+t.ID)}, v.back("topup"))
	v.menu(v.say("topup.request", "TopUp", topupName(t.ID)), strings.TrimRightFunc(spaced(body), unicode.IsSpace), rows...)
}

// spaced joins lines; one empty line parts paragraphs, and texts that are not there leave none.
func spaced(list []string) string {
	var out []string
	for i, line := range list {
		if line == "" && (i == 0 || len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// attended says when somebody looks at receipts: truthfully, as far as it is known.
func (v *visit) attended() string { return v.attendedTo("topup.when.") }

// attendedTo says when somebody looks at something, in the words that begin with key: any, and text, open and closed where hours are told.
func (v *visit) attendedTo(key string) string {
	o := v.words.options
	switch {
	case o.Hours == "":
		return v.say(key + "any")
	case !v.hours.Known():
		return v.say(key+"text", "Hours", o.Hours)
	case v.hours.Open(v.now):
		return v.say(key+"open", "Hours", o.Hours)
	default:
		return v.say(key+"closed", "Hours", o.Hours, "Next", v.moment(v.hours.Next(v.now)))
	}
}

// afterwards is the way back to a basket that waits for its money.
func (d *Desk) afterwards(s speech, talk Talk, t store.TopUp) []Button {
	if t.State != store.TopUpCredited || talk.OrderID == "" || talk.Line == "" {
		return nil
	}
	return []Button{{Text: s.say("topup.basket"), Data: "confirm", Style: "primary"}}
}

// fate says what became of a request.
func (d *Desk) fate(s speech, t store.TopUp) string {
	v := &visit{speech: s, now: d.now(), hours: d.shop.Hours()}
	switch t.State {
	case store.TopUpCredited:
		if t.Received != t.Asked {
			return v.say("topup.creditedother", "Amount", v.money(t.Received), "Asked", v.money(t.Asked))
		}
		return v.say("topup.credited", "Amount", v.money(t.Received))
	case store.TopUpRefused:
		return lines(v.say("topup.refused", "Reason", v.reason(t.Note)), v.say("money.none"), v.support())
	case store.TopUpReversed:
		return lines(v.say("topup.reversed", "Amount", v.money(t.Received), "Reason", t.Note), v.support())
	case store.TopUpExpired:
		if t.Note == checkout.NoteDropped && t.URL == "" {
			return v.say("topup.dropped")
		}
		if t.Auto {
			return lines(v.say(unpaid(t)), v.support())
		}
		return lines(v.say("topup.expired"), v.support())
	default:
		return lines(v.say("topup.received"), v.attended())
	}
}
