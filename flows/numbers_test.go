package flows

import (
	"testing"

	"cardrop/providers"
)

func TestLineNumber(t *testing.T) {
	cases := []struct {
		kind        providers.AccountKind
		typed, want string
	}{
		{providers.FourG, "0661223344", "213661223344"},
		{providers.FourG, "06 61 22 33 44", "213661223344"},
		{providers.FourG, "0661-22.33 44", "213661223344"},
		{providers.FourG, "+213661223344", "213661223344"},
		{providers.FourG, "+213 (0) 661 22 33 44", "213661223344"},
		{providers.FourG, "00213661223344", "213661223344"},
		{providers.FourG, "213661223344", "213661223344"},
		{providers.FourG, "٠٦٦١٢٢٣٣٤٤", "213661223344"},
		{providers.FourG, "۰۶۶۱۲۲۳۳۴۴", "213661223344"},
		{providers.FourG, "\u200e0661\u00a022\u202f33 44", "213661223344"},
		{providers.FourG, "661223344", ""},
		{providers.FourG, "021234567", ""},
		{providers.FourG, "06612233445", ""},
		{providers.FourG, "0066122334", ""},
		{providers.FourG, "hello", ""},
		{providers.FourG, "", ""},
		{providers.ADSL, "021234567", "021234567"},
		{providers.ADSL, "021 23 45 67", "021234567"},
		{providers.ADSL, "٠٢١٢٣٤٥٦٧", "021234567"},
		{providers.ADSL, "+213 21 23 45 67", "021234567"},
		{providers.ADSL, "0021321234567", "021234567"},
		{providers.ADSL, "0661223344", ""},
		{providers.ADSL, "21234567", ""},
		{providers.ADSL, "02123456", ""},
		{providers.ADSL, "02123456x", ""},
	}
	for _, c := range cases {
		got, ok := lineNumber(c.kind, c.typed)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("lineNumber(%s, %q) = %q, %v; want %q", c.kind, c.typed, got, ok, c.want)
		}
	}
}

func TestTypedNumbers(t *testing.T) {
	for typed, want := range map[string]int{"3": 3, " 12 ": 12, "٣": 3, "x5": 5, "5x": 5, "1 0": 10, "0": 0, "-3": 3} {
		if got, ok := countOf(typed); !ok || got != want {
			t.Errorf("countOf(%q) = %d, %v; want %d", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", "two", "1.5", "9999999", "1e3"} {
		if got, ok := countOf(typed); ok {
			t.Errorf("countOf(%q) = %d", typed, got)
		}
	}
	for typed, want := range map[string]int64{
		"1500": 150_000, "1 500": 150_000, "1,500": 150_000, "1500.50": 150_050, "1500,5": 150_050, "٢٠٠٠": 200_000,
		"12,345,678": 1_234_567_800, "1,500.25": 150_025,
	} {
		if got, err := amountOf(typed, "DZD"); err != nil || got != want {
			t.Errorf("amountOf(%q) = %d, %v; want %d", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "abc", "1.2.3", "1e9", "99999999999999999999999999"} {
		if got, err := amountOf(typed, "DZD"); err == nil {
			t.Errorf("amountOf(%q) = %d", typed, got)
		}
	}
	for typed, want := range map[string]string{
		"K7M2-9QXW": "K7M29QXW", "k7m29qxw": "K7M29QXW", " k7m2 9qxw ": "K7M29QXW", "#K7M2–9QXW": "K7M29QXW",
	} {
		if got, ok := orderID(typed); !ok || got != want {
			t.Errorf("orderID(%q) = %q, %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"", "K7M2", "K7M2-9QX0", "K7M2-9QX1", "K7M2-9QXWW"} {
		if got, ok := orderID(typed); ok {
			t.Errorf("orderID(%q) = %q", typed, got)
		}
	}
}
