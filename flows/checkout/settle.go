package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"cardrop/providers"
	"cardrop/store"
)

// job is one claimed placement on its way to its fate.
type job struct {
	shop     *Shop
	claim    store.Claim
	snap     Snapshot
	source   Source // what is asked for, and where
	supplier providers.Provider
	place    providers.Placement
}

// settle writes what a supplier's answer means. It is the only place where an order's fate is decided.
func (j *job) settle(ctx context.Context, f providers.Fulfillment, err error) error {
	t := store.Settlement{
		ID: store.PlacementID{Order: j.claim.Order.ID, K: j.claim.Place.K}, Fence: j.claim.Fence, Account: j.claim.Order.Account,
		Kind:   j.kind(),
		Handle: f.Handle, Memo: f.Memo, Slow: f.Slow && !j.claim.Order.Slow, // news once
		Next: pollAfter(j.claim.Now.Sub(j.claim.Order.Created), f.Slow || j.claim.Order.Slow),
	}
	reason, refusal := "", err
	if err != nil {
		t.State, reason = j.failed(ctx, err)
	} else if t.State, reason, err = j.came(ctx, &t, f); err != nil {
		return err
	}
	if t.State == store.Refused {
		if t.Instead, err = j.instead(ctx, refusal); err != nil {
			return err
		}
	}
	if t.State == store.Refused && t.Instead == nil {
		j.snap.Reason = reason
		if t.Doc, err = json.Marshal(j.snap); err != nil {
			return fmt.Errorf("write order: %w", err)
		}
	}
	if t.State == store.Refused && reason == string(providers.NotPlaced) && lookable(j.supplier, j.claim.Place) {
		if err := j.shop.o.Store.LookBack(ctx, t.ID, firstLook); err != nil { // before it is given up: no crash may forget it
			return err
		}
	}
	if t.State == store.Review {
		j.shop.alarm(ctx, "review", j.claim.Order.ID)
	}
	return j.write(ctx, t, f, reason)
}

// write stores a settlement. A code that was sold before turns it into a review, and a supplier's order that another placement
// owns leaves it in doubt: nothing is shown and nothing is bought again by itself.
func (j *job) write(ctx context.Context, t store.Settlement, f providers.Fulfillment, reason string) error {
	s := j.shop
	data := map[string]string{"placement": itoa(t.ID.K), "state": string(t.State), "cards": itoa(t.Delivered)}
	if reason != "" {
		data["reason"] = reason
	}
	if t.Instead != nil {
		data["instead"] = t.Instead.Provider
	}
	t.Event = s.event(EventPlacement, j.claim.Order, system, data)
	t.Ended = s.event(EventEnded, j.claim.Order, system, nil)
	state, err := s.o.Store.Settle(ctx, t)
	switch {
	case errors.Is(err, store.ErrRepeat):
		kept, err := s.seal(ctx, j.claim.Order, j.snap.SKU, t.ID.K, f.Cards, f.Raw, true)
		if err != nil {
			return err
		}
		t.State, t.Cards, t.Prints, t.Delivered, t.Cost, t.Charged = store.Review, kept.cards, kept.prints, 0, 0, false
		s.alarm(ctx, "repeated_code", j.claim.Order.ID)
		return j.write(ctx, t, f, "repeated_code")
	case errors.Is(err, store.ErrTaken):
		s.alarm(ctx, "handle_taken", j.claim.Order.ID)
		t.State, t.Handle, t.Doc, t.Cards, t.Prints, t.Delivered, t.Cost, t.Charged = j.doubt(), "", nil, nil, nil, 0, 0, false
		return j.write(ctx, t, f, "handle_taken")
	case errors.Is(err, store.ErrFenced):
		return j.late(ctx, t.ID, f, fmt.Errorf("settle %s: %w", t.ID, err))
	case err != nil:
		return fmt.Errorf("settle %s: %w", t.ID, err)
	}
	if t.Instead != nil {
		for i := range t.Instead.Cards {
			s.enqueue(errand{id: store.PlacementID{Order: t.ID.Order, K: len(j.claim.Order.Placements) + i + 1}})
		}
	}
	s.ended(j.claim.Order, state)
	nudge(s.news)
	return nil
}

// failed says what an error from a supplier means for the order.
func (j *job) failed(ctx context.Context, err error) (store.OrderState, string) {
	if reason, refused := providers.Refused(err); refused {
		if reason == providers.NoFunds || reason == providers.Blocked {
			j.shop.pause(ctx, j.supplier.Name(), string(reason))
			if reason == providers.NoFunds {
				j.shop.lacked(ctx, j.supplier.Name(), providers.Money{Minor: j.source.UnitCost.Minor * int64(j.claim.Place.Quantity), Currency: j.source.UnitCost.Currency})
			}
		}
		return store.Refused, string(reason)
	}
	if errors.Is(err, providers.ErrLate) && !errors.Is(err, providers.ErrUnknown) && j.claim.Buy {
		return store.Refused, string(providers.NotPlaced) // nothing was sent, and after the send-by time nothing can be
	}
	if errors.Is(err, providers.ErrAsk) {
		if j.claim.Order.Alarmed != store.AlarmedAsk {
			j.shop.alarm(ctx, "needs_person", j.claim.Order.ID)
			if err := j.shop.o.Store.MarkAlarmed(ctx, j.claim.Order.ID, store.AlarmedAsk); err != nil {
				j.shop.o.Logger.WarnContext(ctx, "order was not marked", "order", j.claim.Order.ID, "err", err)
			}
		}
		return j.doubt(), "needs_person"
	}
	if errors.Is(err, providers.ErrAlarm) && j.claim.Order.Alarmed == "" {
		j.shop.alarm(ctx, "supplier_rejects_questions", j.claim.Order.ID)
		if err := j.shop.o.Store.MarkAlarmed(ctx, j.claim.Order.ID, store.AlarmedRejected); err != nil {
			j.shop.o.Logger.WarnContext(ctx, "order was not marked", "order", j.claim.Order.ID, "err", err)
		}
	}
	j.shop.o.Logger.WarnContext(ctx, "supplier's answer is unclear", "order", j.claim.Order.ID, "supplier", j.supplier.Name(), "err", err)
	return j.doubt(), "unclear"
}

