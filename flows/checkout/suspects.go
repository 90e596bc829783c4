package checkout

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// ownRef is the end of a reference of ours; a supplier may put something before it.
var ownRef = regexp.MustCompile(`([` + orderLetters + `]{8})-([1-9][0-9]{0,3})$`)

// suspect is a placement that may have made an order of the supplier's list.
type suspect struct {
	id       store.PlacementID
	sku      string
	quantity int
	from, to time.Time // when that order was made, if it made it
	fate     string    // one of the three below
	taken    bool
}

// What a suspect stands for, the most harmless first.
const (
	answerOpen = "open"  // asked, and the answer is not known: matching finds the order
	givenBack  = "given" // given up: looking back finds it
	neverAsked = "ready" // Redis does not know that anybody asked
)

// houseOf reads the supplier's orders that were found before: handle → the order that keeps their cards.
func (s *Shop) houseOf(ctx context.Context, supplier string) (map[string]string, error) {
	kept := map[string]string{}
	for page, more := 0, true; more; page++ {
		var orders []store.Order
		var err error
		if orders, more, err = s.o.Store.HouseOrders(ctx, page, linkBatch); err != nil {
			return nil, err
		}
		for _, o := range orders {
			if o.Provider == supplier {
				kept[o.Placements[0].Handle] = o.ID
			}
		}
	}
	return kept, nil
}

// suspect reads who may have made an order without an owner: placements that wait for an answer, that were given up, and that Redis
// remembers as never asked for.
func (r *roll) suspect(ctx context.Context) error {
	open, err := r.shop.o.Store.OpenSince(ctx, r.now.Add(clockSkew), openOrders) // also what another process opens just now
	if err != nil {
		return err
	}
	r.stand(open)
	r.add(open, func(p store.Placement) string {
		switch {
		case p.Handle != "":
		case p.State == store.Placing, p.State == store.InDoubt, p.State == store.Pending:
			return answerOpen
		case p.State == store.Ready:
			return neverAsked
		}
		return ""
	})
	looked, err := r.shop.o.Store.Looked(ctx)
	if err != nil {
		return err
	}
	for len(looked) > 0 {
		n := min(len(looked), linkBatch)
		ids := make([]string, n)
		for i, id := range looked[:n] {
			ids[i] = id.Order
		}
		orders, err := r.shop.o.Store.Orders(ctx, ids)
		if err != nil {
			return err
		}
		r.add(orders, func(p store.Placement) string {
			if givenUp(p) && p.Handle == "" {
				return givenBack
			}
			return ""
		})
		looked = looked[n:]
	}
	return nil
}

// stand notes which open orders the supplier stands by.
func (r *roll) stand(orders []store.Order) {
	r.standby = map[string][]string{}
	for _, o := range orders {
		snap, err := SnapshotOf(o)
		if err != nil {
			continue
		}
		for _, f := range snap.Others {
			if f.Provider == r.supplier.Name() {
				r.standby[f.SKU] = append(r.standby[f.SKU], o.ID)
			}
		}
	}
}

func (r *roll) add(orders []store.Order, fate func(store.Placement) string) {
	for _, o := range orders {
		snap, err := SnapshotOf(o)
		if err != nil {
			continue
		}
		for _, p := range o.Placements {
			of, err := snap.source(o, p.K)
			if err != nil || of.Provider != r.supplier.Name() {
				continue
			}
			one := suspect{id: store.PlacementID{Order: o.ID, K: p.K}, sku: of.SKU, quantity: p.Quantity, fate: fate(p)}
			switch one.fate {
			case "":
				continue
			case neverAsked:
				one.from, one.to = o.Created.Add(-clockSkew), r.now.Add(clockSkew)
			case givenBack:
				one.from, one.to = p.Sent.Add(-clockSkew), p.SendBy.Add(settleTime+clockSkew)
			default:
				one.from, one.to = p.Sent.Add(-clockSkew), p.SendBy.Add(clockSkew)
			}
			r.suspects = append(r.suspects, one)
		}
	}
}

// who made an order of the supplier: by its reference where it keeps one, else by line, quantity and time, the most harmless first.
func (r *roll) who(ctx context.Context, sale providers.Sale) (*suspect, error) {
	if m := ownRef.FindStringSubmatch(sale.Ref); m != nil {
		k, _ := strconv.Atoi(m[2])
		return r.named(ctx, store.PlacementID{Order: m[1], K: k})
	}
	for _, fate := range []string{answerOpen, givenBack, neverAsked} {
		for i := range r.suspects {
			one := &r.suspects[i]
			if one.fate == fate && !one.taken && one.sku == sale.SKU && one.quantity == sale.Quantity &&
				!sale.Time.Before(one.from) && !sale.Time.After(one.to) {
				return one, nil
			}
		}
	}
	return nil, nil
}

// named is the placement that a reference names. One that has ended is as good as given up, whatever it ended with: a reference that was
// sold under twice proves nothing about Redis.
func (r *roll) named(ctx context.Context, id store.PlacementID) (*suspect, error) {
	for i := range r.suspects {
		if r.suspects[i].id == id {
			return &r.suspects[i], nil
		}
	}
	_, p, err := r.shop.part(ctx, id.Order, id.K)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	one := &suspect{id: id, fate: givenBack}
	if err == nil && !p.State.Final() {
		one.fate = answerOpen
	}
	return one, err
}
