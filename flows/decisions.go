package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// Decision is what an admin is about to decide about an order, or about one part of it. It waits for a second tap.
type Decision struct {
	Act    string `json:"a"`
	Order  string `json:"o"`
	K      int    `json:"k,omitempty"` // the part; 0 while it is not chosen, and for an order that has ended
	Handle string `json:"h,omitempty"` // the supplier's order id
	Cards  int    `json:"c,omitempty"` // how many are refunded; 0 for all
	Note   string `json:"n,omitempty"` // checked against the order's codes
	Ref    string `json:"r"`           // makes the decision happen once
	Typed  int    `json:"t,omitempty"` // the message in which codes were typed: it is deleted
	Done   bool   `json:"d,omitempty"`
}

// What can be decided.
const (
	actBought    = "bought"
	actNotBought = "not-bought"
	actRelease   = "release"
	actRefund    = "refund"
	actSupply    = "supply"
)

// roomDecision is where a decision's note, the supplier's order id or codes are typed.
const roomDecision = "decision"

func isAct(s string) bool {
	switch s {
	case actBought, actNotBought, actRelease, actRefund, actSupply:
		return true
	}
	return false
}

// commandResolve is /resolve <order> bought [supplier's order id] | not-bought <note>.
func (d *Desk) commandResolve(ctx context.Context, v *visit) error {
	words := strings.Fields(v.in.Text)
	if len(words) < 2 {
		return d.usage(v, "resolve")
	}
	c, ok := v.decision(strings.ToLower(words[1]), words[0])
	if !ok || c.Act != actBought && c.Act != actNotBought {
		return d.usage(v, "resolve")
	}
	return d.begin(ctx, v, c, strings.Join(words[2:], " "))
}

// commandRelease is /release <order> [note].
func (d *Desk) commandRelease(ctx context.Context, v *visit) error {
	order, note, _ := strings.Cut(strings.TrimSpace(v.in.Text), " ")
	c, ok := v.decision(actRelease, order)
	if !ok {
		return d.usage(v, "release")
	}
	return d.begin(ctx, v, c, note)
}

// commandRefund is /refund <order> [x<cards>] <note>.
func (d *Desk) commandRefund(ctx context.Context, v *visit) error {
	order, note, _ := strings.Cut(strings.TrimSpace(v.in.Text), " ")
	c, ok := v.decision(actRefund, order)
	if !ok {
		return d.usage(v, "refund")
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(note), " ")
	if n, found := strings.CutPrefix(strings.ToLower(word), "x"); found && isCount(n) {
		c.Cards, note = pageOf(n), rest
	}
	return d.begin(ctx, v, c, note)
}

// decision is a new decision about "<order>" or "<order>.<part>", with a reference of its own.
func (v *visit) decision(act, text string) (Decision, bool) {
	name, part, several := strings.Cut(text, ".")
	id, ok := orderID(name)
	c := Decision{Act: act, Order: id, Ref: "d" + strconv.FormatInt(v.in.Update, 36)}
	if several {
		c.K, ok = pageOf(part), ok && isCount(part)
	}
	return c, ok && isAct(act)
}

// decideOn is the button that leads to a decision; what was typed about the same one before is kept.
func (d *Desk) decideOn(ctx context.Context, v *visit, args []string) error {
	c := Decision{Act: args[2], Order: args[0], K: pageOf(args[1]), Ref: "d" + strconv.FormatInt(v.in.Update, 36)}
	if old := v.talk.Decision; old != nil && old.Order == c.Order && old.Act == c.Act && old.K == 0 && !old.Done {
		c.Handle, c.Note, c.Cards = old.Handle, old.Note, old.Cards
	}
	return d.begin(ctx, v, c, c.Note)
}

// begin keeps a decision in the talk, with its note if that may be kept, and shows what is still missing.
func (d *Desk) begin(ctx context.Context, v *visit, c Decision, note string) error {
	v.talk.Room, v.talk.Decision = "", nil // what is typed next belongs to no earlier decision
	o, err := d.shop.Order(ctx, c.Order, 0)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.admin", "admin")})
	}
	if parts := decidable(o, c.Act); c.K == 0 && len(parts) == 1 {
		c.K = parts[0]
	}
	if o.State.Final() && c.Act == actRefund {
		c.K = 0
	}
	v.talk.Decision = &c
	if err := d.fill(ctx, v, note); err != nil {
		return d.undecided(ctx, v, err)
	}
	return d.open(ctx, v, "deciding")
}

