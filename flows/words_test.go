package flows

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
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

// texts reads a language file: key → its forms.
func texts(t *testing.T, tag string) map[string][]string {
	t.Helper()
	data, err := wordFiles.ReadFile("words/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]string)
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			out[key] = []string{v}
		case map[string]any:
			for _, form := range slices.Sorted(maps.Keys(v)) {
				text, ok := v[form].(string)
				if !ok {
					t.Fatalf("%s: %s.%s is no text", tag, key, form)
				}
				out[key] = append(out[key], text)
			}
		default:
			t.Fatalf("%s: %s is no text", tag, key)
		}
	}
	return out
}

func TestLanguagesSayTheSame(t *testing.T) {
	holes := regexp.MustCompile(`\{\{\.(\w+)\}\}`)
	want := texts(t, "en")
	for _, tag := range openWords(t).Languages() {
		got := texts(t, tag)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s has other keys (-en +%s):\n%s", tag, tag, diff)
		}
		for key, forms := range got {
			if len(forms) != len(want[key]) {
				t.Errorf("%s: %s has %d forms, en has %d", tag, key, len(forms), len(want[key]))
				continue
			}
			for i, text := range forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s is empty", tag, key)
				}
				if diff := cmp.Diff(sorted(holes.FindAllString(want[key][i], -1)), sorted(holes.FindAllString(text, -1))); diff != "" {
					t.Errorf("%s: %s has other placeholders:\n%s", tag, key, diff)
				}
			}
		}
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
		"PURCHASE_UNCLEAR", "SHOWING_STOPPED",
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
	return append(keys, "how.gift", "how.voucher", "usage.credit", "usage.retry", "usage.audit", "catalog.title", "catalog.body",
		"regions.title", "regions.body")
}

func TestMatch(t *testing.T) {
	w := openWords(t)
	for tag, want := range map[string]string{
		"": "en", "fr": "fr", "fr-DZ": "fr", "fr-CA": "fr", "en-US": "en", "zh-hans": "en", "x!": "en", "de": "en",
	} {
		if got := w.Match(tag); got != want {
			t.Errorf("Match(%q) = %q, want %q", tag, got, want)
		}
	}
	if _, err := NewWords(WordsOptions{Default: "de", Timezone: time.UTC, Currency: "DZD"}); err == nil {
		t.Error("a default language that the shop does not speak was accepted")
	}
}

func TestMoneyAndTime(t *testing.T) {
	w := openWords(t)
	at := time.Date(2030, time.March, 4, 23, 30, 5, 0, time.UTC)
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace
	cases := []struct{ language, got, want string }{
		{"en", w.in("en").money(145_000), "1,450 DZD"},
		{"en", w.in("en").money(145_050), "1,450.50 DZD"},
		{"en", w.in("en").signed(-100), "−1 DZD"},
		{"fr", w.in("fr").money(145_000), "1 450 DA"},
		{"fr", w.in("fr").money(123_456_789), "1 234 567,89 DA"},
		{"fr", w.in("fr").signed(100), "+1 DA"},
		{"en", w.in("en").amount(providers.Money{Minor: 20000, Currency: "VND"}), "20,000 VND"},
		{"en", w.in("en").amount(providers.Money{Minor: 50, Currency: "XTR"}), "50 XTR"},
		{"en", w.in("en").amount(providers.Money{}), "?"},
		{"en", w.in("en").moment(at), "5 Mar 2030 00:30:05"},
		{"fr", w.in("fr").moment(at), "05/03/2030 00:30:05"},
		{"fr", w.in("fr").until(at, at.Add(time.Minute)), "00:30:05"},
		{"en", w.in("en").region("south-africa"), "South Africa"},
		{"fr", w.in("fr").region("germany"), "Allemagne"},
	}
	for _, c := range cases {
		if got := plain(c.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.language, got, c.want)
		}
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
		all := w.Commands(language, true)
		if len(all) <= len(w.Commands(language, false)) || len(all) > 100 {
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
