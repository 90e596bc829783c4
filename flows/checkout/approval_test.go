package checkout

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"cardrop/store"
)

const deputy = int64(72) // another admin

// guarded is a shop where dangerous acts have to be approved.
func (k *kit) guarded() {
	k.shop.o.Dangers = &Dangers{Refund: 2000_00, Least: new(big.Rat), Most: big.NewRat(50, 1)}
}

// holds is what is in a wallet.
func (k *kit) holds(user int64) int64 {
	k.t.Helper()
	b, err := k.shop.Balance(k.ctx, user)
	k.ok(err)
	return b
}

// anybody may do everything.
func anybody(context.Context, int64, string) (bool, error) { return true, nil }

// asks has an act refused, and opens its approval.
func (k *kit) asks(id string, alone bool, err error) {
	k.t.Helper()
	danger, ok := errors.AsType[*DangerError](err)
	if !ok {
		k.t.Fatalf("not asked for an approval: %v", err)
	}
	k.ok(k.shop.AskApproval(k.ctx, id, danger.Act, alone))
}

// fate is how far an approval has come.
func (k *kit) fate(id string, want store.ApprovalState, why string) {
	k.t.Helper()
	a, err := k.shop.Approval(k.ctx, id)
	k.ok(err)
	if a.State != want || a.Why != why {
		k.t.Errorf("%s stands at %s (%s), want %s (%s)", id, a.State, a.Why, want, why)
	}
}

// approvals writes every event of approvals.
func (k *kit) approvals() {
	k.guarded()
	_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: amine, Amount: -1, Ref: "apr1"})
	k.asks("APPRVL22", false, err)
	k.ok(k.shop.Approve(k.ctx, deputy, "APPRVL22"))
	k.shop.o.Dangers = nil
}

// TestApprovals lets every dangerous act be asked for, and approved by somebody else, once.
func TestApprovals(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.guarded()
		o, _ := k.ready(amine, grab, 1)
		before := k.holds(amine)
		refund := func(ref string) error {
			_, err := k.shop.Refund(k.ctx, admin, o.ID, 0, Refunding{Note: "broken", Ref: ref})
			return err
		}
		k.shop.o.Dangers.Refund = 1
		k.asks("AAAAAAAA", false, refund("r1"))
		k.asks("AAAAAAAA", false, refund("r1")) // the same tap once more
		if got := k.holds(amine); got != before {
			t.Fatalf("money moved before anybody approved: %d", got-before)
		}
		k.is(k.shop.Approve(k.ctx, admin, "AAAAAAAA"), ErrUndecidable)
		k.is(k.shop.Approve(k.ctx, deputy, "ZZZZZZZZ"), ErrNotFound)
		k.ok(k.shop.Approve(k.ctx, deputy, "AAAAAAAA"))
		k.fate("AAAAAAAA", store.ApprovalDone, "")
		k.is(k.shop.Approve(k.ctx, deputy, "AAAAAAAA"), store.ErrEdge)
		k.is(k.shop.Cancel(k.ctx, admin, "AAAAAAAA", ""), store.ErrEdge)
		if got := k.holds(amine) - before; got != o.Total {
			t.Errorf("%d came back of %d", got, o.Total)
		}

		_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: amine, Amount: -100, Note: "n", Ref: "d1"})
		k.asks("BBBBBBBB", false, err)
		k.ok(k.shop.Approve(k.ctx, deputy, "BBBBBBBB"))
		if got := k.holds(amine) - before; got != o.Total-100 {
			t.Errorf("%d is left", got)
		}
		_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: amine, Amount: -1 << 40, Note: "n", Ref: "d2"})
		k.asks("CCCCCCCC", false, err)
		k.ok(k.shop.Approve(k.ctx, deputy, "CCCCCCCC"))
		k.fate("CCCCCCCC", store.ApprovalFailed, "short")

		k.ok(k.shop.SetRule(k.ctx, admin, Scope{}, &Rule{Percent: rat("50")}))
		k.asks("DDDDDDDD", false, k.shop.SetRule(k.ctx, admin, Scope{}, &Rule{Percent: rat("51")}))
		k.ok(k.shop.Approve(k.ctx, deputy, "DDDDDDDD"))
		rules, err := k.shop.Rules(k.ctx)
		k.ok(err)
		if len(rules) != 1 || rules[0].Rule.Percent.Cmp(rat("51")) != 0 {
			t.Errorf("rules %v", rules)
		}
		k.sound()
	})
}

