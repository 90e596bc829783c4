package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// Snapshot is the product as it was sold: a later change of the catalog does not touch an order.
type Snapshot struct {
	Provider string                `json:"p"`
	SKU      string                `json:"s"`
	Line     string                `json:"l"` // short code
	Title    string                `json:"t"`
	Name     string                `json:"n,omitempty"`
	Region   string                `json:"r,omitempty"`
	Category string                `json:"c,omitempty"`
	Kind     providers.Kind        `json:"k"`
	Account  string                `json:"a,omitempty"` // line number
	Service  providers.AccountKind `json:"v,omitempty"`
	Face     providers.Money       `json:"f,omitzero"`
	UnitCost providers.Money       `json:"u"`           // as quoted
	Rate     string                `json:"w,omitempty"` // of the cost's currency then, an exact fraction; empty for the shop's own
	Facts    []providers.Fact      `json:"x,omitempty"`
	Language string                `json:"g,omitempty"` // the buyer's at the purchase
	Table    bool                  `json:"b,omitempty"` // a file with its codes is a table, by the terms of the wallet then
	FileTTL  time.Duration         `json:"z,omitempty"` // life of such a file by these terms; 0 for the shop's
	Reason   string                `json:"e,omitempty"` // why the supplier refused
	Part     string                `json:"d,omitempty"` // short code of the supplier's own line, where it is a part of Line
	Others   []Source              `json:"o,omitempty"` // who else sold the same then: asked should the supplier refuse for certain
}

// SnapshotOf reads the product of a stored order.
func SnapshotOf(o store.Order) (Snapshot, error) {
	var s Snapshot
	if err := json.Unmarshal(o.Doc, &s); err != nil {
		return Snapshot{}, fmt.Errorf("read order %s: %w", o.ID, err)
	}
	return s, nil
}

// CheckAccount asks the operator whether a line number can be topped up. It returns ErrBadAccount for a sure no and ErrUnavailable
// when nobody can tell.
func (s *Shop) CheckAccount(ctx context.Context, lineCode, number string) (providers.Account, error) {
	provider, sh, _, err := s.find(ctx, lineCode)
	if err != nil {
		return providers.Account{}, err
	}
	checker, ok := s.suppliers[provider].(providers.AccountChecker)
	if !ok {
		return providers.Account{Number: number, Kind: sh.Product.Account}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	a, err := timed(ctx, s, provider, CallAccount, func(ctx context.Context) (providers.Account, error) {
		return checker.CheckAccount(ctx, sh.Product.Account, number)
	})
	if reason, refused := providers.Refused(err); refused && reason == providers.BadAccount {
		return providers.Account{}, ErrBadAccount
	}
	if err != nil {
		return providers.Account{}, unavailable(err)
	}
	return a, nil
}

// Quote reads a basket's price as it is now, and the buyer's balance. A short balance is no error here.
func (s *Shop) Quote(ctx context.Context, b Basket) (Quoted, error) {
	line, err := s.quote(ctx, b)
	if err != nil {
		return Quoted{}, err
	}
	balance, err := s.BalanceOn(ctx, b.pays())
	if err != nil {
		return Quoted{}, err
	}
	return Quoted{Line: line, Unit: line.Price, Total: line.Price * int64(b.Quantity), Balance: balance, Credit: customer(ctx).Credit,
		Holds: s.o.Now().Add(s.o.PriceHolds)}, nil
}

// quote asks for cost and stock of the basket's line, of every supplier that sells it.
func (s *Shop) quote(ctx context.Context, b Basket) (Line, error) {
	line, err := s.Line(ctx, b.Line)
	if err != nil {
		return Line{}, err
	}
	if err := s.closed(ctx); err != nil {
		return Line{}, err
	}
	paused, err := s.o.Store.Paused(ctx)
	if err != nil {
		return Line{}, err
	}
	return s.cheapest(ctx, line, b.Quantity, paused)
}

// Buy turns an agreed basket into an order, once for each id: the money is held and a worker asks the supplier. It returns the order
// that is there already when the id is repeated; *ShortError, *PriceError, *QuantityError, ErrOutOfStock, ErrUnavailable or
// ErrClosed mean that no money moved.
func (s *Shop) Buy(ctx context.Context, b Basket) (store.Order, error) {
	former, err := s.o.Store.Order(ctx, b.ID)
	if err == nil {
		return s.owned(former, b.Buyer.User)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return store.Order{}, err
	}
	line, err := s.quote(ctx, b)
	if err != nil {
		return store.Order{}, err
	}
	if cost, ok := s.cost(line.Product.Cost); !ok || cost > b.Unit {
		return store.Order{}, &PriceError{Unit: line.Price}
	}
	n, err := s.agreed(ctx, b, line)
	if err != nil {
		return store.Order{}, err
	}
	fresh, err := s.o.Store.OpenOrder(ctx, n)
	if err != nil {
		return store.Order{}, opening(err, n.Unit*int64(n.Quantity))
	}
	o, err := s.Order(ctx, b.ID, b.Buyer.User)
	if fresh {
		// With what was just read, so that the worker need not read it.
		for k := range n.Placements {
			s.enqueue(errand{id: store.PlacementID{Order: b.ID, K: k + 1}, order: o})
		}
	}
	return o, err
}

// agreed is the order a basket becomes: split into placements by what one may ask for.
func (s *Shop) agreed(ctx context.Context, b Basket, line Line) (store.NewOrder, error) {
	p, buyer, part := line.Product, customer(ctx), line.part
	if part == line.Code {
		part = ""
	}
	doc, err := json.Marshal(Snapshot{Provider: line.Provider, SKU: p.SKU, Line: line.Code, Title: p.Title, Name: p.Name,
		Region: p.Region, Category: p.Category, Kind: p.Kind, Account: b.Account, Service: p.Account, Face: p.Face,
		UnitCost: p.Cost, Rate: s.rateNow(p.Cost), Language: b.Buyer.Language,
		Table: buyer.Table, FileTTL: buyer.FileTTL, Part: part, Others: s.standby(line)})
	if err != nil {
		return store.NewOrder{}, fmt.Errorf("write order: %w", err)
	}
	person, err := s.person(ctx, b.Buyer.User)
	if err != nil {
		return store.NewOrder{}, err
	}
	return store.NewOrder{
		ID: b.ID, Account: b.pays(), Buyer: b.Buyer.User, Chat: b.Buyer.Chat, Post: b.Post, Thread: b.Thread, Message: b.Message,
		Provider: line.Provider, Unit: b.Unit, Quantity: b.Quantity, Doc: doc, Placements: split(b.Quantity, p.Max),
		Zone: s.ahead(), MostOpen: s.o.MostOpen,
		Event: store.Event{Kind: EventOpened, Order: b.ID, Person: person, Actor: person, Data: map[string]string{
			"product": line.Code, "cards": itoa(b.Quantity), "total": itoa(b.Unit * int64(b.Quantity))}},
	}, nil
}

// split says how many cards each placement asks for.
func split(quantity, most int) []int {
	if most <= 0 || quantity <= most {
		return []int{quantity}
	}
	var parts []int
	for ; quantity > 0; quantity -= most {
		parts = append(parts, min(quantity, most))
	}
	return parts
}

// opening turns what the store says into what the shop says; what a wallet's terms forbid, a ban and too many orders are said as they are.
func opening(err error, total int64) error {
	var short *store.ShortError
	var paused *store.PausedError
	switch {
	case errors.As(err, &short):
		return &ShortError{Balance: short.Balance, Total: total}
	case errors.As(err, &paused):
		return ErrUnavailable
	case errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrBehind):
		return fmt.Errorf("%w: %w", ErrClosed, err)
	case errors.Is(err, store.ErrConflict):
		return ErrNotFound
	default:
		return err
	}
}

