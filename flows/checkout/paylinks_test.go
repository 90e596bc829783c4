package checkout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/ocpay"
	paybox "cardrop/providers/ocpay/sandbox"
	"cardrop/store"
)

// cashes opens the shop again with pages of payments, and their simulator.
func (k *kit) cashes(live bool) *paybox.Server {
	k.t.Helper()
	box := paybox.New(paybox.Options{Token: "token", Live: live, Page: "http://127.0.0.1:1/pay", Now: k.now})
	client, err := ocpay.New(ocpay.Options{AccessToken: providers.NewSecret("token"), BaseURL: serve(k.t, box) + "/v3"})
	k.ok(err)
	k.options.Payments = append(slices.Clone(k.options.Payments), NewPayPage(ocpay.Name, client, 100,
		PayPageOptions{Least: ocpay.Least, Most: ocpay.Most, Life: ocpay.Life}))
	k.shop, err = New(k.options)
	k.ok(err)
	k.ok(k.shop.Notarize(k.ctx))
	return box
}

// minds lets time pass and the cashier be asked.
func (k *kit) minds(d time.Duration) {
	k.t.Helper()
	k.pass(d)
	k.ok(k.shop.MindTimes(k.ctx))
	k.ok(k.shop.MindPayments(k.ctx))
}

// pages begins a request and waits for its page.
func (k *kit) pages(user, amount int64) store.TopUp {
	k.t.Helper()
	t, err := k.shop.AskTopUp(k.ctx, user, k.shop.NewTopUpID(), ocpay.Name, amount)
	k.ok(err)
	k.minds(time.Second)
	return k.topup(t.ID)
}

func (k *kit) topup(id string) store.TopUp {
	k.t.Helper()
	t, err := k.shop.TopUp(k.ctx, id, 0)
	k.ok(err)
	return t
}

// alarmed counts the alarms of a kind.
func (k *kit) alarmed(kind string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(k.alarms), func(a string) bool { return !strings.HasPrefix(a, kind+" ") }))
}

// fares fails unless a request stands there and the wallet holds that much.
func (k *kit) fares(t store.TopUp, state store.TopUpState, balance int64) {
	k.t.Helper()
	if now := k.topup(t.ID); now.State != state {
		k.t.Errorf("top-up is %s (%s), want %s", now.State, now.Note, state)
	}
	k.on(t.Account, balance)
	k.sound()
}

// TestPaidPageIsCreditedOnce: also when it is asked about fifty times, by many at once.
func TestPaidPageIsCreditedOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		box := k.cashes(true)
		r := k.pages(karim, 1500_00)
		if r.URL == "" || r.Number == "" || r.Till.Sub(k.now()) < 19*time.Minute {
			t.Fatalf("no page: %+v", r)
		}
		k.minds(6 * time.Second)
		k.fares(r, store.TopUpAsked, 0)
		if !box.Pay(r.Number) || box.Pay(r.Number) {
			t.Fatal("a page is paid once")
		}
		p, ok := k.shop.o.Payments[len(k.shop.o.Payments)-1].(*PayPage)
		if !ok {
			t.Fatal("no page to pay on")
		}
		for range 50 {
			k.ok(k.shop.askCashier(k.ctx, store.Due{Member: r.ID}, r, p, time.Minute))
		}
		k.minds(6 * time.Second)
		k.fares(r, store.TopUpCredited, 1500_00)
		k.on(store.ExternalAccount(ocpay.Name), -1500_00)
		if n, err := k.store.DueCount(k.ctx, store.DuePay); err != nil || n != 0 {
			t.Errorf("%d pages are asked about still, %v", n, err)
		}
	}, paying)
}

// TestLostPageIsNobodys: whatever becomes of the answer, one page is shown, what is paid there is credited, and nothing else.
func TestLostPageIsNobodys(t *testing.T) {
	for _, fault := range []paybox.Fault{paybox.ErrorAfter, paybox.LostAfter, paybox.HTML502, paybox.CutJSON, paybox.TooMany, paybox.Down} {
		t.Run(string(fault), func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				box := k.cashes(true)
				k.ok(box.Fault(paybox.Trouble{Fault: fault, Times: 2}))
				r := k.pages(karim, 1500_00)
				for range 4 {
					k.minds(6 * time.Second)
				}
				r = k.topup(r.ID)
				links := box.Links()
				at := slices.IndexFunc(links, func(l paybox.Link) bool { return l.Ref == r.Number })
				if at < 0 || links[at].Lost {
					t.Fatalf("the page shown is none that anybody may pay: %+v of %+v", r, links)
				}
				for i, l := range links {
					if i != at && !l.Lost {
						t.Errorf("a page that is not shown might be known: %+v", l)
					}
				}
				k.fares(r, store.TopUpAsked, 0)
				k.ok(box.Fault(paybox.Trouble{Fault: fault, Times: 1, Path: "checkPayment"}))
				box.Pay(r.Number)
				k.minds(6 * time.Second)
				k.minds(6 * time.Second)
				k.fares(r, store.TopUpCredited, 1500_00)
			}, paying)
		})
	}
}

