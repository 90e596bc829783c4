package checkout

import (
	"context"
	"errors"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// CreditRequest is money an admin puts into a wallet, or takes out of it.
type CreditRequest struct {
	Admin   int64  // who gives it
	User    int64  // who gets it: a customer, or the id of a group
	Account string // the wallet; empty for the customer's own
	Amount  int64  // minor units; below zero it is taken out
	Kind    string // how it was settled: cash, transfer, correction or gift; empty when nobody said
	Note    string // kept in the ledger, not in the record
	Ref     string // makes it happen once: the same reference credits once
}

// Credit fills a wallet once for each reference, or takes out of it what is there. It returns the balance and whether anything moved;
// ErrConflict for a reference that was used with other content, *ShortError for more than there is, and *DangerError for
// what has to be approved first.
func (s *Shop) Credit(ctx context.Context, r CreditRequest) (int64, bool, error) {
	return s.credit(ctx, r, false)
}

func (s *Shop) credit(ctx context.Context, r CreditRequest, approved bool) (int64, bool, error) {
	if r.Amount == 0 || r.Ref == "" || r.User <= 0 && r.Account == "" {
		return 0, false, errors.New("credit needs a wallet, an amount and a reference")
	}
	if !approved {
		if err := s.debitDanger(r); err != nil {
			return 0, false, err
		}
	}
	admin, err := s.person(ctx, r.Admin)
	if err != nil {
		return 0, false, err
	}
	customer, err := s.person(ctx, r.User)
	if err != nil {
		return 0, false, err
	}
	data := map[string]string{"amount": itoa(max(r.Amount, -r.Amount)), "ref": r.Ref}
	if r.Kind != "" {
		data["settled"] = r.Kind
	}
	account := wallet(r.Account, r.User)
	move := store.Transfer{ID: "credit:" + r.Ref, From: store.External, To: account, Amount: r.Amount, Note: r.Note,
		Event: store.Event{Kind: EventCredited, Person: customer, Actor: admin, Data: data}}
	if r.Amount < 0 {
		move.From, move.To, move.Amount, move.Floor, move.Event.Kind = account, store.External, -r.Amount, new(int64), EventDebited
	}
	moved, err := s.o.Store.Move(ctx, move)
	if short, ok := errors.AsType[*store.ShortError](err); ok {
		return short.Balance, false, &ShortError{Balance: short.Balance, Total: move.Amount}
	}
	if errors.Is(err, store.ErrConflict) {
		return 0, false, ErrConflict
	}
	if err != nil {
		return 0, false, err
	}
	if r.Amount < 0 {
		return moved.From, moved.Fresh, nil
	}
	return moved.To, moved.Fresh, nil
}

// Retry has an order's unfinished placements asked about now. It never buys a second time.
func (s *Shop) Retry(ctx context.Context, order string, admin int64) (store.Order, error) {
	o, err := s.Order(ctx, order, 0)
	if err != nil {
		return store.Order{}, err
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return store.Order{}, err
	}
	if _, err := s.o.Store.Wake(ctx, order, s.event(EventWoken, o, actor, nil)); err != nil {
		return store.Order{}, err
	}
	for _, p := range o.Placements {
		s.enqueue(errand{id: store.PlacementID{Order: order, K: p.K}})
	}
	nudge(s.news)
	return o, nil
}

// Suppliers reads the state of every supplier; balances are asked for live, a few seconds at most.
func (s *Shop) Suppliers(ctx context.Context) ([]Supplier, error) {
	if err := s.view(ctx); err != nil {
		return nil, err
	}
	paused, err := s.o.Store.Paused(ctx)
	if err != nil {
		return nil, err
	}
	doubts, err := s.doubts(ctx)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	var list []Supplier
	for _, p := range s.o.Suppliers {
		v := Supplier{Name: p.Name(), Paused: paused[p.Name()], ReadAt: s.listed(p.Name()), InDoubt: doubts[p.Name()]}
		s.window.mu.RLock()
		v.Families = len(s.window.shelves[p.Name()])
		s.window.mu.RUnlock()
		if b, ok := p.(providers.Balancer); ok {
			if v.Balance, err = timed(limited, s, p.Name(), CallBalance, b.Balance); err != nil {
				v.Err = "the supplier did not answer"
			} else {
				s.has(p.Name(), v.Balance)
			}
		} else {
			v.Err = "the supplier does not tell"
		}
		list = append(list, v)
	}
	return s.reckoned(ctx, list)
}

// doubts counts placements in doubt for each supplier.
func (s *Shop) doubts(ctx context.Context) (map[string]int, error) {
	ids, err := s.o.Store.InDoubtPlacements(ctx)
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, id := range ids {
		o, err := s.o.Store.Order(ctx, id.Order)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		count[asks(o, id.K)]++
	}
	return count, nil
}

// Stuck lists orders that are older than their state should be, oldest first: a minute while being asked or in doubt, ten while pending
// (two days when the supplier announced hours), at once under review.
func (s *Shop) Stuck(ctx context.Context) ([]store.Order, error) {
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return nil, err
	}
	open, err := s.o.Store.OpenSince(ctx, now, 200)
	if err != nil {
		return nil, err
	}
	var stuck []store.Order
	for _, o := range open {
		if now.Sub(o.Created) >= patience(o) {
			stuck = append(stuck, o)
		}
	}
	return stuck, nil
}

func patience(o store.Order) time.Duration {
	switch {
	case o.State == store.Review:
		return 0
	case o.State == store.Pending && o.Slow:
		return 48 * time.Hour
	case o.State == store.Pending:
		return 10 * time.Minute
	default:
		return time.Minute
	}
}

// SwitchBuying stops buying while there is a problem with the shop's memory, and opens it again when there is none.
func (s *Shop) SwitchBuying(ctx context.Context, problem error) error {
	reason := ""
	if problem != nil {
		reason = "memory"
	}
	changed, err := s.o.Store.SwitchBuying(ctx, reason, store.Event{Kind: EventSwitched, Actor: system, Data: map[string]string{"reason": reason}})
	if changed && problem != nil {
		s.alarm(ctx, "buying_stopped", problem.Error())
	}
	return err
}
