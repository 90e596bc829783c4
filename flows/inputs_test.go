package flows

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// typed is one row of the table of what people type: what it is typed as, and what the shop reads. An empty want is refused.
type typed struct{ as, text, want string }

// table is the forgiving input of every kind, in every script and with every separator people use.
func table() []typed {
	return []typed{
		{"amount", "2000", "200000"},
		{"amount", "2 000", "200000"},
		{"amount", "2\u00a0000", "200000"},
		{"amount", "2\u202f000", "200000"},
		{"amount", "2\u2009000", "200000"},
		{"amount", "2.000", "200000"},
		{"amount", "2,000", "200000"},
		{"amount", "2'000", "200000"},
		{"amount", "2’000", "200000"},
		{"amount", "٢٠٠٠", "200000"},
		{"amount", "۲۰۰۰", "200000"},
		{"amount", "٢٬٠٠٠", "200000"},
		{"amount", "٢،٠٠٠", "200000"},
		{"amount", "٢ ٠٠٠٫٥٠", "200050"},
		{"amount", "2000,5", "200050"},
		{"amount", "2000.50", "200050"},
		{"amount", "2.000,50", "200050"},
		{"amount", "2,000.50", "200050"},
		{"amount", "2 000,50", "200050"},
		{"amount", "12.345.678", "1234567800"},
		{"amount", "2000 DA", "200000"},
		{"amount", "2000da.", "200000"},
		{"amount", "2 000 dinars", "200000"},
		{"amount", "2000 DZD", "200000"},
		{"amount", "٢٠٠٠ دج", "200000"},
		{"amount", "2000 د.ج", "200000"},
		{"amount", "2000 دينار", "200000"},
		{"amount", "200 000 centimes", "200000"},
		{"amount", "٢٠٠٠٠٠ سنتيم", "200000"},
		{"amount", "\u20662 000\u2069 دج", "200000"}, // copied from the shop's own words
		{"amount", "2000.", "200000"},
		{"amount", "", ""},
		{"amount", "DA", ""},
		{"amount", "-2000", ""},
		{"amount", "−2000", ""},
		{"amount", "+2000", ""},
		{"amount", "2000-3000", ""},
		{"amount", "2.0.0", ""},
		{"amount", "2000.500", ""},
		{"amount", "0.500", ""},
		{"amount", "1,500.250", ""},
		{"amount", "1.500,000", ""},
		{"amount", "2e3", ""},
		{"amount", "2000 euros", ""},
		{"amount", "1.5 centimes", ""},
		{"amount", "99999999999999999999", ""},

		{"quantity", "3", "3"},
		{"quantity", " ٣ ", "3"},
		{"quantity", "۱۲", "12"},
		{"quantity", "x5", "5"},
		{"quantity", "5 ×", "5"},
		{"quantity", "1\u202f000", "1000"},
		{"quantity", "1.000", "1000"},
		{"quantity", "3.", "3"},
		{"quantity", "1,5", ""},
		{"quantity", "1.50", ""},
		{"quantity", "deux", ""},
		{"quantity", "", ""},

		{"code", "GRAB2000-9L7", "GRAB2000-9L7"},
		{"code", "grab2000-9l7", "GRAB2000-9L7"},
		{"code", "GRAB2000–9L7", "GRAB2000-9L7"},
		{"code", "GRAB2000‑9L7", "GRAB2000-9L7"},
		{"code", "GRAB2000 9L7", "GRAB2000-9L7"},
		{"code", "GRAB2000\u00a09L7", "GRAB2000-9L7"},
		{"code", "grab2000.9l7", "GRAB2000-9L7"},
		{"code", "GRAB2000,9L7", "GRAB2000-9L7"},
		{"code", "grab2000_9l7", "GRAB2000-9L7"},
		{"code", "GRAB٢٠٠٠-٩L٧", "GRAB2000-9L7"},
		{"code", "#GRAB2000-9L7", "GRAB2000-9L7"},
		{"code", "\u2066GRAB2000-9L7\u2069", "GRAB2000-9L7"},
		{"code", "بطاقة", ""},
		{"code", "ABCDEFGHIJKLMNOPQ", ""},
		{"code", "", ""},

		{"order", "K7M2-9QXW", "K7M29QXW"},
		{"order", "k7m29qxw", "K7M29QXW"},
		{"order", "K7M2 9QXW", "K7M29QXW"},
		{"order", "K7M2\u202f9QXW", "K7M29QXW"},
		{"order", "K7M2.9QXW", "K7M29QXW"},
		{"order", "K7M2—9QXW.", "K7M29QXW"},
		{"order", "#K7M2–9QXW", "K7M29QXW"},
		{"order", "K٧M٢-٩QXW", "K7M29QXW"},
		{"order", "Order K7M2-9QXW", "K7M29QXW"},
		{"order", "commande K7M2-9QXW", "K7M29QXW"},
		{"order", "الطلبية \u2066K7M2-9QXW\u2069", "K7M29QXW"},
		{"order", "K7M2", ""},
		{"order", "K7M2-9QX0", ""},
		{"order", "", ""},

		{"4G", "0661223344", "213661223344"},
		{"4G", "06 61 22 33 44", "213661223344"},
		{"4G", "0661.22.33.44", "213661223344"},
		{"4G", "0661,22,33,44", "213661223344"},
		{"4G", "0661\u00a022\u202f33\u200944", "213661223344"},
		{"4G", "+213 661 22 33 44", "213661223344"},
		{"4G", "+213 (0)661-22-33-44", "213661223344"},
		{"4G", "00213661223344", "213661223344"},
		{"4G", "00 213 661 22 33 44", "213661223344"},
		{"4G", "213661223344", "213661223344"},
		{"4G", "٠٦٦١٢٢٣٣٤٤", "213661223344"},
		{"4G", "+٢١٣ ٦٦١ ٢٢ ٣٣ ٤٤", "213661223344"},
		{"4G", "۰۶۶۱۲۲۳۳۴۴", "213661223344"},
		{"4G", "\u20660661223344\u2069", "213661223344"},
		{"4G", "066122334", ""},
		{"4G", "021234567", ""},
		{"4G", "سلام", ""},
		{"ADSL", "021234567", "021234567"},
		{"ADSL", "021 23 45 67", "021234567"},
		{"ADSL", "021.23.45.67", "021234567"},
		{"ADSL", "٠٢١ ٢٣ ٤٥ ٦٧", "021234567"},
		{"ADSL", "+213 21 23 45 67", "021234567"},
		{"ADSL", "00213 21 23 45 67", "021234567"},
		{"ADSL", "213 21 23 45 67", "021234567"},
		{"ADSL", "0661223344", ""},
		{"ADSL", "21 23 45 67", ""},

		{"customer", "C-4821", "4821"},
		{"customer", "c4821", "4821"},
		{"customer", "C 4821", "4821"},
		{"customer", "C–4821", "4821"},
		{"customer", "c.4821", "4821"},
		{"customer", "C-٤٨٢١", "4821"},
		{"customer", "#C-4821", "4821"},
		{"customer", "\u2066C-4821\u2069", "4821"},
		{"customer", "C-10 482", "10482"},
		{"customer", "4821", ""},
		{"customer", "C-482", ""},
		{"customer", "C-0821", ""},
		{"customer", "C-48X1", ""},
		{"customer", "", ""},
	}
}

