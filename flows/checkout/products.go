package checkout

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"cardrop/providers"
	"cardrop/store"
)

// ErrHidden is a product that an admin has taken out of the shop's window. Orders that were made go on. No money moved.
var ErrHidden = errors.New("product is not offered now")

// ErrTrait is a value that a product's trait cannot have.
var ErrTrait = errors.New("trait has no such value")

// Trait is one thing that an admin says of a product: of all lines of a family by its short code, or of one line by its own, which
// stands before what is said of the family.
type Trait string

// The traits. Those of which TraitSpoken is true may be said in each language; what is said for no language in particular holds in those
// in which nothing is.
const (
	TraitHidden   Trait = "hidden"   // "1": neither listed nor sold
	TraitName     Trait = "name"     // instead of the supplier's; 1 to 60 characters
	TraitCategory Trait = "category" // instead of the supplier's; 1 to 40 characters; of a family only
	TraitPicture  Trait = "picture"  // id of a photo that lies at Telegram; of a family only
	TraitHow      Trait = "how"      // how a card is used, instead of the words of its kind; 1 to 600 characters
	TraitStock    Trait = "stock"    // StockNever or StockFew; without one the count is shown
	TraitWords    Trait = "words"    // what stands in place of the count while there is stock; 1 to 60 characters
	TraitLife     Trait = "life"     // seconds that a message with codes stays; see LifeLimits
)

// What is shown of a stock.
const (
	StockNever = "no"  // never a count
	StockFew   = "few" // a count of at most Few
)

// Few is the largest stock that counts as few.
const Few = 5

// shortestLife is the least time in which somebody can read a code and copy it.
const shortestLife = 10 * time.Second

// arrangement is what admins say of products as it was read last. It is never changed, only replaced.
type arrangement struct {
	number int64
	fields map[string]string
}

// TraitSpoken tells whether a trait may be said in each language.
func TraitSpoken(t Trait) bool { return t == TraitName || t == TraitHow || t == TraitWords }

func traitField(code string, t Trait, language string) string {
	return code + "|" + string(t) + "|" + language
}

// says is what is said of a code itself, in a language or else for all.
func (a *arrangement) says(code string, t Trait, language string) string {
	if a == nil || code == "" {
		return ""
	}
	if said := a.fields[traitField(code, t, language)]; said != "" {
		return said
	}
	return a.fields[traitField(code, t, "")]
}

// of is what is said of a line, else of its family.
func (a *arrangement) of(line, family string, t Trait, language string) string {
	if said := a.says(line, t, language); said != "" {
		return said
	}
	return a.says(family, t, language)
}

// hidden tells whether a line, its family or both are taken out of the window.
func (a *arrangement) hidden(line, family string) bool {
	return a.of(line, family, TraitHidden, "") != ""
}

// all are the values of a trait in every language, those of no language in particular under an empty one.
func (a *arrangement) all(code string, t Trait) map[string]string {
	if a == nil {
		return nil
	}
	said := map[string]string{}
	for field, value := range a.fields {
		if language, ok := strings.CutPrefix(field, code+"|"+string(t)+"|"); ok {
			said[language] = value
		}
	}
	return said
}

