// Package sandbox is a stand-in for OCPay, the payment links of OneClickDz: an http.Handler that speaks the real wire format under
// /v3/ocpay/ and shows a page under /pay/ where a click pays. It keeps its own truth: links, and what was paid by them. It imports nothing
// of the client, so that the two check each other.
package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Life is how long a link waits for its payment to begin.
const Life = 20 * time.Minute

// The states of a link, as the supplier names them.
const (
	Pending   = "PENDING"
	Confirmed = "CONFIRMED"
	Failed    = "FAILED"
)

// Options configure a Server.
type Options struct {
	Token string // the one access token
	Live  bool   // payments are real ones
	Page  string // the address under which payers reach the server, such as http://127.0.0.1:8686/suppliers/ocpay
	Now   func() time.Time
}

// Server is the simulator. It is safe for concurrent use.
type Server struct {
	o    Options
	mux  *http.ServeMux
	mu   sync.Mutex
	made []*Link
	hits []Trouble
}

// Link is one link as the supplier keeps it.
type Link struct {
	Ref    string    `json:"ref"`
	Title  string    `json:"title"`
	Amount int64     `json:"amount"` // whole dinars
	At     time.Time `json:"at"`
	State  string    `json:"state"`
	Paid   int64     `json:"paid"` // what its payer paid, whole dinars
	PaidAt time.Time `json:"paid_at,omitzero"`
	Test   bool      `json:"test"`            // what was paid was no real money
	Lost   bool      `json:"lost"`            // its answer never left: nobody knows its address
	Asked  int       `json:"asked,omitempty"` // how often the shop asked about it
	From   time.Time `json:"from,omitzero"`   // when what was paid is to be seen
}

// New makes a Server.
func New(o Options) *Server {
	s := &Server{o: o, mux: http.NewServeMux()}
	s.mux.HandleFunc("POST /v3/ocpay/createLink", s.call("createLink", s.createLink))
	s.mux.HandleFunc("GET /v3/ocpay/checkPayment/{ref}", s.call("checkPayment", s.checkPayment))
	s.control()
	s.mux.HandleFunc("GET /pay/{ref}", s.showPage)
	s.mux.HandleFunc("POST /pay/{ref}", s.takePage)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusNotFound, map[string]any{"message": "Cannot find route", "error": "Not Found", "statusCode": 404})
	})
	return s
}

// ServeHTTP answers the supplier's calls and the payers' page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Links lists every link that was made, oldest first.
func (s *Server) Links() []Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Link, 0, len(s.made))
	for _, l := range s.made {
		list = append(list, *l)
	}
	return list
}

// find is the link of a reference; the caller holds the lock.
func (s *Server) find(ref string) *Link {
	for _, l := range s.made {
		if l.Ref == ref {
			return l
		}
	}
	return nil
}

// Pay pays a link as its page does. It tells whether it could be paid: once, and within its life.
func (s *Server) Pay(ref string) bool { return s.pay(ref, Trouble{}) }

// pay pays a link in the way of one more fault.
func (s *Server) pay(ref string, odd Trouble) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, now := s.find(ref), s.o.Now()
	if l == nil || l.State != Pending || l.Paid != 0 || now.Sub(l.At) >= Life {
		return false
	}
	l.Paid, l.PaidAt, l.From, l.Test = l.Amount, now, now, !s.o.Live
	for _, t := range append(s.taken("pay"), odd) {
		switch t.Fault {
		case WrongAmount:
			l.Paid = l.Amount / 2
		case WrongMode:
			l.Test = s.o.Live
		case Late:
			l.From = now.Add(t.For)
		}
	}
	return true
}

// Decline ends a link without a payment, as its payer or the bank does. It tells whether it could still end so.
func (s *Server) Decline(ref string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.find(ref)
	if l == nil || l.State != Pending || l.Paid != 0 {
		return false
	}
	l.State = Failed
	return true
}

// state brings a link up to date; the caller holds the lock. A payment that comes late is confirmed after the link had failed.
func (s *Server) state(l *Link) string {
	now := s.o.Now()
	switch {
	case l.Paid != 0 && !now.Before(l.From):
		l.State = Confirmed
	case l.State == Pending && now.Sub(l.At) >= Life:
		l.State = Failed
	}
	return l.State
}

// createLink makes a link after the documented limits.
func (s *Server) createLink(r *http.Request) (int, any, *Link) {
	var in struct {
		Product struct {
			Title       string      `json:"title"`
			Description string      `json:"description"`
			Amount      json.Number `json:"amount"`
		} `json:"productInfo"`
		Fee      string `json:"feeMode"`
		Success  string `json:"successMessage"`
		Redirect string `json:"redirectUrl"`
	}
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return denied(http.StatusBadRequest, "ERR_VALIDATION")
	}
	amount, err := strconv.ParseInt(in.Product.Amount.String(), 10, 64)
	fee := in.Fee == "" || in.Fee == "NO_FEE" || in.Fee == "SPLIT_FEE" || in.Fee == "CUSTOMER_FEE"
	if n := len([]rune(in.Product.Title)); err != nil || amount < 500 || amount > 500_000 || n < 1 || n > 200 || !fee || len(in.Success) > 500 {
		return denied(http.StatusBadRequest, "ERR_VALIDATION")
	}
	l := &Link{Ref: "OCPL-" + rand.Text()[:6] + "-" + rand.Text()[:4], Title: in.Product.Title, Amount: amount, At: s.o.Now(), State: Pending}
	s.made = append(s.made, l)
	product := map[string]any{"title": l.Title, "amount": amount}
	link := map[string]any{"uid": "m1", "ref": l.Ref, "isSandbox": !s.o.Live, "productInfo": product, "feeMode": "NO_FEE", "time": stamp(l.At)}
	return http.StatusOK, map[string]any{"paymentLink": link, "paymentUrl": strings.TrimRight(s.o.Page, "/") + "/pay/" + l.Ref, "paymentRef": l.Ref}, l
}

// checkPayment tells what became of a link.
func (s *Server) checkPayment(r *http.Request) (int, any, *Link) {
	l := s.find(r.PathValue("ref"))
	if l == nil {
		return denied(http.StatusNotFound, "NOT_FOUND")
	}
	l.Asked++
	data := map[string]any{"status": s.state(l), "message": "Payment is " + strings.ToLower(l.State), "paymentRef": l.Ref}
	if l.State == Confirmed {
		data["transactionDetails"] = map[string]any{"amount": l.Paid, "currency": "DZD", "isSandbox": l.Test, "createdDate": stamp(l.PaidAt)}
	}
	return http.StatusOK, data, nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
