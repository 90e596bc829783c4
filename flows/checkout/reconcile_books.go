package checkout

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"cardrop/store"
)

// books is what one walk through the ledger finds wrong. People go on buying meanwhile, so only what two walks find alike counts.
type books struct {
	off     map[string]int64 // account → balance less what its entries say
	balance map[string]int64
	held    map[string]int64 // order → what is held for it less what it still owes
	sum     int64
}

// compareLedger replays the ledger: entries give the balances, the sum is zero, every hold is resolved once.
func (s *Shop) compareLedger(ctx context.Context, c *Comparison) error {
	if c.Order != "" {
		return nil // the order's own money is compared with the order
	}
	one, err := s.replay(ctx, c)
	if err != nil || one.sum == 0 && len(one.off) == 0 && len(one.held) == 0 {
		return err
	}
	two, err := s.replay(ctx, c)
	if err != nil {
		return err
	}
	if one.sum != 0 && one.sum == two.sum {
		c.add(Difference{Kind: DiffSum, Ours: one.sum})
	}
	for _, account := range slices.Sorted(maps.Keys(one.off)) {
		if d := one.off[account]; two.off[account] == d {
			c.add(Difference{Kind: DiffBalance, Account: account, Ours: two.balance[account], Theirs: two.balance[account] - d})
		}
	}
	for _, order := range slices.Sorted(maps.Keys(one.held)) {
		if d := one.held[order]; two.held[order] == d {
			c.add(Difference{Kind: DiffHold, Order: order, Ours: d})
		}
	}
	return nil
}

// replay walks the ledger once.
func (s *Shop) replay(ctx context.Context, c *Comparison) (books, error) {
	b := books{off: map[string]int64{}, held: map[string]int64{}}
	drawn := s.o.Now()
	c.Entries = 0
	err := s.o.Store.Ledger(ctx, func(e store.Entry) error {
		b.off[e.From] += e.Amount
		b.off[e.To] -= e.Amount
		b.hold(e)
		c.Entries++
		if c.Entries%linkBatch == 0 {
			return s.follow(ctx, c, &drawn)
		}
		return nil
	})
	if err != nil {
		return b, err
	}
	if b.balance, err = s.o.Store.Balances(ctx); err != nil {
		return b, err
	}
	for account, balance := range b.balance {
		b.off[account] += balance
		b.sum += balance
	}
	maps.DeleteFunc(b.off, func(_ string, d int64) bool { return d == 0 })
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return b, err
	}
	open, err := s.o.Store.OpenSince(ctx, now, openOrders)
	if err != nil {
		return b, err
	}
	for _, o := range open {
		b.owes(o.ID, -(o.Total - o.Captured))
	}
	return b, nil
}

// hold adds an entry to what is held for its order; what is resolved is forgotten, so that only open orders take room.
func (b *books) hold(e store.Entry) {
	switch store.Hold {
	case e.To:
		b.owes(orderOf(e.ID), e.Amount)
	case e.From:
		b.owes(orderOf(e.ID), -e.Amount)
	}
}

func (b *books) owes(order string, amount int64) {
	if b.held[order] += amount; b.held[order] == 0 {
		delete(b.held, order)
	}
}

// orderOf is the order that an entry such as <order>.<k>:capture belongs to.
func orderOf(entry string) string {
	name, _, _ := strings.Cut(entry, ":")
	name, _, _ = strings.Cut(name, ".")
	return name
}

// touched hands over every order that the record names within the time that is compared, once, page by page; or the one order that the
// comparison is about. Orders that the record names and that are not there are named as differences, once a comparison.
func (s *Shop) touched(ctx context.Context, c *Comparison, each func(store.Order) error) error {
	if c.Order != "" {
		return s.visit(ctx, []string{c.Order}, each, func(string) {})
	}
	seen, drawn := map[string]bool{}, s.o.Now()
	for before := ""; ; {
		events, err := s.o.Store.EventsBefore(ctx, store.Trail{}, before, linkBatch)
		if err != nil {
			return err
		}
		var ids []string
		for _, e := range events {
			if e.At.Before(c.From) {
				events = nil
				break
			}
			if before = e.Next; isOrderID(e.Order) && !seen[e.Order] {
				seen[e.Order] = true
				ids = append(ids, e.Order)
			}
		}
		err = s.visit(ctx, ids, each, func(id string) {
			if c.Stage == StageOrders {
				c.add(Difference{Kind: DiffMissingOrder, Order: id})
			}
		})
		if err != nil || len(events) < linkBatch {
			return err
		}
		if err := s.follow(ctx, c, &drawn); err != nil {
			return err
		}
	}
}

