package main

import (
	"context"
	"errors"

	"cardrop/flows/checkout"
)

// digest sends the operators in the morning what the day before came to. Of several processes one sends it.
func (p *program) digest(ctx context.Context) error {
	due, err := p.shop.DigestDue(ctx)
	if err != nil || !due {
		return err
	}
	text, err := p.desk.Digest(ctx)
	if errors.Is(err, checkout.ErrBooks) {
		return nil // a later tick has it
	}
	if err != nil {
		return err
	}
	if mine, err := p.shop.TakeDigest(ctx); err != nil || !mine {
		return err
	}
	chats := p.cfg.AdminIDs
	if p.cfg.OperatorsChat != 0 {
		chats = []int64{p.cfg.OperatorsChat}
	}
	var wrong []error
	for _, chat := range chats {
		wrong = append(wrong, p.bot.SendNotice(ctx, chat, text))
	}
	return errors.Join(wrong...)
}
