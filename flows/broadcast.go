package flows

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// roomCast is where an admin types what everybody is to read.
const roomCast = "cast"

// castLimit bounds an announcement, in UTF-16 code units: it is one message, with room for nothing to be cut off. castShown is how much of
// each language the overview shows.
const (
	castLimit = 3500
	castShown = 700
)

// castRate is how many people are sent to in a second at most.
const castRate = 25

// Casting is an announcement that an admin writes.
type Casting struct {
	ID    string            `json:"i"`           // of the broadcast that it becomes
	Tag   string            `json:"l,omitempty"` // the language that is typed now
	Texts map[string]string `json:"t"`
}

// castVerbs are the buttons of announcements.
func castVerbs() map[string]verb {
	return map[string]verb{
		"cast":       {act: (*Desk).showCast, view: true, admin: true},
		"casttext":   {args: []arg{isTag}, act: (*Desk).askCast, view: true, admin: true},
		"casttest":   {act: (*Desk).testCast, admin: true},
		"castsure":   {act: (*Desk).sureCast, view: true, admin: true},
		"castgo":     {args: []arg{isOrder}, act: (*Desk).beginCast, admin: true},
		"castpause":  {args: []arg{isOrder}, act: steerCast((*checkout.Shop).PauseBroadcast), admin: true},
		"castresume": {args: []arg{isOrder}, act: steerCast((*checkout.Shop).ResumeBroadcast), admin: true},
		"caststop":   {args: []arg{isOrder}, act: (*Desk).sureStop, view: true, admin: true},
		"castend":    {args: []arg{isOrder}, act: steerCast((*checkout.Shop).CancelBroadcast), admin: true},
		"settings":   {act: (*Desk).showSettings, view: true},
		"mute":       {args: []arg{isPage}, act: (*Desk).mute},
	}
}

// castCommands are the commands of announcements, and that of everybody's own settings.
func castCommands() map[string]command {
	return map[string]command{"broadcast": {act: view("cast"), admin: true}, "settings": {act: view("settings")}}
}

// showCast draws how the broadcast that is under way stands, or the draft, or how the last one ended.
func (d *Desk) showCast(ctx context.Context, v *visit, _ []string) error {
	b, err := d.shop.Broadcast(ctx)
	if err != nil {
		return err
	}
	switch {
	case b.ID != "" && b.State != store.BroadcastOver:
		v.casting(b)
	case v.talk.Casting != nil && v.talk.Casting.Texts[d.words.tags[0]] != "":
		d.showDraft(v)
	default:
		body := lines(v.say("cast.how"), v.say("cast.rules", "N", castRate))
		if b.ID != "" {
			body = v.say("cast.last", "Time", v.moment(b.Ended)) + "\n" + v.fates(b) + "\n\n" + body
		}
		v.menu(v.say("cast.title"), body, []Button{v.primary("cast.write", "casttext:"+d.words.tags[0])}, v.back("admin"))
	}
	return nil
}

// showDraft draws what is written so far in each language.
func (d *Desk) showDraft(v *visit) {
	c := v.talk.Casting
	var blocks []string
	var edit []Button
	for i, tag := range d.words.Languages() {
		name := d.words.in(tag).say("language.name")
		label := "cast.add"
		switch {
		case c.Texts[tag] != "":
			label = "cast.edit"
			blocks = append(blocks, v.say("cast.in", "Language", name)+"\n"+v.quoted(clip(c.Texts[tag], castShown)))
		case i > 0:
			blocks = append(blocks, v.say("cast.fallback", "Language", name, "Other", d.words.in(d.words.tags[0]).say("language.name")))
		}
		edit = append(edit, v.button(label, "casttext:"+tag, "Language", name))
	}
	v.menu(v.say("cast.draft"), strings.Join(blocks, "\n\n"), append(columns(2, edit),
		[]Button{v.button("cast.test", "casttest")}, []Button{v.primary("cast.send", "castsure")}, []Button{v.button("button.cancel", "cancel")})...)
}

// quoted writes what somebody typed, each line from its own side.
func (v *visit) quoted(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		all[i] = v.alone(line)
	}
	return strings.Join(all, "\n")
}

// askCast asks for the text in one language.
func (d *Desk) askCast(_ context.Context, v *visit, args []string) error {
	tag := args[0]
	if !slices.Contains(d.words.Languages(), tag) {
		tag = d.words.tags[0]
	}
	if v.talk.Casting == nil {
		v.talk.Casting = &Casting{ID: d.shop.NewOrderID(), Texts: map[string]string{}}
	}
	v.talk.Casting.Tag, v.talk.Room = tag, roomCast
	v.menu(v.say("cast.ask", "Language", d.words.in(tag).say("language.name")), v.say("cast.type", "N", castLimit), v.typing("cast"))
	return nil
}

// typedCast takes a text.
func (d *Desk) typedCast(ctx context.Context, v *visit) error {
	c := v.talk.Casting
	if c == nil {
		return d.open(ctx, v, "cast")
	}
	text := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return printed(r)
	}, v.in.Text))
	if n := units(text); n == 0 || n > castLimit {
		if err := d.open(ctx, v, "casttext:"+c.Tag); err != nil {
			return err
		}
		v.remark(v.say("cast.long", "N", castLimit))
		return nil
	}
	c.Texts[c.Tag] = text
	return d.open(ctx, v, "cast")
}

