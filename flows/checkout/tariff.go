package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"

	"cardrop/store"
)

// ErrRule is a rule of prices that cannot be meant: a negative part, a floor above the ceiling, or more decimals than four.
var ErrRule = errors.New("rule of prices makes no sense")

// Scope says what a rule of prices is for; an empty field is any. A product names its supplier and category by itself.
//
// Of all rules that fit a card, one decides. A rule for the buyer's tier stands before every rule without a tier: it is what was
// agreed with these resellers. Then the more specific one stands first: line, product, category of one supplier, category, supplier,
// everything; a category of our own before the supplier's. Where no rule fits, the default markup of the settings does.
type Scope struct {
	Tier     string // of a reseller, as IsTier says
	Supplier string // name
	Category string // as Slug writes it
	Product  string // short code of a line or of a family; Supplier and Category are empty then
}

// Rule is the markup over the cost of one card: percent of it and a fixed amount, together at least the floor and at most the ceiling.
type Rule struct {
	Percent *big.Rat // of the cost, 0 to 1000, at most four decimals; never nil
	Fixed   int64    // minor units of the shop's currency, as are the next two
	Floor   int64
	Ceiling int64 // 0 for none
}

// Rate is what one whole unit of a currency is worth in whole units of the shop's.
type Rate struct {
	Value *big.Rat
	Set   time.Time // when an admin set it; zero for a rate of the settings
}

// tariff is what prices are made of besides the settings. It is never changed, only replaced.
type tariff struct {
	rules map[Scope]Rule
	rates map[string]Rate
}

// sale is what a price depends on besides the cost.
type sale struct {
	tier, supplier, own, category, family, line string // own is the category that an admin has put it into, if any
}

// scopes are all that a rule for this sale may be kept under, the first that is there decides.
func (s sale) scopes() []Scope {
	var all []Scope
	for _, product := range []string{s.line, s.family} {
		if product != "" {
			all = append(all, Scope{Product: product})
		}
	}
	for _, name := range []string{s.own, s.category} { // moved to another category, a product keeps its price unless that one has a rule
		if category := Slug(name); category != "" {
			all = append(all, Scope{Supplier: s.supplier, Category: category}, Scope{Category: category})
		}
	}
	all = append(all, Scope{Supplier: s.supplier}, Scope{})
	if s.tier == "" {
		return all
	}
	own := slices.Clone(all)
	for i := range own {
		own[i].Tier = s.tier
	}
	return append(own, all...)
}

// markup is the rule for a sale; false where the settings' default applies.
func (t *tariff) markup(s sale) (Rule, bool) {
	if t == nil || len(t.rules) == 0 {
		return Rule{}, false
	}
	for _, scope := range s.scopes() {
		if r, ok := t.rules[scope]; ok {
			return r, true
		}
	}
	return Rule{}, false
}

// Slug writes a supplier's name of a category as commands and rules name it: small letters, digits and single dashes, at most 32.
func Slug(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	slug := strings.Join(words, "-")
	return strings.TrimRight(slug[:min(len(slug), 32)], "-")
}

// IsTier tells whether a text can name a tier: 1 to 16 small letters, digits and dashes.
func IsTier(text string) bool {
	return len(text) >= 1 && len(text) <= 16 && Slug(text) == text
}

// stored is a rule or a rate as it is kept.
type stored struct {
	Percent string    `json:"p,omitempty"`
	Fixed   int64     `json:"x,omitempty"`
	Floor   int64     `json:"lo,omitempty"`
	Ceiling int64     `json:"hi,omitempty"`
	Rate    string    `json:"r,omitempty"`
	At      time.Time `json:"t,omitzero"`
}

// readTariff takes over what is kept. An entry that cannot be read is left out and reported.
func readTariff(kept map[string]string) (*tariff, error) {
	t := &tariff{rules: map[Scope]Rule{}, rates: map[string]Rate{}}
	var wrong []error
	for field, text := range kept {
		var e stored
		err := json.Unmarshal([]byte(text), &e)
		kind, name, _ := strings.Cut(field, "|")
		part := strings.Split(name, "|")
		switch {
		case err == nil && kind == "rule" && len(part) == 4:
			percent, ok := new(big.Rat).SetString(e.Percent)
			r := Rule{Percent: percent, Fixed: e.Fixed, Floor: e.Floor, Ceiling: e.Ceiling}
			if ok && r.check() == nil {
				t.rules[Scope{Tier: part[0], Supplier: part[1], Category: part[2], Product: part[3]}] = r
				continue
			}
		case err == nil && kind == "rate":
			if value, ok := new(big.Rat).SetString(e.Rate); ok && value.Sign() > 0 {
				t.rates[name] = Rate{Value: value, Set: e.At}
				continue
			}
		}
		wrong = append(wrong, fmt.Errorf("read price %q: it is damaged", field))
	}
	return t, errors.Join(wrong...)
}

