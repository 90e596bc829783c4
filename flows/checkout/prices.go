package checkout

import (
	"math/big"

	"cardrop/providers"
)

// exact is an amount of a supplier's currency in whole units of the shop's; false when no rate is set for it.
func (s *Shop) exact(m providers.Money) (*big.Rat, bool) {
	if m.IsZero() {
		return nil, false
	}
	if m.Currency == s.o.Currency {
		return m.Units(), true
	}
	rate := s.o.Rates[m.Currency]
	if rate == nil {
		return nil, false
	}
	return new(big.Rat).Mul(m.Units(), rate), true
}

// cost is what a supplier charges in minor units of the shop's currency, half up; false when it cannot be converted.
func (s *Shop) cost(m providers.Money) (int64, bool) {
	units, ok := s.exact(m)
	if !ok {
		return 0, false
	}
	c, err := providers.FromUnits(units, s.o.Currency)
	return c.Minor, err == nil
}

// price is what one card costs the buyer: cost × rate × (1 + markup), exactly, rounded up once to the price step, in minor units.
// It is false when the cost is unknown or cannot be converted.
func (s *Shop) price(m providers.Money) (int64, bool) {
	units, ok := s.exact(m)
	if !ok || units.Sign() <= 0 {
		return 0, false
	}
	factor := new(big.Rat).Add(big.NewRat(1, 1), new(big.Rat).Quo(s.o.Markup, big.NewRat(100, 1)))
	units = new(big.Rat).Mul(units, factor)
	steps := new(big.Rat).Quo(units, big.NewRat(s.o.PriceStep, 1))
	n := new(big.Int).Div(steps.Num(), steps.Denom())
	if !steps.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	whole := new(big.Rat).SetInt(n.Mul(n, big.NewInt(s.o.PriceStep)))
	p, err := providers.FromUnits(whole, s.o.Currency)
	return p.Minor, err == nil
}
