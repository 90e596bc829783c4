package checkout

import (
	"math/big"

	"cardrop/providers"
)

// rate is what one whole unit of a currency is worth: as an admin set it, else as the settings say. It is nil when nobody says so.
func (s *Shop) rate(t *tariff, currency string) *big.Rat {
	if t != nil {
		if r, ok := t.rates[currency]; ok {
			return r.Value
		}
	}
	return s.o.Rates[currency]
}

// exact is an amount of a supplier's currency in whole units of the shop's; false when no rate is set for it.
func (s *Shop) exact(t *tariff, m providers.Money) (*big.Rat, bool) {
	if m.IsZero() {
		return nil, false
	}
	if m.Currency == s.o.Currency {
		return m.Units(), true
	}
	rate := s.rate(t, m.Currency)
	if rate == nil {
		return nil, false
	}
	return new(big.Rat).Mul(m.Units(), rate), true
}

// cost is what a supplier charges in minor units of the shop's currency, half up; false when it cannot be converted.
func (s *Shop) cost(m providers.Money) (int64, bool) {
	units, ok := s.exact(s.tariff.Load(), m)
	if !ok {
		return 0, false
	}
	c, err := providers.FromUnits(units, s.o.Currency)
	return c.Minor, err == nil
}

// rateNow is the rate of an amount's currency, as it is kept with an order.
func (s *Shop) rateNow(m providers.Money) string {
	if r := s.rate(s.tariff.Load(), m.Currency); r != nil && m.Currency != s.o.Currency {
		return r.RatString()
	}
	return ""
}

// price is what one card costs the buyer now.
func (s *Shop) price(m providers.Money, of sale) (int64, bool) {
	return s.priced(s.tariff.Load(), m, of)
}

// priced is what one card costs the buyer: cost × rate and the markup of the rule that fits, exactly, rounded up once to the price
// step, in minor units. It is false when the cost is unknown or cannot be converted.
func (s *Shop) priced(t *tariff, m providers.Money, of sale) (int64, bool) {
	units, ok := s.exact(t, m)
	if !ok || units.Sign() <= 0 {
		return 0, false
	}
	units = new(big.Rat).Add(units, s.markup(t, units, of))
	steps := new(big.Rat).Quo(units, big.NewRat(s.o.PriceStep, 1))
	n := new(big.Int).Div(steps.Num(), steps.Denom())
	if !steps.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	whole := new(big.Rat).SetInt(n.Mul(n, big.NewInt(s.o.PriceStep)))
	p, err := providers.FromUnits(whole, s.o.Currency)
	return p.Minor, err == nil
}

// markup is what comes on top of a cost, both in whole units of the shop's currency.
func (s *Shop) markup(t *tariff, cost *big.Rat, of sale) *big.Rat {
	r, ok := t.markup(of)
	if !ok {
		r = Rule{Percent: s.o.Markup}
	}
	whole := func(minor int64) *big.Rat { return providers.Money{Minor: minor, Currency: s.o.Currency}.Units() }
	m := new(big.Rat).Mul(cost, new(big.Rat).Quo(r.Percent, big.NewRat(100, 1)))
	m.Add(m, whole(r.Fixed))
	if floor := whole(r.Floor); m.Cmp(floor) < 0 {
		m = floor
	}
	if ceiling := whole(r.Ceiling); r.Ceiling > 0 && m.Cmp(ceiling) > 0 {
		m = ceiling
	}
	return m
}
