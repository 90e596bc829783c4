package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// module is our own module path.
const module = "cardrop"

// source is one Go file of the house.
type source struct {
	path string // from the module's root, with slashes
	text string
	tree *ast.File
	set  *token.FileSet
}

func (s source) dir() string { return path.Dir(s.path) }
func (s source) test() bool  { return strings.HasSuffix(s.path, "_test.go") }

// at is where a node stands.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

func read(t *testing.T, name, text string) source {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{path: name, text: text, tree: tree, set: set}
}

// texts are all files of the house by path, without the repository's own, test data and what a developer keeps beside it.
func texts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		rel := filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case d.IsDir() && (kept(rel) || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || kept(rel):
			return nil
		}
		text, err := os.ReadFile(name)
		all[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// kept tells what may lie in a checkout without belonging to it; .gitignore names the same.
func kept(rel string) bool {
	switch rel {
	case ".git", ".env", ".secrets", ".data", ".idea", ".vscode":
		return true
	}
	return false
}

// house parses all Go files of this module. What measures it is another module, which is never shipped.
func house(t *testing.T) []source {
	t.Helper()
	var all []source
	for name, text := range texts(t) {
		if path.Ext(name) == ".go" && !strings.HasPrefix(name, ".ci/measure/") {
			all = append(all, read(t, name, text))
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d Go files found", len(all))
	}
	return all
}

// under tells whether a folder is one of the patterns; "a/..." means a and all below it.
func under(dir string, patterns ...string) bool {
	for _, p := range patterns {
		root, deep := strings.CutSuffix(p, "/...")
		if dir == root || deep && strings.HasPrefix(dir, root+"/") {
			return true
		}
	}
	return false
}

func ours(imported string) bool { return imported == module || strings.HasPrefix(imported, module+"/") }

func simulator(imported string) bool {
	return strings.HasPrefix(imported, module+"/providers/") && strings.HasSuffix(imported, "/sandbox")
}

// supplier tells whether an import is a concrete supplier's client.
func supplier(imported string) bool {
	return strings.HasPrefix(imported, module+"/providers/") && !simulator(imported) && imported != module+"/providers/providertest"
}

// ban is one thing that some files may not import, and why.
type ban struct {
	who    func(s source) bool
	what   func(imported string) bool
	reason string
}

// in makes the who of a ban: files in these folders.
func in(patterns ...string) func(source) bool {
	return func(s source) bool { return under(s.dir(), patterns...) }
}

// outside is the contrary of in.
func outside(patterns ...string) func(source) bool {
	return func(s source) bool { return !under(s.dir(), patterns...) }
}

// oursBut makes the what of a ban: anything of ours but these packages, named without the module.
func oursBut(allowed ...string) func(string) bool {
	return func(imported string) bool {
		return ours(imported) && !under(strings.TrimPrefix(imported, module+"/"), allowed...)
	}
}

// from makes the what of a ban: these import paths and all below them.
func from(roots ...string) func(string) bool {
	return func(imported string) bool {
		for _, r := range roots {
			if imported == r || strings.HasPrefix(imported, r+"/") {
				return true
			}
		}
		return false
	}
}

// bans is the import rule: who may not know whom. It holds for the direct imports of all files but tests.
func bans() []ban {
	wire := func(s source) bool { return s.path == "bot/wire.go" }
	stage := func(s source) bool { return s.path == "bot/rehearsal/wire.go" }
	return []ban{
		{in("providers/..."), oursBut("providers"),
			"providers knows goods only: a supplier that knows the shop, its memory or Telegram cannot be exchanged"},
		{in("store/..."), oursBut(),
			"store knows memory only: it decides nothing, so that a step stays one script"},
		{in("flows/checkout/..."), oursBut("providers", "store", "flows/checkout/..."),
			"checkout is the life of an order: it has no words, no chats, and takes suppliers and channels as interfaces"},
		{in("flows"), oursBut("flows/checkout", "providers", "store"),
			"flows knows the shop: values come down from bot and go up to it, so it never knows who draws them"},
		{func(s source) bool { return under(s.dir(), "bot/...") && !wire(s) && !stage(s) },
			func(i string) bool {
				return oursBut("flows", "flows/checkout", "providers", "bot/...")(i) && !simulator(i)
			},
			"bot knows Telegram and time: memory and suppliers are tied in by bot/wire.go alone, by one line each, and by the rehearsal's for its own shop"},
		{wire, func(i string) bool {
			return oursBut("flows", "flows/checkout", "providers", "store", "bot/...")(i) && !supplier(i)
		}, "bot/wire.go ties the shipped program: shop, suppliers and store, never a simulator or a test suite"},
		{stage, func(i string) bool {
			return oursBut("flows/checkout", "providers", "store")(i) && !supplier(i) && !simulator(i)
		}, "bot/rehearsal/wire.go ties a shop without words or Telegram to simulators, and nothing else"},
		{outside("bot/demo/...", "bot/rehearsal"), simulator,
			"simulators are for the demo, the rehearsal and tests: a program that sells for money must not be able to construct one"},
		{outside("bot"), from(module + "/bot/rehearsal"),
			"the rehearsal is the program's: nothing else may lean on a shop that is no real one"},
		{func(s source) bool { return s.path != "bot/main.go" && !under(s.dir(), "bot/demo/...") }, from(module + "/bot/demo"),
			"the demo is one verb of bot/main.go: nothing else may lean on an emulated Telegram"},
		{outside("bot"), from(module + "/bot/failpoint"),
			"failpoints are handed down as functions, so that no room knows how a crash is staged"},
		{outside(), from(module + "/providers/providertest"),
			"providertest is a test suite: only tests run it"},
		{in("flows/...", "store/..."), from("net/http"),
			"flows and store answer values: HTTP belongs to bot and to the suppliers' clients"},
		{outside("bot/..."), from("github.com/go-telegram/bot"),
			"only bot talks to Telegram"},
		{outside("bot/..."), from("github.com/robfig/cron", "github.com/joho/godotenv", "github.com/caarlos0/env"),
			"time tables and settings belong to the program, the rooms get values"},
		{outside("store/..."), from("github.com/redis/go-redis"),
			"only store talks to Redis"},
		{outside("bot/web"), from("github.com/prometheus"),
			"figures are told as words and numbers: bot/web alone names and labels them, so that labels stay a closed set"},
		{outside("bot/demo/..."), from("github.com/alicebob/miniredis"),
			"the embedded Redis keeps nothing: it is for the demo and tests"},
		{outside("providers/providertest"), from("testing", "net/http/httptest", "github.com/google/go-cmp"),
			"test tools stay out of the shipped program"},
	}
}

// forbidden lists the imports of a file that the rule bans, each with the reason.
func forbidden(all []source) []string {
	var found []string
	for _, s := range all {
		if s.test() {
			continue
		}
		for _, spec := range s.tree.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			for _, b := range bans() {
				if b.who(s) && b.what(imported) {
					found = append(found, s.at(spec)+" imports "+imported+": "+b.reason)
				}
			}
		}
	}
	return found
}

func TestImportRule(t *testing.T) {
	for _, breach := range forbidden(house(t)) {
		t.Error(breach)
	}
}

// TestImportRuleFindsBreaches breaks every ban once, and shows imports that stay allowed.
func TestImportRuleFindsBreaches(t *testing.T) {
	tests := []struct{ file, imported, reason string }{
		{"providers/giftz/place.go", "cardrop/store", "providers knows goods only"},
		{"providers/giftz/place.go", "cardrop/providers/oneclickdz", "providers knows goods only"},
		{"providers/giftz/place.go", "cardrop/providers", ""},
		{"store/orders.go", "cardrop/providers", "store knows memory only"},
		{"flows/checkout/buy.go", "cardrop/flows", "checkout is the life of an order"},
		{"flows/checkout/buy.go", "cardrop/providers/giftz", "checkout is the life of an order"},
		{"flows/checkout/buy.go", "cardrop/store", ""},
		{"flows/desk.go", "cardrop/bot/telegram", "flows knows the shop"},
		{"flows/desk.go", "cardrop/providers/giftz", "flows knows the shop"},
		{"flows/desk.go", "cardrop/store", ""},
		{"bot/jobs.go", "cardrop/store", "bot knows Telegram and time"},
		{"bot/telegram/channel.go", "cardrop/store", "bot knows Telegram and time"},
		{"bot/main.go", "cardrop/providers/giftz", "bot knows Telegram and time"},
		{"bot/wire.go", "cardrop/providers/giftz", ""},
		{"bot/wire.go", "cardrop/store", ""},
		{"bot/wire.go", "cardrop/providers/giftz/sandbox", "bot/wire.go ties the shipped program"},
		{"bot/main.go", "cardrop/providers/giftz/sandbox", "simulators are for the demo"},
		{"bot/rehearsal/scenes.go", "cardrop/providers/giftz/sandbox", ""},
		{"bot/rehearsal/wire.go", "cardrop/providers/giftz/sandbox", ""},
		{"bot/rehearsal/wire.go", "cardrop/store", ""},
		{"bot/rehearsal/wire.go", "cardrop/bot/telegram", "bot/rehearsal/wire.go ties a shop"},
		{"bot/rehearsal/scenes.go", "cardrop/store", "bot knows Telegram and time"},
		{"bot/telegram/sender.go", "cardrop/bot/rehearsal", "the rehearsal is the program's"},
		{"bot/rehearsing.go", "cardrop/bot/rehearsal", ""},
		{"bot/demo/suppliers.go", "cardrop/providers/giftz/sandbox", ""},
		{"bot/wire.go", "cardrop/bot/demo", "the demo is one verb"},
		{"bot/telegram/sender.go", "cardrop/bot/demo", "the demo is one verb"},
		{"bot/main.go", "cardrop/bot/demo", ""},
		{"flows/checkout/buy.go", "cardrop/bot/failpoint", "failpoints are handed down"},
		{"bot/main.go", "cardrop/bot/failpoint", ""},
		{"bot/wire.go", "cardrop/providers/providertest", "providertest is a test suite"},
		{"bot/wire_test.go", "cardrop/providers/providertest", ""},
		{"flows/words.go", "net/http", "flows and store answer values"},
		{"store/store.go", "net/http/httptrace", "flows and store answer values"},
		{"providers/wire.go", "net/http", ""},
		{"flows/desk.go", "github.com/go-telegram/bot/models", "only bot talks to Telegram"},
		{"bot/telegram/sender.go", "github.com/go-telegram/bot/models", ""},
		{"flows/checkout/shop.go", "github.com/robfig/cron/v3", "time tables and settings"},
		{"store/store.go", "github.com/joho/godotenv", "time tables and settings"},
		{"providers/wire.go", "github.com/caarlos0/env/v11", "time tables and settings"},
		{"bot/wire.go", "github.com/redis/go-redis/v9", "only store talks to Redis"},
		{"store/store.go", "github.com/redis/go-redis/v9", ""},
		{"bot/main.go", "github.com/alicebob/miniredis/v2", "the embedded Redis keeps nothing"},
		{"bot/demo/memory.go", "github.com/alicebob/miniredis/v2", ""},
		{"flows/checkout/meter.go", "github.com/prometheus/client_golang/prometheus", "figures are told as words"},
		{"bot/web/metrics.go", "github.com/prometheus/client_golang/prometheus", ""},
		{"flows/desk.go", "testing", "test tools stay out"},
	}
	broken := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.file+" "+tt.imported, func(t *testing.T) {
			got := forbidden([]source{read(t, tt.file, fmt.Sprintf("package x\n\nimport _ %q\n", tt.imported))})
			if tt.reason == "" && len(got) > 0 || tt.reason != "" && !strings.Contains(strings.Join(got, "\n"), tt.reason) {
				t.Errorf("breaches are %q, want %q", got, tt.reason)
			}
		})
		broken[tt.reason] = true
	}
	for _, b := range bans() {
		shown := false
		for reason := range broken {
			shown = shown || reason != "" && strings.HasPrefix(b.reason, reason)
		}
		if !shown {
			t.Errorf("no case breaks the ban %q", b.reason)
		}
	}
}
