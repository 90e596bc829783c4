// Package checkout is the life of an order: prices, purchase, placement, settlement, reveal and the duties that pick up whatever
// a crash left between two steps. It speaks no words and knows no chats.
package checkout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"cardrop/providers"
	"cardrop/store"
)

// Options configure a Shop. Every field without a default is required.
type Options struct {
	Store     *store.Store
	Suppliers []providers.Provider
	Ring      *Ring
	Witness   witness   // keeps the record's head outside of Redis; nil for none
	Archive   archive   // keeps old segments of the record; nil for none
	Channels  []Channel // the first is the default way to deliver

	Currency  string              // of the wallets, ISO 4217
	Markup    *big.Rat            // percent over cost
	PriceStep int64               // prices round up to this many whole units, at least 1
	Rates     map[string]*big.Rat // whole units of Currency for one whole unit of a supplier's currency

	RevealTTL    time.Duration // life of a token
	MessageTTL   time.Duration // life of codes on screen
	InternetTTL  time.Duration // the same for internet cards, which are dialed from another telephone
	FileTTL      time.Duration // life of a file with codes
	RevealLimit  int           // showings of one order's cards
	Retention    time.Duration // of sealed cards after their first showing
	RecordKept   time.Duration // how long entries of the record stay in Redis; 0 for ever
	Unopened     time.Duration // how long cards wait unopened until a person is asked; a year
	BreakerRest  time.Duration // until a call is tried again that failed too often; 30 s
	PriceHolds   time.Duration // how long a confirmed price holds; 3 minutes
	OpenEvery    time.Duration // pace at which a refresh opens families; 1 s
	MostOpen     int           // orders of one buyer that may be open at once; 5 when 0
	SharedLedger bool          // another program buys with the accounts of suppliers without references

	Payments []PaymentMethod // how wallets are filled, in the order in which they are offered
	Stars    starBank        // Telegram, as far as it holds our Stars; nil for none
	TopUpMin int64           // least of one top-up, minor units
	TopUpMax int64           // most of one; 0 for no limit
	Hours    Hours           // when somebody looks at top-ups
	Dangers  *Dangers        // what one person does not do alone; nil for nothing
	Zone     *time.Location  // of the days that ceilings and limits count, and of quiet hours; UTC when nil

	ReportWithin time.Duration // how long after its first showing a report of a card is in time; 72 h when 0

	Now    func() time.Time
	Rand   func([]byte)                                  // fills with randomness; crypto/rand outside tests
	Alarm  func(ctx context.Context, kind, about string) // tells the operators; no secrets
	Meter  meter                                         // counts what the shop does; nil for nobody
	Logger *slog.Logger
}

// Shop is the one road of purchases, refunds and reveals. It is safe for concurrent use.
type Shop struct {
	o         Options
	suppliers map[string]providers.Provider
	channels  map[string]Channel
	window    *window
	jobs      chan errand
	sweeps    chan struct{}
	news      chan struct{}
	flight    singleflight.Group
	tariff    atomic.Pointer[tariff] // rules of prices and rates as they were read last
	arranged  atomic.Pointer[arrangement]
	arranging sync.Mutex // one reading of it at a time

	indexed    atomic.Bool  // placements of before are in the index of rivals
	watching   sync.Mutex   // one look at Redis at a time in this process
	refreshing sync.Mutex   // one refresh of the catalog at a time in this process
	walk       rotation     // only Rotate reads and writes it, one call at a time
	idle       atomic.Int64 // when nothing of the record was old enough to be archived, ms
	removing   sweeping
	books      daybook
	breakers   breakers
	calls      callCounts

	mu     sync.Mutex
	queued map[store.PlacementID]bool // placements that wait for a worker of this process
	named  map[int64]string           // pseudonyms whose map entry is known to exist
	fence  int64                      // highest number of a claim that Redis gave out to this process

	pointed   Checkpoint          // the last one this process made
	verifying *verifying          // a check of the whole record that runs
	unsure    map[string]doubtful // suppliers whose lists are to be compared first
	run       string              // the Redis that was looked at last; empty while nobody watches
	wasBack   bool                // Redis had gone back when it was looked at last
	backTo    time.Time           // to when it went back; zero when it did not
}

// New checks the options. It returns an error that names what is missing.
func New(o Options) (*Shop, error) {
	switch {
	case o.Store == nil || o.Ring == nil:
		return nil, errors.New("shop needs a store and a ring")
	case len(o.Channels) == 0:
		return nil, errors.New("shop needs a delivery channel")
	case o.Currency == "" || o.Markup == nil || o.PriceStep < 1:
		return nil, errors.New("shop needs a currency, a markup and a price step")
	case o.RevealLimit < 1 || o.MessageTTL <= 0 || o.RevealTTL <= 0 || o.FileTTL <= 0 || o.Retention <= 0:
		return nil, errors.New("shop needs lives of tokens, messages, files and cards")
	case o.Now == nil || o.Rand == nil || o.Alarm == nil || o.Logger == nil:
		return nil, errors.New("shop needs a clock, randomness, an alarm and a logger")
	}
	if o.Meter == nil {
		o.Meter = unmetered{}
	}
	if o.PriceHolds == 0 {
		o.PriceHolds = 3 * time.Minute
	}
	if o.MostOpen == 0 {
		o.MostOpen = mostOpen
	}
	if o.OpenEvery == 0 {
		o.OpenEvery = time.Second
	}
	if o.InternetTTL == 0 {
		o.InternetTTL = max(5*time.Minute, o.MessageTTL)
	}
	s := &Shop{
		o: o, suppliers: map[string]providers.Provider{}, channels: map[string]Channel{},
		jobs: make(chan errand, 1024), sweeps: make(chan struct{}, 1), news: make(chan struct{}, 1),
		named: map[int64]string{}, queued: map[store.PlacementID]bool{},
		unsure: map[string]doubtful{},
	}
	for _, p := range o.Suppliers {
		if s.suppliers[p.Name()] != nil {
			return nil, fmt.Errorf("two suppliers are named %s", p.Name())
		}
		s.suppliers[p.Name()] = p
	}
	for _, c := range o.Channels {
		s.channels[c.Name()] = c
	}
	s.window = newWindow()
	s.breakers.rest = cmp.Or(o.BreakerRest, breakerRest)
	return s, nil
}

// News receives a value whenever there may be something to tell a buyer, so that nobody waits for a tick.
func (s *Shop) News() <-chan struct{} { return s.news }

// Sweeps receives a value whenever a code message may be due for removal before the next tick.
func (s *Shop) Sweeps() <-chan struct{} { return s.sweeps }

// nudge wakes a listener without waiting for it.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// NewOrderID mints an id of 8 characters that can be read aloud: no 0, O, 1 or I.
func (s *Shop) NewOrderID() string {
	raw := make([]byte, orderIDSize)
	s.o.Rand(raw)
	for i := range raw {
		raw[i] = orderLetters[raw[i]&31]
	}
	return string(raw)
}

// How an order's id is written.
const (
	orderLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ" // 32: five bits each
	orderIDSize  = 8
)

// isOrderID tells whether a text can be an order's id at all.
func isOrderID(text string) bool {
	return len(text) == orderIDSize && strings.Trim(text, orderLetters) == ""
}

// alarm tells the operators and the log, with a context of its own: the cause may be that ours has ended.
func (s *Shop) alarm(ctx context.Context, kind, about string) {
	s.o.Logger.ErrorContext(ctx, "alarm", "kind", kind, "about", about)
	s.o.Alarm(context.WithoutCancel(ctx), kind, about)
}
