package checkout

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// pricedBy is a shop with these rules over a default of 5 percent, and a price step of 1.
func pricedBy(rules map[Scope]Rule) *Shop {
	s := &Shop{o: Options{Currency: "DZD", Markup: rat("5"), PriceStep: 1, Rates: map[string]*big.Rat{"VND": rat("0.005")}}}
	s.tariff.Store(&tariff{rules: rules, rates: map[string]Rate{}})
	return s
}

// TestTheMostSpecificRuleDecides takes the deciding rule away, one after the other: the next one in the order decides then.
func TestTheMostSpecificRuleDecides(t *testing.T) {
	t.Parallel()
	order := []Scope{
		{Tier: "gold", Product: "PSN-DE-10"}, {Tier: "gold", Product: "PSN-DE"}, {Tier: "gold", Supplier: "ocgift", Category: "game-cards"},
		{Tier: "gold", Category: "game-cards"}, {Tier: "gold", Supplier: "ocgift"}, {Tier: "gold"},
		{Product: "PSN-DE-10"}, {Product: "PSN-DE"}, {Supplier: "ocgift", Category: "game-cards"}, {Category: "game-cards"},
		{Supplier: "ocgift"}, {},
	}
	rules := map[Scope]Rule{}
	for i, scope := range order {
		rules[scope] = Rule{Percent: big.NewRat(int64(10+i), 1)}
	}
	for _, other := range []Scope{{Tier: "silver"}, {Product: "PSN-FR"}, {Supplier: "giftz"}, {Category: "internet"},
		{Supplier: "giftz", Category: "game-cards"}} {
		rules[other] = Rule{Percent: big.NewRat(90, 1)}
	}
	s := pricedBy(rules)
	gold := sale{tier: "gold", supplier: "ocgift", category: "Game Cards!", family: "PSN-DE", line: "PSN-DE-10"}
	for i, scope := range order {
		if price, ok := s.price(dzd(100_00), gold); !ok || price != int64(110+i)*100 {
			t.Errorf("before %+v is taken away: %d %v, want %d", scope, price, ok, (110+i)*100)
		}
		everybody := gold
		everybody.tier = ""
		if price, _ := s.price(dzd(100_00), everybody); price != int64(max(116, 110+i))*100 {
			t.Errorf("without a tier, before %+v is taken away: %d", scope, price)
		}
		delete(rules, scope)
	}
	if price, _ := s.price(dzd(100_00), gold); price != 105_00 {
		t.Errorf("without a rule that fits: %d", price)
	}
}

// TestRulesOfPrices holds the arithmetic: percent and fixed amount, floor and ceiling of both together, one rounding at the end.
func TestRulesOfPrices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule Rule
		cost int64
		want int64
	}{
		{Rule{Percent: rat("0")}, 100_00, 100_00},
		{Rule{Percent: rat("6.5")}, 200_00, 213_00},
		{Rule{Percent: rat("6.5"), Fixed: 20_00}, 200_00, 233_00},
		{Rule{Percent: rat("1"), Floor: 15_00}, 200_00, 215_00},
		{Rule{Percent: rat("50"), Ceiling: 30_00}, 200_00, 230_00},
		{Rule{Percent: rat("50"), Fixed: 10_00, Ceiling: 30_00}, 200_00, 230_00},
		{Rule{Percent: rat("0"), Fixed: 50}, 100_25, 101_00}, // 100.75, rounded once: neither part is rounded by itself
		{Rule{Percent: rat("0.5"), Fixed: 50}, 100_00, 101_00},
		{Rule{Percent: rat("0"), Floor: 20_00, Ceiling: 20_00}, 100_00, 120_00},
	} {
		if got, ok := pricedBy(map[Scope]Rule{{}: c.rule}).price(dzd(c.cost), sale{}); !ok || got != c.want {
			t.Errorf("%+v over %d: %d %v, want %d", c.rule, c.cost, got, ok, c.want)
		}
	}
	for _, bad := range []Rule{{}, {Percent: rat("-1")}, {Percent: rat("1001")}, {Percent: rat("0.00001")}, {Percent: rat("1"), Fixed: -1},
		{Percent: rat("1"), Floor: 2, Ceiling: 1}, {Percent: rat("1"), Ceiling: 1 << 50}} {
		if bad.check() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// TestNoRuleSellsBelowCost tries rules at random: a price is never below cost, never above cost, ceiling and one step.
func TestNoRuleSellsBelowCost(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	for range 20_000 {
		r := Rule{Percent: big.NewRat(random.Int64N(200_0000), 1_0000), Fixed: random.Int64N(50_00), Floor: random.Int64N(40_00)}
		if random.IntN(2) == 0 {
			r.Ceiling = r.Floor + random.Int64N(60_00)
		}
		s := pricedBy(map[Scope]Rule{{}: r})
		s.o.PriceStep = []int64{1, 5, 10, 7}[random.IntN(4)]
		cost := 1 + random.Int64N(10_000_00)
		price, ok := s.price(dzd(cost), sale{})
		if !ok || price < cost+r.Floor || price%(s.o.PriceStep*100) != 0 {
			t.Fatalf("%+v over %d at step %d: %d %v", r, cost, s.o.PriceStep, price, ok)
		}
		if r.Ceiling > 0 && price >= cost+r.Ceiling+s.o.PriceStep*100 {
			t.Fatalf("%+v over %d at step %d: %d is above the ceiling", r, cost, s.o.PriceStep, price)
		}
	}
}

// TestPricesAreSharedByProcesses: what an admin sets holds at once where it was set, within ten seconds elsewhere, and a removal too.
func TestPricesAreSharedByProcesses(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		other, err := New(k.options)
		k.ok(err)
		code := k.line(grab)
		price := func(s *Shop) int64 {
			l, err := s.Line(k.ctx, code)
			k.ok(err)
			return l.Price
		}
		first := price(other)
		of := Scope{Product: code}
		examples, n, err := k.shop.TryRule(k.ctx, of, &Rule{Percent: rat("100")})
		k.ok(err)
		if n != 1 || len(examples) != 1 || examples[0].Old != first || examples[0].New <= first || price(k.shop) != first {
			t.Errorf("tried: %+v, %d", examples, n)
		}
		k.ok(k.shop.SetRule(k.ctx, admin, of, &Rule{Percent: rat("100")}))
		if got := price(k.shop); got != examples[0].New {
			t.Errorf("here it costs %d, want %d", got, examples[0].New)
		}
		if got := price(other); got != first {
			t.Errorf("the other process asks Redis at each tap: %d", got)
		}
		k.pass(11 * time.Second)
		if got := price(other); got != examples[0].New {
			t.Errorf("after ten seconds it costs %d elsewhere, want %d", got, examples[0].New)
		}
		k.ok(k.shop.SetRule(k.ctx, admin, of, nil))
		k.is(k.shop.SetRule(k.ctx, admin, of, nil), ErrNotFound)
		k.is(k.shop.SetRate(k.ctx, admin, "VND", rat("0")), ErrRule)
		k.is(k.shop.SetRate(k.ctx, admin, "DZD", rat("2")), ErrRule)
		k.ok(k.shop.SetRate(k.ctx, admin, "VND", rat("0.0106"))) // twice as much
		if got := price(k.shop); got < 2*first-5_00 {
			t.Errorf("at twice the rate it costs %d, before %d", got, first)
		}
		rates, err := k.shop.Rates(k.ctx)
		k.ok(err)
		if len(rates) != 1 || rates[0].Currency != "VND" || !rates[0].Rate.Set.Equal(k.now()) {
			t.Errorf("rates %+v", rates)
		}
		k.ok(k.shop.SetRate(k.ctx, admin, "VND", nil))
		if got := price(k.shop); got != first {
			t.Errorf("by the settings it costs %d, before %d", got, first)
		}
	})
}

