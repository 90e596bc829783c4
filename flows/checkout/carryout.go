package checkout

import (
	"context"
	"errors"

	"cardrop/store"
)

// CarryOut does what was approved, on the act's own road. Each act has a reference that makes it happen once, so that a repeat after a
// crash changes nothing. What cannot be done ends the approval with the reason; any other error leaves it to the next try.
func (s *Shop) CarryOut(ctx context.Context, id string) error {
	a, act, err := s.approval(ctx, id)
	if err != nil {
		return err
	}
	if a.State != store.ApprovalGiven {
		return store.ErrEdge
	}
	err = s.carry(ctx, act)
	end := store.ApprovalStep{From: []store.ApprovalState{store.ApprovalGiven}, To: store.ApprovalDone}
	if err != nil {
		if end.Why = final(err); end.Why == "" {
			return err
		}
		end.To = store.ApprovalFailed
	}
	defer nudge(s.news)
	return s.endApproval(ctx, id, act, system, end)
}

// carry does an approved act on the road of every act of its kind.
func (s *Shop) carry(ctx context.Context, act Act) error {
	switch act.Kind {
	case ActRefund:
		if act.Ticket != "" {
			return s.payTicket(ctx, act.By, act.Ticket, act.Replace)
		}
		_, err := s.refund(ctx, act.By, act.Order, act.K, act.Refund, true)
		if errors.Is(err, ErrUndecidable) && s.wasRefunded(ctx, act) {
			return nil
		}
		return err
	case ActMove:
		return s.beginMove(ctx, act.By, act.Move, act.From, act.To)
	case ActDebit:
		_, _, err := s.credit(ctx, act.Credit, true)
		return err
	case ActMarkup:
		return s.setRule(ctx, act.By, act.Scope, act.Rule, true)
	}
	return ErrUndecidable
}

// wasRefunded tells whether the part of an order ended so before, by a try that a crash cut off.
func (s *Shop) wasRefunded(ctx context.Context, act Act) bool {
	_, p, err := s.part(ctx, act.Order, act.K)
	return err == nil && p.State == store.Refunded
}

// final is the reason why an act can never be carried out; empty for trouble that may pass.
func final(err error) string {
	if _, short := errors.AsType[*ShortError](err); short {
		return "short"
	}
	for _, f := range []struct {
		err  error
		word string
	}{
		{ErrNoRefund, "nothing"}, {ErrUndecidable, "decided"}, {ErrUnopened, "unopened"}, {ErrNote, "note"}, {ErrNotFound, "gone"},
		{ErrConflict, "conflict"}, {ErrRule, "rule"}, {store.ErrBusy, "busy"},
	} {
		if errors.Is(err, f.err) {
			return f.word
		}
	}
	return ""
}