// doubt keeps a placement that the supplier had accepted pending: a failing look-up says nothing about it.
func (j *job) doubt() store.OrderState {
	if j.claim.Place.State == store.Pending {
		return store.Pending
	}
	return store.InDoubt
}

// came reads an answer: its state, and the cards sealed into the settlement.
func (j *job) came(ctx context.Context, t *store.Settlement, f providers.Fulfillment) (store.OrderState, string, error) {
	if f.State == providers.Pending && f.Fault == providers.NoFault {
		return store.Pending, "", nil
	}
	reason := j.misfit(f)
	kept, err := j.shop.seal(ctx, j.claim.Order, j.snap.SKU, t.ID.K, f.Cards, f.Raw, reason != "")
	if err != nil {
		return "", "", fmt.Errorf("seal cards of %s: %w", t.ID, err)
	}
	t.Cards, t.Prints = kept.cards, kept.prints
	if reason != "" {
		return store.Review, reason, nil
	}
	t.Delivered, t.Cost, t.Charged = len(f.Cards), j.charged(f), !f.Charged.IsZero()
	if t.Cost > int64(t.Delivered)*j.claim.Order.Unit {
		j.shop.alarm(ctx, "sold_at_loss", j.claim.Order.ID) // the cost rose after the quote: the buyer pays what was agreed
	}
	if err := j.facts(t, f); err != nil {
		return "", "", err
	}
	return store.OrderState(f.State), "", nil
}

// misfit says why what came must not be shown; empty when it fits.
func (j *job) misfit(f providers.Fulfillment) string {
	n, want := len(f.Cards), j.claim.Place.Quantity
	switch {
	case f.Fault != providers.NoFault:
		return string(f.Fault)
	case f.State == providers.Fulfilled && n != want,
		f.State == providers.Partial && (n < 1 || n >= want),
		f.State == providers.Refunded && n != 0:
		return string(providers.WrongCount)
	case !f.State.Final():
		return "unknown_state"
	case !fits(f.Cards):
		return "malformed_code"
	default:
		return ""
	}
}

// charged is what the cards cost in the shop's currency: as the supplier says, else as quoted.
func (j *job) charged(f providers.Fulfillment) int64 {
	total := f.Charged
	if total.IsZero() {
		total = j.source.UnitCost
		total.Minor *= int64(len(f.Cards))
	}
	cost, _ := j.shop.costAt(j.source, total)
	return cost
}

// facts keeps proof of purchase with the order: it outlives the code.
func (j *job) facts(t *store.Settlement, f providers.Fulfillment) error {
	for _, c := range f.Cards {
		j.snap.Facts = append(j.snap.Facts, c.Facts...)
	}
	if len(j.snap.Facts) == 0 {
		return nil
	}
	doc, err := json.Marshal(j.snap)
	if err != nil {
		return fmt.Errorf("write order: %w", err)
	}
	t.Doc = doc
	return nil
}

// pause stops selling from a supplier and alarms once.
func (s *Shop) pause(ctx context.Context, supplier, reason string) {
	if err := s.Pause(ctx, supplier, reason); err != nil {
		s.o.Logger.ErrorContext(ctx, "supplier was not paused", "supplier", supplier, "err", err)
	}
}

// Pause stops selling from a supplier for a reason, and alarms on the crossing only. A supplier that is paused already keeps its first
// reason: what ends the second one must not open the shop under the first.
func (s *Shop) Pause(ctx context.Context, supplier, reason string) error {
	paused, err := s.o.Store.Paused(ctx)
	if err != nil || paused[supplier] != "" {
		return err
	}
	changed, err := s.o.Store.Pause(ctx, supplier, reason, store.Event{Kind: EventPaused, Actor: system,
		Data: map[string]string{"supplier": supplier, "reason": reason}})
	if changed {
		s.crossed(ctx, pauseMark+supplier, "supplier_paused_"+reason, supplier)
	}
	return err
}

// Reopen sells from a supplier again by an admin's word, whatever it is paused for: a pause that follows is told at once. It returns
// ErrNotFound for a supplier that is not paused or does not exist.
func (s *Shop) Reopen(ctx context.Context, admin int64, supplier string) error {
	paused, err := s.o.Store.Paused(ctx)
	if err != nil {
		return err
	}
	if paused[supplier] == "" {
		return ErrNotFound
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	marks, err := s.o.Store.Marks(ctx)
	if err != nil {
		return err
	}
	if _, err := s.unmark(ctx, marks, pauseMark+supplier); err != nil {
		return err
	}
	_, err = s.o.Store.Pause(ctx, supplier, "", store.Event{Kind: EventResumed, Actor: actor,
		Data: map[string]string{"supplier": supplier, "reason": paused[supplier]}})
	return err
}

// Resume sells from a supplier again if it is paused for this reason; another pause stays.
func (s *Shop) Resume(ctx context.Context, supplier, reason string) error {
	paused, err := s.o.Store.Paused(ctx)
	if err != nil || paused[supplier] != reason {
		return err
	}
	_, err = s.o.Store.Pause(ctx, supplier, "", store.Event{Kind: EventResumed, Actor: system,
		Data: map[string]string{"supplier": supplier, "reason": reason}})
	return err
}
