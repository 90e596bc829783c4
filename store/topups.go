package store

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// TopUpState is where a request to fill a wallet stands.
type TopUpState string

// The states of a request. Asked leads to sent or expired, sent to claimed, claimed to credited or refused; a refused one may be taken
// up again, and a credit may be reversed.
const (
	TopUpAsked    TopUpState = "asked"    // an account was shown
	TopUpSent     TopUpState = "sent"     // the person says that it is paid
	TopUpClaimed  TopUpState = "claimed"  // an admin looks at it
	TopUpCredited TopUpState = "credited" // the wallet has it
	TopUpRefused  TopUpState = "refused"
	TopUpExpired  TopUpState = "expired" // nothing was sent in time, or the person gave it up
	TopUpReversed TopUpState = "reversed"
)

// The queues of top-ups.
const (
	DueTopUp DueKind = "topup" // requests with news for their person and the admins
	DueTimes DueKind = "times" // requests that have to be looked at by the clock
	DuePay   DueKind = "pay"   // requests whose page has to be made, or asked about
	DueStars DueKind = "stars" // payments in Stars that go back to who paid
)

// ExternalAccount is the world outside as far as one method of payment reaches it.
func ExternalAccount(method string) string { return External + ":" + method }

// TopUp is a request to fill a wallet.
type TopUp struct {
	ID       string
	User     int64
	Account  string // the wallet
	Method   string
	Payee    string // the account that was shown, in the method's own words
	Day      string // of asking: the ceiling it counts for
	Asked    int64  // minor units
	Received int64  // minor units; 0 before it is credited
	State    TopUpState
	Number   string // the operator's transaction number
	Picture  Picture
	Alone    bool       // sent without a picture
	Seen     string     // the request that had the same picture before; empty for none
	Admin    int64      // who took it
	Note     string     // why it was refused, expired or reversed
	Told     TopUpState // what its person was told last by a message
	Auto     bool       // a machine sees its payment
	URL      string     // the page where it is paid; empty for none
	Page     int        // the message that leads its person there; 0 for none

	Created, Till, SentAt, ClaimedAt, Ended time.Time
	Posts                                   map[int64]int // by admin: the message with the receipt
}

// Picture is an image that lies at Telegram.
type Picture struct {
	File     string // Telegram's id, good for this bot only
	Unique   string // the same for every copy of the file, whoever sent it
	Document bool   // it was sent as a file
}

// NewTopUp is a request as it begins.
type NewTopUp struct {
	ID, Account, Method, Day string
	User                     int64
	Amount                   int64 // minor units
	Life                     time.Duration
	Open                     int64   // how many requests a person may have open
	Number, Picture          bool    // what the person has to send
	Auto                     DueKind // the work it begins with, where a machine sees the payment
	Payees                   []Payee // in the order in which they are tried
	Event                    Event
}

// Payee is an account that money may be sent to.
type Payee struct {
	Name    string
	Ceiling int64 // what it may be promised in one day, minor units; 0 for no limit
}

// AskTopUp begins a request once. It returns ErrConflict for an id that was used otherwise, ErrMany and ErrFull.
func (s *Store) AskTopUp(ctx context.Context, n NewTopUp) (TopUp, error) {
	args := []any{n.ID, n.User, n.Account, n.Method, n.Amount, n.Day, n.Life.Milliseconds(), n.Open, n.Event.pack(), flag(n.Number), flag(n.Picture),
		flag(n.Auto != "")}
	for _, p := range n.Payees {
		args = append(args, p.Name, p.Ceiling)
	}
	k := s.keys
	word, _, err := s.word(ctx, "ask_topup", []string{k.topup(n.ID), k.topups(n.User), k.topupsOpen(n.User), k.promised(n.Day),
		k.due(DueTimes), k.events(), k.seq(), k.orderEvents(n.Event.Order), k.personEvents(n.Event.Person), k.due(cmp.Or(n.Auto, DuePay))}, args...)
	if err != nil {
		return TopUp{}, err
	}
	if word != "asked" && word != "exists" {
		return TopUp{}, refusal(word)
	}
	return s.TopUp(ctx, n.ID)
}

