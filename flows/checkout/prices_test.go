package checkout

import (
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
)

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

func vnd(n int64) providers.Money { return providers.Money{Minor: n, Currency: "VND"} }
func dzd(n int64) providers.Money { return providers.Money{Minor: n, Currency: "DZD"} }

func TestPrices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cost   providers.Money
		markup string
		step   int64
		rate   string
		price  int64 // minor units; 0 for none
		booked int64 // the cost in minor units
	}{
		{vnd(20_000), "5", 1, "0.0053", 112_00, 106_00},  // 106 × 1.05 = 111.3
		{vnd(20_000), "5", 5, "0.0053", 115_00, 106_00},  //
		{vnd(20_000), "5", 10, "0.0053", 120_00, 106_00}, //
		{vnd(100_000), "0", 1, "0.0053", 530_00, 530_00}, // exact: no step up
		{vnd(100_000), "0", 10, "0.0053", 530_00, 530_00},
		{vnd(1), "0", 1, "0.0053", 1_00, 1},                                        // 0.0053 whole units: half a centime and a little, up
		{vnd(94), "0", 1, "0.0053", 1_00, 50},                                      // 0.4982 → 50 centimes
		{vnd(100), "0", 1, "0.00005", 1_00, 1},                                     // 0.005 whole units is exactly half a centime: up
		{vnd(99), "0", 1, "0.00005", 1_00, 0},                                      // just under half
		{dzd(2890_00), "5", 1, "", 3035_00, 2890_00},                               // 3034.5
		{dzd(2890_00), "5", 5, "", 3035_00, 2890_00},                               //
		{dzd(2890_00), "5", 10, "", 3040_00, 2890_00},                              //
		{dzd(489_50), "5", 1, "", 514_00, 489_50},                                  // 513.975
		{dzd(489_50), "5.25", 5, "", 520_00, 489_50},                               // 515.19…
		{dzd(1000_00), "33.333", 1, "", 1334_00, 1000_00},                          //
		{dzd(100_00), "0.000001", 1, "", 101_00, 100_00},                           // the smallest excess counts
		{dzd(0), "5", 1, "", 0, 0},                                                 // free of charge is a fault, not a price
		{dzd(-5), "5", 1, "", 0, -5},                                               //
		{vnd(20_000), "5", 1, "", 0, 0},                                            // no rate
		{providers.Money{}, "5", 1, "0.0053", 0, 0},                                // not read yet
		{dzd(1 << 62), "500", 1, "", 0, 1 << 62},                                   // does not fit
		{dzd(90071992547409_93), "0", 1, "", 90071992547410_00, 90071992547409_93}, // above 2⁵³ floats begin to lie
	} {
		s := &Shop{o: Options{Currency: "DZD", Markup: rat(c.markup), PriceStep: c.step, Rates: map[string]*big.Rat{}}}
		if c.rate != "" {
			s.o.Rates["VND"] = rat(c.rate)
		}
		price, ok := s.price(c.cost, sale{})
		if price != c.price || ok != (c.price != 0) {
			t.Errorf("%s at %s %% and step %d costs %d %v, want %d", c.cost, c.markup, c.step, price, ok, c.price)
		}
		if booked, _ := s.cost(c.cost); booked != c.booked {
			t.Errorf("%s is booked as %d, want %d", c.cost, booked, c.booked)
		}
	}
}

// TestPriceProperties: never below cost × (1 + markup), always a multiple of the step, and one step less would be below.
func TestPriceProperties(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		markup := big.NewRat(random.Int64N(100_00), 100)
		s := &Shop{o: Options{Currency: "DZD", Markup: markup, PriceStep: []int64{1, 5, 10, 50, 7}[random.IntN(5)],
			Rates: map[string]*big.Rat{"VND": big.NewRat(1+random.Int64N(1_000_000), 1+random.Int64N(1_000_000))}}}
		cost := vnd(1 + random.Int64N(1<<random.IntN(40)))
		if random.IntN(2) == 0 {
			cost.Currency = "DZD"
		}
		price, ok := s.price(cost, sale{})
		if !ok {
			t.Fatalf("%s has no price", cost)
		}
		exact, _ := s.exact(nil, cost)
		least := new(big.Rat).Mul(exact, new(big.Rat).Add(big.NewRat(1, 1), new(big.Rat).Quo(markup, big.NewRat(100, 1))))
		step := s.o.PriceStep * 100
		got := big.NewRat(price, 100)
		lower := big.NewRat(price-step, 100)
		if price%step != 0 || got.Cmp(least) < 0 || lower.Cmp(least) >= 0 {
			t.Fatalf("%s at %s %% and step %d costs %d", cost, markup, s.o.PriceStep, price)
		}
	}
}

// TestNoFloats reads the package's own source: money never passes through a float.
func TestNoFloats(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	bad := regexp.MustCompile(`float(32|64)|Float64\(|ParseFloat|math\.(Round|Ceil|Floor)`)
	if !bad.MatchString("x := float64(n) * 1.05") {
		t.Error("a float is not found")
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := bad.Find(text); found != nil {
			t.Errorf("%s has %s", name, found)
		}
	}
}

// TestMissingRate: a product in a currency without a rate is neither listed nor sold.
func TestMissingRate(t *testing.T) {
	t.Parallel()
	with := newKit(t, false)
	code := with.line("G0001_GZ")
	k := newKit(t, false, func(o *Options) { o.Rates = nil })
	families, err := k.shop.Families(k.ctx)
	k.ok(err)
	for _, f := range families {
		if f.Provider == "giftz" {
			t.Errorf("%s is listed without a rate", f.Title)
		}
	}
	if len(families) == 0 {
		t.Error("products in the shop's own currency are gone too")
	}
	_, err = k.shop.Quote(k.ctx, Basket{Line: code, Quantity: 1, Buyer: Buyer{User: amine}})
	k.is(err, ErrUnavailable)
	_, err = k.shop.Buy(k.ctx, Basket{ID: k.shop.NewOrderID(), Line: code, Quantity: 1, Unit: 1000_00, Buyer: Buyer{User: amine}})
	k.is(err, ErrUnavailable)
	k.balance(amine, 100_000_00)
	if len(k.giftz.Sold()) != 0 {
		t.Error("sold without a price")
	}
}

func TestPollAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		age, fast, slow time.Duration
	}{
		{0, 2 * time.Second, 5 * time.Minute},
		{59 * time.Second, 2 * time.Second, 5 * time.Minute},
		{time.Minute, 15 * time.Second, 5 * time.Minute},
		{5*time.Minute - 1, 15 * time.Second, 5 * time.Minute},
		{5 * time.Minute, time.Minute, 5 * time.Minute},
		{30*time.Minute - 1, time.Minute, 5 * time.Minute},
		{30 * time.Minute, 5 * time.Minute, 5 * time.Minute},
		{6*time.Hour - 1, 5 * time.Minute, 5 * time.Minute},
		{6 * time.Hour, time.Hour, time.Hour},
		{100 * 24 * time.Hour, time.Hour, time.Hour},
	} {
		if fast, slow := pollAfter(c.age, false), pollAfter(c.age, true); fast != c.fast || slow != c.slow {
			t.Errorf("after %s it is asked in %s, slowly in %s; want %s and %s", c.age, fast, slow, c.fast, c.slow)
		}
	}
}