// TestApprovalsEnd holds what becomes of an approval that nobody gives, of one whose asker is alone, of one that was given before a crash,
// and of those of somebody whose right ended.
func TestApprovalsEnd(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.guarded()
		_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: amine, Amount: 5000, Note: "n", Ref: "in"})
		k.ok(err)
		debit := func(n int) error {
			_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: amine, Amount: -100, Note: "n", Ref: fmt.Sprint("out", n)})
			return err
		}
		start := k.holds(amine)
		k.asks("AAAAAAAA", false, debit(1)) // nobody taps
		k.asks("BBBBBBBB", true, debit(2))  // the asker is alone
		k.asks("CCCCCCCC", true, debit(3))  // and thinks better of it
		k.asks("DDDDDDDD", false, debit(4)) // given, and the program dies
		k.is(k.shop.Approve(k.ctx, deputy, "BBBBBBBB"), store.ErrEdge)
		k.ok(k.shop.Cancel(k.ctx, admin, "CCCCCCCC", ""))
		_, act, err := k.shop.approval(k.ctx, "DDDDDDDD")
		k.ok(err)
		k.ok(k.store.StepApproval(k.ctx, "DDDDDDDD", store.ApprovalStep{From: []store.ApprovalState{store.ApprovalOpen}, To: store.ApprovalGiven,
			Second: deputy, Event: k.shop.aboutApproval(EventApprovalGiven, "DDDDDDDD", act, system, nil)}))
		k.ok(k.shop.carry(k.ctx, act)) // it dies behind the act, too
		k.pass(9 * time.Minute)
		k.ok(k.shop.MindApprovals(k.ctx, anybody))
		k.fate("BBBBBBBB", store.ApprovalWaiting, "")
		k.fate("DDDDDDDD", store.ApprovalDone, "")
		if got := start - k.holds(amine); got != 100 {
			t.Errorf("%d were taken, want 100 once", got)
		}
		k.pass(time.Minute + time.Second) // a real Redis has run on since they were asked for
		k.is(k.shop.Approve(k.ctx, deputy, "AAAAAAAA"), store.ErrLate)
		k.ok(k.shop.MindApprovals(k.ctx, anybody))
		k.ok(k.shop.MindApprovals(k.ctx, anybody))
		k.fate("AAAAAAAA", store.ApprovalExpired, "time")
		k.fate("BBBBBBBB", store.ApprovalDone, "")
		k.fate("CCCCCCCC", store.ApprovalCanceled, "")
		if got := start - k.holds(amine); got != 200 {
			t.Errorf("%d were taken, want 200", got)
		}
		k.asks("EEEEEEEE", false, debit(5))
		k.ok(k.shop.MindApprovals(k.ctx, func(_ context.Context, user int64, kind string) (bool, error) {
			return user != admin || kind != ActDebit, nil
		}))
		k.fate("EEEEEEEE", store.ApprovalCanceled, "right")
		if open, err := k.shop.Approvals(k.ctx); err != nil || len(open) != 0 {
			t.Errorf("open: %v, %v", open, err)
		}
		k.sound()
	})
}

// TestDangerousActs holds where the lines are drawn.
func TestDangerousActs(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.guarded()
		dangerous := func(err error) bool { _, ok := errors.AsType[*DangerError](err); return ok }
		show := func(n int) store.Order {
			o, token := k.ready(amine, grab, n)
			k.ok(k.reveal(o, token, amine))
			k.pass(11 * time.Minute)
			k.ok(k.shop.Sweep(k.ctx))
			return o
		}
		sealed, _ := k.ready(bilal, grab, 1)
		k.shop.o.Dangers.Refund = sealed.Total
		if _, err := k.shop.Refund(k.ctx, admin, sealed.ID, 0, Refunding{Note: "n", Ref: "s1"}); err != nil {
			t.Errorf("unopened, up to the sum: %v", err)
		}
		if _, err := k.shop.Refund(k.ctx, admin, show(1).ID, 0, Refunding{Note: "n", Ref: "s2"}); !dangerous(err) {
			t.Errorf("opened: %v", err)
		}
		more, _ := k.ready(bilal, grab, 2)
		if _, err := k.shop.Refund(k.ctx, admin, more.ID, 0, Refunding{Note: "n", Ref: "s3"}); !dangerous(err) {
			t.Errorf("above the sum: %v", err)
		}
		for percent, want := range map[string]bool{"0": false, "50": false, "50.0001": true, "1000": true} {
			if err := k.shop.SetRule(k.ctx, admin, Scope{}, &Rule{Percent: rat(percent)}); dangerous(err) != want {
				t.Errorf("a markup of %s: %v", percent, err)
			}
		}
		if err := k.shop.SetRule(k.ctx, admin, Scope{}, nil); err != nil {
			t.Errorf("a rule is removed: %v", err)
		}
	})
}
