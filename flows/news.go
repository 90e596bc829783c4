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

// newsNotices adds news that are about no order and no top-up to a list of notices.
func (d *Desk) newsNotices(ctx context.Context, list []Notice, limit int) ([]Notice, error) {
	due, err := d.talks.ClaimDue(ctx, store.DueNews, limit, noticeLease)
	if err != nil {
		return nil, fmt.Errorf("list news: %w", err)
	}
	for _, n := range due {
		list = append(list, Notice{News: n.Member, Fence: n.Fence})
	}
	return list, nil
}

// newsNotice says what to send: to a customer, that a group sent money.
func (d *Desk) newsNotice(ctx context.Context, member string) (Reply, error) {
	if account, ok := checkout.NoteFor(member); ok {
		return d.dailyNotice(ctx, account)
	}
	if id, ok := checkout.BroadcastFor(member); ok {
		return d.castNotice(ctx, id)
	}
	if id, ok := checkout.TicketOf(member); ok {
		return d.ticketNotice(ctx, id)
	}
	if id, ok := checkout.MoveOf(member); ok {
		return d.moveNotice(ctx, id)
	}
	r, err := d.shop.Received(ctx, member)
	if errors.Is(err, checkout.ErrNotFound) {
		return Reply{}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("read news: %w", err)
	}
	person, err := d.known(ctx, r.User)
	if err != nil {
		return Reply{}, err
	}
	sender, err := d.known(ctx, r.Sender)
	if err != nil {
		return Reply{}, err
	}
	balance, err := d.shop.Balance(ctx, r.User)
	if err != nil {
		return Reply{}, err
	}
	title := person.say("send.got", "Amount", person.signed(r.Amount))
	_, id, _ := strings.Cut(r.ID, ":")
	return Reply{Screens: []Screen{{Chat: r.User, Keep: true, Language: person.language, Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Text: title + "\n\n" + lines(person.say("send.from", "Name", first(clip(sender.talk.Name, 40), "?")),
			person.say("wallet.balance", "Balance", person.money(balance)), person.say("send.ref", "Ref", orderName(id))),
		Rows: kept([]Button{person.button("menu.balance", "wallet")})}}}, nil
}

// newsNoticed ends such a notice.
func (d *Desk) newsNoticed(ctx context.Context, n Notice, failure error) error {
	account, daily := checkout.NoteFor(n.News)
	after := d.afterGift
	_, ticket := checkout.TicketOf(n.News)
	if _, move := checkout.MoveOf(n.News); ticket || move {
		after = afterTicket
	}
	if daily {
		after = func(ctx context.Context, member string, failure error) (time.Duration, error) {
			return d.afterNote(ctx, account, member, failure)
		}
	}
	if _, ok := checkout.BroadcastFor(n.News); ok {
		after = d.afterCast
	}
	next, err := after(ctx, n.News, failure)
	if err != nil {
		return fmt.Errorf("put off news: %w", err)
	}
	return d.endNotice(ctx, store.DueNews, store.Due{Member: n.News, Fence: n.Fence}, next)
}

// afterGift is when a customer is told again: not at all once it was told, and not before they are back when they cannot be reached.
func (d *Desk) afterGift(ctx context.Context, member string, failure error) (time.Duration, error) {
	switch {
	case failure == nil:
		return 0, nil
	case !errors.Is(failure, checkout.ErrUnreachable):
		return noticeRetry, nil
	}
	r, err := d.shop.Received(ctx, member)
	if errors.Is(err, checkout.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return 0, d.talks.HoldNotice(ctx, r.User, member)
}
