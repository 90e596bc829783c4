// Package providertest is the contract of providers.Provider as a test suite: Run(t, open).
//
// A supplier's own test opens a Subject: the client under test, joined over loopback HTTP to the simulator that speaks the
// supplier's wire format. Each case gets a fresh Subject. Clock and Server are offered to build one: a clock both sides share, and an HTTP
// server that can really be down.
package providertest

import (
	"slices"
	"testing"
	"time"

	"cardrop/providers"
)

// Subject is one supplier under test with everything the cases steer.
type Subject struct {
	Provider providers.Provider
	// Buy makes a fresh valid placement: a new Ref, a line in stock, quantity 2 where the supplier allows it (else 1), Sent
	// set to the present of the shared clock and SendBy some time after it. It is called from the test's goroutine only.
	Buy func() providers.Placement
	Sim Simulator
	// Advance moves the clock that client and simulator share; nothing sleeps.
	Advance func(time.Duration)
	// Secrets are the keys and passwords that no error text may contain. Codes the simulator sold are added to them.
	Secrets []string
	// NoReference says that the supplier takes no reference of ours: what a lost answer bought is found through
	// providers.Finder and its handle, not through Resolve with the Ref.
	NoReference bool
	// Lacks lists the faults that the supplier's wire format cannot express; their cases are skipped with that reason.
	// PartialFill is skipped by itself when Buy asks for one card.
	Lacks []Fault
}

// Simulator is what a case needs of the supplier's stand-in. Methods are safe for concurrent use.
type Simulator interface {
	// Fault makes the next purchase calls, or the answers to them, go wrong that many times.
	Fault(f Fault, times int)
	// Clear ends all faults: the supplier is well again.
	Clear()
	// Sales is what was really sold so far, oldest first. A purchase whose money went back entirely is not in it.
	Sales() []Sale
	// Finish makes whatever is pending final now.
	Finish()
}

// Sale is one purchase the simulator really made.
type Sale struct {
	Ref      string // our reference; empty where the supplier takes none
	Handle   string // the supplier's own id; empty where it gives none
	Quantity int    // cards asked for
	Codes    []string
	Charged  providers.Money
}

// Fault is one way in which a supplier fails a purchase.
type Fault string

// The faults of the contract.
const (
	LostBefore  Fault = "lost_before"  // the connection is cut before anything was sold
	LostAfter   Fault = "lost_after"   // sold, then the connection is cut
	ErrorAfter  Fault = "error_after"  // sold, then HTTP 500
	CutJSON     Fault = "cut_json"     // an answer that ends in the middle
	HTML502     Fault = "html_502"     // a gateway's page
	Timeout     Fault = "timeout"      // no answer until the client leaves
	TooMany     Fault = "too_many"     // 429 with Retry-After, nothing sold
	OutOfStock  Fault = "out_of_stock" // the supplier's own refusal
	OutOfFunds  Fault = "out_of_funds" // the supplier's own refusal
	PartialFill Fault = "partial_fill" // fewer cards than asked for
	RefundAll   Fault = "refund_all"   // no cards, the money goes back
	Down        Fault = "down"         // nobody listens: connections are refused (Server.Down)
	Hostile     Fault = "hostile"      // valid JSON with wrong types and absurd values, a new shape at each call
)

// step is how far the clock moves between two questions: above a minute, because a supplier may have to say no twice at
// least one minute apart.
const step = 65 * time.Second

// Run checks that a supplier's client keeps the contract of providers.Provider. open is called once per case.
// The cases that wait for a silent supplier run side by side.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	t.Parallel()
	for _, c := range slices.Concat(catalogCases(), saleCases(), faultCases()) {
		t.Run(c.name, func(t *testing.T) {
			if c.needs == Timeout {
				t.Parallel()
			}
			s := open(t)
			w := &witness{Provider: s.Provider, t: t}
			x := &exam{Subject: s, p: w}
			t.Cleanup(func() { w.check(x) })
			if c.needs != "" && slices.Contains(s.Lacks, c.needs) {
				t.Skipf("the supplier cannot express %s", c.needs)
			}
			c.run(t, x)
		})
	}
}

// check is one case of the suite.
type check struct {
	name  string
	needs Fault // the fault it is about; empty for none
	run   func(t *testing.T, x *exam)
}

// exam is one case's Subject with its provider under watch.
type exam struct {
	Subject
	p *witness
}
