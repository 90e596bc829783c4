package demo

import (
	"net/http"
	"strings"
	"testing"
)

// link has the shop's side make a payment link.
func link(t *testing.T, w *World) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx(t), http.MethodPost, w.URL()+"/suppliers/ocpay/v3/ocpay/createLink",
		strings.NewReader(`{"productInfo":{"title":"Top-up","amount":1500},"feeMode":"NO_FEE"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Access-Token", w.key)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// TestCashierInTheRoom follows links through the control room: open, paid by a click, paid late and seen 30 minutes later, half paid, ended,
// and one whose answer was lost.
func TestCashierInTheRoom(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	pay := func(want int) {
		t.Helper()
		if got := post(t, w.URL()+"/room/pay", `{"supplier":"ocpay","name":"`+w.ocpayLinks()[0].ID+`"}`); got != want {
			t.Errorf("the click is answered with %d, want %d", got, want)
		}
	}
	stands := func(state string, paid, taken int64) {
		t.Helper()
		if l := w.ocpayLinks()[0]; l.State != state || l.Charged != paid || l.Due != 1500 || w.ocpayTaken() != taken {
			t.Errorf("%+v, %d taken, want %s, %d, %d", l, w.ocpayTaken(), state, paid, taken)
		}
	}
	link(t, w)
	stands(linkOpen, 0, 0)
	pay(http.StatusOK)
	stands(linkPaid, 1500, 1500)
	pay(http.StatusBadRequest)

	turn := func(name string, on bool) {
		t.Helper()
		if err := w.Switch(cashier, name, on); err != nil {
			t.Fatal(err)
		}
	}
	turn("late", true)
	link(t, w)
	pay(http.StatusOK)
	stands(linkLate, 1500, 3000)
	w.Advance(lateness)
	stands(linkPaid, 1500, 3000)
	turn("late", false)

	turn("wrong-amount", true)
	link(t, w)
	pay(http.StatusOK)
	stands(linkPaid, 750, 3750)
	turn("wrong-amount", false)

	link(t, w)
	w.Advance(lateness)
	stands(linkEnded, 0, 3750)
	pay(http.StatusBadRequest)
	turn("link-lost", true)
	link(t, w)
	stands(linkEnded, 0, 3750)
	pay(http.StatusBadRequest)
}
