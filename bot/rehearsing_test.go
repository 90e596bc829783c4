package main

import (
	"strings"
	"testing"

	"cardrop/bot/demo"
)

// TestRehearse: an owner of the running shop rehearses; five parts go well, nothing is left of them in Redis, and the checklist says so.
func TestRehearse(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		r := newRig(t, m, nil)
		owner := r.as(demo.DemoAdmin)
		owner.say("/rehearse")
		text := owner.sees("The rehearsal went well").Text
		if n := strings.Count(text, "✅"); n != 5 {
			t.Errorf("%d parts went well:\n%s", n, text)
		}
		if left, err := m.rdb.Keys(t.Context(), "*rehearsal}*").Result(); err != nil || len(left) > 0 {
			t.Errorf("left in Redis: %v (%v)", left, err)
		}
		owner.say("/checklist")
		owner.sees("Rehearsal: all went well")
	})
}
