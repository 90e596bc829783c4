package flows

import (
	"context"
	"errors"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// goodTies says which lines are one with a line.
func (v *visit) goodTies(g checkout.Goods) string {
	if g.Main != "" {
		return v.say("join.part", "Code", g.Main)
	}
	var parts []string
	for _, p := range g.Parts {
		parts = append(parts, v.isolate(p.Code)+" ("+v.isolate(p.Provider)+")")
	}
	if len(parts) == 0 {
		return ""
	}
	return v.say("join.parts", "Parts", strings.Join(parts, ", "))
}

// ties are the ways to make a line one with another supplier's, and to part them again.
func (v *visit) ties(g checkout.Goods) [][]Button {
	if g.Main != "" {
		return [][]Button{{v.button("join.leave", "goodpart:"+g.Code+":"+g.Code, "Code", g.Code)}, {v.button("join.main", "good:"+g.Main)}}
	}
	rows := [][]Button{{v.button("join.ask", "goodjoin:"+g.Code)}}
	for _, p := range g.Parts {
		rows = append(rows, []Button{v.button("join.leave", "goodpart:"+p.Code+":"+g.Code, "Code", p.Code)})
	}
	return rows
}

// askJoin asks for the code of the same line of another supplier.
func (d *Desk) askJoin(ctx context.Context, v *visit, args []string) error {
	g, err := d.shop.Goods(ctx, args[0])
	if err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	v.talk.Room = roomTrait
	v.menu(v.say("join.title", "Product", goodName(g)), v.say("join.write", "Code", g.Code, "Supplier", g.Provider), v.typing("good:"+g.Code))
	return nil
}

// typedJoin reads that code, and shows what would become one.
func (d *Desk) typedJoin(ctx context.Context, v *visit, code string) error {
	other, ok := d.goodNamed(ctx, v)
	if !ok {
		if err := d.open(ctx, v, "goodjoin:"+code); err != nil {
			return err
		}
		v.remark("⚠️ " + v.say("join.unknown"))
		return nil
	}
	return d.open(ctx, v, "goodone:"+code+":"+other)
}

// showJoin draws two lines that are to become one: nothing but a person knows whether they are the same.
func (d *Desk) showJoin(ctx context.Context, v *visit, args []string) error {
	main, err := d.shop.Goods(ctx, args[0])
	if err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	part, err := d.shop.Goods(ctx, args[1])
	if err != nil {
		return v.missing(err, v.back("good:"+main.Code))
	}
	confirm := v.button("join.go", "goodtie:"+main.Code+":"+part.Code)
	confirm.Style = "success"
	v.menu(v.say("join.sure"), lines(v.tied(main), v.tied(part), "", v.say("join.body", "Code", main.Code)), []Button{confirm}, v.back("good:"+main.Code))
	return nil
}

// tied names a line with its supplier.
func (v *visit) tied(g checkout.Goods) string {
	return "• " + v.isolate(goodName(g)) + " – " + v.say("goods.code", "Code", g.Code, "Supplier", g.Provider)
}

// tie makes two lines one. Repeating it changes nothing.
func (d *Desk) tie(ctx context.Context, v *visit, args []string) error {
	v.accept()
	err := d.shop.Join(ctx, v.in.User, args[1], args[0])
	said := "✅ " + v.say("join.done")
	switch {
	case errors.Is(err, checkout.ErrJoin):
		said = "⚠️ " + v.say("join.bad")
		if g, err := d.shop.Goods(ctx, args[1]); err == nil && g.Main == args[0] { // a second tap
			said = "✅ " + v.say("join.done")
		}
	case errors.Is(err, store.ErrStale):
		said = "⚠️ " + v.say("join.stale")
	case err != nil:
		return v.missing(err, v.back("good:"+args[0]))
	}
	if err := d.open(ctx, v, "good:"+args[0]); err != nil {
		return err
	}
	v.remark(said)
	return nil
}

// untie lets a line stand for itself again, and draws the line it was pressed on.
func (d *Desk) untie(ctx context.Context, v *visit, args []string) error {
	v.accept()
	if err := d.shop.Leave(ctx, v.in.User, args[0]); err != nil {
		return v.missing(err, v.back("goods:0"))
	}
	if err := d.open(ctx, v, "good:"+args[1]); err != nil {
		return err
	}
	v.remark("✅ " + v.say("join.left", "Code", args[0]))
	return nil
}
