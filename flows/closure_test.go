package flows

import (
	"strings"
	"testing"
	"time"
)

// TestEndings: how an admin says until when the shop is closed.
func TestEndings(t *testing.T) {
	d := &Desk{words: openWords(t)}
	zone := d.words.options.Timezone
	now := time.Date(2026, 11, 21, 17, 30, 20, 0, zone)
	for typed, want := range map[string]string{
		"we count":               "- we count",
		"18:00 we count":         "2026-11-21 18:00 we count",
		"٠٩:٠٠ we count":         "2026-11-22 09:00 we count",
		"2h we count":            "2026-11-21 19:30 we count",
		"2026-11-25 we count":    "2026-11-25 00:00 we count",
		"25/11/2026 10:15 count": "2026-11-25 10:15 count",
		"2026-11 is over":        "- 2026-11 is over",
		"2 of us are away":       "- 2 of us are away",
		"2026-11-20 we count":    "bad",
		"-2h we count":           "bad",
		"1s we count":            "bad",
	} {
		until, rest, ok := d.ending(strings.Fields(typed), now)
		got := "- "
		if !until.IsZero() {
			got = until.In(zone).Format("2006-01-02 15:04") + " "
		}
		if got += strings.Join(rest, " "); !ok {
			got = "bad"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
