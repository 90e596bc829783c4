package flows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// linkNews is what the desk remembers of the messages about one-time links.
type linkNews interface {
	SetSlipMessage(ctx context.Context, order string, message int) error
	MarkSlipTold(ctx context.Context, order, what string) error
}

// What the sender of a hand-over was told of its end.
const (
	toldOpened = "opened"
	toldOver   = "over"
)

func linkVerbs() map[string]verb {
	return map[string]verb{
		"link":    {args: []arg{isOrder}, act: (*Desk).slip},
		"hand":    {args: []arg{isOrder}, act: (*Desk).showHandOver, view: true},
		"handing": {args: []arg{isOrder}, act: (*Desk).handOver},
		"unhand":  {args: []arg{isOrder}, act: (*Desk).takeBack},
	}
}

// slip makes a one-time link for the owner. Its message is protected and goes when the link was used or is over; only the button carries the
// address, so that no preview asks for it.
func (d *Desk) slip(ctx context.Context, v *visit, args []string) error {
	if d.links == nil {
		return d.stale(ctx, v)
	}
	slip, err := d.shop.Slip(ctx, args[0], v.in.User)
	if err != nil {
		return d.unshown(v, err, args[0])
	}
	v.accept()
	title := v.say("link.title")
	body := lines(v.say("order.name", "Order", orderName(args[0])), v.say("link.body", "Until", v.until(slip.Until, v.now)))
	open := Button{Text: v.say("link.open"), URL: d.links(v.language, slip.Token), Style: "success"}
	return d.slipped(ctx, v, args[0], slip, Screen{Text: title + "\n\n" + body, Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Rows: [][]Button{{open}}, Protect: true, Link: args[0]})
}

// slipped shows a new link below the order, and takes the message of the former one away.
func (d *Desk) slipped(ctx context.Context, v *visit, id string, slip checkout.Slip, s Screen) error {
	if !v.fresh {
		if err := d.open(ctx, v, "order:"+id); err != nil {
			return err
		}
	}
	if slip.Former != 0 {
		v.reply.Delete = append(v.reply.Delete, slip.Former)
	}
	v.keep(s)
	return nil
}

// showHandOver says what handing over means, before it is done.
func (d *Desk) showHandOver(ctx context.Context, v *visit, args []string) error {
	if d.links == nil {
		return d.stale(ctx, v)
	}
	o, err := d.shop.Order(ctx, args[0], v.in.User)
	if err != nil {
		return v.refuse(err, "", []Button{v.button("menu.orders", "orders:0")})
	}
	if !mayHandOver(o, v.now) {
		return d.open(ctx, v, "order:"+o.ID)
	}
	snap, err := checkout.SnapshotOf(o)
	if err != nil {
		return err
	}
	body := lines(v.say("order.name", "Order", orderName(o.ID)), v.say("order.product", "Product", soldName(snap), "Quantity", o.Quantity)) + "\n\n" +
		v.say("hand.body")
	v.menu(v.say("hand.title"), body, []Button{v.primary("hand.go", "handing:"+o.ID)}, v.back("order:"+o.ID))
	return nil
}

// handOver makes a link for somebody else. It has to be sent on, so its message is not protected; it goes like the other.
func (d *Desk) handOver(ctx context.Context, v *visit, args []string) error {
	if d.links == nil {
		return d.stale(ctx, v)
	}
	slip, err := d.shop.HandOver(ctx, args[0], v.in.User)
	if err != nil {
		return d.unshown(v, err, args[0])
	}
	v.accept()
	address := d.links(v.language, slip.Token)
	title := v.say("hand.made")
	text := title + "\n\n" + lines(v.say("order.name", "Order", orderName(args[0])), v.say("hand.until", "Until", v.until(slip.Until, v.now))) + "\n\n"
	apart := v.alone(address)
	before, _, _ := strings.Cut(apart, address)
	s := Screen{Marks: []Mark{{Kind: "bold", Length: units(title)}, {Kind: "code", Offset: units(text + before), Length: units(address)}},
		Rows: append([][]Button{{{Text: v.say("hand.copy"), Copy: address}}}, kept([]Button{v.button("hand.back", "unhand:"+args[0])})...), Link: args[0]}
	s.Text = text + apart
	return d.slipped(ctx, v, args[0], slip, s)
}

// takeBack kills a link that nobody has opened.
func (d *Desk) takeBack(ctx context.Context, v *visit, args []string) error {
	message, err := d.shop.TakeBack(ctx, args[0], v.in.User)
	switch {
	case errors.Is(err, checkout.ErrNotReady): // it was over; the screen says how things stand
	case err != nil:
		return d.unshown(v, err, args[0])
	default:
		if v.fresh && v.in.Message != message {
			v.reply.Delete = append(v.reply.Delete, v.in.Message)
		}
		if message != 0 {
			v.reply.Delete = append(v.reply.Delete, message)
		}
		v.reply.Alert = v.say("hand.undone")
	}
	v.accept()
	alert := v.reply.Alert
	if err := d.open(ctx, v, "order:"+args[0]); err != nil {
		return err
	}
	v.reply.Alert = alert
	return nil
}

