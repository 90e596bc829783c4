package flows

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/bojanz/currency"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// wordFiles are the texts of each room in each language the shop speaks: <room>.<language>.json.
//
//go:embed words/*.json
var wordFiles embed.FS

// WordsOptions are the settings that texts depend on.
type WordsOptions struct {
	Default  string         // language for clients whose language the shop does not speak
	Timezone *time.Location // of every time that is shown
	Currency string         // ISO 4217 code of the shop's money
	Support  string         // whom to write to; shown on every failure screen
	Hours    string         // when somebody answers there; may be empty
}

// Words holds every text of the shop, by key and language. It is safe for concurrent use.
type Words struct {
	options  WordsOptions
	speeches map[string]speech // by language
	tags     []string          // languages, the default first
	matcher  language.Matcher
}

// NewWords reads the languages. It fails when the default language is not among them, and without a timezone.
func NewWords(o WordsOptions) (*Words, error) {
	if o.Timezone == nil {
		return nil, errors.New("words need a timezone: no time can be written without one")
	}
	names, err := fs.Glob(wordFiles, "words/*.json")
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	w := &Words{options: o, speeches: make(map[string]speech)}
	fallback, err := language.Parse(o.Default)
	if err != nil {
		return nil, fmt.Errorf("read default language: %w", err)
	}
	bundle := i18n.NewBundle(fallback)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, name := range names {
		tag := tongue(name)
		file, err := wordFiles.ReadFile(name)
		if err == nil && leftward(tag) {
			file, err = setApart(file)
		}
		if err == nil {
			_, err = bundle.ParseMessageFileBytes(file, name)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path.Base(name), err)
		}
		w.speeches[tag] = speech{}
	}
	if _, ok := w.speeches[o.Default]; !ok {
		return nil, fmt.Errorf("default language %q is not one of %s", o.Default,
			strings.Join(slices.Sorted(maps.Keys(w.speeches)), ", "))
	}
	w.tags = append([]string{o.Default}, others(w.speeches, o.Default)...)
	var tags []language.Tag
	for _, tag := range w.tags {
		tags = append(tags, language.MustParse(tag))
		w.speeches[tag] = speech{
			language: tag, words: w, localizer: i18n.NewLocalizer(bundle, tag), amounts: formatter(tag), leftward: leftward(tag),
		}
	}
	w.matcher = language.NewMatcher(tags)
	return w, nil
}

// tongue is the language of a file of texts, from its name.
func tongue(name string) string {
	return strings.TrimPrefix(path.Ext(strings.TrimSuffix(name, ".json")), ".")
}

// Languages lists the languages, the default first.
func (w *Words) Languages() []string { return slices.Clone(w.tags) }

// Match chooses the language the shop speaks that is nearest to a client's tag; the default when none is near.
func (w *Words) Match(tag string) string {
	wanted, err := language.Parse(tag)
	if err != nil {
		return w.tags[0]
	}
	_, i, confidence := w.matcher.Match(wanted)
	if confidence == language.No {
		return w.tags[0]
	}
	return w.tags[i]
}

// Commands is the menu of commands in one language for a role, the staff's own at the end.
func (w *Words) Commands(language string, role Role) []Command {
	s := w.in(language)
	var out []Command
	for _, name := range []string{"start", "buy", "again", "favorites", "watch", "orders", "order", "balance", "topup", "statement", "language", "settings", "help", "paysupport", "cancel"} {
		out = append(out, Command{Name: name, Text: s.say("command." + name)})
	}
	may := staffRights()[role]
	for _, name := range []string{"reconcile", "credit", "retry", "resolve", "release", "refund", "reissue", "supply", "suppliers", "resume", "stuck", "audit",
		"markup", "rate", "ban", "unban", "debts", "topups", "reverse", "tickets", "move", "approvals", "checklist", "staff", "close", "open", "closing", "stats", "deposit", "pause", "products", "hide", "show", "broadcast", "rehearse"} {
		if may["/"+name] {
			out = append(out, Command{Name: name, Text: s.say("command." + name)})
		}
	}
	return out
}

// GroupCommands is the menu of commands for linked groups in one language.
func (w *Words) GroupCommands(language string) []Command {
	s := w.in(language)
	var out []Command
	for _, name := range []string{"catalog", "price", "buy", "again", "balance", "statement", "orders", "order", "send", "watch", "limits", "members", "help"} {
		out = append(out, Command{Name: name, Text: s.say("group.command." + name)})
	}
	return out
}

// in gives the words of a language.
func (w *Words) in(tag string) speech { return w.speeches[w.Match(tag)] }

// others lists the languages but one, in order.
func others(speeches map[string]speech, but string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(speeches)), func(tag string) bool { return tag == but })
}

// formatter writes amounts as people in Algeria read them in that language. In Arabic the figures are the French ones, which
// the country uses, not those of the tables for ar-DZ ("1.240").
func formatter(tag string) *currency.Formatter {
	locale := tag
	if tag == "fr" || tag == "ar" {
		locale = "fr-DZ"
	}
	f := currency.NewFormatter(currency.NewLocale(locale))
	if tag != "fr" { // "1,450 DZD", as prices are written in the country, not "DZD 1,450"; in Arabic the unit is a word
		f.CurrencyDisplay = currency.DisplayNone
	}
	return f
}
