package flows

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cardrop/store"
)

// drawMembers lists who has a role or a limit of their own.
func (d *Desk) drawMembers(ctx context.Context, v *visit) error {
	t := v.group.Terms
	users := map[int64]bool{}
	for user := range t.Roles {
		users[user] = true
	}
	for user := range t.Days {
		users[user] = true
	}
	var list, open []string
	for _, user := range slices.Sorted(maps.Keys(users)) {
		name, err := d.memberName(ctx, user)
		if err != nil {
			return err
		}
		line := v.say("members.line", "Name", name, "Role", v.say("role."+string(t.Role(user))))
		open = append(open, line)
		if day := t.Days[user]; day > 0 {
			line += " · " + v.say("members.day", "Amount", v.money(day))
		}
		list = append(list, line)
	}
	others := v.say("members.default", "Role", v.say("role."+string(cmp.Or(t.Default, store.RoleBuyer))))
	v.menu(v.say("members.title"), lines(strings.Join(list, "\n"), others)+"\n\n"+v.say("usage.members"), v.home())
	v.aside(lines(strings.Join(open, "\n"), others), "members", v.home())
	return nil
}

// memberName is a person as a group knows them: by name. The number is nobody else's business there, unless there is no name.
func (d *Desk) memberName(ctx context.Context, user int64) (string, error) {
	kept, err := d.talks.LoadTalk(ctx, user, 0)
	if err != nil {
		return "", err
	}
	known := d.visit(Input{Chat: user, User: user}, kept)
	return first(clip(known.talk.Name, 40), userName(user, kept.Customer)), nil
}

// drawLimits says what the group's wallet may be used for.
func (d *Desk) drawLimits(ctx context.Context, v *visit) error {
	t := v.group.Terms
	all, own, err := d.shop.Spent(ctx, v.group.Account, v.in.User)
	if err != nil {
		return err
	}
	each := t.MemberDay
	if day, set := t.Days[v.in.User]; set {
		each = day
	}
	body := []string{v.say("limits.role", "Role", v.say("role."+string(t.Role(v.in.User)))),
		v.say("limits.day", "Spent", v.money(all), "Limit", v.limit(t.Day)),
		v.say("limits.member", "Spent", v.money(own), "Limit", v.limit(each))}
	open := body[1:2:2]
	if v.in.Button != "" && v.in.Whisper == 0 { // what is the presser's own, also where nothing can be shown to them alone
		v.reply.Alert = clip(lines(body[0], body[2]), alertLimit)
	}
	if t.Credit > 0 {
		body = append(body, v.say("limits.credit", "Amount", v.money(t.Credit)))
	}
	if t.QuietFrom != t.QuietTo {
		body = append(body, v.say("limits.quiet", "From", hour(t.QuietFrom), "To", hour(t.QuietTo)))
		open = append(open, body[len(body)-1])
	}
	if t.CSV || t.FileTTL > 0 {
		kind, life := v.say("limits.file.text"), v.say("limits.file.shop")
		if t.CSV {
			kind = "CSV"
		}
		if t.FileTTL > 0 {
			life = v.life(t.FileTTL)
		}
		body = append(body, v.say("limits.file", "Kind", kind, "Life", life))
	}
	if t.Frozen {
		body = append(body, v.say("limits.frozen"))
		open = append(open, body[len(body)-1])
	}
	if t.Tier != "" && v.rules() {
		body = append(body, v.say("limits.tier", "Tier", t.Tier))
	}
	text := lines(body...)
	if v.rules() {
		text += "\n\n" + v.say("usage.limits")
	}
	v.menu(v.say("limits.title"), text, v.home())
	v.aside(lines(open...), "limits", v.home())
	return nil
}

// limit writes a limit; 0 is none.
func (v *visit) limit(minor int64) string {
	if minor == 0 {
		return v.say("limits.none")
	}
	return v.money(minor)
}

// hour writes minutes of the day as a time.
func hour(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }
