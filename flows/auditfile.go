package flows

import (
	"context"
	"errors"
	"fmt"

	"cardrop/flows/checkout"
)

// exportLog sends what was asked of the record as two files: lines that audit-verify checks, and a table for a spreadsheet.
func (d *Desk) exportLog(ctx context.Context, v *visit, _ []string) error {
	v.accept()
	var q checkout.AuditQuery
	if v.talk.Log != nil {
		q = v.talk.Log.AuditQuery
	}
	x, err := d.shop.Export(ctx, v.in.User, q)
	var bad *checkout.BadEntry
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		v.menu(v.say("audit.nogroup"), v.say("usage.audit"), v.back("audit"))
		return nil
	case errors.As(err, &bad):
		v.menu(v.say("audit.broken", "Seq", fmt.Sprint(bad.Seq)), v.say("audit.why."+bad.Why, "ID", first(bad.ID, "–")), v.back("audit"))
		return nil
	case err != nil:
		return err
	}
	text := lines(d.logTitle(v, q), v.count("audit.entries", x.Entries))
	if x.Seq > 0 {
		text = lines(text, v.say("audit.head", "Seq", fmt.Sprint(x.Seq), "Head", x.Head))
	}
	if !x.Rest.IsZero() {
		text = lines(text, v.say("audit.rest", "Time", v.moment(x.Rest)))
	}
	name := "audit-" + v.now.UTC().Format("20060102-150405")
	v.keep(Screen{Text: text, File: &File{Name: name + ".jsonl", Data: x.Lines}})
	v.keep(Screen{Text: v.say("audit.table"), File: &File{Name: name + ".csv", Data: x.Table}})
	return nil
}

// showVerify draws how far the check of the whole record is, or what came of it.
func (d *Desk) showVerify(ctx context.Context, v *visit, _ []string) error {
	v.accept()
	c, err := d.shop.Verification(ctx, v.in.User)
	if err != nil {
		return err
	}
	again := []Button{v.button("button.refresh", "verify")}
	switch {
	case c.Running:
		v.menu(v.say("audit.checking"), v.say("audit.progress", "At", fmt.Sprint(c.At), "Of", fmt.Sprint(c.Of)), again, v.back("audit"))
	case c.Bad != nil:
		v.menu(v.say("audit.broken", "Seq", fmt.Sprint(c.Bad.Seq)), v.say("audit.why."+c.Bad.Why, "ID", first(c.Bad.ID, "–")), again, v.back("audit"))
	case c.Forged:
		v.menu(v.say("audit.forged"), v.say("audit.forgedbody"), again, v.back("audit"))
	default:
		v.menu(v.say("audit.holds"), lines(v.count("audit.entries", int(c.Head.Seq)), v.say("audit.head", "Seq", fmt.Sprint(c.Head.Seq), "Head", c.Head.Hash),
			v.count("audit.points", c.Points)), again, v.back("audit"))
	}
	return nil
}
