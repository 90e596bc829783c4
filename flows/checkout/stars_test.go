package checkout

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"cardrop/store"
)

// starBox is Telegram's books as far as the shop reads them; the emulator of the program's tests is the strict one.
type starBox struct {
	books []StarTransaction
	fails int // calls that fail from now on
	asked int // refunds asked for
}

var errAway = errors.New("telegram is away")

func (b *starBox) RefundStars(_ context.Context, user int64, charge string) error {
	if b.fails > 0 {
		b.fails--
		return errAway
	}
	b.asked++
	for _, t := range b.books {
		if t.Charge == charge && t.Back {
			return nil
		}
	}
	b.books = append(b.books, StarTransaction{StarPayment{Charge: charge, Payer: user}, true})
	return nil
}

func (b *starBox) StarTransactions(_ context.Context, offset, limit int) ([]StarTransaction, error) {
	if b.fails > 0 {
		b.fails--
		return nil, errAway
	}
	from := min(offset, len(b.books))
	return slices.Clone(b.books[from:min(from+limit, len(b.books))]), nil
}

// pay books a payment at Telegram.
func (b *starBox) pay(charge string, t store.TopUp) StarPayment {
	p := StarPayment{Charge: charge, TopUp: t.ID, Payer: t.User, Stars: StarsOf(t)}
	b.books = append(b.books, StarTransaction{StarPayment: p})
	return p
}

// back counts the payments that went back.
func (b *starBox) back() int {
	n := 0
	for _, t := range b.books {
		if t.Back {
			n++
		}
	}
	return n
}

// shines opens the shop again with Stars at 2.5 dinars.
func (k *kit) shines() *starBox {
	k.t.Helper()
	box := &starBox{}
	k.options.Payments, k.options.Stars = append(slices.Clone(k.options.Payments), Stars{}), box
	k.options.Rates = map[string]*big.Rat{"VND": k.options.Rates["VND"], "XTR": big.NewRat(5, 2)}
	var err error
	k.shop, err = New(k.options)
	k.ok(err)
	k.ok(k.shop.Notarize(k.ctx))
	return box
}

func (k *kit) invoiced(user, amount int64) store.TopUp {
	k.t.Helper()
	t, err := k.shop.AskTopUp(k.ctx, user, k.shop.NewTopUpID(), MethodStars, amount)
	k.ok(err)
	return t
}

// TestStarsRoundUp: an amount costs whole Stars, never too few.
func TestStarsRoundUp(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		if err := k.shop.CheckTopUp(MethodStars, 1000_00); !errors.Is(err, ErrNoMethod) {
			t.Errorf("without Stars: %v", err)
		}
		k.shines()
		for amount, want := range map[int64]int64{1000_00: 400, 1001_00: 401, 1002_50: 401, 1002_51: 402} {
			if got := StarsOf(k.invoiced(amine, amount)); got != want {
				t.Errorf("%d costs %d Stars, want %d", amount, got, want)
			}
			k.ok(k.shop.DropTopUp(k.ctx, amine, k.newest(amine)))
		}
		limit, ok := errors.AsType[*AmountError](k.shop.CheckTopUp(MethodStars, 25_001_00))
		if !ok || limit.Most != 25_000_00 {
			t.Errorf("over what one invoice may be: %+v", limit)
		}
		k.ok(k.shop.SetRate(k.ctx, admin, "XTR", big.NewRat(5, 1)))
		if got := StarsOf(k.invoiced(amine, 1000_00)); got != 200 {
			t.Errorf("at another rate it costs %d", got)
		}
	}, paying)
}

func (k *kit) newest(user int64) string {
	list, err := k.shop.TopUps(k.ctx, user)
	k.ok(err)
	return list[0].ID
}

