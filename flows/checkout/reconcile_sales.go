package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// errSilent is a supplier whose list could not be read whole.
var errSilent = errors.New("supplier's list could not be read")

// roll is one supplier's list on its way through a comparison.
type roll struct {
	shop     *Shop
	c        *Comparison
	supplier providers.Provider
	out      *Compared
	suspects []suspect
	standby  map[string][]string // line → open orders that this supplier stands by
	now      time.Time
}

// compareSupplier compares what a supplier says it sold, and what it took for it, with what Redis knows. What Redis provably forgot stops
// buying; its cards go the way of everything that turns up. It returns errSilent when the supplier does not say.
func (s *Shop) compareSupplier(ctx context.Context, c *Comparison, p providers.Provider) error {
	if c.Order != "" {
		o, err := s.Order(ctx, c.Order, 0)
		if err != nil || !slices.ContainsFunc(o.Placements, func(one store.Placement) bool { return one.Provider == p.Name() }) {
			return err
		}
	}
	c.Suppliers = append(c.Suppliers, Compared{Name: p.Name()})
	r := &roll{shop: s, c: c, supplier: p, out: &c.Suppliers[len(c.Suppliers)-1]}
	lister, ok := p.(providers.Lister)
	if !ok {
		return nil
	}
	r.out.Listed = true
	var err error
	if r.now, err = s.o.Store.Now(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, listLimit)
	defer cancel()
	sales, err := lister.Sales(limited, c.From, r.now.Add(clockSkew))
	if err != nil {
		r.out.Silent = true
		s.o.Logger.WarnContext(ctx, "supplier's list could not be read", "supplier", p.Name(), "err", err)
		return errSilent
	}
	r.out.Sales = len(sales)
	// Read after the list: whoever made an order in it had written down that it asks.
	if err := r.suspect(ctx); err != nil {
		return err
	}
	// Read after the suspects: one that was bound in between owns its order now.
	owners, err := s.owners(ctx, p.Name(), sales)
	if err != nil {
		return err
	}
	house, err := s.houseOf(ctx, p.Name())
	if err != nil {
		return err
	}
	for _, sale := range sales {
		if id := house[sale.Handle]; id != "" && c.ID != 0 { // found before: whoever looks has to know
			r.tell(Difference{Kind: DiffUnknownSale, Supplier: p.Name(), Handle: sale.Handle, Order: id, Cards: sale.Quantity, At: sale.Time, Lost: true})
		}
		if owners[sale.Handle] == "" {
			if err := r.nobodys(ctx, sale); err != nil {
				return err
			}
		}
	}
	if err := r.unlisted(ctx, sales); err != nil {
		return err
	}
	return r.money(limited, sales)
}

// owners reads whose orders a list shows, in pages.
func (s *Shop) owners(ctx context.Context, supplier string, sales []providers.Sale) (map[string]string, error) {
	all := map[string]string{}
	for len(sales) > 0 {
		n := min(len(sales), linkBatch)
		handles := make([]string, n)
		for i, sale := range sales[:n] {
			handles[i] = sale.Handle
		}
		page, err := s.o.Store.HandleOwners(ctx, supplier, handles)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, page)
		sales = sales[n:]
	}
	return all, nil
}

// nobodys decides about an order of the supplier that no placement owns.
func (r *roll) nobodys(ctx context.Context, sale providers.Sale) error {
	d := Difference{Supplier: r.supplier.Name(), Handle: sale.Handle, Cards: sale.Quantity, At: sale.Time}
	who, err := r.who(ctx, sale)
	if err != nil {
		return err
	}
	if who != nil {
		who.taken, d.Order = true, who.id.Order
	}
	_, blind := r.supplier.(providers.Finder)
	shared := blind && r.shop.o.SharedLedger
	switch {
	case who != nil && who.fate == answerOpen:
		r.out.Waiting++
		return nil
	case shared || !blind && ownRef.FindString(sale.Ref) == "":
		d.Kind = DiffForeignSale
		r.tell(d)
		if who != nil && who.fate == neverAsked { // it may be this one's: a person decides, and nothing is bought for it before
			return r.shop.forgotten(ctx, who.id)
		}
		return nil
	case who != nil && who.fate == givenBack:
		d.Kind = DiffLateSale
		r.tell(d)
		return r.late(ctx, who.id, sale)
	case who != nil:
		d.Kind, d.Lost = DiffLostClaim, true
	default:
		d.Kind, d.Lost = DiffUnknownSale, true
	}
	r.tell(d)
	// The bar first: were the program to die in between, the next comparison finds the same again.
	if err := r.shop.bar(ctx, BarUnreconciled, fmt.Sprintf("%s sold %d cards in order %s at %s, and Redis does not know it; /reconcile",
		d.Supplier, d.Cards, d.Handle, d.At.UTC().Format(time.RFC3339))); err != nil {
		return err
	}
	if who != nil {
		if err := r.shop.forgotten(ctx, who.id); err != nil {
			return err
		}
		if !blind || r.now.Sub(sale.Time) < clockSkew {
			return nil // its reference, or matching, finds the order
		}
	}
	return r.found(ctx, sale)
}