// mayHandOver tells whether an order's cards can still be handed over: nobody can have seen them.
func mayHandOver(o store.Order, now time.Time) bool {
	return o.Reveal.State == store.Sealed && o.Reveal.From.IsZero() && !o.Slip.Away(now)
}

// choices are what can be done about an order, and what has to be said about a hand-over of it.
func (d *Desk) choices(v *visit, o store.Order) (string, [][]Button) {
	if away, back := v.handed(o, v.now); away != "" {
		return "\n\n" + away, [][]Button{back}
	}
	show := d.showings(v, o)
	if show == nil || !o.State.Final() {
		return "", [][]Button{show}
	}
	return "", [][]Button{show, d.byLink(v, o)}
}

// byLink are the buttons for one-time links under an order; none where links are off.
func (d *Desk) byLink(v *visit, o store.Order) []Button {
	if d.links == nil || o.Reveal.State == store.Removed {
		return nil
	}
	row := []Button{v.button("button.bylink", "link:"+o.ID)}
	if mayHandOver(o, v.now) {
		row = append(row, v.button("button.handover", "hand:"+o.ID))
	}
	return row
}

// handed says how a hand-over stands, and the button that ends it; empty for none.
func (s speech) handed(o store.Order, now time.Time) (string, []Button) {
	v := &visit{speech: s}
	switch {
	case !o.Slip.Away(now):
		return "", nil
	case o.Slip.Opened.IsZero():
		return s.say("hand.waits", "Until", s.until(o.Slip.Until, now)), []Button{v.button("hand.back", "unhand:"+o.ID)}
	}
	return s.say("hand.opened", "Time", s.until(o.Slip.Opened, now)), nil
}

// linkScreens is what becomes of a link without anybody pressing anything: its message goes when it was opened or is over, and who handed
// cards over hears which.
func linkScreens(s speech, o store.Order, now time.Time) []Screen {
	var out []Screen
	slip := o.Slip
	if slip.Kind == "" || slip.Opened.IsZero() && now.Before(slip.Until) {
		return nil
	}
	if slip.Message != 0 {
		out = append(out, Screen{Chat: o.Chat, Edit: slip.Message, Text: s.say("link.title"), Gone: true, Keep: true, Link: o.ID, Language: s.language})
	}
	told := toldOver
	if !slip.Opened.IsZero() {
		told = toldOpened
	}
	if slip.Kind != store.SlipHand || slip.Told == told {
		return out
	}
	title := s.say("hand.news." + told)
	body := lines(s.say("order.name", "Order", orderName(o.ID)), s.say("hand.news."+told+".body", "Time", s.until(slip.Opened, now)))
	v := &visit{speech: s}
	return append(out, Screen{Chat: o.Chat, Text: title + "\n\n" + body, Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Rows: kept([]Button{v.button("button.order", "order:"+o.ID)}), Keep: true, Handed: o.ID, HandedTold: told, Language: s.language})
}

// nextLink is when an order's link has to be looked at again; 0 for never.
func nextLink(o store.Order, now time.Time) time.Duration {
	slip := o.Slip
	if slip.Kind == "" || !now.Before(slip.Until) || !slip.Opened.IsZero() && slip.Message != 0 {
		return 0
	}
	return slip.Until.Sub(now) + time.Second // one that was opened before its message was known, too
}

// sooner is the shorter of two waits, of which 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// rememberLink stores where a link is offered, and what was told of it.
func (d *Desk) rememberLink(ctx context.Context, s Sent) error {
	if s.Screen.Link != "" {
		message := s.Message
		if s.Screen.Gone {
			message = 0
		}
		if err := d.talks.SetSlipMessage(ctx, s.Screen.Link, message); err != nil {
			return fmt.Errorf("remember link: %w", err)
		}
	}
	if s.Screen.Handed != "" {
		if err := d.talks.MarkSlipTold(ctx, s.Screen.Handed, s.Screen.HandedTold); err != nil {
			return fmt.Errorf("remember link: %w", err)
		}
	}
	return nil
}

// showings are the buttons that bring an order's cards to the screen.
func (d *Desk) showings(v *visit, o store.Order) []Button {
	switch o.State {
	case store.Fulfilled, store.Partial:
	default:
		if !o.State.Final() {
			return []Button{v.button("button.refresh", "order:"+o.ID)}
		}
		return nil
	}
	if o.Reveal.State == store.Shredded || o.Reveal.State == store.NoCards {
		return nil
	}
	show := v.primary("button.show", "again:"+o.ID)
	if o.Reveal.Shown > 0 {
		show = v.button("button.showagain", "again:"+o.ID)
	}
	return []Button{show, v.button("button.file", "file:"+o.ID)}
}
