package checkout

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// ErrFunds is a recharge that cannot be: its supplier, amount, currency or note does not fit.
var ErrFunds = errors.New("recharge does not fit")

// Deposit is money that an admin paid into our account at a supplier.
type Deposit struct {
	Supplier string          `json:"s"`
	Money    providers.Money `json:"m"`
	Admin    int64           `json:"a"`
	Note     string          `json:"n"`
	At       time.Time       `json:"t"`
	Ref      string          `json:"r"` // makes it happen once
	Matched  bool            `json:"-"` // the supplier shows it, too
}

// estimate is what we had at a supplier when we knew it last, and what had been bought there until then.
type estimate struct {
	Money  providers.Money `json:"m"`
	Bought int64           `json:"b"`
	Paid   int64           `json:"p"` // and recorded as paid in
	At     time.Time       `json:"t"`
}

// Deposit records a recharge, once for each reference: false when it is recorded already. What we reckon to have there grows by it. It
// returns ErrFunds.
func (s *Shop) Deposit(ctx context.Context, d Deposit) (bool, error) {
	d.Note = strings.TrimSpace(d.Note)
	if s.suppliers[d.Supplier] == nil || d.Money.Minor <= 0 || d.Money.Currency != s.CurrencyOf(d.Supplier) || d.Ref == "" ||
		d.Note == "" || len(d.Note) > maxNote || !plain(d.Note) {
		return false, ErrFunds
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return false, err
	}
	actor, err := s.person(ctx, d.Admin)
	if err != nil {
		return false, err
	}
	d.At = now
	all, err := s.o.Store.Deposits(ctx)
	if err != nil || all[d.Ref] != "" {
		return false, err
	}
	text, err := json.Marshal(d)
	if err != nil {
		return false, fmt.Errorf("write recharge: %w", err)
	}
	return s.o.Store.KeepDeposit(ctx, d.Ref, string(text), store.Event{Kind: EventDeposited, Actor: actor, Data: funds(d.Supplier, d.Money)})
}

func funds(supplier string, m providers.Money) map[string]string {
	return map[string]string{"supplier": supplier, "amount": itoa(m.Minor), "currency": m.Currency}
}

// Reckon sets right what we reckon to have at a supplier that does not tell. It returns ErrFunds.
func (s *Shop) Reckon(ctx context.Context, admin int64, supplier string, m providers.Money) error {
	if s.suppliers[supplier] == nil || m.Minor < 0 || m.Currency != s.CurrencyOf(supplier) {
		return ErrFunds
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	return s.reckon(ctx, actor, supplier, m)
}

func (s *Shop) reckon(ctx context.Context, actor, supplier string, m providers.Money) error {
	day, err := s.DayOf(ctx, s.o.Now())
	if err != nil {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	paid, err := s.paidIn(ctx, supplier)
	if err != nil {
		return err
	}
	text, err := json.Marshal(estimate{Money: m, Bought: day.Bought[supplier], Paid: paid, At: now})
	if err != nil {
		return fmt.Errorf("write estimate: %w", err)
	}
	return s.o.Store.KeepEstimate(ctx, supplier, string(text), store.Event{Kind: EventReckoned, Actor: actor, Data: funds(supplier, m)})
}

// lacked corrects what we reckon to have when a supplier says that it is less than what was to be bought.
func (s *Shop) lacked(ctx context.Context, supplier string, wanted providers.Money) {
	if _, tells := s.suppliers[supplier].(providers.Balancer); tells || wanted.IsZero() || wanted.Minor < 1 {
		return
	}
	has, known, err := s.estimated(ctx, supplier)
	if err == nil && known && has.Minor >= wanted.Minor {
		wanted.Minor--
		err = s.reckon(ctx, system, supplier, wanted)
	}
	if err != nil {
		s.o.Logger.WarnContext(ctx, "estimate of a balance was not corrected", "supplier", supplier, "err", err)
	}
}

// estimated is what we reckon to have at a supplier: what we knew last, and what was paid in and bought since; false while nobody has
// said what there is.
func (s *Shop) estimated(ctx context.Context, supplier string) (providers.Money, bool, error) {
	known, err := s.o.Store.Estimates(ctx)
	if err != nil {
		return providers.Money{}, false, err
	}
	e := estimate{Money: providers.Money{Currency: s.CurrencyOf(supplier)}}
	if known[supplier] != "" {
		if err := json.Unmarshal([]byte(known[supplier]), &e); err != nil {
			return providers.Money{}, false, fmt.Errorf("read estimate: %w", err)
		}
	}
	paid, err := s.paidIn(ctx, supplier)
	if err != nil || known[supplier] == "" && paid == 0 {
		return providers.Money{}, false, err
	}
	e.Money.Minor += paid - e.Paid
	day, err := s.DayOf(ctx, s.o.Now())
	if err != nil {
		return providers.Money{}, false, err
	}
	e.Money.Minor -= day.Bought[supplier] - e.Bought
	return e.Money, true, nil
}

// paidIn is what was ever recorded as paid in at a supplier, in minor units of its currency.
func (s *Shop) paidIn(ctx context.Context, supplier string) (sum int64, err error) {
	list, err := s.deposits(ctx, func(d Deposit) bool { return d.Supplier == supplier })
	for _, d := range list {
		sum += d.Money.Minor
	}
	return sum, err
}

// deposits reads recharges that fit, newest first.
func (s *Shop) deposits(ctx context.Context, fits func(Deposit) bool) ([]Deposit, error) {
	texts, err := s.o.Store.Deposits(ctx)
	if err != nil {
		return nil, err
	}
	var list []Deposit
	for _, text := range texts {
		var d Deposit
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return nil, fmt.Errorf("read recharge: %w", err)
		}
		if fits(d) {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Deposit) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Ref, b.Ref)) })
	return list, nil
}

