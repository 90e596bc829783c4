package flows

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/store"
)

func openWords(t *testing.T) *Words {
	t.Helper()
	w, err := NewWords(WordsOptions{
		Default: "en", Timezone: time.FixedZone("Algiers", 3600), Currency: "DZD", Support: "@help",
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// texts reads the files of a language: key → its forms; a text that does not count has the form "".
func texts(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	names, err := fs.Glob(wordFiles, "words/*."+tag+".json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no texts in %s: %v", tag, err)
	}
	out := make(map[string]map[string]string)
	for _, name := range names {
		data, err := wordFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := json.Unmarshal(data, &raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, value := range raw {
			if out[key] != nil {
				t.Errorf("%s: %s stands in another file too", name, key)
			}
			out[key] = formsOf(t, name+": "+key, value)
		}
	}
	return out
}

// formsOf reads one text: its plural forms, or the form "".
func formsOf(t *testing.T, key string, value any) map[string]string {
	t.Helper()
	out := make(map[string]string)
	switch v := value.(type) {
	case string:
		out[""] = v
	case map[string]any:
		for form, text := range v {
			text, ok := text.(string)
			if !ok {
				t.Fatalf("%s.%s is no text", key, form)
			}
			out[form] = text
		}
	default:
		t.Fatalf("%s is no text", key)
	}
	return out
}

// forms are the plural forms a language has (CLDR); French says its form for whole millions as the general one, which the shop
// never counts to.
func forms(tag string) []string {
	return map[string][]string{
		"en": {"one", "other"}, "fr": {"one", "other"}, "ar": {"few", "many", "one", "other", "two", "zero"},
	}[tag]
}

func TestLanguagesSayTheSame(t *testing.T) {
	want := texts(t, "en")
	for _, tag := range openWords(t).Languages() {
		got := texts(t, tag)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s has other keys (-en +%s):\n%s", tag, tag, diff)
		}
		for key, texts := range got {
			counts := want[key]["other"] != ""
			if has := slices.Sorted(maps.Keys(texts)); counts && !slices.Equal(has, forms(tag)) || !counts && !slices.Equal(has, []string{""}) {
				t.Errorf("%s: %s has the forms %q", tag, key, has)
				continue
			}
			for form, text := range texts {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s is empty", tag, key)
				}
				if want := want[key]; counts {
					text = numbered(form, want["other"], text)
					sameHoles(t, tag+": "+key+"."+form, want["other"], text)
				} else {
					sameHoles(t, tag+": "+key, want[""], text)
				}
			}
		}
	}
}

// numbered adds the number to forms that say it in words: "one card", "two cards", "no card".
func numbered(form, want, text string) string {
	if slices.Contains([]string{"zero", "one", "two"}, form) && strings.Contains(want, "{{.N}}") && !strings.Contains(text, "{{.N}}") {
		return text + "{{.N}}"
	}
	return text
}

// sameHoles compares the placeholders of two texts.
func sameHoles(t *testing.T, key, want, got string) {
	t.Helper()
	holes := regexp.MustCompile(`\{\{\.(\w+)\}\}`)
	if diff := cmp.Diff(sorted(holes.FindAllString(want, -1)), sorted(holes.FindAllString(got, -1))); diff != "" {
		t.Errorf("%s has other placeholders:\n%s", key, diff)
	}
}

func sorted(all []string) []string { return slices.Sorted(slices.Values(all)) }

// TestEveryKeyIsThere reads the package's own source: every key that is said exists, and every key that exists is said.
func TestEveryKeyIsThere(t *testing.T) {
	have := texts(t, "en")
	said := make(map[string]bool)
	prefixes := []string{}
	for _, name := range sources(t) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					said[text] = true
					if strings.HasSuffix(text, ".") {
						prefixes = append(prefixes, text)
					}
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"say", "count", "button", "primary"}, sel.Sel.Name) {
				return true
			}
			if lit, ok := call.Args[0].(*ast.BasicLit); ok {
				key, err := strconv.Unquote(lit.Value)
				if err != nil || have[key] == nil {
					t.Errorf("%s says %s, which no language has", name, lit.Value)
				}
			}
			return true
		})
	}
	for key := range have {
		built := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) ||
			strings.HasSuffix(key, ".title") || strings.HasSuffix(key, ".body") // made of a list's name
		if !said[key] && !built {
			t.Errorf("nobody says %q", key)
		}
	}
	for _, key := range builtKeys() {
		if have[key] == nil {
			t.Errorf("no language has %q", key)
		}
	}
}