// read gives what the shop makes of a typed text; empty when it is refused.
func (c typed) read() string {
	var value any
	var ok bool
	switch c.as {
	case "amount":
		minor, err := amountOf(c.text, "DZD")
		value, ok = minor, err == nil
	case "quantity":
		value, ok = countOf(c.text)
	case "code":
		value, ok = shortCode(c.text)
	case "order":
		value, ok = orderID(c.text)
	case "customer":
		value, ok = customerNumber(c.text)
	default:
		value, ok = lineNumber(providers.AccountKind(c.as), c.text)
	}
	if !ok {
		return ""
	}
	return fmt.Sprint(value)
}

func TestForgivingInput(t *testing.T) {
	for _, c := range table() {
		if got := c.read(); got != c.want {
			t.Errorf("%s %q is read as %q, want %q", c.as, c.text, got, c.want)
		}
	}
}

// TestEveryScriptOfDigits types every readable row of the table in Arabic and in Persian digits: it is read the same.
func TestEveryScriptOfDigits(t *testing.T) {
	for name, zero := range map[string]rune{"Arabic": '٠', "Persian": '۰'} {
		for _, c := range table() {
			c.text = strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return zero + r - '0'
				}
				return r
			}, c.text)
			if got := c.read(); got != c.want {
				t.Errorf("%s %q in %s digits is read as %q, want %q", c.as, c.text, name, got, c.want)
			}
		}
	}
}

