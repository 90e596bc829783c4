package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"cardrop/providers"
)

// How fresh the shop window is.
const (
	windowAge = 10 * time.Second // how long a process trusts its own copy of what is stored
	openAge   = 60 * time.Second // how long prices and stock of an opened family are kept
	askLimit  = 8 * time.Second  // how long a customer waits for a supplier's answer
)

// shelf is one family as it is stored: the last known lines of a supplier.
type shelf struct {
	Product providers.Product   `json:"p"`           // title, category, region, kind and account of the family
	Lines   []providers.Product `json:"l,omitempty"` // as read last
	ReadAt  time.Time           `json:"r,omitzero"`  // when the lines were read; zero when never
	Seen    time.Time           `json:"s"`           // when the supplier listed the family last
}

// window is this process's copy of the catalog.
type window struct {
	mu      sync.RWMutex
	loaded  time.Time
	shelves map[string]map[string]shelf // supplier → family
	codes   map[string]string           // reference → short code
	refs    map[string]string           // short code → reference
	hushed  map[string]time.Time        // until when a family is not asked about, because its supplier did not answer
}

func newWindow() *window {
	return &window{shelves: map[string]map[string]shelf{}, codes: map[string]string{}, refs: map[string]string{},
		hushed: map[string]time.Time{}}
}

// ref names a family (empty sku) or a line in the registry of short codes.
func ref(provider, family, sku string) string { return provider + "|" + family + "|" + sku }

// view loads the stored catalog when this process's copy is old.
func (s *Shop) view(ctx context.Context) error {
	s.window.mu.RLock()
	fresh := s.o.Now().Sub(s.window.loaded) < windowAge
	s.window.mu.RUnlock()
	if fresh {
		return s.arrangedNow(ctx) // what an admin hides is not sold a moment longer, whichever process they talked to
	}
	_, err, _ := s.flight.Do("view", func() (any, error) { return nil, s.load(ctx) })
	return err
}

func (s *Shop) load(ctx context.Context) error {
	if err := s.loadTariff(ctx); err != nil { // first: what a refresh keeps meanwhile is not to be replaced by what was read before it
		return err
	}
	if err := s.loadArrangement(ctx); err != nil {
		return err
	}
	shelves := map[string]map[string]shelf{}
	for name := range s.suppliers {
		stored, err := s.o.Store.Catalog(ctx, name)
		if err != nil {
			return err
		}
		shelves[name] = map[string]shelf{}
		for family, text := range stored {
			var sh shelf
			if err := json.Unmarshal([]byte(text), &sh); err != nil {
				continue // an unreadable shelf is read again by the next refresh
			}
			shelves[name][family] = sh
		}
	}
	codes, err := s.o.Store.Codes(ctx)
	if err != nil {
		return err
	}
	refs := make(map[string]string, len(codes))
	for r, c := range codes {
		refs[c] = r
	}
	s.window.mu.Lock()
	defer s.window.mu.Unlock()
	s.window.shelves, s.window.codes, s.window.refs, s.window.loaded = shelves, codes, refs, s.o.Now()
	return nil
}

// Families lists what the shop sells, by category and title, with the last known prices. It asks no supplier.
func (s *Shop) Families(ctx context.Context) ([]Family, error) {
	if err := s.view(ctx); err != nil {
		return nil, err
	}
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	var list []Family
	for name, shelves := range s.window.shelves {
		for _, sh := range shelves {
			f := s.family(ctx, name, sh)
			if f.Code == "" || sh.Product.Disabled || (len(sh.Lines) > 0 && len(f.Lines) == 0) || f.Hidden && !customer(ctx).Hidden {
				continue // not registered yet, not for sale, in a currency without a rate, or hidden
			}
			list = append(list, f)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.Category != b.Category {
			return a.Category < b.Category
		}
		if a.Title != b.Title {
			return a.Title < b.Title
		}
		return a.Code < b.Code
	})
	return list, nil
}

