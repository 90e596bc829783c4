package checkout

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// MethodStars is payment in Telegram's own currency.
const MethodStars = "stars"

// How Stars are taken and compared.
const (
	starCurrency = "XTR"
	starLife     = time.Hour
	mostStars    = 10_000 // of one invoice
	starPage     = 100    // transactions in one answer
	starLease    = 60 * time.Second
	starAgain    = time.Minute
	fieldStars   = "stars"
)

// Stars is payment in Stars, by an invoice in the chat. It is a PaymentMethod; it is offered while there is a rate for XTR.
type Stars struct{}

var _ PaymentMethod = Stars{}

// Name is the method's name.
func (Stars) Name() string { return MethodStars }

// Limits are the shop's own, and what one invoice may be over.
func (Stars) Limits() (least, most int64) { return 0, 0 }

// Life is an hour.
func (Stars) Life() time.Duration { return starLife }

// Proof is nothing: Telegram tells.
func (Stars) Proof() Proof { return Proof{} }

// Accounts is one without a name: an invoice names its request.
func (Stars) Accounts() []PayAccount { return []PayAccount{{}} }

// starRate is what one Star is worth in whole units; nil while nobody has said so.
func (s *Shop) starRate() *big.Rat { return s.rate(s.tariff.Load(), starCurrency) }

// StarsFor is how many Stars pay for an amount in minor units, rounded up; 0 when it cannot be paid so.
func (s *Shop) StarsFor(amount int64) int64 {
	rate := s.starRate()
	if rate == nil || rate.Sign() <= 0 {
		return 0
	}
	units := providers.Money{Minor: amount, Currency: s.o.Currency}.Units()
	q := new(big.Rat).Quo(units, rate)
	up := new(big.Int).Add(q.Num(), new(big.Int).Sub(q.Denom(), big.NewInt(1)))
	n := up.Div(up, q.Denom())
	if !n.IsInt64() || n.Int64() > mostStars {
		return 0
	}
	return n.Int64()
}

// starsWorth is what that many Stars are worth, in minor units, rounded down to whole units.
func (s *Shop) starsWorth(n int64) int64 {
	worth := new(big.Rat).Mul(s.starRate(), big.NewRat(n, 1))
	whole := new(big.Rat).SetInt(new(big.Int).Div(worth.Num(), worth.Denom()))
	m, err := providers.FromUnits(whole, s.o.Currency)
	if err != nil {
		return 0
	}
	return m.Minor
}

// payees are the accounts that a request may be shown: of Stars, how many.
func (s *Shop) payees(m PaymentMethod, amount int64) []store.Payee {
	var list []store.Payee
	for _, a := range m.Accounts() {
		if m.Name() == MethodStars {
			a.Fields = []PayField{{Key: fieldStars, Value: itoa(s.StarsFor(amount))}}
		}
		list = append(list, store.Payee{Name: a.packed(), Ceiling: a.Ceiling})
	}
	return list
}

// StarsOf is how many Stars a request is over; 0 for one of another method.
func StarsOf(t store.TopUp) int64 {
	text, ok := strings.CutPrefix(t.Payee, fieldStars+"=")
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || t.Method != MethodStars {
		return 0
	}
	return n
}

// CheckStars tells whether an invoice may be paid now, by this person and over this many Stars. It returns ErrNotFound for one that is not
// theirs or not over that, and *TopUpStateError for one that was paid or has ended. Nothing changes.
func (s *Shop) CheckStars(ctx context.Context, p StarPayment) error {
	t, err := s.TopUp(ctx, p.TopUp, p.Payer)
	switch {
	case err != nil:
		return err
	case p.Payer == 0 || t.Method != MethodStars || StarsOf(t) != p.Stars:
		return ErrNotFound
	case t.State != store.TopUpAsked || !s.o.Now().Before(t.Till):
		return &TopUpStateError{TopUp: t}
	}
	return nil
}

