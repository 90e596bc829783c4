package flows

import (
	"context"
	"strconv"
	"strings"
)

func banVerbs() map[string]verb {
	return map[string]verb{
		"bans":   {args: []arg{isUser, isPage}, act: (*Desk).showBan, view: true, admin: true},
		"banned": {args: []arg{isUser, isPage}, act: (*Desk).ban, admin: true},
	}
}

func banCommands() map[string]command {
	of := func(name, on string) command {
		return command{admin: true, act: func(d *Desk, ctx context.Context, v *visit) error {
			user, err := d.whom(ctx, v, strings.TrimSpace(v.in.Text), name)
			if err != nil || user == 0 {
				return err
			}
			return d.open(ctx, v, "bans:"+strconv.FormatInt(user, 10)+":"+on)
		}}
	}
	return map[string]command{"ban": of("ban", "1"), "unban": of("unban", "0")}
}

// showBan draws whom an admin is about to ban (1) or not to ban any more (0), or that it stands so.
func (d *Desk) showBan(ctx context.Context, v *visit, args []string) error {
	user, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return d.stale(ctx, v)
	}
	who, err := d.about(ctx, v, user)
	if err != nil {
		return err
	}
	is, err := d.shop.Banned(ctx, user)
	if err != nil {
		return err
	}
	title, body, confirm, done := "unban.title", "unban.body", "unban.go", "unban.done"
	if args[1] == "1" {
		title, body, confirm, done = "ban.title", "ban.body", "ban.go", "ban.done"
	}
	if is == (args[1] == "1") {
		v.menu(v.say(done), who, []Button{v.button("menu.admin", "admin")}, v.home())
		return nil
	}
	v.menu(v.say(title), lines(who, v.say(body)), []Button{v.button(confirm, "banned:"+args[0]+":"+args[1])},
		[]Button{v.button("button.cancel", "cancel")})
	return nil
}

// ban bans or unbans a customer. Repeating it changes nothing.
func (d *Desk) ban(ctx context.Context, v *visit, args []string) error {
	v.accept()
	user, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return d.stale(ctx, v)
	}
	if _, err := d.shop.Ban(ctx, v.in.User, user, args[1] == "1"); err != nil {
		return err
	}
	return d.open(ctx, v, "bans:"+args[0]+":"+args[1])
}
