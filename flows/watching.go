package flows

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// watchVerbs and watchCommands are about the daily note of what changed; they are the same in groups.
func watchVerbs() map[string]verb {
	return map[string]verb{
		"watching": {args: []arg{isPage}, act: (*Desk).showWatching, view: true},
		"watch":    {args: []arg{isCode, isSwitch}, act: (*Desk).watch},
		"hush":     {act: (*Desk).hush},
	}
}

func watchCommands() map[string]command {
	return map[string]command{"watch": {act: (*Desk).commandWatch}}
}

// maySubscribe tells whether the person decides what notes come here: in a group its owners and the shop's admins do.
func (v *visit) maySubscribe() bool { return v.in.Private || v.rules() }

// commandWatch is /watch, /watch <code> and /watch off.
func (d *Desk) commandWatch(ctx context.Context, v *visit) error {
	words := strings.Fields(v.in.Text)
	switch {
	case len(words) == 0:
		return d.open(ctx, v, "watching:0")
	case strings.EqualFold(words[0], "off") && len(words) == 1:
		return d.hush(ctx, v, nil)
	}
	all, err := d.shop.Families(ctx)
	if err != nil {
		return v.missing(err)
	}
	code, rest, ok := namedCode(all, words)
	if !ok || len(rest) > 0 {
		return d.groupUsage(v, "watch")
	}
	v.talk.Screen = "watching:0"
	return d.watch(ctx, v, []string{code, "1"})
}

// watch has changes of a line told, or not any more, and draws the screen it was pressed on. Repeating it changes nothing.
func (d *Desk) watch(ctx context.Context, v *visit, args []string) error {
	if !v.maySubscribe() {
		return d.ownersOnly(ctx, v, "group_watch")
	}
	var err error
	said := v.say("watch.ended")
	if args[1] == "1" {
		said = v.say("watch.added")
		err = d.shop.Watch(ctx, v.account(), args[0], v.in.User, v.language)
	} else {
		err = d.shop.Unwatch(ctx, v.account(), args[0])
	}
	switch {
	case errors.Is(err, checkout.ErrFullList):
		said = v.say("list.full")
	case errors.Is(err, checkout.ErrNotFound):
		return v.missing(err, []Button{v.button("button.catalog", "cats:0")})
	case err != nil:
		return err
	}
	if err := d.open(ctx, v, first(v.talk.Screen, "watching:0")); err != nil {
		return err
	}
	v.remark(said)
	return nil
}

// showWatching lists what the daily note is about.
func (d *Desk) showWatching(ctx context.Context, v *visit, args []string) error {
	w, err := d.shop.Watched(ctx, v.account())
	if err != nil {
		return err
	}
	codes := slices.Sorted(maps.Keys(w.Lines))
	known, err := d.shop.Known(ctx, codes)
	if err != nil {
		return v.missing(err)
	}
	part, at, more := cut(codes, pageOf(args[0]), pageSize)
	list, _ := v.lineList(part, known)
	var rows [][]Button
	if len(codes) == 0 {
		list = []string{v.say("watching.none")}
	} else if v.maySubscribe() {
		for _, code := range part {
			rows = append(rows, []Button{v.button("watch.stop", "watch:"+code+":0", "Product", lineTitle(known, code))})
		}
		rows = append(rows, []Button{v.button("watch.hush", "hush")})
	}
	rows = append(rows, v.pager(at, more, func(p int) string { return "watching:" + number(p) }),
		[]Button{v.button("button.catalog", "cats:0")}, v.home())
	v.menu(v.say("watching.title"), strings.Join(list, "\n")+"\n\n"+v.say("usage.watch"), rows...)
	return nil
}

// lineTitle is a line's name, or its code when it is not sold.
func lineTitle(known map[string]checkout.Line, code string) string {
	if l, ok := known[code]; ok {
		return clip(productName(l), 40)
	}
	return code
}

// hush ends the daily note.
func (d *Desk) hush(ctx context.Context, v *visit, _ []string) error {
	if !v.maySubscribe() {
		return d.ownersOnly(ctx, v, "group_watch")
	}
	if err := d.shop.Unwatch(ctx, v.account()); err != nil {
		return err
	}
	if err := d.open(ctx, v, "watching:0"); err != nil {
		return err
	}
	v.remark(v.say("watch.hushed"))
	return nil
}

// subscriber is whom a daily note is for: their chat, their words, what they pay, and whose buttons it carries.
func (d *Desk) subscriber(ctx context.Context, account string, w store.Watch) (*visit, error) {
	if user, ok := strings.CutPrefix(account, "cust:"); ok {
		id, err := strconv.ParseInt(user, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read news: %w", err)
		}
		return d.known(ctx, id)
	}
	g, err := d.shop.Group(ctx, store.Group{Account: account}.ID())
	if errors.Is(err, checkout.ErrNotFound) || err == nil && !g.Linked {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read group: %w", err)
	}
	v := d.visit(Input{Chat: g.Chat, User: w.By}, store.Talk{})
	v.group, v.table = &g, d.shared
	v.use(d.words.in(w.Language))
	return v, nil
}

// note is what a subscriber is told of a day's changes; nil for nothing.
func (d *Desk) note(ctx context.Context, account string) (*visit, checkout.Note, error) {
	w, err := d.shop.Watched(ctx, account)
	if err != nil || len(w.Lines) == 0 {
		return nil, checkout.Note{}, err
	}
	v, err := d.subscriber(ctx, account, w)
	if err != nil || v == nil {
		return nil, checkout.Note{}, err
	}
	n, err := d.shop.Note(checkout.For(ctx, v.buys()), account)
	return v, n, err
}

// dailyNotice says what to send: which watched lines have another price, or are there again.
func (d *Desk) dailyNotice(ctx context.Context, account string) (Reply, error) {
	v, n, err := d.note(ctx, account)
	if err != nil || v == nil {
		return Reply{}, err
	}
	if len(n.Changes) == 0 { // what is gone is remembered, so that it can be told when it is back
		_, err := d.shop.NoteTold(ctx, account, n.Told)
		return Reply{}, err
	}
	var list []string
	var rows [][]Button
	for _, c := range n.Changes {
		line := v.say("note.price", "Product", productName(c.Line), "Code", c.Line.Code, "Old", v.money(c.Old), "New", v.money(c.Line.Price))
		if c.Old == 0 {
			line = v.say("note.back", "Product", productName(c.Line), "Code", c.Line.Code, "New", v.money(c.Line.Price))
		} else if c.Back {
			line += " " + v.say("note.again")
		}
		list = append(list, line)
		if len(rows) < 5 && v.group == nil {
			rows = append(rows, []Button{{Text: v.isolate(clip(productName(c.Line), 40)) + " – " + v.money(c.Line.Price), Data: "line:" + c.Line.Code}})
		}
	}
	title := v.say("note.title")
	s := Screen{Chat: v.in.Chat, Keep: true, Language: v.language, Text: clip(title+"\n\n"+strings.Join(list, "\n"), textLimit),
		Marks: []Mark{{Kind: "bold", Length: units(title)}}, Note: &NoteTold{Account: account, Told: n.Told}}
	if stop := []Button{v.button("watch.hush", "hush")}; v.group != nil {
		s.Rows = [][]Button{belonging(v.in.User, stop)}
	} else {
		s.Rows = kept(append(rows, stop)...)
	}
	return Reply{Screens: []Screen{s}}, nil
}

// NoteTold is what a daily note tells, as it is remembered once it was sent.
type NoteTold struct {
	Account string
	Told    map[string]string
}

// rememberNote remembers what a daily note that was sent has told.
func (d *Desk) rememberNote(ctx context.Context, s Sent) error {
	if s.Screen.Note == nil {
		return nil
	}
	if _, err := d.shop.NoteTold(ctx, s.Screen.Note.Account, s.Screen.Note.Told); err != nil {
		return fmt.Errorf("remember note: %w", err)
	}
	return nil
}

// afterNote is when the next daily note is due; 0 for never, as nothing is watched. One that was not sent is sent later, to a person who
// cannot be reached when they are back, and to a group that cannot on another day.
func (d *Desk) afterNote(ctx context.Context, account, member string, failure error) (time.Duration, error) {
	unreachable := errors.Is(failure, checkout.ErrUnreachable)
	if failure != nil && !unreachable {
		return noticeRetry, nil
	}
	if user, ok := strings.CutPrefix(account, "cust:"); ok && unreachable {
		id, err := strconv.ParseInt(user, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read news: %w", err)
		}
		return 0, d.talks.HoldNotice(ctx, id, member)
	}
	return d.shop.NoteTold(ctx, account, nil)
}