// draft is the admin's announcement, ready to be sent; nil after it was given up.
func (d *Desk) draft(v *visit) *Casting {
	if c := v.talk.Casting; c != nil && c.Texts[d.words.tags[0]] != "" {
		return c
	}
	return nil
}

// testCast sends the announcement to the admin alone, in every language, exactly as customers get it.
func (d *Desk) testCast(ctx context.Context, v *visit, _ []string) error {
	c := d.draft(v)
	if c == nil {
		return d.open(ctx, v, "cast")
	}
	v.accept()
	v.fresh = true // the overview comes below
	for _, tag := range d.words.Languages() {
		if c.Texts[tag] != "" {
			v.reply.Screens = append(v.reply.Screens, d.announcement(v.in.Chat, tag, tag, c.Texts))
		}
	}
	return d.open(ctx, v, "cast")
}

// announcement is what one customer gets: the text in their language, or in the shop's when there is none. Its button is in theirs.
func (d *Desk) announcement(chat int64, language, fallback string, texts map[string]string) Screen {
	text, tag := texts[language], language
	if text == "" {
		text, tag = texts[fallback], fallback
	}
	person := &visit{speech: d.words.in(language)}
	return Screen{Chat: chat, Text: text, Keep: true, Language: tag, Rows: kept([]Button{person.button("settings.button", "settings")})}
}

// sureCast asks for the second tap.
func (d *Desk) sureCast(ctx context.Context, v *visit, _ []string) error {
	c := d.draft(v)
	if c == nil {
		return d.open(ctx, v, "cast")
	}
	people, _, err := d.talks.Counts(ctx)
	if err != nil {
		return err
	}
	begin := v.button("cast.go", "castgo:"+c.ID)
	begin.Style = "danger"
	v.menu(v.say("cast.sure"), v.say("cast.many", "N", people, "Time", v.speech.span(time.Duration(people)*time.Second/castRate)),
		[]Button{begin}, v.back("cast"))
	return nil
}

// beginCast begins to send.
func (d *Desk) beginCast(ctx context.Context, v *visit, args []string) error {
	c := d.draft(v)
	if c == nil || c.ID != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	err := d.shop.BeginBroadcast(ctx, v.in.User, c.ID, c.Texts)
	if err != nil && !errors.Is(err, checkout.ErrBroadcasting) {
		return err
	}
	if err == nil {
		v.talk.Casting = nil
	}
	return d.open(ctx, v, "cast")
}

// sureStop asks for the second tap before nobody else gets it.
func (d *Desk) sureStop(ctx context.Context, v *visit, args []string) error {
	b, err := d.shop.Broadcast(ctx)
	if err != nil {
		return err
	}
	if b.ID != args[0] || b.State == store.BroadcastOver {
		return d.open(ctx, v, "cast")
	}
	end := v.button("cast.end", "castend:"+b.ID)
	end.Style = "danger"
	v.menu(v.say("cast.stop?"), v.fates(b)+"\n\n"+v.say("cast.final"), []Button{end}, v.back("cast"))
	return nil
}

// steerCast is a tap that pauses, resumes or ends. One that comes too late shows how it stands.
func steerCast(step func(*checkout.Shop, context.Context, int64, string) error) func(*Desk, context.Context, *visit, []string) error {
	return func(d *Desk, ctx context.Context, v *visit, args []string) error {
		v.accept()
		if err := step(d.shop, ctx, v.in.User, args[0]); err != nil && !errors.Is(err, checkout.ErrNotFound) {
			return err
		}
		return d.open(ctx, v, "cast")
	}
}

// casting draws the broadcast that is under way.
func (v *visit) casting(b checkout.Broadcast) {
	refresh, stop := v.button("button.refresh", "cast"), v.button("cast.stop", "caststop:"+b.ID)
	switch b.State {
	case store.BroadcastRunning:
		left := b.End - b.Next + b.Again
		v.menu(v.say("cast.running"), v.fates(b)+"\n\n"+v.say("cast.left", "Time", v.speech.span(time.Duration(left)*time.Second/castRate)),
			[]Button{v.button("cast.pause", "castpause:"+b.ID), stop}, []Button{refresh}, v.back("admin"))
	case store.BroadcastPaused:
		v.menu(v.say("cast.paused"), v.fates(b), []Button{v.primary("cast.resume", "castresume:"+b.ID), stop}, v.back("admin"))
	default:
		v.menu(v.say("cast.canceling"), v.fates(b), []Button{refresh}, v.back("admin"))
	}
}

// fates says what became of everybody so far.
func (s speech) fates(b checkout.Broadcast) string {
	list := []string{s.say("cast.reached", "N", b.Next-b.Again-b.OnTheWay, "All", b.End), s.say("cast.fate.sent", "N", b.Fates[store.FateSent])}
	for _, fate := range []store.Fate{store.FateBlocked, store.FateMuted, store.FateBanned, store.FateFailed, store.FateUnsure} {
		if n := b.Fates[fate]; n > 0 {
			list = append(list, s.say("cast.fate."+string(fate), "N", n))
		}
	}
	return strings.Join(list, "\n")
}
