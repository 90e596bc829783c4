package flows

import (
	"fmt"
	"strings"
	"testing"
)

// TestChecklistTellsTrouble breaks one thing at a time: its line says so, and the list says that something keeps the shop from working.
func TestChecklistTellsTrouble(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.user = person{admin, "Nadia", "en"}
	text := func() string {
		st.said.Reset()
		st.act("/checklist")
		return st.said.String()
	}
	if got := text(); strings.Contains(got, checkMiss) || !strings.Contains(got, "Nothing keeps the shop from selling") {
		t.Fatalf("all is well:\n%s", got)
	}
	for name, tt := range map[string]struct {
		ruin, mend func()
		want       string
	}{
		"memory away":    {func() { st.host.Memory = MemoryAway }, func() { st.host = Host{} }, "❌ Redis does not answer"},
		"memory forgets": {func() { st.host.Memory = MemoryForgets }, func() { st.host = Host{} }, "❌ Redis may forget"},
		"no backups":     {func() { st.host.Backups = BackupsOff }, func() { st.host = Host{} }, "❌ Backups: off"},
		"a supplier": {func() { st.must(st.shop.Pause(t.Context(), "giftz", "no_funds")) }, func() { st.must(st.shop.Resume(t.Context(), "giftz", "no_funds")) },
			"❌ Supplier giftz is paused: no_funds"},
	} {
		tt.ruin()
		if got := text(); !strings.Contains(got, tt.want) || !strings.Contains(got, "keeps something from working") {
			t.Errorf("%s:\n%s", name, got)
		}
		tt.mend()
	}
	st.options.Rates = nil
	st.begin()
	if got := text(); !strings.Contains(got, "❌ Rates: none for VND") {
		t.Errorf("a rate is missing:\n%s", got)
	}
}

// TestFirstOwnerIsGreeted holds that only the first owner's first message to a shop without customers is answered with the checklist.
func TestFirstOwnerIsGreeted(t *testing.T) {
	t.Parallel()
	for i, tt := range []struct {
		before []person
		user   person
		want   bool
	}{
		{nil, person{admin, "Nadia", "en"}, true},
		{nil, person{1001, "Amine", "en"}, false},
		{[]person{{1001, "Amine", "en"}}, person{admin, "Nadia", "en"}, false},
		{[]person{{admin, "Nadia", "en"}}, person{admin, "Nadia", "en"}, false},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			st := newStage(t)
			for _, st.user = range tt.before {
				st.act("/start")
			}
			st.user = tt.user
			st.said.Reset()
			st.act("/start")
			if got := strings.Contains(st.said.String(), "What your shop needs"); got != tt.want {
				t.Errorf("greeted: %v, want %v\n%s", got, tt.want, st.said)
			}
		})
	}
}
