package flows

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"cardrop/flows/checkout"
)

// roomSearch is where typed words are searched for.
const roomSearch = "search"

// pageSize is how many lines a list shows at once.
const pageSize = 8

// synonyms are words that mean the same to people who look for a card; each is compared folded.
func synonyms() [][]string {
	return [][]string{
		{"psn", "playstation", "play station", "ps4", "ps5", "sony", "بلايستيشن", "بلاي ستيشن"},
		{"xbox", "x box", "microsoft", "اكس بوكس", "إكس بوكس"},
		{"nintendo", "eshop", "switch", "نينتندو"},
		{"steam", "ستيم"},
		{"itunes", "apple", "app store", "ايتونز", "آبل", "ابل"},
		{"google", "google play", "play store", "android", "جوجل", "قوقل", "غوغل"},
		{"netflix", "نتفليكس", "نتفلكس"},
		{"spotify", "سبوتيفاي"},
		{"roblox", "روبلوكس"},
		{"free fire", "freefire", "garena", "فري فاير"},
		{"pubg", "ببجي", "بوبجي"},
		{"fortnite", "فورتنايت"},
		{"amazon", "امازون", "أمازون"},
		{"adsl", "idoom", "fixe", "landline", "ligne", "أيدوم"},
		{"4g", "lte", "4glte", "فورجي", "الجيل الرابع"},
		{"internet", "انترنت", "الأنترنت", "اتصالات الجزائر", "algerie telecom"},
		{"voucher", "bon", "coupon", "قسيمة"},
		{"gift", "cadeau", "gift card", "carte cadeau", "هدية"},
		{"germany", "allemagne", "deutschland", "ألمانيا"},
		{"france", "fr", "francais", "فرنسا"},
		{"usa", "us", "united states", "etats unis", "america", "amerique", "أمريكا"},
		{"uk", "united kingdom", "royaume uni", "england", "angleterre", "بريطانيا"},
		{"turkey", "turquie", "turkiye", "تركيا"},
		{"spain", "espagne", "اسبانيا"},
		{"italy", "italie", "ايطاليا"},
		{"vietnam", "viet nam", "vn", "فيتنام"},
		{"algeria", "algerie", "dz", "الجزائر"},
		{"uae", "emirates", "emirats", "الامارات"},
		{"ksa", "saudi arabia", "arabie saoudite", "السعودية"},
	}
}

// fold makes texts comparable: lower case, no accents, one shape of each Arabic letter, ASCII digits, single spaces.
func fold(text string) string {
	var b strings.Builder
	space := true
	for _, r := range norm.NFKD.String(text) {
		r = unicode.ToLower(r)
		switch {
		case unicode.Is(unicode.Mn, r), r == 'ـ', unicode.Is(unicode.Cf, r): // accents, tatweel, bidi marks
			continue
		case r == 'أ' || r == 'إ' || r == 'آ' || r == 'ٱ':
			r = 'ا'
		case r == 'ى' || r == 'ی':
			r = 'ي'
		case r == 'ة':
			r = 'ه'
		case r == 'ک':
			r = 'ك'
		case r == 'ڨ' || r == 'گ':
			r = 'ق'
		case r >= '٠' && r <= '٩':
			r = '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			r = '0' + r - '۰'
		case r == 'ø':
			r = 'o'
		case r == 'đ', r == 'ð':
			r = 'd'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		b.WriteRune(r)
		space = false
	}
	return strings.TrimSpace(b.String())
}

// wanted is one searched word: any of its spellings will do.
type wanted []string

// understand turns typed words into what is looked for. Of the synonyms, those of several words are read first.
func understand(text string) []wanted {
	text = " " + fold(text) + " "
	var out []wanted
	for _, group := range synonyms() {
		spellings := make(wanted, len(group))
		for i, s := range group {
			spellings[i] = fold(s)
		}
		slices.SortStableFunc(spellings, func(a, b string) int { return len(b) - len(a) }) // "gift card" before "gift"
		for _, s := range spellings {
			if at := strings.Index(text, " "+s+" "); at >= 0 {
				text = text[:at] + " " + text[at+len(s)+2:]
				text = " " + strings.TrimSpace(text) + " "
				out = append(out, spellings)
				break
			}
		}
	}
	for word := range strings.FieldsSeq(text) {
		out = append(out, wanted{word})
	}
	return out
}

// matches tells whether a folded text has a word that begins with one of the spellings; short spellings must be whole words.
func (w wanted) matches(text string) bool {
	for _, s := range w {
		if strings.Contains(" "+text+" ", " "+s+" ") || len(s) >= 3 && strings.Contains(" "+text, " "+s) {
			return true
		}
	}
	return false
}

// searched keeps the families in which every wanted word occurs.
func searched(all []checkout.Family, text string) []checkout.Family {
	words := understand(text)
	if len(words) == 0 {
		return nil
	}
	var found []checkout.Family
families:
	for _, f := range all {
		about := fold(strings.Join([]string{f.Title, f.Category, f.Region, f.Code, string(f.Kind), string(f.Account)}, " "))
		for _, w := range words {
			if !w.matches(about) {
				continue families
			}
		}
		found = append(found, f)
	}
	return found
}

// askSearch asks for words.
func (d *Desk) askSearch(_ context.Context, v *visit, _ []string) error {
	v.talk.Room = roomSearch
	v.menu(v.say("search.title"), v.say("search.body"),
		[]Button{v.button("button.categories", "cats:0"), v.button("button.regions", "areas:0")}, v.typing("menu"))
	return nil
}

// search looks for typed words.
func (d *Desk) search(ctx context.Context, v *visit, text string) error {
	v.talk.Search = clip(strings.TrimSpace(text), 64)
	return d.open(ctx, v, "find:0")
}

// showFound draws what was found.
func (d *Desk) showFound(ctx context.Context, v *visit, args []string) error {
	all, err := d.shop.Families(ctx)
	if err != nil {
		return v.missing(err)
	}
	v.talk.Room = roomSearch
	found := searched(all, v.talk.Search)
	if len(found) == 0 {
		v.menu(v.say("search.none", "Words", v.talk.Search), v.say("search.hint"),
			[]Button{v.button("button.categories", "cats:0"), v.button("button.regions", "areas:0")}, v.typing("menu"))
		return nil
	}
	title := v.count("search.found", len(found), "Words", v.talk.Search)
	d.showFamilies(v, title, found, args[0], "search", func(p int) string { return "find:" + number(p) })
	return nil
}
