package checkout

import (
	"context"
	"errors"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// unlisted names placements of the time that was compared whose order the supplier does not show.
func (r *roll) unlisted(ctx context.Context, sales []providers.Sale) error {
	shown := make(map[string]bool, len(sales))
	for _, sale := range sales {
		shown[sale.Handle] = true
	}
	return r.shop.touched(ctx, r.c, func(o store.Order) error {
		if o.Account == store.House {
			return nil
		}
		for _, p := range o.Placements {
			if p.Provider != r.supplier.Name() {
				continue
			}
			// The edges of the window belong to nobody: two clocks meet there.
			inside := p.Sent.After(r.c.From.Add(2*clockSkew)) && p.Sent.Before(r.now.Add(-2*clockSkew)) || r.c.Order != ""
			if p.Handle != "" && inside && !shown[p.Handle] {
				r.tell(Difference{Kind: DiffUnlisted, Supplier: p.Provider, Handle: p.Handle, Order: o.ID, Cards: p.Delivered, At: p.Sent})
			}
		}
		return nil
	})
}

// money compares what the supplier took and gave back with what was booked. A key of the supplier's own sandbox moves no money and shows
// no movements: nothing follows from that.
func (r *roll) money(ctx context.Context, sales []providers.Sale) error {
	book, ok := r.supplier.(providers.Accountant)
	if !ok {
		return nil
	}
	moves, err := book.Transactions(ctx, r.c.From, r.now.Add(clockSkew))
	if err != nil {
		r.out.Silent = true
		r.shop.o.Logger.WarnContext(ctx, "supplier's transactions could not be read", "supplier", r.supplier.Name(), "err", err)
		return errSilent
	}
	r.out.Movements = len(moves)
	sums, handles := map[string]*movement{}, []string{}
	for _, m := range moves {
		if sums[m.Handle] == nil {
			handles = append(handles, m.Handle)
			sums[m.Handle] = &movement{net: providers.Money{Currency: m.Amount.Currency}, first: m.Time}
		}
		one := sums[m.Handle]
		one.net.Minor += m.Amount.Minor
		one.begun = one.begun || m.Amount.Minor > 0
	}
	for _, sale := range sales {
		if sums[sale.Handle] != nil {
			sums[sale.Handle].listed = true
		}
	}
	for len(handles) > 0 {
		n := min(len(handles), linkBatch)
		if err := r.charged(ctx, handles[:n], sums); err != nil {
			return err
		}
		handles = handles[n:]
	}
	return nil
}

// movement is what went to and fro for one order of the supplier.
type movement struct {
	net    providers.Money // taken less what came back
	first  time.Time
	begun  bool // the taking lies in the time that is compared
	listed bool // the order is in the supplier's list
}

// charged compares a page of movements, one order of the supplier after the other.
func (r *roll) charged(ctx context.Context, handles []string, sums map[string]*movement) error {
	owners, err := r.shop.o.Store.HandleOwners(ctx, r.supplier.Name(), handles)
	if err != nil {
		return err
	}
	for _, h := range handles {
		id, ok := store.ParsePlacementID(owners[h])
		one := sums[h]
		theirs, _ := r.shop.cost(one.net)
		switch {
		case !one.begun:
			continue
		case !ok:
			if !one.listed { // a listed one was decided about before
				r.tell(Difference{Kind: DiffUnknownDebit, Supplier: r.supplier.Name(), Handle: h, Theirs: theirs, At: one.first})
			}
			continue
		}
		o, p, err := r.shop.part(ctx, id.Order, id.K)
		if errors.Is(err, ErrNotFound) {
			continue // named with the orders
		}
		if err != nil {
			return err
		}
		kept, err := r.shop.lying(ctx, o, id.K)
		if err != nil {
			return err
		}
		stock := o.Account == store.House || givenUp(p) && p.Cost == 0 && kept > 0 // booked as house stock
		if p.State.Final() && !stock && p.Cost != theirs {
			r.tell(Difference{Kind: DiffCost, Supplier: r.supplier.Name(), Handle: h, Order: o.ID, Ours: p.Cost, Theirs: theirs, At: one.first})
		}
	}
	return nil
}
