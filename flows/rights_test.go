package flows

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRightsTable holds that the table of rights names each command and button of the staff once, and nothing else; that owners may do
// everything; and that each appointed role may do less than the one before it may give.
func TestRightsTable(t *testing.T) {
	t.Parallel()
	marked := map[string]bool{}
	for _, table := range []map[string]command{commands(), groupCommands()} {
		for name, c := range table {
			if c.admin {
				marked["/"+name] = true
			}
		}
	}
	for _, table := range []map[string]verb{verbs(), groupVerbs()} {
		for name, b := range table {
			if b.admin {
				marked[name] = true
			}
		}
	}
	named := map[string]int{}
	for _, r := range rights() {
		for name := range strings.FieldsSeq(r.commands) {
			named["/"+name]++
		}
		for name := range strings.FieldsSeq(r.buttons) {
			named[name]++
		}
		if !slices.Contains(r.who, Owner) {
			t.Errorf("owners may not %s", r.name)
		}
	}
	for name := range marked {
		if named[name] != 1 {
			t.Errorf("%s is the staff's and stands %d times in rights(): say there who may use it", name, named[name])
		}
	}
	for name := range named {
		if !marked[name] {
			t.Errorf("%s stands in rights(), and no command or button of the staff is called so", name)
		}
	}
	table := staffRights()
	for _, role := range appointed() {
		if !less(role, Owner, table) || less(Owner, role, table) || less(role, role, table) {
			t.Errorf("%s is not less than an owner, or less than itself", role)
		}
	}
	if !less(Support, Manager, table) || !less(Auditor, Manager, table) || less(Manager, Support, table) || less(Support, Auditor, table) {
		t.Error("a manager may not appoint support and auditors, or one of them may appoint the other")
	}
}

// probe replaces whatever commands and buttons do by a note of their name.
func (st *stage) probe() *[]string {
	var reached []string
	asks := func(table map[string]command) {
		for name, c := range table {
			c.act = func(*Desk, context.Context, *visit) error { reached = append(reached, "/"+name); return nil }
			table[name] = c
		}
	}
	presses := func(table map[string]verb) {
		for name, b := range table {
			b.act = func(*Desk, context.Context, *visit, []string) error { reached = append(reached, name); return nil }
			table[name] = b
		}
	}
	asks(st.desk.orders)
	asks(st.desk.asked)
	presses(st.desk.verbs)
	presses(st.desk.shared)
	return &reached
}

// sample is callback data of one kind with arguments of the right shapes.
func sample(t *testing.T, name string, b verb) string {
	t.Helper()
	data := name
	for _, shape := range b.args {
		args := []string{"1", "K7M29QXW", "GRAB2000-9L7", strings.Repeat("A", 43), "0a1b2c3d", "20300304", "en", "R1", actBought, "manager", "K7M29Q", "500", ownReason, string(Light), "used", ticketAnswer, payRefund, "ONLY_LOOKING", "name"}
		i := slices.IndexFunc(args, shape)
		if i < 0 {
			t.Fatalf("no sample for an argument of %s: add one", name)
		}
		data += ":" + args[i]
	}
	return data
}

// crew appoints somebody to each role, and gives Karim's group nobody of them as its own.
func (st *stage) crew() []person {
	st.t.Helper()
	people := []person{{admin, "Nadia", "en"}, {61, "Manel", "en"}, {62, "Salim", "en"}, {63, "Asma", "en"}, {64, "Walid", "en"}}
	for i, role := range appointed() {
		_, err := st.shop.Appoint(st.t.Context(), admin, people[i+1].id, string(role))
		st.must(err)
	}
	former := st.scene
	st.scene = scene{}
	for _, p := range people {
		st.user = p
		st.act("/start")
	}
	st.scene = former
	return people
}

