package failpoint

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPointsListEveryScript compares the list with the scripts of the store: whoever adds one adds its two points.
func TestPointsListEveryScript(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "store", "lua", "*.lua"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts were found (%v)", err)
	}
	points := Points()
	seen := map[string]bool{"prelude": true} // stands before every script and is none
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".lua")
		if name == "prelude" {
			continue
		}
		seen[name] = true
		for _, when := range []string{"before", "after"} {
			if !slices.Contains(points, "store."+name+"."+when) {
				t.Errorf("store.%s.%s is not listed", name, when)
			}
		}
	}
	for _, point := range points {
		part := strings.Split(point, ".")
		if part[0] == "store" && !seen[part[1]] {
			t.Errorf("%s belongs to no script", point)
		}
	}
	if twice := len(points) - len(slices.Compact(slices.Sorted(slices.Values(points)))); twice > 0 {
		t.Errorf("%d points are listed twice", twice)
	}
}

// TestWithoutTheTag makes sure that the shipped program has no failpoints.
func TestWithoutTheTag(t *testing.T) {
	if Tagged {
		t.Skip("built with the tag")
	}
	if Hook("store.settle.before:1:err") != nil || Offset() != nil {
		t.Error("the shipped program has failpoints")
	}
}
