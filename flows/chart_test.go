package flows

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
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
			data, err := drawChart(days, [5]string{"Sales, DZD", "Margin, DZD", "Delivered", "In part", "Given back"}, theme, 100)
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
			if name == "week" && (count(c.sales) < 5000 || count(c.margin) < 500 || count(c.bad) < 500) {
				t.Errorf("%s %s lacks bars: %d, %d, %d points", name, theme, count(c.sales), count(c.margin), count(c.bad))
			}
		}
	}
}
