package flows

import (
	"context"
)

// asideVerbs lists the buttons by which a member of a group is shown alone what a command asked for.
func asideVerbs() map[string]verb {
	return map[string]verb{
		"limits":  {act: (*Desk).showLimits, view: true},
		"members": {act: (*Desk).showMembers, view: true},
		"why":     {args: []arg{personal}, act: (*Desk).tellWhy},
	}
}

// aside keeps the menu that was just drawn in a group for the eyes of the member who asked. Where the Bot API cannot show a message to one
// member, or the bot has no right to, all read body under the same title: how things stand for the group, without what concerns the member
// or is not for every passer-by. With data there is a button that asks for it once more: a press gives the right that a typed command does not.
func (v *visit) aside(body, data string, rows ...[]Button) {
	n := len(v.reply.Screens)
	if v.in.Private || n == 0 {
		return
	}
	s := &v.reply.Screens[n-1]
	title := Mark{Kind: "bold"}
	if len(s.Marks) > 0 {
		title = s.Marks[0]
	}
	text := cutUnits(s.Text, title.Offset+title.Length)
	if body != "" {
		text += "\n\n" + body
	}
	if data != "" {
		rows = append([][]Button{{v.button("aside.show", data)}}, rows...)
	}
	s.Openly = &Screen{Text: clip(text, textLimit), Marks: []Mark{title}, Rows: v.mine(v.permitted(rows))}
}

// cutUnits is the beginning of a text, n UTF-16 code units long.
func cutUnits(s string, n int) string {
	for at := range s {
		if units(s[:at]) >= n {
			return s[:at]
		}
	}
	return s
}

// personal tells whether a refusal is about one member of a group and not about the group, its wallet or the shop.
func personal(code string) bool {
	switch code {
	case "MEMBER_DAY_LIMIT", "ONLY_LOOKING", "OWNERS_ONLY", "BUYING_BLOCKED", "TOO_MANY_OPEN":
		return true
	}
	return false
}

// failAside keeps a refusal that is about one member for their eyes. All read only that nothing was done; the button below it tells the
// member why in the answer to its press, which every server shows to the presser alone.
func (v *visit) failAside(f failure, rows [][]Button) {
	if v.in.Private || !personal(f.code) {
		return
	}
	s := &v.reply.Screens[len(v.reply.Screens)-1]
	title, why := v.say("aside.refused"), "why:"+f.code
	if f.code == "MEMBER_DAY_LIMIT" {
		why = "limits"
	}
	rows = append([][]Button{{v.button("aside.show", why)}}, append(rows, v.home())...)
	openly := Screen{Text: title + "\n\n" + lines(v.say(f.money), v.say("fail.code", "Code", f.code)),
		Marks: []Mark{{Kind: "bold", Length: units(title)}}, Rows: v.mine(v.permitted(rows))}
	if v.in.Button == "" || v.in.Whisper != 0 {
		s.Openly = &openly
		return
	}
	s.Text, s.Marks, s.Rows = openly.Text, openly.Marks, openly.Rows // the pressed menu changes for all: its button leads nowhere now
}

// tellWhy tells a member alone why something was refused to them.
func (d *Desk) tellWhy(_ context.Context, v *visit, args []string) error {
	v.reply.Alert, v.reply.Modal = clip(v.say("fail."+args[0])+" "+v.say("next."+args[0]), alertLimit), true
	return nil
}

// parcel brings a document about a group's wallet to the private chat of the member who asked: in the group all would have it.
func (v *visit) parcel(s Screen) {
	switch {
	case v.in.Private:
	case !v.open:
		v.reply.Alert, v.reply.Modal = v.say("aside.file.closed"), true
		return
	default:
		s.Chat, v.reply.Alert = v.in.User, v.say("aside.file.sent")
	}
	v.keep(s)
	if !v.in.Private {
		v.reply.Screens[len(v.reply.Screens)-1].Thread = 0
	}
}

// showLimits is the button of /limits.
func (d *Desk) showLimits(ctx context.Context, v *visit, _ []string) error {
	return d.drawLimits(ctx, v)
}

// showMembers is the button of /members: what it shows only owners and admins may see.
func (d *Desk) showMembers(ctx context.Context, v *visit, _ []string) error {
	if !v.rules() {
		return d.ownersOnly(ctx, v, "group_members")
	}
	return d.drawMembers(ctx, v)
}
