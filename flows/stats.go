package flows

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"cardrop/flows/checkout"
)

// How far /stats looks back, in days.
const (
	usualStats = 7
	mostStats  = 92
	topListed  = 5
)

// commandStats is /stats [days].
func (d *Desk) commandStats(ctx context.Context, v *visit) error {
	text := strings.TrimSpace(western(v.in.Text))
	if text == "" {
		return d.open(ctx, v, "stats:"+number(usualStats))
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostStats {
		return d.usage(v, "stats")
	}
	return d.open(ctx, v, "stats:"+number(n))
}

// statsDays reads the last n days, today among them.
func (d *Desk) statsDays(ctx context.Context, v *visit, arg string) ([]checkout.Day, error) {
	n := min(max(1, pageOf(arg)), mostStats)
	today := v.now.In(d.words.options.Timezone)
	return d.shop.DaysOf(ctx, today.AddDate(0, 0, 1-n), today)
}

// showStats draws what the last days came to.
func (d *Desk) showStats(ctx context.Context, v *visit, args []string) error {
	v.accept()
	again := []Button{v.button("button.refresh", "stats:"+args[0])}
	days, err := d.statsDays(ctx, v, args[0])
	if errors.Is(err, checkout.ErrBooks) {
		v.menu(v.say("stats.title"), v.say("till.summing"), again, v.back("admin"))
		return nil
	}
	if err != nil {
		return err
	}
	var spans []Button
	for _, n := range []int{1, 7, 30, 90} {
		spans = append(spans, Button{Text: v.count("stats.days", n), Data: "stats:" + number(n)})
	}
	v.menu(v.say("stats.title"), v.statsSpan(days)+"\n\n"+v.statsBody(days), spans,
		[]Button{v.button("stats.light", "statspic:"+args[0]+":light"), v.button("stats.dark", "statspic:"+args[0]+":dark")}, again, v.back("admin"))
	return nil
}

// statsSpan says which days they are.
func (s speech) statsSpan(days []checkout.Day) string {
	from, to := s.dated(days[0].Date), s.dated(days[len(days)-1].Date)
	if from == to {
		return from
	}
	return s.say("stats.span", "From", from, "To", to)
}

// dated writes the date of a day as it is stored.
func (s speech) dated(date string) string {
	at, err := time.ParseInLocation(dayShape, date, s.words.options.Timezone)
	if err != nil {
		return date
	}
	return s.day(at)
}

// statsBody is what days came to, as text.
func (s speech) statsBody(days []checkout.Day) string {
	sum := added(days)
	if len(sum.Orders) == 0 && sum.Sales == 0 {
		return s.say("stats.none")
	}
	list := []string{s.say("stats.sales", "Amount", s.money(sum.Sales)),
		s.say("stats.margin", "Amount", s.money(sum.Margin()), "Percent", percent(sum.Margin(), sum.Sales))}
	list = append(list, "", s.say("stats.orders"))
	all, failed := 0, 0
	for _, n := range sum.Orders {
		all += n
	}
	for _, state := range checkout.FinalStates() {
		if n := sum.Orders[state]; n > 0 {
			list = append(list, s.say("stats.state", "State", s.say("state."+state), "Count", n))
		}
		if state == "refunded" || state == "refused" {
			failed += sum.Orders[state]
		}
	}
	list = append(list, s.say("stats.failed", "Percent", percent(int64(failed), int64(all))))
	if len(sum.Spans) > 0 {
		list = append(list, s.say("stats.time", "Half", s.span(checkout.Span(sum.Spans, 50)), "Most", s.span(checkout.Span(sum.Spans, 95))))
	}
	list = append(list, s.top("stats.products", sum.Products, func(key string, p *checkout.Sold) string { return first(clip(p.Title, 40), key) })...)
	list = append(list, s.top("stats.resellers", sum.Resellers, func(key string, _ *checkout.Sold) string { return strings.TrimPrefix(key, "group:") })...)
	return strings.Join(list, "\n")
}

// span writes a time that something took.
func (s speech) span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return s.say("stats.seconds", "N", strconv.FormatFloat(math.Ceil(d.Seconds()), 'f', 0, 64))
	case d < 2*time.Hour:
		return s.say("stats.minutes", "N", strconv.FormatFloat(math.Ceil(d.Minutes()), 'f', 0, 64))
	default:
		return s.say("stats.hours", "N", strconv.FormatFloat(math.Ceil(d.Hours()), 'f', 0, 64))
	}
}

