package flows

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

func tillVerbs() map[string]verb {
	return map[string]verb{
		"day":      {args: []arg{isDay}, act: (*Desk).showDay, view: true, admin: true},
		"dayfile":  {args: []arg{isDay}, act: (*Desk).dayFile, admin: true},
		"stats":    {args: []arg{isCount}, act: (*Desk).showStats, view: true, admin: true},
		"statspic": {args: []arg{isCount, isTheme}, act: (*Desk).statsPicture, admin: true},
	}
}

func tillCommands() map[string]command {
	return map[string]command{
		"closing": {act: (*Desk).commandClosing, admin: true},
		"stats":   {act: (*Desk).commandStats, admin: true},
	}
}

// commandClosing is /closing [date].
func (d *Desk) commandClosing(ctx context.Context, v *visit) error {
	text := strings.TrimSpace(v.in.Text)
	if text == "" {
		return d.open(ctx, v, "day:"+v.now.In(d.words.options.Timezone).Format(dayShape))
	}
	first, last, ok := dayOf(text, d.words.options.Timezone)
	if !ok || !first.Equal(last) || first.After(v.now) {
		return d.usage(v, "closing")
	}
	return d.open(ctx, v, "day:"+first.Format(dayShape))
}

// dayAt reads a day of button data; false for one that is not there or not yet.
func (d *Desk) dayAt(text string, now time.Time) (time.Time, bool) {
	at, err := time.ParseInLocation(dayShape, text, d.words.options.Timezone)
	return at, err == nil && !at.After(now)
}

// showDay draws what a day came to.
func (d *Desk) showDay(ctx context.Context, v *visit, args []string) error {
	at, ok := d.dayAt(args[0], v.now)
	if !ok {
		return d.stale(ctx, v)
	}
	v.accept()
	day, err := d.shop.DayOf(ctx, at)
	if errors.Is(err, checkout.ErrBooks) {
		v.menu(v.say("till.title", "Day", v.day(at)), v.say("till.summing"), []Button{v.button("button.refresh", "day:"+args[0])}, v.back("admin"))
		return nil
	}
	if err != nil {
		return err
	}
	open := ""
	if v.now.In(at.Location()).Format(dayShape) == args[0] {
		open = v.say("till.open")
	}
	recharged, err := d.recharged(ctx, v, at)
	if err != nil {
		return err
	}
	body := strings.Join(slices.DeleteFunc([]string{open, d.tillLines(ctx, v, day), v.earned(day), v.debtLines(day), recharged},
		func(part string) bool { return part == "" }), "\n\n")
	turns := []Button{v.button("button.earlier", "day:"+at.AddDate(0, 0, -1).Format(dayShape))}
	if next := at.AddDate(0, 0, 1); !next.After(v.now) {
		turns = append(turns, v.button("button.later", "day:"+next.Format(dayShape)))
	}
	v.menu(v.say("till.title", "Day", v.day(at)), body, turns,
		[]Button{v.button("button.refresh", "day:"+args[0]), v.button("till.file", "dayfile:"+args[0])}, v.back("admin"))
	return nil
}

// tillLines lead from the opening to the closing of all wallets.
func (d *Desk) tillLines(ctx context.Context, v *visit, day checkout.Day) string {
	list := []string{v.say("till.opening", "Amount", v.money(day.Opening))}
	add := func(key string, amount int64, sign int64) {
		if amount != 0 {
			list = append(list, v.say(key, "Amount", v.signed(sign*amount)))
		}
	}
	add("till.in", day.Inflow(), 1)
	list = append(list, d.ways(ctx, v, day.In)...)
	add("till.out", day.Outflow(), -1)
	list = append(list, d.ways(ctx, v, day.Out)...)
	add("till.held", day.Held, -1)
	add("till.released", day.Released, 1)
	add("till.refunds", day.Refunds, 1)
	add("till.strange", day.Strange(), 1)
	return strings.Join(append(list, v.say("till.closing", "Amount", v.money(day.Closing))), "\n")
}

// ways lists how money came or went: the method and the admin, largest first.
func (d *Desk) ways(ctx context.Context, v *visit, lines map[string]checkout.Money) []string {
	var list []string
	for _, key := range slices.SortedFunc(maps.Keys(lines), func(a, b string) int {
		return cmp.Or(cmp.Compare(lines[b].Sum, lines[a].Sum), cmp.Compare(a, b))
	}) {
		way := checkout.WayOf(key)
		name := v.methodName(way.Method)
		if !way.Alone() {
			name = v.say("till.taker", "Method", name, "Admin", d.adminName(ctx, v, way.Admin))
		}
		list = append(list, v.say("till.way", "Way", name, "Amount", v.money(lines[key].Sum), "Count", lines[key].Count))
	}
	return list
}

// methodName says how money came.
func (v *visit) methodName(method string) string {
	if method == "" {
		return v.say("till.byhand")
	}
	if name, ok := v.maybe("topup.method." + method); ok {
		return name
	}
	return v.isolate(clip(method, 30))
}

