package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// Moving is a move of an account as far as a talk has come.
type Moving struct {
	From int64  `json:"f,omitempty"`
	To   int64  `json:"t,omitempty"`
	ID   string `json:"i,omitempty"` // the reference it will have, or that of the move that is to be proven
}

// roomMove is where the new account names a receipt of the old one.
const roomMove = "move"

// moveVerbs lists the buttons about accounts that go over to another one.
func moveVerbs() map[string]verb {
	return map[string]verb{
		"mvprove": {args: []arg{isTopUp}, act: (*Desk).askReceipt, view: true},
		"mvstop":  {args: []arg{isTopUp}, act: (*Desk).objectMove},

		"moves": {act: (*Desk).showMoves, view: true, admin: true},
		"mvask": {act: (*Desk).showMoving, view: true, admin: true},
		"mvgo":  {args: []arg{isTopUp}, act: (*Desk).askMove, admin: true},
		"mvsee": {args: []arg{isTopUp}, act: (*Desk).seeMove, view: true, admin: true},
		"mvend": {args: []arg{isTopUp}, act: (*Desk).endMove, admin: true},
	}
}

func moveCommands() map[string]command {
	return map[string]command{"move": {act: (*Desk).commandMove, admin: true}}
}

// commandMove is /move <old> <new>; alone it lists the moves that are under way. Nothing begins before the second tap.
func (d *Desk) commandMove(ctx context.Context, v *visit) error {
	names := strings.Fields(v.in.Text)
	if len(names) == 0 {
		return d.open(ctx, v, "moves")
	}
	if len(names) != 2 {
		return d.usage(v, "move")
	}
	var users [2]int64
	for i, name := range names {
		user, err := d.customer(ctx, name)
		if nameless(err) {
			return d.unnamed(v, err, name, "move")
		}
		if err != nil {
			return err
		}
		users[i] = user
	}
	v.talk.Moving = &Moving{From: users[0], To: users[1], ID: d.shop.NewTopUpID()}
	return d.open(ctx, v, "mvask")
}

// showMoving shows what a move would do, before it is asked for.
func (d *Desk) showMoving(ctx context.Context, v *visit, _ []string) error {
	m := v.talk.Moving
	if m == nil || m.From == 0 {
		return d.open(ctx, v, "moves")
	}
	from, err := d.about(ctx, v, m.From)
	if err != nil {
		return err
	}
	to, err := d.about(ctx, v, m.To)
	if err != nil {
		return err
	}
	kept, err := d.talks.LoadTalk(ctx, m.To, 0)
	if err != nil {
		return err
	}
	body := v.say("move.old") + "\n" + from + "\n\n" + v.say("move.new") + "\n" + to + "\n\n"
	if kept.Version == 0 { // nobody may write to them
		v.menu(v.say("move.title"), body+"⚠️ "+v.say("move.stranger"), v.back("admin"))
		return nil
	}
	confirm := v.button("move.go", "mvgo:"+m.ID)
	confirm.Style = "danger"
	v.menu(v.say("move.title"), body+v.say("move.body"), []Button{confirm}, []Button{v.button("button.cancel", "cancel")})
	return nil
}

// askMove asks for it. A second tap carries the same reference, and begins nothing.
func (d *Desk) askMove(ctx context.Context, v *visit, args []string) error {
	m := v.talk.Moving
	if m == nil || m.ID != args[0] || m.From == 0 {
		return d.stale(ctx, v)
	}
	v.accept()
	err := d.shop.AskMove(ctx, v.in.User, m.ID, m.From, m.To)
	if asked, err := d.secured(ctx, v, err); asked {
		return err
	}
	for _, known := range []struct {
		err error
		key string
	}{{checkout.ErrSamePerson, "move.same"}, {checkout.ErrMoveOwes, "move.owes"}, {checkout.ErrMoveBusy, "move.busy"}} {
		if errors.Is(err, known.err) {
			v.menu(v.say(known.key), v.say("move.nothing"), v.back("moves"))
			return nil
		}
	}
	if err != nil {
		return err
	}
	return d.open(ctx, v, "mvsee:"+m.ID)
}

// showMoves lists the moves that are under way.
func (d *Desk) showMoves(ctx context.Context, v *visit, _ []string) error {
	list, err := d.shop.AccountMoves(ctx)
	if err != nil {
		return err
	}
	body := []string{v.say("moves.none")}
	if len(list) > 0 {
		body = nil
	}
	var rows [][]Button
	for _, m := range list {
		body = append(body, v.say("moves.line", "Move", topupName(m.ID), "From", m.From, "To", m.To, "State", v.say("move.state."+string(m.State))))
		rows = append(rows, []Button{{Text: topupName(m.ID), Data: "mvsee:" + m.ID}})
	}
	v.menu(v.say("moves.title"), strings.Join(body, "\n"), append(rows, v.back("admin"))...)
	return nil
}

