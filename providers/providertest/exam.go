package providertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"cardrop/providers"

	"github.com/google/go-cmp/cmp"
)

// patience is how often settle asks before it gives up; with step it stays below half an hour, after which a supplier may
// have forgotten a Ref.
const patience = 20

// result is what a placement came to.
type result struct {
	place  providers.Placement // with the handle and memo a shop would have kept
	got    providers.Fulfillment
	err    error
	absent bool // NoReference: the supplier's list does not have it
}

// bought tells whether all cards came and fit.
func (r result) bought() bool {
	return r.err == nil && r.got.State == providers.Fulfilled && r.got.Fault == providers.NoFault
}

// buy places one placement and, when it is not final, asks until it is.
func (x *exam) buy(t *testing.T, p providers.Placement) result {
	t.Helper()
	f, err := x.p.Place(t.Context(), p)
	return x.settle(t, p, f, err)
}

// settle does what the shop does: it keeps Handle and Memo, lets time pass and asks Resolve until the outcome is final, a
// refusal, a fault, or a person has to decide.
func (x *exam) settle(t *testing.T, p providers.Placement, f providers.Fulfillment, err error) result {
	t.Helper()
	for range patience {
		p.Handle, p.Memo = kept(p.Handle, f.Handle), kept(p.Memo, f.Memo)
		_, no := providers.Refused(err)
		ended := err == nil && (f.State.Final() || f.Fault != providers.NoFault)
		if no || ended || errors.Is(err, providers.ErrAsk) {
			return result{place: p, got: f, err: err}
		}
		if x.NoReference && p.Handle == "" {
			found := x.find(t, p)
			if len(found) == 0 {
				return result{place: p, err: err, absent: true}
			}
			p.Handle = found[0].Handle
		}
		x.Sim.Finish()
		x.Advance(step)
		f, err = x.p.Resolve(t.Context(), p)
	}
	t.Fatalf("no final outcome after %d questions: state %q, error %v", patience, f.State, err)
	return result{}
}

// find asks the supplier's list for a placement made lately; more than one order for one placement fails the case.
func (x *exam) find(t *testing.T, p providers.Placement) []providers.Found {
	t.Helper()
	finder, ok := x.Provider.(providers.Finder)
	if !ok {
		t.Fatal("a provider without references must be a Finder")
	}
	found, err := finder.Find(t.Context(), p, p.Sent.Add(-5*time.Minute), p.Sent.Add(5*time.Minute))
	if err != nil {
		t.Fatalf("find: %v", err)
	}
	if len(found) > 1 {
		t.Fatalf("find: %d orders for one placement", len(found))
	}
	return found
}

// sale gives what the simulator sold for a placement; more than one sale for it fails the case.
func (x *exam) sale(t *testing.T, p providers.Placement) (Sale, bool) {
	t.Helper()
	var mine []Sale
	for _, s := range x.Sim.Sales() {
		if (s.Ref != "" && s.Ref == p.Ref) || (s.Ref == "" && s.Handle != "" && s.Handle == p.Handle) {
			mine = append(mine, s)
		}
	}
	switch {
	case len(mine) > 1:
		t.Fatalf("%s was sold %d times", p.Ref, len(mine))
	case len(mine) == 0:
		return Sale{}, false
	}
	return mine[0], true
}

// agrees checks a settled placement against what the simulator knows, when nothing else was bought.
func (x *exam) agrees(t *testing.T, r result) {
	t.Helper()
	sales := x.Sim.Sales()
	_, no := providers.Refused(r.err)
	switch {
	case no || r.absent || r.got.State == providers.Refunded:
		if len(sales) != 0 {
			t.Errorf("nothing was bought by the provider's word (%v), but the simulator sold %d times", r.err, len(sales))
		}
	case r.err != nil:
		t.Errorf("the supplier is well again, but the outcome stays open: %v", r.err)
	default:
		if len(sales) != 1 {
			t.Errorf("one placement, %d sales", len(sales))
		}
		x.sameCards(t, r)
	}
}

// sameCards checks that the cards are those the simulator sold for this placement, all distinct.
func (x *exam) sameCards(t *testing.T, r result) {
	t.Helper()
	sale, ok := x.sale(t, r.place)
	if !ok {
		t.Errorf("%s: %d cards, but the simulator sold nothing", r.place.Ref, len(r.got.Cards))
		return
	}
	got, want := codes(r.got.Cards), slices.Sorted(slices.Values(sale.Codes))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: cards (-sold +got):\n%s", r.place.Ref, diff)
	}
	if n := len(slices.Compact(slices.Clone(got))); n != len(got) {
		t.Errorf("%s: %d cards, only %d distinct", r.place.Ref, len(got), n)
	}
}

// codes is what a buyer types in, or the link where there is no code, sorted.
func codes(cards []providers.Card) []string {
	list := []string{}
	for _, c := range cards {
		text := c.Code.Expose()
		for _, e := range c.Extras {
			if text == "" && e.Label == providers.LabelURL {
				text = e.Value.Expose()
			}
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

func kept(old, latest string) string {
	if latest != "" {
		return latest
	}
	return old
}
