// Package providers says what a supplier of prepaid codes is: Provider, Product, Placement, Fulfillment, Card and Secret.
//
// Each supplier is one folder below: a client of the supplier's wire format and a simulator that speaks it. The contract is
// checked by providertest.Run. The default of the contract is the safe one: an error that nobody classified means that the
// outcome is unknown, never a second purchase and never a wrong refund.
package providers

import (
	"context"
	"time"
)

// Provider sells prepaid codes to the shop. It is safe for concurrent use.
//
// However often Place and Resolve are called with one Placement.Ref, the supplier sells at most once; a provider whose
// supplier may forget a Ref stops asking before it can. A *Refusal means that nothing was or will be bought under this Ref.
// Any other error means that the outcome is unknown: the order stays in doubt and Resolve is asked later. A Fulfillment
// returned beside an error carries only Handle and Memo, to be kept. No error text contains a Secret.
type Provider interface {
	// Name is the supplier's short name in keys, events and settings: lower-case letters and digits, stable for ever.
	Name() string
	// Catalog lists what the supplier sells. Lines of an Opener may be families: their SKU is empty until opened.
	Catalog(ctx context.Context) ([]Product, error)
	// Quote reads live cost and stock of one line, just before the sale. It returns a *Refusal with OutOfStock when the
	// line is no longer sold.
	Quote(ctx context.Context, sku string) (Offer, error)
	// Place buys. It is called once per Ref and never retries inside. It sends nothing after p.SendBy.
	Place(ctx context.Context, p Placement) (Fulfillment, error)
	// Resolve asks what became of a placement, until the state is final. A *Refusal from it means: never bought, and never
	// will be.
	Resolve(ctx context.Context, p Placement) (Fulfillment, error)
}

// Opener is a Provider whose lines are read family by family: prices and stock come with Open, not with Catalog.
type Opener interface {
	// Open reads the lines of one family, with cost and stock as they are now.
	Open(ctx context.Context, family string) ([]Product, error)
}

// Balancer is a Provider that tells what money the shop has at the supplier.
type Balancer interface {
	// Balance reads the shop's balance at the supplier, in the supplier's currency.
	Balance(ctx context.Context) (Money, error)
}

// AccountChecker is a Provider that can tell whether a line number exists before it is topped up.
type AccountChecker interface {
	// CheckAccount asks the operator about a number in wire form. It returns a *Refusal with BadAccount for a number that
	// cannot be topped up; any other error says nothing about the number.
	CheckAccount(ctx context.Context, kind AccountKind, number string) (Account, error)
}

// Finder is a Provider without references of ours: its orders are found by kind and time.
type Finder interface {
	// Find lists the supplier's orders for the same line and quantity as kind that were made between from and to.
	Find(ctx context.Context, kind Placement, from, to time.Time) ([]Found, error)
}

// Found is one order in a supplier's own list; it never carries cards.
type Found struct {
	Handle string    // the supplier's id
	Time   time.Time // when the supplier made it, by the supplier's clock
	State  State
}

// AccountKind says what a product needs to be told besides the quantity.
type AccountKind string

// The kinds of line numbers. NoAccount is a product that needs none.
const (
	NoAccount AccountKind = ""
	ADSL      AccountKind = "ADSL" // 0 and 8 digits
	FourG     AccountKind = "4G"   // 213 and 9 digits
)

// Account is what the operator knows of a line number.
type Account struct {
	Number string      // as sent to the operator
	Kind   AccountKind // as the shop names it
	Holder string      // the customer number, masked by the operator; may be empty
	Plan   string      // the plan's name; may be empty
}

// Kind groups products by how they are used; instructions and icons are chosen by it.
type Kind string

// The kinds of products.
const (
	GiftCard     Kind = "gift"
	InternetCard Kind = "internet"
	Voucher      Kind = "voucher"
)

// StockUnknown is the stock of a line whose supplier gives no count: it is sold until the supplier says no.
const StockUnknown = -1

