package flows

import (
	"context"
	"slices"
	"strings"

	"cardrop/flows/checkout"
)

// roomGoods is where those who run the shop type words to look for a product.
const roomGoods = "goods"

// goodsVerbs are the buttons with which the shop's window is arranged.
func goodsVerbs() map[string]verb {
	return map[string]verb{
		"goods":     {args: []arg{isPage}, act: (*Desk).showGoods, view: true, admin: true},
		"goodcat":   {args: []arg{isHash, isPage}, act: (*Desk).showGoodsOf, view: true, admin: true},
		"goodfind":  {args: []arg{isPage}, act: (*Desk).showGoodsFound, view: true, admin: true},
		"good":      {args: []arg{isCode}, act: (*Desk).showGood, view: true, admin: true},
		"goodlines": {args: []arg{isCode, isPage}, act: (*Desk).showGoodLines, view: true, admin: true},
		"goodhide":  {args: []arg{isCode, isSwitch}, act: (*Desk).hideGood, admin: true},
		"goodset":   {args: []arg{isCode, isTrait}, act: (*Desk).askTrait, view: true, admin: true},
		"goodin":    {args: []arg{isCode, isTrait, isTongue}, act: (*Desk).askTraitIn, view: true, admin: true},
		"goodput":   {args: []arg{isCode, isTrait, isChoice}, act: (*Desk).putTrait, admin: true},
		"goodoff":   {args: []arg{isCode, isTrait, isTongue}, act: (*Desk).dropTrait, admin: true},
		"goodjoin":  {args: []arg{isCode}, act: (*Desk).askJoin, view: true, admin: true},
		"goodone":   {args: []arg{isCode, isCode}, act: (*Desk).showJoin, view: true, admin: true},
		"goodtie":   {args: []arg{isCode, isCode}, act: (*Desk).tie, admin: true},
		"goodpart":  {args: []arg{isCode, isCode}, act: (*Desk).untie, admin: true},
		"goodprice": {args: []arg{isCode}, act: (*Desk).askMarkup, view: true, admin: true},
	}
}

func goodsCommands() map[string]command {
	return map[string]command{
		"products": {act: (*Desk).commandProducts, admin: true},
		"hide":     {act: (*Desk).commandHide, admin: true},
		"show":     {act: (*Desk).commandShow, admin: true},
	}
}

// isTrait is what can be said of a product by buttons.
func isTrait(s string) bool {
	return slices.Contains([]string{string(checkout.TraitName), string(checkout.TraitCategory), string(checkout.TraitPicture),
		string(checkout.TraitHow), string(checkout.TraitStock), string(checkout.TraitWords), string(checkout.TraitLife)}, s)
}

// allTongues stands for no language in particular.
const allTongues = "all"

func isTongue(s string) bool { return made(s, 2, 3, lowers) }
func isChoice(s string) bool { return made(s, 1, 8, lowers+digits) }

// behind makes a context see what is hidden from customers.
func behind(ctx context.Context, v *visit) context.Context {
	return checkout.For(ctx, checkout.Customer{Language: v.language, Hidden: true})
}

// commandProducts is /products [words or code].
func (d *Desk) commandProducts(ctx context.Context, v *visit) error {
	if strings.TrimSpace(v.in.Text) == "" {
		return d.open(ctx, v, "goods:0")
	}
	return d.lookForGoods(ctx, v)
}

// lookForGoods takes typed words to a product by its code, or to what is found.
func (d *Desk) lookForGoods(ctx context.Context, v *visit) error {
	if code, ok := d.goodNamed(ctx, v); ok {
		return d.open(ctx, v, "good:"+code)
	}
	v.talk.Search = clip(strings.TrimSpace(v.in.Text), 64)
	return d.open(ctx, v, "goodfind:0")
}

// goodNamed is the product or line whose code was typed and nothing else; also one that its supplier no longer lists.
func (d *Desk) goodNamed(ctx context.Context, v *visit) (string, bool) {
	words := strings.Fields(v.in.Text)
	all, err := d.shop.Families(behind(ctx, v))
	if err != nil || len(words) == 0 {
		return "", false
	}
	code, rest, ok := namedCode(all, words)
	if !ok || len(rest) > 0 {
		return "", false
	}
	_, err = d.shop.Goods(ctx, code)
	return code, err == nil
}

// typedByStaff takes a text to the question that one of those who run the shop was asked.
func (d *Desk) typedByStaff(ctx context.Context, v *visit) error {
	switch v.talk.Room {
	case roomDecision:
		return d.typedDecision(ctx, v)
	case roomDanger:
		return d.typedDanger(ctx, v)
	case roomTrait:
		return d.typedTrait(ctx, v)
	case roomCast:
		return d.typedCast(ctx, v)
	default:
		return d.lookForGoods(ctx, v)
	}
}

// commandHide is /hide <code>.
func (d *Desk) commandHide(ctx context.Context, v *visit) error { return d.hides(ctx, v, "hide", "1") }

// commandShow is /show <code>.
func (d *Desk) commandShow(ctx context.Context, v *visit) error { return d.hides(ctx, v, "show", "0") }

