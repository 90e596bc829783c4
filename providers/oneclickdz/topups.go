package oneclickdz

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cardrop/providers"
)

// maxRef is the longest reference sent, by the rule of the supplier's sister API.
const maxRef = 100

// Place sends one internet card for the line number p.Account under ref p.Ref. It returns Pending with the top-up's id as
// Handle; what became of an earlier send when the supplier says that the ref was used; or
//   - a *Refusal with Misused or BadAccount before any call when the placement is no valid one;
//   - a *Refusal for the statuses 400, 401, 403, 404, 413 and 429, and with Busy when nothing reached the supplier;
//   - an error wrapping ErrLate when the send-by time had passed;
//   - an error wrapping ErrUnknown for everything else.
func (n *Internet) Place(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if no := misuse(p); no != nil {
		return providers.Fulfillment{}, no
	}
	r, err := n.send(ctx, p, p.SendBy)
	if err != nil {
		return providers.Fulfillment{}, unsent(err)
	}
	if r.duplicated() {
		return n.existing(ctx, p)
	}
	if f, ok := accepted(r); ok {
		return f, nil
	}
	if no := r.refusal(); no != nil {
		return providers.Fulfillment{}, no
	}
	return providers.Fulfillment{}, r.unknown("send")
}

// misuse is the refusal of a placement that cannot be sent; nil for one that can.
func misuse(p providers.Placement) *providers.Refusal {
	kind, _, ok := splitLine(p.SKU)
	switch {
	case !ok:
		return &providers.Refusal{Reason: providers.Misused, Code: "sku"}
	case p.Quantity != 1:
		return &providers.Refusal{Reason: providers.Misused, Code: "quantity"}
	case p.Ref == "" || len(p.Ref) > maxRef:
		return &providers.Refusal{Reason: providers.Misused, Code: "ref"}
	case p.Kind != providers.NoAccount && p.Kind != kind:
		return &providers.Refusal{Reason: providers.Misused, Code: "kind"}
	case !validNumber(kind, p.Account):
		return &providers.Refusal{Reason: providers.BadAccount, Code: "format"}
	}
	return nil
}

// send asks for the top-up; nothing is written after sendBy.
func (n *Internet) send(ctx context.Context, p providers.Placement, sendBy time.Time) (reply, error) {
	kind, digits, _ := splitLine(p.SKU)
	return n.c.buy(ctx, "send", "/internet/send", struct {
		Type   string      `json:"type"`
		Number string      `json:"number"`
		Value  json.Number `json:"value"`
		Ref    string      `json:"ref"`
	}{string(kind), p.Account, json.Number(digits), p.Ref}, sendBy)
}

// accepted reads the acknowledgement of a send; false when it is none. An acknowledgement that names only the ref keeps that.
func accepted(r reply) (providers.Fulfillment, bool) {
	var data struct {
		ID    ident `json:"topupId"`
		Mongo ident `json:"_id"`
		Ref   text  `json:"topupRef"`
	}
	if !r.good() || json.Unmarshal(r.data, &data) != nil {
		return providers.Fulfillment{}, false
	}
	f := providers.Fulfillment{State: providers.Pending, Handle: first(data.ID, data.Mongo), Memo: note{ref: string(data.Ref)}.memo()}
	return f, f.Handle != "" || f.Memo != ""
}

// topup is one internet order, as check-id and check-ref give it.
type topup struct {
	Mongo     ident           `json:"_id"`
	ID        ident           `json:"id"`
	Status    text            `json:"status"`
	Type      text            `json:"type"`
	Number    text            `json:"number"`
	Amount    json.RawMessage `json:"topup_amount"` // face value, in dinars
	Code      text            `json:"card_code"`
	Trans     text            `json:"num_trans"`
	Processed text            `json:"date_traitement"`
}

// readTopup reads the answer to check-id or check-ref. Its error wraps ErrUnknown.
func readTopup(r reply, call string, p providers.Placement) (providers.Fulfillment, error) {
	var t topup
	if !r.good() || json.Unmarshal(r.data, &t) != nil || t.Status == "" {
		return providers.Fulfillment{}, r.unknown(call)
	}
	id := first(t.Mongo, t.ID)
	if p.Handle != "" && id != "" && id != p.Handle {
		return providers.Fulfillment{}, fmt.Errorf("oneclickdz %s: %w: the answer is about another top-up", call, providers.ErrUnknown)
	}
	return t.fulfillment(p, first(ident(p.Handle), ident(id)), r.body), nil
}

// state maps the supplier's status; one that is not known is not final.
func (t topup) state() providers.State {
	switch normal(string(t.Status)) {
	case "FULFILLED":
		return providers.Fulfilled
	case "REFUNDED":
		return providers.Refunded
	}
	return providers.Pending
}

// fulfillment is what the top-up came to. QUEUED is slow, not failed; a status that is not known is not final.
func (t topup) fulfillment(p providers.Placement, handle string, body []byte) providers.Fulfillment {
	f := providers.Fulfillment{State: t.state(), Handle: handle, Slow: normal(string(t.Status)) == "QUEUED"}
	if f.State == providers.Pending {
		return f
	}
	if t.Code != "" {
		f.Cards = []providers.Card{t.card()}
	}
	switch {
	case !t.isFor(p):
		f.Fault = providers.WrongLine
	case f.State == providers.Fulfilled && t.Code == "":
		f.Fault = providers.MissingKey
	case f.State == providers.Refunded && t.Code != "":
		f.Fault = providers.WrongCount // money back and a card as well: a person has to look
	}
	if f.Fault != providers.NoFault {
		f.Raw = providers.NewSecret(string(body))
	}
	return f
}

// card is the code with the operator's proof of purchase.
func (t topup) card() providers.Card {
	c := providers.Card{Code: providers.NewSecret(string(t.Code))}
	if t.Trans != "" {
		c.Facts = append(c.Facts, providers.Fact{Label: providers.FactTransaction, Value: string(t.Trans)})
	}
	if t.Processed != "" {
		c.Facts = append(c.Facts, providers.Fact{Label: providers.FactProcessed, Value: string(t.Processed)})
	}
	return c
}

// isFor tells whether the top-up is for the line, number and value that were asked for, as far as it says.
func (t topup) isFor(p providers.Placement) bool {
	kind, digits, _ := splitLine(p.SKU)
	face := amount(t.Amount)
	return (t.Type == "" || lineKind(t.Type) == kind) && (t.Number == "" || string(t.Number) == p.Account) &&
		(face.IsZero() || dinars(face) == digits)
}
