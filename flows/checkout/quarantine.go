package checkout

import (
	"context"
	"errors"
	"fmt"

	"cardrop/providers"
	"cardrop/store"
)

// goods are the cards of a review that may be shown, and where they lay.
type goods struct {
	cards  []providers.Card
	leave  []string // indexes that are empty afterwards
	there  int      // cards there were to choose from
	typed  bool     // an admin entered them
	reread bool     // an answer that could not be read before was read now
}

// choose takes what may be shown of a placement under review: what an admin entered, else what came, an answer that was kept whole
// being read once more. Cards that a screen would hide or reorder, and those that were sold before, stay where they are.
func (s *Shop) choose(ctx context.Context, o store.Order, p store.Placement, sku string) (goods, error) {
	l, err := s.quarantine(ctx, o, sku, p.K)
	if err != nil {
		return goods{}, err
	}
	source, g := l.came, goods{}
	if len(l.typed) > 0 {
		source, g.typed = l.typed, true
	} else if again, whole := s.reread(p.Provider, l); again != nil {
		source, g.reread = again, true
		g.leave = whole
	}
	g.there = len(source)
	prints := make([][]byte, len(source))
	for i, one := range source {
		prints[i] = s.o.Ring.Fingerprint(identity(one.card))
	}
	owners, err := s.o.Store.PrintOwners(ctx, prints)
	if err != nil {
		return goods{}, err
	}
	self, seen := (store.PlacementID{Order: o.ID, K: p.K}).String(), map[string]bool{}
	for i, one := range source {
		id := identity(one.card)
		sold := owners[i] != "" && owners[i] != self
		if len(g.cards) == p.Quantity || sold || seen[id] || !fits([]providers.Card{one.card}) {
			continue
		}
		seen[id] = true
		g.cards = append(g.cards, one.card)
		if one.index != "" {
			g.leave = append(g.leave, one.index)
		}
	}
	if g.reread && len(g.cards) < g.there {
		g.leave = nil // the answer still holds cards that nobody gets
	}
	return g, nil
}

// reread reads answers that were kept whole once more, where the supplier's client can; nil when that gives no more than came. whole are
// the entries that become empty.
func (s *Shop) reread(supplier string, l lot) (cards []kept, whole []string) {
	reader, ok := s.suppliers[supplier].(providers.Reparser)
	if !ok {
		return nil, nil
	}
	for _, one := range l.raw {
		f, err := reader.Reparse(one.raw)
		if err != nil || len(f.Cards) == 0 || len(f.Cards) < len(l.came) || len(f.Cards) <= len(cards) {
			continue
		}
		cards, whole = nil, []string{one.index}
		for _, c := range f.Cards {
			cards = append(cards, kept{card: c})
		}
	}
	if cards != nil {
		for _, one := range l.came { // the same cards, as far as they could be read before
			whole = append(whole, one.index)
		}
	}
	return cards, whole
}

// Release ends a review with cards: what may be shown of it is sealed where it is shown from, with its fingerprints bound, and paid for;
// money of cards that are missing is returned. An answer that could not be read is read once more, with the password as it is now. It
// returns ErrUnfit when nothing may be shown, and the errors of Resolve.
func (s *Shop) Release(ctx context.Context, admin int64, order string, k int, note string) error {
	o, p, err := s.part(ctx, order, k)
	if err != nil {
		return err
	}
	if note, err = s.note(ctx, o, note, false); err != nil {
		return err
	}
	if p.State != store.Review {
		return ErrUndecidable
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return err
	}
	g, err := s.choose(ctx, o, p, snap.SKU)
	if err != nil {
		return err
	}
	if len(g.cards) == 0 {
		return ErrUnfit
	}
	fresh, err := s.seal(ctx, o, snap.SKU, k, g.cards, providers.Secret{}, false)
	if err != nil {
		return fmt.Errorf("seal cards of %s.%d: %w", order, k, err)
	}
	for _, index := range g.leave {
		fresh.cards = append(fresh.cards, store.SealedCard{Index: index})
	}
	v := verdict{id: store.PlacementID{Order: order, K: k}, admin: admin, states: []store.OrderState{store.Review}, answer: "release", note: note}
	return s.decide(ctx, v, func(j *job, t *store.Settlement) {
		t.State, t.Delivered, t.Cards, t.Prints = store.Partial, len(g.cards), fresh.cards, fresh.prints
		if t.Delivered == p.Quantity {
			t.State = store.Fulfilled
		}
		t.Cost = j.charged(providers.Fulfillment{Cards: g.cards})
		for _, c := range g.cards {
			j.snap.Facts = append(j.snap.Facts, c.Facts...)
		}
	})
}

