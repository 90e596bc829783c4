package checkout

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"time"

	"cardrop/store"
)

// approvalLife is how long an approval waits for another's tap, and how long somebody alone has to think again.
const approvalLife = 10 * time.Minute

// Dangers say which acts one person does not do alone. Taking money out of a wallet, giving the money for opened cards back, and moving an
// account, always is one.
type Dangers struct {
	Refund int64    // a refund of more than this, minor units
	Least  *big.Rat // a markup below this, percent
	Most   *big.Rat // or above this
}

// The kinds of dangerous acts.
const (
	ActRefund = "refund"
	ActDebit  = "debit"
	ActMarkup = "markup"
	ActMove   = "move"
)

// Act is a dangerous act, as it was asked for. It is carried out on the same road as an act that is not dangerous.
type Act struct {
	Kind   string        `json:"kind"`
	By     int64         `json:"by"` // who asked
	Order  string        `json:"order,omitempty"`
	K      int           `json:"k,omitempty"`
	Refund Refunding     `json:"refund,omitzero"`
	Credit CreditRequest `json:"credit,omitzero"`
	Scope  Scope         `json:"scope,omitzero"`
	Rule   *Rule         `json:"rule,omitempty"`
	Sum    int64         `json:"sum,omitempty"` // money it moves, minor units; 0 for a markup
	Opened bool          `json:"opened,omitempty"`

	Ticket  string `json:"ticket,omitempty"`  // of a refund: the report it ends
	Replace bool   `json:"replace,omitempty"` // and a new order follows from that money

	Move string `json:"move,omitempty"` // the account From goes over to To, by this reference
	From int64  `json:"from,omitempty"`
	To   int64  `json:"to,omitempty"`
}

// DangerError is an act that needs somebody else's approval first; nothing happened.
type DangerError struct{ Act Act }

// Error names the kind of act.
func (e *DangerError) Error() string { return "a " + e.Act.Kind + " has to be approved" }

// refundDanger tells whether a refund has to be approved.
func (s *Shop) refundDanger(admin int64, o store.Order, k int, r Refunding) error {
	if s.o.Dangers == nil {
		return nil
	}
	a := Act{Kind: ActRefund, By: admin, Order: o.ID, K: k, Refund: r, Opened: o.State.Final() && o.Reveal.Shown > 0}
	switch {
	case o.State.Final() && r.Cards == 0:
		a.Sum = o.Captured - o.PaidBack
	case o.State.Final():
		a.Sum = int64(r.Cards) * o.Unit
	case k >= 1 && k <= len(o.Placements):
		a.Sum = int64(o.Placements[k-1].Quantity) * o.Unit
	}
	if a.Sum <= 0 || !a.Opened && a.Sum <= s.o.Dangers.Refund {
		return nil
	}
	return &DangerError{Act: a}
}

// debitDanger tells whether a credit takes money out, which has to be approved.
func (s *Shop) debitDanger(r CreditRequest) error {
	if s.o.Dangers == nil || r.Amount >= 0 {
		return nil
	}
	return &DangerError{Act: Act{Kind: ActDebit, By: r.Admin, Credit: r, Sum: -r.Amount}}
}

// ruleDanger tells whether a markup has to be approved.
func (s *Shop) ruleDanger(admin int64, of Scope, r *Rule) error {
	if r == nil || s.o.Dangers == nil || r.Percent.Cmp(s.o.Dangers.Least) >= 0 && r.Percent.Cmp(s.o.Dangers.Most) <= 0 {
		return nil
	}
	return &DangerError{Act: Act{Kind: ActMarkup, By: admin, Scope: of, Rule: r}}
}

// ActOf reads what an approval is about.
func ActOf(a store.Approval) (Act, error) {
	var act Act
	if err := json.Unmarshal(a.Body, &act); err != nil {
		return act, fmt.Errorf("read act: %w", err)
	}
	return act, nil
}

// AskApproval opens the approval of an act, once for each id: alone, when nobody else could tap.
func (s *Shop) AskApproval(ctx context.Context, id string, act Act, alone bool) error {
	body, err := json.Marshal(act)
	if err != nil {
		return fmt.Errorf("write act: %w", err)
	}
	if _, err := s.person(ctx, act.By); err != nil {
		return err
	}
	state := store.ApprovalOpen
	if alone {
		state = store.ApprovalWaiting
	}
	e := s.aboutApproval(EventApprovalAsked, id, act, s.o.Ring.Pseudonym(act.By), map[string]string{"act": act.Kind, "amount": itoa(act.Sum), "state": string(state)})
	err = s.o.Store.StepApproval(ctx, id, store.ApprovalStep{To: state, Life: approvalLife, By: act.By, Order: act.Order, Body: body, Event: e})
	if err != nil && !errors.Is(err, store.ErrEdge) { // it was opened before
		return err
	}
	nudge(s.news)
	return nil
}

// aboutApproval is an event of an approval.
func (s *Shop) aboutApproval(kind, id string, act Act, actor string, data map[string]string) store.Event {
	e := store.Event{Kind: kind, Order: act.Order, Actor: actor, Data: map[string]string{"approval": id}}
	maps.Copy(e.Data, data)
	if user := cmp.Or(act.Credit.User, act.From); user > 0 {
		e.Person = s.o.Ring.Pseudonym(user)
	}
	return e
}

