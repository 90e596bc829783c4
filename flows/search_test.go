package flows

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

func TestSearch(t *testing.T) {
	all := []checkout.Family{
		{Code: "A", Title: "PSN Germany", Category: "PSN", Region: "germany", Kind: providers.GiftCard},
		{Code: "B", Title: "PSN France", Category: "PSN", Region: "france", Kind: providers.GiftCard},
		{Code: "C", Title: "Xbox Türkiye", Category: "Xbox", Region: "turkey", Kind: providers.GiftCard},
		{Code: "D", Title: "ADSL", Category: "Internet", Kind: providers.InternetCard, Account: providers.ADSL},
		{Code: "E", Title: "4G LTE", Category: "Internet", Kind: providers.InternetCard, Account: providers.FourG},
		{Code: "F", Title: "Grab", Category: "Grab", Region: "vietnam", Kind: providers.Voucher},
	}
	for words, want := range map[string][]string{
		"psn":                    {"A", "B"},
		"PlayStation":            {"A", "B"},
		"play station allemagne": {"A"},
		"بلايستيشن":              {"A", "B"},
		"بلاي ستيشن ألمانيا":     {"A"},
		"بلايستيشن فرنسا":        {"B"},
		"xbox turkiye":           {"C"},
		"TÜRK":                   {"C"},
		"turquie":                {"C"},
		"adsl":                   {"D"},
		"internet":               {"D", "E"},
		"انترنت":                 {"D", "E"},
		"4g":                     {"E"},
		"٤g":                     {"E"},
		"carte cadeau psn":       {"A", "B"},
		"voucher":                {"F"},
		"psn xbox":               nil,
		"":                       nil,
		"  …  ":                  nil,
		"gra":                    {"F"},
		"ra":                     nil,
	} {
		var got []string
		for _, f := range searched(all, words) {
			got = append(got, f.Code)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("search %q (-want +got):\n%s", words, diff)
		}
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"Éàç Ñ":       "eac n",
		"أإآا":        "اااا",
		"مَدْرَسَة":   "مدرسه",
		"مصطفى ـــ":   "مصطفي",
		"٤۵":          "45",
		" a--b\u200f": "a b",
		"đồng":        "dong",
	} {
		if got := fold(text); got != want {
			t.Errorf("fold(%q) = %q, want %q", text, got, want)
		}
	}
}
