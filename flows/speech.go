package flows

import (
	"strconv"
	"strings"
	"time"

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
		}
	}
	// Beside an error there is still a text when the default language has the key.
	text, _ := s.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n})
	return text, text != ""
}

// money writes an amount of the shop's currency, in minor units: whole amounts without decimals.
func (s speech) money(minor int64) string {
	return s.amount(providers.Money{Minor: minor, Currency: s.words.options.Currency})
}

// signed writes an amount with its sign.
func (s speech) signed(minor int64) string {
	if minor < 0 {
		return "−" + s.money(-minor)
	}
	return "+" + s.money(minor)
}

// amount writes money of any currency.
func (s speech) amount(m providers.Money) string {
	if m.IsZero() {
		return "?"
	}
	number, code, _ := strings.Cut(m.String(), " ")
	a, err := currency.NewAmount(number, code)
	if err != nil { // a currency the tables do not know, such as XTR
		return m.String()
	}
	f := *s.amounts // a copy: the decimals differ from amount to amount
	f.MinDigits = currency.DefaultDigits
	if a.Round().Number() == a.Number() && m.Units().IsInt() {
		f.MinDigits = 0
	}
	text := f.Format(a)
	if f.CurrencyDisplay == currency.DisplayNone {
		text += "\u00a0" + code
	}
	return text
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
