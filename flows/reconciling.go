package flows

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
)

// reconcilePage is how many differences a page shows.
const reconcilePage = 5

// reconcileBack is what /reconcile compares when nobody says since when.
const reconcileBack = 24 * time.Hour

// reconcileVerbs are the buttons of comparisons.
func reconcileVerbs() map[string]verb {
	return map[string]verb{
		"rec":     {args: []arg{isPage}, act: (*Desk).showComparison, view: true, admin: true},
		"recagn":  {act: (*Desk).compareAgain, admin: true},
		"recopen": {args: []arg{isRef}, act: (*Desk).showOpening, view: true, admin: true},
		"recgo":   {args: []arg{isRef}, act: (*Desk).openAfter, admin: true},
	}
}

// reconcileCommands are the commands of comparisons.
func reconcileCommands() map[string]command {
	return map[string]command{"reconcile": {act: (*Desk).commandReconcile, admin: true}}
}

// ago is how far back, such as 90m, 24h or 7d.
var ago = regexp.MustCompile(`^([1-9][0-9]{0,3})([mhd])$`)

// since reads from when on something is compared; false for what is no time, or not in the past.
func (v *visit) since(text string, zone *time.Location) (time.Time, bool) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.ToLower(text), "since "))
	if m := ago.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
		return v.now.Add(-time.Duration(n) * unit), true
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil && t.Before(v.now) {
			return t, true
		}
	}
	return time.Time{}, false
}

// commandReconcile is /reconcile, /reconcile <since> or /reconcile order <id>. It only asks for a comparison: a worker makes it, and the
// screen follows.
func (d *Desk) commandReconcile(ctx context.Context, v *visit) error {
	text := strings.TrimSpace(v.in.Text)
	if rest, ok := strings.CutPrefix(strings.ToLower(text), "order "); ok {
		if id, ok := orderID(rest); ok {
			return d.compare(ctx, v, v.now, id)
		}
		return d.usage(v, "reconcile")
	}
	from := v.now.Add(-reconcileBack)
	if text != "" {
		var ok bool
		if from, ok = v.since(text, d.words.options.Timezone); !ok {
			return d.usage(v, "reconcile")
		}
	}
	return d.compare(ctx, v, from, "")
}

// compareAgain makes the latest comparison once more.
func (d *Desk) compareAgain(ctx context.Context, v *visit, _ []string) error {
	c, err := d.shop.Comparison(ctx)
	if err != nil {
		return err
	}
	v.accept()
	if c.ID == 0 {
		c.From = v.now.Add(-reconcileBack)
	}
	return d.compare(ctx, v, c.From, c.Order)
}

func (d *Desk) compare(ctx context.Context, v *visit, from time.Time, order string) error {
	err := d.shop.AskComparison(ctx, v.in.User, v.in.Chat, from, order)
	if err != nil && !errors.Is(err, checkout.ErrRunning) {
		return v.refuse(err, "", []Button{v.button("menu.admin", "admin")})
	}
	return d.open(ctx, v, "rec:0")
}

// showComparison draws how the latest comparison stands, or what it found.
func (d *Desk) showComparison(ctx context.Context, v *visit, args []string) error {
	c, err := d.shop.Comparison(ctx)
	if err != nil {
		return err
	}
	if c.ID == 0 {
		return d.usage(v, "reconcile")
	}
	title := v.say("reconcile.since", "Time", v.moment(c.From))
	if c.Order != "" {
		title = v.say("reconcile.order", "Order", orderName(c.Order))
	}
	if c.Stage != checkout.StageDone {
		v.menu(title, v.compared(c), []Button{v.button("button.refresh", "rec:0")}, v.back("admin"))
		return nil
	}
	causes, err := d.shop.Decidable(ctx)
	if err != nil {
		return err
	}
	page := pageOf(args[0])
	if page*reconcilePage >= len(c.Differences) {
		page = 0
	}
	var open []Button
	if len(causes) > 0 && !c.Failed {
		open = []Button{v.button("reconcile.open", "recopen:"+strconv.FormatInt(c.ID, 10))}
	}
	shown := c.Differences[page*reconcilePage : min(len(c.Differences), (page+1)*reconcilePage)]
	v.menu(title, v.result(c, causes, page, shown),
		v.pager(page, (page+1)*reconcilePage < len(c.Differences), func(n int) string { return "rec:" + number(n) }),
		open, []Button{v.button("reconcile.again", "recagn")}, v.back("admin"))
	return nil
}

