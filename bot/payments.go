package main

import (
	"errors"

	"github.com/bojanz/currency"

	"cardrop/flows/checkout"
)

// transfer is a method of payment that is on when its setting names accounts.
type transfer struct {
	method  string
	name    string // of its setting
	setting string
}

// transfers lists them in the order in which they are offered.
func transfers(c Config) []transfer {
	return []transfer{
		{checkout.MethodCCP, "TOPUP_CCP", c.TopupCCP},
		{checkout.MethodBaridiMob, "TOPUP_BARIDIMOB", c.TopupBaridiMob},
		{checkout.MethodCash, "TOPUP_CASH", c.TopupCash},
	}
}

// payments lists the methods where a person sees the money arriving, one line each; every one whose setting is given is on.
func payments(c Config) ([]checkout.PaymentMethod, error) {
	var list []checkout.PaymentMethod
	var wrong []error
	for _, m := range transfers(c) {
		if m.setting == "" {
			continue
		}
		t, err := checkout.NewTransfer(m.method, m.setting, minorUnits(c))
		if err == nil {
			list = append(list, t)
		}
		wrong = append(wrong, err)
	}
	return list, errors.Join(wrong...)
}

// minorUnits is how many minor units one whole unit of the shop's currency has.
func minorUnits(c Config) int64 {
	minor := int64(1)
	places, _ := currency.GetDigits(c.ShopCurrency)
	for range places {
		minor *= 10
	}
	return minor
}
