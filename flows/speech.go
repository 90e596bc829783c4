package flows

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/bojanz/currency"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"cardrop/providers"
)

// speech is the shop's words in one language.
type speech struct {
	language  string
	words     *Words
	localizer *i18n.Localizer
	amounts   *currency.Formatter
	leftward  bool // runs right to left: what does not is set apart
}

// say gives a text; args are placeholder names and values in turn. A key that is missing in this language is taken from the
// default language; one that is missing everywhere is the general sentence, never a key.
func (s speech) say(key string, args ...any) string {
	if text, ok := s.find(key, nil, args); ok {
		return text
	}
	text, _ := s.find("unsaid", nil, nil)
	return text
}

// count gives a text in the plural form of n, which stands in it as N.
func (s speech) count(key string, n int, args ...any) string {
	text, _ := s.find(key, n, append(args, "N", n))
	return text
}

// maybe gives a text that need not exist, such as a region's name.
func (s speech) maybe(key string) (string, bool) { return s.find(key, nil, nil) }

// find looks a text up.
func (s speech) find(key string, n any, args []any) (string, bool) {
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			data[name] = args[i+1]
			if text, ok := args[i+1].(string); ok {
				data[name] = s.isolate(text)
			}
		}
	}
	// Beside an error there is still a text when the default language has the key.
	text, _ := s.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n})
	return text, text != ""
}

// The characters that set a piece apart from a text of the other direction, and begin a line that runs right to left (Unicode
// Standard Annex 9).
const (
	isolateLeft  = "\u2066" // what follows runs left to right
	isolateFirst = "\u2068" // what follows runs as its first letter does
	isolateEnd   = "\u2069"
	markLeftward = "\u200f"
)

// leftward tells whether a language is written from right to left.
func leftward(language string) bool { return language == "ar" }

// isolate sets a piece such as a code, a name or an amount apart from a text that runs right to left; in other languages it
// changes nothing. A piece of this package's own words is left as it is. It is for what is read, never for what is copied or
// sent as a button's data.
func (s speech) isolate(piece string) string {
	if !s.leftward {
		return piece
	}
	if head, tail, more := strings.Cut(piece, "\n"); more { // an isolate ends with its line
		return s.isolate(head) + "\n" + s.isolate(tail)
	}
	if isolated(piece) {
		return piece
	}
	piece = strings.Map(undirected, piece)
	right, left := strings.ContainsFunc(piece, arabic), strings.ContainsFunc(piece, latin)
	switch {
	case !left:
		return piece
	case right:
		return isolateFirst + piece + isolateEnd
	default:
		return isolateLeft + piece + isolateEnd
	}
}

// alone is isolate for a line that is nothing but such a piece: it begins where its neighbors begin.
func (s speech) alone(piece string) string {
	apart := s.isolate(piece)
	if !s.leftward || apart == "" || strings.ContainsFunc(piece, arabic) {
		return apart
	}
	return markLeftward + apart
}

// nesting is what a character does to the depth of isolates.
func nesting(r rune) int {
	switch r {
	case '\u2066', '\u2067', '\u2068':
		return 1
	case '\u2069':
		return -1
	}
	return 0
}

// isolated tells whether a text holds isolates, each with its end.
func isolated(text string) bool {
	open, seen := 0, false
	for _, r := range text {
		n := nesting(r)
		if open += n; open < 0 {
			return false
		}
		seen = seen || n != 0
	}
	return seen && open == 0
}

// undirected leaves out characters by which a name could turn the text around it.
func undirected(r rune) rune {
	if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
		return -1
	}
	return r
}

func arabic(r rune) bool { return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) }

// latin is a letter or digit that runs left to right.
func latin(r rune) bool { return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !arabic(r) }

