package checkout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cardrop/store"
)

// How requests to fill a wallet are bounded and watched.
const (
	topupsOpen   = 3                // requests a person may have open
	topupAlarm   = 30 * time.Minute // after which one that waits alarms, while somebody answers
	topupIDSize  = 6
	topupLease   = 30 * time.Second
	topupBatch   = 50
	mostReceived = 1_000_000_000_00 // minor units: keeps sums far below what numbers in Redis may hold
)

// What keeps a request from going on. No money moved.
var (
	// ErrNoMethod is a method that this shop does not take now.
	ErrNoMethod = errors.New("method of payment is not available")
	// ErrTopUps means that a person has as many requests open as allowed.
	ErrTopUps = errors.New("too many top-ups are open")
	// ErrCeiling means that no account of the method may be promised as much today.
	ErrCeiling = errors.New("accounts have reached their ceiling of the day")
	// ErrNumberTaken is an operator's number that another request has.
	ErrNumberTaken = errors.New("transaction number belongs to another top-up")
)

// AmountError is an amount outside of what one request may be over.
type AmountError struct {
	Least int64 // minor units
	Most  int64 // minor units; 0 for no limit
	Whole bool  // within the limits, but not a number of whole units, which the method needs
}

// Error tells the limits.
func (e *AmountError) Error() string { return fmt.Sprintf("amount must be %d to %d", e.Least, e.Most) }

// TopUpStateError is a step that a request does not allow where it stands.
type TopUpStateError struct {
	TopUp store.TopUp
}

// Error tells the state.
func (e *TopUpStateError) Error() string { return "top-up is " + string(e.TopUp.State) }

// Methods lists the methods of payment that are on.
func (s *Shop) Methods() []PaymentMethod {
	if s.starRate() != nil {
		return s.o.Payments
	}
	return slices.DeleteFunc(slices.Clone(s.o.Payments), func(m PaymentMethod) bool { return m.Name() == MethodStars })
}

// Method finds one by name. It returns ErrNoMethod.
func (s *Shop) Method(name string) (PaymentMethod, error) {
	for _, m := range s.Methods() {
		if m.Name() == name {
			return m, nil
		}
	}
	return nil, ErrNoMethod
}

// Hours are when somebody looks at requests.
func (s *Shop) Hours() Hours { return s.o.Hours }

// TopUpLimits are the least and the most of one request by a method, in minor units; most is 0 for no limit.
func (s *Shop) TopUpLimits(m PaymentMethod) (least, most int64) {
	least, most = m.Limits()
	least = max(least, s.o.TopUpMin)
	if own := s.o.TopUpMax; own > 0 && (most == 0 || own < most) {
		most = own
	}
	if m.Name() == MethodStars {
		if own := s.starsWorth(mostStars); most == 0 || own < most {
			most = own
		}
	}
	return least, most
}

// NewTopUpID mints a request's reference of 6 characters that can be read aloud.
func (s *Shop) NewTopUpID() string { return s.NewOrderID()[:topupIDSize] }

// CheckTopUp tells whether a request over this amount may begin. It returns ErrNoMethod and *AmountError.
func (s *Shop) CheckTopUp(method string, amount int64) error {
	m, err := s.Method(method)
	if err != nil {
		return err
	}
	if least, most := s.TopUpLimits(m); amount < least || most > 0 && amount > most || amount > mostReceived {
		return &AmountError{Least: least, Most: most}
	} else if p, ok := m.(*PayPage); ok && amount%p.step != 0 {
		return &AmountError{Least: least, Most: most, Whole: true}
	}
	return nil
}