// TestTariffFromOldBytes holds the stored shape, and that what cannot be read neither prices anything nor hides the rest.
func TestTariffFromOldBytes(t *testing.T) {
	t.Parallel()
	got, err := readTariff(map[string]string{
		"rule|gold||game-cards|": `{"p":"13/2","x":2000,"lo":500,"hi":90000}`, "rate|VND": `{"r":"53/10000","t":"2026-03-02T10:00:00Z"}`,
		"rule||||X": "{", "rule|||": `{"p":"1"}`, "rule||||": `{"p":"-5"}`, "rate|EUR": `{"r":"0"}`, "other": `{}`,
	})
	if err == nil {
		t.Error("damaged prices are not reported")
	}
	want := &tariff{rules: map[Scope]Rule{{Tier: "gold", Category: "game-cards"}: {Percent: rat("6.5"), Fixed: 20_00, Floor: 5_00, Ceiling: 900_00}},
		rates: map[string]Rate{"VND": {Value: rat("0.0053"), Set: start()}}}
	same := cmp.Options{cmp.AllowUnexported(tariff{}), cmp.Comparer(func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Error(diff)
	}
}

// TestMarginOfAnOrder: from what the supplier charged where it says so, else estimated from the quote, at the rate of the purchase.
func TestMarginOfAnOrder(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		vouchers, gift := k.buy(amine, grab, 2), k.buy(amine, psn, 1)
		k.ok(k.shop.SetRate(k.ctx, admin, "VND", rat("0.02"))) // after the purchase: it changes nothing about it
		var got []Margin
		for _, o := range []store.Order{k.run(vouchers.ID, time.Second, time.Minute), k.run(gift.ID, time.Second, time.Minute)} {
			m, ok := MarginOf(o)
			if !ok || m.Earned() <= 0 || m.Sold != o.Captured {
				t.Errorf("margin %+v of %s", m, o.ID)
			}
			got = append(got, m)
		}
		if !got[0].Estimated || got[0].Cost != 2*106_00 {
			t.Errorf("vouchers, of which the supplier says no cost: %+v", got[0])
		}
		if got[1].Estimated {
			t.Errorf("a gift card, of which the supplier says what it charged: %+v", got[1])
		}
	})
}

func TestSlug(t *testing.T) {
	t.Parallel()
	got := []string{Slug("Game Cards"), Slug("  PSN/Xbox  &Co. "), Slug("بطاقات"), Slug("a-very-long-name-of-a-category-xx-yy"), Slug("")}
	if want := []string{"game-cards", "psn-xbox-co", "", "a-very-long-name-of-a-category-x", ""}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
