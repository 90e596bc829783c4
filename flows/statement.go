package flows

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// statementSize is how many entries a page of a statement shows; longestStatement bounds its days.
const (
	statementSize    = 10
	longestStatement = 366
	dayShape         = "20060102"
)

// commandStatement is /statement [from] [to]: days, or a month; the present month without either.
func (d *Desk) commandStatement(ctx context.Context, v *visit) error {
	from, to, ok := v.span(strings.Fields(v.in.Text))
	if !ok {
		return v.unread()
	}
	return d.open(ctx, v, "stmt:"+from.Format(dayShape)+":"+to.Format(dayShape)+":0")
}

// unread shows how the days of a statement are written.
func (v *visit) unread() error {
	v.menu(v.say("usage.title"), v.say("usage.statement"), []Button{v.button("menu.statement", v.month())}, v.back("wallet"))
	return nil
}

// month is the button data of the statement of the present month.
func (v *visit) month() string {
	from, to, _ := v.span(nil)
	return "stmt:" + from.Format(dayShape) + ":" + to.Format(dayShape) + ":0"
}

// span reads the first and the last day of a statement.
func (v *visit) span(typed []string) (from, to time.Time, ok bool) {
	zone := v.words.options.Timezone
	today := v.now.In(zone)
	switch len(typed) {
	case 0:
		return time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, zone), today, true
	case 1, 2:
	default:
		return from, to, false
	}
	from, to, ok = dayOf(typed[0], zone)
	if len(typed) == 2 && ok {
		_, to, ok = dayOf(typed[1], zone)
	}
	return from, to, ok && !to.Before(from) && to.Sub(from) <= longestStatement*24*time.Hour
}

// dayOf reads "2026-10" (first and last day), "2026-10-05" or "05/10/2026", with any digits.
func dayOf(text string, zone *time.Location) (first, last time.Time, ok bool) {
	text = strings.NewReplacer("/", "-", ".", "-").Replace(strings.Map(func(r rune) rune {
		if r == '-' || r == '–' || r == '−' {
			return '/'
		}
		if one := []rune(western(string(r))); len(one) == 1 {
			return one[0]
		}
		return -1
	}, text))
	for _, shape := range []string{"2006-1-2", "2-1-2006"} {
		if t, err := time.ParseInLocation(shape, text, zone); err == nil {
			return t, t, true
		}
	}
	t, err := time.ParseInLocation("2006-1", text, zone)
	if err != nil {
		return first, last, false
	}
	return t, t.AddDate(0, 1, -1), true
}

// account is a wallet over some days.
type account struct {
	entries       []store.Entry // newest first
	after         []int64       // the balance after each
	before, close int64
	in, out       int64
}

// period reads the days of a statement from button data.
func (d *Desk) period(args []string) (from, end time.Time, ok bool) {
	zone := d.words.options.Timezone
	from, err := time.ParseInLocation(dayShape, args[0], zone)
	to, bad := time.ParseInLocation(dayShape, args[1], zone)
	return from, to.AddDate(0, 0, 1), err == nil && bad == nil && !to.Before(from) && to.Sub(from) <= longestStatement*24*time.Hour
}

// account reads a wallet from one time to another, with the balance before, after and in between.
func (d *Desk) account(ctx context.Context, wallet string, from, end time.Time) (account, error) {
	var a account
	list, balance, err := d.shop.EntriesSince(ctx, wallet, from)
	if err != nil {
		return a, err
	}
	for _, e := range list {
		amount := signedFor(wallet, e)
		if e.At.Before(end) {
			a.entries, a.after = append(a.entries, e), append(a.after, balance)
			if amount < 0 {
				a.out -= amount
			} else {
				a.in += amount
			}
		}
		balance -= amount
	}
	a.before, a.close = balance, balance+a.in-a.out
	return a, nil
}

// showStatement draws a page of a statement.
func (d *Desk) showStatement(ctx context.Context, v *visit, args []string) error {
	from, end, ok := d.period(args)
	if !ok {
		return v.unread()
	}
	a, err := d.account(ctx, v.account(), from, end)
	if err != nil {
		return err
	}
	part, page, more := cut(a.entries, pageOf(args[2]), statementSize)
	list := []string{v.say("statement.none")}
	if len(part) > 0 {
		list = nil
	}
	for i, e := range part {
		list = append(list, v.say("statement.line", "Time", v.moment(e.At), "Amount", v.signed(signedFor(v.account(), e)),
			"What", v.entry(v.account(), e), "Balance", v.money(a.after[page*statementSize+i])))
	}
	sums := lines(v.say("statement.days", "From", v.day(from), "To", v.day(end.Add(-time.Second))),
		v.say("statement.before", "Balance", v.money(a.before)),
		v.say("statement.sums", "In", v.signed(a.in), "Out", v.signed(-a.out)),
		v.say("statement.after", "Balance", v.money(a.close)))
	days, rest := args[0]+":"+args[1], [][]Button{{v.button("statement.file", "stmtcsv:"+args[0]+":"+args[1])}, v.back("wallet")}
	v.menu(v.say("statement.title"), sums+"\n\n"+strings.Join(list, "\n"),
		append([][]Button{v.pager(page, more, func(p int) string { return "stmt:" + days + ":" + number(p) })}, rest...)...)
	v.aside(sums, "stmt:"+days+":0", rest...)
	return nil
}

// statementFile sends a statement as a table that spreadsheets open.
func (d *Desk) statementFile(ctx context.Context, v *visit, args []string) error {
	from, end, ok := d.period(args)
	if !ok {
		return d.stale(ctx, v)
	}
	if v.in.Private { // in a group the answer to the press says where the file is
		v.accept()
	}
	a, err := d.account(ctx, v.account(), from, end)
	if err != nil {
		return err
	}
	data, err := v.sheet(v.account(), a)
	if err != nil {
		return err
	}
	v.parcel(Screen{Text: v.say("statement.caption", "From", v.day(from), "To", v.day(end.Add(-time.Second))),
		File: &File{Name: "statement-" + args[0] + "-" + args[1] + ".csv", Data: data}})
	return nil
}

// sheet writes a statement, oldest first: UTF-8 with a mark at its head, days and times as ISO 8601, amounts as whole minor units and
// as people read them.
func (v *visit) sheet(wallet string, a account) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{{"time", "entry", "what", "amount_minor", "amount", "balance_minor", "balance", "currency"}}
	code := v.words.options.Currency
	plain := func(minor int64) string {
		text, _, _ := strings.Cut(providers.Money{Minor: minor, Currency: code}.String(), " ")
		return text
	}
	for i, e := range slices.Backward(a.entries) {
		amount := signedFor(wallet, e)
		rows = append(rows, []string{e.At.In(v.words.options.Timezone).Format(time.RFC3339), cell(e.ID), cell(v.unmarked(v.entry(wallet, e))),
			strconv.FormatInt(amount, 10), plain(amount), strconv.FormatInt(a.after[i], 10), plain(a.after[i]), code})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// unmarked leaves out the characters that set pieces apart on a screen.
func (v *visit) unmarked(text string) string {
	return strings.NewReplacer(isolateLeft, "", isolateFirst, "", isolateEnd, "", markLeftward, "").Replace(text)
}

// cell keeps a spreadsheet from reading a text as a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
