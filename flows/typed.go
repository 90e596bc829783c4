package flows

import "context"

// typed takes a text to the question that was asked; without a question it is a search.
func (d *Desk) typed(ctx context.Context, v *visit) error {
	if v.in.Picture.File != "" && v.talk.Room != roomReport && v.talk.Room != roomTicket {
		return d.pictured(ctx, v)
	}
	if !v.stands() {
		return d.open(ctx, v, "menu")
	}
	switch v.talk.Room {
	case roomAmount, roomProof, roomReceived, roomReason:
		return d.typedTopUp(ctx, v)
	case roomMove:
		return d.typedMove(ctx, v)
	case roomReport, roomTicket, roomStaff:
		return d.typedTicket(ctx, v)
	case roomAccount:
		return d.typedAccount(ctx, v)
	case roomQuantity:
		return d.typedQuantity(ctx, v)
	case roomDecision, roomDanger, roomGoods, roomTrait, roomCast:
		return d.typedByStaff(ctx, v)
	default:
		return d.search(ctx, v, v.in.Text)
	}
}
