package flows

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// How buttons of a group begin. A menu there is seen by everybody and belongs to the one who asked for it: each of its buttons
// names the owner. What is behind the mark is still only a lookup key, for a client can send anything.
const (
	ownerMark = "!"    // between the owner's id, in base 36, and the rest
	veilMark  = "who:" // a command of somebody who wrote as the group: whoever presses asks for it
)

// changed takes in what happened to a chat without anybody talking.
func (d *Desk) changed(ctx context.Context, in Input) error {
	switch in.Change {
	case ChatShut:
		return d.talks.Shut(ctx, in.Chat)
	case ChatOpen:
		return errors.Join(d.talks.Reopen(ctx, in.Chat), d.welcome(ctx, in.Chat))
	case ChatMoved:
		return d.shop.Moved(ctx, in.Chat, in.To)
	}
	return nil
}

// linked is the group that is a reseller in a chat; nil when there is none.
func (d *Desk) linked(ctx context.Context, chat int64) (*store.Group, error) {
	g, err := d.shop.Group(ctx, chat)
	switch {
	case errors.Is(err, checkout.ErrNotFound), err == nil && (!g.Linked || g.Chat != chat):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read group: %w", err)
	}
	return &g, nil
}

// outside answers in a group what needs no talk; false means that a member of a linked group, or an admin who links one, talks.
func (d *Desk) outside(ctx context.Context, in Input) (Reply, bool, error) {
	if in.Button == "" && in.Command == "" {
		return Reply{}, true, nil
	}
	group, err := d.linked(ctx, in.Chat)
	if err != nil {
		return Reply{}, false, err
	}
	s := d.words.in(in.Language)
	linking := in.Command == "link" || in.Button == veilMark+"link"
	_, known := d.asked[in.Command]
	may, err := d.mayAsk(ctx, in.User, "/link")
	if err != nil {
		return Reply{}, false, err
	}
	switch {
	case in.Veiled && (linking || group != nil && known):
		return unveil(s, in), true, nil
	case in.Veiled && group != nil:
		return unasked(s, in), true, nil
	case !in.Veiled && (group != nil || linking && may):
		return Reply{}, false, nil
	case in.Button != "":
		return Reply{Alert: s.say("group.private"), Modal: true}, true, nil
	}
	return told(s, in, s.say("group.private")), true, nil
}

// told is a message of one text.
func told(s speech, in Input, text string) Reply {
	return Reply{Screens: []Screen{{Thread: in.Thread, Text: text, Keep: true, Language: s.language}}}
}

// unasked answers a command that does not exist here. Without this bot's name it may be another bot's, and is left alone.
func unasked(s speech, in Input) Reply {
	if !in.Direct {
		return Reply{}
	}
	return told(s, in, lines(s.say("unknown.title"), s.say("unknown.body")))
}

// unveil asks somebody who wrote as the group to press a button: the presser's id is real.
func unveil(s speech, in Input) Reply {
	data := veilMark + strings.Join(append([]string{in.Command}, strings.Fields(in.Text)...), " ")
	if len(data) > dataLimit {
		return told(s, in, s.say("group.veiled.long"))
	}
	reply := told(s, in, s.say("group.veiled"))
	reply.Screens[0].Rows = [][]Button{{{Text: s.say("group.itsme"), Data: data}}}
	return reply
}

// receive prepares a turn. In a group it also learns whether it is linked, and how its member is reached.
func (d *Desk) receive(ctx context.Context, in Input, kept store.Talk) (*visit, error) {
	v := d.visit(in, kept)
	v.table = d.verbs
	if in.Private {
		return v, nil
	}
	own, err := d.talks.LoadTalk(ctx, in.User, 0)
	if err != nil {
		return nil, fmt.Errorf("load talk: %w", err)
	}
	if v.group, err = d.linked(ctx, in.Chat); err != nil {
		return nil, err
	}
	if in.Update != 0 {
		v.talk.Thread = in.Thread
	}
	v.in.Thread = v.talk.Thread
	v.table, v.open, v.chosen, v.customer = d.shared, own.Version > 0 && !own.Shut, own.Language, own.Customer
	v.use(d.words.in(first(v.chosen, v.talk.Client)))
	return v, nil
}