// Proof is what a person sends about a payment. Empty fields keep what was sent before.
type Proof struct {
	ID      string
	User    int64
	Method  string
	Number  string
	Picture Picture
	Alone   bool // there is no picture, or nothing but the person's word is needed
	Event   Event
}

// ProveTopUp takes a proof and tells whether the request is sent with it. It returns ErrNotFound also for another's request, ErrEdge
// for one that waits for no proof, and ErrTaken for a number of another request.
func (s *Store) ProveTopUp(ctx context.Context, p Proof) (bool, error) {
	k := s.keys
	word, _, err := s.word(ctx, "prove_topup", append([]string{k.topup(p.ID), k.topupNumbers(p.Method), k.pictures(), k.topupQueue()},
		s.topupTail(p.Event)...), p.ID, p.User, p.Number, p.Picture.File, p.Picture.Unique, flag(p.Picture.Document), flag(p.Alone), p.Event.pack())
	if err != nil {
		return false, err
	}
	if word != "sent" && word != "kept" {
		return false, refusal(word)
	}
	return word == "sent", nil
}

// TopUpStep is a step that moves no money.
type TopUpStep struct {
	To    TopUpState // claimed, refused, expired, or sent where a machine saw what a person has to look at
	Admin int64
	From  int64 // with claimed: the admin it is taken over from; 0 for nobody
	Note  string
	Event Event
}

// StepTopUp takes a step of a request. It tells whether that changed anything, and returns ErrNotFound and ErrEdge.
func (s *Store) StepTopUp(ctx context.Context, t TopUp, step TopUpStep) (bool, error) {
	k := s.keys
	former := "-"
	if step.From != 0 {
		former = strconv.FormatInt(step.From, 10)
	}
	word, _, err := s.word(ctx, "step_topup", append([]string{k.topup(t.ID), k.topupsOpen(t.User), k.promised(t.Day), k.topupQueue()},
		s.topupTail(step.Event)...), t.ID, string(step.To), step.Admin, former, note(step.Note), step.Event.pack())
	return changed(word, err)
}

// TopUpSettlement is the money of a request.
type TopUpSettlement struct {
	To     TopUpState // credited or reversed
	Amount int64      // received, minor units; unused when a credit is reversed
	Admin  int64      // 0: a machine saw the payment
	Note   string
	Event  Event // its amount is filled in
}

// Settled is what became of the money of a request.
type Settled struct {
	Fresh   bool  // false: it was done before
	Balance int64 // afterwards
	Amount  int64 // what was moved
}

// SettleTopUp books the money of a request once. It returns ErrNotFound and ErrEdge.
func (s *Store) SettleTopUp(ctx context.Context, t TopUp, st TopUpSettlement) (Settled, error) {
	if st.To == TopUpCredited && (st.Amount <= 0 || st.Amount > largest) {
		return Settled{}, fmt.Errorf("settle top-up: %d is out of range", st.Amount)
	}
	k := s.keys
	word, rest, err := s.word(ctx, "settle_topup", append([]string{k.topup(t.ID), k.wallets(), k.ledger(), k.statement(t.Account),
		k.topupsOpen(t.User), k.promised(t.Day), k.topupQueue()}, append(s.topupTail(st.Event), k.due(DueStars))...),
		t.ID, string(st.To), t.Account, st.Amount, st.Admin, note(st.Note), st.Event.pack())
	if err != nil {
		return Settled{}, err
	}
	if word != "ok" && word != "exists" {
		return Settled{}, refusal(word)
	}
	return Settled{Fresh: word == "ok", Balance: number(rest[0]), Amount: number(rest[1])}, nil
}

