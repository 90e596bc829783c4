package checkout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How pages of payments are made and asked about.
const (
	payBatch  = 16               // at the same time
	payLease  = 60 * time.Second // longer than one call may take
	payTries  = 3 * time.Minute  // how long a page is tried to be made
	paySoon   = 5 * time.Second  // between questions while the page lives
	payLater  = time.Minute      // a while after it
	payRarely = 30 * time.Minute // until nobody looks any more
	payEnd    = 72 * time.Hour
	payGrace  = 2 * time.Hour
)

// Why a request that a machine looks after ended, or went to a person.
const (
	NoteDropped = "dropped" // its person gave it up
	NoteNoPage  = "nopage"  // no page could be made
	NoteFailed  = "failed"  // the cashier says that it was declined, canceled or ran out
	NoteDiffers = "differs" // what was paid is not what was asked for
)

// MindPayments makes pages for requests that have none, and asks what became of the others. Several processes share the work by leases.
func (s *Shop) MindPayments(ctx context.Context) error {
	work, err := s.o.Store.ClaimDue(ctx, store.DuePay, payBatch, payLease)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	for _, d := range work {
		all.Go(func() { s.safely(ctx, "payment of "+d.Member, func() error { return s.mindPayment(ctx, d) }) })
	}
	all.Wait()
	return nil
}

// mindPayment does what a request needs now. A request whose method is switched off waits: it may have been paid.
func (s *Shop) mindPayment(ctx context.Context, d store.Due) error {
	t, err := s.TopUp(ctx, d.Member, 0)
	if errors.Is(err, ErrNotFound) {
		return s.comeBack(ctx, store.DuePay, d, 0, nil)
	}
	if err != nil {
		return err
	}
	m, err := s.Method(t.Method)
	p, ok := m.(*PayPage)
	waits := t.State == store.TopUpAsked || t.State == store.TopUpExpired && t.URL != ""
	switch age := s.o.Now().Sub(t.Created); {
	case !waits || age > payEnd:
		return s.comeBack(ctx, store.DuePay, d, 0, nil)
	case err != nil || !ok:
		return s.comeBack(ctx, store.DuePay, d, switchedOff, nil)
	case t.URL == "":
		return s.makePage(ctx, d, t, p, age)
	default:
		return s.askCashier(ctx, d, t, p, age)
	}
}

// makePage asks the cashier for a page. An answer that was lost is no loss: nobody knows that page's address, so nobody can pay there, and
// another one is made. What is shown is what the memory kept, so that two processes show one page.
func (s *Shop) makePage(ctx context.Context, d store.Due, t store.TopUp, p *PayPage, age time.Duration) error {
	want := providers.Money{Minor: t.Asked, Currency: s.o.Currency}
	link, err := p.cashier.CreateLink(ctx, providers.LinkRequest{Title: fmt.Sprintf("Cardrop %s-%s", t.ID[:3], t.ID[3:]), Amount: want})
	reason, refused := providers.Refused(err)
	switch {
	case err == nil && (link.Sandbox != p.o.Sandbox || !link.Amount.IsZero() && link.Amount != want):
		return s.noPage(ctx, d, t, errors.New("the page is not for this amount, or of another mode than the shop"))
	case refused && reason != providers.Busy || err != nil && age > payTries:
		return s.noPage(ctx, d, t, err)
	case err != nil:
		return s.comeBack(ctx, store.DuePay, d, paySoon, fmt.Errorf("make page for top-up %s: %w", t.ID, err))
	}
	_, err = s.o.Store.LinkTopUp(ctx, t, link.Ref, link.URL, p.o.Life)
	switch {
	case errors.Is(err, store.ErrTaken): // a cashier that gives out a reference twice
		return s.noPage(ctx, d, t, err)
	case err != nil && !errors.Is(err, store.ErrEdge): // nobody knows the page that was made: the next one will do
		return s.comeBack(ctx, store.DuePay, d, paySoon, err)
	}
	nudge(s.news)
	return s.comeBack(ctx, store.DuePay, d, paySoon, nil)
}

// noPage ends a request that cannot be paid, and tells the operators.
func (s *Shop) noPage(ctx context.Context, d store.Due, t store.TopUp, cause error) error {
	s.o.Logger.WarnContext(ctx, "no page for a payment", "topup", t.ID, "err", cause)
	s.alarm(ctx, "payment_page", t.ID)
	return s.endPayment(ctx, d, t, store.TopUpExpired, EventTopUpExpired, NoteNoPage)
}

// endPayment takes a step that moves no money, and leaves the request alone from then on.
func (s *Shop) endPayment(ctx context.Context, d store.Due, t store.TopUp, to store.TopUpState, kind, note string) error {
	if err := s.stepPayment(ctx, t, to, kind, note); err != nil {
		return err
	}
	return s.comeBack(ctx, store.DuePay, d, 0, nil)
}

func (s *Shop) stepPayment(ctx context.Context, t store.TopUp, to store.TopUpState, kind, note string) error {
	_, err := s.o.Store.StepTopUp(ctx, t, store.TopUpStep{To: to, Note: note, Event: s.aboutTopUp(kind, t, system, nil)})
	if err != nil && !errors.Is(err, store.ErrEdge) {
		return err
	}
	nudge(s.news)
	return nil
}

// askCashier asks what became of a page. What was paid is credited once, also when the request had ended; a payment of another amount or
// without real money goes to a person.
func (s *Shop) askCashier(ctx context.Context, d store.Due, t store.TopUp, p *PayPage, age time.Duration) error {
	seen, err := p.cashier.CheckPayment(ctx, t.Number)
	if err != nil {
		return s.comeBack(ctx, store.DuePay, d, payAgain(age), fmt.Errorf("ask about top-up %s: %w", t.ID, err))
	}
	switch {
	case seen.State == providers.PaymentFailed && t.State == store.TopUpAsked:
		if err := s.stepPayment(ctx, t, store.TopUpExpired, EventTopUpExpired, NoteFailed); err != nil {
			return err
		}
	case seen.State == providers.PaymentConfirmed && !p.fits(t, seen, s.o.Currency):
		s.alarm(ctx, "payment_differs", t.ID)
		return s.endPayment(ctx, d, t, store.TopUpSent, EventTopUpSent, NoteDiffers)
	case seen.State == providers.PaymentConfirmed:
		_, err := s.o.Store.SettleTopUp(ctx, t, store.TopUpSettlement{To: store.TopUpCredited, Amount: t.Asked,
			Event: s.aboutTopUp(EventTopUpCredited, t, system, nil)})
		if err != nil && !errors.Is(err, store.ErrEdge) {
			return err
		}
		nudge(s.news)
		return s.comeBack(ctx, store.DuePay, d, 0, nil)
	}
	return s.comeBack(ctx, store.DuePay, d, payAgain(age), nil)
}

// fits tells whether a payment is what was asked for.
func (p *PayPage) fits(t store.TopUp, seen providers.Payment, currency string) bool {
	return seen.Amount == providers.Money{Minor: t.Asked, Currency: currency} && seen.Sandbox == p.o.Sandbox
}

// payAgain is when to ask about a page again: often while it can be paid, then ever more slowly, because a payment may come late.
func payAgain(age time.Duration) time.Duration {
	switch {
	case age < 25*time.Minute:
		return paySoon
	case age < payGrace:
		return payLater
	default:
		return payRarely
	}
}