func (s *Shop) visit(ctx context.Context, ids []string, each func(store.Order) error, missing func(string)) error {
	orders, err := s.o.Store.Orders(ctx, ids)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, o := range orders {
		there[o.ID] = true
		if err := each(o); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if !there[id] {
			missing(id)
		}
	}
	return nil
}

// compareOrders compares every order of the time with its money, its vault and its lines in the record.
func (s *Shop) compareOrders(ctx context.Context, c *Comparison) error {
	return s.touched(ctx, c, func(o store.Order) error {
		c.Orders++
		found, err := s.oddities(ctx, o)
		if err != nil || len(found) == 0 {
			return err
		}
		// Read once more: it may have moved on between two questions.
		if o, err = s.o.Store.Order(ctx, o.ID); err != nil {
			return err
		}
		if found, err = s.oddities(ctx, o); err != nil {
			return err
		}
		for _, d := range found {
			c.add(d)
		}
		return nil
	})
}

// oddities are the differences within one order.
func (s *Shop) oddities(ctx context.Context, o store.Order) ([]Difference, error) {
	if o.Account == store.House {
		return nil, nil // nobody's money, and its cards are stock
	}
	var found []Difference
	odd := func(kind, step string, ours, theirs int64) {
		found = append(found, Difference{Kind: kind, Order: o.ID, Step: step, Ours: ours, Theirs: theirs, At: o.Created})
	}
	if worth := int64(o.Delivered) * o.Unit; o.Captured != worth {
		odd(DiffMoney, "captured", o.Captured, worth)
	}
	if o.State.Final() && o.Captured+o.Refunded != o.Total {
		odd(DiffMoney, "returned", o.Captured+o.Refunded, o.Total)
	}
	vault, err := s.o.Store.Vault(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	sealed := len(slices.DeleteFunc(vault, func(c store.SealedCard) bool { return strings.HasPrefix(c.Index, "q") }))
	if sealed != o.Delivered && o.Reveal.State != store.Shredded {
		odd(DiffCards, "", int64(sealed), int64(o.Delivered))
	}
	unrecorded, err := s.unrecorded(ctx, o)
	found = append(found, unrecorded...)
	slices.SortFunc(found, func(a, b Difference) int { return strings.Compare(a.Kind+a.Step, b.Kind+b.Step) })
	return found, err
}

// unrecorded are the steps of an order that its lines in the record do not tell of. Those of an order whose first lines are archived are not
// counted.
func (s *Shop) unrecorded(ctx context.Context, o store.Order) ([]Difference, error) {
	steps := map[string]int{}
	for page, more := 0, true; more; page++ {
		var events []store.Event
		var err error
		if events, more, err = s.o.Store.EventsOfOrder(ctx, o.ID, page, linkBatch); err != nil {
			return nil, err
		}
		for _, e := range events {
			steps[e.Kind]++
		}
	}
	asked := 0
	for _, p := range o.Placements {
		if !p.Sent.IsZero() {
			asked++
		}
	}
	var found []Difference
	for kind, want := range map[string]int{EventOpened: 1, EventAsked: asked, EventEnded: map[bool]int{true: 1}[o.State.Final()],
		EventShowing: min(o.Reveal.Shown, 1)} {
		if steps[kind] < want {
			found = append(found, Difference{Kind: DiffUnrecorded, Order: o.ID, Step: kind, Ours: int64(steps[kind]), Theirs: int64(want), At: o.Created})
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	_, base, err := s.base(ctx)
	if err != nil && !errors.Is(err, errBase) { // which compareRecord names
		return nil, err
	}
	if !o.Created.After(base.At) {
		return nil, nil
	}
	return found, nil
}

// compareRecord recomputes the whole chain, and compares its head with what was written down outside of Redis.
func (s *Shop) compareRecord(ctx context.Context, c *Comparison) error {
	h, err := s.History(ctx)
	if err != nil {
		return err
	}
	c.Events = h.Now.Seq
	if bad, broken := errors.AsType[*BadEntry](h.Holds); broken {
		c.add(Difference{Kind: DiffRecord, Step: bad.Why, Ours: bad.Seq})
	}
	if h.Stopped {
		c.add(Difference{Kind: DiffWentBack, Ours: h.Now.Seq, Theirs: h.Seen.Seq, At: h.Seen.At, Lost: true})
	}
	return nil
}

// earliest is the earliest of some moments that are known.
func earliest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}
