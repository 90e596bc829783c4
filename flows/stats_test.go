package flows

import (
	"strings"
	"testing"
	"time"
)

// TestDigestText: the morning's digest tells of the day before, in the shop's own language.
func TestDigestText(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	play(st, "* credit 1001 5000\n> /buy GRAB2000-9L7 2\n> [Confirm]\n* work\n* wait 24h")
	text, err := st.desk.Digest(t.Context())
	st.must(err)
	for _, want := range []string{"Yesterday, 4 March 2030", "Sales: 230", "Margin: 18", "delivered: 1", "Grab 20.000đ: 2 ×", "All wallets: 4,770"} {
		if !strings.Contains(plain(text), want) {
			t.Errorf("the digest lacks %q:\n%s", want, plain(text))
		}
	}
}

// TestPercent: parts in exact arithmetic, also of nothing and below zero.
func TestPercent(t *testing.T) {
	for want, c := range map[string][2]int64{"7.8": {18, 230}, "0.0": {0, 5}, "0": {1, 0}, "−50.0": {-1, 2}, "100.0": {3, 3}} {
		if got := percent(c[0], c[1]); got != want {
			t.Errorf("%d of %d is %s, want %s", c[0], c[1], got, want)
		}
	}
}

// TestSpanWords: a span is written in the unit people would say.
func TestSpanWords(t *testing.T) {
	s := openWords(t).in("en")
	for d, want := range map[time.Duration]string{900 * time.Millisecond: "1 s", 90 * time.Second: "90 s", 3 * time.Minute: "3 min", 5 * time.Hour: "5 h"} {
		if got := plain(s.span(d)); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