// top lists what brought most.
func (s speech) top(key string, all map[string]*checkout.Sold, name func(string, *checkout.Sold) string) []string {
	if len(all) == 0 {
		return nil
	}
	list := []string{"", s.say(key)}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(all[b].Sales, all[a].Sales), cmp.Compare(a, b))
	})
	for i, k := range keys[:min(len(keys), topListed)] {
		list = append(list, s.say("stats.line", "N", number(i+1), "Name", name(k, all[k]), "Cards", number(all[k].Cards), "Amount", s.money(all[k].Sales)))
	}
	return list
}

// added are several days as one.
func added(days []checkout.Day) checkout.Day {
	sum := checkout.Day{Orders: map[string]int{}, Spans: map[int]int{}, Cost: map[string]int64{}, Products: map[string]*checkout.Sold{},
		Resellers: map[string]*checkout.Sold{}}
	merge := func(into, from map[string]*checkout.Sold) {
		for key, p := range from {
			if into[key] == nil {
				into[key] = &checkout.Sold{}
			}
			was := into[key]
			was.Title, was.Cards, was.Sales, was.Cost = first(p.Title, was.Title), was.Cards+p.Cards, was.Sales+p.Sales, was.Cost+p.Cost
		}
	}
	for _, d := range days {
		sum.Sales, sum.Refunds = sum.Sales+d.Sales, sum.Refunds+d.Refunds
		for name, cost := range d.Cost {
			sum.Cost[name] += cost
		}
		for state, n := range d.Orders {
			sum.Orders[state] += n
		}
		for b, n := range d.Spans {
			sum.Spans[b] += n
		}
		merge(sum.Products, d.Products)
		merge(sum.Resellers, d.Resellers)
	}
	return sum
}

// statsPicture sends the same as a chart.
func (d *Desk) statsPicture(ctx context.Context, v *visit, args []string) error {
	v.accept()
	days, err := d.statsDays(ctx, v, args[0])
	if errors.Is(err, checkout.ErrBooks) {
		return d.open(ctx, v, "stats:"+args[0])
	}
	if err != nil {
		return err
	}
	unit := v.words.options.Currency
	digits, _ := currency.GetDigits(unit)
	data, err := drawChart(days, Theme(args[1]), unit, math.Pow10(int(digits)))
	if err != nil {
		return err
	}
	v.keep(Screen{Text: lines(v.say("stats.title"), v.statsSpan(days)) + "\n\n" + v.legend(unit), File: &File{Name: "stats.png", Data: data, Photo: true}})
	return nil
}

// Digest is what operators read in the morning about the day before, in the shop's own language.
func (d *Desk) Digest(ctx context.Context) (string, error) {
	s := d.words.in(d.words.options.Default)
	day, err := d.shop.DayOf(ctx, d.now().In(d.words.options.Timezone).AddDate(0, 0, -1))
	if err != nil {
		return "", err
	}
	stuck, err := d.shop.Stuck(ctx)
	if err != nil {
		return "", err
	}
	text := "☀️ " + s.say("digest.title", "Day", s.dated(day.Date)) + "\n\n" + s.statsBody([]checkout.Day{day}) + "\n\n" +
		s.say("digest.wallets", "Amount", s.money(day.Closing), "In", s.money(day.Inflow()))
	if len(stuck) > 0 {
		text = lines(text, s.say("digest.stuck", "Count", len(stuck)))
	}
	return text, nil
}
