package checkout

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/store"
)

// paying turns methods on: two postal accounts of which the first has a ceiling, and cash.
func paying(o *Options) {
	ccp, err := NewTransfer(MethodCCP, "Mourad Saidi|0012345678|28|2000; Nadia Kaci|0045678912|27", 100)
	if err != nil {
		panic(err)
	}
	cash, err := NewTransfer(MethodCash, "Cyber El Amel", 100)
	if err != nil {
		panic(err)
	}
	o.Payments, o.TopUpMin, o.TopUpMax = []PaymentMethod{ccp, cash}, 500_00, 50_000_00
	o.Zone = time.UTC
	o.Hours = ParseHours("9:00-18:00", time.UTC)
}

// ask begins a request.
func (k *kit) ask(user, amount int64) store.TopUp {
	k.t.Helper()
	t, err := k.shop.AskTopUp(k.ctx, user, k.shop.NewTopUpID(), MethodCCP, amount)
	k.ok(err)
	return t
}

// evidence is a number and a picture.
func evidence(number string) Evidence {
	return Evidence{Number: number, Picture: store.Picture{File: "f" + number, Unique: "u" + number}}
}

// paid begins a request and sends its proof.
func (k *kit) paid(user, amount int64, number string) store.TopUp {
	k.t.Helper()
	t := k.ask(user, amount)
	sent, err := k.shop.ProveTopUp(k.ctx, user, t.ID, evidence(number))
	k.ok(err)
	if !sent {
		k.t.Fatal("the request was not sent")
	}
	return t
}

// stands fails unless a step was refused because the request stands elsewhere.
func (k *kit) stands(err error, state store.TopUpState) {
	k.t.Helper()
	at, ok := errors.AsType[*TopUpStateError](err)
	if !ok || at.TopUp.State != state {
		k.t.Errorf("error is %v, want a request that is %s", err, state)
	}
}

// TestTopUpIsCreditedAsReceived: what an admin saw is credited, by the one who has the request, once.
func TestTopUpIsCreditedAsReceived(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		const other = 8
		r := k.paid(karim, 1500_00, "00123456789")
		_, err := k.shop.CreditTopUp(k.ctx, admin, r.ID, 1500_00)
		k.stands(err, store.TopUpSent)
		k.ok(k.shop.ClaimTopUp(k.ctx, admin, r.ID, 0))
		k.stands(k.shop.ClaimTopUp(k.ctx, other, r.ID, 0), store.TopUpClaimed)
		_, err = k.shop.CreditTopUp(k.ctx, other, r.ID, 1500_00)
		k.stands(err, store.TopUpClaimed)
		k.ok(k.shop.ClaimTopUp(k.ctx, other, r.ID, admin))
		k.stands(k.shop.RefuseTopUp(k.ctx, admin, r.ID, "no"), store.TopUpClaimed)
		for i := range 50 {
			done, err := k.shop.CreditTopUp(k.ctx, other, r.ID, 1450_00+int64(i))
			if err != nil || done.Fresh != (i == 0) || done.Amount != 1450_00 || done.Balance != 1450_00 {
				t.Fatalf("approval %d: %+v, %v", i, done, err)
			}
		}
		k.on(store.CustomerAccount(karim), 1450_00)
		k.on(store.ExternalAccount(MethodCCP), -1450_00)
		k.sound()
	}, paying)
}

// TestTopUpLimits: amounts, open requests, ceilings and numbers have their own words.
func TestTopUpLimits(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, amount := range []int64{499_99, 50_000_01, 0, -5} {
			if _, ok := errors.AsType[*AmountError](k.shop.CheckTopUp(MethodCCP, amount)); !ok {
				t.Errorf("%d may be asked for", amount)
			}
		}
		k.is(k.shop.CheckTopUp("pigeon", 500_00), ErrNoMethod)
		first, second, third := k.ask(amine, 1500_00), k.ask(amine, 600_00), k.ask(amine, 500_00)
		if first.Payee == second.Payee || third.Payee != first.Payee {
			t.Errorf("1500 and 500 fit under the ceiling of 2000, 600 does not: %s, %s, %s", first.Payee, second.Payee, third.Payee)
		}
		_, err := k.shop.AskTopUp(k.ctx, amine, k.shop.NewTopUpID(), MethodCCP, 500_00)
		k.is(err, ErrTopUps)
		_, err = k.shop.AskTopUp(k.ctx, bilal, first.ID, MethodCCP, 1500_00)
		k.is(err, ErrConflict)
		_, err = k.shop.ProveTopUp(k.ctx, amine, first.ID, evidence("77001"))
		k.ok(err)
		_, err = k.shop.ProveTopUp(k.ctx, amine, second.ID, evidence("77001"))
		k.is(err, ErrNumberTaken)
		_, err = k.shop.ProveTopUp(k.ctx, bilal, second.ID, evidence("77002"))
		k.is(err, ErrNotFound)
		_, err = k.shop.TopUp(k.ctx, first.ID, bilal)
		k.is(err, ErrNotFound)
		k.is(k.shop.DropTopUp(k.ctx, bilal, third.ID), ErrNotFound)
		k.ok(k.shop.DropTopUp(k.ctx, amine, third.ID))
		k.stands(k.shop.DropTopUp(k.ctx, amine, first.ID), store.TopUpSent)
	}, paying)
}

