package flows

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// Danger is a dangerous act of somebody who is alone: it waits until its amount is typed.
type Danger struct {
	ID  string       `json:"i"`
	Act checkout.Act `json:"a"`
}

// roomDanger is where the amount of a dangerous act is typed.
const roomDanger = "danger"

func approvalVerbs() map[string]verb {
	return map[string]verb{
		"danger":    {act: (*Desk).showDanger, view: true, admin: true},
		"approvals": {act: (*Desk).showApprovals, view: true, admin: true},
		"appr":      {args: []arg{isRef}, act: (*Desk).showApproval, view: true, admin: true},
		"apprgo":    {args: []arg{isRef}, act: (*Desk).approve, admin: true},
		"apprno":    {args: []arg{isRef}, act: (*Desk).disapprove, admin: true},
	}
}

func approvalCommands() map[string]command {
	return map[string]command{"approvals": {act: view("approvals"), admin: true}}
}

// rightOf is the button that a kind of act is asked for with: whoever may press it may approve the act, too.
func rightOf(kind string) string {
	return map[string]string{checkout.ActRefund: "decided", checkout.ActDebit: "credit", checkout.ActMarkup: "priced", checkout.ActMove: "mvgo"}[kind]
}

// MindApprovals ends approvals and carries out what was approved, by the clock.
func (d *Desk) MindApprovals(ctx context.Context) error {
	return d.shop.MindApprovals(ctx, func(ctx context.Context, user int64, kind string) (bool, error) {
		return d.mayAsk(ctx, user, rightOf(kind))
	})
}

// seconds are who else may approve an act.
func (d *Desk) seconds(ctx context.Context, act checkout.Act) ([]int64, error) {
	all, err := d.whoMay(ctx, rightOf(act.Kind))
	return slices.DeleteFunc(all, func(user int64) bool { return user == act.By }), err
}

// secured takes a refused act to its approval; false for any other error. Somebody else is asked, or who is alone types the amount.
func (d *Desk) secured(ctx context.Context, v *visit, err error) (bool, error) {
	danger, ok := errors.AsType[*checkout.DangerError](err)
	if !ok {
		return false, nil
	}
	others, err := d.seconds(ctx, danger.Act)
	if err != nil {
		return true, err
	}
	id := "P" + strconv.FormatInt(v.in.Update, 36) // the tap's: the same update opens it once
	v.talk.Decision, v.talk.Credit, v.talk.Pricing = nil, nil, nil
	if len(others) == 0 {
		v.talk.Danger = &Danger{ID: id, Act: danger.Act}
		return true, d.open(ctx, v, "danger")
	}
	if err := d.shop.AskApproval(ctx, id, danger.Act, false); err != nil {
		return true, err
	}
	return true, d.open(ctx, v, "appr:"+id)
}

// showDanger asks somebody who is alone to type the amount.
func (d *Desk) showDanger(ctx context.Context, v *visit, _ []string) error {
	danger := v.talk.Danger
	if danger == nil {
		return d.open(ctx, v, "admin")
	}
	v.talk.Room = roomDanger
	v.menu(v.say("danger.title"), v.deed(danger.Act)+"\n\n"+v.say("danger.body", "Amount", v.stake(danger.Act)), v.typing("admin"))
	return nil
}

// stake is what has to be typed.
func (v *visit) stake(act checkout.Act) string {
	switch act.Kind {
	case checkout.ActMarkup:
		return v.isolate(figures(act.Rule.Percent) + " %")
	case checkout.ActMove:
		return v.isolate(strconv.FormatInt(act.To, 10))
	}
	return v.money(act.Sum)
}

// typedDanger opens the approval if the right amount was typed.
func (d *Desk) typedDanger(ctx context.Context, v *visit) error {
	danger := v.talk.Danger
	if danger == nil {
		return d.open(ctx, v, "admin")
	}
	if !d.staked(danger.Act, v.in.Text) {
		if err := d.open(ctx, v, "danger"); err != nil {
			return err
		}
		v.remark("⚠️ " + v.say("danger.other"))
		return nil
	}
	if err := d.shop.AskApproval(ctx, danger.ID, danger.Act, true); err != nil {
		return err
	}
	v.talk.Danger = nil
	return d.open(ctx, v, "appr:"+danger.ID)
}

// staked tells whether a text is the amount of an act.
func (d *Desk) staked(act checkout.Act, text string) bool {
	switch act.Kind {
	case checkout.ActMarkup:
	case checkout.ActMove:
		return strings.TrimSpace(western(text)) == strconv.FormatInt(act.To, 10)
	default:
		n, err := amountOf(text, d.words.options.Currency)
		return err == nil && n == act.Sum
	}
	text, ok := decimal(western(strings.TrimSuffix(strings.TrimSpace(text), "%")))
	percent, read := new(big.Rat).SetString(text)
	return ok && read && percent.Cmp(act.Rule.Percent) == 0
}

// deed says what an act does.
func (v *visit) deed(act checkout.Act) string {
	switch act.Kind {
	case checkout.ActRefund:
		opened := ""
		if act.Opened {
			opened = "⚠️ " + v.say("deed.opened")
		}
		return lines(v.say("deed.refund", "Amount", v.money(act.Sum), "Order", orderName(act.Order)), opened, v.reportOf(act), v.say("credit.note", "Note", act.Refund.Note))
	case checkout.ActDebit:
		return lines(v.say("deed.debit", "Amount", v.money(act.Sum), "User", act.Credit.User), v.say("credit.note", "Note", act.Credit.Note))
	case checkout.ActMove:
		return v.say("deed.move", "From", act.From, "To", act.To)
	default:
		return v.say("deed.markup", "What", v.scope(act.Scope), "Rule", v.rule(*act.Rule))
	}
}

