package flows

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// logPage is how many events a page of the record shows.
const logPage = 20

// commandAudit is /audit order <id>, /audit user <id> or /audit today.
func (d *Desk) commandAudit(ctx context.Context, v *visit) error {
	words := strings.Fields(strings.ToLower(v.in.Text))
	switch {
	case len(words) > 1 && words[0] == "order":
		if id, ok := orderID(strings.Join(words[1:], "")); ok {
			return d.open(ctx, v, "logorder:"+id+":0")
		}
	case len(words) > 1 && words[0] == "user":
		user, err := d.whom(ctx, v, strings.Join(words[1:], ""), "audit")
		if err != nil || user == 0 {
			return err
		}
		return d.open(ctx, v, "loguser:"+strconv.FormatInt(user, 10)+":0")
	case len(words) == 1 && words[0] == "today":
		return d.open(ctx, v, "logday:"+v.now.In(d.words.options.Timezone).Format("20060102")+":0")
	}
	return d.usage(v, "audit")
}

// showOrderLog draws what happened to an order.
func (d *Desk) showOrderLog(ctx context.Context, v *visit, args []string) error {
	return d.showLog(ctx, v, v.say("audit.order", "Order", orderName(args[0])), checkout.AuditQuery{Order: args[0]}, args[1],
		"logorder:"+args[0])
}

// showUserLog draws what happened to a person's money and cards.
func (d *Desk) showUserLog(ctx context.Context, v *visit, args []string) error {
	user, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return d.stale(ctx, v)
	}
	about, err := d.about(ctx, v, user)
	if err != nil {
		return err
	}
	err = d.showLog(ctx, v, v.say("audit.user", "User", args[0]), checkout.AuditQuery{User: user}, args[1], "loguser:"+args[0])
	if err == nil {
		v.remark(about)
	}
	return err
}

// showDayLog draws what happened since the beginning of a day of the shop's time zone.
func (d *Desk) showDayLog(ctx context.Context, v *visit, args []string) error {
	from, err := time.ParseInLocation("20060102", args[0], d.words.options.Timezone)
	if err != nil {
		return d.stale(ctx, v)
	}
	return d.showLog(ctx, v, v.say("audit.day", "Day", v.day(from)), checkout.AuditQuery{Since: from}, args[1], "logday:"+args[0])
}

// showLog draws one page of the record, newest first.
func (d *Desk) showLog(ctx context.Context, v *visit, title string, q checkout.AuditQuery, page, data string) error {
	q.Page, q.Size = pageOf(page), logPage
	if q.Page > 0 { // later pages stand still while new events come
		q.Anchor = v.talk.Anchor
	}
	p, err := d.shop.Audit(ctx, v.in.User, q)
	if err != nil {
		return err
	}
	v.talk.Anchor = p.Anchor
	list := make([]string, 0, len(p.Events))
	names := make(map[string]string)
	for _, e := range p.Events {
		list = append(list, clip(d.line(ctx, v, e, names), 190))
	}
	if len(list) == 0 {
		list = append(list, v.say("audit.none"))
	}
	v.menu(title, strings.Join(list, "\n"), v.pager(q.Page, p.More, func(n int) string { return data + ":" + number(n) }),
		[]Button{v.button("button.refresh", data+":0")}, v.back("admin"))
	return nil
}

// line is one event: time, kind, order, who it concerns, who did it, details.
func (d *Desk) line(ctx context.Context, v *visit, e store.Event, names map[string]string) string {
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
		if key == "person" {
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
