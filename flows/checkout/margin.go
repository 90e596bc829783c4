package checkout

import "cardrop/store"

// Margin is what the shop earned with an order so far, in minor units.
type Margin struct {
	Sold      int64 // what buyers paid for cards that came, less what was paid back
	Cost      int64 // what they cost the shop
	Estimated bool  // some of the cost is from the quote: the supplier did not say what it charged
}

// Earned is the margin.
func (m Margin) Earned() int64 { return m.Sold - m.Cost }

// MarginOf reads an order's margin; false while no card came.
func MarginOf(o store.Order) (Margin, bool) {
	m := Margin{Sold: o.Captured - o.PaidBack}
	for _, p := range o.Placements {
		m.Cost += p.Cost
		m.Estimated = m.Estimated || p.Delivered > 0 && !p.Charged
	}
	return m, o.Delivered > 0
}
