package giftz

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"cardrop/providers"
)

// Place buys p.Quantity vouchers of line p.SKU under trans_id p.Ref. It returns
//   - a *Refusal with Misused before any call when the quantity is not 1..10 or Ref or SKU is empty;
//   - a *Refusal for the codes 202 (OutOfStock), 100 (NoFunds), 108 (Blocked) and 106 (Misused), for HTTP 429 without a code
//     (Busy), and when nothing reached the supplier (Busy);
//   - an error wrapping ErrLate when the send-by time had passed;
//   - an error wrapping ErrUnknown for everything else that gives no vouchers.
func (c *Client) Place(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if bad := misuse(p); bad != "" {
		return providers.Fulfillment{}, &providers.Refusal{Reason: providers.Misused, Code: bad}
	}
	c.learn(ctx, p.SKU)
	answer, err := c.purchase(ctx, p, c.o.Now(), p.SendBy)
	switch {
	case errors.Is(err, providers.ErrLate):
		return providers.Fulfillment{}, err
	case errors.Is(err, providers.ErrNotSent):
		return providers.Fulfillment{}, &providers.Refusal{Reason: providers.Busy, Code: "unreachable"}
	case err != nil:
		return providers.Fulfillment{}, err
	}
	r, err := readReply(answer.Body)
	if err != nil {
		if answer.Status == http.StatusTooManyRequests {
			return providers.Fulfillment{}, &providers.Refusal{Reason: providers.Busy, Code: "429", After: answer.RetryAfter}
		}
		return providers.Fulfillment{}, fmt.Errorf("giftz buy-voucher: HTTP %d: %w", answer.Status, err)
	}
	if r.sold() {
		return c.read(answer.Body, r, p.SKU, p.Quantity), nil
	}
	if no := r.refusal(); no != nil {
		return providers.Fulfillment{}, no
	}
	return providers.Fulfillment{}, fmt.Errorf("giftz buy-voucher: %w: code %d", providers.ErrUnknown, r.Code)
}

// misuse names what is wrong with a placement; empty when nothing is.
func misuse(p providers.Placement) string {
	switch {
	case p.Quantity < 1 || p.Quantity > MaxQuantity:
		return "quantity"
	case p.Ref == "":
		return "ref"
	case p.SKU == "":
		return "sku"
	}
	return ""
}

// sold tells whether the answer says that vouchers were bought: 200, or the replay 102 with vouchers.
func (r reply) sold() bool {
	return r.Code == codeSold || (r.Code == codeExisted && !r.empty())
}

// refusal is the sure no of a first call. A refusing code beside vouchers contradicts itself and is none.
func (r reply) refusal() *providers.Refusal {
	if !r.empty() {
		return nil
	}
	no := &providers.Refusal{Code: strconv.Itoa(int(r.Code))}
	switch r.Code {
	case codeNone:
		no.Reason = providers.OutOfStock
	case codeFunds:
		no.Reason = providers.NoFunds
	case codeAddress:
		no.Reason = providers.Blocked
	case codeInvalid:
		no.Reason = providers.Misused
	default:
		return nil
	}
	return no
}
