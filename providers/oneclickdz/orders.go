package oneclickdz

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cardrop/providers"
)

// Place orders p.Quantity cards of line p.SKU; p.Ref is not sent, the supplier takes no reference. It returns Pending with
// the order's id as Handle, or
//   - a *Refusal with Misused before any call when SKU or quantity is no valid one;
//   - a *Refusal for the statuses 400, 401, 403, 404, 413 and 429, and with Busy when nothing reached the supplier;
//   - an error wrapping ErrLate when the send-by time had passed;
//   - an error wrapping ErrUnknown for everything else.
//
// The supplier has no highest price: a rise since Quote is charged silently and seen in Fulfillment.Charged.
func (g *GiftCards) Place(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	product, kind, ok := splitSKU(p.SKU)
	switch {
	case !ok:
		return providers.Fulfillment{}, &providers.Refusal{Reason: providers.Misused, Code: "sku"}
	case p.Quantity < 1:
		return providers.Fulfillment{}, &providers.Refusal{Reason: providers.Misused, Code: "quantity"}
	}
	request := struct {
		ProductID string `json:"productId"`
		TypeID    string `json:"typeId"`
		Quantity  int    `json:"quantity"`
	}{product, kind, p.Quantity}
	r, err := g.c.buy(ctx, "placeOrder", "/gift-cards/placeOrder", request, p.SendBy)
	if err != nil {
		return providers.Fulfillment{}, unsent(err)
	}
	var data struct {
		OrderID ident `json:"orderId"`
		Mongo   ident `json:"_id"`
		ID      ident `json:"id"`
	}
	if r.good() && json.Unmarshal(r.data, &data) == nil {
		if id := first(data.OrderID, data.Mongo, data.ID); id != "" {
			return providers.Fulfillment{State: providers.Pending, Handle: id}, nil
		}
	}
	if no := r.refusal(); no != nil {
		return providers.Fulfillment{}, no
	}
	return providers.Fulfillment{}, r.unknown("placeOrder")
}

// Resolve reads the order p.Handle. Without a Handle, and for every answer that does not tell, it returns an error wrapping
// ErrUnknown: the order is then looked for with Find. It never returns a *Refusal, since the supplier never says that an
// order was not made.
func (g *GiftCards) Resolve(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if !isPlain(p.Handle) {
		return providers.Fulfillment{}, fmt.Errorf("oneclickdz checkOrder: %w: the order's id is not known", providers.ErrUnknown)
	}
	r, err := g.c.get(ctx, "checkOrder", "/gift-cards/checkOrder/"+p.Handle, nil)
	if err != nil {
		return providers.Fulfillment{}, err
	}
	var o order
	if !r.good() || json.Unmarshal(r.data, &o) != nil || o.Status == "" {
		return providers.Fulfillment{}, r.unknown("checkOrder")
	}
	if id := o.id(); id != "" && id != p.Handle {
		return providers.Fulfillment{}, fmt.Errorf("oneclickdz checkOrder: %w: the answer is about another order", providers.ErrUnknown)
	}
	return o.fulfillment(p, r.body), nil
}

// order is one gift card order, as checkOrder and the list give it.
type order struct {
	Mongo     ident           `json:"_id"`
	ID        ident           `json:"id"`
	OrderID   ident           `json:"orderId"`
	Status    text            `json:"status"`
	Product   ident           `json:"product"`
	Type      ident           `json:"type"`
	Quantity  whole           `json:"quantity"`
	Fulfilled whole           `json:"fulfilled_quantity"`
	Amount    json.RawMessage `json:"fulfilled_amount"` // charged in all
	Cards     json.RawMessage `json:"cards"`
	Time      text            `json:"time"`
}

func (o order) id() string { return first(o.Mongo, o.OrderID, o.ID) }

// state maps the supplier's status; one that is not known is not final.
func (o order) state() providers.State {
	switch normal(string(o.Status)) {
	case "FULFILLED":
		return providers.Fulfilled
	case "PARTIALLY_FILLED", "PARTIALLY_FULFILLED":
		return providers.Partial
	case "REFUNDED":
		return providers.Refunded
	}
	return providers.Pending
}

