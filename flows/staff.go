package flows

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// staff is what the desk needs to know who runs the shop.
type staff interface {
	Staff(ctx context.Context) (map[int64]string, error)
	StaffRole(ctx context.Context, user int64) (string, error)
}

// noRole stands in callback data for the end of a role.
const noRole = "none"

// isRole is a role that can be given, or the end of one.
func isRole(s string) bool { return s == noRole || slices.Contains(appointed(), Role(s)) }

func staffVerbs() map[string]verb {
	return map[string]verb{
		"staff":    {act: (*Desk).showStaff, view: true, admin: true},
		"staffer":  {args: []arg{isUser}, act: (*Desk).showStaffer, view: true, admin: true},
		"staffto":  {args: []arg{isUser, isRole}, act: (*Desk).showAppointment, view: true, admin: true},
		"staffset": {args: []arg{isUser, isRole}, act: (*Desk).appoint, admin: true},
	}
}

func staffCommands() map[string]command {
	return map[string]command{"staff": {act: (*Desk).commandStaff, admin: true}}
}

// Staff tells who runs the shop: the owners of the settings, and who was given a role.
func (d *Desk) Staff(ctx context.Context) (map[int64]Role, error) {
	given, err := d.talks.Staff(ctx)
	if err != nil {
		return nil, fmt.Errorf("read staff: %w", err)
	}
	all := map[int64]Role{}
	for user, role := range given {
		if role := d.roleOf(user, role); role != "" {
			all[user] = role
		}
	}
	for user := range d.owners {
		all[user] = Owner
	}
	return all, nil
}

// whoMay lists who may use a command, named with its slash, or a button, in the order of their ids.
func (d *Desk) whoMay(ctx context.Context, name string) ([]int64, error) {
	all, err := d.Staff(ctx)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(all, func(_ int64, role Role) bool { return !d.rights[role][name] })
	return slices.Sorted(maps.Keys(all)), nil
}

// mayAsk tells whether a person may use a command or a button right now.
func (d *Desk) mayAsk(ctx context.Context, user int64, name string) (bool, error) {
	given, err := d.talks.StaffRole(ctx, user)
	if err != nil {
		return false, fmt.Errorf("read role: %w", err)
	}
	return d.rights[d.roleOf(user, given)][name], nil
}

// commandStaff is /staff, /staff <customer>, and /staff in reply to a customer's forwarded message.
func (d *Desk) commandStaff(ctx context.Context, v *visit) error {
	text := strings.TrimSpace(v.in.Text)
	if text == "" && v.about() == (About{}) {
		return d.open(ctx, v, "staff")
	}
	user, err := d.whom(ctx, v, text, "staff")
	if err != nil || user == 0 {
		return err
	}
	return d.open(ctx, v, "staffer:"+strconv.FormatInt(user, 10))
}

// showStaff lists who runs the shop.
func (d *Desk) showStaff(ctx context.Context, v *visit, _ []string) error {
	all, err := d.Staff(ctx)
	if err != nil {
		return err
	}
	var list []string
	var buttons []Button
	for _, role := range append([]Role{Owner}, appointed()...) {
		for _, user := range slices.Sorted(maps.Keys(all)) {
			if all[user] != role {
				continue
			}
			person, err := d.known(ctx, user)
			if err != nil {
				return err
			}
			if user == v.in.User { // whose name may have come with this very step
				person = v
			}
			name := first(clip(person.talk.Name, 40), strconv.FormatInt(user, 10))
			list = append(list, v.say("staff.line", "Name", name, "User", userName(user, person.customer), "Role", v.say("staff.role."+string(role))))
			if role != Owner && user != v.in.User {
				buttons = append(buttons, Button{Text: clip(name, 40), Data: "staffer:" + strconv.FormatInt(user, 10)})
			}
		}
	}
	v.menu(v.say("staff.title"), strings.Join(list, "\n")+"\n\n"+v.say("staff.how"), append(columns(2, buttons), v.back("admin"))...)
	return nil
}