// family draws a shelf with the shop's prices; the caller holds the lock.
func (s *Shop) family(ctx context.Context, provider string, sh shelf) Family {
	p, buyer, said := sh.Product, customer(ctx), s.arranged.Load()
	f := Family{Code: s.window.codes[ref(provider, p.Family, "")], Provider: provider, Title: p.Title, Category: p.Category,
		Region: p.Region, Kind: p.Kind, Account: p.Account, InStock: len(sh.Lines) == 0}
	f.arrange(said, buyer.Language)
	for _, line := range sh.Lines {
		of := s.sale(provider, p, line.SKU, buyer.Tier)
		price, ok := s.price(line.Cost, of)
		code := of.line
		if !ok || code == "" || line.Disabled || !buyer.Hidden && (said.says(code, TraitHidden, "") != "" || s.lead(said, code) != code) {
			continue
		}
		l := Line{Code: code, Family: f.Code, Provider: provider, Product: line, Price: price, ReadAt: sh.ReadAt,
			sale: of, bulk: buyer.Bulk}
		l.arrange(f, said, buyer.Language)
		if l.Parts = said.group(code)[1:]; s.lead(said, code) == code { // else one of those who run the shop looks at a part by itself
			l.sources = s.sources(said, code)
			l.best(s)
		}
		f.Lines = append(f.Lines, l)
		if l.Product.Stock != 0 {
			f.InStock = true
		}
		if f.From == 0 || l.Price < f.From {
			f.From = l.Price
		}
	}
	sort.SliceStable(f.Lines, func(i, j int) bool { return f.Lines[i].Price < f.Lines[j].Price })
	return f
}

// Family opens one family by its short code: lines and stock as they are now, kept a minute. It returns ErrNotFound, or
// ErrUnavailable when the supplier does not answer and no lines are known, or ErrHidden.
func (s *Shop) Family(ctx context.Context, code string) (Family, error) {
	provider, sh, _, err := s.find(ctx, code)
	if err != nil {
		return Family{}, err
	}
	if s.o.Now().Sub(sh.ReadAt) >= openAge {
		opened, err := s.reopen(ctx, provider, sh)
		if err == nil {
			sh = opened
		} else if len(sh.Lines) == 0 {
			return Family{}, err
		}
	}
	s.reopenParts(ctx, provider, sh)
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	f := s.family(ctx, provider, sh)
	if len(f.Lines) == 0 && slices.ContainsFunc(sh.Lines, func(l providers.Product) bool {
		return s.arranged.Load().hidden(s.window.codes[ref(provider, sh.Product.Family, l.SKU)], "")
	}) {
		return Family{}, ErrHidden
	}
	if len(f.Lines) == 0 {
		return Family{}, ErrUnavailable
	}
	return f, nil
}

// Line reads one line by its short code, or the cheapest line of a family's code. It returns ErrNotFound, ErrHidden or ErrUnavailable.
func (s *Shop) Line(ctx context.Context, code string) (Line, error) {
	provider, sh, sku, err := s.find(ctx, code)
	if err != nil {
		return Line{}, err
	}
	f, err := s.Family(ctx, s.code(ref(provider, sh.Product.Family, "")))
	if err != nil {
		return Line{}, err
	}
	for _, l := range f.Lines {
		if sku == "" || l.Product.SKU == sku {
			return l, nil
		}
	}
	if _, sh, _, err = s.find(ctx, code); err != nil {
		return Line{}, err
	}
	if !slices.ContainsFunc(sh.Lines, func(l providers.Product) bool { return l.SKU == sku }) {
		return Line{}, ErrNotFound // the supplier does not list it any more
	}
	return Line{}, ErrUnavailable
}

func (s *Shop) code(ref string) string {
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	return s.window.codes[ref]
}

// find looks a short code up: the shelf it belongs to, and the line's SKU, empty for a family's code.
func (s *Shop) find(ctx context.Context, code string) (provider string, sh shelf, sku string, err error) {
	if err := s.view(ctx); err != nil {
		return "", shelf{}, "", err
	}
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	said := s.arranged.Load()
	if !customer(ctx).Hidden {
		code = s.leading(said, code)
	}
	provider, family, sku, ok := splitRef(s.window.refs[code])
	if !ok {
		return "", shelf{}, "", ErrNotFound
	}
	sh, ok = s.window.shelves[provider][family]
	if !ok || sh.Product.Disabled {
		return "", shelf{}, "", ErrNotFound
	}
	line := ""
	if sku != "" {
		line = code
	}
	if said.hidden(line, s.window.codes[ref(provider, family, "")]) && !customer(ctx).Hidden {
		return "", shelf{}, "", ErrHidden
	}
	return provider, sh, sku, nil
}

// unavailable hides a supplier's error behind the shop's own, and keeps it for the log.
func unavailable(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
