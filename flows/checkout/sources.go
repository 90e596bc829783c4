package checkout

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// insteadLimit is how long other suppliers are asked for their price before one takes the place of another that refused: the claim of the
// refused placement outlives it.
const insteadLimit = 4 * time.Second

// Source is where cards of a line can be bought.
type Source struct {
	Provider string          `json:"p"`
	SKU      string          `json:"s"`
	Line     string          `json:"l"`           // its own short code
	UnitCost providers.Money `json:"u,omitzero"`  // as quoted
	Rate     string          `json:"w,omitempty"` // of the cost's currency then, as in Snapshot
	Max      int             `json:"m,omitempty"` // cards one placement may ask for; 0 means no limit
	Stock    int             `json:"-"`           // as quoted
}

// source is what a placement of an order asks for: what the order says, or what it says itself.
func (snap Snapshot) source(o store.Order, k int) (Source, error) {
	if k < 1 || k > len(o.Placements) || len(o.Placements[k-1].Source) == 0 {
		return Source{Provider: o.Provider, SKU: snap.SKU, Line: cmp.Or(snap.Part, snap.Line), UnitCost: snap.UnitCost, Rate: snap.Rate}, nil
	}
	var of Source
	if err := json.Unmarshal(o.Placements[k-1].Source, &of); err != nil {
		return Source{}, fmt.Errorf("read source of %s.%d: %w", o.ID, k, err)
	}
	return of, nil
}

// asks is whom a placement asks.
func asks(o store.Order, k int) string {
	if k < 1 || k > len(o.Placements) {
		return o.Provider
	}
	return cmp.Or(o.Placements[k-1].Provider, o.Provider)
}

// sources are where cards of a line can be bought by what was read last. The caller holds the window's lock.
func (s *Shop) sources(a *arrangement, lead string) []Source {
	var all []Source
	for _, code := range a.group(lead) {
		provider, _, line, ok := s.shelved(code)
		if !ok || code != lead && a.says(code, TraitHidden, "") != "" {
			continue
		}
		all = append(all, Source{Provider: provider, SKU: line.SKU, Line: code, UnitCost: line.Cost, Max: line.Max, Stock: line.Stock})
	}
	return all
}

// dearer compares two sources by their cost in the shop's currency; one whose cost cannot be converted comes last.
func (s *Shop) dearer(a, b Source) int {
	t := s.tariff.Load()
	x, okX := s.exact(t, a.UnitCost)
	y, okY := s.exact(t, b.UnitCost)
	switch {
	case okX && okY:
		return x.Cmp(y)
	case okX:
		return -1
	case okY:
		return 1
	}
	return 0
}

// enough tells whether a source has so many cards as far as is known.
func (f Source) enough(n int) bool { return f.Stock == providers.StockUnknown || f.Stock >= n }

// best is the line with the price of the cheapest source that has a card, and the largest stock of any.
func (l *Line) best(s *Shop) {
	if len(l.sources) < 2 {
		return
	}
	at := -1
	for i, f := range l.sources {
		if f.Stock == providers.StockUnknown || l.Product.Stock != providers.StockUnknown && f.Stock > l.Product.Stock {
			l.Product.Stock = f.Stock
		}
		if f.Stock != 0 && (at < 0 || s.dearer(f, l.sources[at]) < 0) {
			at = i
		}
	}
	if at < 0 {
		return
	}
	of := l.sale
	of.supplier = l.sources[at].Provider
	if price, ok := s.price(l.sources[at].UnitCost, of); ok {
		l.Price = price
	}
}

// asked is what one source answered.
type asked struct {
	source Source
	err    error
}

// quoted asks sources that sell now for their cost and stock, all at the same time.
func (s *Shop) quoted(ctx context.Context, sources []Source, paused map[string]string) []asked {
	answers := make([]asked, len(sources))
	var wg sync.WaitGroup
	for i, f := range sources {
		wg.Go(func() {
			answers[i] = asked{f, ErrUnavailable}
			if s.suppliers[f.Provider] == nil || paused[f.Provider] != "" {
				return
			}
			err := s.caught(ctx, "quote of "+f.Provider, func() error {
				offer, err := s.offered(ctx, f.Provider, f.SKU)
				if err == nil {
					answers[i].source.UnitCost, answers[i].source.Stock = offer.Cost, offer.Stock
				}
				return err
			})
			answers[i].err = err
		})
	}
	wg.Wait()
	return answers
}

