package flows

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// hash is a short name of a category or region in callback data; both are few, so that a clash is not to be expected, and
// would show a list too many.
func hash(text string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // a hash never fails
	return fmt.Sprintf("%08x", h.Sum32())
}

// pageOf reads a page that the parser has checked.
func pageOf(arg string) int {
	n, err := strconv.Atoi(arg)
	if err != nil {
		return 0
	}
	return n
}

// shelf is a category or a region, and how many products it has.
type shelf struct {
	name  string
	count int
}

// shelves groups families and sorts the groups by name.
func shelves(all []checkout.Family, by func(checkout.Family) string) []shelf {
	counts := make(map[string]int)
	for _, f := range all {
		counts[by(f)]++
	}
	out := make([]shelf, 0, len(counts))
	for name, n := range counts {
		out = append(out, shelf{name, n})
	}
	slices.SortFunc(out, func(a, b shelf) int { return strings.Compare(fold(a.name), fold(b.name)) })
	return out
}

func byCategory(f checkout.Family) string { return f.Category }
func byRegion(f checkout.Family) string   { return f.Region }

// showCategories draws the catalog's entrance.
func (d *Desk) showCategories(ctx context.Context, v *visit, args []string) error {
	return d.showShelves(ctx, v, args[0], byCategory, "catalog", "cats", "cat", func(name string) string { return name })
}

// showRegions draws the catalog by region.
func (d *Desk) showRegions(ctx context.Context, v *visit, args []string) error {
	return d.showShelves(ctx, v, args[0], byRegion, "regions", "areas", "area", v.region)
}

// showShelves draws one page of categories or regions.
func (d *Desk) showShelves(ctx context.Context, v *visit, page string, by func(checkout.Family) string,
	key, list, entry string, name func(string) string) error {
	all, err := d.shop.Families(ctx)
	if err != nil {
		return v.missing(err)
	}
	if len(all) == 0 {
		return v.missing(checkout.ErrUnavailable)
	}
	part, at, more := cut(shelves(all, by), pageOf(page), 2*pageSize)
	var buttons []Button
	for _, s := range part {
		buttons = append(buttons, Button{
			Text: v.isolate(clip(name(s.name), 40)) + " (" + number(s.count) + ")", Data: entry + ":" + hash(s.name) + ":0",
		})
	}
	other := v.button("button.regions", "areas:0")
	if list == "areas" {
		other = v.button("button.categories", "cats:0")
	}
	stars, err := d.favoriteRow(ctx, v)
	if err != nil {
		return err
	}
	rows := append(columns(2, buttons), stars, v.pager(at, more, func(p int) string { return list + ":" + number(p) }),
		[]Button{v.button("button.search", "search"), other}, v.back("menu"))
	v.menu(v.say(key+".title"), v.count(key+".body", len(all)), rows...)
	return nil
}

// showCategory draws the products of one category.
func (d *Desk) showCategory(ctx context.Context, v *visit, args []string) error {
	return d.showShelf(ctx, v, args, byCategory, "cats:0", "cat", func(name string) string { return name })
}

// showRegion draws the products of one region.
func (d *Desk) showRegion(ctx context.Context, v *visit, args []string) error {
	return d.showShelf(ctx, v, args, byRegion, "areas:0", "area", v.region)
}

func (d *Desk) showShelf(ctx context.Context, v *visit, args []string, by func(checkout.Family) string,
	up, entry string, name func(string) string) error {
	all, err := d.shop.Families(ctx)
	if err != nil {
		return v.missing(err)
	}
	var found []checkout.Family
	for _, f := range all {
		if hash(by(f)) == args[0] {
			found = append(found, f)
		}
	}
	if len(found) == 0 { // the catalog has changed since
		return d.open(ctx, v, up)
	}
	d.showFamilies(v, v.alone(name(by(found[0]))), found, args[1], up, func(p int) string { return entry + ":" + args[0] + ":" + number(p) })
	return nil
}