// fill takes a typed text as the supplier's order id, where one is missing, and the note.
func (d *Desk) fill(ctx context.Context, v *visit, text string) error {
	c := v.talk.Decision
	text = strings.TrimSpace(text)
	if text == "" || c.Act == actSupply {
		return nil
	}
	if err := d.shop.CheckNote(ctx, c.Order, text); err != nil {
		return err // before anything of it is stored
	}
	if c.Act == actBought && c.Handle == "" && c.K != 0 {
		p, err := d.shop.Preview(ctx, c.Order, c.K)
		if err != nil {
			return err
		}
		if p.Numbered {
			c.Handle, text, _ = strings.Cut(text, " ")
			c.Handle = clip(c.Handle, 64)
		}
	}
	if text = strings.TrimSpace(text); text != "" {
		c.Note = text
	}
	return nil
}

// decidable lists the parts of an order about which this can be decided.
func decidable(o store.Order, act string) []int {
	var parts []int
	for _, p := range o.Placements {
		doubt, review := p.State == store.InDoubt || p.State == store.Pending, p.State == store.Review
		switch act {
		case actBought, actNotBought:
			if doubt {
				parts = append(parts, p.K)
			}
		case actSupply:
			if review || p.State == store.InDoubt {
				parts = append(parts, p.K)
			}
		default:
			if review {
				parts = append(parts, p.K)
			}
		}
	}
	return parts
}

// decided carries a decision out. A second tap carries the same reference and shows what was done.
func (d *Desk) decided(ctx context.Context, v *visit, args []string) error {
	c := v.talk.Decision
	if c == nil || c.Ref != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	if c.Done {
		return d.open(ctx, v, "deciding")
	}
	v.unsay(c.Typed) // once more: the first reply may be lost
	var err error
	switch c.Act {
	case actBought, actNotBought:
		err = d.shop.Resolve(ctx, v.in.User, c.Order, c.K, checkout.Decision{Bought: c.Act == actBought, Handle: c.Handle, Note: c.Note})
	case actRelease:
		err = d.shop.Release(ctx, v.in.User, c.Order, c.K, c.Note)
	case actRefund:
		_, err = d.shop.Refund(ctx, v.in.User, c.Order, c.K, checkout.Refunding{Cards: c.Cards, Note: c.Note, Ref: c.Ref})
	default:
		return d.stale(ctx, v)
	}
	if asked, err := d.secured(ctx, v, err); asked {
		return err
	}
	if err != nil {
		return d.undecided(ctx, v, err)
	}
	c.Done = true
	return d.open(ctx, v, "deciding")
}

// undecided says why a decision was not carried out; what has to be typed again is asked for again.
func (d *Desk) undecided(ctx context.Context, v *visit, err error) error {
	c, code := v.talk.Decision, ""
	if _, on := errors.AsType[*checkout.OnScreenError](err); on {
		code = "STILL_ON_SCREEN"
	}
	for _, f := range decisionFailures() {
		if errors.Is(err, f.err) {
			code = f.code
		}
	}
	if code == "" {
		return v.refuse(err, c.Order, []Button{v.button("decide.order", "any:"+c.Order)}, []Button{v.button("menu.admin", "admin")})
	}
	switch code {
	case "NOTE_REFUSED":
		c.Note = ""
	case "SUPPLIER_ORDER_UNKNOWN", "SUPPLIER_ORDER_TAKEN":
		c.Handle = ""
	}
	again := []Button{v.button("decide.again", "deciding")}
	if code == "ALREADY_DECIDED" || code == "NOTHING_TO_REFUND" || code == "NOTHING_TO_RELEASE" {
		again = nil
	}
	v.talk.Screen, v.talk.Room = "any:"+c.Order, ""
	v.fail(failure{code: code, money: moneyNone}, c.Order, nil, again, []Button{v.button("decide.order", "any:"+c.Order), v.button("menu.admin", "admin")})
	return nil
}

// decisionFailures is the table from errors of decisions to admins' words.
func decisionFailures() []failure {
	return []failure{
		{err: checkout.ErrUndecidable, code: "ALREADY_DECIDED"},
		{err: checkout.ErrBeingAsked, code: "BEING_ASKED"},
		{err: checkout.ErrHandle, code: "SUPPLIER_ORDER_UNKNOWN"},
		{err: checkout.ErrHandleTaken, code: "SUPPLIER_ORDER_TAKEN"},
		{err: checkout.ErrUnfit, code: "NOTHING_TO_RELEASE"},
		{err: checkout.ErrCodes, code: "CODES_REFUSED"},
		{err: checkout.ErrNote, code: "NOTE_REFUSED"},
		{err: checkout.ErrNoRefund, code: "NOTHING_TO_REFUND"},
		{err: checkout.ErrUnopened, code: "REFUND_ALL"},
	}
}
