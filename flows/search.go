package flows

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"cardrop/flows/checkout"
)

// roomSearch is where typed words are searched for.
const roomSearch = "search"

// pageSize is how many lines a list shows at once.
const pageSize = 8

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
		case r == 'پ':
			r = 'ب'
		case r == 'ڤ':
			r = 'ف'
		case r == 'چ':
			r = 'ج'
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

// plainWords folds a text and leaves out the Arabic article before its words: "الإنترنت" is "انترنت".
func plainWords(text string) string {
	words := strings.Fields(fold(text))
	for i, w := range words {
		if rest, cut := strings.CutPrefix(w, "ال"); cut && utf8.RuneCountInString(rest) >= 3 {
			words[i] = rest
		}
	}
	return strings.Join(words, " ")
}

// wanted is one searched word: any of its spellings will do.
type wanted []string

// understand turns typed words into what is looked for. Of the synonyms, those of several words are read first; the beginning of
// a spelling is enough for the word that is still being typed. Words such as "card" name nothing and are left out.
func understand(text string) []wanted {
	text = " " + plainWords(text) + " "
	groups := spellings()
	var out []wanted
	for _, group := range groups {
		for _, s := range group {
			if at := strings.Index(text, " "+s+" "); at >= 0 {
				text = " " + strings.TrimSpace(text[:at]+" "+text[at+len(s)+2:]) + " "
				out = append(out, group)
				break
			}
		}
	}
	for word := range strings.FieldsSeq(text) {
		if slices.Contains(noise(), word) {
			continue
		}
		want := wanted{word}
		for _, group := range groups {
			if utf8.RuneCountInString(word) >= 4 && slices.ContainsFunc(group, func(s string) bool { return strings.HasPrefix(s, word) }) {
				want = append(want, group...)
			}
		}
		out = append(out, want)
	}
	return out
}

// spellings are the synonyms as they are compared: folded, the longest of each group first.
func spellings() []wanted {
	var out []wanted
	for _, group := range synonyms() {
		w := make(wanted, len(group))
		for i, s := range group {
			w[i] = plainWords(s)
		}
		slices.SortStableFunc(w, func(a, b string) int { return len(b) - len(a) }) // "gift card" before "gift"
		out = append(out, w)
	}
	return out
}

// matches tells whether a folded text has a word that begins with one of the spellings; short spellings must be whole words.
func (w wanted) matches(text string) bool {
	for _, s := range w {
		if strings.Contains(" "+text+" ", " "+s+" ") || utf8.RuneCountInString(s) >= 3 && strings.Contains(" "+text, " "+s) {
			return true
		}
	}
	return false
}

// searched keeps the families in which every wanted word occurs.
func searched(all []checkout.Family, text string) []checkout.Family {
	words := understand(text)
	if fold(text) == "" {
		return nil
	}
	var found []checkout.Family
families:
	for _, f := range all {
		about := plainWords(strings.Join([]string{f.Title, f.Words, f.Region, f.Code, string(f.Kind), string(f.Account)}, " "))
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
