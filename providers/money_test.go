package providers_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"cardrop/providers"
)

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		minor          int64
		shown          string
	}{
		{"1450.5", "DZD", 145050, "1450.50 DZD"},
		{"1450.504", "DZD", 145050, "1450.50 DZD"},
		{"1450.505", "DZD", 145051, "1450.51 DZD"}, // half up; a float holds 1450.50499…
		{"1450.50499999999999999", "DZD", 145050, "1450.50 DZD"},
		{"0.005", "DZD", 1, "0.01 DZD"},
		{"0.0049", "DZD", 0, "0.00 DZD"},
		{"-0.005", "DZD", 0, "0.00 DZD"}, // half up means towards more
		{"-0.006", "DZD", -1, "-0.01 DZD"},
		{"-12.34", "DZD", -1234, "-12.34 DZD"},
		{" 7 ", "DZD", 700, "7.00 DZD"},
		{".5", "DZD", 50, "0.50 DZD"},
		{"5.", "DZD", 500, "5.00 DZD"},
		{"007", "DZD", 700, "7.00 DZD"},
		{"20000", "VND", 20000, "20000 VND"},
		{"20000.5", "VND", 20001, "20001 VND"},
		{"20000.49", "VND", 20000, "20000 VND"},
		{"1.2345", "KWD", 1235, "1.235 KWD"},
		{"12.5", "XTR", 13, "13 XTR"},
		{"1.005", "ZZZ", 101, "1.01 ZZZ"},
		{"90071992547409.93", "DZD", 9007199254740993, "90071992547409.93 DZD"}, // beyond what a float can hold
		{"9223372036854775807", "VND", 9223372036854775807, "9223372036854775807 VND"},
	} {
		m, err := providers.ParseMoney(c.text, c.currency)
		if err != nil || m.Minor != c.minor || m.Currency != c.currency || m.String() != c.shown {
			t.Errorf("%s %s: got %d (%s), error %v; want %d (%s)", c.text, c.currency, m.Minor, m, err, c.minor, c.shown)
		}
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "abc", "1e9", "1E-2", "+5", "1/3", "0x10", "1,000.50", "1_000", "NaN", "Inf", "--1", "1-2", "1.2.3", ".", "-", "-.", "1 000",
		"１２", "9223372036854775808.00", strings.Repeat("9", 33),
	} {
		if m, err := providers.ParseMoney(text, "VND"); err == nil {
			t.Errorf("%q: got %v, want an error", text, m)
		} else if len(text) > 1 && strings.Contains(err.Error(), text) && strings.TrimSpace(text) != "" {
			t.Errorf("%q: the error quotes the text: %v", text, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		json  string
		minor int64
		fails bool
	}{
		{`1450.5`, 145050, false}, {`"1450.5"`, 145050, false}, {`0.1`, 10, false}, {`-3`, -300, false}, {`1.005`, 101, false},
		{`90071992547409.93`, 9007199254740993, false}, {`"90071992547409.93"`, 9007199254740993, false},
		{`1e3`, 0, true}, {`"1e3"`, 0, true}, {`""`, 0, true}, {`"abc"`, 0, true}, {`true`, 0, true}, {`{}`, 0, true}, {`[1]`, 0, true},
		{strings.Repeat("1", 33), 0, true},
	} {
		var v struct{ Price providers.Decimal }
		err := json.Unmarshal([]byte(`{"Price":`+c.json+`}`), &v)
		if (err != nil) != c.fails {
			t.Errorf("%s: error %v, want failing %v", c.json, err, c.fails)
			continue
		}
		if m, err := v.Price.Money("DZD"); !c.fails && (err != nil || m.Minor != c.minor) {
			t.Errorf("%s: got %v, error %v; want %d", c.json, m, err, c.minor)
		}
	}
	var v struct{ Price providers.Decimal }
	if err := json.Unmarshal([]byte(`{"Price":null}`), &v); err != nil {
		t.Fatal(err)
	}
	if m, err := v.Price.Money("DZD"); err != nil || !m.IsZero() || m.String() != "unknown" {
		t.Errorf("null: got %v, error %v; want unknown money", m, err)
	}
}

func TestMoneyUnits(t *testing.T) {
	for _, c := range []struct {
		money providers.Money
		want  *big.Rat
	}{
		{providers.Money{Minor: 145050, Currency: "DZD"}, big.NewRat(29010, 20)},
		{providers.Money{Minor: 20000, Currency: "VND"}, big.NewRat(20000, 1)},
		{providers.Money{Minor: -1, Currency: "KWD"}, big.NewRat(-1, 1000)},
	} {
		if got := c.money.Units(); got.Cmp(c.want) != 0 {
			t.Errorf("%v: got %s units, want %s", c.money, got, c.want)
		}
		back, err := providers.FromUnits(c.money.Units(), c.money.Currency)
		if err != nil || back != c.money {
			t.Errorf("%v: came back as %v, error %v", c.money, back, err)
		}
	}
	if m, err := providers.FromUnits(new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 70)), "VND"); err == nil {
		t.Errorf("2^70: got %v, want an error", m)
	}
}

func TestStateFinal(t *testing.T) {
	for state, want := range map[providers.State]bool{
		providers.Pending: false, providers.Fulfilled: true, providers.Partial: true, providers.Refunded: true, "": false, "other": false,
	} {
		if state.Final() != want {
			t.Errorf("%q: final %v, want %v", state, state.Final(), want)
		}
	}
}