// fits tells whether a trait can have a value, which is not empty.
func (s *Shop) fits(t Trait, value string) bool {
	least, most := s.LifeLimits()
	switch t {
	case TraitHidden:
		return value == "1"
	case TraitStock:
		return value == StockNever || value == StockFew
	case TraitName, TraitWords:
		return plainLine(value, 60)
	case TraitCategory:
		return plainLine(value, 40)
	case TraitHow:
		return strings.TrimSpace(value) != "" && len(utf16.Encode([]rune(value))) <= 600 && !strings.ContainsFunc(value, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n'
		})
	case TraitPicture:
		return regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`).MatchString(value)
	case TraitLife:
		n, err := strconv.Atoi(value)
		return err == nil && time.Duration(n)*time.Second >= least && time.Duration(n)*time.Second <= most
	default:
		return false
	}
}

// plainLine tells whether a text is one line of printed characters, at most n UTF-16 units.
func plainLine(text string, n int) bool {
	return strings.TrimSpace(text) == text && text != "" && len(utf16.Encode([]rune(text))) <= n && strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}) < 0
}

// LifeLimits is how short and how long a product's message with codes may stay: long enough to be read, and no longer than the longest
// life in the settings, which keeps within what Telegram deletes.
func (s *Shop) LifeLimits() (least, most time.Duration) {
	return shortestLife, max(s.o.MessageTTL, s.o.InternetTTL, s.o.FileTTL)
}

// SetTrait says something of a product, or no longer with an empty value. All processes go by it at once. It returns ErrTrait, and
// ErrNotFound for a code that nothing has. Who may do this is for the caller to know.
func (s *Shop) SetTrait(ctx context.Context, admin int64, code string, t Trait, language, value string) error {
	if value != "" && !s.fits(t, value) || language != "" && (!TraitSpoken(t) || !regexp.MustCompile(`^[a-z]{2,8}$`).MatchString(language)) {
		return ErrTrait
	}
	if err := s.view(ctx); err != nil {
		return err
	}
	r := s.reference(code)
	if _, _, sku, ok := splitRef(r); !ok {
		return ErrNotFound
	} else if sku != "" && (t == TraitCategory || t == TraitPicture) {
		return ErrTrait
	}
	told := value
	if value != "" && (TraitSpoken(t) || t == TraitCategory || t == TraitPicture) { // the record holds no free text
		told = "set"
	}
	fields := map[string]string{traitField(code, t, language): value}
	if t == TraitStock { // whoever chooses what is counted means it: own words would stand before it
		for spoken := range s.arranged.Load().all(code, TraitWords) {
			fields[traitField(code, TraitWords, spoken)] = ""
		}
	}
	return s.arrange(ctx, admin, -1, fields,
		map[string]string{"product": code, "trait": string(t), "language": language, "value": told})
}

// arrange writes a change of products with its event, and takes it over.
func (s *Shop) arrange(ctx context.Context, admin, after int64, fields, data map[string]string) error {
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	maps.DeleteFunc(data, func(_, value string) bool { return value == "" })
	if _, err := s.o.Store.Arrange(ctx, after, fields, store.Event{Kind: EventArranged, Actor: actor, Data: data}); err != nil {
		return err
	}
	return s.loadArrangement(ctx)
}

// arrangedNow takes over what other processes said of products since it was read last.
func (s *Shop) arrangedNow(ctx context.Context) error {
	n, err := s.o.Store.Arranged(ctx)
	if err != nil {
		return err
	}
	if a := s.arranged.Load(); a != nil && a.number == n {
		return nil
	}
	return s.loadArrangement(ctx)
}

// loadArrangement reads all that is said of products. Of two that read at the same time the later one is kept.
func (s *Shop) loadArrangement(ctx context.Context) error {
	s.arranging.Lock()
	defer s.arranging.Unlock()
	kept, err := s.o.Store.Arrangement(ctx)
	if err != nil {
		return err
	}
	s.arranged.Store(&arrangement{number: kept.Number, fields: kept.Fields})
	return nil
}

// reference is what a short code stands for; empty for none.
func (s *Shop) reference(code string) string {
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	return s.window.refs[code]
}

// familyOf is the family's code of a line's; its own for a family's.
func (s *Shop) familyOf(code string) string {
	provider, family, _, ok := splitRef(s.reference(code))
	if !ok {
		return ""
	}
	return s.code(ref(provider, family, ""))
}

// Goods is a product as those who run the shop see it: what its supplier says, and what is said here.
type Goods struct {
	Code     string // of a family, or of one line
	Family   string // the family's code
	Provider string
	Title    string                      // of the family, as the supplier names it
	Name     string                      // of the line; empty for a family
	Category string                      // the supplier's
	Listed   bool                        // the supplier lists it now
	Lines    int                         // of the family
	Main     string                      // the line it is a part of; empty for one that stands for itself
	Parts    []Part                      // lines of other suppliers that are one with it
	Hidden   bool                        // by its own code
	Above    bool                        // by its family's
	Says     map[Trait]map[string]string // by its own code, by language
	Holds    map[Trait]map[string]string // the same, and its family's where nothing is said of a line itself
}

// Part is a line of another supplier that is one with a line.
type Part struct {
	Code     string
	Provider string
}

// Goods reads a product or a line by its short code, hidden or not. It returns ErrNotFound.
func (s *Shop) Goods(ctx context.Context, code string) (Goods, error) {
	if err := s.view(ctx); err != nil {
		return Goods{}, err
	}
	a := s.arranged.Load()
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	provider, family, sku, ok := splitRef(s.window.refs[code])
	if !ok {
		return Goods{}, ErrNotFound
	}
	sh, listed := s.window.shelves[provider][family]
	g := Goods{Code: code, Family: s.window.codes[ref(provider, family, "")], Provider: provider, Title: sh.Product.Title,
		Category: sh.Product.Category, Listed: listed && !sh.Product.Disabled, Lines: len(sh.Lines), Says: map[Trait]map[string]string{}, Holds: map[Trait]map[string]string{}}
	if sku != "" {
		at := slices.IndexFunc(sh.Lines, func(l providers.Product) bool { return l.SKU == sku })
		if g.Listed = g.Listed && at >= 0; at >= 0 {
			g.Name = sh.Lines[at].Name
		}
		g.Above = a.hidden("", g.Family)
	}
	g.Hidden = a.says(code, TraitHidden, "") != ""
	if main := a.main(code); main != code {
		g.Main = main
	}
	for _, part := range a.parts(code) {
		g.Parts = append(g.Parts, Part{part, supplierOf(s.window.refs[part])})
	}
	for _, t := range []Trait{TraitName, TraitCategory, TraitPicture, TraitHow, TraitStock, TraitWords, TraitLife} {
		g.Says[t] = a.all(code, t)
		if g.Holds[t] = g.Says[t]; len(g.Says[t]) == 0 {
			g.Holds[t] = a.all(g.Family, t)
		}
	}
	return g, nil
}
