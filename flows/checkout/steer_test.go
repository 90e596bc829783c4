package checkout

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cardrop/store"
)

// errStopped is what a failpoint answers: the process has died here, as far as the step is concerned.
var errStopped = errors.New("stopped by the test")

// stops are failpoints of the store: name → how many more times it stops there.
type stops struct {
	mu   sync.Mutex
	at   map[string]int
	pass int // how often the point is passed first
	told func(name string)
}

func (s *stops) hit(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told != nil {
		s.told(name)
	}
	if s.at[name] == 0 {
		return nil
	}
	if s.pass > 0 {
		s.pass--
		return nil
	}
	s.at[name]--
	return errStopped
}

// watch tells of every point that is passed, until it is stopped.
func (s *stops) watch(told func(name string)) func() {
	set := func(f func(string)) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told = f
	}
	set(told)
	return func() { set(nil) }
}

func (s *stops) set(name string, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.pass = map[string]int{name: times}, 0
}

// skip stops once, but not the first times.
func (s *stops) skip(name string, first int) {
	s.set(name, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass = first
}

// left is how many set stops were not met.
func (s *stops) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, times := range s.at {
		n += times
	}
	s.at = nil
	return n
}

// serve puts a simulator on loopback until the test ends.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL
}

// now is the steered time; hasty is the clients' clock.
func (k *kit) now() time.Time   { return time.UnixMilli(k.target.Load()).UTC() }
func (k *kit) hasty() time.Time { return time.UnixMilli(k.target.Load() + k.haste.Load()).UTC() }

// ok fails the test when err is not nil.
func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// is fails unless err is the wanted sentinel.
func (k *kit) is(err, want error) {
	k.t.Helper()
	if !errors.Is(err, want) {
		k.t.Fatalf("error is %v, want %v", err, want)
	}
}

// pass lets time go by; the notary keeps up, as its job does every second.
func (k *kit) pass(d time.Duration) {
	k.t.Helper()
	k.target.Add(d.Milliseconds())
	if !k.frozen {
		k.ok(k.shop.Notarize(k.ctx))
	}
}

// credit fills a wallet.
func (k *kit) credit(user, amount int64) {
	k.t.Helper()
	_, _, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: user, Amount: amount, Ref: "c" + itoa(user)})
	k.ok(err)
}

// line finds the short code of a supplier's line, opening families as a customer would.
func (k *kit) line(sku string) string {
	k.t.Helper()
	families, err := k.shop.Families(k.ctx)
	k.ok(err)
	for _, f := range families {
		for _, l := range f.Lines {
			if l.Product.SKU == sku {
				return l.Code
			}
		}
	}
	k.t.Fatalf("no line %s in %d families", sku, len(families))
	return ""
}

// basket is a confirmed basket: the price is what the confirm screen showed.
func (k *kit) basket(user int64, sku string, n int) Basket {
	k.t.Helper()
	b := Basket{ID: k.shop.NewOrderID(), Line: k.line(sku), Quantity: n, Buyer: Buyer{User: user, Chat: user, Language: "en"}}
	if kind, _, ok := strings.Cut(sku, ":"); ok {
		b.Account = map[string]string{"ADSL": "021000000", "4G": "213660000000"}[kind]
	}
	q, err := k.shop.Quote(k.ctx, b)
	k.ok(err)
	b.Unit = q.Unit
	return b
}

// buy agrees on a basket; the money is held then, and nothing else has happened.
func (k *kit) buy(user int64, sku string, n int) store.Order {
	k.t.Helper()
	o, err := k.shop.Buy(k.ctx, k.basket(user, sku, n))
	k.ok(err)
	k.sound()
	return o
}

// work has every placement that is due asked about once, as workers would.
func (k *kit) work() {
	k.t.Helper()
	k.pass(time.Second) // what was made due just now is due
	due, err := k.store.DuePlacements(k.ctx, 1000)
	k.ok(err)
	for _, id := range due {
		if err := k.shop.Ask(k.ctx, id); err != nil && !errors.Is(err, errStopped) {
			k.t.Fatalf("ask about %s: %v", id, err)
		}
		k.sound()
	}
}

// run works in steps until the order has ended or is under review; at most for the given time.
func (k *kit) run(id string, step, limit time.Duration) store.Order {
	k.t.Helper()
	for end := k.now().Add(limit); ; k.pass(step) {
		k.work()
		o := k.order(id)
		if o.State.Final() || o.State == store.Review || !k.now().Before(end) {
			return o
		}
	}
}

// bought is an order that has come as it should.
func (k *kit) bought(user int64, sku string, n int) store.Order {
	k.t.Helper()
	o := k.run(k.buy(user, sku, n).ID, 5*time.Second, time.Minute)
	k.state(o, store.Fulfilled)
	return o
}

func (k *kit) order(id string) store.Order {
	k.t.Helper()
	o, err := k.store.Order(k.ctx, id)
	k.ok(err)
	return o
}

// state fails unless an order stands where it should.
func (k *kit) state(o store.Order, want store.OrderState) {
	k.t.Helper()
	if o.State != want {
		k.t.Fatalf("order is %s (%+v), want %s\n%s", o.State, o.Placements, want, k.log.String())
	}
}

// balance fails unless a wallet holds so much.
func (k *kit) balance(user, want int64) {
	k.t.Helper()
	got, err := k.shop.Balance(k.ctx, user)
	k.ok(err)
	if got != want {
		k.t.Errorf("balance of %d is %d, want %d", user, got, want)
	}
}

// rung takes the alarms of a kind so far.
func (k *kit) rung(kind string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	k.alarms = slices.DeleteFunc(k.alarms, func(a string) bool {
		hit := strings.HasPrefix(a, kind+" ")
		if hit {
			n++
		}
		return hit
	})
	return n
}

// reason is why the supplier refused, as the order remembers it.
func (k *kit) reason(o store.Order) string {
	k.t.Helper()
	snap, err := SnapshotOf(o)
	k.ok(err)
	return snap.Reason
}

// events counts an order's events of a kind.
func (k *kit) events(order, kind string) int {
	k.t.Helper()
	all, _, err := k.store.EventsOfOrder(k.ctx, order, 0, 1000)
	k.ok(err)
	n := 0
	for _, e := range all {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// contextFor is a context of its own that ends with the test at the latest.
func contextFor(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}
