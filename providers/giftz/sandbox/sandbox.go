// Package sandbox is a stand-in for GiftZ's server: an http.Handler that speaks the real wire format of
// get-available-vouchers and buy-voucher and keeps its own truth: stock, balance, purchases and a ledger of charges.
//
// It fails on request (Fault, or POST /_control/faults), speaks every documented spelling (Speak), and knows the triggers of the
// supplier's own sandbox. It imports nothing of the client, so that the two check each other.
package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// DefaultBalance is the balance a Server starts with, in đồng.
const DefaultBalance = 100_000_000

// maxRequest is the longest request read, in bytes.
const maxRequest = 1 << 20

// Options configure a Server. The zero value of Vouchers and Balance has a default.
type Options struct {
	UserName  string
	SecureKey string // of the checksum
	Password  string // of the vouchers' encryption
	Now       func() time.Time
	Vouchers  []Voucher // DefaultVouchers when nil
	Balance   int64     // in đồng; DefaultBalance when zero
}

// Server is the simulator. It is safe for concurrent use.
type Server struct {
	o   Options
	mux *http.ServeMux

	mu      sync.Mutex
	style   Style
	lines   []*line
	balance int64
	trades  map[string]*trade // by trans_id
	order   []*trade          // in the order they were begun
	ledger  []Entry
	faults  []Trouble
	hostile int // hostile answers given so far; each has another shape
	calls   []Heard
}

// Style says which of the documented spellings the answers use. The zero value is the production documentation's.
type Style struct {
	SandboxNames   bool `json:"sandbox_names"`   // custom_fields/secure_fields as arrays; public_info/subscription_data in code 102
	CustomObject   bool `json:"custom_object"`   // custom_data as an object instead of a text
	TextCodes      bool `json:"text_codes"`      // every code as a text
	NumberCodes    bool `json:"number_codes"`    // every code as a number
	ErrorStatus    int  `json:"error_status"`    // HTTP status of answers under errors; 200 when zero
	RememberRefuse bool `json:"remember_refuse"` // a refused trans_id is remembered and then gives 102 without vouchers
}

// Heard is one request the server read, for tests of what was sent and when.
type Heard struct {
	Path    string    `json:"path"`
	TransID string    `json:"trans_id,omitempty"`
	Time    int64     `json:"time"` // as the request says
	At      time.Time `json:"at"`
}

// New makes a Server with stock and balance.
func New(o Options) *Server {
	if o.Vouchers == nil {
		o.Vouchers = DefaultVouchers()
	}
	if o.Balance == 0 {
		o.Balance = DefaultBalance
	}
	s := &Server{o: o, mux: http.NewServeMux(), balance: o.Balance, trades: map[string]*trade{}}
	for _, v := range o.Vouchers {
		s.lines = append(s.lines, &line{Voucher: v})
	}
	s.book("credit", "opening", o.Balance)
	s.control()
	return s
}

// Speak changes the spellings of the answers.
func (s *Server) Speak(style Style) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.style = style
}

// Calls lists the requests read so far, oldest first.
func (s *Server) Calls() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Heard(nil), s.calls...)
}

// ServeHTTP answers the two calls of the supplier, under any prefix, and the control calls under /_control/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/_control/"):
		s.mux.ServeHTTP(w, r)
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/get-available-vouchers"):
		s.serve(w, r, "get-available-vouchers", s.available)
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/buy-voucher"):
		s.serve(w, r, "buy-voucher", s.buy)
	default:
		http.NotFound(w, r)
	}
}

// request is the union of both calls' bodies.
type request struct {
	UserName  string `json:"user_name"`
	TransID   string `json:"trans_id"`
	VoucherID string `json:"voucher_id"`
	Time      int64  `json:"time"`
	Quantity  int    `json:"quantity"`
	Checksum  string `json:"checksum"`
}

// call is one request on its way through the server.
type call struct {
	request
	leave   <-chan struct{} // closed when the client has left
	trouble Trouble         // the fault it meets; the zero value for none
}

// serve reads one request, lets it meet its fault, and writes the answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string, answer func(call) body) {
	trouble := s.next(path)
	if trouble.Fault == Down {
		cut(w)
		return
	}
	c := call{leave: r.Context().Done(), trouble: trouble}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil || json.Unmarshal(raw, &c.request) != nil {
		s.write(w, refusal(codeInvalid), Trouble{})
		return
	}
	s.hear(path, c.request)
	switch trouble.Fault {
	case LostBefore:
		cut(w)
	case HTML502:
		page(w, http.StatusBadGateway, "502 Bad Gateway")
	case TooMany:
		w.Header().Set("Retry-After", "7")
		page(w, http.StatusTooManyRequests, "429 Too Many Requests")
	case Blocked:
		s.write(w, refusal(codeAddress), Trouble{})
	case Invalid:
		s.write(w, refusal(codeInvalid), Trouble{})
	case OutOfStock:
		s.write(w, refusal(codeNone), Trouble{})
	case OutOfFunds:
		s.write(w, refusal(codeFunds), Trouble{})
	default:
		s.write(w, answer(c), trouble)
	}
}

func (s *Server) hear(path string, r request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Heard{Path: path, TransID: r.TransID, Time: r.Time, At: s.o.Now()})
}