// fulfillment is what the order came to. What contradicts itself or the placement p carries a Fault and the whole answer.
func (o order) fulfillment(p providers.Placement, body []byte) providers.Fulfillment {
	f := providers.Fulfillment{State: o.state(), Handle: p.Handle}
	if f.State == providers.Pending {
		return f
	}
	f.Charged = amount(o.Amount)
	cards, fault := readCards(o.Cards)
	f.Cards = cards
	if product, kind, _ := splitSKU(p.SKU); differs(o.Product, product) || differs(o.Type, kind) {
		fault = providers.WrongLine
	}
	if fault == providers.NoFault && (o.Quantity.bad || o.Fulfilled.bad) {
		fault = providers.Unreadable
	}
	if fault == providers.NoFault && !o.counts(f.State, p.Quantity, len(cards)) {
		fault = providers.WrongCount
	}
	if fault != providers.NoFault {
		f.Fault, f.Raw = fault, providers.NewSecret(string(body))
	}
	return f
}

// counts tells whether the numbers of an ended order agree: all cards for FULFILLED, some for PARTIALLY_FILLED, none for
// REFUNDED, and always as many as announced.
func (o order) counts(state providers.State, asked, came int) bool {
	if (o.Quantity.set && o.Quantity.n != asked) || o.Fulfilled.n != came {
		return false
	}
	switch state {
	case providers.Fulfilled:
		return came == asked
	case providers.Partial:
		return 0 < came && came < asked
	}
	return came == 0
}

func differs(got ident, want string) bool { return got != "" && string(got) != want }

// Find lists the supplier's orders for the same line and quantity as kind, made between from and to, oldest first. It never
// returns cards. Its error wraps ErrUnknown, also when an entry that may match cannot be read.
func (g *GiftCards) Find(ctx context.Context, kind providers.Placement, from, to time.Time) ([]providers.Found, error) {
	product, line, ok := splitSKU(kind.SKU)
	if !ok {
		return nil, fmt.Errorf("oneclickdz list: %w: no such line", providers.ErrUnknown)
	}
	found := []providers.Found{}
	err := g.c.pages(ctx, "/gift-cards/list", from, to, func(item json.RawMessage) error {
		var o order
		odd := json.Unmarshal(item, &o) != nil || o.Quantity.bad
		if !odd && (differs(o.Product, product) || differs(o.Type, line) || (o.Quantity.set && o.Quantity.n != kind.Quantity)) {
			return nil
		}
		made, ok := when(o.Time)
		if odd || !ok || o.id() == "" || o.Product == "" || o.Type == "" || !o.Quantity.set || o.Status == "" {
			return fmt.Errorf("oneclickdz list: %w: an order cannot be read", providers.ErrUnknown)
		}
		if within(made, from, to) {
			found = append(found, providers.Found{Handle: o.id(), Time: made, State: o.state()})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b providers.Found) int { return a.Time.Compare(b.Time) })
	return found, nil
}

// Debited counts the account's debits for gift card orders between from and to whose amount is kind.Cost times
// kind.Quantity. Its error wraps ErrUnknown. None, together with an empty Find, means that no such order was made at the
// quoted price.
func (g *GiftCards) Debited(ctx context.Context, kind providers.Placement, from, to time.Time) (int, error) {
	count, want := 0, kind.Cost.Minor*int64(kind.Quantity)
	err := g.c.pages(ctx, "/account/transactions", from, to, func(item json.RawMessage) error {
		var entry struct {
			Type   text              `json:"type"`
			Amount providers.Decimal `json:"amount"`
			Time   text              `json:"time"`
		}
		if err := json.Unmarshal(item, &entry); err != nil || entry.Type == "" {
			return fmt.Errorf("oneclickdz transactions: %w: an entry cannot be read", providers.ErrUnknown)
		}
		if entry.Type != "ORDER" {
			return nil
		}
		m, err := entry.Amount.Money(currency)
		made, ok := when(entry.Time)
		if err != nil || m.IsZero() || !ok {
			return fmt.Errorf("oneclickdz transactions: %w: a debit cannot be read", providers.ErrUnknown)
		}
		if within(made, from, to) && max(m.Minor, -m.Minor) == want {
			count++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}
