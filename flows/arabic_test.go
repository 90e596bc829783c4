package flows

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// outside is what stands in a line outside of isolates, which may lie in each other.
func outside(line string) string {
	inner := regexp.MustCompile("[" + isolateLeft + isolateFirst + "][^" + isolateLeft + isolateFirst + isolateEnd + "]*" + isolateEnd)
	for inner.MatchString(line) {
		line = inner.ReplaceAllString(line, "")
	}
	return line
}

// astray lists the pieces of a line that runs right to left whose characters a reader may see in another order: Latin letters, and
// digits with anything between them, that are not set apart; and isolates without an end.
func astray(line string) []string {
	bare := outside(line)
	if strings.ContainsAny(bare, isolateLeft+isolateFirst+isolateEnd) {
		return []string{line}
	}
	return regexp.MustCompile(`[\p{Latin}@][\p{Latin}\d@_-]*|\d+[^\d\p{Arabic}]+\d+`).FindAllString(bare, -1)
}

// TestArabicRepliesRunOneWay replays the Arabic scripts: every line of every message begins on the right, and everything in it
// that runs the other way is set apart. What buttons carry is never touched.
func TestArabicRepliesRunOneWay(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/*.ar.talk")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			st := stageOf(t, path)
			st.user.language = "ar"
			st.check = func(r Reply) { runsOneWay(t, r) }
			play(st, string(script))
		})
	}
}

// runsOneWay looks at every line and every button of an Arabic reply.
func runsOneWay(t *testing.T, r Reply) {
	t.Helper()
	for _, s := range r.Screens {
		if s.Language != "ar" {
			continue
		}
		for line := range strings.SplitSeq(s.Text, "\n") {
			if found := astray(line); len(found) > 0 {
				t.Errorf("%q stands bare in %q", found, plain(line))
			}
			if leads := first(strings.Map(strong, outside(line)), "R"); leads[0] != 'R' {
				t.Errorf("this line begins on the left: %q", plain(line))
			}
		}
		for _, b := range slices.Concat(s.Rows...) {
			if strings.ContainsFunc(b.Data+b.URL+b.Copy, directs) {
				t.Errorf("the button %q carries %q", b.Text, b.Data+b.URL+b.Copy)
			}
			if len(astray(b.Text)) > 0 && strings.ContainsFunc(b.Text, arabic) {
				t.Errorf("bare pieces in the button %q", plain(b.Text))
			}
		}
	}
}

// strong maps a character to the direction it gives a line: R or L; isolated pieces have been seen by astray.
func strong(r rune) rune {
	switch {
	case r == '\u200f' || arabic(r):
		return 'R'
	case r <= unicode.MaxASCII && unicode.IsLetter(r):
		return 'L'
	}
	return -1
}

// directs tells characters that steer the direction of a text.
func directs(r rune) bool {
	return r >= '\u2066' && r <= '\u2069' || r >= '\u202a' && r <= '\u202e' || r == '\u200e' || r == '\u200f'
}

// TestAstrayIsFound is the control of the search above.
func TestAstrayIsFound(t *testing.T) {
	for line, want := range map[string]int{
		"الطلبية K7M2-9QXW": 1, "الطلبية \u2066K7M2-9QXW\u2069": 0, "الرقم 021 23": 1, "بقيت 3": 0, "افتح\u2066 PSN": 1, "من @amine": 1,
		"1. اختر": 0,
	} {
		if got := astray(line); len(got) != want {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// FuzzIsolate holds that whatever is set apart is still the same to read, and that its isolates end on their own lines.
func FuzzIsolate(f *testing.F) {
	for _, seed := range []string{"K7M2-9QXW", "أمين Amine", "a\nb", "\u2066open", "\u2069shut\u2066", "\u202eturned", "", "٣ 1 240 دج"} {
		f.Add(seed)
	}
	w, err := NewWords(WordsOptions{Default: "ar", Timezone: time.UTC, Currency: "DZD"})
	if err != nil {
		f.Fatal(err)
	}
	bare := func(text string) string {
		return strings.Map(func(r rune) rune {
			if directs(r) {
				return -1
			}
			return r
		}, text)
	}
	f.Fuzz(func(t *testing.T, piece string) {
		if !utf8.ValidString(piece) {
			return
		}
		for _, got := range []string{w.in("ar").isolate(piece), w.in("ar").alone(piece)} {
			if bare(got) != bare(piece) {
				t.Errorf("%q is written %q", piece, got)
			}
			for line := range strings.SplitSeq(got, "\n") {
				if strings.ContainsAny(outside(line), isolateLeft+isolateFirst+isolateEnd) {
					t.Errorf("%q is written %q, in which an isolate does not end", piece, got)
				}
			}
		}
	})
}
