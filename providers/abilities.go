package providers

import (
	"context"
	"errors"
	"time"
)

// ErrAlarm is wrapped, beside ErrUnknown, by an answer that leaves the outcome open and that the operator has to hear of at once: the
// supplier rejects our address or signature, or contradicts itself.
var ErrAlarm = errors.New("the operator has to look")

// Numbered is a Provider whose supplier gives its orders ids by which Resolve asks without ever buying: with such an id as
// Placement.Handle, Resolve is a mere question.
type Numbered interface {
	// IsHandle tells whether a text has the form of such an id.
	IsHandle(text string) bool
}

// Reparser is a Provider that can read an answer once more that was sealed whole because it could not be read when it came.
type Reparser interface {
	// Reparse reads the Raw of an earlier Fulfillment. A Fulfillment with a Fault still does not fit; quantity and line are the
	// caller's to compare. It returns an error for what is no answer that sold something.
	Reparse(raw Secret) (Fulfillment, error)
}

// Lister is a Provider whose supplier lists what it sold to the account. Reconciliation compares the list with the shop's own orders.
type Lister interface {
	// Sales lists every purchase that the account made at this supplier between from and to, by the supplier's clock, oldest first, those
	// that were refunded too. It never returns cards. An error means that the list is not known whole, also when one entry cannot be
	// read: what is missing might be the one that is looked for.
	Sales(ctx context.Context, from, to time.Time) ([]Sale, error)
}

// Sale is one purchase in a supplier's list.
type Sale struct {
	Handle   string      // the supplier's own id
	Ref      string      // the reference it was made under, as the supplier spells it; empty where it keeps none
	SKU      string      // the line
	Account  string      // the line number it was made for; empty when none is needed
	Kind     AccountKind // of Account
	Quantity int         // cards asked for
	Time     time.Time   // when it was made, by the supplier's clock
	State    State
}

// Accountant is a Provider whose supplier shows the movements of our money there.
type Accountant interface {
	// Transactions lists the movements for purchases at this supplier between from and to, oldest first, and no others, such as
	// deposits. Its errors are those of Lister.Sales.
	Transactions(ctx context.Context, from, to time.Time) ([]Transaction, error)
}

// Depositor is a Provider whose supplier shows what was paid into our account there.
type Depositor interface {
	// Deposits lists what was paid in between from and to, oldest first. Its errors are those of Lister.Sales.
	Deposits(ctx context.Context, from, to time.Time) ([]Transaction, error)
	// Account names the account: suppliers with the same one share what is in it.
	Account() string
}

// Transaction is one movement of our money at a supplier.
type Transaction struct {
	Handle string // of the purchase it belongs to; empty when the supplier does not say
	Amount Money  // what was taken; negative for what came back
	Time   time.Time
}
