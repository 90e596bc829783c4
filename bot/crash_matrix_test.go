package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cardrop/bot/failpoint"
)

// points are the failpoints that any run reached.
type points struct {
	mu      sync.Mutex
	reached map[string]int // by how many runs
}

func (p *points) add(log string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := map[string]bool{}
	for line := range strings.Lines(log) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "failpoint reached "); ok && !seen[name] {
			seen[name] = true
			p.reached[name]++
		}
	}
}

// check compares the list with reality: no point that is never reached, none that is missing.
func (p *points) check(t *testing.T) {
	t.Helper()
	for _, name := range failpoint.Points() {
		if p.reached[name] == 0 {
			t.Errorf("failpoint %s was never reached", name)
		}
		delete(p.reached, name)
	}
	for name := range p.reached {
		t.Errorf("failpoint %s is reached and not listed", name)
	}
}

// matrix is points × modes: runs/hits/violations in each cell.
func matrix(results []outcome) string {
	type cell struct{ runs, hits, broken int }
	cells, columns := map[string]map[string]cell{}, map[string]bool{}
	var total cell
	var calls charged
	for _, r := range results {
		row := cells[r.ruin.point]
		if row == nil {
			row = map[string]cell{}
			cells[r.ruin.point] = row
		}
		c := row[r.ruin.mode]
		c.runs, c.hits, c.broken = c.runs+1, c.hits+r.hits, c.broken+len(r.broken)
		row[r.ruin.mode], columns[r.ruin.mode] = c, true
		calls.refs, calls.most = calls.refs+r.refs, max(calls.most, r.most)
		total.runs, total.hits, total.broken = total.runs+1, total.hits+r.hits, total.broken+len(r.broken)
	}
	names := slices.Sorted(func(yield func(string) bool) {
		for m := range columns {
			if !yield(m) {
				return
			}
		}
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%-38s", "point: runs hits violations")
	for _, m := range names {
		fmt.Fprintf(&b, " %12s", m)
	}
	b.WriteString("\n")
	for _, point := range failpoint.Points() {
		if cells[point] == nil {
			continue
		}
		fmt.Fprintf(&b, "%-38s", point)
		for _, m := range names {
			text := "–"
			if c := cells[point][m]; c.runs > 0 {
				text = fmt.Sprintf("%d %d %d", c.runs, c.hits, c.broken)
			}
			fmt.Fprintf(&b, " %12s", text)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d runs, %d deaths, %d violations; charged supplier calls per ref: at most %d, over %d refs\n", total.runs, total.hits,
		total.broken, calls.most, calls.refs)
	return b.String()
}