// share runs one step of a member's talk in a group.
func (d *Desk) share(ctx context.Context, v *visit) error {
	if v.in.Button == "" {
		return d.ask(ctx, v)
	}
	if text, ok := strings.CutPrefix(v.in.Button, veilMark); ok {
		v.in.Command, v.in.Text, _ = strings.Cut(text, " ")
		return d.ask(ctx, v)
	}
	owner, data, _ := strings.Cut(v.in.Button, ownerMark)
	if id, err := strconv.ParseInt(owner, 36, 64); err != nil || id != v.in.User {
		return d.foreign(ctx, v, "group_press")
	}
	if _, _, err := parse(data, v.table); err != nil { // no menu in a group has such a button
		if err := d.shop.Denied(ctx, v.in.User, "group_button"); err != nil {
			return err
		}
	}
	return d.press(ctx, v, data)
}

// ask runs a command of a group. One that is unknown and one that is forbidden get the same answer.
func (d *Desk) ask(ctx context.Context, v *visit) error {
	c, ok := d.asked[v.in.Command]
	if ok && (!c.admin || v.may("/"+v.in.Command)) && (v.group != nil || v.in.Command == "link") {
		return c.act(d, ctx, v)
	}
	if v.in.Button != "" {
		v.reply.Alert, v.reply.Modal = v.say("unknown.title"), true
		return nil
	}
	v.reply = unasked(v.speech, v.in)
	return nil
}

// foreign answers the press of somebody whose menu it is not. The try is recorded, and nothing else happens: the menu stays as it is,
// also when there is no record to write to.
func (d *Desk) foreign(ctx context.Context, v *visit, act string) error {
	v.fresh = true
	v.reply.Alert, v.reply.Modal = v.say("group.foreign"), true
	return d.shop.Denied(ctx, v.in.User, act)
}

// account is the wallet that is talked about: the group's, or the customer's own.
func (v *visit) account() string {
	if v.group != nil {
		return v.group.Account
	}
	return store.CustomerAccount(v.in.User)
}

// holder names whose wallet is shown: a customer's number, and nobody for a group's.
func (v *visit) holder() string {
	if v.group != nil {
		return ""
	}
	return v.numberLine(v.customer)
}

// kind is the key of words that are others in a group.
func (v *visit) kind(key string) string {
	if v.in.Private {
		return key
	}
	return "group." + key
}

// mine gives a group's buttons their owner, and leaves out those that have no place in a group.
func (v *visit) mine(rows [][]Button) [][]Button {
	if v.in.Private {
		return rows
	}
	var out [][]Button
	for _, row := range rows {
		var kept []Button
		for _, b := range row {
			if b.Data != "" {
				if _, _, err := parse(b.Data, v.table); err != nil {
					continue
				}
				b.Data = owned(v.in.User, b.Data)
			}
			kept = append(kept, b)
		}
		out = append(out, kept)
	}
	return filled(out)
}

// belonging is mine for a message that stays.
func belonging(user int64, row []Button) []Button {
	for i := range row {
		row[i].Data = owned(user, "+"+row[i].Data)
	}
	return row
}

// owned is the data of a button that only one member may press.
func owned(user int64, data string) string { return strconv.FormatInt(user, 36) + ownerMark + data }

// link makes a group a reseller. An admin's command names no rights: they come from the numeric id.
func (d *Desk) link(ctx context.Context, v *visit) error {
	g, _, err := d.shop.Link(ctx, v.in.Chat, v.in.User)
	if err != nil {
		return err
	}
	v.group = &g
	return d.open(ctx, v, "linked")
}

// unlink ends that. The wallet keeps what is in it.
func (d *Desk) unlink(ctx context.Context, v *visit) error {
	g, _, err := d.shop.Unlink(ctx, v.in.Chat, v.in.User)
	if err != nil {
		return err
	}
	balance, err := d.shop.BalanceOn(ctx, g.Account)
	if err != nil {
		return err
	}
	v.group, v.talk = nil, Talk{Name: v.talk.Name, Client: v.talk.Client, Thread: v.talk.Thread}
	v.menu(v.say("group.unlinked.title"), v.say("group.unlinked.body", "Balance", v.money(balance)))
	return nil
}

// Pays tells whether a button of a group is somebody's Confirm, after which cards come to their private chat.
func Pays(button string) bool {
	_, data, owned := strings.Cut(button, ownerMark)
	return owned && strings.HasPrefix(strings.TrimPrefix(data, "+"), "buy:")
}