// TestRightsMatrix sends every command and presses every button as every role and as a customer: in private, in a linked group, and as
// somebody who writes in the group's name. What is reached is compared with testdata/rights.txt, which a person reads; what is not
// reached gets the answer that a command or a button gets which does not exist.
func TestRightsMatrix(t *testing.T) {
	t.Parallel()
	st := linked(t)
	people := st.crew()
	reached := st.probe()
	cells := map[string]map[int64]string{}
	try := func(p person, where scene, letter, name string, in, unknown Input) {
		st.user, st.scene = p, where
		*reached = nil
		reply := st.do(in)
		switch {
		case slices.Contains(*reached, name):
			if cells[name] == nil {
				cells[name] = map[int64]string{}
			}
			if !strings.Contains(cells[name][p.id], letter) {
				cells[name][p.id] += letter
			}
		case len(*reached) > 0 && !slices.Equal(*reached, []string{"menu"}):
			t.Errorf("%s as %s reaches %v", name, p.name, *reached)
		default:
			*reached = nil
			if diff := cmp.Diff(words(st.do(unknown)), words(reply)); diff != "" {
				t.Errorf("%s is answered to %s otherwise than what does not exist (-unknown +answer):\n%s", name, p.name, diff)
			}
		}
	}
	group, veiled := scene{group: shop5}, scene{group: shop5, veiled: true}
	names := slices.Sorted(maps.Keys(joined(commands(), groupCommands())))
	for _, p := range people {
		for _, name := range names {
			typed := Input{Command: name, Direct: true}
			try(p, scene{}, "p", "/"+name, typed, Input{Command: "nosuchcommand", Direct: true})
			try(p, group, "g", "/"+name, typed, Input{Command: "nosuchcommand", Direct: true})
			if _, known := groupCommands()[name]; !known { // one that is known asks who it is
				try(p, veiled, "a", "/"+name, typed, Input{Command: "nosuchcommand", Direct: true})
			}
			try(p, group, "w", "/"+name, Input{Button: veilMark + name, Message: 1}, Input{Button: veilMark + "nosuchcommand", Message: 1})
		}
		for name, b := range joined(verbs(), groupVerbs()) {
			data := sample(t, name, b)
			try(p, scene{}, "p", name, Input{Button: data, Message: 1}, Input{Button: "nosuchbutton", Message: 1})
			try(p, group, "g", name, Input{Button: owned(p.id, data), Message: 1}, Input{Button: owned(p.id, "nosuchbutton"), Message: 1})
			try(p, group, "g", name, Input{Button: data, Message: 1}, Input{Button: "nosuchbutton", Message: 1})
			try(p, group, "x", name, Input{Button: owned(karim, data), Message: 1}, Input{Button: owned(karim, "nosuchbutton"), Message: 1})
		}
	}
	got := chart(people, cells)
	const path = "testdata/rights.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("what is permitted (-wanted +is):\n%s", diff)
	}
}

// words is what a reply says.
func words(r Reply) string {
	text := r.Alert
	for _, s := range r.Screens {
		text += fmt.Sprintf("|%s %v", s.Text, s.Rows)
	}
	return text
}

// chart writes the matrix.
func chart(people []person, cells map[string]map[int64]string) string {
	var b strings.Builder
	b.WriteString("p private, g in a linked group, w in a group, asked for as the group by one who then shows who it is, - nowhere\n\n")
	fmt.Fprintf(&b, "%-14s", "")
	for _, head := range []string{"owner", "manager", "support", "auditor", "customer"} {
		fmt.Fprintf(&b, " %-8s", head)
	}
	b.WriteString("\n")
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		line := fmt.Sprintf("%-14s", name)
		for _, p := range people {
			where := cells[name][p.id]
			if where == "" {
				where = "-"
			}
			line += fmt.Sprintf(" %-8s", where)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// TestRightsEnd holds that a right ends with its role: whoever is asked something on a staff's screen cannot answer it any more, and whoever
// owned the shop by its settings has nothing left from before.
func TestRightsEnd(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	people := st.crew()
	manager := people[1]
	st.user = manager
	st.act("/staff 62")
	if !strings.Contains(st.said.String(), "Make auditor") {
		t.Fatalf("a manager may not appoint:\n%s", st.said)
	}
	_, err := st.shop.Appoint(t.Context(), admin, manager.id, "")
	st.must(err)
	for _, tt := range []struct {
		role   Role
		screen string
		want   bool
	}{{Manager, "tuother:K7M29Q", true}, {"", "tuother:K7M29Q", false}, {Support, "deciding", false}, {"", "search", true}, {"", "", true}} {
		v := &visit{rights: st.desk.rights[tt.role], table: st.desk.verbs, talk: Talk{Screen: tt.screen}}
		if v.stands() != tt.want {
			t.Errorf("%q may answer what %q asks: %v", tt.role, tt.screen, v.stands())
		}
	}
	before, err := st.store.Staff(t.Context())
	st.must(err)
	st.press("Make auditor")
	st.act("/staff 62")
	after, err := st.store.Staff(t.Context())
	st.must(err)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("who is no manager any more changes the staff:\n%s", diff)
	}
	st.must(st.shop.Enthrone(t.Context(), []int64{62, 999}))
	if role, err := st.store.StaffRole(t.Context(), 62); err != nil || role != "" {
		t.Errorf("an owner of the settings keeps the role %q, %v", role, err)
	}
}