func TestLeadingAmount(t *testing.T) {
	for text, want := range map[string]struct {
		minor int64
		rest  string
	}{
		"5000 cash":                {500_000, "cash"},
		"5 000 cash":               {500_000, "cash"},
		"5 000 DA cash 12":         {500_000, "cash 12"},
		"5\u202f000\u00a0دج نقدا":  {500_000, "نقدا"},
		"1 250 000,50 cash":        {125_000_050, "cash"},
		"5000 200 notes":           {500_000, "200 notes"},
		"50 notes of 100":          {5_000, "notes of 100"},
		"200 000 centimes au café": {200_000, "au café"},
		"٥ ٠٠٠ نقدا":               {500_000, "نقدا"},
	} {
		minor, rest, ok := leadingAmount(strings.Fields(text), "DZD")
		if !ok || minor != want.minor || strings.Join(rest, " ") != want.rest {
			t.Errorf("%q is read as %d with %q (%v)", text, minor, rest, ok)
		}
	}
	for _, text := range []string{"", "cash 5000", "2.0.0 cash"} {
		if minor, _, ok := leadingAmount(strings.Fields(text), "DZD"); ok {
			t.Errorf("%q is read as %d", text, minor)
		}
	}
	if _, err := amountOf("2000 DA", "EUR"); err == nil {
		t.Error("dinars are read as euros")
	}
}

func TestNamedCode(t *testing.T) {
	all := []checkout.Family{
		{Code: "GRAB-FAM", Lines: []checkout.Line{{Code: "GRAB2000-9L7"}, {Code: "GRAB5000-844"}}},
		{Code: "4G", Lines: []checkout.Line{{Code: "4G-500"}}},
	}
	for text, want := range map[string][]string{
		"GRAB2000-9L7":       {"GRAB2000-9L7"},
		"grab20009l7 2":      {"GRAB2000-9L7", "2"},
		"grab2000 9l7 2":     {"GRAB2000-9L7", "2"},
		"grab2000 – 9l7 × 2": {"GRAB2000-9L7", "×", "2"},
		"grab fam":           {"GRAB-FAM"},
		"4g 500":             {"4G-500"},
		"٤g ٣":               {"4G", "٣"},
		"PLAY station":       {"PLAY", "station"},
	} {
		code, rest, ok := namedCode(all, strings.Fields(text))
		if diff := cmp.Diff(want, append([]string{code}, rest...)); !ok || diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if code, _, ok := namedCode(all, []string{"بلايستيشن"}); ok {
		t.Errorf("a word is the code %q", code)
	}
}

// FuzzTyped holds that nothing typed is read as what it is not, and that what was read is read the same when it is typed again.
func FuzzTyped(f *testing.F) {
	for _, c := range table() {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, as := range []string{"quantity", "code", "order", "4G", "ADSL"} {
			got := typed{as: as, text: text}.read()
			if got != "" && (typed{as: as, text: got}).read() != got {
				t.Errorf("%s %q is read as %q, and that as something else", as, text, got)
			}
		}
		if minor, err := amountOf(text, "DZD"); err == nil {
			again, err := amountOf(providers.Money{Minor: minor, Currency: "DZD"}.String(), "DZD")
			if err != nil || again != minor || minor < 0 {
				t.Errorf("%q is read as %d, and that as %d, %v", text, minor, again, err)
			}
		}
		if n, ok := customerNumber(text); ok {
			if again, ok := customerNumber(customerName(n)); !ok || again != n {
				t.Errorf("%q is read as %d, and that as %d", text, n, again)
			}
		}
	})
}
