// Package sandbox is a stand-in for OneClickDz's server (Flexy API v3): an http.Handler that speaks the real wire format of gift
// cards, internet cards and the account under /v3/, and keeps its own truth: keys, orders, stock, balance, transactions.
//
// It fails on request (Fault, or POST /_control/faults), speaks every spelling in which the supplier's pages contradict each
// other (Speak), and knows the triggers of the supplier's own sandbox keys. It imports nothing of the client, so that the two
// check each other.
package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// DefaultBalance is the balance a Server starts with, in centimes.
const DefaultBalance = 100_000_000_00

// DefaultDelay is how long an order stays in HANDLING.
const DefaultDelay = 2 * time.Second

// DefaultUser owns the account.
const DefaultUser = "+213500000000"

// Options configure a Server. Every field but Keys and Now has a default.
type Options struct {
	Keys      []Key
	Now       func() time.Time
	User      string         // of the account; DefaultUser when empty
	Catalog   []Category     // DefaultCatalog when nil
	Lines     []InternetLine // DefaultLines when nil
	Balance   int64          // in centimes; DefaultBalance when zero
	Delay     time.Duration  // until an order is final, by Now; DefaultDelay when zero
	PerMinute int            // calls one key may make in a minute; 0 means no limit
}

// Server is the simulator. It is safe for concurrent use.
type Server struct {
	o       Options
	api     *http.ServeMux
	steered *http.ServeMux

	mu       sync.Mutex
	style    Style
	delay    time.Duration
	products []*product
	lines    []*InternetLine
	balance  int64 // of the account; only production-like calls move it
	orders   []*order
	topups   []*topup
	ledger   []Entry
	faults   []Trouble
	hostile  int // hostile answers given so far; each has another shape
	calls    []Heard
	pending  []func(now time.Time, force bool) bool // each makes one purchase final when it is ready; true when done
	doors    map[string]*door
	minute   map[string]window
	serial   int // of the cards of sandbox keys
}

// Style says which of the contradicting spellings the answers use. The zero value is that of the reference pages.
type Style struct {
	HyphenDuplicate bool   `json:"hyphen_duplicate"` // DUPLICATED-REF instead of DUPLICATED_REF
	Topups          bool   `json:"topups"`           // internet/list answers data.topups instead of data.items
	CategoryName    bool   `json:"category_name"`    // a category's name instead of title
	MongoIDs        bool   `json:"mongo_ids"`        // _id instead of productId and id in checkProduct
	BareProducts    bool   `json:"bare_products"`    // internet/products answers data as an array
	PlainRef        bool   `json:"plain_ref"`        // refs are kept as they came, not as API-<user>-<ref>
	StrictRef       bool   `json:"strict_ref"`       // check-ref knows a ref only as it is kept
	NumberText      bool   `json:"number_text"`      // amounts as texts
	StockCode       string `json:"stock_code"`       // code of the out-of-stock error; OUT_OF_STOCK when empty
	StockStatus     int    `json:"stock_status"`     // its HTTP status; 400 when zero
	PhoneStatus     int    `json:"phone_status"`     // HTTP status of ERR_PHONE; 400 when zero
	CardsFromOne    bool   `json:"cards_from_one"`   // sandbox keys number the cards of each order from 1
}

// Heard is one request the server read, for tests of what was sent and when.
type Heard struct {
	Method string    `json:"method"`
	Path   string    `json:"path"` // below /v3, still escaped
	Ref    string    `json:"ref,omitempty"`
	At     time.Time `json:"at"`
}

// New makes a Server with stock and balance.
func New(o Options) *Server {
	if o.User == "" {
		o.User = DefaultUser
	}
	if o.Catalog == nil {
		o.Catalog = DefaultCatalog()
	}
	if o.Lines == nil {
		o.Lines = DefaultLines()
	}
	if o.Balance == 0 {
		o.Balance = DefaultBalance
	}
	if o.Delay == 0 {
		o.Delay = DefaultDelay
	}
	s := &Server{
		o: o, api: http.NewServeMux(), steered: http.NewServeMux(), delay: o.Delay,
		doors: map[string]*door{}, minute: map[string]window{},
	}
	s.book("DEPOSIT", "", o.Balance, o.Now())
	s.stock()
	s.routes()
	s.control()
	return s
}

// Speak changes the spellings of the answers.
func (s *Server) Speak(style Style) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.style = style
}

// SetDelay changes how long coming orders stay in HANDLING.
func (s *Server) SetDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Calls lists the requests read so far, oldest first.
func (s *Server) Calls() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Heard(nil), s.calls...)
}

// ServeHTTP answers the supplier's calls under /v3/ and the control calls under /_control/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_control/") {
		s.steered.ServeHTTP(w, r)
		return
	}
	s.api.ServeHTTP(w, r)
}

// routes lays out the supplier's calls. What is not among them gets the router's own 404, which has no envelope.
func (s *Server) routes() {
	s.handle("GET", "/validate", s.validate)
	s.handle("GET", "/account/balance", s.showBalance)
	s.handle("GET", "/account/transactions", s.transactions)
	s.handle("GET", "/gift-cards/catalog", s.catalog)
	s.handle("GET", "/gift-cards/checkProduct/{id}", s.checkProduct)
	s.handle("POST", "/gift-cards/placeOrder", s.placeOrder)
	s.handle("GET", "/gift-cards/checkOrder/{id}", s.checkOrder)
	s.handle("GET", "/gift-cards/list", s.listOrders)
	s.handle("GET", "/internet/products", s.internetProducts)
	s.handle("GET", "/internet/check-number", s.checkNumber)
	s.handle("POST", "/internet/send", s.send)
	s.handle("GET", "/internet/check-id/{id}", s.checkID)
	s.handle("GET", "/internet/check-ref/{ref}", s.checkRef)
	s.handle("GET", "/internet/list", s.listTopups)
	s.api.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { miss(w) })
}
