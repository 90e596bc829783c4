package flows

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
)

// errQuery is a question to the record that cannot be understood.
var errQuery = errors.New("the record is not asked like that")

// nobodyError is a customer nobody is, as an admin named them, and why.
type nobodyError struct {
	typed string
	why   error
}

// Error names nobody: what was typed may be anything.
func (e *nobodyError) Error() string { return e.why.Error() }

// queryWords are the words a question is made of; what follows each belongs to it.
func queryWords() []string {
	return []string{"order", "user", "group", "actor", "kind", "today", "since", "until"}
}

// readQuery reads a question such as "user C-4821 kind delivered since 2026-11-01 until 2026-11-05 18:00". It returns errQuery for what it
// does not understand and a nobodyError for a customer nobody is.
func (d *Desk) readQuery(ctx context.Context, v *visit, words []string) (checkout.AuditQuery, error) {
	var q checkout.AuditQuery
	known := queryWords()
	for len(words) > 0 {
		about := strings.ToLower(words[0])
		if !slices.Contains(known, about) {
			return q, errQuery
		}
		end := 1
		for end < len(words) && !slices.Contains(known, strings.ToLower(words[end])) {
			end++
		}
		if err := d.readPart(ctx, v, &q, about, words[1:end]); err != nil {
			return q, err
		}
		words = words[end:]
	}
	if !q.Until.IsZero() && !q.Since.Before(q.Until) {
		return q, errQuery
	}
	return q, nil
}

// readPart reads one word of a question with what belongs to it.
func (d *Desk) readPart(ctx context.Context, v *visit, q *checkout.AuditQuery, about string, words []string) (err error) {
	text := strings.Join(words, "")
	ok := true
	switch about {
	case "order":
		q.Order, ok = orderID(text)
	case "user":
		q.User, err = d.meant(ctx, v, text)
	case "actor":
		q.Actor, err = d.meant(ctx, v, text)
	case "group":
		q.Group, err = strconv.ParseInt(text, 10, 64)
		ok = err == nil && q.Group < 0
		err = nil
	case "kind":
		kinds := checkout.KindsLike(strings.Join(words, " "))
		if ok = len(kinds) == 1 && text != ""; ok {
			q.Kind = kinds[0]
		}
	case "today":
		ok = len(words) == 0
		q.Since, _ = d.day(v.now.In(d.words.options.Timezone).Format("20060102"), "20060102")
	case "since":
		q.Since, ok = d.moment(words, false)
	case "until":
		q.Until, ok = d.moment(words, true)
	}
	switch {
	case !ok || errors.Is(err, errNoName):
		return errQuery
	case nameless(err):
		return &nobodyError{text, err}
	}
	return err
}

// day reads a day of the shop's time zone: its beginning.
func (d *Desk) day(text, layout string) (time.Time, bool) {
	at, err := time.ParseInLocation(layout, text, d.words.options.Timezone)
	return at, err == nil
}

// moment reads "2026-11-01", "01/11/2026" or one of them with "14:30" behind it. The end of a day is the beginning of the next.
func (d *Desk) moment(words []string, end bool) (time.Time, bool) {
	if len(words) == 0 || len(words) > 2 {
		return time.Time{}, false
	}
	words = strings.Fields(strings.Replace(strings.Join(words, " "), "T", " ", 1))
	for _, layout := range []string{"2006-01-02", "02/01/2006"} {
		at, ok := d.day(words[0], layout)
		switch {
		case !ok:
		case len(words) == 1 && end:
			return at.AddDate(0, 0, 1), true
		case len(words) == 1:
			return at, true
		default:
			return d.day(strings.Join(words, " "), layout+" 15:04")
		}
	}
	return time.Time{}, false
}

// logTitle says what was asked.
func (d *Desk) logTitle(v *visit, q checkout.AuditQuery) string {
	var parts []string
	add := func(given bool, key string, args ...any) {
		if given {
			parts = append(parts, v.say("audit.of."+key, args...))
		}
	}
	add(q.Order != "", "order", "Order", orderName(q.Order))
	add(q.User != 0, "user", "User", strconv.FormatInt(q.User, 10))
	add(q.Group != 0, "group", "Group", strconv.FormatInt(q.Group, 10))
	add(q.Actor != 0, "actor", "Actor", strconv.FormatInt(q.Actor, 10))
	add(q.Kind != "", "kind", "Kind", q.Kind)
	add(!q.Since.IsZero(), "since", "Time", v.moment(q.Since))
	add(!q.Until.IsZero(), "until", "Time", v.moment(q.Until))
	if len(parts) == 0 {
		return v.say("audit.title")
	}
	return v.say("audit.title") + ": " + strings.Join(parts, ", ")
}
