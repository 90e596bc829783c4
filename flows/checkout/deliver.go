package checkout

import (
	"context"
	"encoding/json"
	"fmt"

	"cardrop/providers"
	"cardrop/store"
)

// deliver shows a parcel: nothing with a code leaves before its end is stored.
func (s *Shop) deliver(ctx context.Context, t store.Taken, p Parcel, route Route) error {
	ctx = context.WithoutCancel(ctx)
	channel := s.o.Channels[0]
	if c := s.channels[route.Channel]; c != nil {
		channel = c
	}
	receipt, err := channel.Prepare(ctx, p.Recipient)
	if err != nil {
		return s.giveBack(ctx, t, fmt.Errorf("%w: %w", ErrDelivery, err))
	}
	receipt.Channel, receipt.Language = channel.Name(), p.Language
	text, err := json.Marshal(receipt)
	if err != nil {
		return s.giveBack(ctx, t, fmt.Errorf("%w: %w", ErrDelivery, err))
	}
	claim := map[string]string{"claim": itoa(t.Claim), "method": channel.Name(), "cards": itoa(len(p.Cards))}
	visit, err := route.visit.pack(claim)
	if err != nil {
		return s.giveBack(ctx, t, fmt.Errorf("%w: %w", ErrDelivery, err))
	}
	actor := s.o.Ring.Pseudonym(t.Order.Buyer)
	if route.visit != nil {
		actor = bearer
	}
	before := s.o.Now()
	span := min(p.Life/2, showLimit) // no code is put up with less than half of its life left
	p.Until, err = s.o.Store.PlaceReceipt(ctx, store.Place{Order: t.Order.ID, Claim: t.Claim, Receipt: text, Life: p.Life,
		Idle: span + showGrace, Event: s.event(EventShowing, t.Order, actor, claim), Visit: visit})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDelivery, err) // the placeholder holds no code and is harmless; the claim's lease ends
	}
	limited, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	err = channel.Show(limited, receipt, p)
	if took := s.o.Now().Sub(before); err == nil && took > span {
		err = fmt.Errorf("it took %s", took)
	}
	if err != nil {
		s.endFailed(ctx, t)
		return fmt.Errorf("%w: %w", ErrDelivery, err)
	}
	kind := EventDelivered
	if p.Kind == providers.InternetCard {
		kind = EventNetCard
	}
	_, err = s.o.Store.ConfirmShown(ctx, t.Order.ID, t.Claim, p.Life, s.afterShowing(), s.event(kind, t.Order, actor, claim))
	if err != nil {
		s.o.Logger.ErrorContext(ctx, "showing was not confirmed, the sweep will record it", "order", t.Order.ID, "err", err)
	}
	nudge(s.news)
	return nil
}

// endFailed has a message that may or may not carry codes removed at once.
func (s *Shop) endFailed(ctx context.Context, t store.Taken) {
	if err := s.o.Store.EndClaim(ctx, t.Order.ID, t.Claim, s.byBuyer(EventFailed, t.Order, nil)); err != nil {
		s.o.Logger.WarnContext(ctx, "failed showing was not ended, its time will", "order", t.Order.ID, "err", err)
	}
	nudge(s.sweeps)
}
