package checkout

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// sends fills a group's wallet and sends a customer money of it.
func (k *kit) sends(account string, sender, to, amount int64) Sending {
	k.t.Helper()
	g := store.Group{Account: account}
	_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: g.ID(), Account: account, Amount: amount, Ref: k.shop.NewOrderID()})
	k.ok(err)
	k.ok(k.shop.Notarize(k.ctx))
	r := Sending{ID: k.shop.NewOrderID(), Group: g, Sender: sender, To: to, Amount: amount, Number: "C-1000"}
	_, fresh, err := k.shop.Send(k.ctx, r)
	k.ok(err)
	if !fresh {
		k.t.Error("it was sent before")
	}
	return r
}

// headed links a group with money and makes somebody its owner.
func (k *kit) headed(user int64) store.Group {
	k.t.Helper()
	g, _ := k.reseller(5)
	k.ok(k.shop.SetTerm(k.ctx, admin, TermChange{Account: g.Account, Term: store.RoleTerm(user), Member: user, Value: "owner"}))
	k.ok(k.shop.Notarize(k.ctx))
	return g
}

// TestSendMovesOnce: twenty repeats of one send at once move the money once; the record names the group, the customer and the sender, and
// the customer is told once.
func TestSendMovesOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		g := k.headed(amine)
		had, err := k.shop.Balance(k.ctx, bilal)
		k.ok(err)
		before, err := k.shop.BalanceOn(k.ctx, g.Account)
		k.ok(err)
		r := Sending{ID: k.shop.NewOrderID(), Group: g, Sender: amine, To: bilal, Amount: 300, Number: "C-1000"}
		var fresh atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				left, now, err := k.shop.Send(k.ctx, r)
				if err != nil || left != before-300 {
					t.Errorf("sent: %d, %v", left, err)
				}
				if now {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if fresh.Load() != 1 {
			t.Errorf("moved %d times", fresh.Load())
		}
		k.on(g.Account, before-300)
		k.balance(bilal, had+300)
		other := r
		other.Amount = 301
		_, _, err = k.shop.Send(k.ctx, other)
		k.is(err, ErrNotFound) // the id is another's
		k.pass(time.Second)    // the offset of a test is not exact to the millisecond
		due, err := k.store.ClaimDue(k.ctx, store.DueNews, 9, time.Minute)
		k.ok(err)
		if len(due) != 1 {
			t.Fatalf("told %d times", len(due))
		}
		got, err := k.shop.Received(k.ctx, due[0].Member)
		k.ok(err)
		if diff := cmp.Diff([]int64{bilal, amine, 300}, []int64{got.User, got.Sender, got.Amount}); diff != "" {
			t.Error(diff)
		}
		k.ok(k.shop.Notarize(k.ctx))
		for kind, q := range map[string]AuditQuery{EventSent: {Group: groupHere, Size: 1}, EventReceived: {User: bilal, Size: 1}} {
			p, err := k.shop.Audit(k.ctx, admin, q)
			k.ok(err)
			if len(p.Events) != 1 || p.Events[0].Kind != kind || p.Events[0].Actor != k.options.Ring.Pseudonym(amine) {
				t.Errorf("%s: on record is %+v", kind, p.Events)
			}
		}
		k.sound()
	})
}

// TestOnlyOwnersSend: nobody but an owner moves the group's money, whoever asks and however often.
func TestOnlyOwnersSend(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		g := k.headed(amine)
		had, err := k.shop.Balance(k.ctx, bilal)
		k.ok(err)
		for role, want := range map[string]error{"": ErrNotOwner, "buyer": ErrNotOwner, "viewer": ErrViewer} {
			k.ok(k.shop.SetTerm(k.ctx, admin, TermChange{Account: g.Account, Term: store.RoleTerm(bilal), Member: bilal, Value: role}))
			_, _, err := k.shop.Send(k.ctx, Sending{ID: k.shop.NewOrderID(), Group: g, Sender: bilal, To: bilal, Amount: 1})
			k.is(err, want)
		}
		for i, user := range []int64{karim, admin} {
			_, _, err := k.shop.Send(k.ctx, Sending{ID: fmt.Sprint("X", i), Group: g, Sender: user, To: bilal, Amount: 1})
			k.is(err, ErrNotOwner)
		}
		k.balance(bilal, had)
		k.sound()
	})
}