// Product is one buyable line of a supplier's catalog, or, with an empty SKU, a family that has to be opened first.
type Product struct {
	SKU      string      `json:"sku,omitempty"`    // the supplier's key of this line, at most 128 bytes; empty for an unopened family
	Family   string      `json:"family"`           // lines that differ by face value share it; never empty
	Title    string      `json:"title"`            // the family's name, such as "PSN Germany"
	Name     string      `json:"name,omitempty"`   // the line's own name, such as "PSN 10"; empty for an unopened family
	Category string      `json:"category"`         // the supplier's category, such as "PSN"
	Region   string      `json:"region,omitempty"` // lower-case slug, such as "germany"
	Kind     Kind        `json:"kind"`
	Account  AccountKind `json:"account,omitempty"`  // the line number it needs
	Face     Money       `json:"face,omitzero"`      // worth where redeemed; zero when the supplier does not say
	Cost     Money       `json:"cost,omitzero"`      // last known cost of one card; zero when not read yet
	Stock    int         `json:"stock"`              // cards in stock; StockUnknown when the supplier gives no count
	Max      int         `json:"max"`                // cards one placement may ask for; 0 means no limit but the stock
	Desc     string      `json:"desc,omitempty"`     // the supplier's own words
	Disabled bool        `json:"disabled,omitempty"` // the supplier says: do not sell
}

// Offer is live cost and stock of one line.
type Offer struct {
	SKU   string
	Cost  Money // of one card
	Stock int   // StockUnknown when the supplier gives no count
}

// Placement is one request to a supplier. All of it is stored before the supplier is asked.
type Placement struct {
	Ref      string      // our reference, unique for ever: <order>-<k>
	SKU      string      // the line
	Account  string      // the line number in wire form; empty when none is needed
	Kind     AccountKind // of Account
	Quantity int         // cards asked for, at least 1
	Cost     Money       // quoted cost of one card
	Handle   string      // the supplier's own id, once known
	Memo     string      // what the provider asked to be reminded of, opaque to the shop, at most 256 bytes
	SendBy   time.Time   // nothing may be sent to the supplier by Place after it (monotonic)
	Sent     time.Time   // when the intent to send was stored; zero before
}

// State is what became of a placement.
type State string

// The states of a Fulfillment. Fulfilled, Partial and Refunded are final.
const (
	Pending   State = "pending"   // accepted, not finished
	Fulfilled State = "fulfilled" // every card asked for
	Partial   State = "partial"   // some cards; the supplier keeps or returns the money of the rest
	Refunded  State = "refunded"  // none, and none will come
)

// Final tells whether nothing more will happen to a placement in this state.
func (s State) Final() bool { return s == Fulfilled || s == Partial || s == Refunded }

// Fault says why what came is not fit to be shown; the order goes to review with everything sealed.
type Fault string

// The faults. NoFault is what fits.
const (
	NoFault    Fault = ""
	WrongCount Fault = "wrong_count" // another number of cards than asked for or announced, without a partial status
	MissingKey Fault = "missing_key" // an announced field is absent
	Unreadable Fault = "unreadable"  // sold, but the answer cannot be read or decrypted
	WrongLine  Fault = "wrong_line"  // cards of another product than the one asked for
)

// Fulfillment is what came of a placement.
type Fulfillment struct {
	State   State
	Handle  string // the supplier's own id; kept with the placement
	Memo    string // replaces Placement.Memo when not empty
	Cards   []Card
	Charged Money  // what the supplier says it charged in all; zero when it does not say
	Slow    bool   // the supplier announced hours rather than seconds (QUEUED): poll slowly and tell the customer once
	Fault   Fault  // not NoFault: the order goes to review; Cards hold what could be read and Raw the whole answer
	Raw     Secret // the answer as it came, only with a Fault
}

// Card is one prepaid code with all that came with it.
type Card struct {
	Code   Secret  // what is typed in; empty when the card is used by a link alone
	Serial Secret  // second credential or serial number; may be empty
	Extras []Field // whatever else came, sealed and shown under its label, in the order of the wire
	Facts  []Fact  // proof of purchase that belongs to the order and outlives the code
}

// Field is one secret property of a card under the supplier's label.
type Field struct {
	Label string
	Value Secret
}

// Fact is one property of a card that is no secret, such as the operator's transaction number.
type Fact struct {
	Label string `json:"label"` // FactTransaction or FactProcessed, or the supplier's own label
	Value string `json:"value"`
}

// Labels with a meaning to the shop; other labels are shown as they are.
const (
	FactTransaction = "num_trans"       // the operator's transaction number
	FactProcessed   = "date_traitement" // when the operator processed it, RFC 3339
	LabelURL        = "url"             // a link by which the card is used
	LabelValidUntil = "valid_date"      // the day the card ends
)