// field is where a rule is kept.
func (s Scope) field() string {
	return strings.Join([]string{"rule", s.Tier, s.Supplier, s.Category, s.Product}, "|")
}

// check refuses a rule that would sell below cost, or that contradicts itself.
func (r Rule) check() error {
	if r.Percent == nil || r.Percent.Sign() < 0 || r.Percent.Cmp(big.NewRat(1000, 1)) > 0 || !r.millionths().IsInt() {
		return ErrRule
	}
	const most = 1 << 40 // minor units: far above any card, far below what a sum cannot hold
	for _, n := range []int64{r.Fixed, r.Floor, r.Ceiling} {
		if n < 0 || n > most {
			return ErrRule
		}
	}
	if r.Ceiling > 0 && r.Floor > r.Ceiling {
		return ErrRule
	}
	return nil
}

// millionths is the percentage as a fraction of a million.
func (r Rule) millionths() *big.Rat { return new(big.Rat).Mul(r.Percent, big.NewRat(10_000, 1)) }

// SetRule keeps a rule for a scope, or removes the one that is there with nil. It returns ErrRule, and ErrNotFound for a rule to remove
// that is not there.
func (s *Shop) SetRule(ctx context.Context, admin int64, of Scope, r *Rule) error {
	return s.setRule(ctx, admin, of, r, false)
}

func (s *Shop) setRule(ctx context.Context, admin int64, of Scope, r *Rule, approved bool) error {
	data := map[string]string{"tier": of.Tier, "supplier": of.Supplier, "category": of.Category, "product": of.Product}
	text := ""
	if r != nil {
		if err := r.check(); err != nil {
			return err
		}
		packed, err := json.Marshal(stored{Percent: r.Percent.RatString(), Fixed: r.Fixed, Floor: r.Floor, Ceiling: r.Ceiling})
		if err != nil {
			return fmt.Errorf("write rule: %w", err)
		}
		text = string(packed)
		data["percent"], data["fixed"] = r.millionths().Num().String(), itoa(r.Fixed)
		data["floor"], data["ceiling"] = itoa(r.Floor), itoa(r.Ceiling)
	}
	if !approved {
		if err := s.ruleDanger(admin, of, r); err != nil {
			return err
		}
	}
	return s.setPrice(ctx, admin, of.field(), text, store.Event{Kind: EventPriced, Data: data})
}

// SetRate keeps a currency's rate over the one of the settings, or removes it with nil. It returns ErrRule for a rate that is not
// positive, and ErrNotFound for one to remove that is not there.
func (s *Shop) SetRate(ctx context.Context, admin int64, currency string, rate *big.Rat) error {
	data, text := map[string]string{"currency": currency}, ""
	if rate != nil {
		if rate.Sign() <= 0 || currency == s.o.Currency || len(rate.Num().String()) > 32 || len(rate.Denom().String()) > 32 {
			return ErrRule
		}
		packed, err := json.Marshal(stored{Rate: rate.RatString(), At: s.o.Now()})
		if err != nil {
			return fmt.Errorf("write rate: %w", err)
		}
		text, data["num"], data["den"] = string(packed), rate.Num().String(), rate.Denom().String()
	}
	return s.setPrice(ctx, admin, "rate|"+currency, text, store.Event{Kind: EventRated, Data: data})
}

func (s *Shop) setPrice(ctx context.Context, admin int64, field, text string, e store.Event) error {
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	e.Actor = actor
	changed, err := s.o.Store.SetPrice(ctx, field, text, e)
	if err != nil {
		return err
	}
	if !changed && text == "" {
		return ErrNotFound
	}
	return s.loadTariff(ctx)
}

// loadTariff takes over the rules as they are kept now.
func (s *Shop) loadTariff(ctx context.Context) error {
	kept, err := s.o.Store.Prices(ctx)
	if err != nil {
		return err
	}
	t, wrong := readTariff(kept)
	if wrong != nil {
		s.o.Logger.ErrorContext(ctx, "prices cannot be read", "err", wrong)
	}
	s.tariff.Store(t)
	return nil
}