// seeMove draws a move for the staff.
func (d *Desk) seeMove(ctx context.Context, v *visit, args []string) error {
	m, err := d.shop.AccountMove(ctx, args[0], 0)
	if errors.Is(err, checkout.ErrNotFound) {
		return d.open(ctx, v, "moves")
	}
	if err != nil {
		return err
	}
	from, err := d.person(ctx, v, m.From)
	if err != nil {
		return err
	}
	to, err := d.person(ctx, v, m.To)
	if err != nil {
		return err
	}
	row := []Button{v.button("button.refresh", "mvsee:"+m.ID)}
	if m.State == store.MoveAsked || m.State == store.MoveWaiting {
		end := v.button("move.end", "mvend:"+m.ID)
		end.Style = "danger"
		row = append(row, end)
	}
	v.menu(v.say("move.name", "Move", topupName(m.ID)), v.say("move.old")+"\n"+from+"\n\n"+v.say("move.new")+"\n"+to+"\n\n"+v.moveStory(m), row, v.back("moves"))
	return nil
}

// moveStory says how far a move has come, to the staff.
func (v *visit) moveStory(m store.Move) string {
	till, note, amount := "", "", ""
	if m.State == store.MoveAsked || m.State == store.MoveWaiting {
		till = v.say("move.till", "Time", v.moment(m.Till))
	}
	if why, ok := v.maybe("move.note." + m.Note); ok && m.Note != "" && m.State == store.MoveMoving {
		note = why
	}
	if m.State == store.MoveDone {
		amount = v.say("credit.amount", "Amount", v.money(m.Amount))
	}
	return lines(v.say("topup.stands", "State", v.say("move.state."+string(m.State))), till, note, amount)
}

// endMove ends a move by the staff's word.
func (d *Desk) endMove(ctx context.Context, v *visit, args []string) error {
	v.accept()
	err := d.shop.StopMove(ctx, v.in.User, args[0], true)
	if err != nil && !errors.Is(err, checkout.ErrMoveOver) && !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	return d.open(ctx, v, "mvsee:"+args[0])
}

// objectMove is the old account's [this was not me].
func (d *Desk) objectMove(ctx context.Context, v *visit, args []string) error {
	err := d.shop.StopMove(ctx, v.in.User, args[0], false)
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		return d.stale(ctx, v)
	case errors.Is(err, checkout.ErrMoveOver):
		v.menu(v.say("move.toolate"), lines(v.say("move.toolate.body"), v.support()), v.home())
		return nil
	case err != nil:
		return err
	}
	v.accept()
	v.menu(v.say("move.stopped"), lines(v.say("move.stopped.body"), v.support()), v.home())
	return nil
}

// askReceipt asks the new account for a receipt of the old one.
func (d *Desk) askReceipt(ctx context.Context, v *visit, args []string) error {
	m, err := d.shop.AccountMove(ctx, args[0], v.in.User)
	if errors.Is(err, checkout.ErrNotFound) || err == nil && m.To != v.in.User {
		return d.stale(ctx, v)
	}
	if err != nil {
		return err
	}
	if m.State != store.MoveAsked {
		v.menu(v.say("move.title.new"), d.newcomer(v, m), v.home())
		return nil
	}
	v.talk.Room, v.talk.Moving = roomMove, &Moving{ID: m.ID}
	v.menu(v.say("move.title.new"), v.say("move.prove"), v.typing("menu"))
	return nil
}

// typedMove takes what was named as a receipt. What is wrong and what does not exist get the same answer.
func (d *Desk) typedMove(ctx context.Context, v *visit) error {
	m := v.talk.Moving
	if m == nil || m.ID == "" {
		return d.open(ctx, v, "menu")
	}
	words := strings.Fields(v.in.Text)
	for i, word := range words {
		words[i] = western(word)
	}
	err := d.shop.ProveMove(ctx, v.in.User, m.ID, strings.Join(words, " "))
	wrong := errors.Is(err, checkout.ErrNoReceipt)
	if err != nil && !wrong && !errors.Is(err, checkout.ErrMoveOver) && !errors.Is(err, checkout.ErrMoveBusy) && !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	if err := d.open(ctx, v, "mvprove:"+m.ID); err != nil {
		return err
	}
	if wrong {
		v.remark("⚠️ " + v.say("move.wrong"))
	}
	return nil
}

// moveRows let somebody whose account is about to go over to another one object from the menu, too.
func (d *Desk) moveRows(ctx context.Context, v *visit) ([][]Button, error) {
	id, _, err := d.shop.MovesOf(ctx, v.in.User)
	if err != nil || id == "" {
		return nil, err
	}
	m, err := d.shop.AccountMove(ctx, id, v.in.User)
	if err != nil || m.State != store.MoveWaiting {
		return nil, ignoringGone(err)
	}
	return [][]Button{{v.objection(m)}}, nil
}

func ignoringGone(err error) error {
	if errors.Is(err, checkout.ErrNotFound) {
		return nil
	}
	return err
}

// objection is the button that stops a move.
func (v *visit) objection(m store.Move) Button {
	stop := v.button("move.notme", "mvstop:"+m.ID)
	stop.Style = "danger"
	return stop
}

// movedAway says where orders have gone that a person does not find any more; empty for nowhere.
func (d *Desk) movedAway(ctx context.Context, v *visit) (string, error) {
	if !v.in.Private {
		return "", nil
	}
	_, moved, err := d.shop.MovesOf(ctx, v.in.User)
	if err != nil || moved == "" {
		return "", err
	}
	return lines(v.say("move.away"), v.support()), nil
}

// byNumber names an account in a message to the other one: by its customer's number where there is one.
func byNumber(user, customer int64) string {
	if customer != 0 {
		return customerName(customer)
	}
	return strconv.FormatInt(user, 10)
}