// StarsPaid books a payment that Telegram tells of, once for each charge however often it is told. One that fits no request which waits, such
// as a second payment of one invoice, goes back to who paid, and alarms.
func (s *Shop) StarsPaid(ctx context.Context, p StarPayment) error {
	if p.Charge == "" || p.Payer <= 0 {
		return fmt.Errorf("book Stars: %w", ErrNotFound)
	}
	person, err := s.person(ctx, p.Payer)
	if err != nil {
		return err
	}
	event := store.Event{Kind: EventTopUpCredited, Person: person, Actor: system}
	back := event
	back.Kind, back.Data = EventStarsBack, map[string]string{"stars": itoa(p.Stars)}
	state, fresh, err := s.o.Store.PayStar(ctx, p, event, back)
	if err != nil || !fresh {
		return err
	}
	if state == store.StarBack {
		s.alarm(ctx, "stars_back", fmt.Sprintf("%d Stars of customer %d", p.Stars, p.Payer))
		return nil
	}
	nudge(s.news)
	return nil
}

// ReturnStars gives payments back that are due to go. Several processes share the work by leases; one that has gone back before is done.
func (s *Shop) ReturnStars(ctx context.Context) error {
	if s.o.Stars == nil {
		return nil
	}
	work, err := s.o.Store.ClaimDue(ctx, store.DueStars, payBatch, starLease)
	if err != nil {
		return err
	}
	for _, d := range work {
		s.safely(ctx, "return of Stars", func() error { return s.returnStars(ctx, d) })
	}
	return nil
}

func (s *Shop) returnStars(ctx context.Context, d store.Due) error {
	star, err := s.o.Store.Charge(ctx, d.Member)
	if err == nil && star.State != store.StarReturned {
		if err := s.o.Stars.RefundStars(ctx, star.Payer, star.Charge); err != nil {
			return s.comeBack(ctx, store.DueStars, d, starAgain, err)
		}
		err = s.o.Store.StarReturned(ctx, star.Charge)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return s.comeBack(ctx, store.DueStars, d, 0, nil)
}

// MatchStars compares what Telegram has booked with what is known here, from where the last comparison ended: a payment whose notice was lost
// is booked, and one that went back without our doing alarms.
func (s *Shop) MatchStars(ctx context.Context) error {
	if s.o.Stars == nil {
		return nil
	}
	seen, err := s.o.Store.StarsSeen(ctx)
	if err != nil {
		return err
	}
	for {
		page, err := s.o.Stars.StarTransactions(ctx, seen, starPage)
		if err != nil {
			return err
		}
		for _, t := range page {
			if err := s.matchStar(ctx, t); err != nil {
				return err
			}
		}
		if seen += len(page); len(page) > 0 {
			if err := s.o.Store.SetStarsSeen(ctx, seen); err != nil {
				return err
			}
		}
		if len(page) < starPage {
			return nil
		}
	}
}

func (s *Shop) matchStar(ctx context.Context, t StarTransaction) error {
	if t.Payer == 0 { // withdrawals, gifts and advertisements are not ours to judge
		return nil
	}
	if !t.Back {
		return s.StarsPaid(ctx, t.StarPayment)
	}
	star, err := s.o.Store.Charge(ctx, t.Charge)
	if err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return nil // its payment was never ours, or comes later in this very list
		}
		return err
	}
	if star.State == store.StarCredited {
		r, err := s.TopUp(ctx, star.TopUp, 0)
		if err != nil || r.State == store.TopUpCredited {
			s.alarm(ctx, "stars_gone", star.TopUp)
		}
	}
	return s.o.Store.StarReturned(ctx, t.Charge)
}

// StarPayment is a payment in Stars as Telegram tells of it.
type StarPayment = store.StarPayment

// StarTransaction is one line of Telegram's own books.
type StarTransaction struct {
	StarPayment
	Back bool // it went back to who paid
}

// starBank is Telegram as far as it holds our Stars.
type starBank interface {
	// RefundStars gives a payment back; one that went back before is no error.
	RefundStars(ctx context.Context, user int64, charge string) error
	// StarTransactions reads a page of the books, oldest first.
	StarTransactions(ctx context.Context, offset, limit int) ([]StarTransaction, error)
}
