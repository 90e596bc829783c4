package flows

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// logPage is how many events a page of the record shows; logDepth how many pages are turned before the question has to be narrower.
const (
	logPage  = 20
	logDepth = 100
)

// Log is what an admin reads of the record, and where each page of it begins.
type Log struct {
	checkout.AuditQuery
	Pages []string `json:"pages,omitempty"` // cursors; that of the first page is empty
}

// auditVerbs lists the buttons of the record.
func auditVerbs() map[string]verb {
	return map[string]verb{
		"audit":    {act: (*Desk).showAudit, view: true, admin: true},
		"log":      {args: []arg{isPage}, act: (*Desk).showLog, view: true, admin: true},
		"logorder": {args: []arg{isOrder, isPage}, act: (*Desk).showOrderLog, view: true, admin: true},
		"loguser":  {args: []arg{isUser, isPage}, act: (*Desk).showUserLog, view: true, admin: true},
		"logday":   {args: []arg{isDay, isPage}, act: (*Desk).showDayLog, view: true, admin: true},
		"logfile":  {act: (*Desk).exportLog, admin: true},
		"verify":   {act: (*Desk).showVerify, view: true, admin: true},
	}
}

// commandAudit is /audit with what is to be read: order <id>, user <customer>, group <id>, actor <customer>, kind <event>, today,
// since <day> [until <day>], together as far as one likes; in a reply to a customer's forwarded message the customer may be left out. export before it sends the same as files; verify checks the record.
func (d *Desk) commandAudit(ctx context.Context, v *visit) error {
	words := strings.Fields(v.in.Text)
	verb := ""
	if len(words) == 0 && v.about() != (About{}) {
		words = []string{"user"}
	}
	if len(words) > 0 {
		verb = strings.ToLower(words[0])
	}
	switch verb {
	case "":
		return d.open(ctx, v, "audit")
	case "verify":
		return d.open(ctx, v, "verify")
	case "export":
		words = words[1:]
	}
	q, err := d.readQuery(ctx, v, words)
	var nobody *nobodyError
	switch {
	case errors.As(err, &nobody):
		return d.unnamed(v, nobody.why, nobody.typed, "audit")
	case errors.Is(err, errQuery):
		return d.usage(v, "audit")
	case err != nil:
		return err
	}
	v.talk.Log = &Log{AuditQuery: q}
	if verb == "export" {
		return d.exportLog(ctx, v, nil)
	}
	return d.open(ctx, v, "log:0")
}

// showAudit draws what may be asked of the record.
func (d *Desk) showAudit(_ context.Context, v *visit, _ []string) error {
	day := v.now.In(d.words.options.Timezone).Format("20060102")
	v.talk.Log = nil
	v.menu(v.say("audit.title"), v.say("usage.audit"),
		[]Button{v.button("admin.today", "logday:"+day+":0"), v.button("audit.all", "log:0")},
		[]Button{v.button("audit.verify", "verify"), v.button("audit.export", "logfile")}, v.back("admin"))
	return nil
}

// showOrderLog draws what happened to an order.
func (d *Desk) showOrderLog(ctx context.Context, v *visit, args []string) error {
	return d.firstLog(ctx, v, checkout.AuditQuery{Order: args[0]})
}

// showUserLog draws what happened to a person's money and cards.
func (d *Desk) showUserLog(ctx context.Context, v *visit, args []string) error {
	user, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return d.stale(ctx, v)
	}
	return d.firstLog(ctx, v, checkout.AuditQuery{User: user})
}

// showDayLog draws what happened since the beginning of a day of the shop's time zone.
func (d *Desk) showDayLog(ctx context.Context, v *visit, args []string) error {
	from, ok := d.day(args[0], "20060102")
	if !ok {
		return d.stale(ctx, v)
	}
	return d.firstLog(ctx, v, checkout.AuditQuery{Since: from})
}

