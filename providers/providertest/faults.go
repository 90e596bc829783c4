package providertest

import (
	"context"
	"testing"
	"time"

	"cardrop/providers"
)

// hang is how long a call may wait in the cases where nobody answers; it is real time.
const hang = time.Second

// shapes is how many hostile answers are tried.
const shapes = 20

// faultCases are the cases in which the supplier fails.
func faultCases() []check {
	refusal := func(f Fault, r providers.Reason) check {
		return check{name: "refused: " + string(f), needs: f, run: func(t *testing.T, x *exam) { refusalLeavesNothing(t, x, f, r) }}
	}
	unclear := func(f Fault, sold bool) check {
		return check{name: "unclear: " + string(f), needs: f, run: func(t *testing.T, x *exam) { unclearIsRecovered(t, x, f, sold) }}
	}
	return []check{
		refusal(OutOfStock, providers.OutOfStock),
		refusal(OutOfFunds, providers.NoFunds),
		refusal(TooMany, providers.Busy),
		refusal(Down, providers.Busy),
		unclear(LostBefore, false),
		unclear(LostAfter, true),
		unclear(ErrorAfter, true),
		unclear(CutJSON, false),
		unclear(HTML502, false),
		unclear(Timeout, false),
		{name: "unclear: the caller leaves while the supplier is silent", needs: Timeout, run: leavingIsUnclear},
		{name: "hostile answers to a purchase", needs: Hostile, run: hostileIsUnclear},
		{name: "hostile answers to the question after it", needs: Hostile, run: hostileLater},
		{name: "partial fill keeps what came", needs: PartialFill, run: partialIsKept},
		{name: "refund leaves nothing", needs: RefundAll, run: refundIsEmpty},
	}
}

func refusalLeavesNothing(t *testing.T, x *exam, f Fault, want providers.Reason) {
	before := x.balance(t)
	x.Sim.Fault(f, 1)
	_, err := x.p.Place(t.Context(), x.Buy())
	if reason, no := providers.Refused(err); !no || reason != want {
		t.Errorf("got %v, want a refusal with %q", err, want)
	}
	if n := len(x.Sim.Sales()); n != 0 {
		t.Errorf("%d sales after a refusal", n)
	}
	x.Sim.Clear()
	if after := x.balance(t); after != before {
		t.Errorf("balance went from %v to %v by a refusal", before, after)
	}
	if r := x.buy(t, x.Buy()); !r.bought() {
		t.Errorf("the next placement: state %q, error %v; want it bought", r.got.State, r.err)
	}
}

// unclearIsRecovered lets one call go wrong. sold says that the simulator has sold by then for sure.
func unclearIsRecovered(t *testing.T, x *exam, f Fault, sold bool) {
	x.Sim.Fault(f, 1)
	p := x.Buy()
	if f == Timeout {
		p.SendBy = p.Sent.Add(hang)
	}
	got, err := x.p.Place(t.Context(), p)
	if err == nil {
		t.Fatalf("got state %q, want an error", got.State)
	}
	if _, no := providers.Refused(err); no {
		t.Fatalf("got %v: an unclear answer is no refusal", err)
	}
	if n := len(x.Sim.Sales()); sold && n != 1 {
		t.Fatalf("the simulator sold %d times, want 1", n)
	}
	x.Sim.Clear()
	r := x.settle(t, p, got, err)
	if sold && !r.bought() {
		t.Errorf("state %q, error %v, absent %v; want the cards that were sold", r.got.State, r.err, r.absent)
	}
	x.agrees(t, r)
}

func leavingIsUnclear(t *testing.T, x *exam) {
	x.Sim.Fault(Timeout, 1)
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	p := x.Buy()
	got, err := x.p.Place(ctx, p)
	if _, no := providers.Refused(err); no || err == nil {
		t.Fatalf("got state %q, error %v; want an error that is no refusal", got.State, err)
	}
	x.Sim.Clear()
	x.agrees(t, x.settle(t, p, got, err))
}

// hostileIsUnclear accepts an error, a fault, and a pending state: never a refusal, never cards for the customer.
func hostileIsUnclear(t *testing.T, x *exam) {
	for range shapes {
		x.Sim.Fault(Hostile, 1)
		got, err := x.p.Place(t.Context(), x.Buy())
		if _, no := providers.Refused(err); no {
			t.Errorf("got %v: a hostile answer is no refusal", err)
		}
		if err == nil && got.Fault == providers.NoFault && got.State != providers.Pending {
			t.Errorf("a hostile answer gave state %q without a fault", got.State)
		}
		x.Sim.Clear()
	}
}

func hostileLater(t *testing.T, x *exam) {
	for range shapes {
		p := x.Buy()
		first, err := x.p.Place(t.Context(), p)
		if err != nil {
			t.Fatalf("place: %v", err)
		}
		p.Handle, p.Memo = first.Handle, first.Memo
		x.Sim.Finish()
		x.Advance(step)
		x.Sim.Fault(Hostile, 1)
		got, err := x.p.Resolve(t.Context(), p)
		if _, no := providers.Refused(err); no || (err == nil && got.State == providers.Refunded && got.Fault == providers.NoFault) {
			t.Errorf("got state %q, error %v: a hostile answer takes nothing back", got.State, err)
		}
		if r := (result{place: p, got: got, err: err}); r.bought() {
			x.sameCards(t, r)
		}
		x.Sim.Clear()
		if r := x.settle(t, p, first, nil); !r.bought() {
			t.Errorf("afterwards: state %q, error %v; want it bought", r.got.State, r.err)
		}
	}
}

// partialIsKept accepts a partial state, or a fault where the supplier has no partial status.
func partialIsKept(t *testing.T, x *exam) {
	p := x.Buy()
	if p.Quantity < 2 {
		t.Skip("the supplier sells one card at a time: there is no partial fill")
	}
	x.Sim.Fault(PartialFill, 1)
	r := x.buy(t, p)
	partial := r.err == nil && r.got.State == providers.Partial && r.got.Fault == providers.NoFault
	faulty := r.err == nil && r.got.Fault == providers.WrongCount
	if !partial && !faulty {
		t.Errorf("state %q, fault %q, error %v; want partial, or the fault wrong_count", r.got.State, r.got.Fault, r.err)
	}
	if n := len(r.got.Cards); n == 0 || n >= p.Quantity {
		t.Errorf("%d cards of %d, want some", n, p.Quantity)
	}
	x.agrees(t, r)
}

func refundIsEmpty(t *testing.T, x *exam) {
	before := x.balance(t)
	x.Sim.Fault(RefundAll, 1)
	r := x.buy(t, x.Buy())
	if r.err != nil || r.got.State != providers.Refunded || r.got.Fault != providers.NoFault || len(r.got.Cards) != 0 {
		t.Errorf("state %q, fault %q, %d cards, error %v; want refunded", r.got.State, r.got.Fault, len(r.got.Cards), r.err)
	}
	x.agrees(t, r)
	if after := x.balance(t); after != before {
		t.Errorf("balance went from %v to %v though all was refunded", before, after)
	}
}

// balance is what the shop has at the supplier; unknown where the supplier does not tell.
func (x *exam) balance(t *testing.T) providers.Money {
	t.Helper()
	b, ok := x.Provider.(providers.Balancer)
	if !ok {
		return providers.Money{}
	}
	m, err := b.Balance(t.Context())
	if err != nil {
		t.Fatalf("balance: %v", err)
	}
	return m
}
