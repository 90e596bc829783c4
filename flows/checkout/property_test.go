package checkout

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	giftzbox "cardrop/providers/giftz/sandbox"
	"cardrop/providers/ocpay"
	paybox "cardrop/providers/ocpay/sandbox"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// till is a shop on which anything may happen in any order, and what its books have to say.
type till struct {
	*kit
	random   *rand.Rand
	requests []store.TopUp
	orders   []string
	numbers  int
	credited map[string]int64 // by request: what was first credited
	group    store.Group      // with an owner, who sends money of it
	sent     []Sending
	box      *paybox.Server // where people pay on pages
	stars    *starBox       // Telegram's books
}

// TestMoneyUnderAnyInterleaving: top-ups, purchases, money sent from a group, partial deliveries, refunds, reversals and repeats of all of them, in random
// order; all invariants of the ledger hold after every step.
func TestMoneyUnderAnyInterleaving(t *testing.T) {
	const steps = 140
	both(t, func(t *testing.T, k *kit) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		w := &till{kit: k, random: rand.New(rand.NewPCG(seed, 7)), credited: map[string]int64{}, box: k.cashes(true), stars: k.shines()} //nolint:gosec // a test
		did := map[string]int{}
		w.begins()
		for range steps {
			name := w.step()
			did[name]++
			k.sound()
			w.books()
			if t.Failed() {
				t.Fatalf("after %s, seed %d", name, seed)
			}
		}
		t.Log(did)
		if len(w.credited) == 0 || len(w.orders) == 0 || len(did) < 8 {
			t.Errorf("little happened: %v", did)
		}
	}, paying, func(o *Options) {
		for _, m := range o.Payments { // ceilings are tried elsewhere; here they would end the day
			for i := range m.Accounts() {
				m.Accounts()[i].Ceiling = 0
			}
		}
	})
}

// begins takes one request to its credit and makes one order, so that no run is about nothing.
func (w *till) begins() {
	r := w.paid(karim, 900_00, "first")
	w.requests = append(w.requests, r)
	w.ok(w.shop.ClaimTopUp(w.ctx, admin, r.ID, 0))
	done, err := w.shop.CreditTopUp(w.ctx, admin, r.ID, 800_00)
	w.ok(err)
	w.credited[r.ID] = done.Amount
	w.orders = append(w.orders, w.buy(karim, grab, 1).ID)
	w.group = w.headed(amine)
}

// step does one thing that may happen, and again at times, and names it.
func (w *till) step() string {
	steps := []struct {
		name string
		do   func() error
	}{
		{"ask", w.asks}, {"prove", w.proves}, {"claim", w.claims}, {"credit", w.credits}, {"credit", w.credits}, {"refuse", w.refuses},
		{"reverse", w.reverses}, {"buy", w.buys}, {"buy", w.buys}, {"deliver", w.delivers}, {"refund", w.refunds}, {"debit", w.debits}, {"drop", w.drops},
		{"send", w.sends}, {"group buys", w.groupBuys}, {"group pays in", w.groupFills},
		{"link", w.links}, {"pay", w.pays}, {"pay", w.pays}, {"invoice", w.invoices}, {"star", w.paysStars}, {"star", w.paysStars},
	}
	s := steps[w.random.IntN(len(steps))]
	for range 1 + w.random.IntN(2) {
		if err := s.do(); err != nil && !expected(err) {
			w.t.Errorf("%s: %v", s.name, err)
		}
	}
	return s.name
}

// expected tells whether a step was refused as it should be.
func expected(err error) bool {
	for _, target := range []error{ErrTopUps, ErrNumberTaken, ErrConflict, ErrNotFound, ErrOutOfStock, ErrUndecidable, ErrNoRefund, ErrUnopened} {
		if errors.Is(err, target) {
			return true
		}
	}
	_, moved := errors.AsType[*TopUpStateError](err)
	_, short := errors.AsType[*ShortError](err)
	_, shown := errors.AsType[*OnScreenError](err)
	_, spent := errors.AsType[*SpentError](err)
	return spent || moved || short || shown
}

func (w *till) user() int64  { return []int64{amine, karim}[w.random.IntN(2)] }
func (w *till) admin() int64 { return []int64{admin, 8}[w.random.IntN(2)] }

