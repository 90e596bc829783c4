package flows

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// termCommands lists what is said about a group's wallet: what it may be used for, and by whom.
func termCommands() map[string]command {
	return map[string]command{
		"members": {act: (*Desk).commandMembers},
		"limits":  {act: (*Desk).commandLimits},
		"tier":    {act: (*Desk).commandTier, admin: true},
		"limit":   {act: (*Desk).commandLimit, admin: true},
	}
}

// rules tells whether the person sets roles and limits of the group: its owners and the shop's admins do.
func (v *visit) rules() bool {
	return v.may("/limit") || v.group != nil && v.group.Terms.Role(v.in.User) == store.RoleOwner
}

// change sets terms of the group's wallet, and draws how they stand then. A value they cannot have is answered with the command's usage.
func (d *Desk) change(ctx context.Context, v *visit, screen func(*Desk, context.Context, *visit) error, usage string, all ...checkout.TermChange) error {
	for _, c := range all {
		c.Account = v.group.Account
		err := d.shop.SetTerm(ctx, v.in.User, c)
		if errors.Is(err, checkout.ErrTerm) {
			return d.groupUsage(v, usage)
		}
		if err != nil {
			return err
		}
	}
	var err error
	if v.group, err = d.linked(ctx, v.in.Chat); err != nil || v.group == nil {
		return err
	}
	if err := screen(d, ctx, v); err != nil {
		return err
	}
	v.changed(all)
	return nil
}

// changed says that terms were changed. An amount is echoed as people count it, to who set it: a zero too many is seen at once.
func (v *visit) changed(all []checkout.TermChange) {
	said := v.say("terms.changed")
	text := said
	for _, c := range all {
		if minor, err := strconv.ParseInt(c.Value, 10, 64); err == nil && isAmount(c.Term) {
			text = lines(text, v.echo(minor))
		}
	}
	if v.in.Button != "" {
		v.reply.Alert = text
		return
	}
	s := &v.reply.Screens[len(v.reply.Screens)-1]
	s.remark(text)
	if s.Openly != nil {
		s.Openly.remark(said)
	}
}

// isAmount tells whether a term is a sum of money.
func isAmount(term string) bool {
	return term == store.TermCredit || term == store.TermMemberDay || term == store.TermDay || strings.HasPrefix(term, store.TermDay+":")
}

// groupUsage shows how a command of a group is written.
func (d *Desk) groupUsage(v *visit, name string) error {
	v.menu(v.say("usage.title"), v.say("usage."+name), v.home())
	return nil
}

// ownersOnly says that only owners and admins may do this, and records the try.
func (d *Desk) ownersOnly(ctx context.Context, v *visit, act string) error {
	v.menu(v.say("terms.owners.title"), v.say("terms.owners.body"), v.home())
	v.aside("", "", v.home())
	return d.shop.Denied(ctx, v.in.User, act)
}

// commandTier is /tier <name>|none in a group: which prices it pays.
func (d *Desk) commandTier(ctx context.Context, v *visit) error {
	tier := strings.ToLower(strings.TrimSpace(v.in.Text))
	if tier == "" {
		return d.groupUsage(v, "tier")
	}
	return d.change(ctx, v, (*Desk).drawLimits, "tier", checkout.TermChange{Term: store.TermTier, Value: unless(tier, "none")})
}

// unless is a text, or nothing where it is the word for nothing.
func unless(text, word string) string {
	if text == word {
		return ""
	}
	return text
}

// commandLimit is /limit <amount>|none in a group: how far its balance may fall below zero.
func (d *Desk) commandLimit(ctx context.Context, v *visit) error {
	value, ok := d.limitOf(strings.Fields(v.in.Text))
	if !ok {
		return d.groupUsage(v, "limit")
	}
	return d.change(ctx, v, (*Desk).drawLimits, "limit", checkout.TermChange{Term: store.TermCredit, Value: value})
}

// limitOf reads an amount as a term keeps it, or the word none.
func (d *Desk) limitOf(words []string) (string, bool) {
	if len(words) == 1 && strings.EqualFold(words[0], "none") {
		return "", true
	}
	minor, rest, ok := leadingAmount(words, d.words.options.Currency)
	return strconv.FormatInt(minor, 10), ok && len(rest) == 0 && minor > 0
}

