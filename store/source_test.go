package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// luaFiles reads the scripts as they are on disk: name → text.
func luaFiles(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("lua/*.lua")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	files := map[string]string{}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(p), ".lua")] = string(text)
	}
	return files
}

// goFiles parses the package without its tests.
func goFiles(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset, files := token.NewFileSet(), map[string]*ast.File{}
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, p, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files[p] = f
	}
	if files["keys.go"] == nil {
		t.Fatal("no keys.go")
	}
	return fset, files
}

func texts(f *ast.File, each func(lit *ast.BasicLit, text string)) {
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				each(lit, text)
			}
		}
		return true
	})
}

// TestOnlyKeysSpellsKeys holds that no other file builds a key: neither the hash tag, nor the beginning of a key, nor a text in
// the place of a key in a command.
func TestOnlyKeysSpellsKeys(t *testing.T) {
	fset, files := goFiles(t)
	var names []string // "o:", "due:", …
	texts(files["keys.go"], func(_ *ast.BasicLit, text string) {
		if len(text) > 1 && strings.HasSuffix(text, ":") && text != "}:" {
			names = append(names, text)
		}
	})
	if len(names) < 10 {
		t.Fatalf("keys.go spells only %q", names)
	}
	for path, f := range files {
		if path == "keys.go" {
			continue
		}
		texts(f, func(lit *ast.BasicLit, text string) {
			bad := text == "{" || strings.HasPrefix(text, "}:")
			for _, name := range names {
				bad = bad || text == name || strings.Contains(text, ":"+name)
			}
			if bad {
				t.Errorf("%s: %s looks like a key", fset.Position(lit.Pos()), lit.Value)
			}
		})
		ast.Inspect(f, func(n ast.Node) bool {
			if command, key := redisKey(n); key != nil && !fromKeys(key) {
				t.Errorf("%s: the key of %s does not come from keys.go", fset.Position(n.Pos()), command)
			}
			return true
		})
	}
}

// redisKey finds the key of a call such as s.rdb.HGet(ctx, key, …) or p.HGetAll(ctx, key).
func redisKey(n ast.Node) (string, ast.Expr) {
	c, ok := n.(*ast.CallExpr)
	if !ok || len(c.Args) < 2 {
		return "", nil
	}
	f, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", nil
	}
	on := ""
	switch x := f.X.(type) {
	case *ast.SelectorExpr:
		on = x.Sel.Name
	case *ast.Ident:
		on = x.Name
	}
	if on != "rdb" && on != "p" {
		return "", nil
	}
	switch f.Sel.Name {
	case "Info", "ConfigGet", "Ping", "Time", "Pipelined", "TxPipelined", "XAdd":
		return "", nil
	}
	return f.Sel.Name, c.Args[1]
}

// fromKeys tells whether an expression is a call of a method of keys, or a parameter that carries its result.
func fromKeys(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == "key"
	case *ast.CallExpr:
		f, ok := x.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		switch on := f.X.(type) {
		case *ast.SelectorExpr:
			return on.Sel.Name == "keys"
		case *ast.Ident:
			return on.Name == "k"
		}
	}
	return false
}

// TestScriptsNameWhatTheyTake holds the header of every script, that every key is checked for its type, and that no script
// spells a key.
func TestScriptsNameWhatTheyTake(t *testing.T) {
	number := regexp.MustCompile(`(?:^|\s)(\d+)\s+[a-z]`)
	used := regexp.MustCompile(`KEYS\[(\d+)\]`)
	kind := regexp.MustCompile(`'(\w+)'`)
	command := regexp.MustCompile(`redis\.call\('(\w+)'(?:, ([^,)]+))?`)
	for name, text := range luaFiles(t) {
		if !strings.HasPrefix(text, "-- "+name+": ") {
			t.Errorf("%s.lua does not begin with its name", name)
		}
		for _, c := range command.FindAllStringSubmatch(text, -1) {
			plain := regexp.MustCompile(`^(KEYS\[(\d+|i)\]|key|ids|events|seq|by_order|by_person|head|wallets|ledger|from_lines|to_lines|banned|terms|spending|order)$`)
			if c[1] != "TIME" && !plain.MatchString(c[2]) {
				t.Errorf("%s.lua: %s on %q, which is not one of its keys", name, c[1], c[2])
			}
		}
		if name == "prelude" {
			continue
		}
		for _, part := range []string{"\n-- KEYS  1 ", "\n-- ARGV  1 offset ms", "\n-- returns "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s.lua: header lacks %q", name, strings.TrimSpace(part))
			}
		}
		_, rest, _ := strings.Cut(text, "-- KEYS")
		list, rest, _ := strings.Cut(rest, "-- ARGV")
		named := len(number.FindAllString(list, -1))
		_, call, _ := strings.Cut(rest, "expect(")
		call, _, _ = strings.Cut(call, ")")
		if checked := len(kind.FindAllString(call, -1)); checked != named {
			t.Errorf("%s.lua names %d keys and checks %d", name, named, checked)
		}
		for _, u := range used.FindAllStringSubmatch(text, -1) {
			if n, _ := strconv.Atoi(u[1]); n > named {
				t.Errorf("%s.lua uses KEYS[%d], which its header does not name", name, n)
			}
		}
	}
}

// TestScriptsKeepToBothRedises holds what only one of the two Redises has, and how numbers are printed.
func TestScriptsKeepToBothRedises(t *testing.T) {
	for name, text := range luaFiles(t) {
		for _, word := range []string{"cmsgpack", "struct.", "bit.", "#!lua", "WAITAOF", "HEXPIRE", "os.time", "math.random", "tostring("} {
			if strings.Contains(text, word) {
				t.Errorf("%s.lua uses %s", name, word)
			}
		}
	}
	if got := edgesInLua(); strings.Count(got, "= true") != edgeCount()+4 {
		t.Errorf("the table of states for the scripts differs from Edges:\n%s", got)
	}
}

func edgeCount() int {
	n := 0
	for _, to := range Edges() {
		n += len(to)
	}
	return n
}

// TestFilesAreShort holds the length of a file.
func TestFilesAreShort(t *testing.T) {
	for _, pattern := range []string{"*.go", "lua/*.lua"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(text), "\n"); n > 300 {
				t.Errorf("%s has %d lines", p, n)
			}
		}
	}
}

// TestEveryQueueIsListed compares DueKinds with the constants of the source: a queue that is left out has no figure.
func TestEveryQueueIsListed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var named []DueKind
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := v.Type.(*ast.Ident); !ok || kind.Name != "DueKind" || len(v.Values) != 1 {
				return true
			}
			name, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value) //nolint:forcetypeassert // a constant of the table
			if err != nil {
				t.Fatal(err)
			}
			named = append(named, DueKind(name))
			return true
		})
	}
	listed := DueKinds()
	slices.Sort(named)
	slices.Sort(listed)
	if diff := cmp.Diff(named, listed); diff != "" {
		t.Errorf("queues (-source +listed):\n%s", diff)
	}
}