func (d *Desk) hides(ctx context.Context, v *visit, name, on string) error {
	code, ok := d.goodNamed(ctx, v)
	if !ok {
		return d.usage(v, name)
	}
	return d.hideGood(ctx, v, []string{code, on})
}

// hideGood takes a product out of the window, or puts it back. Repeating it changes nothing.
func (d *Desk) hideGood(ctx context.Context, v *visit, args []string) error {
	value, said := "1", "goods.hidden.done"
	if args[1] == "0" {
		value, said = "", "goods.shown.done"
	}
	return d.saidOf(ctx, v, args[0], checkout.TraitHidden, "", value, said)
}

// showGoods draws the categories of all that the shop could sell.
func (d *Desk) showGoods(ctx context.Context, v *visit, args []string) error {
	all, err := d.shop.Families(behind(ctx, v))
	if err != nil {
		return v.missing(err)
	}
	v.talk.Room = roomGoods
	part, at, more := cut(shelves(all, byCategory), pageOf(args[0]), 2*pageSize)
	var buttons []Button
	for _, s := range part {
		buttons = append(buttons, Button{Text: v.isolate(clip(s.name, 40)) + " (" + number(s.count) + ")", Data: "goodcat:" + hash(s.name) + ":0"})
	}
	hidden := 0
	for _, f := range all {
		if f.Hidden {
			hidden++
		}
	}
	count := v.count("goods.body", len(all))
	if hidden > 0 {
		count += ", " + v.count("goods.hidden.count", hidden)
	}
	rows := append(columns(2, buttons), v.pager(at, more, func(p int) string { return "goods:" + number(p) }), v.back("admin"))
	v.menu(v.say("goods.title"), count+"\n\n"+v.say("goods.type"), rows...)
	return nil
}

// showGoodsOf draws the products of one category.
func (d *Desk) showGoodsOf(ctx context.Context, v *visit, args []string) error {
	all, err := d.shop.Families(behind(ctx, v))
	if err != nil {
		return v.missing(err)
	}
	found := slices.DeleteFunc(all, func(f checkout.Family) bool { return hash(f.Category) != args[0] })
	if len(found) == 0 { // the last one was moved to another category
		return d.open(ctx, v, "goods:0")
	}
	d.listGoods(v, v.alone(found[0].Category), found, args[1], func(p int) string { return "goodcat:" + args[0] + ":" + number(p) })
	return nil
}

// showGoodsFound draws what was found by words.
func (d *Desk) showGoodsFound(ctx context.Context, v *visit, args []string) error {
	all, err := d.shop.Families(behind(ctx, v))
	if err != nil {
		return v.missing(err)
	}
	found := searched(all, v.talk.Search)
	v.talk.Room = roomGoods
	if len(found) == 0 {
		v.menu(v.say("search.none", "Words", v.talk.Search), v.say("goods.type"), v.back("goods:0"))
		return nil
	}
	d.listGoods(v, v.count("search.found", len(found), "Words", v.talk.Search), found, args[0], func(p int) string { return "goodfind:" + number(p) })
	return nil
}

// listGoods draws one page of products.
func (d *Desk) listGoods(v *visit, title string, found []checkout.Family, page string, data func(int) string) {
	v.talk.Room = roomGoods
	part, at, more := cut(found, pageOf(page), pageSize)
	v.talk.From = data(at)
	var list []string
	var rows [][]Button
	for _, f := range part {
		list = append(list, "• "+v.familyName(f)+" · "+v.isolate(f.Code)+v.hiddenMark(f.Hidden))
		rows = append(rows, []Button{{Text: eye(f.Hidden) + clip(v.familyName(f), 48), Data: "good:" + f.Code}})
	}
	rows = append(rows, v.pager(at, more, data), v.back("goods:0"))
	v.menu(title, strings.Join(list, "\n"), rows...)
}

func eye(hidden bool) string {
	if hidden {
		return "🙈 "
	}
	return ""
}

func (v *visit) hiddenMark(hidden bool) string {
	if hidden {
		return " – " + v.say("goods.hidden")
	}
	return ""
}

// showGoodLines draws one page of a product's lines.
func (d *Desk) showGoodLines(ctx context.Context, v *visit, args []string) error {
	f, err := d.shop.Family(behind(ctx, v), args[0])
	if err != nil {
		return v.missing(err, []Button{v.button("button.again", "goodlines:"+args[0]+":0"), v.button("button.back", "goods:0")})
	}
	part, at, more := cut(f.Lines, pageOf(args[1]), pageSize)
	var list []string
	var rows [][]Button
	for _, l := range part {
		list = append(list, "• "+v.isolate(lineName(l))+" – "+v.price(l)+" · "+v.isolate(l.Code)+v.hiddenMark(l.Hidden))
		tied := ""
		if len(l.Parts) > 0 {
			tied = "🔗 "
		}
		rows = append(rows, []Button{{Text: eye(l.Hidden) + tied + clip(v.isolate(lineName(l)), 46), Data: "good:" + l.Code}})
	}
	rows = append(rows, v.pager(at, more, func(p int) string { return "goodlines:" + f.Code + ":" + number(p) }), v.back("good:"+f.Code))
	v.menu(v.alone(clip(f.Title, 120)), strings.Join(list, "\n"), rows...)
	return nil
}