// showApprovals lists what waits.
func (d *Desk) showApprovals(ctx context.Context, v *visit, _ []string) error {
	all, err := d.shop.Approvals(ctx)
	if err != nil {
		return err
	}
	body := v.say("approvals.none")
	var rows [][]Button
	for _, a := range all {
		act, err := checkout.ActOf(a)
		if err != nil || !v.may(rightOf(act.Kind)) || len(rows) == listed {
			continue
		}
		body = v.say("approvals.body")
		rows = append(rows, []Button{v.button("approvals.line", "appr:"+a.ID, "What", v.say("deed.name."+act.Kind), "Amount", v.stake(act))})
	}
	v.menu(v.say("approvals.title"), body, append(rows, []Button{v.button("button.refresh", "approvals")}, v.back("admin"))...)
	return nil
}

// concerned reads an approval and its act, if the person has a part in it.
func (d *Desk) concerned(ctx context.Context, v *visit, id string) (store.Approval, checkout.Act, bool, error) {
	a, err := d.shop.Approval(ctx, id)
	if errors.Is(err, checkout.ErrNotFound) {
		return a, checkout.Act{}, false, nil
	}
	if err != nil {
		return a, checkout.Act{}, false, err
	}
	act, err := checkout.ActOf(a)
	return a, act, v.may(rightOf(act.Kind)), err
}

// showApproval draws where an approval stands, with what the person may do about it.
func (d *Desk) showApproval(ctx context.Context, v *visit, args []string) error {
	a, act, mine, err := d.concerned(ctx, v, args[0])
	if err != nil {
		return err
	}
	if !mine {
		return d.open(ctx, v, "approvals")
	}
	title, body, err := d.approval(ctx, v, a, act)
	if err != nil {
		return err
	}
	rows := [][]Button{v.verdicts(a)}
	if !a.State.Ended() {
		rows = append(rows, []Button{v.button("button.refresh", "appr:"+a.ID)})
	}
	v.menu(title, body, append(rows, v.back("approvals"))...)
	return nil
}

// approval says how an approval stands.
func (d *Desk) approval(ctx context.Context, v *visit, a store.Approval, act checkout.Act) (title, body string, err error) {
	name := func(user int64) string {
		if user == v.in.User { // whose name may have come with this very step
			return first(v.talk.Name, strconv.FormatInt(user, 10))
		}
		who, known := d.known(ctx, user)
		if err = errors.Join(err, known); err != nil {
			return ""
		}
		return first(who.talk.Name, strconv.FormatInt(user, 10))
	}
	parts := []string{v.deed(act), "", v.say("approval.by", "Name", name(a.By), "Time", v.moment(a.Opened))}
	switch {
	case a.State == store.ApprovalOpen:
		parts = append(parts, v.say("approval.till", "Time", v.moment(a.Till)))
	case a.State == store.ApprovalWaiting:
		parts = append(parts, v.say("approval.after", "Time", v.moment(a.Till)))
	case a.State == store.ApprovalCanceled && a.Second != 0:
		parts = append(parts, v.say("approval.no", "Name", name(a.Second)))
	case a.Second != 0:
		parts = append(parts, v.say("approval.yes", "Name", name(a.Second)))
	}
	if why, ok := v.maybe("approval.why." + a.Why); ok && a.Why != "" {
		parts = append(parts, why)
	}
	return v.say("approval." + string(a.State)), spaced(parts), err
}

// verdicts are what a person may do about an approval.
func (v *visit) verdicts(a store.Approval) []Button {
	switch {
	case a.State != store.ApprovalOpen && a.State != store.ApprovalWaiting:
		return nil
	case a.By == v.in.User:
		return []Button{v.button("approval.cancel", "apprno:"+a.ID)}
	}
	no := v.button("approval.refuse", "apprno:"+a.ID)
	no.Style = "danger"
	if a.State == store.ApprovalWaiting {
		return []Button{no}
	}
	yes := v.button("approval.approve", "apprgo:"+a.ID)
	yes.Style = "success"
	return []Button{yes, no}
}

// approve is the second tap. It counts once, and only before the end.
func (d *Desk) approve(ctx context.Context, v *visit, args []string) error {
	return d.judge(ctx, v, args[0], func() error { return d.shop.Approve(ctx, v.in.User, args[0]) })
}

// disapprove ends an approval: who asked thinks better of it, or somebody else refuses.
func (d *Desk) disapprove(ctx context.Context, v *visit, args []string) error {
	return d.judge(ctx, v, args[0], func() error { return d.shop.Cancel(ctx, v.in.User, args[0], "") })
}

func (d *Desk) judge(ctx context.Context, v *visit, id string, step func() error) error {
	before, act, mine, err := d.concerned(ctx, v, id)
	if err != nil {
		return err
	}
	if !mine {
		return d.stale(ctx, v)
	}
	if before.State == store.ApprovalOpen && act.By != v.in.User { // it stands only while who asked may still ask
		may, err := d.mayAsk(ctx, act.By, rightOf(act.Kind))
		if err != nil {
			return err
		}
		if !may {
			step = func() error { return d.shop.Cancel(ctx, 0, id, "right") }
		}
	}
	v.accept()
	if err := step(); err != nil {
		after, _, _, reread := d.concerned(ctx, v, id)
		if reread != nil || after.State == before.State && !errors.Is(err, store.ErrLate) && !errors.Is(err, store.ErrEdge) && !errors.Is(err, checkout.ErrUndecidable) {
			return errors.Join(err, reread)
		}
		d.log.Info("an approval was not carried through yet", "approval", id, "err", err)
	}
	return d.open(ctx, v, "appr:"+id)
}