// request is one of the last ones, at random.
func (w *till) request() store.TopUp {
	if len(w.requests) == 0 {
		return store.TopUp{ID: "ZZZZZZ"}
	}
	last := min(len(w.requests), 4)
	return w.requests[len(w.requests)-1-w.random.IntN(last)]
}

func (w *till) asks() error {
	r, err := w.shop.AskTopUp(w.ctx, w.user(), w.shop.NewTopUpID(), MethodCCP, int64(500_00+w.random.IntN(1000)*100))
	if err == nil {
		w.requests = append(w.requests, r)
	}
	return err
}

func (w *till) proves() error {
	r := w.request()
	w.numbers += w.random.IntN(3) // a number comes again at times
	_, err := w.shop.ProveTopUp(w.ctx, r.User, r.ID, evidence(fmt.Sprintf("n%d", w.numbers)))
	return err
}

func (w *till) claims() error { return w.shop.ClaimTopUp(w.ctx, w.admin(), w.request().ID, 0) }
func (w *till) drops() error  { r := w.request(); return w.shop.DropTopUp(w.ctx, r.User, r.ID) }

func (w *till) credits() error {
	r := w.request()
	now, err := w.shop.TopUp(w.ctx, r.ID, 0)
	if err != nil {
		return err
	}
	by := now.Admin
	if w.random.IntN(4) == 0 {
		by = w.admin()
	}
	done, err := w.shop.CreditTopUp(w.ctx, by, r.ID, int64(100_00+w.random.IntN(500)*100))
	if done.Fresh {
		if _, twice := w.credited[r.ID]; twice {
			w.t.Errorf("%s was credited twice", r.ID)
		}
		w.credited[r.ID] = done.Amount
	}
	return err
}

func (w *till) links() error {
	r, err := w.shop.AskTopUp(w.ctx, w.user(), w.shop.NewTopUpID(), ocpay.Name, int64(500+w.random.IntN(1000))*100)
	if err == nil {
		w.requests = append(w.requests, r)
		w.minds(time.Second)
	}
	return err
}

// pays pays any page, at times wrongly or late, and the cashier is asked about all of them, by two processes at times.
func (w *till) pays() error {
	for _, fault := range []paybox.Fault{paybox.WrongAmount, paybox.Late, paybox.ErrorAfter} {
		if w.random.IntN(4) == 0 {
			w.ok(w.box.Fault(paybox.Trouble{Fault: fault, Times: 1, For: time.Hour, Path: "checkPayment"}))
		}
	}
	if links := w.box.Links(); len(links) > 0 {
		w.box.Pay(links[w.random.IntN(len(links))].Ref)
	}
	for range 2 {
		w.minds([]time.Duration{6 * time.Second, 31 * time.Minute}[w.random.IntN(2)])
	}
	w.seen(ocpay.Name)
	return nil
}

func (w *till) invoices() error {
	r, err := w.shop.AskTopUp(w.ctx, w.user(), w.shop.NewTopUpID(), MethodStars, int64(500_00+w.random.IntN(1000)*100))
	if err == nil {
		w.requests = append(w.requests, r)
	}
	return err
}

// paysStars pays the invoice of any request, by anybody, once more at times; its notice is lost at times, or comes again, and then the books
// are compared.
func (w *till) paysStars() error {
	r := w.request()
	if w.random.IntN(5) == 0 {
		r.User = w.user()
	}
	p := w.stars.pay(fmt.Sprint("stx", len(w.stars.books)), r)
	for range w.random.IntN(3) {
		w.ok(w.shop.StarsPaid(w.ctx, p))
	}
	if w.random.IntN(2) == 0 {
		w.ok(w.shop.MatchStars(w.ctx))
	}
	w.pass(2 * time.Minute)
	w.ok(w.shop.ReturnStars(w.ctx))
	w.seen(MethodStars)
	return nil
}

// seen notes what was credited without an admin.
func (w *till) seen(method string) {
	for _, r := range w.requests {
		now, err := w.shop.TopUp(w.ctx, r.ID, 0)
		w.ok(err)
		if _, known := w.credited[r.ID]; !known && now.Method == method && now.State == store.TopUpCredited {
			w.credited[r.ID] = now.Received
		}
	}
}

func (w *till) refuses() error {
	r := w.request()
	return w.shop.RefuseTopUp(w.ctx, w.admin(), r.ID, "notfound")
}

func (w *till) reverses() error {
	_, err := w.shop.ReverseTopUp(w.ctx, w.admin(), w.request().ID, "false")
	return err
}

