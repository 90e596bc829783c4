package sandbox

import "time"

// Entry is one line of the account's transactions.
type Entry struct {
	ID     string    `json:"id"`
	Type   string    `json:"type"`   // ORDER, ADSL, REFUND-ORDER, REFUND-ADSL, DEPOSIT
	Amount int64     `json:"amount"` // in centimes; negative for a debit
	Old    int64     `json:"old_balance"`
	New    int64     `json:"new_balance"`
	Object string    `json:"objid"` // the order or top-up
	Time   time.Time `json:"time"`
}

// Sold is one purchase that was really made, for comparing with what a shop believes.
type Sold struct {
	Kind     string   `json:"kind"`          // gift or internet
	Handle   string   `json:"handle"`        // orderId or topupId
	Ref      string   `json:"ref,omitempty"` // of internet cards, as it was given
	SKU      string   `json:"sku"`           // "productId/typeId", or "ADSL:1000"
	Account  string   `json:"account,omitempty"`
	Quantity int      `json:"quantity"` // asked for
	Codes    []string `json:"codes"`    // sold, whether or not they show yet
	Serials  []string `json:"serials,omitempty"`
	Charged  int64    `json:"charged"` // in centimes, without what goes back
}

// State is the account's truth in short.
type State struct {
	Balance int64     `json:"balance"` // in centimes
	Orders  int       `json:"orders"`
	Topups  int       `json:"topups"`
	Pending int       `json:"pending"`
	Faults  []Trouble `json:"faults"`
	Style   Style     `json:"style"`
}

// book moves the balance and writes the transaction; the caller holds the lock.
func (s *Server) book(kind, object string, centimes int64, now time.Time) {
	e := Entry{ID: objectID(now), Type: kind, Amount: centimes, Old: s.balance, New: s.balance + centimes, Object: object, Time: now}
	s.balance = e.New
	s.ledger = append(s.ledger, e)
}

// tick makes final what is ready; the caller holds the lock.
func (s *Server) tick(now time.Time) { s.advance(now, false) }

// Finish makes everything pending final now, QUEUED top-ups too.
func (s *Server) Finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.o.Now(), true)
}

func (s *Server) advance(now time.Time, force bool) {
	var open []func(time.Time, bool) bool
	for _, end := range s.pending {
		if !end(now, force) {
			open = append(open, end)
		}
	}
	s.pending = open
}

// Credit pays centimes into the account, or takes them out when negative.
func (s *Server) Credit(centimes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book("DEPOSIT", "", centimes, s.o.Now())
}

// Charge takes centimes for an order that no list names, as a mistake in the supplier's own books would.
func (s *Server) Charge(object string, centimes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book("ORDER", object, -centimes, s.o.Now())
}

// Sold lists what was sold, oldest first within its kind; purchases that end refunded are not in it.
func (s *Server) Sold() []Sold {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Sold{}
	for _, o := range s.orders {
		if len(o.cards) == 0 {
			continue
		}
		one := Sold{Kind: "gift", Handle: o.id, SKU: o.product + "/" + o.kind, Quantity: o.quantity, Charged: o.price * int64(len(o.cards))}
		for _, c := range o.cards {
			one.Codes, one.Serials = append(one.Codes, c.Value), append(one.Serials, c.Serial)
		}
		list = append(list, one)
	}
	for _, t := range s.topups {
		if !t.refunded {
			list = append(list, Sold{
				Kind: "internet", Handle: t.id, Ref: t.given, SKU: t.kind + ":" + plain(t.value), Account: t.number, Quantity: 1,
				Codes: []string{t.code}, Charged: t.cost,
			})
		}
	}
	return list
}

// Ledger lists the account's transactions, oldest first.
func (s *Server) Ledger() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Entry{}, s.ledger...)
}

// State tells the account's truth in short.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{
		Balance: s.balance, Orders: len(s.orders), Topups: len(s.topups), Pending: len(s.pending),
		Faults: append([]Trouble{}, s.faults...), Style: s.style,
	}
}

// showBalance is the account's balance on the wire.
func (s *Server) showBalance(call) answer {
	return answer{data: object{{"balance", s.dinars(s.balance)}}}
}

// transactions shows the account's movements, newest first. Sandbox keys see none: they move no money.
func (s *Server) transactions(c call) answer {
	q, no := readQuery(c.Request)
	if no != nil {
		return answer{problem: no}
	}
	items := []any{}
	for i := len(s.ledger) - 1; i >= 0 && !c.key.play(); i-- {
		e := s.ledger[i]
		if !q.has(e.Time) {
			continue
		}
		operation, sum := "INCREMENT", e.Amount
		if sum < 0 {
			operation, sum = "DECREMENT", -sum
		}
		items = append(items, object{
			{"_id", e.ID}, {"type", e.Type}, {"operation", operation}, {"amount", s.dinars(sum)}, {"oldBalance", s.dinars(e.Old)},
			{"newBalance", s.dinars(e.New)}, {"objid", e.Object}, {"note", ""}, {"time", stamp(e.Time)},
		})
	}
	return paged(q, "items", items)
}
