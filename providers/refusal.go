package providers

import (
	"errors"
	"fmt"
	"time"
)

// Reason says why a supplier surely did not sell.
type Reason string

// The reasons of a Refusal. NoFunds and Blocked concern the whole supplier: they pause it and alarm the operator.
const (
	OutOfStock   Reason = "out_of_stock"
	NoFunds      Reason = "no_funds"
	BadAccount   Reason = "bad_account"
	PriceChanged Reason = "price_changed"
	Busy         Reason = "busy"    // 429: refused at the door, nothing was made
	Blocked      Reason = "blocked" // key or address rejected, supplier closed
	Misused      Reason = "misused" // our request was wrong
	NotPlaced    Reason = "not_placed"
)

// Refusal is a sure no: nothing was or will be bought under the Ref.
type Refusal struct {
	Reason Reason
	Code   string        // the supplier's code, for the operator
	After  time.Duration // how long to wait before trying again; zero when the supplier does not say
}

// Error names the reason and the supplier's code; it never carries the supplier's own text.
func (r *Refusal) Error() string {
	if r.Code == "" {
		return fmt.Sprintf("refused: %s", r.Reason)
	}
	return fmt.Sprintf("refused: %s (%s)", r.Reason, r.Code)
}

// Refused gives the reason when err is or wraps a *Refusal.
func Refused(err error) (Reason, bool) {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason, true
	}
	return "", false
}

// ErrUnknown is wrapped by errors that leave the outcome of a purchase open.
var ErrUnknown = errors.New("outcome unknown")

// ErrLate means that a request was not sent because its send-by time had passed; nothing reached the supplier.
var ErrLate = errors.New("send-by time passed, nothing was sent")

// ErrAsk is wrapped by Resolve when it has stopped asking and only a person can tell what became of the placement.
var ErrAsk = errors.New("a person has to decide")
