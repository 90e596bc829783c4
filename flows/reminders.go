package flows

import (
	"context"
	"errors"
	"fmt"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// reminders is what the desk needs to tell owners about cards that wait, and to keep news for who cannot be written to.
type reminders interface {
	MarkReminded(ctx context.Context, order, stage string) error
	HoldNotice(ctx context.Context, user int64, order string) error
	Welcome(ctx context.Context, user int64) (int, error)
}

// reminder is the message about cards that wait unopened, or that are destroyed soon. It holds no code, and its button shows them.
func (d *Desk) reminder(s speech, o store.Order, stage, token string) Screen {
	v := &visit{speech: s}
	title := s.count("remind."+stage+".title", o.Delivered)
	day := o.Final
	if stage == checkout.RemindShred {
		day = d.shop.Destroyed(o)
	}
	body := s.count("remind."+stage+".body", o.Delivered, "Day", s.alone(s.day(day)))
	show := v.button("button.show", "s:"+o.ID+":"+token)
	show.Style = "success"
	return Screen{
		Chat: o.Chat, Text: title + "\n\n" + lines(s.say("order.name", "Order", orderName(o.ID)), body),
		Marks: []Mark{{Kind: "bold", Length: units(title)}}, Rows: [][]Button{{show}}, Keep: true, Offer: o.ID, Remind: stage,
		Language: s.language,
	}
}

// hold keeps an order's news for a buyer who cannot be written to. What is only a group's timeline is not waited for.
func (d *Desk) hold(ctx context.Context, order string) error {
	o, err := d.shop.Order(ctx, order, 0)
	if errors.Is(err, checkout.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read order: %w", err)
	}
	waits := o.Reveal.State == store.Sealed && o.Offered.IsZero() || d.shop.Reminder(o) != ""
	if o.Post != o.Chat && !waits {
		return nil
	}
	if err := d.talks.HoldNotice(ctx, o.Chat, o.ID); err != nil {
		return fmt.Errorf("hold notice: %w", err)
	}
	return nil
}

// welcome brings what was held for somebody who is back.
func (d *Desk) welcome(ctx context.Context, user int64) error {
	if _, err := d.talks.Welcome(ctx, user); err != nil {
		return fmt.Errorf("bring held notices: %w", err)
	}
	return nil
}
