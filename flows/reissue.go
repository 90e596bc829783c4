package flows

import (
	"context"
	"errors"

	"cardrop/flows/checkout"
	"cardrop/store"
)

func reissueVerbs() map[string]verb {
	return map[string]verb{
		"reissue":  {args: []arg{isOrder}, act: (*Desk).showReissue, view: true, admin: true},
		"reissued": {args: []arg{isOrder}, act: (*Desk).reissue, admin: true},
	}
}

func reissueCommands() map[string]command {
	return map[string]command{"reissue": {admin: true, act: (*Desk).commandReissue}}
}

// commandReissue is /reissue <order>.
func (d *Desk) commandReissue(ctx context.Context, v *visit) error {
	id, ok := orderID(v.in.Text)
	if !ok {
		return d.usage(v, "reissue")
	}
	return d.open(ctx, v, "reissue:"+id)
}

// showReissue draws what one more showing would mean; the admin never sees a code.
func (d *Desk) showReissue(ctx context.Context, v *visit, args []string) error {
	o, err := d.shop.Order(ctx, args[0], 0)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.admin", "admin")})
	}
	number, err := d.numberOf(ctx, o.Buyer)
	if err != nil {
		return err
	}
	title, body := v.say("reissue.title", "Order", orderName(o.ID)), v.say("credit.user", "User", userName(o.Buyer, number))
	if o.Reveal.State != store.Removed {
		v.menu(title, lines(body, v.say("reissue.no")), []Button{v.button("decide.order", "any:"+o.ID)}, v.back("admin"))
		return nil
	}
	confirm := v.button("reissue.go", "reissued:"+o.ID)
	confirm.Style = "success"
	v.menu(title, lines(body, v.say("reissue.body")), []Button{confirm}, []Button{v.button("decide.order", "any:"+o.ID), v.button("button.cancel", "cancel")})
	return nil
}

// reissue allows the showing. A repeat finds that one is left, and adds none.
func (d *Desk) reissue(ctx context.Context, v *visit, args []string) error {
	v.accept()
	if err := d.shop.Reissue(ctx, v.in.User, args[0]); err != nil && !errors.Is(err, checkout.ErrUndecidable) {
		return v.refuse(err, args[0], []Button{v.button("menu.admin", "admin")})
	}
	if err := d.open(ctx, v, "any:"+args[0]); err != nil {
		return err
	}
	v.remark("✅ " + v.say("reissue.done"))
	return nil
}
