package flows

import (
	"context"
	"fmt"
	"strings"

	"cardrop/flows/checkout"
)

// Host is what only the program around the desk knows about how it stands.
type Host struct {
	Memory  string // how Redis keeps what it is told; empty when it does
	Retired int    // former keys that are still loaded
	Backups string // how backups are made; empty when they are
	Links   string // why no one-time links are offered; empty when they are
}

// What Host.Memory, Host.Backups and Host.Links may say.
const (
	MemoryAssumed = "assumed" // Redis does not let us ask
	MemoryForgets = "forgets"
	MemoryAway    = "away"
	BackupsOff    = "off"
	BackupsLate   = "late"
	LinksOff      = "off"
)

// counts is what the desk needs to know whether the shop is new.
type counts interface {
	Counts(ctx context.Context) (customers, groups int64, err error)
}

func checklistVerbs() map[string]verb {
	return map[string]verb{"checklist": {act: (*Desk).showChecklist, view: true, admin: true}}
}

func checklistCommands() map[string]command {
	return map[string]command{"checklist": {act: view("checklist"), admin: true}}
}

// How a line of the checklist stands.
const (
	checkWell = "✅"
	checkMind = "⚠️" // works, and should be looked at
	checkMiss = "❌"  // keeps something from working
)

// check is one line: how it stands, and the word that says so, with its values.
type check struct {
	mark string
	key  string
	args []any
}

// greets tells whether this is the first owner's first message to a new shop.
func (d *Desk) greets(ctx context.Context, v *visit) (bool, error) {
	if v.role != Owner || v.version != 0 {
		return false, nil
	}
	customers, _, err := d.talks.Counts(ctx)
	return customers <= 1, err
}

// greet draws the checklist with a welcome.
func (d *Desk) greet(ctx context.Context, v *visit) error {
	if err := d.open(ctx, v, "checklist"); err != nil {
		return err
	}
	v.remark(v.say("checklist.hello", "Name", first(v.talk.Name, "👤")))
	return nil
}

// showChecklist draws what a shop needs, how each line stands now, and how to mend it.
func (d *Desk) showChecklist(ctx context.Context, v *visit, _ []string) error {
	v.accept()
	host := Host{}
	if d.host != nil {
		host = d.host(ctx)
	}
	list := []check{keyCheck(host), memoryCheck(host)}
	for _, read := range []func(context.Context, *visit) ([]check, error){d.supplierChecks, d.priceChecks, d.wayChecks, d.rehearsalChecks} {
		more, err := read(ctx, v)
		if err != nil {
			return fmt.Errorf("read checklist: %w", err)
		}
		list = append(list, more...)
	}
	list = append(list, linkCheck(host), v.backupCheck(host))
	var out []string
	body := v.say("checklist.ready")
	for _, c := range list {
		if c.mark == checkMiss {
			body = v.say("checklist.open")
		}
		out = append(out, c.mark+" "+v.say("check."+c.key, c.args...))
	}
	title := v.say("checklist.title")
	v.menu(title, body+"\n\n"+strings.Join(out, "\n\n"), []Button{v.button("button.refresh", "checklist")}, v.back("admin"))
	return nil
}

func keyCheck(h Host) check {
	if h.Retired > 0 {
		return check{checkMind, "key.retired", []any{"Count", h.Retired}}
	}
	return check{checkWell, "key", nil}
}

func memoryCheck(h Host) check {
	switch h.Memory {
	case "":
		return check{checkWell, "redis", nil}
	case MemoryAssumed:
		return check{checkMind, "redis.assumed", nil}
	case MemoryAway:
		return check{checkMiss, "redis.away", nil}
	}
	return check{checkMiss, "redis.forgets", nil}
}

func linkCheck(h Host) check {
	if h.Links != "" {
		return check{checkMind, "links.off", nil}
	}
	return check{checkWell, "links", nil}
}

func (v *visit) backupCheck(h Host) check {
	switch h.Backups {
	case "":
		return check{checkWell, "backup", nil}
	case BackupsOff:
		return check{checkMiss, "backup.off", []any{"Command", v.isolate("go run ./bot keygen backup")}}
	}
	return check{checkMind, "backup.late", nil}
}

// supplierChecks has one line for each supplier.
func (d *Desk) supplierChecks(ctx context.Context, v *visit) ([]check, error) {
	all, err := d.shop.Suppliers(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return []check{{checkMiss, "suppliers.none", nil}}, nil
	}
	var out []check
	for _, s := range all {
		switch {
		case s.Paused != "":
			out = append(out, check{checkMiss, "supplier.paused", []any{"Supplier", s.Name, "Why", clip(s.Paused, 100)}})
		case s.ReadAt.IsZero():
			out = append(out, check{checkMind, "supplier.unread", []any{"Supplier", s.Name}})
		default:
			out = append(out, check{checkWell, "supplier", []any{"Supplier", s.Name, "Families", s.Families}})
		}
	}
	return out, nil
}

// priceChecks are the rates and the markups.
func (d *Desk) priceChecks(ctx context.Context, v *visit) ([]check, error) {
	unrated, err := d.shop.Unrated(ctx)
	if err != nil {
		return nil, err
	}
	rates := check{checkWell, "rates", nil}
	if len(unrated) > 0 {
		rates = check{checkMiss, "rates.missing", []any{"Currencies", strings.Join(unrated, ", ")}}
	}
	rules, err := d.shop.Rules(ctx)
	if err != nil {
		return nil, err
	}
	markup := d.shop.DefaultMarkup()
	prices := check{checkWell, "prices", []any{"Rule", v.isolate(figures(markup) + " %"), "Count", len(rules)}}
	if markup.Sign() == 0 && len(rules) == 0 {
		prices = check{checkMind, "prices.cost", nil}
	}
	return []check{rates, prices}, nil
}

// wayChecks are how money comes in, and who buys for resale.
func (d *Desk) wayChecks(ctx context.Context, v *visit) ([]check, error) {
	pays := check{checkMind, "payment.none", nil}
	if methods := d.shop.Methods(); len(methods) > 0 {
		pays = check{checkWell, "payment", []any{"Methods", d.methodNames(v, methods)}}
	}
	_, groups, err := d.talks.Counts(ctx)
	if err != nil {
		return nil, err
	}
	group := check{checkMind, "group.none", nil}
	if groups > 0 {
		group = check{checkWell, "group", []any{"Count", groups}}
	}
	return []check{pays, group}, nil
}

// methodNames lists ways to pay by their names.
func (d *Desk) methodNames(v *visit, methods []checkout.PaymentMethod) string {
	var names []string
	for _, m := range methods {
		names = append(names, v.method(m.Name()))
	}
	return strings.Join(names, " · ")
}
