package telegram

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"cardrop/flows"
)

func TestSplit(t *testing.T) {
	bold := func(offset, length int) flows.Mark { return flows.Mark{Kind: "bold", Offset: offset, Length: length} }
	is := func(offset, length int) []models.MessageEntity {
		return []models.MessageEntity{{Type: "bold", Offset: offset, Length: length}}
	}
	tests := []struct {
		name  string
		text  string
		marks []flows.Mark
		limit int
		want  []part
	}{
		{"fits", "hello", []flows.Mark{bold(0, 5)}, 5, []part{{"hello", is(0, 5)}}},
		{"at the line", "ab cd\nef", nil, 7, []part{{"ab cd", nil}, {"ef", nil}}},
		{"at the space", "ab cd ef", nil, 7, []part{{"ab cd", nil}, {"ef", nil}}},
		{"anywhere", "abcdefgh", nil, 3, []part{{"abc", nil}, {"def", nil}, {"gh", nil}}},
		{"never inside a pair", "a💳💳b", nil, 4, []part{{"a💳", nil}, {"💳b", nil}}},
		{"mark over the cut", "ab cd", []flows.Mark{bold(1, 3)}, 3, []part{{"ab", is(1, 1)}, {"cd", is(0, 1)}}},
		{"mark counts units", "💳💳\nx💳y", []flows.Mark{bold(6, 2)}, 5, []part{{"💳💳", nil}, {"x💳y", is(1, 2)}}},
		{"marks beyond the text", "ab", []flows.Mark{bold(1, 9), bold(-1, 2), bold(5, 1), bold(0, 0)}, 9, []part{{"ab", is(1, 1)}}},
		{"nothing to see", "  \n ", nil, 9, nil},
		{"bad bytes", "a\xffb", nil, 9, []part{{"a\uFFFDb", nil}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, split(tt.text, tt.marks, tt.limit), cmp.AllowUnexported(part{})); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzSplit: parts keep the limit, lose nothing to see, and marks stay inside their part.
func FuzzSplit(f *testing.F) {
	f.Add("hello 💳\nworld", 3, 4, 5)
	f.Add(strings.Repeat("é\u2003", 40), 7, 0, 99)
	f.Fuzz(func(t *testing.T, text string, limit, offset, length int) {
		if limit < 2 || limit > 5000 || offset > 1<<20 || length > 1<<20 {
			return
		}
		seen := ""
		for _, p := range split(text, []flows.Mark{{Kind: "bold", Offset: offset, Length: length}}, limit) {
			size := units(p.text)
			if size == 0 || size > limit {
				t.Fatalf("part of %d units", size)
			}
			for _, e := range p.entities {
				if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > size {
					t.Fatalf("mark %+v outside of %d units", e, size)
				}
			}
			seen += p.text
		}
		plain := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if plain(seen) != plain(strings.ToValidUTF8(text, "\uFFFD")) {
			t.Fatalf("%q became %q", text, seen)
		}
	})
}

func TestKeyboardLimits(t *testing.T) {
	long := strings.Repeat("x", 257)
	tests := []struct {
		name   string
		button flows.Button
		kept   bool
	}{
		{"data", flows.Button{Text: "a", Data: strings.Repeat("x", 64)}, true},
		{"data too long", flows.Button{Text: "a", Data: strings.Repeat("é", 33)}, false},
		{"copy", flows.Button{Text: "a", Copy: strings.Repeat("é", 256)}, true},
		{"copy too long", flows.Button{Text: "a", Copy: long}, false},
		{"link", flows.Button{Text: "a", URL: "https://t.me/ShopBot?start=x"}, true},
		{"script", flows.Button{Text: "a", URL: "javascript:alert(1)"}, false},
		{"no kind", flows.Button{Text: "a"}, false},
		{"two kinds", flows.Button{Text: "a", Data: "x", URL: "https://a.b"}, false},
		{"no label", flows.Button{Text: " ", Data: "x"}, false},
	}
	log := slog.New(slog.DiscardHandler)
	for _, tt := range tests {
		if got := keyboard([][]flows.Button{{tt.button}}, log); (got != nil) != tt.kept {
			t.Errorf("%s: keyboard %v, want kept %v", tt.name, got, tt.kept)
		}
	}
	var many [][]flows.Button
	for range 101 {
		many = append(many, []flows.Button{{Text: "a", Data: "x", Style: "shiny"}})
	}
	got := keyboard(many, log).(*models.InlineKeyboardMarkup)
	if len(got.InlineKeyboard) != maxButtons || got.InlineKeyboard[0][0].Style != "" {
		t.Errorf("%d rows, style %q", len(got.InlineKeyboard), got.InlineKeyboard[0][0].Style)
	}
}

func TestToast(t *testing.T) {
	if got := toast(strings.Repeat("💳", 150)); units(got) > maxToast || !strings.HasSuffix(got, "…") {
		t.Errorf("toast of %d units: %q", units(got), got)
	}
	if got := toast("short"); got != "short" {
		t.Errorf("toast %q", got)
	}
}
