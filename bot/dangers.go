package main

import (
	"math/big"
	"strings"

	"cardrop/flows/checkout"
)

// band reads MARKUP_BAND: two plain decimals with a dash between them, percent from 0 to 1000.
func band(text string) (least, most *big.Rat, ok bool) {
	from, to, found := strings.Cut(text, "-")
	if !found || !decimalShape.MatchString(from) || !decimalShape.MatchString(to) {
		return nil, nil, false
	}
	least, okLeast := new(big.Rat).SetString(from)
	most, okMost := new(big.Rat).SetString(to)
	return least, most, okLeast && okMost && least.Cmp(most) <= 0 && most.Cmp(big.NewRat(1000, 1)) <= 0
}

// dangers are the acts that one person does not do alone, by the settings.
func dangers(c Config) *checkout.Dangers {
	least, most, _ := band(c.MarkupBand)
	return &checkout.Dangers{Refund: c.RefundAlone * minorUnits(c), Least: least, Most: most}
}