// commandMembers is /members, /members <customer> <role>, /members <role> in reply to a member, and /members all <role>.
func (d *Desk) commandMembers(ctx context.Context, v *visit) error {
	if !v.rules() {
		return d.ownersOnly(ctx, v, "group_members")
	}
	words := strings.Fields(strings.ToLower(v.in.Text))
	if len(words) == 0 {
		return d.open(ctx, v, "members")
	}
	role := unless(words[len(words)-1], "none")
	c := checkout.TermChange{Term: store.TermRole, Value: role}
	switch {
	case len(words) == 2 && words[0] == "all":
	case len(words) == 2:
		user, err := d.customer(ctx, words[0])
		if err != nil {
			return d.noMember(v, err, "members")
		}
		c.Term, c.Member = store.RoleTerm(user), user
	case len(words) == 1 && v.in.Replied > 0:
		c.Term, c.Member = store.RoleTerm(v.in.Replied), v.in.Replied
	default:
		return d.groupUsage(v, "members")
	}
	return d.change(ctx, v, (*Desk).drawMembers, "members", c)
}

// noMember says that nobody is meant.
func (d *Desk) noMember(v *visit, err error, usage string) error {
	if errors.Is(err, errNobody) || errors.Is(err, errNoName) {
		return d.groupUsage(v, usage)
	}
	return err
}

// commandLimits is /limits, and what owners and admins set by it.
func (d *Desk) commandLimits(ctx context.Context, v *visit) error {
	words := strings.Fields(strings.ToLower(v.in.Text))
	if len(words) == 0 {
		return d.open(ctx, v, "limits")
	}
	if !v.rules() {
		return d.ownersOnly(ctx, v, "group_limits")
	}
	c, ok, err := d.limit(ctx, words)
	if err != nil {
		return d.noMember(v, err, "limits")
	}
	if !ok {
		return d.groupUsage(v, "limits")
	}
	return d.change(ctx, v, (*Desk).drawLimits, "limits", c)
}

// limit reads one limit as it is written behind /limits.
func (d *Desk) limit(ctx context.Context, words []string) (c checkout.TermChange, ok bool, err error) {
	rest := words[1:]
	switch words[0] {
	case "freeze", "unfreeze":
		return checkout.TermChange{Term: store.TermFrozen, Value: unless(map[string]string{"freeze": "1"}[words[0]], "")}, len(rest) == 0, nil
	case "quiet":
		c.Term = store.TermQuiet
		if len(rest) != 1 {
			return c, false, nil
		}
		c.Value, ok = quietHours(rest[0])
		return c, ok, nil
	case "file":
		if len(rest) != 1 {
			return c, false, nil
		}
		c, ok = fileTerm(rest[0])
		return c, ok, nil
	case "day":
		c.Term = store.TermDay
	case "member":
		c.Term = store.TermMemberDay
	default:
		if c.Member, err = d.customer(ctx, words[0]); err != nil {
			return c, false, err
		}
		c.Term = store.DayTerm(c.Member)
	}
	c.Value, ok = d.limitOf(rest)
	return c, ok, nil
}

// fileTerm reads how files with codes are written, or how long they stay.
func fileTerm(word string) (checkout.TermChange, bool) {
	switch word {
	case "csv":
		return checkout.TermChange{Term: store.TermFile, Value: "csv"}, true
	case "text":
		return checkout.TermChange{Term: store.TermFile}, true
	}
	life, err := time.ParseDuration(word)
	return checkout.TermChange{Term: store.TermFileTTL, Value: strconv.Itoa(int(life / time.Second))}, err == nil
}

// quietHours reads 22:00-08:00 as minutes of the day, or off.
func quietHours(text string) (string, bool) {
	if text == "off" {
		return "", true
	}
	from, to, ok := strings.Cut(strings.NewReplacer("–", "-", "−", "-").Replace(text), "-")
	a, errA := time.Parse("15:04", from)
	b, errB := time.Parse("15:04", to)
	return fmt.Sprintf("%d-%d", 60*a.Hour()+a.Minute(), 60*b.Hour()+b.Minute()), ok && errA == nil && errB == nil
}
