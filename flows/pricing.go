package flows

import (
	"context"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
)

// Pricing is a change of prices that waits for an admin's second tap: of a rule, or of a currency's rate.
type Pricing struct {
	Scope    checkout.Scope `json:"s,omitzero"`
	Currency string         `json:"c,omitempty"` // set: it is about its rate
	Value    string         `json:"v,omitempty"` // the percentage or the rate, an exact fraction; empty removes
	Fixed    int64          `json:"x,omitempty"` // minor units, as are the next two
	Floor    int64          `json:"lo,omitempty"`
	Ceiling  int64          `json:"hi,omitempty"`
	Ref      string         `json:"r"`
	Done     bool           `json:"d,omitempty"`
	Effect   string         `json:"e,omitempty"` // the examples, as they were shown before it was done
}

func pricingVerbs() map[string]verb {
	return map[string]verb{
		"markups": {act: (*Desk).showMarkups, view: true, admin: true},
		"rates":   {act: (*Desk).showRates, view: true, admin: true},
		"pricing": {act: (*Desk).showPricing, view: true, admin: true},
		"priced":  {args: []arg{isRef}, act: (*Desk).priced, admin: true},
	}
}

func pricingCommands() map[string]command {
	return map[string]command{
		"markup": {act: (*Desk).commandMarkup, admin: true},
		"rate":   {act: (*Desk).commandRate, admin: true},
	}
}

// buys is what of the person and the place decides about prices.
func (v *visit) buys() checkout.Customer {
	if v.group == nil {
		return checkout.Customer{Language: v.language}
	}
	t := v.group.Terms
	return checkout.Customer{Language: v.language, Tier: t.Tier, Credit: t.Credit, Bulk: true, Table: t.CSV, FileTTL: t.FileTTL}
}

// commandMarkup is /markup [for whom and what] [how much | remove].
func (d *Desk) commandMarkup(ctx context.Context, v *visit) error {
	words := strings.Fields(v.in.Text)
	if len(words) == 0 {
		return d.open(ctx, v, "markups")
	}
	c := Pricing{Ref: "p" + strconv.FormatInt(v.in.Update, 36)}
	amounts, ok, err := d.scoped(ctx, &c, words)
	if err != nil {
		return err
	}
	if !ok || !c.amounts(amounts, d.words.options.Currency) {
		return d.usage(v, "markup")
	}
	v.talk.Pricing = &c
	return d.open(ctx, v, "pricing")
}

// scoped reads what a rule is for. It gives the words that say how much, and false for something the shop does not know.
func (d *Desk) scoped(ctx context.Context, c *Pricing, words []string) (rest []string, ok bool, err error) {
	suppliers, categories, err := d.shop.Scopes(ctx)
	if err != nil {
		return nil, false, err
	}
	all, err := d.shop.Families(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, word := range words {
		kind, value, named := strings.Cut(word, ":")
		value = strings.ToLower(value)
		switch kind = strings.ToLower(kind); {
		case kind == "min" || kind == "max":
			rest = append(rest, word)
		case kind == "all" && !named:
		case kind == "tier" && checkout.IsTier(value):
			c.Scope.Tier = value
		case kind == "supplier" && slices.Contains(suppliers, value):
			c.Scope.Supplier = value
		case kind == "category" && slices.Contains(categories, value):
			c.Scope.Category = value
		case named:
			return nil, false, nil
		case strings.HasSuffix(word, "%"), strings.HasPrefix(word, "+"), kind == "remove":
			rest = append(rest, word)
		default:
			code, behind, _ := namedCode(all, []string{word})
			if !hasCode(all, code) || len(behind) != 0 {
				return nil, false, nil
			}
			c.Scope.Product = code
		}
	}
	return rest, c.Scope.Product == "" || c.Scope.Supplier == "" && c.Scope.Category == "", nil
}

// hasCode tells whether a product or a line has this code.
func hasCode(all []checkout.Family, code string) bool {
	return slices.ContainsFunc(all, func(f checkout.Family) bool {
		return f.Code == code || slices.ContainsFunc(f.Lines, func(l checkout.Line) bool { return l.Code == code })
	})
}

// amounts reads how much: 6.5% +20 min:10 max:500, or remove.
func (c *Pricing) amounts(words []string, currency string) bool {
	if len(words) == 1 && strings.EqualFold(words[0], "remove") {
		return true
	}
	for _, word := range words {
		if text, ok := strings.CutSuffix(word, "%"); ok {
			text, ok = decimal(western(text))
			percent, read := new(big.Rat).SetString(text)
			if !ok || !read {
				return false
			}
			c.Value = percent.RatString()
			continue
		}
		to := &c.Fixed
		kind, text, named := strings.Cut(word, ":")
		switch {
		case named && strings.EqualFold(kind, "min"):
			to = &c.Floor
		case named:
			to = &c.Ceiling
		default:
			text = strings.TrimPrefix(word, "+")
		}
		n, err := amountOf(text, currency)
		if err != nil {
			return false
		}
		*to = n
	}
	if c.Value == "" {
		c.Value = "0"
	}
	return len(words) > 0
}

// commandRate is /rate [<currency> <rate> | remove].
func (d *Desk) commandRate(ctx context.Context, v *visit) error {
	words := strings.Fields(v.in.Text)
	if len(words) == 0 {
		return d.open(ctx, v, "rates")
	}
	if len(words) != 2 || !made(strings.ToUpper(words[0]), 3, 3, uppers) {
		return d.usage(v, "rate")
	}
	c := Pricing{Currency: strings.ToUpper(words[0]), Ref: "p" + strconv.FormatInt(v.in.Update, 36)}
	if !strings.EqualFold(words[1], "remove") {
		text := strings.ReplaceAll(western(words[1]), ",", ".")
		rate, ok := new(big.Rat).SetString(text)
		if !ok || !made(text, 1, 20, digits+".") || rate.Sign() <= 0 || c.Currency == d.words.options.Currency {
			return d.usage(v, "rate")
		}
		c.Value = rate.RatString()
	}
	v.talk.Pricing = &c
	return d.open(ctx, v, "pricing")
}

// rule is the rule that is to be kept; nil when it is to be removed.
func (c *Pricing) rule() *checkout.Rule {
	percent, ok := new(big.Rat).SetString(c.Value)
	if !ok {
		return nil
	}
	return &checkout.Rule{Percent: percent, Fixed: c.Fixed, Floor: c.Floor, Ceiling: c.Ceiling}
}

// rate is the rate that is to be kept; nil when it is to be removed.
func (c *Pricing) rate() *big.Rat {
	rate, ok := new(big.Rat).SetString(c.Value)
	if !ok {
		return nil
	}
	return rate
}
