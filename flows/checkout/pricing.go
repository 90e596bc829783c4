package checkout

import (
	"context"
	"maps"
	"math/big"
	"slices"
	"sort"
	"strings"

	"cardrop/providers"
)

// RuleOf is a rule with what it is for.
type RuleOf struct {
	Scope Scope
	Rule  Rule
}

// RateOf is a rate with its currency.
type RateOf struct {
	Currency string
	Rate     Rate
}

// Example is one line before and after a change of prices, in minor units; 0 for a line that cannot be priced.
type Example struct {
	Code     string
	Title    string
	Old, New int64
}

// Rules lists the rules, those of tiers last.
func (s *Shop) Rules(ctx context.Context) ([]RuleOf, error) {
	if err := s.view(ctx); err != nil {
		return nil, err
	}
	t := s.tariff.Load()
	var all []RuleOf
	for scope, rule := range t.rules {
		all = append(all, RuleOf{scope, rule})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Scope.field() < all[j].Scope.field() })
	return all, nil
}

// Rates lists the rates that are in force, by currency.
func (s *Shop) Rates(ctx context.Context) ([]RateOf, error) {
	if err := s.view(ctx); err != nil {
		return nil, err
	}
	t := s.tariff.Load()
	all := map[string]Rate{}
	for currency, value := range s.o.Rates {
		all[currency] = Rate{Value: value}
	}
	maps.Copy(all, t.rates)
	var list []RateOf
	for _, currency := range slices.Sorted(maps.Keys(all)) {
		list = append(list, RateOf{currency, all[currency]})
	}
	return list, nil
}

// Scopes lists what a rule may name: suppliers and the slugs of categories.
func (s *Shop) Scopes(ctx context.Context) (suppliers, categories []string, err error) {
	if err := s.view(ctx); err != nil {
		return nil, nil, err
	}
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	slugs := map[string]bool{}
	for name, shelves := range s.window.shelves {
		for _, sh := range shelves {
			slugs[Slug(sh.Product.Category)], slugs[Slug(s.sale(name, sh.Product, "", "").own)] = true, true
		}
	}
	delete(slugs, "")
	return slices.Sorted(maps.Keys(s.suppliers)), slices.Sorted(maps.Keys(slugs)), nil
}

// RuleFor is the rule that decides about a product, or one of its lines, for buyers of no tier; false where the default of the settings does.
func (s *Shop) RuleFor(ctx context.Context, code string) (RuleOf, bool, error) {
	if err := s.view(ctx); err != nil {
		return RuleOf{}, false, err
	}
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	provider, family, sku, ok := splitRef(s.window.refs[code])
	if !ok {
		return RuleOf{}, false, ErrNotFound
	}
	of, t := s.sale(provider, s.window.shelves[provider][family].Product, sku, ""), s.tariff.Load()
	if of.line == of.family {
		of.line = ""
	}
	for _, scope := range of.scopes() {
		if r, ok := t.rules[scope]; ok {
			return RuleOf{scope, r}, true, nil
		}
	}
	return RuleOf{}, false, nil
}

// TryRule says what a rule, or nil for its removal, would change for buyers of the scope's tier: up to three lines from the cheapest
// to the dearest, and how many change in all. It returns ErrRule.
func (s *Shop) TryRule(ctx context.Context, of Scope, r *Rule) ([]Example, int, error) {
	if err := s.view(ctx); err != nil {
		return nil, 0, err
	}
	then := s.tariff.Load().copy()
	delete(then.rules, of)
	if r != nil {
		if err := r.check(); err != nil {
			return nil, 0, err
		}
		then.rules[of] = *r
	}
	some, n := s.compare(then, of.Tier, func(l sale, _ providers.Money) bool { return slices.Contains(l.scopes(), of) })
	return some, n, nil
}

// TryRate says the same of a currency's rate.
func (s *Shop) TryRate(ctx context.Context, currency string, rate *big.Rat) ([]Example, int, error) {
	if err := s.view(ctx); err != nil {
		return nil, 0, err
	}
	then := s.tariff.Load().copy()
	delete(then.rates, currency)
	if rate != nil {
		if rate.Sign() <= 0 || currency == s.o.Currency {
			return nil, 0, ErrRule
		}
		then.rates[currency] = Rate{Value: rate}
	}
	some, n := s.compare(then, "", func(_ sale, cost providers.Money) bool { return cost.Currency == currency })
	return some, n, nil
}

func (t *tariff) copy() *tariff {
	if t == nil {
		return &tariff{rules: map[Scope]Rule{}, rates: map[string]Rate{}}
	}
	return &tariff{rules: maps.Clone(t.rules), rates: maps.Clone(t.rates)}
}

// compare prices the lines that are concerned by two tariffs: the present one and another.
func (s *Shop) compare(then *tariff, tier string, concerned func(sale, providers.Money) bool) ([]Example, int) {
	now := s.tariff.Load()
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	var all []Example
	for provider, shelves := range s.window.shelves {
		for _, sh := range shelves {
			for _, line := range sh.Lines {
				of := s.sale(provider, sh.Product, line.SKU, tier)
				if of.line == "" || line.Disabled || !concerned(of, line.Cost) {
					continue
				}
				before, _ := s.priced(now, line.Cost, of)
				after, _ := s.priced(then, line.Cost, of)
				if before != after {
					all = append(all, Example{Code: of.line, Title: titled(sh.Product.Title, line.Name), Old: before, New: after})
				}
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].New != all[j].New {
			return all[i].New < all[j].New
		}
		return all[i].Code < all[j].Code
	})
	n := len(all)
	if n > 3 {
		all = []Example{all[0], all[n/2], all[n-1]}
	}
	return all, n
}

// sale names a line for the rules of prices; the caller holds the window's lock.
func (s *Shop) sale(provider string, p providers.Product, sku, tier string) sale {
	family := s.window.codes[ref(provider, p.Family, "")]
	return sale{tier: tier, supplier: provider, own: s.arranged.Load().says(family, TraitCategory, ""), category: p.Category, family: family,
		line: s.window.codes[ref(provider, p.Family, sku)]}
}

// DefaultMarkup is the percentage of the settings, where no rule fits.
func (s *Shop) DefaultMarkup() *big.Rat { return new(big.Rat).Set(s.o.Markup) }

// titled is a line's name with its product's title, unless the name tells both.
func titled(title, name string) string {
	if strings.Contains(strings.ToLower(name), strings.ToLower(title)) {
		return name
	}
	return title + " " + name
}
