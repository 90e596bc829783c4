package checkout

import (
	"strings"
	"time"

	"cardrop/store"
)

// PaymentMethod is one way to fill a wallet. However the money comes, it ends in one credit for one request.
type PaymentMethod interface {
	// Name is the method's short name, lower-case letters: part of the ledger's account external:<name>, of buttons and of
	// the keys of its words. It is stable for ever.
	Name() string
	// Limits are the least and the most of one request in minor units; 0 leaves it to the shop.
	Limits() (least, most int64)
	// Life is how long a request waits for its money, or for word of it.
	Life() time.Duration
	// Proof is what the person has to send.
	Proof() Proof
	// Accounts lists where the money may go, in the order in which they are shown.
	Accounts() []PayAccount
}

// Proof is what a person sends about a payment.
type Proof struct {
	Number  bool // the operator's transaction number: without it nothing is looked at
	Picture bool // a picture of the receipt, where there is one
}

// PayAccount is one account that money may be sent to.
type PayAccount struct {
	Fields  []PayField
	Ceiling int64 // what requests may promise it in one day, minor units; 0 for no limit
}

// PayField is one piece of what a person has to copy or read.
type PayField struct {
	Key   string // of its label: holder, account, key, rip or place
	Value string
}

// Copied tells whether a field is typed elsewhere, so that it gets a button that copies it.
func (f PayField) Copied() bool { return f.Key != fieldPlace }

// The keys of fields.
const (
	fieldHolder  = "holder"
	fieldAccount = "account"
	fieldKey     = "key"
	fieldRIP     = "rip"
	fieldPlace   = "place"
)

// packed is an account as a request keeps it, so that what was shown can be read when the settings have changed.
func (a PayAccount) packed() string {
	parts := make([]string, 0, 2*len(a.Fields))
	for _, f := range a.Fields {
		parts = append(parts, f.Key+"="+f.Value)
	}
	return strings.Join(parts, "|")
}

// Shown reads the account that a request was shown.
func Shown(t store.TopUp) PayAccount {
	var a PayAccount
	if t.Method == MethodStars { // an invoice: there is no account
		return a
	}
	for part := range strings.SplitSeq(t.Payee, "|") {
		key, value, named := strings.Cut(part, "=")
		if !named {
			continue
		}
		a.Fields = append(a.Fields, PayField{Key: key, Value: value})
	}
	return a
}
