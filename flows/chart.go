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

// palette are a theme's colors, told apart also by those who do not see red and green.
type palette struct{ back, ink, grid, sales, margin, good, part, bad color.Color }

func (t Theme) palette() palette {
	rgb := func(hex uint32) color.Color {
		return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8 & 255), B: uint8(hex & 255), A: 255} //nolint:gosec // each is a byte
	}
	if t == Dark {
		return palette{rgb(0x17212b), rgb(0xe6ebf0), rgb(0x2f3d4b), rgb(0x4f9ddb), rgb(0xf2b84b), rgb(0x4f9ddb), rgb(0xf2b84b), rgb(0xe5705e)}
	}
	return palette{rgb(0xffffff), rgb(0x1c242c), rgb(0xdfe5ea), rgb(0x2b7cbf), rgb(0xd98e04), rgb(0x2b7cbf), rgb(0xd98e04), rgb(0xc0392b)}
}

// The size of a chart: as wide as a phone held upright shows, with letters that can be read there.
const (
	chartWidth  = 1080
	chartHeight = 1350
	chartDPI    = 144
)

// series is one row of bars.
type series struct {
	name   string
	color  color.Color
	values plotter.Values
}

// drawChart draws days as a PNG: sales and margin above, orders by their end below. legend names the rows: sales, margin, delivered,
// partly, returned; it is in Latin letters, which the fonts of the chart have.
func drawChart(days []checkout.Day, legend [5]string, theme Theme, whole float64) ([]byte, error) {
	c := theme.palette()
	money := []series{{legend[0], c.sales, nil}, {legend[1], c.margin, nil}}
	orders := []series{{legend[2], c.good, nil}, {legend[3], c.part, nil}, {legend[4], c.bad, nil}}
	var labels []string
	for _, d := range days {
		money[0].values = append(money[0].values, float64(d.Sales)/whole)
		money[1].values = append(money[1].values, float64(d.Margin())/whole)
		orders[0].values = append(orders[0].values, float64(d.Orders["fulfilled"]))
		orders[1].values = append(orders[1].values, float64(d.Orders["partial"]))
		orders[2].values = append(orders[2].values, float64(d.Orders["refunded"]+d.Orders["refused"]))
		labels = append(labels, d.Date[6:]+"/"+d.Date[4:6])
	}
	upper, err := bars(money, labels, c, false)
	if err != nil {
		return nil, err
	}
	lower, err := bars(orders, labels, c, true)
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
func bars(rows []series, labels []string, c palette, stacked bool) (*plot.Plot, error) {
	p := plot.New()
	style(p, c)
	p.Add(&plotter.Grid{Horizontal: draw.LineStyle{Color: c.grid, Width: vg.Points(1)}})
	slot := vg.Points(430) / vg.Length(max(len(labels), 1))
	width := slot * 0.75
	if !stacked {
		width = slot * 0.8 / vg.Length(len(rows))
	}
	var below *plotter.BarChart
	for i, row := range rows {
		b, err := plotter.NewBarChart(row.values, width)
		if err != nil {
			return nil, fmt.Errorf("draw bars: %w", err)
		}
		b.Color, b.LineStyle.Width = row.color, 0
		switch {
		case !stacked:
			b.Offset = width * (vg.Length(i) - vg.Length(len(rows)-1)/2)
		case below != nil:
			b.StackOn(below)
		}
		below = b
		p.Add(b)
		p.Legend.Add(row.name, b)
	}
	p.X.Tick.Marker = plot.ConstantTicks(dayTicks(labels))
	p.X.Min, p.X.Max = -0.6, float64(len(labels))-0.4
	p.Y.Min = min(p.Y.Min, 0)
	p.Y.Max = max(p.Y.Max, p.Y.Min+1)
	p.Y.Max += 0.22 * (p.Y.Max - p.Y.Min) // the legend stands above the bars
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
	letters(&p.Legend.TextStyle, 14)
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.ThumbnailWidth, p.Legend.Padding, p.Legend.YOffs = vg.Points(16), vg.Points(2), vg.Points(4)
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
