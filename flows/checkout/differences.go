package checkout

import "time"

// BarUnreconciled is why buying is stopped after a supplier sold something that Redis does not know: it forgot what it had confirmed.
const BarUnreconciled = "unreconciled"

// The stages of a comparison, in their order. The last one has a result.
const (
	StageQueued    = "queued"
	StageSuppliers = "suppliers"
	StageLedger    = "ledger"
	StageOrders    = "orders"
	StageRecord    = "record"
	StageDone      = "done"
)

// The kinds of differences.
const (
	DiffUnknownSale  = "unknown_sale"  // the supplier sold it, Redis does not know the order: lost; its cards become house stock
	DiffLostClaim    = "lost_claim"    // the supplier sold it, Redis remembers an order that nobody asked for: lost; in doubt now
	DiffForeignSale  = "foreign_sale"  // another program's, or nobody can tell
	DiffLateSale     = "late_sale"     // of a placement that was given up: house stock
	DiffUnlisted     = "unlisted"      // we hold its id, the supplier's list does not have it
	DiffUnknownDebit = "unknown_debit" // money was taken for something that is neither listed nor known
	DiffCost         = "cost"          // the account was charged another sum than was booked
	DiffBalance      = "balance"       // an account's entries do not give its balance
	DiffSum          = "sum"           // all accounts together are not zero
	DiffHold         = "hold"          // what is held for an order is not what it still owes
	DiffMoney        = "money"         // an ended order's money was not captured or returned to the last unit
	DiffCards        = "cards"         // sealed cards are not as many as were bought
	DiffMissingOrder = "missing_order" // the record names an order that is not there
	DiffUnrecorded   = "unrecorded"    // a step of an order has no line in the record
	DiffRecord       = "record"        // the record does not hold
	DiffWentBack     = "went_back"     // Redis knows less than was written down
)

// Difference is one thing that does not fit together.
type Difference struct {
	Kind     string    `json:"k"`
	Supplier string    `json:"s,omitempty"`
	Handle   string    `json:"h,omitempty"` // the supplier's id
	Order    string    `json:"o,omitempty"` // ours
	Account  string    `json:"a,omitempty"` // of the ledger
	Step     string    `json:"e,omitempty"` // kind of the event that is missing, or why the record does not hold
	Cards    int       `json:"c,omitempty"`
	Ours     int64     `json:"u,omitempty"` // money in minor units of the shop's currency, cards, or entries, as we have it
	Theirs   int64     `json:"t,omitempty"` // as the other side has it
	At       time.Time `json:"w,omitzero"`  // when it was sold
	Lost     bool      `json:"l,omitempty"` // it proves that Redis forgot what it had confirmed
}

// Compared is what came of one supplier.
type Compared struct {
	Name      string `json:"n"`
	Listed    bool   `json:"l"`           // it has a list; without one nothing there can be looked up
	Silent    bool   `json:"q,omitempty"` // it did not answer, or not whole: nothing is known
	Sales     int    `json:"s,omitempty"` // in its list
	Waiting   int    `json:"w,omitempty"` // of them, of orders whose answer is still open
	Movements int    `json:"m,omitempty"` // of our money there
}

// Comparison is what the suppliers, the ledger, the vault and the record say about each other.
type Comparison struct {
	ID          int64         `json:"i"` // when it was asked for, ms
	Admin       int64         `json:"a,omitempty"`
	Chat        int64         `json:"c,omitempty"` // is drawn again as it goes on
	From        time.Time     `json:"f"`
	Order       string        `json:"o,omitempty"` // only this one
	Stage       string        `json:"s"`
	Expect      time.Duration `json:"x,omitempty"` // how long it will take, roughly
	Begun       time.Time     `json:"b,omitzero"`
	Ended       time.Time     `json:"e,omitzero"`
	Suppliers   []Compared    `json:"p,omitempty"`
	Entries     int64         `json:"l,omitempty"` // of the ledger
	Orders      int           `json:"n,omitempty"` // compared with vault and record
	Events      int64         `json:"r,omitempty"` // verified
	Differences []Difference  `json:"d,omitempty"`
	More        int           `json:"m,omitempty"` // differences beyond those that are kept
	Failed      bool          `json:"z,omitempty"` // it ended before its time
}

// Lost tells whether anything proves that Redis forgot what it had confirmed.
func (c *Comparison) Lost() bool {
	for _, d := range c.Differences {
		if d.Lost {
			return true
		}
	}
	return false
}
