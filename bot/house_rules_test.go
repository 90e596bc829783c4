package main

import (
	"fmt"
	"go/ast"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rule is one habit of the house and the snippets that break it and keep it. A snippet's first line is its path.
type rule struct {
	name   string
	find   func(all []source) []string
	broken []string
	kept   []string
}

func rules() []rule {
	return []rule{
		{"one package comment", packageComments,
			[]string{"store/a.go\npackage store", "store/a.go\n// Package store.\npackage store\n//file store/b.go\n// Package store.\npackage store"},
			[]string{"store/a.go\n// Package store.\npackage store\n//file store/b.go\npackage store\n//file store/a_test.go\npackage store"}},
		{"no init", inits,
			[]string{"a/a.go\npackage a\nfunc init() {}"},
			[]string{"a/a.go\npackage a\ntype T int\nfunc (T) init() {}"}},
		{"files of at most 300 lines", longFiles,
			[]string{"a/a.go\npackage a\n" + strings.Repeat("\n", 300)},
			[]string{"a/a.go\npackage a\n" + strings.Repeat("\n", 299), "a/a_test.go\npackage a\n" + strings.Repeat("\n", 500)}},
		{"exported names have a comment", uncommented,
			[]string{"a/a.go\npackage a\nfunc F() {}", "a/a.go\npackage a\ntype T int", "a/a.go\npackage a\nconst (\n\tC = 1\n)",
				"a/a.go\npackage a\nvar V int", "a/a.go\npackage a\n// T is.\ntype T int\nfunc (*T) M() {}"},
			[]string{"a/a.go\npackage a\n// F does.\nfunc F() {}\nfunc g() {}\n// All.\nconst (\n\tC = 1\n)\nconst (\n\tD = 1 // D is.\n)",
				"a/a.go\npackage a\ntype t int\nfunc (t) M() {}"}},
		{"no rooms without a noun", emptyNames,
			[]string{"flows/utils/a.go\npackage a", "internal/a.go\npackage a", "bot/common/x/a.go\npackage a", "store/models/a.go\npackage a"},
			[]string{"flows/checkout/a.go\npackage a"}},
		{"secrets are exposed only by the functions of the list", calls("Expose", nil, exposers()),
			[]string{"flows/a.go\npackage flows\nfunc f() { _ = s.Expose() }", "flows/a.go\npackage flows\nfunc f() { g := s.Expose; g() }",
				"flows/a.go\npackage flows\nvar v = s.Expose()", "bot/log.go\npackage main\nfunc (r *redactor) knownForms() { s.Expose() }"},
			[]string{"bot/log.go\npackage main\nfunc knownForms() { func() { s.Expose() }() }", "flows/a_test.go\npackage flows\nfunc f() { s.Expose() }"}},
		{"files are written only by the functions of the list", writes,
			[]string{"flows/a.go\npackage flows\nimport \"os\"\nfunc f() { os.WriteFile(\"x\", nil, 0) }",
				"store/a.go\npackage store\nimport \"os\"\nfunc f() { os.Create(\"x\") }"},
			[]string{"bot/checks.go\npackage main\nimport \"os\"\nfunc writable() { os.CreateTemp(\"x\", \"\") }",
				"store/a.go\npackage store\nimport \"os\"\nfunc f() { os.ReadFile(\"x\") }"}},
		{"certificates are always verified", identifier("InsecureSkip" + "Verify"),
			[]string{"a/a.go\npackage a\nvar c = tls.Config{InsecureSkipVerify: true}", "a/a_test.go\npackage a\nfunc f() { c.InsecureSkipVerify = true }"},
			[]string{"a/a.go\npackage a\nvar c = tls.Config{}"}},
		{"contexts come from the caller", contexts,
			[]string{"store/a.go\npackage store\nfunc f() { g(context.Background()) }", "store/a.go\npackage store\nfunc f() { g(context.TODO()) }"},
			[]string{"bot/main.go\npackage main\nfunc f() { g(context.Background()) }", "store/a_test.go\npackage store\nfunc f() { g(context.Background()) }"}},
	}
}

func TestHouseRules(t *testing.T) {
	all := house(t)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			for _, breach := range r.find(all) {
				t.Error(breach)
			}
			for i, s := range r.broken {
				if len(r.find(snippet(t, s))) == 0 {
					t.Errorf("snippet %d breaks the rule, and it is not seen:\n%s", i, s)
				}
			}
			for i, s := range r.kept {
				if got := r.find(snippet(t, s)); len(got) > 0 {
					t.Errorf("snippet %d keeps the rule, but %v", i, got)
				}
			}
		})
	}
}

// snippet parses the files of a rule's example.
func snippet(t *testing.T, text string) []source {
	t.Helper()
	var all []source
	for file := range strings.SplitSeq(text, "\n//file ") {
		name, body, _ := strings.Cut(file, "\n")
		all = append(all, read(t, name, body))
	}
	return all
}

