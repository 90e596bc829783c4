package flows

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"cardrop/flows/checkout"
)

// Closing is how an admin is about to close the shop: it waits for the second tap.
type Closing struct {
	Words string    `json:"w"`
	Until time.Time `json:"u,omitzero"`
}

// closureVerbs lists the buttons about the shop as a whole: closing it, its numbers, its money at suppliers.
func closureVerbs() map[string]verb {
	return joined(tillVerbs(), fundVerbs(), map[string]verb{
		"closing": {act: (*Desk).showClosing, view: true, admin: true},
		"close":   {act: (*Desk).closeShop, admin: true},
		"open":    {act: (*Desk).openShop, admin: true},
	})
}

// closureCommands lists the commands about the same.
func closureCommands() map[string]command {
	return joined(tillCommands(), fundCommands(), map[string]command{
		"close": {act: (*Desk).commandClose, admin: true},
		"open":  {act: (*Desk).commandOpen, admin: true},
	})
}

// commandClose is /close [until] <words>: how it stands without words, else a look at what customers will read.
func (d *Desk) commandClose(ctx context.Context, v *visit) error {
	words := strings.Fields(strings.Map(oneLine, v.in.Text))
	v.talk.Closing = nil
	if len(words) == 0 {
		return d.open(ctx, v, "closing")
	}
	until, rest, ok := d.ending(words, v.now)
	if !ok || len(rest) == 0 {
		return d.usage(v, "close")
	}
	v.talk.Closing = &Closing{Words: strings.Join(rest, " "), Until: until}
	return d.open(ctx, v, "closing")
}

// oneLine turns what is no letter of a line into a space.
func oneLine(r rune) rune {
	if printed(r) < 0 {
		return ' '
	}
	return r
}

// ending reads until when the shop is to be closed, if the words begin with it: "2h", "90m", "18:00" (today, or tomorrow when that is
// over), "2026-11-22" (when that day begins), or a day with a time behind it. An end that is not ahead is no end.
func (d *Desk) ending(words []string, now time.Time) (until time.Time, rest []string, ok bool) {
	zone := d.words.options.Timezone
	first := western(words[0])
	if span, err := time.ParseDuration(first); err == nil {
		past := strings.IndexFunc(words[0], func(r rune) bool { return unicode.Is(unicode.Pd, r) || r == '−' }) == 0 // signs are lost above
		return now.Add(span).Truncate(time.Minute), words[1:], span >= time.Minute && !past
	}
	if at, err := time.Parse("15:04", first); err == nil {
		day := now.In(zone)
		until = time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, zone)
		if !until.After(now) {
			until = until.AddDate(0, 0, 1)
		}
		return until, words[1:], true
	}
	day, _, dated := dayOf(words[0], zone)
	if !dated || strings.Count(strings.Trim(words[0], "/-."), "/")+strings.Count(words[0], "-")+strings.Count(words[0], ".") < 2 {
		return time.Time{}, words, true
	}
	rest = words[1:]
	if len(rest) > 0 {
		if at, err := time.Parse("15:04", western(rest[0])); err == nil {
			day, rest = time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, zone), rest[1:]
		}
	}
	return day, rest, day.After(now)
}

// showClosing draws what an admin is about to tell the customers, or how the shop stands.
func (d *Desk) showClosing(ctx context.Context, v *visit, _ []string) error {
	now, err := d.shop.Closure(ctx)
	if err != nil {
		return err
	}
	if c := v.talk.Closing; c != nil {
		confirm := v.button("close.go", "close")
		confirm.Style = "danger"
		v.menu(v.say("close.title"), lines(v.say("close.body"), "", v.banner(checkout.Closure{Words: c.Words, Until: c.Until})),
			[]Button{confirm}, []Button{v.button("button.cancel", "cancel")})
		return nil
	}
	if now == nil {
		v.menu(v.say("close.is.open"), v.say("usage.close"), v.back("admin"))
		return nil
	}
	v.menu(v.say("close.is.closed"), lines(v.say("close.goes"), "", v.banner(*now)), []Button{v.primary("open.go", "open")}, v.back("admin"))
	return nil
}

// closeShop closes the shop as it was shown.
func (d *Desk) closeShop(ctx context.Context, v *visit, _ []string) error {
	c := v.talk.Closing
	if c == nil {
		return d.open(ctx, v, "closing")
	}
	v.accept()
	err := d.shop.Close(ctx, v.in.User, checkout.Closure{Words: c.Words, Until: c.Until})
	v.talk.Closing = nil
	if errors.Is(err, checkout.ErrClosure) {
		return d.usage(v, "close")
	}
	if err != nil {
		return err
	}
	return d.open(ctx, v, "closing")
}

// commandOpen is /open.
func (d *Desk) commandOpen(ctx context.Context, v *visit) error { return d.openShop(ctx, v, nil) }

// openShop ends a closure; of a shop that is open it only shows so.
func (d *Desk) openShop(ctx context.Context, v *visit, _ []string) error {
	v.accept()
	v.talk.Closing = nil
	if err := d.shop.OpenAgain(ctx, v.in.User); err != nil && !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	return d.open(ctx, v, "closing")
}

// banner is what everybody reads while an operator has closed the shop; empty while it is open.
func (d *Desk) banner(ctx context.Context, v *visit) (string, error) {
	c, err := d.shop.Closure(ctx)
	if err != nil || c == nil {
		return "", err
	}
	return v.banner(*c) + "\n", nil
}

// banner says in the operator's words why the shop is closed, and until when.
func (v *visit) banner(c checkout.Closure) string {
	words := "🚧 " + v.isolate(clip(c.Words, 300))
	if c.Until.IsZero() {
		return words
	}
	return lines(words, v.say("closed.until", "Time", v.until(c.Until, v.now)))
}

// closedFor is the failure of a purchase while an operator has closed the shop.
func (v *visit) closedFor(c checkout.Closure) (failure, []any, bool) {
	until := v.say("closed.open")
	if !c.Until.IsZero() {
		until = v.say("closed.until", "Time", v.until(c.Until, v.now))
	}
	return failure{code: "CLOSED_BY_SHOP", money: moneyNone}, []any{"Words", v.isolate(clip(c.Words, 300)), "Until", until}, true
}