// Approve lets somebody else approve, before its end, and carries the act out. It returns store.ErrEdge when it stands otherwise,
// store.ErrLate, ErrNotFound, and ErrUndecidable to the one who asked.
func (s *Shop) Approve(ctx context.Context, admin int64, id string) error {
	a, act, err := s.approval(ctx, id)
	if err != nil {
		return err
	}
	if admin == a.By {
		return ErrUndecidable
	}
	who, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	err = s.o.Store.StepApproval(ctx, id, store.ApprovalStep{From: []store.ApprovalState{store.ApprovalOpen}, To: store.ApprovalGiven, Window: "<",
		Second: admin, Event: s.aboutApproval(EventApprovalGiven, id, act, who, nil)})
	if err != nil {
		return err
	}
	return s.CarryOut(ctx, id)
}

// Cancel ends an approval that was not given: by who asked, or by somebody else who refuses; admin 0 is the shop, with a reason. Errors as
// of Approve.
func (s *Shop) Cancel(ctx context.Context, admin int64, id, reason string) error {
	_, act, err := s.approval(ctx, id)
	if err != nil {
		return err
	}
	who := system
	if admin != 0 {
		if who, err = s.person(ctx, admin); err != nil {
			return err
		}
	}
	err = s.endApproval(ctx, id, act, who, store.ApprovalStep{From: []store.ApprovalState{store.ApprovalOpen, store.ApprovalWaiting},
		To: store.ApprovalCanceled, Second: admin, Why: reason})
	nudge(s.news)
	return err
}

func (s *Shop) endApproval(ctx context.Context, id string, act Act, actor string, st store.ApprovalStep) error {
	st.Event = s.aboutApproval(EventApprovalEnded, id, act, actor, map[string]string{"state": string(st.To), "reason": st.Why})
	return s.o.Store.StepApproval(ctx, id, st)
}

func (s *Shop) approval(ctx context.Context, id string) (store.Approval, Act, error) {
	a, err := s.o.Store.Approval(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return a, Act{}, ErrNotFound
	}
	if err != nil {
		return a, Act{}, err
	}
	act, err := ActOf(a)
	return a, act, err
}

// Approval reads one. It returns ErrNotFound.
func (s *Shop) Approval(ctx context.Context, id string) (store.Approval, error) {
	a, _, err := s.approval(ctx, id)
	return a, err
}

// mostApprovals is how many approvals are looked at in one go; more of them wait their turn.
const mostApprovals = 100

// Approvals lists what waits to be approved or carried out.
func (s *Shop) Approvals(ctx context.Context) ([]store.Approval, error) {
	ids, err := s.o.Store.Approvals(ctx, mostApprovals)
	if err != nil {
		return nil, err
	}
	var all []store.Approval
	for _, id := range ids {
		a, err := s.o.Store.Approval(ctx, id)
		if err == nil {
			all = append(all, a)
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	return all, nil
}

// MindApprovals ends what nobody approved in time, and carries out what was given and what somebody alone has waited for. allowed tells
// whether who asked may still do that kind of act; whoever may not has nothing open any more.
func (s *Shop) MindApprovals(ctx context.Context, allowed func(ctx context.Context, user int64, kind string) (bool, error)) error {
	all, err := s.Approvals(ctx)
	if err != nil {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		s.safely(ctx, "approval "+a.ID, func() error {
			act, err := ActOf(a)
			if err != nil {
				return err
			}
			may, err := allowed(ctx, act.By, act.Kind)
			if err != nil {
				return err
			}
			return ignoring(s.mindApproval(ctx, a, act, may, now), store.ErrEdge, store.ErrEarly)
		})
	}
	return nil
}

// ignoring is an error, or nil where another process was quicker.
func ignoring(err error, others ...error) error {
	for _, other := range others {
		if errors.Is(err, other) {
			return nil
		}
	}
	return err
}

func (s *Shop) mindApproval(ctx context.Context, a store.Approval, act Act, may bool, now time.Time) error {
	over := !now.Before(a.Till)
	switch {
	case a.State == store.ApprovalGiven:
		return s.CarryOut(ctx, a.ID)
	case !may:
		return s.Cancel(ctx, 0, a.ID, "right")
	case a.State == store.ApprovalOpen && over:
		defer nudge(s.news)
		return s.endApproval(ctx, a.ID, act, system, store.ApprovalStep{From: []store.ApprovalState{a.State}, To: store.ApprovalExpired, Window: ">", Why: "time"})
	case a.State == store.ApprovalWaiting && over:
		err := s.o.Store.StepApproval(ctx, a.ID, store.ApprovalStep{From: []store.ApprovalState{a.State}, To: store.ApprovalGiven, Window: ">",
			Event: s.aboutApproval(EventApprovalGiven, a.ID, act, system, nil)})
		if err != nil {
			return err
		}
		return s.CarryOut(ctx, a.ID)
	}
	return nil
}