// TestOddPaymentGoesToAPerson: another amount, and money that is none, credit nothing by themselves.
func TestOddPaymentGoesToAPerson(t *testing.T) {
	for _, fault := range []paybox.Fault{paybox.WrongAmount, paybox.WrongMode} {
		t.Run(string(fault), func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				box := k.cashes(true)
				r := k.pages(karim, 1500_00)
				k.ok(box.Fault(paybox.Trouble{Fault: fault, Times: 1}))
				box.Pay(r.Number)
				for range 5 {
					k.minds(6 * time.Second)
				}
				k.fares(r, store.TopUpSent, 0)
				if n := k.alarmed("payment_differs"); n != 1 {
					t.Errorf("%d alarms", n)
				}
				k.ok(k.shop.ClaimTopUp(k.ctx, admin, r.ID, 0))
				_, err := k.shop.CreditTopUp(k.ctx, admin, r.ID, 750_00)
				k.ok(err)
				k.fares(r, store.TopUpCredited, 750_00)
			}, paying)
		})
	}
}

// TestLatePaymentIsCredited: the page has run out and the request with it; hours later the payment is seen.
func TestLatePaymentIsCredited(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		box := k.cashes(true)
		r, dropped := k.pages(karim, 1500_00), k.pages(bilal, 600_00)
		before, err := k.shop.Balance(k.ctx, bilal)
		k.ok(err)
		k.ok(k.shop.DropTopUp(k.ctx, bilal, dropped.ID))
		k.ok(box.Fault(paybox.Trouble{Fault: paybox.Late, For: 5 * time.Hour}))
		box.Pay(r.Number)
		box.Pay(dropped.Number)
		k.minds(21 * time.Minute)
		k.fares(r, store.TopUpExpired, 0)
		for range 12 {
			k.minds(31 * time.Minute)
		}
		k.fares(r, store.TopUpCredited, 1500_00)
		k.fares(dropped, store.TopUpCredited, before+600_00)
	}, paying)
}

// TestPageThatIsNotPaidEnds: declined, run out, or never made; nothing is credited, and after three days nobody asks any more.
func TestPageThatIsNotPaidEnds(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		box := k.cashes(true)
		declined, over := k.pages(karim, 1500_00), k.pages(amine, 600_00)
		k.ok(box.Fault(paybox.Trouble{Fault: paybox.Blocked}))
		none := k.pages(bilal, 700_00)
		if none.State != store.TopUpExpired || none.Note != NoteNoPage || k.alarmed("payment_page") != 1 {
			t.Errorf("without a page: %+v, alarms %v", none, k.alarms)
		}
		box.Clear()
		box.Decline(declined.Number)
		k.minds(6 * time.Second)
		if now := k.topup(declined.ID); now.State != store.TopUpExpired || now.Note != NoteFailed {
			t.Errorf("declined: %+v", now)
		}
		k.minds(21 * time.Minute)
		k.fares(over, store.TopUpExpired, 100_000_00)
		k.minds(73 * time.Hour)
		k.minds(time.Hour)
		if n, err := k.store.DueCount(k.ctx, store.DuePay); err != nil || n != 0 {
			t.Errorf("%d pages are asked about still, %v", n, err)
		}
		for _, amount := range []int64{499_00, 1500_50, 500_001_00} {
			if err := k.shop.CheckTopUp(ocpay.Name, amount); err == nil {
				t.Errorf("%d may be asked for", amount)
			}
		}
	}, paying)
}

// TestPageOfTheOtherMode: a key of the wrong mode makes no page that anybody sees.
func TestPageOfTheOtherMode(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.cashes(false) // the shop expects real money
		r := k.pages(karim, 1500_00)
		if r.URL != "" || r.State != store.TopUpExpired || k.alarmed("payment_page") != 1 {
			t.Errorf("%+v", r)
		}
	}, paying)
}

// TestTwoProcessesMakeOnePage: both ask the cashier at the same time; one page is kept, and the other is nobody's.
func TestTwoProcessesMakeOnePage(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		box := k.cashes(true)
		r, err := k.shop.AskTopUp(k.ctx, karim, k.shop.NewTopUpID(), ocpay.Name, 1500_00)
		k.ok(err)
		p, _ := k.shop.o.Payments[len(k.shop.o.Payments)-1].(*PayPage)
		for range 2 {
			k.ok(k.shop.makePage(k.ctx, store.Due{Member: r.ID}, r, p, time.Second))
		}
		links, now := box.Links(), k.topup(r.ID)
		if len(links) != 2 || now.Number != links[0].Ref || !strings.HasSuffix(now.URL, links[0].Ref) {
			t.Errorf("%+v of %+v", now, links)
		}
		k.minds(time.Second)
		if len(box.Links()) != 2 {
			t.Error("a request that has a page gets another one")
		}
	}, paying)
}
