package sandbox

import (
	"time"
)

// Entry is one line of the ledger, in đồng: credits are positive, charges negative.
type Entry struct {
	Time   time.Time `json:"time"`
	Kind   string    `json:"kind"` // credit or charge
	Ref    string    `json:"ref"`
	Amount int64     `json:"amount"`
}

// Sold is one purchase the server really made.
type Sold struct {
	TransID   string    `json:"trans_id"`
	VoucherID string    `json:"voucher_id"`
	Quantity  int       `json:"quantity"` // asked for
	Codes     []string  `json:"codes"`    // what a buyer types in, or the link of a voucher without a code
	Secrets   []string  `json:"secrets"`  // codes, serials and links: whatever may be found nowhere else
	Charged   int64     `json:"charged"`  // in đồng
	Time      time.Time `json:"time"`
}

// State is the server's truth at a glance.
type State struct {
	Balance  int64     `json:"balance"`
	Vouchers []Voucher `json:"vouchers"`
	Working  []string  `json:"working"` // trans_ids begun and not finished
	Faults   []Trouble `json:"faults"`
	Style    Style     `json:"style"`
	Calls    int       `json:"calls"`
}

// Sold lists the finished purchases, oldest first.
func (s *Server) Sold() []Sold {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Sold{}
	for _, t := range s.order {
		if t.working {
			continue
		}
		one := Sold{TransID: t.TransID, VoucherID: t.VoucherID, Quantity: t.Quantity, Charged: t.charged, Time: t.at}
		for _, v := range t.sold {
			code, link := v.secure.get("code"), v.secure.get("url")
			if code == "" {
				code = link
			}
			one.Codes = append(one.Codes, code)
			for _, secret := range []string{v.secure.get("code"), link, v.custom.get("serial")} {
				if secret != "" {
					one.Secrets = append(one.Secrets, secret)
				}
			}
		}
		list = append(list, one)
	}
	return list
}

// get is a text under a key; empty when there is none.
func (o object) get(key string) string {
	for _, p := range o {
		if text, ok := p.value.(string); ok && p.key == key {
			return text
		}
	}
	return ""
}

// Finish makes every purchase that was begun final.
func (s *Server) Finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.order {
		s.commit(t)
	}
}

// Ledger lists all entries, oldest first.
func (s *Server) Ledger() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Entry(nil), s.ledger...)
}

// State gives balance, stock, faults and what is under way.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := State{Balance: s.balance, Faults: append([]Trouble{}, s.faults...), Style: s.style, Working: []string{}, Calls: len(s.calls)}
	for _, l := range s.lines {
		st.Vouchers = append(st.Vouchers, l.Voucher)
	}
	for _, t := range s.order {
		if t.working {
			st.Working = append(st.Working, t.TransID)
		}
	}
	return st
}

// SetStock changes the stock of a line; it tells whether there is such a line.
func (s *Server) SetStock(id string, stock int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.find(id)
	if l == nil {
		return false
	}
	l.Stock = stock
	return true
}

// Credit adds to the balance, in đồng; a negative amount takes away.
func (s *Server) Credit(amount int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.balance += amount
	s.book("credit", "control", amount)
}

// book writes an entry; the caller holds the lock.
func (s *Server) book(kind, ref string, amount int64) {
	s.ledger = append(s.ledger, Entry{Time: s.o.Now(), Kind: kind, Ref: ref, Amount: amount})
}
