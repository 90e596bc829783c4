package flows

import (
	"context"
	"errors"
	"fmt"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// moveNews is what the desk needs to bring those concerned how the move of an account stands.
type moveNews interface {
	SetMoveTold(ctx context.Context, id, role string, state store.MoveState, message int) error
}

// Who is concerned by a move.
const (
	moveOld   = "old"
	moveNew   = "new"
	moveStaff = "staff" // the admin who asked
)

// MoveTold is what a message about a move has brought, as it is remembered with the move.
type MoveTold struct {
	ID    string
	Role  string
	State store.MoveState
}

// moveNotice says what each of the three concerned has to hear of a move as it stands, once: the old account first. What they were told before,
// with its buttons, is taken away.
func (d *Desk) moveNotice(ctx context.Context, id string) (Reply, error) {
	m, err := d.shop.AccountMove(ctx, id, 0)
	if errors.Is(err, checkout.ErrNotFound) {
		return Reply{}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("read move: %w", err)
	}
	var reply Reply
	for _, role := range []string{moveOld, moveNew, moveStaff} {
		user := map[string]int64{moveOld: m.From, moveNew: m.To, moveStaff: m.By}[role]
		if m.Told[role] == m.State || m.State == store.MoveMoving {
			continue
		}
		if role == moveOld && m.Told[moveOld] == "" && m.State != store.MoveWaiting && m.State != store.MoveDone { // it never heard of it
			continue
		}
		v, err := d.known(ctx, user)
		if err != nil {
			return Reply{}, err
		}
		title, body, rows, err := d.moveWords(ctx, v, m, role)
		if err != nil {
			return Reply{}, err
		}
		if former := m.Posts[role]; former != 0 {
			reply.Screens = append(reply.Screens, Screen{Chat: user, Edit: former, Gone: true, Keep: true, Text: title})
		}
		if sees(m, role, user) {
			continue
		}
		reply.Screens = append(reply.Screens, Screen{Chat: user, Text: clip(title+"\n\n"+body, textLimit), Marks: []Mark{{Kind: "bold", Length: units(title)}},
			Rows: kept(rows), Keep: true, Language: v.language, Move: MoveTold{ID: m.ID, Role: role, State: m.State}})
	}
	return reply, nil
}

// sees tells whether somebody has seen by their own tap or words how a move stands.
func sees(m store.Move, role string, user int64) bool {
	switch m.State {
	case store.MoveAsked:
		return role == moveStaff
	case store.MoveWaiting:
		return role == moveNew
	case store.MoveStopped:
		return user == m.Stopper
	}
	return false
}

// moveWords are what one of those concerned is told.
func (d *Desk) moveWords(ctx context.Context, v *visit, m store.Move, role string) (title, body string, row []Button, err error) {
	switch role {
	case moveOld:
		other, err := d.numberOf(ctx, m.To)
		if err != nil {
			return "", "", nil, err
		}
		if m.State == store.MoveWaiting {
			return v.say("move.title.old"), v.say("move.warning", "New", byNumber(m.To, other), "Time", v.moment(m.Till)), []Button{v.objection(m)}, nil
		}
		if m.State == store.MoveDone {
			return v.say("move.title.done"), lines(v.say("move.gone", "New", byNumber(m.To, other)), v.support()), nil, nil
		}
		return v.say("move.title.over"), v.say("move.kept"), nil, nil
	case moveNew:
		if m.State == store.MoveAsked {
			row = []Button{v.primary("move.name.receipt", "mvprove:"+m.ID)}
		}
		return v.say("move.title.new"), d.newcomer(v, m), row, nil
	}
	return v.say("move.name", "Move", topupName(m.ID)), v.moveStory(m), []Button{v.button("topup.look", "mvsee:"+m.ID)}, nil
}

// newcomer says to the new account how a move stands.
func (d *Desk) newcomer(v *visit, m store.Move) string {
	switch m.State {
	case store.MoveAsked:
		return v.say("move.invited", "Time", v.moment(m.Till))
	case store.MoveWaiting:
		return v.say("move.proven", "Time", v.moment(m.Till))
	case store.MoveMoving:
		return v.say("move.underway")
	case store.MoveDone:
		return v.say("move.arrived", "Amount", v.money(m.Amount))
	}
	return lines(v.say("move.ended."+string(m.State)), v.support())
}

// rememberMove stores what somebody concerned was told, and in which message.
func (d *Desk) rememberMove(ctx context.Context, s Sent) error {
	told := s.Screen.Move
	if told.ID == "" {
		return nil
	}
	if err := d.talks.SetMoveTold(ctx, told.ID, told.Role, told.State, s.Message); err != nil {
		return fmt.Errorf("remember move: %w", err)
	}
	return nil
}