// Supply keeps codes that an admin entered, in quarantine until Release; codes entered before for the same placement are replaced. The
// placement is under review, or in doubt at a supplier without order ids. It returns ErrCodes for codes that cannot be shown, are more
// than were asked for, or were sold before, and the errors of Resolve.
func (s *Shop) Supply(ctx context.Context, admin int64, order string, k int, cards []providers.Card) error {
	o, p, err := s.part(ctx, order, k)
	if err != nil {
		return err
	}
	supplier, on := s.suppliers[p.Provider]
	_, named := supplier.(providers.Numbered)
	doubt := p.State == store.InDoubt && on && !named
	if p.State != store.Review && !doubt {
		return ErrUndecidable
	}
	if len(cards) == 0 || len(cards) > p.Quantity || !fits(cards) {
		return ErrCodes
	}
	if err := s.unsold(ctx, store.PlacementID{Order: order, K: k}, cards); err != nil {
		return err
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return err
	}
	sealed, err := s.sealAside(ctx, o, snap.SKU, quarantineOf(k)+byHand, cards, providers.Secret{})
	if err != nil {
		return err
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	v := verdict{id: store.PlacementID{Order: order, K: k}, admin: admin, states: []store.OrderState{store.InDoubt}, answer: "supply"}
	if doubt {
		return s.decide(ctx, v, func(_ *job, t *store.Settlement) { t.State, t.Cards = store.Review, sealed })
	}
	_, err = s.o.Store.KeepStock(ctx, store.Stock{ID: v.id, Replace: quarantineOf(k) + byHand, Cards: sealed,
		Event: s.event(EventSupplied, o, actor, map[string]string{"placement": itoa(k), "cards": itoa(len(cards))})})
	if errors.Is(err, store.ErrEdge) {
		return ErrUndecidable
	}
	return err
}

// unsold returns ErrCodes when a card belongs to another placement: sold there, or in its quarantine.
func (s *Shop) unsold(ctx context.Context, id store.PlacementID, cards []providers.Card) error {
	owners, err := s.o.Store.PrintOwners(ctx, s.prints(cards))
	if err != nil {
		return err
	}
	for _, owner := range owners {
		if owner != "" && owner != id.String() {
			return ErrCodes
		}
	}
	return nil
}

// sealAside encrypts cards and an answer for the quarantine, under indexes that begin with prefix.
func (s *Shop) sealAside(ctx context.Context, o store.Order, sku, prefix string, cards []providers.Card, raw providers.Secret) ([]store.SealedCard, error) {
	var out []store.SealedCard
	add := func(index string, plain []byte, err error) error {
		if err != nil {
			return fmt.Errorf("pack card: %w", err)
		}
		blob, err := s.o.Ring.Seal(ctx, plain, place{Order: o.ID, Index: index, Owner: o.Buyer, SKU: sku})
		out = append(out, store.SealedCard{Index: index, Bytes: blob})
		return err
	}
	for i, c := range cards {
		plain, err := packCard(c)
		if err := add(fmt.Sprintf("%s%03d", prefix, i+1), plain, err); err != nil {
			return nil, err
		}
	}
	if !raw.Empty() {
		plain, err := packRaw(raw)
		if err := add(prefix+".raw", plain, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}