// tell names a difference, unless the comparison is about another order.
func (r *roll) tell(d Difference) {
	if r.c.Order == "" || r.c.Order == d.Order {
		r.c.add(d)
	}
}

// late binds what was made under the reference of a placement that was given up; looking back then keeps its cards. Where the supplier
// keeps no references, looking back finds it by itself.
func (r *roll) late(ctx context.Context, id store.PlacementID, sale providers.Sale) error {
	if sale.Ref == "" {
		return nil
	}
	o, p, err := r.shop.part(ctx, id.Order, id.K)
	if err != nil {
		return err
	}
	if !givenUp(p) || p.Handle != "" {
		return r.found(ctx, sale)
	}
	_, err = r.shop.o.Store.KeepStock(ctx, store.Stock{ID: id, Handle: sale.Handle, Event: r.shop.event(EventStock, o, system,
		map[string]string{"placement": itoa(id.K), "cards": "0", "reason": "turned_up"})})
	if err != nil {
		return fmt.Errorf("bind late order: %w", err)
	}
	return r.shop.o.Store.LookBack(ctx, id, 0)
}

// forgotten puts a placement in doubt that Redis remembers as never asked for although the supplier may have sold it: it is asked about
// like any other whose answer was lost, and not bought a second time.
func (s *Shop) forgotten(ctx context.Context, id store.PlacementID) error {
	o, err := s.o.Store.Order(ctx, id.Order)
	if err != nil {
		return err
	}
	kind, err := kindOf(o, id.K)
	if err != nil {
		return err
	}
	claim, err := s.o.Store.ClaimPlacement(ctx, store.ClaimRequest{ID: id, Lease: resolveLease, SendBy: sendSpan, Kind: kind, Now: true,
		Event: s.event(EventAsked, o, system, map[string]string{"placement": itoa(id.K), "supplier": asks(o, id.K)})})
	if errors.Is(err, store.ErrLeased) || errors.Is(err, store.ErrEdge) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim %s: %w", id, err)
	}
	snap, err := SnapshotOf(claim.Order)
	if err != nil {
		return err
	}
	j, err := s.job(claim, snap)
	if err != nil {
		return err
	}
	return j.settle(ctx, providers.Fulfillment{}, fmt.Errorf("%w: Redis forgot that it was asked for", providers.ErrUnknown))
}

// found makes a place for the cards of an order that nobody knows, and has them looked for.
func (r *roll) found(ctx context.Context, sale providers.Sale) error {
	s := r.shop
	doc, err := json.Marshal(Snapshot{Provider: r.supplier.Name(), SKU: sale.SKU, Title: sale.SKU, Account: sale.Account, Service: sale.Kind})
	if err != nil {
		return fmt.Errorf("write order: %w", err)
	}
	o := store.Order{ID: s.NewOrderID()}
	fresh, err := s.o.Store.OpenFound(ctx, store.FoundOrder{ID: o.ID, Provider: r.supplier.Name(), Handle: sale.Handle,
		Quantity: max(sale.Quantity, 1), Doc: doc, Event: store.Event{Kind: EventFound, Order: o.ID, Actor: system,
			Data: map[string]string{"supplier": r.supplier.Name(), "cards": itoa(sale.Quantity)}}})
	if err != nil {
		return fmt.Errorf("keep found order: %w", err)
	}
	if fresh {
		s.alarm(ctx, "sale_found", o.ID)
	}
	for _, id := range r.standby[sale.SKU] { // it may have been made in place of a refusal that was forgotten too
		if err := s.o.Store.LeaveAlone(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
