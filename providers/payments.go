package providers

import "context"

// Cashier takes money for the shop on a page of its own: it makes links that people pay by, and tells what became of them. It keeps no
// reference of ours, so a link whose answer was lost is nobody's: its address was in that answer alone, and nobody can pay by it.
type Cashier interface {
	// CreateLink makes a link. A *Refusal means that none was made; any other error that nobody will ever know its address.
	CreateLink(ctx context.Context, r LinkRequest) (PaymentLink, error)
	// CheckPayment tells what became of a link. An error says nothing about the payment.
	CheckPayment(ctx context.Context, ref string) (Payment, error)
}

// LinkRequest is what a link is to be for.
type LinkRequest struct {
	Title  string // what its payer reads, 1 to 200 characters
	Amount Money
}

// PaymentLink is a link as it was made.
type PaymentLink struct {
	Ref     string // the cashier's own
	URL     string // the page where it is paid
	Amount  Money  // unknown when the cashier does not repeat it
	Sandbox bool   // no real money comes by it
}

// PaymentState is what became of a link.
type PaymentState string

// The states of a payment.
const (
	PaymentPending   PaymentState = "pending"
	PaymentConfirmed PaymentState = "confirmed" // paid
	PaymentFailed    PaymentState = "failed"    // declined, canceled, or the link ran out
)

// Payment is what a cashier says about a link.
type Payment struct {
	State   PaymentState
	Amount  Money // what was paid; unknown when the cashier does not say
	Sandbox bool  // no real money came; meaningless while Amount is unknown
}
