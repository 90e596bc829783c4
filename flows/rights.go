package flows

import (
	"slices"
	"strings"
)

// Role is what a person is among those who run the shop; empty for everybody else.
type Role string

// The roles. An owner is named in the settings and nowhere else; the others are given and taken in the chat.
const (
	Owner   Role = "owner"
	Manager Role = "manager" // runs the shop: orders, money, prices
	Support Role = "support" // helps customers: sees orders, has suppliers asked again
	Auditor Role = "auditor" // looks, and changes nothing
)

// appointed are the roles that somebody can be given, with the most rights first.
func appointed() []Role { return []Role{Manager, Support, Auditor} }

// right is something that only those who run the shop may do: who, by which commands and with which buttons.
type right struct {
	name     string
	who      []Role
	commands string
	buttons  string
}

// rights is who may do what. Each command and each button that is marked as the staff's stands here once; what does not stand here, nobody
// may do.
func rights() []right {
	all := []Role{Owner, Manager, Support, Auditor}
	helps := []Role{Owner, Manager, Support}
	looks := []Role{Owner, Manager, Auditor}
	runs := []Role{Owner, Manager}
	return []right{
		{"checklist", runs, "checklist", "checklist"},
		{"desk", all, "", "admin"},
		{"see orders", all, "stuck", "stuck any"},
		{"ask suppliers", helps, "retry", "retry"},
		{"show once more", helps, "reissue", "reissue reissued"},
		{"decide orders", runs, "resolve release refund supply", "decide deciding decided"},
		{"see suppliers", all, "suppliers", "suppliers"},
		{"steer suppliers", runs, "resume pause deposit", "resume pause deposits funding fund"},
		{"see top-ups", all, "topups", "topups tusee tupic"},
		{"decide top-ups", runs, "", "tuclaim tutake tuyes tuother tuecho tucredit tuno tuwhy turefuse"},
		{"take back top-ups", runs, "reverse", "reversing reverse"},
		{"help with reports", helps, "tickets", "tickets tksee tkclaim tktake tkpic tksay tkecho tkgo tkend"},
		{"move accounts", runs, "move", "mvask mvgo moves mvsee mvend"},
		{"pay for reports", runs, "", "tkpay tkpaid"},
		{"credit", runs, "credit", "credit crediting"},
		{"see debts", looks, "debts", "debts"},
		{"numbers", looks, "closing stats", "day dayfile stats statspic"},
		{"close the shop", runs, "close open", "closing close open"},
		{"rehearse", []Role{Owner}, "rehearse", "rehearsal rehearse"},
		{"announce", runs, "broadcast", "cast casttext casttest castsure castgo castpause castresume caststop castend"},
		{"prices", runs, "markup rate", "markups rates pricing priced"},
		{"arrange products", runs, "products hide show", "goods goodcat goodfind good goodlines goodhide goodset goodin goodput goodoff goodprice goodjoin goodone goodtie goodpart"},
		{"ban", runs, "ban unban", "bans banned"},
		{"resellers", runs, "link unlink tier limit", ""},
		{"read the record", looks, "audit", "audit log logorder loguser logday logfile verify"},
		{"compare", runs, "reconcile", "rec recagn"},
		{"trust memory again", []Role{Owner}, "", "recopen recgo"},
		{"approve", runs, "approvals", "danger approvals appr apprgo apprno"},
		{"appoint", runs, "staff", "staff staffer staffto staffset"},
	}
}

// staffRights is the table by role: commands with their slash, buttons without.
func staffRights() map[Role]map[string]bool {
	table := map[Role]map[string]bool{}
	for _, r := range rights() {
		for _, role := range r.who {
			if table[role] == nil {
				table[role] = map[string]bool{}
			}
			for name := range strings.FieldsSeq(r.commands) {
				table[role]["/"+name] = true
			}
			for name := range strings.FieldsSeq(r.buttons) {
				table[role][name] = true
			}
		}
	}
	return table
}

// less tells whether a role may do a part of what another may, and not all of it.
func less(one, other Role, table map[Role]map[string]bool) bool {
	for name := range table[one] {
		if !table[other][name] {
			return false
		}
	}
	return len(table[one]) < len(table[other])
}

// roleOf is what a person is: an owner by the settings, or what they were made in the chat.
func (d *Desk) roleOf(user int64, given string) Role {
	if d.owners[user] {
		return Owner
	}
	if role := Role(given); slices.Contains(appointed(), role) {
		return role
	}
	return ""
}

// may tells whether the person may use a command, named with its slash, or a button.
func (v *visit) may(name string) bool { return v.rights[name] }

// staffed tells whether the person is one of those who run the shop.
func (v *visit) staffed() bool { return v.role != "" }

// presses tells whether a button exists for the person.
func (v *visit) presses(p press, b verb) bool { return !b.admin || v.may(p.verb) }

// permitted leaves out the buttons that do not exist for the person.
func (v *visit) permitted(rows [][]Button) [][]Button {
	var out [][]Button
	for _, row := range rows {
		out = append(out, slices.DeleteFunc(slices.Clone(row), func(b Button) bool {
			p, kind, err := parse(b.Data, v.table)
			return err == nil && !v.presses(p, kind)
		}))
	}
	return filled(out)
}

// stands tells whether the person may still be asked what the present screen asks.
func (v *visit) stands() bool {
	p, kind, err := parse(v.talk.Screen, v.table)
	return err != nil || v.presses(p, kind)
}