func (w *till) buys() error {
	b := w.basket(w.user(), []string{grab, psn}[w.random.IntN(2)], 1+w.random.IntN(3))
	o, err := w.shop.Buy(w.ctx, b)
	if err == nil {
		w.orders = append(w.orders, o.ID)
		_, err = w.shop.Buy(w.ctx, b) // a second tap
	}
	return err
}

func (w *till) delivers() error {
	if w.random.IntN(2) == 0 {
		w.ok(w.click.Fault(clickbox.Trouble{Fault: clickbox.PartialFill, Times: 1}))
	}
	if w.random.IntN(3) == 0 {
		w.ok(w.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.LostAfter, Times: 1}))
	}
	for range 3 {
		w.work()
	}
	return nil
}

func (w *till) refunds() error {
	if len(w.orders) == 0 {
		return nil
	}
	_, err := w.shop.Refund(w.ctx, admin, w.orders[w.random.IntN(len(w.orders))], 0, Refunding{Note: "as agreed", Ref: fmt.Sprint("f", w.random.IntN(50))})
	return err
}

func (w *till) debits() error {
	_, _, err := w.shop.Credit(w.ctx, CreditRequest{Admin: admin, User: w.user(), Amount: -int64(1 + w.random.IntN(300_00)), Kind: "correction",
		Ref: fmt.Sprint("d", w.random.IntN(40))})
	return err
}

// sends sends money of the group, as new or once more.
func (w *till) sends() error {
	r := Sending{ID: w.shop.NewOrderID(), Group: w.group, Sender: amine, To: w.user(), Amount: int64(1 + w.random.IntN(900_00)), Number: "C-1000"}
	if len(w.sent) > 0 && w.random.IntN(3) == 0 {
		r = w.sent[w.random.IntN(len(w.sent))]
	}
	_, fresh, err := w.shop.Send(w.ctx, r)
	if fresh {
		w.sent = append(w.sent, r)
	}
	return err
}

func (w *till) groupBuys() error {
	o, err := w.shop.Buy(w.ctx, w.wares(w.group, amine))
	if err == nil {
		w.orders = append(w.orders, o.ID)
	}
	return err
}

func (w *till) groupFills() error {
	_, _, err := w.shop.Credit(w.ctx, CreditRequest{Admin: admin, User: w.group.ID(), Account: w.group.Account, Amount: int64(1 + w.random.IntN(300_00)),
		Ref: fmt.Sprint("w", w.random.IntN(40))})
	return err
}

// given compares what was sent with the ledger, and sees that the group has not sent what it does not have.
func (w *till) given() {
	var sent, booked int64
	for _, r := range w.sent {
		sent += r.Amount
	}
	w.ok(w.store.Ledger(w.ctx, func(e store.Entry) error {
		if IsSent(e) {
			booked += e.Amount
		}
		return nil
	}))
	has, err := w.shop.BalanceOn(w.ctx, w.group.Account)
	w.ok(err)
	if sent != booked || has < 0 {
		w.t.Errorf("%d was sent, %d is booked, and the group has %d", sent, booked, has)
	}
}

// books compares what was credited with what the world outside gave, by method, and pages with what was paid there.
func (w *till) books() {
	in := map[string]int64{MethodCCP: 0, ocpay.Name: 0, MethodStars: 0}
	for id, amount := range w.credited {
		r, err := w.shop.TopUp(w.ctx, id, 0)
		w.ok(err)
		at := slices.IndexFunc(w.box.Links(), func(l paybox.Link) bool { return l.Ref == r.Number })
		switch {
		case r.Received != amount:
			w.t.Errorf("%s: %d was credited first, it says %d", id, amount, r.Received)
		case r.Method == ocpay.Name && r.Admin == 0 && (at < 0 || w.box.Links()[at].Paid*100 != amount):
			w.t.Errorf("%s: %d was credited by itself, but not paid on its page", id, amount)
		case r.State == store.TopUpCredited:
			in[r.Method] += amount
		case r.State != store.TopUpReversed:
			w.t.Errorf("%s was credited and is %s", id, r.State)
		}
	}
	w.given()
	for method, amount := range in {
		outside, err := w.store.Balance(w.ctx, store.ExternalAccount(method))
		w.ok(err)
		if outside != -amount {
			w.t.Errorf("%s gave %d, credited and not taken back is %d", method, -outside, amount)
		}
	}
}
