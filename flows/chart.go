package flows

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"cardrop/flows/checkout"
)

// Theme is how a chart is colored.
type Theme string

// The themes.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

func isTheme(s string) bool { return s == string(Light) || s == string(Dark) }

// shade is the color of a row of bars: the mark that names it in the text beside the chart, and what is drawn in each theme.
type shade struct {
	mark        string
	light, dark color.NRGBA
}

func (t Theme) of(s shade) color.Color {
	if t == Dark {
		return s.dark
	}
	return s.light
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8 & 255), B: uint8(hex & 255), A: 255} //nolint:gosec // each is a byte
}

// The shades of rows, told apart also by those who do not see red and green.
func blue() shade  { return shade{"🟦", rgb(0x2b7cbf), rgb(0x4f9ddb)} }
func amber() shade { return shade{"🟧", rgb(0xd98e04), rgb(0xf2b84b)} }
func red() shade   { return shade{"🟥", rgb(0xc0392b), rgb(0xe5705e)} }

// palette are a theme's other colors.
type palette struct{ back, ink, grid color.Color }

func (t Theme) palette() palette {
	if t == Dark {
		return palette{rgb(0x17212b), rgb(0xe6ebf0), rgb(0x2f3d4b)}
	}
	return palette{rgb(0xffffff), rgb(0x1c242c), rgb(0xdfe5ea)}
}

// The size of a chart: as wide as a phone held upright shows, with letters that can be read there.
const (
	chartWidth  = 1080
	chartHeight = 1350
	chartDPI    = 144
)

// row is one row of bars: the key of its name, its color, and how high it stands on a day.
type row struct {
	key   string
	shade shade
	value func(checkout.Day) float64
}

// moneyRows are drawn above, in whole units of which each has so many minor ones.
func moneyRows(minor float64) []row {
	return []row{
		{"chart.sales", blue(), func(d checkout.Day) float64 { return float64(d.Sales) / minor }},
		{"chart.margin", amber(), func(d checkout.Day) float64 { return float64(d.Margin()) / minor }},
	}
}

// orderRows are drawn below: orders by their end.
func orderRows() []row {
	return []row{
		{"chart.delivered", blue(), func(d checkout.Day) float64 { return float64(d.Orders["fulfilled"]) }},
		{"chart.partly", amber(), func(d checkout.Day) float64 { return float64(d.Orders["partial"]) }},
		{"chart.returned", red(), func(d checkout.Day) float64 { return float64(d.Orders["refunded"] + d.Orders["refused"]) }},
	}
}

// legend says what a chart shows, each row with the mark of its color. It stands beside the picture and not in it: the picture's fonts
// have Latin letters only.
func (s speech) legend(currency string) string {
	list := func(title string, rows []row) string {
		for _, r := range rows {
			title += "\n" + r.shade.mark + " " + s.say(r.key)
		}
		return title
	}
	return list(s.say("chart.above", "Currency", currency), moneyRows(1)) + "\n\n" + list(s.say("chart.below"), orderRows())
}

// drawChart draws days as a PNG: sales and margin in a currency above, orders by their end below. There are no words in it.
func drawChart(days []checkout.Day, theme Theme, currency string, minor float64) ([]byte, error) {
	c := theme.palette()
	upper, err := bars(days, moneyRows(minor), theme, false)
	if err != nil {
		return nil, err
	}
	upper.Title.Text = currency
	lower, err := bars(days, orderRows(), theme, true)
	if err != nil {
		return nil, err
	}
	canvas := vgimg.NewWith(vgimg.UseDPI(chartDPI), vgimg.UseBackgroundColor(c.back),
		vgimg.UseWH(vg.Length(chartWidth)*vg.Inch/chartDPI, vg.Length(chartHeight)*vg.Inch/chartDPI))
	page := draw.New(canvas)
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadX: vg.Points(8), PadY: vg.Points(24), PadTop: vg.Points(16), PadBottom: vg.Points(14),
		PadLeft: vg.Points(14), PadRight: vg.Points(18)}
	for i, p := range []*plot.Plot{upper, lower} {
		p.Draw(tiles.At(page, 0, i))
	}
	var out bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&out); err != nil {
		return nil, fmt.Errorf("draw chart: %w", err)
	}
	return out.Bytes(), nil
}

