package flows

import (
	"context"
	"errors"
	"math/big"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/store"
)

// showPricing draws a change of prices before it is made, with examples.
func (d *Desk) showPricing(ctx context.Context, v *visit, _ []string) error {
	c := v.talk.Pricing
	if c == nil {
		return d.open(ctx, v, "admin")
	}
	key, list := "pricing", "markups"
	if c.Currency != "" {
		list = "rates"
	}
	if c.Done {
		v.menu(v.say(key+".done"), lines(v.pricing(*c), c.Effect), []Button{v.button("pricing."+list, list)}, v.home())
		return nil
	}
	var examples []checkout.Example
	var n int
	var err error
	if c.Currency != "" {
		examples, n, err = d.shop.TryRate(ctx, c.Currency, c.rate())
	} else {
		examples, n, err = d.shop.TryRule(ctx, c.Scope, c.rule())
	}
	if errors.Is(err, checkout.ErrRule) {
		v.menu(v.say("pricing.senseless"), v.say("usage."+map[string]string{"markups": "markup", "rates": "rate"}[list]),
			[]Button{v.button("pricing."+list, list)}, v.home())
		return nil
	}
	if err != nil {
		return err
	}
	c.Effect = v.effect(examples, n)
	confirm := v.button("pricing.go", "priced:"+c.Ref)
	confirm.Style = "success"
	v.menu(v.say(key+".title"), lines(v.pricing(*c), "", c.Effect, "", v.say("pricing.held")),
		[]Button{confirm}, []Button{v.button("button.cancel", "cancel")})
	return nil
}

// effect says what a change does to prices: how many, and some of them.
func (v *visit) effect(examples []checkout.Example, n int) string {
	text := []string{v.count("pricing.changes", n)}
	for _, e := range examples {
		text = append(text, v.say("pricing.example", "Product", clip(e.Title, 60), "Code", e.Code, "Old", v.priceOrNone(e.Old),
			"New", v.priceOrNone(e.New)))
	}
	return lines(text...)
}

func (v *visit) priceOrNone(minor int64) string {
	if minor == 0 {
		return v.say("pricing.none")
	}
	return v.money(minor)
}

// pricing says what is to be changed.
func (v *visit) pricing(c Pricing) string {
	switch {
	case c.Currency != "" && c.Value == "":
		return v.say("pricing.unrate", "Currency", c.Currency)
	case c.Currency != "":
		return v.say("pricing.rate", "Currency", c.Currency, "Rate", figures(c.rate()), "Unit", v.currency())
	case c.Value == "":
		return lines(v.scope(c.Scope), v.say("pricing.removed"))
	default:
		return lines(v.scope(c.Scope), v.rule(*c.rule()))
	}
}

// currency is the shop's currency by name.
func (v *visit) currency() string {
	if unit, ok := v.maybe("currency." + v.words.options.Currency); ok {
		return unit
	}
	return v.words.options.Currency
}

// scope says what a rule is for.
func (v *visit) scope(s checkout.Scope) string {
	what := v.say("pricing.all")
	switch {
	case s.Product != "":
		what = v.say("pricing.product", "Code", s.Product)
	case s.Category != "" && s.Supplier != "":
		what = v.say("pricing.both", "Category", s.Category, "Supplier", s.Supplier)
	case s.Category != "":
		what = v.say("pricing.category", "Category", s.Category)
	case s.Supplier != "":
		what = v.say("pricing.supplier", "Supplier", s.Supplier)
	}
	if s.Tier == "" {
		return what
	}
	return v.say("pricing.tier", "Tier", s.Tier, "What", what)
}

// rule says how much a rule puts on top of the cost.
func (v *visit) rule(r checkout.Rule) string {
	parts := []string{v.isolate(figures(r.Percent) + " %")}
	if r.Fixed > 0 {
		parts = append(parts, v.signed(r.Fixed))
	}
	if r.Floor > 0 {
		parts = append(parts, v.say("pricing.floor", "Amount", v.money(r.Floor)))
	}
	if r.Ceiling > 0 {
		parts = append(parts, v.say("pricing.ceiling", "Amount", v.money(r.Ceiling)))
	}
	return v.say("pricing.markup", "Rule", strings.Join(parts, " · "))
}

// figures writes an exact number in decimals, as many as it needs, at most twelve.
func figures(n *big.Rat) string {
	text := n.FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// priced makes the change that was confirmed. A second tap changes nothing more.
func (d *Desk) priced(ctx context.Context, v *visit, args []string) error {
	c := v.talk.Pricing
	if c == nil || c.Ref != args[0] {
		return d.stale(ctx, v)
	}
	v.accept()
	if c.Done {
		return d.open(ctx, v, "pricing")
	}
	var err error
	if c.Currency != "" {
		err = d.shop.SetRate(ctx, v.in.User, c.Currency, c.rate())
	} else {
		err = d.shop.SetRule(ctx, v.in.User, c.Scope, c.rule())
	}
	if asked, err := d.secured(ctx, v, err); asked {
		return err
	}
	if err != nil && !errors.Is(err, checkout.ErrNotFound) { // not found: what was to be removed is not there any more
		return err
	}
	c.Done = true
	return d.open(ctx, v, "pricing")
}

// showMarkups lists the rules of prices.
func (d *Desk) showMarkups(ctx context.Context, v *visit, _ []string) error {
	rules, err := d.shop.Rules(ctx)
	if err != nil {
		return err
	}
	suppliers, categories, err := d.shop.Scopes(ctx)
	if err != nil {
		return err
	}
	list := []string{v.say("pricing.default", "Rule", v.isolate(figures(d.shop.DefaultMarkup())+" %"))}
	for _, r := range rules {
		list = append(list, "• "+v.scope(r.Scope)+": "+v.rule(r.Rule))
	}
	v.menu(v.say("pricing.markups"), strings.Join(list, "\n")+"\n\n"+v.say("pricing.order")+"\n\n"+v.say("usage.markup")+"\n"+
		v.say("pricing.names", "Suppliers", strings.Join(suppliers, ", "), "Categories", strings.Join(categories, ", ")), v.back("admin"))
	return nil
}

// showRates lists the rates between currencies.
func (d *Desk) showRates(ctx context.Context, v *visit, _ []string) error {
	rates, err := d.shop.Rates(ctx)
	if err != nil {
		return err
	}
	var list []string
	for _, r := range rates {
		since := v.say("pricing.fixed")
		if !r.Rate.Set.IsZero() {
			since = v.say("pricing.since", "Time", v.moment(r.Rate.Set))
		}
		list = append(list, "• "+v.say("pricing.rate", "Currency", r.Currency, "Rate", figures(r.Rate.Value), "Unit", v.currency())+" · "+since)
	}
	if len(list) == 0 {
		list = []string{v.say("pricing.norates")}
	}
	v.menu(v.say("pricing.rates"), strings.Join(list, "\n")+"\n\n"+v.say("usage.rate"), v.back("admin"))
	return nil
}

// margin says what the shop earned with an order; empty while no card came.
func (v *visit) margin(o store.Order) string {
	m, ok := checkout.MarginOf(o)
	if !ok {
		return ""
	}
	key := "admin.margin"
	if m.Estimated {
		key = "admin.margin.estimated"
	}
	return v.say(key, "Cost", v.figure("", providers.Money{Minor: m.Cost, Currency: v.words.options.Currency}), "Margin", v.signed(m.Earned()))
}