// appointment is a person whose role may be changed.
type appointment struct {
	user int64
	who  string // what the shop knows of them
	role Role   // what they are now
}

// appointee reads whom a button is about, and tells whether the presser may change their role: nobody gives or takes what is not less than
// their own, and nobody changes their own.
func (d *Desk) appointee(ctx context.Context, v *visit, text string) (appointment, bool, error) {
	user, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return appointment{}, false, err
	}
	a := appointment{user: user}
	given, err := d.talks.StaffRole(ctx, user)
	if err != nil {
		return a, false, fmt.Errorf("read role: %w", err)
	}
	if a.role = d.roleOf(user, given); a.role == "" && given != "" {
		d.log.Warn("a role that does not exist is none", "user", user)
	}
	a.who, err = d.person(ctx, v, user)
	return a, user != v.in.User && d.gives(v, a.role), err
}

// gives tells whether the person may give, and take, a role.
func (d *Desk) gives(v *visit, role Role) bool { return less(role, v.role, d.rights) }

// showStaffer draws a person with the roles that they may be given.
func (d *Desk) showStaffer(ctx context.Context, v *visit, args []string) error {
	a, open, err := d.appointee(ctx, v, args[0])
	if err != nil {
		return err
	}
	if !open {
		v.menu(v.say("staff.closed"), lines(a.who, v.standing(a.role)), v.back("staff"))
		return nil
	}
	body := []string{a.who, v.standing(a.role), ""}
	var rows [][]Button
	for _, role := range appointed() {
		if !d.gives(v, role) || role == a.role {
			continue
		}
		name := v.say("staff.role." + string(role))
		body = append(body, v.say("staff.may", "Role", name, "May", v.say("staff.may."+string(role))))
		rows = append(rows, []Button{v.button("staff.make", "staffto:"+args[0]+":"+string(role), "Role", name)})
	}
	if a.role != "" {
		rows = append(rows, []Button{v.button("staff.take", "staffto:"+args[0]+":"+noRole)})
	}
	v.menu(v.say("staff.which"), spaced(body), append(rows, v.back("staff"))...)
	return nil
}

// standing says what a person is now.
func (v *visit) standing(role Role) string {
	return v.say("staff.now", "Role", v.say("staff.role."+first(string(role), noRole)))
}

// showAppointment draws a change before it is made, or that it stands so.
func (d *Desk) showAppointment(ctx context.Context, v *visit, args []string) error {
	a, open, err := d.appointee(ctx, v, args[0])
	if err != nil {
		return err
	}
	role := Role(strings.TrimSuffix(args[1], noRole))
	if !open || !d.gives(v, role) {
		return d.open(ctx, v, "staffer:"+args[0])
	}
	if a.role == role {
		v.menu(v.say("staff.done"), lines(a.who, v.standing(role)), []Button{v.button("staff.list", "staff")}, v.home())
		return nil
	}
	confirm := v.button("staff.go."+args[1], "staffset:"+args[0]+":"+args[1], "Role", v.say("staff.role."+args[1]))
	confirm.Style = "danger"
	may := v.say("staff.gone")
	if role != "" {
		may = v.say("staff.may", "Role", v.say("staff.role."+args[1]), "May", v.say("staff.may."+args[1]))
	}
	v.menu(v.say("staff.sure"), lines(a.who, v.standing(a.role))+"\n\n"+may, []Button{confirm}, v.back("staffer:"+args[0]))
	return nil
}

// appoint makes the change. Repeating it changes nothing.
func (d *Desk) appoint(ctx context.Context, v *visit, args []string) error {
	a, open, err := d.appointee(ctx, v, args[0])
	if err != nil {
		return err
	}
	role := Role(strings.TrimSuffix(args[1], noRole))
	if !open || !d.gives(v, role) {
		return d.stale(ctx, v)
	}
	v.accept()
	if _, err := d.shop.Appoint(ctx, v.in.User, a.user, string(role)); err != nil {
		return err
	}
	v.reply.Menus = append(v.reply.Menus, a.user)
	return d.open(ctx, v, "staffto:"+args[0]+":"+args[1])
}
