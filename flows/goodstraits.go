package flows

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/flows/checkout"
)

// roomTrait is where a product's name, category, instructions, words or markup are typed, or its picture is sent: Talk.Screen says which.
const roomTrait = "trait"

// saidOf says something of a product, and draws the product with a word about it.
func (d *Desk) saidOf(ctx context.Context, v *visit, code string, t checkout.Trait, language, value, said string) error {
	v.accept()
	if language == allTongues {
		language = ""
	}
	err := d.shop.SetTrait(ctx, v.in.User, code, t, language, value)
	if errors.Is(err, checkout.ErrTrait) {
		if err := d.open(ctx, v, first(v.talk.Screen, "good:"+code)); err != nil {
			return err
		}
		v.remark("⚠️ " + v.say("goods.bad"))
		return nil
	}
	if err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	if err := d.open(ctx, v, "good:"+code); err != nil {
		return err
	}
	v.remark("✅ " + v.say(said))
	return nil
}

// askTrait asks what is to be said: in which language, by a button, by typing or with a picture.
func (d *Desk) askTrait(ctx context.Context, v *visit, args []string) error {
	g, err := d.shop.Goods(ctx, args[0])
	if err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	switch t := checkout.Trait(args[1]); t {
	case checkout.TraitCategory:
		return d.askCategory(ctx, v, g)
	case checkout.TraitPicture:
		v.askPicture(g)
	case checkout.TraitStock:
		v.askStock(g)
	case checkout.TraitLife:
		d.askLife(v, g)
	default:
		v.askTongue(d.words.Languages(), g, t)
	}
	return nil
}

// askTongue asks for the language of a text.
func (v *visit) askTongue(languages []string, g checkout.Goods, t checkout.Trait) {
	in := func(language string) Button {
		b := Button{Text: v.tongue(language), Data: "goodin:" + g.Code + ":" + string(t) + ":" + language}
		if g.Says[t][strings.TrimPrefix(language, allTongues)] != "" {
			b.Text = "✓ " + b.Text
		}
		return b
	}
	var buttons []Button
	for _, language := range languages {
		buttons = append(buttons, in(language))
	}
	v.menu(v.say("goods.ask."+string(t), "Product", goodName(g)), v.say("goods.tongue"), append(columns(3, buttons), []Button{in(allTongues)},
		v.back("good:"+g.Code))...)
}

// askTraitIn asks for a text in one language.
func (d *Desk) askTraitIn(ctx context.Context, v *visit, args []string) error {
	g, err := d.shop.Goods(ctx, args[0])
	if err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	t, language := checkout.Trait(args[1]), args[2]
	if !checkout.TraitSpoken(t) || language != allTongues && !slices.Contains(d.words.Languages(), language) {
		return d.open(ctx, v, "good:"+g.Code)
	}
	v.talk.Room = roomTrait
	said := g.Says[t][strings.TrimPrefix(language, allTongues)]
	now := v.say("goods.unsaid")
	var drop []Button
	if said != "" {
		now, drop = v.say("goods.said", "Text", said), []Button{v.button("goods.drop", "goodoff:"+strings.Join(args, ":"))}
	}
	v.menu(v.say("goods.ask."+string(t), "Product", goodName(g)), lines(v.say("goods.in", "Language", v.tongue(language)), now, "", v.say("goods.write."+string(t))),
		drop, v.typing("good:"+g.Code))
	return nil
}

// askCategory asks for a category: one that is there, or a new one.
func (d *Desk) askCategory(ctx context.Context, v *visit, g checkout.Goods) error {
	all, err := d.shop.Families(behind(ctx, v))
	if err != nil {
		return v.missing(err)
	}
	v.talk.Room = roomTrait
	var buttons []Button
	for _, s := range shelves(all, byCategory) {
		if len(buttons) < 2*pageSize {
			buttons = append(buttons, Button{Text: v.isolate(clip(s.name, 40)), Data: "goodput:" + g.Code + ":category:" + hash(s.name)})
		}
	}
	rows := columns(2, buttons)
	if g.Says[checkout.TraitCategory][""] != "" {
		rows = append(rows, []Button{v.button("goods.drop", "goodput:"+g.Code+":category:none")})
	}
	v.menu(v.say("goods.ask.category", "Product", goodName(g)), lines(v.goodCategory(g), "", v.say("goods.write.category")), append(rows, v.typing("good:"+g.Code))...)
	return nil
}

// askPicture asks for a photo, and shows the present one.
func (v *visit) askPicture(g checkout.Goods) {
	v.talk.Room = roomTrait
	var drop []Button
	file := g.Says[checkout.TraitPicture][""]
	if file != "" {
		drop = []Button{v.button("goods.drop", "goodput:"+g.Code+":picture:none")}
	}
	v.menu(v.say("goods.ask.picture", "Product", goodName(g)), v.say("goods.write.picture"), drop, v.typing("good:"+g.Code))
	v.illustrate(file)
}

// askStock asks what is shown of the stock.
func (v *visit) askStock(g checkout.Goods) {
	put := func(key, value string) []Button {
		return []Button{v.button(key, "goodput:"+g.Code+":stock:"+value, "Few", checkout.Few)}
	}
	v.menu(v.say("goods.ask.stock", "Product", goodName(g)), v.goodStock(g), put("goods.put.yes", "none"), put("goods.put.few", checkout.StockFew),
		put("goods.put.no", checkout.StockNever), []Button{v.button("goods.put.words", "goodset:"+g.Code+":"+string(checkout.TraitWords))}, v.back("good:"+g.Code))
}

