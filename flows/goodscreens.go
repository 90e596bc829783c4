package flows

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
)

// showGood draws one product, or one line, as those who run the shop see it: what is said of it, and the way to change each of that.
func (d *Desk) showGood(ctx context.Context, v *visit, args []string) error {
	g, err := d.shop.Goods(ctx, args[0])
	if err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	rule, ruled, err := d.shop.RuleFor(ctx, g.Code)
	if err != nil {
		return err
	}
	markup := v.say("pricing.default", "Rule", v.isolate(figures(d.shop.DefaultMarkup())+" %"))
	if ruled {
		markup = v.scope(rule.Scope) + ": " + v.rule(rule.Rule)
	}
	line := g.Code != g.Family
	body := []string{v.say("goods.code", "Code", g.Code, "Supplier", g.Provider), v.goodState(g)}
	if names := v.saidIn(g.Says[checkout.TraitName]); names != "" {
		body = append(body, v.say("goods.names", "Names", names))
	}
	if !line {
		body = append(body, v.goodCategory(g), v.yesOrNo("goods.picture.", len(g.Says[checkout.TraitPicture]) > 0))
	}
	if line {
		body = append(body, v.goodTies(g))
	}
	body = append(body, v.goodHow(g), v.goodStock(g), v.goodLife(g), markup)
	v.menu(v.alone(goodName(g)), strings.Join(slices.DeleteFunc(body, func(s string) bool { return s == "" }), "\n"), d.goodRows(v, g)...)
	return nil
}

// goodName is a product as its supplier names it.
func goodName(g checkout.Goods) string {
	title, name := clip(g.Title, 80), clip(g.Name, 80)
	switch {
	case name == "" || strings.Contains(fold(name), fold(title)):
		return first(name, title, g.Code)
	default:
		return title + " · " + name
	}
}

// goodRows are the ways to change a product.
func (d *Desk) goodRows(v *visit, g checkout.Goods) [][]Button {
	line, set := g.Code != g.Family, func(key string, t checkout.Trait) Button { return v.button(key, "goodset:"+g.Code+":"+string(t)) }
	window := v.button("goods.hide", "goodhide:"+g.Code+":1")
	if g.Hidden {
		window = v.primary("goods.show", "goodhide:"+g.Code+":0")
	}
	rows := [][]Button{{window}}
	names := []Button{set("goods.rename", checkout.TraitName)}
	if !line {
		names = append(names, set("goods.move", checkout.TraitCategory))
		rows = append(rows, names, []Button{set("goods.photo", checkout.TraitPicture), set("goods.how", checkout.TraitHow)})
	} else {
		rows = append(rows, append(names, set("goods.how", checkout.TraitHow)))
	}
	rows = append(rows, []Button{set("goods.stock", checkout.TraitStock), set("goods.life", checkout.TraitLife)},
		[]Button{v.button("goods.price", "goodprice:"+g.Code)})
	if line {
		rows = append(rows, v.ties(g)...)
		return append(rows, []Button{v.button("goods.family", "good:"+g.Family)}, v.back("goodlines:"+g.Family+":0"))
	}
	if g.Lines > 0 {
		rows = append(rows, []Button{v.button("goods.lines", "goodlines:"+g.Code+":0", "Count", g.Lines)})
	}
	return append(rows, v.back(first(v.talk.From, "goods:0")))
}

// goodState says whether customers meet a product.
func (v *visit) goodState(g checkout.Goods) string {
	switch {
	case g.Hidden:
		return v.say("goods.state.hidden")
	case g.Above:
		return v.say("goods.state.above")
	case !g.Listed:
		return v.say("goods.state.gone")
	default:
		return v.say("goods.state.sold")
	}
}

// saidIn lists texts by language, those for all first.
func (v *visit) saidIn(said map[string]string) string {
	var parts []string
	for _, language := range slices.Sorted(maps.Keys(said)) {
		parts = append(parts, v.tongue(language)+": "+v.isolate(said[language]))
	}
	return strings.Join(parts, " · ")
}

// tongue is a language by its own name.
func (v *visit) tongue(language string) string {
	if language == "" || language == allTongues {
		return v.say("goods.tongue.all")
	}
	return v.isolate(v.words.in(language).say("language.name"))
}

// tongues lists languages by their own names.
func (v *visit) tongues(said map[string]string) string {
	var names []string
	for _, language := range slices.Sorted(maps.Keys(said)) {
		names = append(names, v.tongue(language))
	}
	return strings.Join(names, ", ")
}

func (v *visit) goodCategory(g checkout.Goods) string {
	own := g.Says[checkout.TraitCategory][""]
	if own == "" {
		return v.say("goods.category", "Category", g.Category)
	}
	return v.say("goods.category.own", "Category", own, "Former", g.Category)
}

func (v *visit) yesOrNo(key string, yes bool) string {
	if yes {
		return v.say(key + "yes")
	}
	return v.say(key + "no")
}

func (v *visit) goodHow(g checkout.Goods) string {
	if own := g.Holds[checkout.TraitHow]; len(own) > 0 {
		return v.say("goods.how.own", "Languages", v.tongues(own))
	}
	return v.say("goods.how.shipped")
}

func (v *visit) goodStock(g checkout.Goods) string {
	if words := v.saidIn(g.Holds[checkout.TraitWords]); words != "" {
		return v.say("goods.stock.words", "Words", words)
	}
	if stock := g.Holds[checkout.TraitStock][""]; stock != "" {
		return v.say("goods.stock."+stock, "Few", checkout.Few)
	}
	return v.say("goods.stock.yes")
}

func (v *visit) goodLife(g checkout.Goods) string {
	n, err := strconv.Atoi(g.Holds[checkout.TraitLife][""])
	if err != nil {
		return v.say("goods.life.shop")
	}
	return v.say("goods.life.own", "Life", v.life(time.Duration(n)*time.Second))
}
