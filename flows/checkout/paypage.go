package checkout

import (
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// PayPage is a payment on the page of a cashier, who tells what became of it: nobody of the shop looks at it. It is a PaymentMethod.
type PayPage struct {
	name    string
	cashier providers.Cashier
	o       PayPageOptions
	step    int64
}

// PayPageOptions are what a cashier allows.
type PayPageOptions struct {
	Least, Most int64         // of one request, minor units
	Life        time.Duration // of a link
	Sandbox     bool          // payments without real money are what is expected
}

var _ PaymentMethod = (*PayPage)(nil)

// NewPayPage makes a method of a cashier whose currency is the shop's. Links are over whole units, of which one has the given count of
// minor ones.
func NewPayPage(name string, c providers.Cashier, minor int64, o PayPageOptions) *PayPage {
	return &PayPage{name: name, cashier: c, o: o, step: minor}
}

// Name is the method's name.
func (p *PayPage) Name() string { return p.name }

// Limits are the cashier's.
func (p *PayPage) Limits() (least, most int64) { return p.o.Least, p.o.Most }

// Life is that of a link.
func (p *PayPage) Life() time.Duration { return p.o.Life }

// Proof is nothing: the cashier tells.
func (p *PayPage) Proof() Proof { return Proof{} }

// Accounts is one that has no name: every request gets a page of its own.
func (p *PayPage) Accounts() []PayAccount { return []PayAccount{{}} }

// begins is the work that a request of a method begins with; none where a person sees the payment.
func begins(m PaymentMethod) store.DueKind {
	switch m.(type) {
	case *PayPage:
		return store.DuePay
	case Stars:
		return store.DueTopUp // the invoice goes out with the news
	}
	return ""
}