// sources are the package's own files.
func sources(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_test.go") })
}

// builtKeys are the keys that are put together from values.
func builtKeys() []string {
	var keys []string
	codes := []string{
		codeUnexpected, "BALANCE_SHORT", "PRICE_CHANGED", "QUANTITY_LIMIT", "ON_SCREEN", "ALREADY_SHOWN", "PRODUCT_NOT_FOUND",
		"PURCHASE_UNCLEAR", "SHOWING_STOPPED", "WALLET_OWES", "QUIET_HOURS", "DAY_LIMIT", "MEMBER_DAY_LIMIT",
	}
	for _, f := range failures() {
		codes = append(codes, f.code)
		keys = append(keys, f.money)
	}
	for _, code := range codes {
		keys = append(keys, "fail."+code, "next."+code)
	}
	for state := range store.Edges() {
		keys = append(keys, "state."+string(state))
	}
	for _, reason := range []providers.Reason{
		providers.OutOfStock, providers.NoFunds, providers.BadAccount, providers.PriceChanged, providers.Busy, providers.Blocked,
		providers.Misused, providers.NotPlaced,
	} {
		keys = append(keys, "reason."+string(reason))
	}
	for _, kind := range []providers.AccountKind{providers.ADSL, providers.FourG} {
		keys = append(keys, "account.body."+string(kind), "account.example."+string(kind), "service."+string(kind),
			"how.internet."+string(kind))
	}
	for _, w := range waits() {
		keys = append(keys, w.key)
	}
	for name := range commands() {
		keys = append(keys, "command."+name)
	}
	for _, role := range []store.Role{store.RoleOwner, store.RoleBuyer, store.RoleViewer} {
		keys = append(keys, "role."+string(role))
	}
	return append(keys, "how.gift", "how.voucher", "usage.credit", "usage.retry", "usage.audit", "catalog.title", "catalog.body",
		"regions.title", "regions.body")
}

func TestMatch(t *testing.T) {
	w := openWords(t)
	for tag, want := range map[string]string{
		"": "en", "fr": "fr", "fr-DZ": "fr", "fr-CA": "fr", "en-US": "en", "zh-hans": "en", "x!": "en", "de": "en",
		"ar": "ar", "ar-DZ": "ar", "ar-EG": "ar", "arq": "en",
	} {
		if got := w.Match(tag); got != want {
			t.Errorf("Match(%q) = %q, want %q", tag, got, want)
		}
	}
	if _, err := NewWords(WordsOptions{Default: "de", Timezone: time.UTC, Currency: "DZD"}); err == nil {
		t.Error("a default language that the shop does not speak was accepted")
	}
}

// TestWordsNeedATimezone holds that a shop without a timezone does not start, rather than fail at the first time it writes.
func TestWordsNeedATimezone(t *testing.T) {
	if _, err := NewWords(WordsOptions{Default: "en", Currency: "DZD"}); err == nil {
		t.Error("words without a timezone were accepted")
	}
}

func TestMissingKeyNeverReachesACustomer(t *testing.T) {
	s := openWords(t).in("fr")
	if got := s.say("no.such.key"); got == "" || strings.Contains(got, "no.such.key") {
		t.Errorf("a missing key says %q", got)
	}
}

func TestNotFoundSaysTheSame(t *testing.T) {
	w := openWords(t)
	unknown, foreign := &visit{speech: w.in("en")}, &visit{speech: w.in("en")}
	if err := unknown.refuse(checkout.ErrNotFound, ""); err != nil {
		t.Fatal(err)
	}
	if err := foreign.refuse(checkout.ErrNotFound, ""); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(unknown.reply, foreign.reply); diff != "" {
		t.Error(diff)
	}
}

func TestCommandMenus(t *testing.T) {
	w := openWords(t)
	for _, language := range w.Languages() {
		all := w.Commands(language, Owner)
		if len(all) <= len(w.Commands(language, "")) || len(all) > 100 {
			t.Errorf("%s: %d commands for admins", language, len(all))
		}
		for _, c := range all {
			if n := units(c.Text); n < 1 || n > 256 {
				t.Errorf("%s: /%s has a text of %d units", language, c.Name, n)
			}
			if _, ok := commands()[c.Name]; !ok {
				t.Errorf("/%s is in the menu and nobody answers it", c.Name)
			}
		}
	}
}
