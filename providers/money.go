package providers

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/bojanz/currency"
)

// Money is an exact amount: a count of the currency's minor units (DZD: centimes, VND: whole đồng).
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"` // ISO 4217, upper case
}

// IsZero tells whether no amount is known: a Money without a currency.
func (m Money) IsZero() bool { return m.Currency == "" }

// String is the amount in whole units with its currency, such as "1450.50 DZD".
func (m Money) String() string {
	if m.IsZero() {
		return "unknown"
	}
	d := digits(m.Currency)
	return new(big.Rat).SetFrac(big.NewInt(m.Minor), pow10(d)).FloatString(d) + " " + m.Currency
}

// Units is the amount in whole units of its currency, exactly.
func (m Money) Units() *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(m.Minor), pow10(digits(m.Currency)))
}

// ParseMoney reads a decimal text such as "1450.5" as an amount of a currency. Digits beyond the minor unit are rounded half
// up; exponents, signs other than a leading minus, and anything that is no number are errors.
func ParseMoney(text, code string) (Money, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 32 || strings.Trim(text, "-0123456789.") != "" {
		return Money{}, fmt.Errorf("amount is not a decimal number (%d bytes)", len(text))
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return Money{}, fmt.Errorf("amount is not a decimal number (%d bytes)", len(text))
	}
	return FromUnits(r, code)
}

// FromUnits turns an exact count of whole units into minor units, half up.
func FromUnits(r *big.Rat, code string) (Money, error) {
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(pow10(digits(code))))
	twice := new(big.Int).Add(new(big.Int).Lsh(scaled.Num(), 1), scaled.Denom())
	minor := new(big.Int).Div(twice, new(big.Int).Lsh(scaled.Denom(), 1)) // floor((2n+d)/2d): half up
	if !minor.IsInt64() {
		return Money{}, fmt.Errorf("amount is too large for %s", code)
	}
	return Money{Minor: minor.Int64(), Currency: code}, nil
}

// Decimal is a number in a supplier's JSON, kept as its digits: a JSON number or a numeric string. It never passes through a
// float.
type Decimal string

// UnmarshalJSON accepts 1450.5, "1450.5" and null (empty).
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*d = ""
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(data, &n); err != nil {
		return fmt.Errorf("not a number (%d bytes)", len(data))
	}
	if len(n) > 32 || strings.Trim(string(n), "-0123456789.") != "" {
		return fmt.Errorf("not a plain number (%d bytes)", len(data))
	}
	*d = Decimal(n)
	return nil
}

// Money reads the number as an amount of a currency; an empty Decimal is unknown Money.
func (d Decimal) Money(code string) (Money, error) {
	if d == "" {
		return Money{}, nil
	}
	return ParseMoney(string(d), code)
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// digits is the number of decimals of a currency; two for a currency the tables do not know.
func digits(code string) int {
	if code == "XTR" { // Telegram Stars are whole
		return 0
	}
	d, ok := currency.GetDigits(code)
	if !ok {
		return 2
	}
	return int(d)
}
