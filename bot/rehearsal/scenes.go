package rehearsal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
	clickbox "cardrop/providers/oneclickdz/sandbox"
)

// The people of a rehearsal. They exist in no chat.
const (
	operator = 1
	customer = 100 // the first one; each scene has another
)

// funds is what each customer has, in minor units.
const funds = int64(100_000_00)

// How long a scene may take by the rehearsal's own clock, and how far that goes in a step.
const (
	sceneLimit = 20 * time.Minute
	sceneStep  = 10 * time.Second
)

// scene is one purchase: what is bought, what goes wrong, and how it has to end.
type scene struct {
	name    string
	sku     string // or the beginning of it
	account string // the line that is topped up
	ask     int
	trouble func(st *stage) error
	hangs   bool   // the supplier does not answer within the time that a call has
	state   string // of the order, at its end
	cards   int    // that come
	sales   int    // that the supplier has made
}

// scenes are the parts of a rehearsal, in their order.
func scenes() []scene {
	giftz := func(f giftzbox.Fault) func(st *stage) error {
		return func(st *stage) error { return st.giftz.Fault(giftzbox.Trouble{Fault: f, Times: 1}) }
	}
	click := func(f clickbox.Fault) func(st *stage) error {
		return func(st *stage) error { return st.click.Fault(clickbox.Trouble{Fault: f, Times: 1}) }
	}
	return []scene{
		{name: "purchase", sku: "G0001_GZ", ask: 2, state: "fulfilled", cards: 2, sales: 1},
		{name: "partial", sku: "gift/ten", ask: 2, trouble: click(clickbox.PartialFill), state: "partial", cards: 1, sales: 1},
		{name: "refund", sku: "gift/ten", ask: 1, trouble: click(clickbox.RefundAll), state: "refunded"},
		{name: "lost", sku: "G0001_GZ", ask: 1, trouble: giftz(giftzbox.LostAfter), state: "fulfilled", cards: 1, sales: 1},
		{name: "timeout", sku: "ADSL:1000", account: "021000000", ask: 1, trouble: click(clickbox.Timeout), hangs: true, state: "fulfilled",
			cards: 1, sales: 1},
	}
}

// play buys, waits for the end as the program's jobs would, shows what came, and looks at money, sales and screen.
func (st *stage) play(ctx context.Context, s scene) error {
	st.customers++
	buyer := checkout.Buyer{User: st.customers, Chat: st.customers, Language: "en"}
	if _, _, err := st.shop.Credit(ctx, checkout.CreditRequest{Admin: operator, User: buyer.User, Amount: funds, Note: "rehearsal",
		Ref: fmt.Sprintf("rehearsal%d", buyer.User)}); err != nil {
		return fmt.Errorf("fill wallet: %w", err)
	}
	b, err := st.basket(ctx, s, buyer)
	if err != nil {
		return err
	}
	if s.trouble != nil {
		if err := s.trouble(st); err != nil {
			return err
		}
	}
	sales := st.sales()
	bought, err := st.shop.Buy(ctx, b)
	if err != nil {
		return fmt.Errorf("buy: %w", err)
	}
	if s.hangs {
		st.hurry(true) // the clients' time runs out after a moment
		err := st.work(ctx)
		st.hurry(false)
		if err != nil {
			return err
		}
	}
	for until := st.now().Add(sceneLimit); ; st.pass(sceneStep) {
		if err := st.work(ctx); err != nil {
			return err
		}
		o, err := st.shop.Order(ctx, bought.ID, 0)
		if err != nil {
			return fmt.Errorf("read order: %w", err)
		}
		if o.State.Final() || st.now().After(until) {
			break
		}
	}
	return st.compare(ctx, s, buyer, bought.ID, sales)
}

// basket is what is bought, at the price that it has.
func (st *stage) basket(ctx context.Context, s scene, buyer checkout.Buyer) (checkout.Basket, error) {
	families, err := st.shop.Families(ctx)
	if err != nil {
		return checkout.Basket{}, fmt.Errorf("read catalog: %w", err)
	}
	b := checkout.Basket{ID: st.shop.NewOrderID(), Quantity: s.ask, Account: s.account, Buyer: buyer}
	for _, f := range families {
		for _, l := range f.Lines {
			if strings.HasPrefix(l.Product.SKU, s.sku) {
				b.Line = l.Code
			}
		}
	}
	q, err := st.shop.Quote(ctx, b)
	if err != nil {
		return checkout.Basket{}, fmt.Errorf("ask for price: %w", err)
	}
	b.Unit = q.Unit
	return b, nil
}

// compare looks at what came of it.
func (st *stage) compare(ctx context.Context, s scene, buyer checkout.Buyer, id string, sales int) error {
	o, err := st.shop.Order(ctx, id, buyer.User)
	if err != nil {
		return fmt.Errorf("read order: %w", err)
	}
	if got := string(o.State); got != s.state {
		return &failed{why: checkout.WhyState, want: s.state, got: got}
	}
	if got := st.sales() - sales; got != s.sales {
		return &failed{why: checkout.WhyTwice, want: fmt.Sprint(s.sales), got: fmt.Sprint(got)}
	}
	if o.Delivered != s.cards {
		return &failed{why: checkout.WhyCards, want: fmt.Sprint(s.cards), got: fmt.Sprint(o.Delivered)}
	}
	balance, err := st.shop.Balance(ctx, buyer.User)
	if err != nil {
		return fmt.Errorf("read balance: %w", err)
	}
	if want := funds - o.Unit*int64(s.cards); balance != want {
		return &failed{why: checkout.WhyMoney, want: amount(want), got: amount(balance)}
	}
	return st.show(ctx, s, buyer, id)
}

// amount writes minor units.
func amount(minor int64) string {
	return providers.Money{Minor: minor, Currency: currency}.String()
}

// show taps Show as the customer would, and waits until the cards are gone.
func (st *stage) show(ctx context.Context, s scene, buyer checkout.Buyer, id string) error {
	if s.cards == 0 {
		return nil
	}
	token, err := st.shop.Offer(ctx, id)
	if err != nil {
		return fmt.Errorf("offer cards: %w", err)
	}
	if err := st.shop.Reveal(ctx, id, token, buyer, checkout.Route{}); err != nil {
		return fmt.Errorf("show cards: %w", err)
	}
	shown, lying := st.tray.count()
	if shown != s.cards || lying != 1 {
		return &failed{why: checkout.WhyScreen, want: fmt.Sprint(s.cards), got: fmt.Sprint(shown)}
	}
	st.pass(screenLife + time.Second)
	if err := st.work(ctx); err != nil {
		return err
	}
	if _, lying := st.tray.count(); lying != 0 {
		return &failed{why: checkout.WhyScreen, want: "0", got: fmt.Sprint(lying)}
	}
	return nil
}
