package sandbox

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"
)

// trigger before a code in trans_id asks for that answer, as in the supplier's own sandbox.
const trigger = "t198aos7yt1"

// maxQuantity is the most vouchers of one purchase.
const maxQuantity = 10

// trade is one trans_id the server remembers.
type trade struct {
	request
	at      time.Time
	working bool // begun and not finished: a repeat gets 102 without vouchers
	refused bool
	sold    []sold
	charged int64
}

// sold is one voucher that left the stock.
type sold struct {
	custom object
	secure object
}

// buy answers buy-voucher. The same trans_id sells once: a repeat gets what the first call bought.
func (s *Server) buy(c call) body {
	if c.UserName != s.o.UserName || c.TransID == "" || c.Checksum != s.buyChecksum(c.request) {
		return refusal(codeInvalid)
	}
	if c.Quantity < 1 || c.Quantity > maxQuantity {
		return refusal(codeInvalid)
	}
	if code, ok := strings.CutPrefix(c.TransID, trigger); ok {
		return s.triggered(c.request, code)
	}
	t, answer, done := s.begin(c)
	if done {
		return answer
	}
	s.dawdle(c)
	return s.finish(t, c.trouble)
}

// begin looks the trans_id up, checks stock and balance and takes both; done means that the answer is known already.
func (s *Server) begin(c call) (*trade, body, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.trades[c.TransID]; old != nil {
		return nil, s.replay(old, c.trouble), true
	}
	t := &trade{request: c.request, at: s.o.Now(), working: true}
	l := s.find(c.VoucherID)
	n := c.Quantity
	if c.trouble.Fault == PartialFill {
		n--
	}
	switch {
	case l == nil || l.Stock < n:
		return nil, s.refuse(t, codeNone), true
	case s.balance < l.Price*int64(n):
		return nil, s.refuse(t, codeFunds), true
	}
	for i := range n {
		t.sold = append(t.sold, s.mint(l.Voucher, i))
	}
	l.Stock -= n
	t.charged = l.Price * int64(n)
	s.balance -= t.charged
	s.trades[c.TransID] = t
	s.order = append(s.order, t)
	return t, body{}, false
}

// finish makes a trade final and gives its answer.
func (s *Server) finish(t *trade, trouble Trouble) body {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commit(t)
	return s.render(codeSold, "Buy vouchers success", t, trouble)
}

// commit books the charge of a trade once; the caller holds the lock.
func (s *Server) commit(t *trade) {
	if t.working {
		t.working = false
		s.book("charge", t.TransID, -t.charged)
	}
}

// replay answers a trans_id that was used before; the caller holds the lock.
func (s *Server) replay(t *trade, trouble Trouble) body {
	if t.working || t.refused || trouble.Fault == NoVouchers {
		return refusal(codeExisted)
	}
	return s.render(codeExisted, "Transaction ID existed", t, trouble)
}

// refuse gives a refusal and, in the style that remembers it, keeps the trans_id; the caller holds the lock.
func (s *Server) refuse(t *trade, code int) body {
	if s.style.RememberRefuse {
		t.working, t.refused = false, true
		s.trades[t.TransID] = t
	}
	return refusal(code)
}

// dawdle waits before a trade is finished where its fault asks for it.
func (s *Server) dawdle(c call) {
	switch c.trouble.Fault {
	case Timeout:
		<-c.leave
	case Slow:
		wait := time.NewTimer(c.trouble.For)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-c.leave:
		}
	}
}

// triggered answers a trans_id of the supplier's own sandbox; nothing is sold or charged by it.
func (s *Server) triggered(r request, code string) body {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &trade{request: r}
	l := s.find(r.VoucherID)
	if l == nil {
		return refusal(codeNone)
	}
	for i := range r.Quantity {
		t.sold = append(t.sold, s.mint(l.Voucher, i))
	}
	switch n, _ := strconv.Atoi(code); n {
	case codeSold:
		return s.render(codeSold, "Buy vouchers success", t, Trouble{})
	case codeExisted:
		return s.render(codeExisted, "Transaction ID existed", t, Trouble{})
	case codeNone, codeFunds, codeAddress:
		return refusal(n)
	}
	return refusal(codeInvalid)
}

// mint makes one voucher with every field its line announces; codes are random, so that one found anywhere tells whence it
// came.
func (s *Server) mint(v Voucher, i int) sold {
	var m sold
	for _, name := range v.Common {
		m.custom = append(m.custom, pair{name, s.value(name, i)})
	}
	for _, name := range v.Secret {
		m.secure = append(m.secure, pair{name, s.value(name, i)})
	}
	return m
}

func (s *Server) value(name string, i int) string {
	switch name {
	case "code":
		return "GZ-" + rand.Text()
	case "serial":
		return "SN-" + rand.Text()
	case "url":
		return "https://gift.example/r/" + rand.Text()
	case "valid_date", "expire_date":
		return s.o.Now().AddDate(1, 0, 0).Format("2006/01/02")
	}
	return name + "-" + strconv.Itoa(i)
}
