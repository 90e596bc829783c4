package providertest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"cardrop/providers"
)

// crowd is how many placements are made at once.
const crowd = 16

// saleCases are the cases in which the supplier is well.
func saleCases() []check {
	return []check{
		{name: "place comes to an end with the right cards", run: placeIsFilled},
		{name: "the same ref twice is one sale", run: sameRefIsOneSale},
		{name: "a forgotten answer is recovered", run: forgottenIsRecovered},
		{name: "nothing is sent after the send-by time", run: lateIsNotSent},
		{name: "a canceled call buys nothing", run: cancelledBuysNothing},
		{name: "sixteen placements at once", run: crowdIsServed},
	}
}

func placeIsFilled(t *testing.T, x *exam) {
	p := x.Buy()
	r := x.buy(t, p)
	if !r.bought() {
		t.Fatalf("state %q, fault %q, error %v; want fulfilled", r.got.State, r.got.Fault, r.err)
	}
	if len(r.got.Cards) != p.Quantity {
		t.Errorf("%d cards, want %d", len(r.got.Cards), p.Quantity)
	}
	x.agrees(t, r)
	sale, _ := x.sale(t, r.place)
	if c := r.got.Charged; !c.IsZero() && c != sale.Charged {
		t.Errorf("charged %v, the simulator charged %v", c, sale.Charged)
	}
}

func sameRefIsOneSale(t *testing.T, x *exam) {
	if x.NoReference {
		t.Skip("the supplier takes no reference of ours: the shop calls Place once and finds orders by the supplier's list")
	}
	p := x.Buy()
	if first := x.buy(t, p); !first.bought() {
		t.Fatalf("first: state %q, error %v", first.got.State, first.err)
	}
	f, err := x.p.Place(t.Context(), p)
	if _, no := providers.Refused(err); no {
		t.Fatalf("second Place of a bought ref: %v; a refusal says that nothing was bought", err)
	}
	r := x.settle(t, p, f, err)
	if !r.bought() {
		t.Errorf("second: state %q, error %v; want the same cards again", r.got.State, r.err)
	}
	x.agrees(t, r)
}

// forgottenIsRecovered is a process that ends after the supplier's answer and before its outcome is stored.
func forgottenIsRecovered(t *testing.T, x *exam) {
	p := x.Buy()
	if _, err := x.p.Place(t.Context(), p); err != nil {
		t.Fatalf("place: %v", err)
	}
	x.Advance(step)
	if x.NoReference {
		_, err := x.p.Resolve(t.Context(), p)
		if _, no := providers.Refused(err); no || err == nil {
			t.Fatalf("resolve without a handle: got %v, want an error that is no refusal", err)
		}
	}
	r := x.settle(t, p, providers.Fulfillment{State: providers.Pending}, nil)
	if !r.bought() {
		t.Errorf("state %q, error %v, absent %v; want the cards of the forgotten answer", r.got.State, r.err, r.absent)
	}
	x.agrees(t, r)
}

func lateIsNotSent(t *testing.T, x *exam) {
	p := x.Buy()
	p.SendBy = p.Sent.Add(-time.Second)
	_, err := x.p.Place(t.Context(), p)
	if !errors.Is(err, providers.ErrLate) {
		t.Errorf("got %v, want ErrLate", err)
	}
	if n := len(x.Sim.Sales()); n != 0 {
		t.Errorf("%d sales after the send-by time", n)
	}
}

func cancelledBuysNothing(t *testing.T, x *exam) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, err := x.p.Place(ctx, x.Buy())
	if err == nil {
		t.Errorf("got state %q, want an error", f.State)
	}
	if n := len(x.Sim.Sales()); n != 0 {
		t.Errorf("%d sales by a canceled call", n)
	}
}

func crowdIsServed(t *testing.T, x *exam) {
	type answer struct {
		f   providers.Fulfillment
		err error
	}
	places, answers := make([]providers.Placement, crowd), make([]answer, crowd)
	for i := range places {
		places[i] = x.Buy()
	}
	var wg sync.WaitGroup
	for i := range places {
		wg.Go(func() {
			f, err := x.p.Place(t.Context(), places[i])
			answers[i] = answer{f, err}
		})
	}
	wg.Wait()
	owner := map[string]string{}
	for i, a := range answers {
		if a.err != nil {
			t.Errorf("%s: %v", places[i].Ref, a.err)
			continue
		}
		r := x.settle(t, places[i], a.f, a.err)
		if !r.bought() {
			t.Errorf("%s: state %q, error %v", places[i].Ref, r.got.State, r.err)
		}
		x.sameCards(t, r)
		for _, code := range codes(r.got.Cards) {
			if other := owner[code]; other != "" {
				t.Errorf("%s and %s got the same card", other, places[i].Ref)
			}
			owner[code] = places[i].Ref
		}
	}
	if n := len(x.Sim.Sales()); n != crowd {
		t.Errorf("%d sales for %d placements", n, crowd)
	}
}
