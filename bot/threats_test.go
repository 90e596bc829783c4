package main

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// threats is how many rows the table of threats has.
const threats = 46

var (
	threatRow  = regexp.MustCompile(`(?m)^\| *(\d+) *\|([^|]+)\|([^|]+)\|([^|]+)\|$`)
	threatName = regexp.MustCompile(`^(?:Test|Fuzz)Threat(\d\d)[A-Z]`)
	codeSpan   = regexp.MustCompile("`([^`]+)`")
)

// unproven compares SECURITY.md's table of threats with the tests of the tree: each row is there once and has a test named by its number
// or a reviewed reason, each test it names exists, and each test named by a number is named in its row.
func unproven(table string, all []source) []string {
	var wrong []string
	say := func(format string, a ...any) { wrong = append(wrong, fmt.Sprintf(format, a...)) }
	exist, listed := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test() && f.Recv == nil {
				exist[f.Name.Name] = true
			}
		}
	}
	rows := map[int]int{}
	for _, m := range threatRow.FindAllStringSubmatch(table, -1) {
		n, _ := strconv.Atoi(m[1])
		rows[n]++
		own, proof := 0, strings.TrimSpace(m[4])
		if strings.TrimSpace(m[2]) == "" || strings.TrimSpace(m[3]) == "" {
			say("row %d does not say what is threatened or what stands against it", n)
		}
		for _, span := range codeSpan.FindAllStringSubmatch(proof, -1) {
			name := span[1]
			if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Fuzz") {
				continue
			}
			if !exist[name] {
				say("row %d names %s, which does not exist", n, name)
			}
			if number := threatName.FindStringSubmatch(name); number != nil && number[1] == fmt.Sprintf("%02d", n) {
				own++
				listed[name] = true
			} else if number != nil {
				say("row %d names %s, which is another row's", n, name)
			}
		}
		reason, reviewed := strings.CutPrefix(proof, "by review: ")
		if reviewed && (len(reason) < 40 || !strings.HasSuffix(reason, ".")) {
			say("row %d is reviewed without a reason", n)
		}
		if own == 0 && !reviewed {
			say("row %d has neither a test with its number nor a reason", n)
		}
	}
	for n := 1; n <= threats; n++ {
		if rows[n] != 1 {
			say("row %d is there %d times", n, rows[n])
		}
		delete(rows, n)
	}
	for n := range rows {
		say("row %d is none of %d", n, threats)
	}
	for name := range exist {
		if threatName.MatchString(name) && !listed[name] {
			say("%s is not named in its row", name)
		}
	}
	slices.Sort(wrong)
	return wrong
}

// TestThreats holds the table of threats to the tests.
func TestThreats(t *testing.T) {
	for _, w := range unproven(texts(t)["SECURITY.md"], house(t)) {
		t.Error(w)
	}
	good, code := "", "a/a_test.go\npackage a\nfunc TestOther() {}\n"
	for n := 1; n <= threats; n++ {
		good += fmt.Sprintf("| %d | it is stolen | it is sealed | `TestThreat%02dSealed`, `TestOther` |\n", n, n)
		code += fmt.Sprintf("func TestThreat%02dSealed() {}\n", n)
	}
	if got := unproven(good, snippet(t, code)); len(got) > 0 {
		t.Errorf("a table that is right: %v", got)
	}
	row7 := "| 7 | it is stolen | it is sealed | `TestThreat07Sealed`, `TestOther` |\n"
	for what, table := range map[string]string{
		"a row left out":     strings.Replace(good, row7, "", 1),
		"a row twice":        good + row7,
		"a row too many":     good + strings.Replace(row7, "| 7 |", "| 47 |", 1),
		"no proof":           strings.Replace(good, row7, "| 7 | it is stolen | it is sealed | sure |\n", 1),
		"no test of its own": strings.Replace(good, row7, "| 7 | it is stolen | it is sealed | `TestOther` |\n", 1),
		"no reason":          strings.Replace(good, row7, "| 7 | it is stolen | it is sealed | by review: no. |\n", 1),
		"a test that is not": strings.Replace(good, "`TestOther`", "`TestOthers`", 1),
		"another row's test": strings.Replace(good, "`TestThreat08Sealed`", "`TestThreat09Sealed`", 1),
		"no countermeasure":  strings.Replace(good, "| 7 | it is stolen | it is sealed |", "| 7 | it is stolen |  |", 1),
	} {
		if len(unproven(table, snippet(t, code))) == 0 {
			t.Errorf("%s is not seen", what)
		}
	}
	if len(unproven(good, snippet(t, code+"func TestThreat07More() {}\n"))) == 0 {
		t.Error("a test that no row names is not seen")
	}
	if len(unproven(good, snippet(t, code+"func FuzzThreat07More() {}\n"))) == 0 {
		t.Error("a fuzz target that no row names is not seen")
	}
}