// adminName names an admin by the customer's number, or by the id.
func (d *Desk) adminName(ctx context.Context, v *visit, admin int64) string {
	if admin == 0 {
		return v.say("till.nobody")
	}
	if number, err := d.numberOf(ctx, admin); err == nil && number > 0 {
		return v.isolate("C-" + strconv.FormatInt(number, 10))
	}
	return v.isolate(strconv.FormatInt(admin, 10))
}

// earned says what the day's sales brought.
func (v *visit) earned(day checkout.Day) string {
	if day.Sales == 0 && day.Refunds == 0 {
		return v.say("till.nosales")
	}
	list := []string{v.say("till.sales", "Amount", v.money(day.Sales))}
	for _, name := range slices.Sorted(maps.Keys(day.Cost)) {
		list = append(list, v.say("till.cost", "Supplier", v.isolate(name), "Amount", v.signed(-day.Cost[name])))
	}
	if day.Refunds != 0 {
		list = append(list, v.say("till.returned", "Amount", v.signed(-day.Refunds)))
	}
	return strings.Join(append(list, v.say("till.margin", "Amount", v.money(day.Margin()), "Percent", percent(day.Margin(), day.Sales))), "\n")
}

// percent is a part of a whole with one decimal, in exact arithmetic; "0" of nothing.
func percent(part, whole int64) string {
	if whole == 0 {
		return "0"
	}
	tenths := part * 1000 / whole
	sign := ""
	if tenths < 0 {
		sign, tenths = "−", -tenths
	}
	return sign + strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10)
}

// debtLines lists the resellers below zero at the end of the day.
func (v *visit) debtLines(day checkout.Day) string {
	if len(day.Debts) == 0 {
		return ""
	}
	var list []string
	var sum int64
	for _, account := range slices.Sorted(maps.Keys(day.Debts)) {
		sum += day.Debts[account]
		if len(list) < listed {
			list = append(list, v.say("till.debt", "Group", v.isolate(strings.TrimPrefix(account, "group:")), "Amount", v.money(day.Debts[account])))
		}
	}
	return lines(append([]string{v.say("till.debts", "Amount", v.money(sum))}, list...)...)
}

// dayFile sends a day as a table that spreadsheets open.
func (d *Desk) dayFile(ctx context.Context, v *visit, args []string) error {
	at, ok := d.dayAt(args[0], v.now)
	if !ok {
		return d.stale(ctx, v)
	}
	v.accept()
	day, err := d.shop.DayOf(ctx, at)
	if errors.Is(err, checkout.ErrBooks) {
		return d.open(ctx, v, "day:"+args[0])
	}
	if err != nil {
		return err
	}
	data, err := d.daySheet(ctx, v, day)
	if err != nil {
		return err
	}
	v.keep(Screen{Text: v.say("till.caption", "Day", v.day(at)), File: &File{Name: "closing-" + args[0] + ".csv", Data: data}})
	return nil
}

// daySheet writes a day as lines of one amount each. The lines of the part "wallets" lead from its first, the opening, to its last, the
// closing: their sum is the closing.
func (d *Desk) daySheet(ctx context.Context, v *visit, day checkout.Day) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(byteOrderMark)
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	code := v.words.options.Currency
	rows := [][]string{{"date", "part", "line", "detail", "count", "amount_minor", "amount", "currency"}}
	add := func(part, line, detail string, count int, minor int64) {
		text, _, _ := strings.Cut(providers.Money{Minor: minor, Currency: code}.String(), " ")
		rows = append(rows, []string{day.Date, part, line, cell(detail), strconv.Itoa(count), strconv.FormatInt(minor, 10), text, code})
	}
	flow := func(line string, all map[string]checkout.Money, sign int64) {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			way := checkout.WayOf(key)
			detail := first(way.Method, "by hand")
			if !way.Alone() {
				detail += " " + v.unmarked(d.adminName(ctx, v, way.Admin))
			}
			add("wallets", line, detail, all[key].Count, sign*all[key].Sum)
		}
	}
	add("wallets", "opening", "", 0, day.Opening)
	flow("in", day.In, 1)
	flow("out", day.Out, -1)
	add("wallets", "held for orders", "", 0, -day.Held)
	add("wallets", "released", "", 0, day.Released)
	add("wallets", "refunds", "", 0, day.Refunds)
	for _, key := range slices.Sorted(maps.Keys(day.Other)) {
		add("wallets", "other", key, day.Other[key].Count, day.Other[key].Effect)
	}
	add("closing", "closing", "", 0, day.Closing)
	add("result", "sales", "", 0, day.Sales)
	for _, name := range slices.Sorted(maps.Keys(day.Cost)) {
		add("result", "cost", name, 0, -day.Cost[name])
	}
	add("result", "refunds", "", 0, -day.Refunds)
	add("margin", "margin", "", 0, day.Margin())
	for _, account := range slices.Sorted(maps.Keys(day.Debts)) {
		add("debts", "owed by", account, 0, day.Debts[account])
	}
	for _, key := range slices.Sorted(maps.Keys(day.Products)) {
		p := day.Products[key]
		add("products", key, p.Title, p.Cards, p.Sales)
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