// TestStarsPaidOnce: fifty repeats of one notice credit once, a second payment goes back, however often it is told, and only what may be paid
// gets a yes before it is.
func TestStarsPaidOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		box := k.shines()
		r := k.invoiced(karim, 1000_00)
		good := StarPayment{TopUp: r.ID, Payer: karim, Stars: 400}
		k.ok(k.shop.CheckStars(k.ctx, good))
		for what, p := range map[string]StarPayment{"another's": {TopUp: r.ID, Payer: amine, Stars: 400}, "less": {TopUp: r.ID, Payer: karim, Stars: 399},
			"nothing": {TopUp: "nothing", Payer: karim, Stars: 400}, "nobody": {TopUp: r.ID, Stars: 400}} {
			if err := k.shop.CheckStars(k.ctx, p); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s may be paid: %v", what, err)
			}
		}
		first, second := box.pay("stx1", r), box.pay("stx2", r)
		for range 50 {
			k.ok(k.shop.StarsPaid(k.ctx, first))
			k.ok(k.shop.StarsPaid(k.ctx, second))
		}
		k.fares(r, store.TopUpCredited, 1000_00)
		k.stands(k.shop.CheckStars(k.ctx, good), store.TopUpCredited)
		box.fails = 1
		for range 3 {
			k.ok(k.shop.ReturnStars(k.ctx))
			k.pass(2 * time.Minute)
		}
		if box.back() != 1 || box.asked != 1 || k.alarmed("stars_back") != 1 {
			t.Errorf("%d went back after %d requests, alarms %v", box.back(), box.asked, k.alarms)
		}
		k.ok(k.shop.MatchStars(k.ctx))
		k.fares(r, store.TopUpCredited, 1000_00)
		k.on(store.ExternalAccount(MethodStars), -1000_00)
	}, paying)
}

// TestStarsAfterAnOutage: no notice came; Telegram's list tells, page by page, from where the last look ended.
func TestStarsAfterAnOutage(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		box := k.shines()
		r, over := k.invoiced(karim, 1000_00), k.invoiced(karim, 500_00)
		for i := range starPage + 20 { // withdrawals and the like
			box.books = append(box.books, StarTransaction{StarPayment: StarPayment{Charge: fmt.Sprint("w", i)}})
		}
		box.pay("stx1", r)
		k.pass(2 * time.Hour)
		k.ok(k.shop.MindTimes(k.ctx))
		k.stands(k.shop.CheckStars(k.ctx, StarPayment{TopUp: over.ID, Payer: karim, Stars: 200}), store.TopUpExpired)
		box.pay("stx2", over)
		box.fails = 1
		k.is(k.shop.MatchStars(k.ctx), errAway)
		for range 3 {
			k.ok(k.shop.MatchStars(k.ctx))
		}
		k.fares(r, store.TopUpCredited, 1500_00)
		k.fares(over, store.TopUpCredited, 1500_00)
		if seen, err := k.store.StarsSeen(k.ctx); err != nil || seen != len(box.books) {
			t.Errorf("%d of %d were compared, %v", seen, len(box.books), err)
		}
		box.books = append(box.books, StarTransaction{StarPayment{Charge: "stx1", Payer: karim}, true}) // by another hand
		k.ok(k.shop.MatchStars(k.ctx))
		if k.alarmed("stars_gone") != 1 {
			t.Errorf("alarms %v", k.alarms)
		}
	}, paying)
}

// TestReversedStarsGoBack: the admin takes the credit back, and the Stars go to who paid, once.
func TestReversedStarsGoBack(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		box := k.shines()
		r := k.invoiced(karim, 1000_00)
		k.ok(k.shop.StarsPaid(k.ctx, box.pay("stx1", r)))
		for range 2 {
			_, err := k.shop.ReverseTopUp(k.ctx, admin, r.ID, "asked for it back")
			k.ok(err)
			k.ok(k.shop.ReturnStars(k.ctx))
			k.ok(k.shop.MatchStars(k.ctx))
		}
		k.fares(r, store.TopUpReversed, 0)
		if box.back() != 1 || k.alarmed("stars_gone") != 0 {
			t.Errorf("%d went back, alarms %v", box.back(), k.alarms)
		}
	}, paying)
}
