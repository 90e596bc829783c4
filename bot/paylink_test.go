package main

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/alicebob/miniredis/v2"
)

// TestPageOfAPaymentToPurchase goes with the built program from a link by a click on the cashier's page to the money in the wallet, once.
func TestPageOfAPaymentToPurchase(t *testing.T) {
	t.Parallel()
	r := newRig(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), nil)
	p := r.as(omar)
	p.say("/topup")
	p.press("OCPay")
	p.press("1,000")
	p.press("Confirm – top up 1,000")
	page := ""
	for _, row := range p.sees("Pay on the page that this button opens").Keyboard {
		for _, b := range row {
			page = b.URL
		}
	}
	for range 2 {
		resp, err := http.PostForm(page, url.Values{"do": {"pay"}}) //nolint:noctx // loopback
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("the page %s: %v, %v", page, resp, err)
		}
		_ = resp.Body.Close()
	}
	p.sees("✅ 1,000", "is in your balance")
	p.say("/balance")
	p.sees("Your balance", "Balance: 1,000")
	if reports := r.world.Telegram.Reports(); len(reports) > 0 {
		t.Errorf("the emulator reports %v", reports)
	}
	r.everyPressAnswered()
}