// TestTopUpsByTheClock: nobody pays and it expires; one that waits for half an hour alarms once, and not while nobody is there.
func TestTopUpsByTheClock(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		alarms := func() int {
			k.mu.Lock()
			defer k.mu.Unlock()
			return len(slices.DeleteFunc(slices.Clone(k.alarms), func(a string) bool { return !strings.HasPrefix(a, "topup_waits ") }))
		}
		mind := func(after time.Duration, want int) {
			t.Helper()
			k.pass(after)
			k.ok(k.shop.MindTimes(k.ctx))
			if got := alarms(); got != want {
				t.Errorf("%s: %d alarms, want %d", k.now().Format(time.TimeOnly), got, want)
			}
		}
		asked := k.ask(bilal, 500_00)
		first := k.paid(karim, 500_00, "1001") // at 10:00
		mind(0, 0)
		mind(29*time.Minute, 0)
		mind(2*time.Minute, 1)
		mind(time.Hour, 1)
		k.ok(k.shop.ClaimTopUp(k.ctx, admin, first.ID, 0))
		mind(8*time.Hour, 1) // 19:31
		k.paid(karim, 500_00, "1002")
		mind(0, 1)
		mind(2*time.Hour, 1)                 // 21:31, nobody is there
		mind(11*time.Hour+40*time.Minute, 1) // 9:11
		mind(20*time.Minute, 2)              // 9:31
		mind(time.Hour, 2)
		if r, err := k.shop.TopUp(k.ctx, asked.ID, 0); err != nil || r.State != store.TopUpExpired {
			t.Errorf("a day later: %s, %v", r.State, err)
		}
	}, paying)
}

// TestReversedWalletBuysNothing: a credit found false is taken back, the wallet owes, and buys again when it is filled.
func TestReversedWalletBuysNothing(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		r := k.paid(karim, 500_00, "1001")
		k.ok(k.shop.ClaimTopUp(k.ctx, admin, r.ID, 0))
		_, err := k.shop.CreditTopUp(k.ctx, admin, r.ID, 500_00)
		k.ok(err)
		k.run(k.buy(karim, grab, 2).ID, time.Second, 10*time.Second)
		_, err = k.shop.ReverseTopUp(k.ctx, admin, r.ID, "")
		k.is(err, ErrNote)
		done, err := k.shop.ReverseTopUp(k.ctx, admin, r.ID, "called back")
		if err != nil || done.Balance >= 0 {
			t.Fatalf("%+v, %v", done, err)
		}
		_, err = k.shop.Buy(k.ctx, k.basket(karim, grab, 1))
		if short, ok := errors.AsType[*ShortError](err); !ok || short.Balance != done.Balance {
			t.Errorf("a purchase from a wallet that owes: %v", err)
		}
		_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: karim, Amount: -1, Ref: "d1"})
		if _, ok := errors.AsType[*ShortError](err); !ok {
			t.Errorf("a debit of what is not there: %v", err)
		}
		_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: karim, Amount: 2000_00, Kind: "cash", Ref: "d2"})
		k.ok(err)
		balance, fresh, err := k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: karim, Amount: -100_00, Kind: "correction", Ref: "d3"})
		if err != nil || !fresh || balance != done.Balance+1900_00 {
			t.Errorf("a debit leaves %d, %v", balance, err)
		}
		k.run(k.buy(karim, grab, 1).ID, time.Second, 10*time.Second)
		k.sound()
	}, paying)
}

// fillings goes through all that a request can come to.
func (k *kit) fillings() {
	k.t.Helper()
	k.ok(k.shop.DropTopUp(k.ctx, karim, k.ask(karim, 500_00).ID))
	refused, credited := k.paid(karim, 500_00, "r1"), k.paid(karim, 500_00, "c1")
	k.ok(k.shop.ClaimTopUp(k.ctx, admin, refused.ID, 0))
	k.ok(k.shop.RefuseTopUp(k.ctx, admin, refused.ID, "notfound"))
	k.ok(k.shop.ClaimTopUp(k.ctx, admin, credited.ID, 0))
	_, err := k.shop.CreditTopUp(k.ctx, admin, credited.ID, 400_00)
	k.ok(err)
	_, _, err = k.shop.Credit(k.ctx, CreditRequest{Admin: admin, User: karim, Amount: -100_00, Kind: "correction", Note: "twice", Ref: "x1"})
	k.ok(err)
	_, err = k.shop.ReverseTopUp(k.ctx, admin, credited.ID, "called back")
	k.ok(err)
}