// showFamilies draws one page of products.
func (d *Desk) showFamilies(v *visit, title string, found []checkout.Family, page, up string, data func(int) string) {
	part, at, more := cut(found, pageOf(page), pageSize)
	v.talk.From = data(at)
	var list []string
	var rows [][]Button
	for _, f := range part {
		price := v.say("family.unpriced")
		if f.From > 0 {
			price = v.say("family.from", "Price", v.money(f.From))
		}
		mark := ""
		if !f.InStock {
			price, mark = v.say("stock.none"), "✖ "
		}
		list = append(list, "• "+v.familyName(f)+" – "+price)
		rows = append(rows, []Button{{Text: mark + clip(v.familyName(f), 48), Data: "fam:" + f.Code + ":0"}})
	}
	rows = append(rows, v.pager(at, more, data), v.back(up))
	v.menu(title, strings.Join(list, "\n"), rows...)
}

// familyName is a product's title, with its region where the title does not tell it.
func (s speech) familyName(f checkout.Family) string {
	name := s.isolate(clip(f.Title, 80))
	about := fold(f.Title)
	if f.Region != "" && !strings.Contains(about, fold(f.Region)) && !strings.Contains(about, fold(s.region(f.Region))) {
		name += " (" + s.isolate(s.region(f.Region)) + ")"
	}
	return name
}

// showFamily opens a product: its face values with price and stock as they are now.
func (d *Desk) showFamily(ctx context.Context, v *visit, args []string) error {
	v.accept()
	up := first(v.talk.From, "cats:0")
	f, err := d.shop.Family(ctx, args[0])
	if err != nil {
		return v.missing(err, []Button{v.button("button.again", "fam:"+args[0]+":0"), v.button("button.back", up)})
	}
	part, at, more := cut(f.Lines, pageOf(args[1]), pageSize)
	var list []string
	var buttons []Button
	for _, l := range part {
		list = append(list, "• "+v.isolate(lineName(l))+" – "+v.price(l)+" – "+v.stock(l)+" · "+v.isolate(l.Code))
		b := Button{Text: v.isolate(clip(lineName(l), 30)) + " – " + v.price(l), Data: "line:" + l.Code}
		if !sellable(l) {
			b.Text = "✖ " + clip(lineName(l), 40)
		}
		buttons = append(buttons, b)
	}
	desc := ""
	if len(part) > 0 {
		desc = v.alone(clip(part[0].Product.Desc, 500))
	}
	body := lines(v.say("family.region", "Region", v.region(f.Region)), v.say("family.code", "Code", f.Code), desc) +
		"\n\n" + strings.Join(list, "\n")
	if len(list) > 0 {
		body += "\n\n" + v.say("family.choose")
	}
	rows := append(columns(1, buttons),
		v.pager(at, more, func(p int) string { return "fam:" + f.Code + ":" + number(p) }), v.back(up))
	v.menu(v.alone(clip(f.Title, 120)), body, rows...)
	v.illustrate(f.Picture)
	return nil
}

// lineName is a line's own name, or its face value.
func lineName(l checkout.Line) string {
	return clip(first(l.Product.Name, l.Product.Face.String()), 80)
}

// sellable tells whether a line can be bought as far as is known.
func sellable(l checkout.Line) bool {
	return l.Price > 0 && l.Product.Stock != 0 && !l.Product.Disabled
}

// price is a line's price in words.
func (s speech) price(l checkout.Line) string {
	if l.Price == 0 {
		return s.say("family.unpriced")
	}
	return s.money(l.Price)
}

// stock is a line's stock in words.
func (s speech) stock(l checkout.Line) string {
	switch {
	case l.Product.Stock == 0 || l.Product.Disabled:
		return s.say("stock.none")
	case l.Words != "":
		return s.isolate(l.Words)
	case l.Product.Stock == providers.StockUnknown, l.Stock == checkout.StockNever, l.Stock == checkout.StockFew && l.Product.Stock > checkout.Few:
		return s.say("stock.some")
	default:
		return s.count("stock.count", l.Product.Stock)
	}
}