// setApart isolates the Latin pieces inside of the words themselves, such as "/orders" or "*600#", in a file of a language that
// runs right to left. Layouts of times are no words.
func setApart(file []byte) ([]byte, error) {
	var texts map[string]any
	if err := json.Unmarshal(file, &texts); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	// A hole of the text, or a run from a Latin letter or digit (with the sign before it) to the last one before Arabic letters or
	// punctuation; holes and signs between the two belong to it, as in "/buy {{.Code}} 3" and "K7M2-9QXW.2".
	pieces := regexp.MustCompile(`\{\{[^}]*\}\}|[#*/+@]?[\p{Latin}0-9]` +
		`(?:(?:\{\{[^}]*\}\}|[.,:][\p{Latin}0-9]|[^{}\p{Arabic}\n«»“”()،؛؟.,:!…])*[.,:]?[\p{Latin}0-9#*\]>])?`)
	apart := func(text string) string {
		return pieces.ReplaceAllStringFunc(text, func(piece string) string {
			if piece[0] == '{' || strings.Trim(piece, digits) == "" {
				return piece
			}
			return isolateLeft + piece + isolateEnd
		})
	}
	for key, value := range texts {
		switch v := value.(type) {
		case string:
			if !strings.HasPrefix(key, "layout.") {
				texts[key] = apart(v)
			}
		case map[string]any:
			for form, text := range v {
				if text, ok := text.(string); ok {
					v[form] = apart(text)
				}
			}
		}
	}
	out, err := json.Marshal(texts)
	if err != nil {
		return nil, fmt.Errorf("write words: %w", err)
	}
	return out, nil
}

// money writes an amount of the shop's currency, in minor units: whole amounts without decimals.
func (s speech) money(minor int64) string {
	return s.amount(providers.Money{Minor: minor, Currency: s.words.options.Currency})
}

// signed writes an amount with its sign.
func (s speech) signed(minor int64) string {
	sign := "+"
	if minor < 0 {
		sign, minor = "−", -minor
	}
	return s.figure(sign, providers.Money{Minor: minor, Currency: s.words.options.Currency})
}

// amount writes money of any currency.
func (s speech) amount(m providers.Money) string {
	if m.IsZero() {
		return "?"
	}
	return s.figure("", m)
}

// echo says a typed amount in both ways people count in Algeria: in dinars and in centimes. It is empty for other currencies.
func (s speech) echo(minor int64) string {
	if s.words.options.Currency != "DZD" {
		return ""
	}
	f := *s.amounts
	f.MinDigits, f.CurrencyDisplay = 0, currency.DisplayNone
	centimes, err := currency.NewAmount(strconv.FormatInt(minor, 10), "DZD")
	if err != nil {
		return ""
	}
	return s.say("amount.both", "Amount", s.money(minor), "Centimes", f.Format(centimes))
}

// figure writes an amount behind a sign: the number, which runs left to right in every language, and its unit.
func (s speech) figure(sign string, m providers.Money) string {
	number, code, _ := strings.Cut(m.String(), " ")
	a, err := currency.NewAmount(number, code)
	if err != nil { // a currency the tables do not know, such as XTR
		return s.isolate(sign + m.String())
	}
	f := *s.amounts // a copy: the decimals differ from amount to amount
	f.MinDigits = currency.DefaultDigits
	if a.Round().Number() == a.Number() && m.Units().IsInt() {
		f.MinDigits = 0
	}
	text := s.isolate(sign + f.Format(a))
	if f.CurrencyDisplay != currency.DisplayNone {
		return text
	}
	unit, ok := s.maybe("currency." + code)
	if !ok {
		unit = s.isolate(code)
	}
	return text + "\u00a0" + unit
}

// clock writes a time of day, to the second.
func (s speech) clock(t time.Time) string { return s.time(t, "layout.clock") }

// moment writes a day and a time of day.
func (s speech) moment(t time.Time) string { return s.time(t, "layout.moment") }

// day writes a day.
func (s speech) day(t time.Time) string { return s.time(t, "layout.day") }

func (s speech) time(t time.Time, layout string) string {
	return t.In(s.words.options.Timezone).Format(s.say(layout))
}

// until writes a time that is near: its day only when it is another one than today.
func (s speech) until(t, now time.Time) string {
	zone := s.words.options.Timezone
	if t.In(zone).Format(time.DateOnly) == now.In(zone).Format(time.DateOnly) {
		return s.clock(t)
	}
	return s.moment(t)
}

// region names a supplier's region slug.
func (s speech) region(slug string) string {
	if slug == "" {
		return s.say("region.any")
	}
	if name, ok := s.maybe("region." + slug); ok {
		return name
	}
	return title(slug)
}

// orderName is an order's id as it is read aloud.
func orderName(id string) string {
	if len(id) != 8 {
		return id
	}
	return id[:4] + "-" + id[4:]
}

// title turns a slug into words: "south-africa" into "South Africa".
func title(slug string) string {
	parts := strings.FieldsFunc(slug, func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	for i, p := range parts {
		parts[i] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, " ")
}

// number writes a count in callback data and lists.
func number(n int) string { return strconv.Itoa(n) }