// DepositsOn lists the recharges of a day, newest first.
func (s *Shop) DepositsOn(ctx context.Context, day time.Time) ([]Deposit, error) {
	date := s.dateOf(day)
	return s.deposits(ctx, func(d Deposit) bool { return s.dateOf(d.At) == date })
}

// How far a recharge on record and the supplier's entry of it may be apart.
const depositSpan = 3 * 24 * time.Hour

// Deposits lists the recharges of the last days, newest first, each with whether the supplier shows it, and what the supplier shows and
// nobody recorded. Where the supplier shows nothing, none is matched.
func (s *Shop) Deposits(ctx context.Context, days int) (list []Deposit, unrecorded []Deposit, err error) {
	now := s.o.Now()
	since := now.AddDate(0, 0, -days)
	if list, err = s.deposits(ctx, func(d Deposit) bool { return d.At.After(since) }); err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, p := range s.o.Suppliers {
		shows, ok := p.(providers.Depositor)
		if !ok || seen[shows.Account()] {
			continue
		}
		seen[shows.Account()] = true
		limited, cancel := context.WithTimeout(ctx, askLimit)
		entries, err := shows.Deposits(limited, since.Add(-depositSpan), now.Add(clockSkew))
		cancel()
		if err != nil {
			return list, nil, unavailable(err)
		}
		for _, e := range entries {
			i := slices.IndexFunc(list, func(d Deposit) bool {
				same, ok := s.suppliers[d.Supplier].(providers.Depositor)
				return ok && same.Account() == shows.Account() && !d.Matched && d.Money == e.Amount && d.At.Sub(e.Time).Abs() <= depositSpan
			})
			if i >= 0 {
				list[i].Matched = true
			} else if !e.Time.Before(since) {
				unrecorded = append(unrecorded, Deposit{Supplier: p.Name(), Money: e.Amount, At: e.Time})
			}
		}
	}
	return list, unrecorded, nil
}

// CurrencyOf is the currency a supplier is paid in, as its catalog says; empty for one that was never read.
func (s *Shop) CurrencyOf(supplier string) string {
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	for _, sh := range s.window.shelves[supplier] {
		for _, p := range append(slices.Clone(sh.Lines), sh.Product) {
			if !p.Cost.IsZero() {
				return p.Cost.Currency
			}
		}
	}
	return ""
}

// reckoned adds to suppliers what the shop knows of them: calls and purchases of the day, how long their money lasts.
func (s *Shop) reckoned(ctx context.Context, list []Supplier) ([]Supplier, error) {
	calls, failed, spans, err := s.callsToday(ctx)
	if err != nil {
		return nil, err
	}
	day, err := s.DayOf(ctx, s.o.Now())
	if err != nil && !errors.Is(err, ErrBooks) {
		return nil, err
	}
	now := s.o.Now().In(s.zone())
	passed := now.Sub(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.zone()))
	spends := map[string]int64{}
	for name, sum := range day.Spends {
		spends[s.account(name)] += sum
	}
	tripped := s.breakers.tripped()
	for i := range list {
		v := &list[i]
		v.Calls, v.Failed, v.Half, v.Most = calls[v.Name], failed[v.Name], Span(spans[v.Name], 50), Span(spans[v.Name], 95)
		if at := day.Last[v.Name]; at > 0 {
			v.LastSold = time.UnixMilli(at)
		}
		v.Failing = slices.ContainsFunc(tripped, func(name string) bool { return name == v.Name || strings.HasPrefix(name, v.Name+"/") })
		if _, tells := s.suppliers[v.Name].(providers.Balancer); !tells {
			m, known, err := s.estimated(ctx, v.Name)
			if err != nil && !errors.Is(err, ErrBooks) {
				return nil, err
			}
			if known {
				v.Balance, v.Estimated, v.Err = m, true, ""
			}
		}
		if spent := spends[s.account(v.Name)]; spent > 0 && v.Balance.Minor > 0 && passed > 0 {
			v.Lasts = lasting(v.Balance.Minor, spent, passed)
		}
	}
	return list, nil
}

// lasting is how long a balance lasts when so much was spent in the time that passed, a year at most.
func lasting(balance, spent int64, passed time.Duration) time.Duration {
	const year = 365 * 24 * time.Hour
	passed = max(passed, time.Hour)
	seconds := new(big.Int).Mul(big.NewInt(balance), big.NewInt(int64(passed/time.Second)))
	if seconds.Div(seconds, big.NewInt(spent)); !seconds.IsInt64() || seconds.Int64() > int64(year/time.Second) {
		return year
	}
	return time.Duration(seconds.Int64()) * time.Second
}

// account names the account that a supplier is paid from: its own name, or the one it shares.
func (s *Shop) account(supplier string) string {
	if d, ok := s.suppliers[supplier].(providers.Depositor); ok {
		return d.Account()
	}
	return supplier
}
