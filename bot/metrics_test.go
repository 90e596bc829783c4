package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// alarmsIn lists the kinds of alarms in the code: the first text of each call of alarm, with * where more is added to it.
func alarmsIn(all []source) []string {
	var kinds []string
	for _, s := range all {
		if s.test() {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			at, alarms := map[string]int{"alarm": 1, "Alarm": 1, "crossed": 2, "attend": 3}[sel.Sel.Name] // where the kind stands
			if !alarms || len(call.Args) != at+2 {
				return true
			}
			switch arg := call.Args[at].(type) {
			case *ast.BasicLit:
				kind, _ := strconv.Unquote(arg.Value)
				kinds = append(kinds, kind)
			case *ast.BinaryExpr:
				if lit, ok := arg.X.(*ast.BasicLit); ok && arg.Op == token.ADD {
					kind, _ := strconv.Unquote(lit.Value)
					kinds = append(kinds, kind+"*")
				}
			}
			return true
		})
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// TestAlarmKinds compares the kinds of alarms that are counted with those that the code knows.
func TestAlarmKinds(t *testing.T) {
	known := alarmKinds()
	if !slices.IsSorted(known) {
		t.Error("the list is not sorted")
	}
	found := alarmsIn(house(t))
	fits := func(kind, pattern string) bool {
		head, open := strings.CutSuffix(pattern, "*")
		return kind == head || open && strings.HasPrefix(kind, head)
	}
	for _, pattern := range found {
		if !slices.ContainsFunc(known, func(kind string) bool { return fits(kind, pattern) }) {
			t.Errorf("alarms of kind %s are counted as other", pattern)
		}
	}
	for _, kind := range known {
		if !slices.ContainsFunc(found, func(pattern string) bool { return fits(kind, pattern) }) {
			t.Errorf("nothing alarms %s", kind)
		}
	}
	if got := alarmsIn(snippet(t, "a/a.go\npackage a\nfunc (s S) f() { s.alarm(ctx, \"x_\"+why, about) }")); !slices.Equal(got, []string{"x_*"}) {
		t.Errorf("a planted alarm is read as %q", got)
	}
}