// compared says how far a comparison has come, and how long it takes.
func (v *visit) compared(c checkout.Comparison) string {
	list := []string{v.count("reconcile.running", int(c.Expect.Seconds()))}
	if c.Stage == checkout.StageQueued {
		list[0] = v.say("reconcile.queued")
	}
	passed := true
	for _, stage := range []string{checkout.StageSuppliers, checkout.StageLedger, checkout.StageOrders, checkout.StageRecord} {
		sign := "✅"
		switch {
		case stage == c.Stage:
			sign, passed = "⏳", false
		case !passed || c.Stage == checkout.StageQueued:
			sign = "▫️"
		}
		list = append(list, v.say("reconcile.stage", "Sign", sign, "What", v.say("reconcile.stage."+stage)))
	}
	return strings.Join(append(list, v.counts(c)...), "\n")
}

// counts says what was looked at.
func (v *visit) counts(c checkout.Comparison) []string {
	var list []string
	for _, s := range c.Suppliers {
		switch {
		case !s.Listed:
			list = append(list, v.say("reconcile.nolist", "Supplier", s.Name))
		case s.Silent:
			list = append(list, v.say("reconcile.silent", "Supplier", s.Name))
		default:
			list = append(list, v.say("reconcile.list", "Supplier", s.Name, "Sales", s.Sales, "Waiting", s.Waiting, "Moves", s.Movements))
		}
	}
	if c.Entries+c.Events+int64(c.Orders) == 0 {
		return list // not looked at yet
	}
	return append(list, v.say("reconcile.books", "Entries", c.Entries, "Orders", c.Orders, "Events", c.Events))
}

// result is one page of what a comparison found.
func (v *visit) result(c checkout.Comparison, causes []string, page int, shown []checkout.Difference) string {
	blocks := []string{strings.Join(v.counts(c), "\n")}
	n := len(c.Differences) + c.More
	switch {
	case c.Failed:
		blocks = append(blocks, v.say("reconcile.failed"))
	case n == 0:
		blocks = append(blocks, v.say("reconcile.none"))
	}
	if n > 0 {
		blocks = append(blocks, v.count("reconcile.found", n))
	}
	for i, diff := range shown {
		blocks = append(blocks, v.say("reconcile.number", "N", page*reconcilePage+i+1)+" "+v.difference(diff))
	}
	if len(causes) > 0 {
		blocks = append(blocks, v.say("reconcile.stopped"))
	}
	return strings.Join(append(blocks, v.count("reconcile.took", max(int(c.Ended.Sub(c.Begun).Seconds()), 1))), "\n\n")
}

// difference says what does not fit, and what to do about it.
func (v *visit) difference(d checkout.Difference) string {
	order := "–"
	if d.Order != "" {
		order = orderName(d.Order)
	}
	args := []any{"Supplier", d.Supplier, "Handle", clip(d.Handle, 60), "Order", order, "Account", d.Account, "Step", d.Step,
		"Cards", d.Cards, "Ours", d.Ours, "Theirs", d.Theirs, "OurMoney", v.signless(d.Ours), "TheirMoney", v.signless(d.Theirs), "Time", "–"}
	if !d.At.IsZero() {
		args[len(args)-1] = v.moment(d.At)
	}
	return lines(v.say("reconcile.diff."+d.Kind, args...), "→ "+v.say("reconcile.do."+d.Kind, args...))
}

// signless writes an amount that may be below zero.
func (v *visit) signless(minor int64) string {
	if minor < 0 {
		return v.signed(minor)
	}
	return v.money(minor)
}

// showOpening asks whether buying is to be opened after a comparison.
func (d *Desk) showOpening(ctx context.Context, v *visit, args []string) error {
	c, err := d.shop.Comparison(ctx)
	if err != nil {
		return err
	}
	causes, err := d.shop.Decidable(ctx)
	if err != nil {
		return err
	}
	if strconv.FormatInt(c.ID, 10) != args[0] || c.Stage != checkout.StageDone || len(causes) == 0 {
		return d.open(ctx, v, "rec:0")
	}
	list := []string{v.count("reconcile.found", len(c.Differences)+c.More)}
	for _, cause := range causes {
		list = append(list, v.say("reconcile.cause."+cause))
	}
	confirm := v.button("reconcile.go", "recgo:"+args[0])
	confirm.Style = "danger"
	v.menu(v.say("reconcile.sure"), strings.Join(append(list, v.say("reconcile.consequence")), "\n\n"), []Button{confirm},
		[]Button{v.button("button.back", "rec:0"), v.button("button.cancel", "cancel")})
	return nil
}

// openAfter opens buying; a tap that is not about the latest comparison does nothing.
func (d *Desk) openAfter(ctx context.Context, v *visit, args []string) error {
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return d.stale(ctx, v)
	}
	v.accept()
	switch err := d.shop.OpenAfter(ctx, v.in.User, id); {
	case errors.Is(err, checkout.ErrNotFound):
		return d.stale(ctx, v)
	case err != nil:
		return err
	}
	if err := d.open(ctx, v, "rec:0"); err != nil {
		return err
	}
	v.done(v.say("reconcile.opened"))
	return nil
}
