package flows

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/flows/checkout"
)

// fortnight is made-up days with all that a chart shows.
func fortnight(n int) []checkout.Day {
	var days []checkout.Day
	for i := range n {
		at := time.Date(2026, 11, 8, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		sales := int64(1_200_000+(i*7919%11)*180_000) * int64(1+i%3)
		days = append(days, checkout.Day{Date: at.Format(dayShape), Sales: sales, Cost: map[string]int64{"giftz": sales * 90 / 100},
			Orders: map[string]int{"fulfilled": 20 + i*5%17, "partial": i % 4, "refunded": i % 3, "refused": i % 2}})
	}
	return days
}

// TestCharts: a chart is a picture of its size in both themes, its theme's color behind, with the colors of every row in it; also for one
// day, for a quarter and for days on which nothing was sold. CHARTS=<folder> keeps them to look at.
func TestCharts(t *testing.T) {
	t.Parallel()
	for name, days := range map[string][]checkout.Day{
		"one": fortnight(1), "week": fortnight(7), "month": fortnight(30), "quarter": fortnight(92), "empty": {{Date: "20261121"}},
		"loss": {{Date: "20261121", Sales: 100, Cost: map[string]int64{"x": 50_000}}},
	} {
		for _, theme := range []Theme{Light, Dark} {
			data, err := drawChart(days, theme, "DZD", 100)
			if err != nil {
				t.Fatal(err)
			}
			if folder := os.Getenv("CHARTS"); folder != "" {
				if err := os.WriteFile(filepath.Join(folder, name+"-"+string(theme)+".png"), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			picture, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if size := picture.Bounds().Size(); size != image.Pt(chartWidth, chartHeight) {
				t.Errorf("%s %s is %v", name, theme, size)
			}
			c, seen := theme.palette(), map[[3]uint32]int{}
			for y := range chartHeight {
				for x := range chartWidth {
					r, g, b, _ := picture.At(x, y).RGBA()
					seen[[3]uint32{r, g, b}]++
				}
			}
			count := func(what interface{ RGBA() (r, g, b, a uint32) }) int {
				r, g, b, _ := what.RGBA()
				return seen[[3]uint32{r, g, b}]
			}
			if count(c.back) < chartWidth*chartHeight/3 || count(c.ink) < 200 {
				t.Errorf("%s %s: %d points of the ground, %d of the letters", name, theme, count(c.back), count(c.ink))
			}
			for _, r := range append(moneyRows(1), orderRows()...) {
				if n := count(theme.of(r.shade)); name == "week" && n < 500 {
					t.Errorf("%s %s lacks the bars of %s: %d points", name, theme, r.key, n)
				}
			}
		}
	}
}

// TestLegends: the words beside a chart name every row of it, in the reader's language, with a mark of the color that is drawn in both
// themes; and no two rows of a plot have the same.
func TestLegends(t *testing.T) {
	marks := map[string]color.NRGBA{"🟦": rgb(0x55acee), "🟧": rgb(0xf4900c), "🟥": rgb(0xdd2e44)} // as they are drawn in chats
	words := openWords(t)
	for _, language := range []string{"en", "fr", "ar"} {
		s := words.in(language)
		text := s.legend("DZD")
		if !strings.Contains(text, "DZD") || units(text) > captionLimit/2 {
			t.Errorf("%s: %d units: %s", language, units(text), text)
		}
		for _, rows := range [][]row{moneyRows(1), orderRows()} {
			seen := map[string]bool{}
			for _, r := range rows {
				if !strings.Contains(text, r.shade.mark+" "+s.say(r.key)) || seen[r.shade.mark] {
					t.Errorf("%s: %s with %s is missing, or like another row: %s", language, r.key, r.shade.mark, text)
				}
				seen[r.shade.mark] = true
			}
		}
	}
	for _, s := range []shade{blue(), amber(), red()} {
		for _, drawn := range []color.NRGBA{s.light, s.dark} {
			if near := slices.MinFunc(slices.Sorted(maps.Keys(marks)), func(a, b string) int {
				return cmp.Compare(apart(marks[a], drawn), apart(marks[b], drawn))
			}); near != s.mark {
				t.Errorf("%v is drawn where %s stands in the legend, it looks like %s", drawn, s.mark, near)
			}
		}
	}
}

// apart is how far two colors are from each other.
func apart(a, b color.NRGBA) int {
	square := func(x, y uint8) int { return (int(x) - int(y)) * (int(x) - int(y)) }
	return square(a.R, b.R) + square(a.G, b.G) + square(a.B, b.B)
}