func packageComments(all []source) []string {
	count, seen := map[string][]string{}, map[string]bool{}
	for _, s := range all {
		if s.test() {
			continue
		}
		seen[s.dir()] = true
		if s.tree.Doc != nil {
			count[s.dir()] = append(count[s.dir()], s.path)
		}
	}
	var found []string
	for dir := range seen {
		if len(count[dir]) != 1 {
			found = append(found, fmt.Sprintf("%s has %d package comments: %v", dir, len(count[dir]), count[dir]))
		}
	}
	return found
}

func inits(all []source) []string {
	var found []string
	for _, s := range all {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				found = append(found, s.at(f)+": nothing happens before main")
			}
		}
	}
	return found
}

func longFiles(all []source) []string {
	var found []string
	for _, s := range all {
		if n := strings.Count(s.text, "\n"); n > 300 && !s.test() {
			found = append(found, fmt.Sprintf("%s has %d lines: a room that wants a wall", s.path, n))
		}
	}
	return found
}

func uncommented(all []source) []string {
	var found []string
	add := func(s source, name *ast.Ident, docs ...*ast.CommentGroup) {
		if name.IsExported() && !slices.ContainsFunc(docs, func(d *ast.CommentGroup) bool { return d != nil }) {
			found = append(found, s.at(name)+": "+name.Name+" has no comment")
		}
	}
	for _, s := range all {
		if s.test() {
			continue
		}
		for _, d := range s.tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil || ast.IsExported(receiver(d)) {
					add(s, d.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						add(s, spec.Name, d.Doc, spec.Doc, spec.Comment)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							add(s, name, d.Doc, spec.Doc, spec.Comment)
						}
					}
				}
			}
		}
	}
	return found
}

func emptyNames(all []source) []string {
	var found []string
	for _, s := range all {
		for part := range strings.SplitSeq(s.dir(), "/") {
			if slices.Contains([]string{"utils", "util", "common", "models", "internal", "helpers", "misc"}, part) {
				found = append(found, s.path+": a noun lives with its verbs, not in "+part)
			}
		}
	}
	return found
}

// receiver is the type name of a method's receiver; empty for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	e := f.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if index, ok := e.(*ast.IndexExpr); ok {
		e = index.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// identifier makes a rule: an identifier stands nowhere, tests included.
func identifier(name string) func(all []source) []string {
	return func(all []source) []string {
		var found []string
		for _, s := range all {
			ast.Inspect(s.tree, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && id.Name == name {
					found = append(found, s.at(id)+": "+name)
				}
				return true
			})
		}
		return found
	}
}

func contexts(all []source) []string {
	var found []string
	for _, s := range all {
		if s.tree.Name.Name == "main" {
			continue
		}
		for _, name := range []string{"Background", "TODO"} {
			for _, at := range selections(s, name, func(x ast.Expr) bool { id, ok := x.(*ast.Ident); return ok && id.Name == "context" }) {
				found = append(found, at+": the caller's context ends with the caller, a new one never")
			}
		}
	}
	return found
}

// TestTopLevel holds the list of what stands at the root.
func TestTopLevel(t *testing.T) {
	agreed := []string{"bot", "flows", "providers", "store", "go.mod", "go.sum", "Dockerfile", "README.md", "LICENSE", "CONTRIBUTING.md",
		"SECURITY.md", "compose.yaml", ".ci", ".github", ".gitignore", ".dockerignore", ".golangci.yml", ".env.example"}
	stray := strayEntries(slices.Collect(maps.Keys(texts(t))), agreed)
	if len(stray) > 0 {
		t.Errorf("not agreed at the root: %v", stray)
	}
	if got := strayEntries([]string{"utils/a.go", "bot/main.go", "Makefile"}, agreed); len(got) != 2 {
		t.Errorf("stray entries found: %v", got)
	}
}

func strayEntries(files, agreed []string) []string {
	var stray []string
	for _, f := range files {
		if root, _, _ := strings.Cut(f, "/"); !slices.Contains(agreed, root) && !slices.Contains(stray, root) {
			stray = append(stray, root)
		}
	}
	return stray
}

// unfinished finds words that promise work for later.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)

func TestNothingIsLeftForLater(t *testing.T) {
	for name, text := range texts(t) {
		if slices.Contains([]string{".sum", ".svg", ".png"}, path.Ext(name)) { // no words
			continue
		}
		for n, line := range strings.Split(text, "\n") {
			if unfinished.MatchString(strings.ReplaceAll(line, "context.TO"+"DO", "")) && name != "bot/house_rules_test.go" {
				t.Errorf("%s:%d: %s", name, n+1, strings.TrimSpace(line))
			}
		}
	}
	for _, s := range []string{"// TO" + "DO: later", "FIX" + "ME"} {
		if !unfinished.MatchString(s) {
			t.Errorf("%q is not seen", s)
		}
	}
	if unfinished.MatchString("what to do, TODOS") {
		t.Error("plain words are seen as unfinished work")
	}
}
