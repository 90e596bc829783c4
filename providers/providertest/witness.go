package providertest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cardrop/providers"
)

// maxMemo is the length a Memo may have, in bytes.
const maxMemo = 256

// witness passes every purchase call on and keeps what came back, so that all of it can be searched for secrets.
type witness struct {
	providers.Provider
	t    *testing.T
	mu   sync.Mutex
	seen []error
	text []string // printed fulfillments, handles and memos
}

// Catalog passes the call on and keeps its error.
func (w *witness) Catalog(ctx context.Context) ([]providers.Product, error) {
	list, err := w.Provider.Catalog(ctx)
	w.keep(err)
	return list, err
}

// Quote passes the call on and keeps its error.
func (w *witness) Quote(ctx context.Context, sku string) (providers.Offer, error) {
	o, err := w.Provider.Quote(ctx, sku)
	w.keep(err)
	return o, err
}

// Place passes the call on and keeps what came back.
func (w *witness) Place(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	f, err := w.Provider.Place(ctx, p)
	w.outcome("Place", f, err)
	return f, err
}

// Resolve passes the call on and keeps what came back.
func (w *witness) Resolve(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	f, err := w.Provider.Resolve(ctx, p)
	w.outcome("Resolve", f, err)
	return f, err
}

func (w *witness) keep(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, err)
}

// outcome keeps one answer and checks what holds for every one of them.
func (w *witness) outcome(call string, f providers.Fulfillment, err error) {
	w.keep(err)
	if len(f.Memo) > maxMemo {
		w.t.Errorf("%s: memo of %d bytes, at most %d are kept", call, len(f.Memo), maxMemo)
	}
	if err != nil && (f.State != "" || len(f.Cards) > 0 || f.Fault != providers.NoFault || !f.Raw.Empty()) {
		w.t.Errorf("%s: beside an error only Handle and Memo may come, got state %q, %d cards, fault %q", call, f.State, len(f.Cards), f.Fault)
	}
	if f.Fault != providers.NoFault && f.Raw.Empty() {
		w.t.Errorf("%s: fault %q without the raw answer", call, f.Fault)
	}
	asJSON, _ := json.Marshal(f)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, fmt.Sprintf("%v %+v %#v %s %s", f, f, f, asJSON, f.Handle+" "+f.Memo))
}

// check searches everything seen for the subject's secrets and for every code the simulator sold.
func (w *witness) check(x *exam) {
	secrets := slices.Clone(x.Secrets)
	for _, sale := range x.Sim.Sales() {
		secrets = append(secrets, sale.Codes...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, err := range w.seen {
		if text := printed(err); leaks(text, secrets) {
			w.t.Errorf("an error text contains a secret (type %T)", err)
		}
	}
	for _, text := range w.text {
		if leaks(text, secrets) {
			w.t.Errorf("a printed fulfillment, its handle or its memo contains a secret")
		}
	}
}

// printed is an error, and all it wraps, in every verb that a log line may use.
func printed(err error) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%v\n%+v\n%q\n%s\n%#v\n", err, err, err, err, err)
	switch e := err.(type) { //nolint:errorlint // the tree itself is walked
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			text.WriteString(printed(inner))
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			text.WriteString(printed(inner))
		}
	}
	return text.String()
}

func leaks(text string, secrets []string) bool {
	return slices.ContainsFunc(secrets, func(s string) bool { return s != "" && strings.Contains(text, s) })
}
