package flows

import (
	"context"
	"errors"

	"cardrop/flows/checkout"
)

// reveal is a tap on Show: the codes go to their owner's screen, through the delivery channel. The presser is authorized by
// id: the button's order and token are only what is looked up.
func (d *Desk) reveal(ctx context.Context, v *visit, args []string) error {
	id, token := args[0], args[1]
	v.fresh = true // the offer stays where it is
	if _, err := d.shop.Order(ctx, id, v.in.User); err == nil {
		v.accept()
	} // else the presser gets an alert: the shop refuses and records the try
	err := d.shop.Reveal(ctx, id, token, v.buyer(), checkout.Route{})
	if err == nil {
		return d.opened(ctx, v, id)
	}
	return d.unshown(v, err, id)
}

// again is "show" without a token: the shop mints one for the owner and shows at once.
func (d *Desk) again(ctx context.Context, v *visit, args []string) error {
	return d.showAs(ctx, v, args[0], false)
}

// file is the same as one document.
func (d *Desk) file(ctx context.Context, v *visit, args []string) error {
	return d.showAs(ctx, v, args[0], true)
}

func (d *Desk) showAs(ctx context.Context, v *visit, id string, file bool) error {
	token, err := d.shop.Again(ctx, id, v.in.User)
	if err != nil {
		return d.unshown(v, err, id)
	}
	v.accept()
	if err := d.shop.Reveal(ctx, id, token, v.buyer(), checkout.Route{File: file}); err != nil {
		return d.unshown(v, err, id)
	}
	if v.fresh { // pressed on an offer, which changes its words
		return d.opened(ctx, v, id)
	}
	return d.open(ctx, v, "order:"+id)
}

// opened changes the offer that was pressed: it says until when the codes stay, and can be pressed again.
func (d *Desk) opened(ctx context.Context, v *visit, id string) error {
	o, err := d.shop.Order(ctx, id, v.in.User)
	if err != nil {
		return err
	}
	v.keep(offerUsed(v.speech, o, v.in.Message, v.now))
	return nil
}

// unshown says why codes are not on the screen. What is not there and what is another's get the same words, without the id.
func (d *Desk) unshown(v *visit, err error, id string) error {
	v.fresh = true
	if errors.Is(err, checkout.ErrNotFound) {
		return v.refuse(err, "")
	}
	var shown *checkout.ShownError
	var handed *checkout.HandedError
	var row []Button
	switch {
	case errors.As(err, &handed) && handed.Opened.IsZero():
		row = []Button{v.button("hand.back", "unhand:"+id)}
	case errors.As(err, &shown) && shown.Shown < shown.Limit, errors.Is(err, checkout.ErrDelivery):
		row = []Button{v.primary("button.showagain", "again:"+id)}
	case errors.Is(err, checkout.ErrNotReady), errors.Is(err, checkout.ErrKeyMissing):
		row = []Button{v.button("button.again", "again:"+id)}
	case errors.Is(err, checkout.ErrClosed):
		v.fail(failure{code: "SHOWING_STOPPED", money: moneyPaid}, id, nil, []Button{v.button("button.order", "order:"+id)})
		return nil
	}
	return v.refuse(err, id, append(row, v.button("button.order", "order:"+id)))
}

// saved is "Saved, delete now" under the codes.
func (d *Desk) saved(ctx context.Context, v *visit, args []string) error {
	v.fresh = true
	if err := d.shop.Saved(ctx, args[0], v.in.User); err != nil {
		return v.refuse(err, "")
	}
	v.reply.Alert = v.say("saved")
	return nil
}

// more is "+60 s" under the codes, once a showing.
func (d *Desk) more(ctx context.Context, v *visit, args []string) error {
	v.fresh = true
	until, err := d.shop.Extend(ctx, args[0], v.in.User)
	switch {
	case errors.Is(err, checkout.ErrNotReady): // nothing is on screen, or the minute was given before
		v.reply.Alert = v.say("unextended")
		return nil
	case err != nil && until.IsZero():
		return v.refuse(err, "")
	case err != nil: // the time is stored; only the words on the screen are the former ones
		d.log.Warn("extended codes were not redrawn", "order", args[0], "err", err)
	}
	v.reply.Alert = v.say("extended", "Until", v.until(until, v.now))
	return nil
}
