package flows

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/providers/giftz/sandbox"
	dzsandbox "cardrop/providers/oneclickdz/sandbox"
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

// demo is the families of the catalogs that the suppliers' simulators sell.
func demo() []checkout.Family {
	var all []checkout.Family
	for _, c := range dzsandbox.DefaultCatalog() {
		for _, p := range c.Products {
			all = append(all, checkout.Family{Title: p.Title, Category: c.Title, Words: c.Title, Region: p.Region, Kind: providers.GiftCard})
		}
	}
	for _, kind := range []providers.AccountKind{providers.ADSL, providers.FourG} {
		all = append(all, checkout.Family{
			Title:    map[providers.AccountKind]string{providers.ADSL: "Idoom ADSL", providers.FourG: "Idoom 4G"}[kind],
			Category: "Internet", Words: "Internet", Region: "algeria", Kind: providers.InternetCard, Account: kind,
		})
	}
	seen := map[string]bool{}
	for _, v := range sandbox.DefaultVouchers() {
		if !seen[v.Publisher] {
			all = append(all, checkout.Family{Title: v.Publisher, Category: v.Publisher, Region: "vietnam", Kind: providers.Voucher})
		}
		seen[v.Publisher] = true
	}
	return all
}

// TestEveryFamilyIsFoundInArabic searches the demo's catalogs as people in Algeria write: each family is found by an Arabic word.
func TestEveryFamilyIsFoundInArabic(t *testing.T) {
	found := map[string]bool{}
	for words, want := range map[string]string{
		"بلايستيشن ألمانيا":            "PSN Germany",
		"بطاقة بلاستيشن فرنسا":         "PSN France",
		"بلي ستيشن امريكا":             "PSN USA",
		"بـلايـستيشن أمريكا":           "PSN USA",
		"ستيم":                         "Steam Wallet",
		"كارت قوقل بلاي":               "Google Play USA",
		"غوغل":                         "Google Play USA",
		"ابل فرنسا":                    "Apple Gift Card France",
		"آيتونز تركيا":                 "Apple Gift Card Turkey",
		"نتفليكس":                      "Netflix Europe",
		"موبيليس":                      "Mobilis card",
		"ادسل":                         "Idoom ADSL",
		"تعبئة الهاتف الثابت":          "Idoom ADSL",
		"شحن ADSL":                     "Idoom ADSL",
		"فورجي":                        "Idoom 4G",
		"شحن ٤ج":                       "Idoom 4G",
		"الجيل الرابع":                 "Idoom 4G",
		"جراب":                         "Grab",
		"قسيمة شوبي":                   "Shopee",
		"تيكي الفيتنام":                "Tiki",
		"لازادا":                       "Lazada",
		"carte play station allemagne": "PSN Germany",
		"recharge 4g":                  "Idoom 4G",
		"flexy adsl":                   "Idoom ADSL",
		"playst usa":                   "PSN USA",
		"cartes netfl":                 "Netflix Europe",
	} {
		got := searched(demo(), words)
		if len(got) != 1 || got[0].Title != want {
			t.Errorf("%q finds %v, want %s", words, got, want)
		}
		found[want] = true
	}
	for _, f := range demo() {
		if !found[f.Title] {
			t.Errorf("no word finds %s", f.Title)
		}
	}
	for words, want := range map[string]int{"شحن": 3, "الأنترنت": 3, "إنترنت": 3, "internet": 3, "carte": len(demo()), "كارت": len(demo())} {
		if got := searched(demo(), words); len(got) != want {
			t.Errorf("%q finds %d products, want %d", words, len(got), want)
		}
	}
}

// TestSynonymsAreFound holds that every spelling leads to its own group, also with accents, in capitals and with another shape of
// its letters.
func TestSynonymsAreFound(t *testing.T) {
	shapes := strings.NewReplacer("ا", "أ", "ه", "ة", "ي", "ى")
	for _, group := range synonyms() {
		family := []checkout.Family{{Title: group[0]}}
		for _, s := range group {
			for _, spelling := range []string{s, strings.ToUpper(s), shapes.Replace(s), " " + s + "ـ"} {
				if len(searched(family, spelling)) != 1 {
					t.Errorf("%q does not find %q", spelling, group[0])
				}
			}
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
		"مؤقت بئر":    "موقت بير",
		"ڤيسا پلاي":   "فيسا بلاي",
	} {
		if got := fold(text); got != want {
			t.Errorf("fold(%q) = %q, want %q", text, got, want)
		}
	}
}