// cheapest quotes a line: from the cheapest of its sources that has as many cards as are asked for. The others stand by.
func (s *Shop) cheapest(ctx context.Context, line Line, n int, paused map[string]string) (Line, error) {
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	answers := s.quoted(limited, line.sources, paused)
	slices.SortStableFunc(answers, func(a, b asked) int { return s.dearer(a.source, b.source) })
	at, most, failed := -1, 0, error(nil)
	for i, a := range answers {
		reason, refused := providers.Refused(a.err)
		switch {
		case refused && reason == providers.OutOfStock:
		case a.err != nil:
			failed = errors.Join(failed, a.err)
		case a.source.Stock == 0:
		default:
			if _, ok := s.cost(a.source.UnitCost); !ok {
				failed = errors.Join(failed, ErrUnavailable)
				continue
			}
			line.Product.Stock = a.source.Stock
			if most = max(most, line.Max()); at < 0 && n >= 1 && n <= line.Max() {
				at = i
			}
		}
	}
	switch {
	case at < 0 && most == 0 && failed != nil:
		return Line{}, unavailable(failed)
	case at < 0 && most == 0:
		return Line{}, ErrOutOfStock
	case at < 0:
		return Line{}, &QuantityError{Max: most}
	}
	line.taken(answers[at].source, s.o.Now())
	line.sources = nil
	for i, a := range answers {
		if i != at {
			line.sources = append(line.sources, a.source)
		}
	}
	price, ok := s.price(line.Product.Cost, line.sale)
	if !ok {
		return Line{}, ErrUnavailable
	}
	line.Price = price
	return line, nil
}

// taken makes a line what one of its sources sells.
func (l *Line) taken(f Source, now time.Time) {
	l.Provider, l.sale.supplier, l.ReadAt, l.part = f.Provider, f.Provider, now, f.Line
	l.Product.SKU, l.Product.Cost, l.Product.Stock, l.Product.Max = f.SKU, f.UnitCost, f.Stock, f.Max
}

// standby are the other sources of a line, as an order keeps them.
func (s *Shop) standby(line Line) []Source {
	all := slices.Clone(line.sources)
	for i := range all {
		all[i].Rate = s.rateNow(all[i].UnitCost)
	}
	return all
}

// passable tells whether the cards of a refused placement may be asked for elsewhere: only where the refusal is about that supplier, not
// about what was asked for.
func passable(err error) bool {
	reason, refused := providers.Refused(err)
	return refused && slices.Contains([]providers.Reason{providers.OutOfStock, providers.NoFunds, providers.Busy, providers.Blocked}, reason)
}

// instead chooses who takes the place of a placement that was refused for certain; nil for nobody. It is the cheapest of those that the
// order stands by which was not asked for these cards yet, is one line with the order's still, has enough, and charges no more than the
// buyer pays. Of an order that came back with a backup nobody knows whom else it has asked: it stays alone.
func (j *job) instead(ctx context.Context, err error) (*store.Instead, error) {
	o, s := j.claim.Order, j.shop
	if !passable(err) || len(j.snap.Others) == 0 || o.Alone {
		return nil, nil
	}
	limited, cancel := context.WithTimeout(ctx, insteadLimit)
	defer cancel()
	viewed := s.view(limited)
	paused, read := s.o.Store.Paused(limited)
	if err := errors.Join(viewed, read); err != nil { // the money goes back, which is as certain
		s.o.Logger.WarnContext(ctx, "nobody was asked instead", "order", o.ID, "err", err)
		return nil, nil
	}
	a := s.arranged.Load()
	tried := map[string]bool{}
	for k := j.claim.Place.K; k > 0; k = o.Placements[k-1].For {
		tried[asks(o, k)] = true
	}
	left := slices.DeleteFunc(slices.Clone(j.snap.Others), func(f Source) bool {
		return tried[f.Provider] || a.main(f.Line) != a.main(j.source.Line) || a.says(f.Line, TraitHidden, "") != ""
	})
	answers := slices.DeleteFunc(s.quoted(limited, left, paused), func(one asked) bool {
		cost, ok := s.cost(one.source.UnitCost)
		return one.err != nil || !ok || cost > o.Unit || !one.source.enough(j.claim.Place.Quantity)
	})
	if len(answers) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(answers, func(x, y asked) int { return s.dearer(x.source, y.source) })
	to := answers[0].source
	to.Rate = s.rateNow(to.UnitCost)
	text, err := json.Marshal(to)
	if err != nil {
		return nil, fmt.Errorf("write source: %w", err)
	}
	return &store.Instead{Provider: to.Provider, Source: text, Cards: split(j.claim.Place.Quantity, to.Max)}, nil
}

// costAt is cost by the rate that held when the source was quoted. Orders kept without it are converted by the present one.
func (s *Shop) costAt(of Source, m providers.Money) (int64, bool) {
	then, ok := new(big.Rat).SetString(of.Rate)
	if !ok || m.Currency != of.UnitCost.Currency {
		return s.cost(m)
	}
	c, err := providers.FromUnits(new(big.Rat).Mul(m.Units(), then), s.o.Currency)
	return c.Minor, err == nil
}