// topupTail are the keys that every step of a request ends with: its queues, and where its event goes.
func (s *Store) topupTail(e Event) []string {
	k := s.keys
	return []string{k.due(DueTopUp), k.leases(DueTopUp), k.due(DueTimes), k.leases(DueTimes), k.events(), k.seq(), k.orderEvents(e.Order),
		k.personEvents(e.Person)}
}

// TopUp reads a request. It returns ErrNotFound.
func (s *Store) TopUp(ctx context.Context, id string) (TopUp, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.topup(id)).Result()
	if err != nil {
		return TopUp{}, fmt.Errorf("read top-up: %w", err)
	}
	if m["buyer"] == "" {
		return TopUp{}, ErrNotFound
	}
	t := TopUp{
		ID: id, User: number(m["buyer"]), Account: m["acct"], Method: m["method"], Payee: m["payee"], Day: m["day"], Asked: number(m["amount"]),
		Received: number(m["got"]), State: TopUpState(m["st"]), Number: m["num"], Picture: Picture{File: m["pic"], Document: m["pic.doc"] == "1"},
		Alone: m["alone"] == "1", Seen: m["seen"], Admin: number(m["by"]), Note: m["note"], Told: TopUpState(m["told"]), Auto: m["auto"] == "1", URL: m["url"], Page: int(number(m["page"])),
		Created: moment(m["at"]), Till: moment(m["till"]),
		SentAt: moment(m["sent"]), ClaimedAt: moment(m["claimed"]), Ended: moment(m["ended"]), Posts: map[int64]int{},
	}
	for field, value := range m {
		if admin, ok := strings.CutPrefix(field, "m."); ok {
			t.Posts[number(admin)] = int(number(value))
		}
	}
	return t, nil
}

// SetTopUpPost remembers which message brought a request to an admin.
func (s *Store) SetTopUpPost(ctx context.Context, id string, admin int64, message int) error {
	return s.markTopUp(ctx, id, "m."+strconv.FormatInt(admin, 10), strconv.Itoa(message))
}

// SetTopUpTold remembers what the person was told.
func (s *Store) SetTopUpTold(ctx context.Context, id string, state TopUpState) error {
	return s.markTopUp(ctx, id, "told", string(state))
}

// SetTopUpPage remembers which message leads the person to the page of the payment.
func (s *Store) SetTopUpPage(ctx context.Context, id string, message int) error {
	return s.markTopUp(ctx, id, "page", strconv.Itoa(message))
}

func (s *Store) markTopUp(ctx context.Context, id, field, value string) error {
	word, _, err := s.word(ctx, "mark", []string{s.keys.topup(id)}, field, value, "0")
	if err != nil {
		return err
	}
	if word != "ok" {
		return refusal(word)
	}
	return nil
}

// TopUpsOf reads a person's last n requests, newest first.
func (s *Store) TopUpsOf(ctx context.Context, user int64, n int) ([]TopUp, error) {
	ids, err := s.rdb.LRange(ctx, s.keys.topups(user), 0, int64(n-1)).Result()
	if err != nil {
		return nil, fmt.Errorf("list top-ups: %w", err)
	}
	return s.topups(ctx, ids)
}

// WaitingTopUps reads the requests that wait for an admin, oldest first, from page 0. The second result tells whether there are more.
func (s *Store) WaitingTopUps(ctx context.Context, page, size int) ([]TopUp, bool, error) {
	ids, err := s.rdb.ZRange(ctx, s.keys.topupQueue(), int64(page*size), int64(page*size+size)).Result()
	if err != nil {
		return nil, false, fmt.Errorf("list top-ups: %w", err)
	}
	more := len(ids) > size
	list, err := s.topups(ctx, ids[:min(len(ids), size)])
	return list, more, err
}

func (s *Store) topups(ctx context.Context, ids []string) ([]TopUp, error) {
	list := make([]TopUp, 0, len(ids))
	for _, id := range ids {
		t, err := s.TopUp(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
