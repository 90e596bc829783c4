package checkout

import (
	"context"
	"errors"

	"cardrop/store"
)

// Why a report could not be paid, as it is noted with it.
const (
	NoteNoRefund = "norefund" // not so many cards are left to be refunded
	NoteNoOrder  = "noorder"  // it was refunded, and no new card could be bought
)

// Replaceable tells whether a card could be replaced now, as far as the supplier says: it returns ErrOutOfStock, ErrUnavailable, ErrClosed or
// *PriceError where a new one costs more than was paid for this one.
func (s *Shop) Replaceable(ctx context.Context, order string) error {
	o, err := s.Order(ctx, order, 0)
	if err != nil {
		return err
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return err
	}
	line, err := s.quote(ctx, replacement(o, snap, ""))
	if err != nil {
		return err
	}
	if cost, ok := s.cost(line.Product.Cost); !ok || cost > o.Unit {
		return &PriceError{Unit: line.Price}
	}
	return nil
}

// replacement is the basket that takes a card's place: the same product for its buyer, at the price that was paid.
func replacement(o store.Order, snap Snapshot, id string) Basket {
	return Basket{ID: id, Line: snap.Line, Quantity: 1, Account: snap.Account, Unit: o.Unit,
		Buyer: Buyer{User: o.Buyer, Chat: o.Chat, Account: o.Account, Language: snap.Language}}
}

// PayTicket ends a report that the admin has with money: the card is refunded, on the road of every refund, and with replace a new one of the
// same product is bought from that money at the price that was paid, on the road of every purchase. So whatever happens between the two, the
// money is its buyer's; when no card can be bought it stays in the wallet, and the report ends as refunded. It returns *DangerError for what has
// to be approved first, the errors of Replaceable before anything is begun, *OnScreenError, *TicketStateError, ErrNoRefund or ErrNotFound.
func (s *Shop) PayTicket(ctx context.Context, admin int64, id string, replace bool) error {
	t, err := s.Ticket(ctx, id, 0)
	if err != nil {
		return err
	}
	if t.State != store.TicketClaimed || t.Admin != admin {
		return &TicketStateError{Ticket: t}
	}
	if replace {
		if err := s.Replaceable(ctx, t.Order); err != nil {
			return err
		}
	}
	o, err := s.Order(ctx, t.Order, 0)
	if err != nil {
		return err
	}
	if danger, ok := errors.AsType[*DangerError](s.refundDanger(admin, o, 0, refundOf(t))); ok {
		danger.Act.Ticket, danger.Act.Replace = id, replace
		return danger
	}
	return s.payTicket(ctx, admin, id, replace)
}

// refundOf is the refund that a report ends with; its reference makes it happen once.
func refundOf(t store.Ticket) Refunding {
	return Refunding{Cards: 1, Note: "report " + t.ID, Ref: "T" + t.ID}
}

// payTicket does what PayTicket says once nobody has to approve it any more. What a crash leaves is gone on with by the clock.
func (s *Shop) payTicket(ctx context.Context, admin int64, id string, replace bool) error {
	t, err := s.Ticket(ctx, id, 0)
	if err != nil {
		return err
	}
	if t.State == store.TicketRefunded || t.State == store.TicketReplaced { // by a try that a crash cut off, or by another's hand
		return nil
	}
	o, err := s.Order(ctx, t.Order, 0)
	if err != nil {
		return err
	}
	if on := o.Reveal.State; on == store.Shown || on == store.Showing {
		return &OnScreenError{Until: o.Reveal.Until}
	}
	st := store.TicketStep{To: store.TicketPaying, Text: "refund", Pause: payingPause}
	if replace {
		st.Text, st.Ref = "replace", s.NewOrderID()
	}
	err = s.stepTicket(ctx, admin, id, EventTicketPaying, st, map[string]string{"how": st.Text})
	if _, moved := errors.AsType[*TicketStateError](err); moved {
		return errors.Join(ErrUndecidable, err)
	}
	if err != nil {
		return err
	}
	return s.finishTicket(ctx, id)
}

// finishTicket goes on with the money of a report from wherever it stands. Both steps are known by their references, so that a repeat moves
// nothing twice.
func (s *Shop) finishTicket(ctx context.Context, id string) error {
	t, err := s.Ticket(ctx, id, 0)
	if err != nil || t.State != store.TicketPaying {
		return err
	}
	o, err := s.Order(ctx, t.Order, 0)
	if err != nil {
		return err
	}
	r := refundOf(t)
	_, err = s.payBack(ctx, t.Admin, o, r.Note, r)
	if errors.Is(err, ErrNoRefund) || errors.Is(err, ErrUndecidable) {
		return errors.Join(err, s.endPaying(ctx, id, store.TicketBack, NoteNoRefund))
	}
	if err != nil {
		return err
	}
	if !t.Replace {
		return s.endPaying(ctx, id, store.TicketRefunded, "")
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return err
	}
	_, err = s.Buy(ctx, replacement(o, snap, t.New))
	switch {
	case err == nil:
		return s.endPaying(ctx, id, store.TicketReplaced, "")
	case unsold(err):
		return s.endPaying(ctx, id, store.TicketRefunded, NoteNoOrder)
	}
	return err
}

// unsold tells whether a purchase was refused for sure, so that its money stays in the wallet.
func unsold(err error) bool {
	for _, sure := range []error{ErrOutOfStock, ErrUnavailable, ErrClosed, ErrNotFound, ErrBanned, ErrFrozen, ErrViewer, ErrManyOpen} {
		if errors.Is(err, sure) {
			return true
		}
	}
	_, short := errors.AsType[*ShortError](err)
	_, dear := errors.AsType[*PriceError](err)
	_, many := errors.AsType[*QuantityError](err)
	_, quiet := errors.AsType[*QuietError](err)
	_, spent := errors.AsType[*SpentError](err)
	return short || dear || many || quiet || spent
}

func (s *Shop) endPaying(ctx context.Context, id string, to store.TicketState, note string) error {
	state := to
	if to == store.TicketBack {
		state = store.TicketClaimed
	}
	err := s.stepTicket(ctx, 0, id, EventTicketEnded, store.TicketStep{To: to, Text: note}, map[string]string{"state": string(state)})
	if _, moved := errors.AsType[*TicketStateError](err); moved {
		return nil // another process was quicker
	}
	return err
}