// lives are the lives of a code message that are offered.
func lives() []time.Duration {
	return []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute}
}

// askLife asks how long a message with codes stays.
func (d *Desk) askLife(v *visit, g checkout.Goods) {
	v.talk.Room = roomTrait
	least, most := d.shop.LifeLimits()
	var buttons []Button
	for _, life := range lives() {
		if life >= least && life <= most {
			buttons = append(buttons, Button{Text: v.life(life), Data: "goodput:" + g.Code + ":life:" + number(int(life.Seconds()))})
		}
	}
	v.menu(v.say("goods.ask.life", "Product", goodName(g)), lines(v.goodLife(g), "", v.say("goods.write.life", "Least", v.life(least), "Most", v.life(most))),
		append(columns(2, buttons), []Button{v.button("goods.put.life", "goodput:"+g.Code+":life:none")}, v.typing("good:"+g.Code))...)
}

// putTrait takes what a button says.
func (d *Desk) putTrait(ctx context.Context, v *visit, args []string) error {
	t, value := checkout.Trait(args[1]), args[2]
	if value == "none" {
		value = ""
	}
	if t == checkout.TraitCategory && value != "" {
		all, err := d.shop.Families(behind(ctx, v))
		if err != nil {
			return v.missing(err)
		}
		at := slices.IndexFunc(all, func(f checkout.Family) bool { return hash(f.Category) == value })
		if at < 0 {
			return d.open(ctx, v, "goodset:"+args[0]+":category")
		}
		value = all[at].Category
	}
	return d.saidOf(ctx, v, args[0], t, "", value, "goods.done")
}

// dropTrait takes a text in one language back.
func (d *Desk) dropTrait(ctx context.Context, v *visit, args []string) error {
	return d.saidOf(ctx, v, args[0], checkout.Trait(args[1]), args[2], "", "goods.done")
}

// typedTrait takes what was typed to the question that was asked.
func (d *Desk) typedTrait(ctx context.Context, v *visit) error {
	p, _, err := parse(v.talk.Screen, v.table)
	if err != nil || len(p.args) == 0 {
		return d.open(ctx, v, "goods:0")
	}
	code, text := p.args[0], strings.TrimSpace(v.in.Text)
	switch {
	case p.verb == "goodjoin":
		return d.typedJoin(ctx, v, code)
	case p.verb == "goodprice":
		return d.typedMarkup(ctx, v, code)
	case p.verb == "goodin":
		t := checkout.Trait(p.args[1])
		if t != checkout.TraitHow {
			text = strings.Join(strings.Fields(strings.Map(oneLine, text)), " ")
		}
		return d.saidOf(ctx, v, code, t, p.args[2], first(text, "\n"), "goods.done")
	case p.verb == "goodset" && p.args[1] == string(checkout.TraitCategory):
		return d.saidOf(ctx, v, code, checkout.TraitCategory, "", first(strings.Join(strings.Fields(strings.Map(oneLine, text)), " "), "\n"), "goods.done")
	case p.verb == "goodset" && p.args[1] == string(checkout.TraitLife):
		return d.saidOf(ctx, v, code, checkout.TraitLife, "", spanned(text), "goods.done")
	default: // a picture was asked for
		return d.open(ctx, v, v.talk.Screen)
	}
}

// spanned reads how long as people type it: 90, 90s, 5m. Anything else is no span.
func spanned(text string) string {
	text = strings.ToLower(strings.ReplaceAll(western(text), " ", ""))
	if life, err := time.ParseDuration(text); err == nil && life%time.Second == 0 {
		return strconv.FormatInt(int64(life/time.Second), 10)
	}
	return first(text, "-")
}

// picturedGood takes a photo to the product it was asked for; false when none was.
func (d *Desk) picturedGood(ctx context.Context, v *visit) (bool, error) {
	p, _, err := parse(v.talk.Screen, v.table)
	if v.talk.Room != roomTrait || err != nil || p.verb != "goodset" || p.args[1] != string(checkout.TraitPicture) || !v.stands() {
		return false, nil
	}
	if v.in.Picture.Document {
		if err := d.open(ctx, v, v.talk.Screen); err != nil {
			return true, err
		}
		v.remark("⚠️ " + v.say("goods.photo.only"))
		return true, nil
	}
	return true, d.saidOf(ctx, v, p.args[0], checkout.TraitPicture, "", v.in.Picture.File, "goods.done")
}

// askMarkup asks for the markup of a product. What is typed becomes a rule of prices on the one road that /markup goes.
func (d *Desk) askMarkup(ctx context.Context, v *visit, args []string) error {
	g, err := d.shop.Goods(ctx, args[0])
	if err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	v.talk.Room = roomTrait
	v.menu(v.say("goods.ask.price", "Product", goodName(g)), v.say("goods.write.price"), v.typing("good:"+g.Code))
	return nil
}

// typedMarkup reads a markup, and shows what it would change.
func (d *Desk) typedMarkup(ctx context.Context, v *visit, code string) error {
	c := Pricing{Scope: checkout.Scope{Product: code}, Ref: "p" + strconv.FormatInt(v.in.Update, 36)}
	if !c.amounts(strings.Fields(v.in.Text), d.words.options.Currency) {
		if err := d.open(ctx, v, "goodprice:"+code); err != nil {
			return err
		}
		v.remark("⚠️ " + v.say("goods.bad"))
		return nil
	}
	v.talk.Pricing = &c
	return d.open(ctx, v, "pricing")
}