// firstLog asks the record something else.
func (d *Desk) firstLog(ctx context.Context, v *visit, q checkout.AuditQuery) error {
	v.talk.Log = &Log{AuditQuery: q}
	return d.open(ctx, v, "log:0")
}

// showLog draws one page of what was asked, newest first.
func (d *Desk) showLog(ctx context.Context, v *visit, args []string) error {
	if v.talk.Log == nil {
		v.talk.Log = &Log{}
	}
	l := v.talk.Log
	page := pageOf(args[0])
	if page == 0 || len(l.Pages) == 0 {
		page, l.Pages = 0, []string{""}
	}
	if page >= len(l.Pages) { // of an older question
		page = len(l.Pages) - 1
	}
	q := l.AuditQuery
	q.Cursor, q.Size = l.Pages[page], logPage
	p, err := d.shop.Audit(ctx, v.in.User, q)
	if errors.Is(err, checkout.ErrNotFound) {
		v.menu(v.say("audit.nogroup"), v.say("usage.audit"), v.back("audit"))
		return nil
	}
	if err != nil {
		return err
	}
	more := p.Next != "" && page+1 < logDepth
	if l.Pages = l.Pages[:page+1]; more {
		l.Pages = append(l.Pages, p.Next)
	}
	names := make(map[string]string)
	list := make([]string, 0, len(p.Events))
	for _, e := range p.Events {
		list = append(list, clip(d.line(ctx, v, e, names), 190))
	}
	if len(list) == 0 {
		list = append(list, v.say("audit.none"))
	}
	if a := p.Archived; a.Seq > 0 {
		list = append(list, "", v.say("audit.archived", "Seq", strconv.FormatInt(a.Seq, 10), "Time", v.moment(a.At)))
	}
	v.menu(d.logTitle(v, l.AuditQuery), strings.Join(list, "\n"), v.pager(page, more, func(n int) string { return "log:" + number(n) }),
		[]Button{v.button("button.refresh", "log:0"), v.button("audit.export", "logfile")}, v.back("audit"))
	return d.aboutLog(ctx, v, l.User)
}

// aboutLog says who the customer is whose record is read.
func (d *Desk) aboutLog(ctx context.Context, v *visit, user int64) error {
	if user == 0 {
		return nil
	}
	about, err := d.about(ctx, v, user)
	if err == nil {
		v.remark(about)
	}
	return err
}

// line is one event: time, kind, order, who it concerns, who did it, details.
func (d *Desk) line(ctx context.Context, v *visit, e store.Event, names map[string]string) string {
	if e.Kind == "" {
		return v.say("audit.gone", "ID", e.ID)
	}
	parts := []string{v.moment(e.At), e.Kind}
	if e.Order != "" {
		parts = append(parts, orderName(e.Order))
	}
	if e.Person != "" {
		parts = append(parts, d.who(ctx, e.Person, names))
	}
	if e.Actor != "" && e.Actor != e.Person {
		parts = append(parts, v.say("audit.by", "Actor", d.who(ctx, e.Actor, names)))
	}
	for _, key := range slices.Sorted(maps.Keys(e.Data)) {
		value := e.Data[key]
		if key == "person" || key == "actor" || key == "group" {
			value = d.who(ctx, value, names)
		}
		parts = append(parts, key+"="+clip(value, 60))
	}
	parts[0] = v.alone(parts[0])
	for i, part := range parts {
		parts[i] = v.isolate(part)
	}
	return strings.Join(parts, " ")
}

// who names the person behind a pseudonym while that is known, once a page.
func (d *Desk) who(ctx context.Context, pseudonym string, names map[string]string) string {
	if name, ok := names[pseudonym]; ok {
		return name
	}
	name := pseudonym
	if user, ok := d.shop.Person(ctx, pseudonym); ok {
		name = strconv.FormatInt(user, 10)
	}
	names[pseudonym] = name
	return name
}