// owned lets only the buyer (or user 0, the shop's own people) see an order.
func (s *Shop) owned(o store.Order, user int64) (store.Order, error) {
	if user != 0 && o.Buyer != user {
		return store.Order{}, ErrNotFound
	}
	return o, nil
}

// Order reads one order for its buyer, or for an admin with user 0. It returns ErrNotFound also when it is another's.
func (s *Shop) Order(ctx context.Context, id string, user int64) (store.Order, error) {
	o, err := s.o.Store.Order(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Order{}, ErrNotFound
	}
	if err != nil {
		return store.Order{}, err
	}
	return s.owned(o, user)
}

// Orders reads a page of a buyer's orders, newest first. The second result tells whether there are more.
func (s *Shop) Orders(ctx context.Context, user int64, page, size int) ([]store.Order, bool, error) {
	return s.o.Store.OrdersOf(ctx, user, page, size)
}

// Balance reads a customer's wallet in minor units.
func (s *Shop) Balance(ctx context.Context, user int64) (int64, error) {
	return s.BalanceOn(ctx, store.CustomerAccount(user))
}

// Statement reads the last n entries of a customer's wallet, newest first.
func (s *Shop) Statement(ctx context.Context, user int64, n int) ([]store.Entry, error) {
	return s.StatementOn(ctx, store.CustomerAccount(user), n)
}

// life is how long the codes of an order stay on screen. What is said of the product holds within the limits of the present settings.
func (s *Shop) life(snap Snapshot, said *arrangement, file bool) time.Duration {
	least, most := s.LifeLimits()
	own, err := strconv.Atoi(said.of(snap.Line, s.familyOf(snap.Line), TraitLife, ""))
	switch {
	case !file && err == nil:
		return min(max(time.Duration(own)*time.Second, least), most)
	case file && snap.FileTTL > 0:
		return snap.FileTTL
	case file:
		return s.o.FileTTL
	case snap.Kind == providers.InternetCard:
		return s.o.InternetTTL
	default:
		return s.o.MessageTTL
	}
}