// AskTopUp begins a request once for each id, and shows it an account. It returns the errors of CheckTopUp, ErrTopUps, ErrCeiling,
// and ErrConflict for an id that was used otherwise.
func (s *Shop) AskTopUp(ctx context.Context, user int64, id, method string, amount int64) (store.TopUp, error) {
	if err := s.CheckTopUp(method, amount); err != nil {
		return store.TopUp{}, err
	}
	m, err := s.Method(method)
	if err != nil {
		return store.TopUp{}, err
	}
	person, err := s.person(ctx, user)
	if err != nil {
		return store.TopUp{}, err
	}
	n := store.NewTopUp{ID: id, User: user, Account: store.CustomerAccount(user), Method: method, Amount: amount, Life: m.Life(),
		Open: topupsOpen, Number: m.Proof().Number, Picture: m.Proof().Picture, Auto: begins(m), Day: s.o.Now().In(s.zone()).Format("20060102"),
		Event: store.Event{Kind: EventTopUpAsked, Person: person, Actor: person,
			Data: map[string]string{"topup": id, "method": method, "amount": itoa(amount)}}}
	n.Payees = s.payees(m, amount)
	t, err := s.o.Store.AskTopUp(ctx, n)
	switch {
	case errors.Is(err, store.ErrMany):
		return t, ErrTopUps
	case errors.Is(err, store.ErrFull):
		return t, ErrCeiling
	case errors.Is(err, store.ErrConflict):
		return t, ErrConflict
	}
	return t, err
}

func (s *Shop) zone() *time.Location {
	if s.o.Zone == nil {
		return time.UTC
	}
	return s.o.Zone
}

// TopUp reads a request for its person, or for an admin with user 0. It returns ErrNotFound also when it is another's.
func (s *Shop) TopUp(ctx context.Context, id string, user int64) (store.TopUp, error) {
	t, err := s.o.Store.TopUp(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && user != 0 && t.User != user {
		return store.TopUp{}, ErrNotFound
	}
	return t, err
}

// TopUps reads a person's last requests, newest first.
func (s *Shop) TopUps(ctx context.Context, user int64) ([]store.TopUp, error) {
	return s.o.Store.TopUpsOf(ctx, user, 10)
}

// WaitingTopUps reads a page of the requests that wait for an admin, oldest first. The second result tells whether there are more.
func (s *Shop) WaitingTopUps(ctx context.Context, page, size int) ([]store.TopUp, bool, error) {
	return s.o.Store.WaitingTopUps(ctx, page, size)
}

// Evidence is what a person sends about a payment; empty fields keep what was sent before.
type Evidence struct {
	Number  string        // the operator's transaction number
	Picture store.Picture // of the receipt
	Alone   bool          // there is no picture, or the person's word is all
}

// ProveTopUp takes evidence and tells whether the request went to the admins with it. It returns ErrNotFound, ErrNumberTaken, and
// *TopUpStateError for a request that waits for none.
func (s *Shop) ProveTopUp(ctx context.Context, user int64, id string, e Evidence) (bool, error) {
	t, err := s.TopUp(ctx, id, user)
	if err != nil {
		return false, err
	}
	person, err := s.person(ctx, user)
	if err != nil {
		return false, err
	}
	sent, err := s.o.Store.ProveTopUp(ctx, store.Proof{ID: id, User: user, Method: t.Method, Number: e.Number, Picture: e.Picture,
		Alone: e.Alone, Event: s.aboutTopUp(EventTopUpSent, t, person, nil)})
	switch {
	case errors.Is(err, store.ErrTaken):
		return false, ErrNumberTaken
	case err != nil:
		return false, s.topupState(ctx, t, err)
	}
	if sent {
		nudge(s.news)
	}
	return sent, nil
}

// aboutTopUp is an event about a request.
func (s *Shop) aboutTopUp(kind string, t store.TopUp, actor string, data map[string]string) store.Event {
	all := map[string]string{"topup": t.ID}
	maps.Copy(all, data)
	return store.Event{Kind: kind, Person: s.o.Ring.Pseudonym(t.User), Actor: actor, Data: all}
}

// topupState turns a step that is not allowed into where the request stands now.
func (s *Shop) topupState(ctx context.Context, t store.TopUp, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return ErrNotFound
	case !errors.Is(err, store.ErrEdge):
		return err
	}
	now, err := s.TopUp(ctx, t.ID, 0)
	if err != nil {
		return err
	}
	return &TopUpStateError{TopUp: now}
}
