package flows

import (
	"context"
	"strings"

	"cardrop/providers"
)

// commandSupply is /supply <order>; codes are typed next, or stand on the lines after it. A message with more than the order is deleted.
func (d *Desk) commandSupply(ctx context.Context, v *visit) error {
	text := strings.TrimSpace(v.in.Text)
	i := strings.IndexAny(text, " \n")
	if i < 0 {
		i = len(text)
	}
	order, codes := text[:i], text[i:]
	c, ok := v.decision(actSupply, order)
	if strings.TrimSpace(codes) != "" {
		c.Typed = v.in.Message
	}
	v.unsay(c.Typed)
	if !ok {
		return d.usage(v, "supply")
	}
	if err := d.begin(ctx, v, c, ""); err != nil || c.Typed == 0 && strings.TrimSpace(codes) == "" {
		return err
	}
	if v.talk.Room != roomDecision { // which part is not chosen yet, or it cannot be decided about
		return nil
	}
	v.reply.Screens = nil
	return d.supply(ctx, v, codes)
}

// typedDecision takes what was asked for: codes, or the supplier's order id and a note.
func (d *Desk) typedDecision(ctx context.Context, v *visit) error {
	c := v.talk.Decision
	if c == nil {
		return d.open(ctx, v, "menu")
	}
	if c.Act == actSupply {
		c.Typed = v.in.Message
		v.unsay(c.Typed)
		return d.supply(ctx, v, v.in.Text)
	}
	if err := d.fill(ctx, v, v.in.Text); err != nil {
		return d.undecided(ctx, v, err)
	}
	return d.open(ctx, v, "deciding")
}

// supply seals typed codes, one a line and a serial after a bar, and leads to their release.
func (d *Desk) supply(ctx context.Context, v *visit, text string) error {
	c := v.talk.Decision
	var cards []providers.Card
	for line := range strings.SplitSeq(text, "\n") {
		code, serial, _ := strings.Cut(line, "|")
		if code, serial = strings.TrimSpace(code), strings.TrimSpace(serial); code == "" && serial == "" {
			continue
		}
		card := providers.Card{Code: providers.NewSecret(code), Serial: providers.NewSecret(serial)}
		if strings.HasPrefix(code, "https://") {
			card.Code, card.Extras = providers.Secret{}, []providers.Field{{Label: providers.LabelURL, Value: providers.NewSecret(code)}}
		}
		cards = append(cards, card)
	}
	if err := d.shop.Supply(ctx, v.in.User, c.Order, c.K, cards); err != nil {
		return d.undecided(ctx, v, err)
	}
	c.Act = actRelease
	return d.open(ctx, v, "deciding")
}

// unsay has a message of the person deleted.
func (v *visit) unsay(message int) {
	if message != 0 {
		v.reply.Delete = append(v.reply.Delete, message)
	}
}