// bars makes one plot: rows of bars side by side, or on top of each other.
func bars(days []checkout.Day, rows []row, theme Theme, stacked bool) (*plot.Plot, error) {
	p, c := plot.New(), theme.palette()
	style(p, c)
	p.Add(&plotter.Grid{Horizontal: draw.LineStyle{Color: c.grid, Width: vg.Points(1)}})
	slot := vg.Points(430) / vg.Length(max(len(days), 1))
	width := slot * 0.75
	if !stacked {
		width = slot * 0.8 / vg.Length(len(rows))
	}
	var labels []string
	for _, d := range days {
		labels = append(labels, d.Date[6:]+"/"+d.Date[4:6])
	}
	var below *plotter.BarChart
	for i, r := range rows {
		values := make(plotter.Values, len(days))
		for k, d := range days {
			values[k] = r.value(d)
		}
		b, err := plotter.NewBarChart(values, width)
		if err != nil {
			return nil, fmt.Errorf("draw bars: %w", err)
		}
		b.Color, b.LineStyle.Width = theme.of(r.shade), 0
		switch {
		case !stacked:
			b.Offset = width * (vg.Length(i) - vg.Length(len(rows)-1)/2)
		case below != nil:
			b.StackOn(below)
		}
		below = b
		p.Add(b)
	}
	p.X.Tick.Marker = plot.ConstantTicks(dayTicks(labels))
	p.X.Min, p.X.Max = -0.6, float64(len(labels))-0.4
	p.Y.Min = min(p.Y.Min, 0)
	p.Y.Max = max(p.Y.Max, p.Y.Min+1)
	p.Y.Max += 0.05 * (p.Y.Max - p.Y.Min)
	p.Y.Tick.Marker = plot.TickerFunc(amountTicks)
	return p, nil
}

// style gives a plot the theme's colors and letters that a phone shows well.
func style(p *plot.Plot, c palette) {
	p.BackgroundColor = c.back
	letters := func(s *text.Style, size float64) {
		s.Color, s.Font.Size, s.Font.Variant = c.ink, vg.Points(size), font.Variant("Sans")
	}
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		letters(&a.Tick.Label, 13)
		a.Color, a.Width = c.grid, vg.Points(1)
		a.Tick.Width, a.Tick.Length = 0, vg.Points(3)
	}
	letters(&p.Title.TextStyle, 14)
	p.Title.Padding = vg.Points(8)
}

// dayTicks label as many days as have room, the last one always.
func dayTicks(labels []string) []plot.Tick {
	step := (len(labels) + 6) / 7
	var ticks []plot.Tick
	for i, label := range labels {
		if (len(labels)-1-i)%step != 0 {
			label = ""
		}
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: label})
	}
	return ticks
}

// amountTicks label about five round values; thousands as k, millions as M.
func amountTicks(low, high float64) []plot.Tick {
	raw := (high - low) / 5
	step := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if step*m >= raw {
			step *= m
			break
		}
	}
	step = max(step, 1)
	var ticks []plot.Tick
	for value := math.Ceil(low/step) * step; value <= high; value += step {
		ticks = append(ticks, plot.Tick{Value: value, Label: shortNumber(value)})
	}
	return ticks
}

func shortNumber(value float64) string {
	switch size := math.Abs(value); {
	case size >= 1e6:
		return strconv.FormatFloat(value/1e6, 'g', 4, 64) + "M"
	case size >= 1e4:
		return strconv.FormatFloat(value/1e3, 'g', 4, 64) + "k"
	default:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
}
