package checkout

import (
	"context"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// meter counts what the shop does. Every word it is given is of a small closed set; never an id, never a text.
type meter interface {
	Called(supplier, call, outcome string, took time.Duration)
	Ended(supplier, state string)
	Shown(took time.Duration)                     // from the tap to the code on the screen
	Removed(late time.Duration)                   // behind the time at which the message had to go
	Has(supplier string, balance providers.Money) // what the shop has at a supplier
}

// The calls to suppliers, as they are counted.
const (
	CallCatalog = "catalog"
	CallOpen    = "open"
	CallQuote   = "quote"
	CallPlace   = "place"
	CallResolve = "resolve"
	CallFind    = "find"
	CallBalance = "balance"
	CallAccount = "account"
)

// What became of a call.
const (
	CallOK      = "ok"
	CallRefused = "refused" // a sure no
	CallFailed  = "failed"  // everything else: no answer, or one that says nothing
)

// CallKinds and CallOutcomes are all of them.
func CallKinds() []string {
	return []string{CallCatalog, CallOpen, CallQuote, CallPlace, CallResolve, CallFind, CallBalance, CallAccount}
}

// CallOutcomes lists what may become of a call.
func CallOutcomes() []string { return []string{CallOK, CallRefused, CallFailed} }

// timed makes one call to a supplier and counts it.
func timed[T any](ctx context.Context, s *Shop, supplier, call string, ask func(context.Context) (T, error)) (T, error) {
	begin := s.o.Now()
	answer, err := ask(ctx)
	took := s.o.Now().Sub(begin)
	s.o.Meter.Called(supplier, call, outcomeOf(err), took)
	s.calls.add(supplier, call, err, took)
	return answer, err
}

// outcomeOf is what an error of a supplier says about the call.
func outcomeOf(err error) string {
	if err == nil {
		return CallOK
	}
	if _, refused := providers.Refused(err); refused {
		return CallRefused
	}
	return CallFailed
}

// unmetered is the meter of a shop that nobody counts.
type unmetered struct{}

// Called counts nothing.
func (unmetered) Called(string, string, string, time.Duration) {}

// Ended counts nothing.
func (unmetered) Ended(string, string) {}

// Shown counts nothing.
func (unmetered) Shown(time.Duration) {}

// Removed counts nothing.
func (unmetered) Removed(time.Duration) {}

// Has counts nothing.
func (unmetered) Has(string, providers.Money) {}

// ended counts an order that came to its end.
func (s *Shop) ended(o store.Order, state store.OrderState) {
	if state.Final() {
		s.o.Meter.Ended(o.Provider, string(state))
	}
}

// buy asks the supplier to sell.
func (j *job) buy(ctx context.Context) (providers.Fulfillment, error) {
	return j.supplier.Place(ctx, j.place)
}

// ask asks the supplier what became of the placement.
func (j *job) ask(ctx context.Context) (providers.Fulfillment, error) {
	return j.supplier.Resolve(ctx, j.place)
}

// FinalStates are the states in which an order may end.
func FinalStates() []string {
	return []string{string(store.Fulfilled), string(store.Partial), string(store.Refunded), string(store.Refused)}
}

// has tells what the shop has at a supplier.
func (s *Shop) has(supplier string, b providers.Money) {
	s.o.Meter.Has(supplier, b)
}
