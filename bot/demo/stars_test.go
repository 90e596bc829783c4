package demo

import (
	"encoding/json"
	"maps"
	"testing"
	"time"
)

// invoice is a good one to Amina.
func invoice(change fields) fields {
	f := fields{"chat_id": amina, "title": "Top-up", "description": "For your balance", "payload": "4F7K2M", "currency": "XTR",
		"prices": []fields{{"label": "Top-up", "amount": 400}}, "start_parameter": "topup"}
	maps.Copy(f, change)
	return f
}

// TestInvoicesAreStrict: one price in whole Stars, no provider, a title, a payload; a keyboard is not emulated.
func TestInvoicesAreStrict(t *testing.T) {
	r := newChatRig(t, Options{})
	r.ok("sendInvoice", invoice(nil))
	for why, change := range map[string]fields{
		"CURRENCY_INVALID":      {"currency": "DZD"},
		"STARS_INVOICE_INVALID": {"prices": []fields{{"label": "a", "amount": 1}, {"label": "b", "amount": 2}}},
		"INVOICE_TITLE_INVALID": {"title": "A title that is longer than thirty-two characters"},
	} {
		r.refused("sendInvoice", invoice(change), 400, bad("%s", why))
	}
	for _, change := range []fields{{"prices": []fields{{"label": "a", "amount": 0}}}, {"provider_token": "x"}, {"payload": ""}, {"photo_url": "https://x.example"},
		{"reply_markup": keyboard(fields{"text": "Pay", "pay": true})}} {
		if a := r.call("sendInvoice", invoice(change)); a.OK {
			t.Errorf("%v was taken", change)
		}
	}
}

// pays begins a payment and returns the query the bot gets.
func (r *rig) pays(payer int64, message int) string {
	r.t.Helper()
	r.drop()
	id, err := r.StartPaying(amina, payer, message)
	if err != nil {
		r.t.Fatal(err)
	}
	a := r.call("getUpdates", fields{})
	var list []struct {
		Query struct {
			ID      string `json:"id"`
			From    User   `json:"from"`
			Total   int    `json:"total_amount"`
			Payload string `json:"invoice_payload"`
		} `json:"pre_checkout_query"`
	}
	if err := json.Unmarshal(a.Result, &list); err != nil || len(list) != 1 || list[0].Query.ID != id || list[0].Query.From.ID != payer ||
		list[0].Query.Total != 400 || list[0].Query.Payload != "4F7K2M" {
		r.t.Fatalf("the bot gets %s, %v", a.Result, err)
	}
	return id
}

// TestStarsArePaidOnAYesInTime: within ten seconds, once; a no says why; what was paid can go back once; the books hold all of it.
func TestStarsArePaidOnAYesInTime(t *testing.T) {
	r := newChatRig(t, Options{})
	m := r.ok("sendInvoice", invoice(nil))
	late := r.pays(amina, m)
	r.SetOffset(10 * time.Second)
	const old = "query is too old and response timeout expired or query ID is invalid"
	r.refused("answerPreCheckoutQuery", fields{"pre_checkout_query_id": late, "ok": true}, 400, bad(old))
	no := r.pays(omar, m)
	if a := r.call("answerPreCheckoutQuery", fields{"pre_checkout_query_id": no, "ok": false}); a.OK {
		t.Error("a no without a reason was taken")
	}
	r.ok("answerPreCheckoutQuery", fields{"pre_checkout_query_id": no, "ok": false, "error_message": "not yours"})
	if toasts := r.Toasts(omar); len(toasts) != 1 || toasts[0].Text != "not yours" {
		t.Errorf("the payer reads %+v", toasts)
	}
	yes := r.pays(amina, m)
	r.drop()
	r.ok("answerPreCheckoutQuery", fields{"pre_checkout_query_id": yes, "ok": true})
	r.refused("answerPreCheckoutQuery", fields{"pre_checkout_query_id": yes, "ok": true}, 400, bad(old))
	var list []struct {
		Message struct {
			Paid struct {
				Charge string `json:"telegram_payment_charge_id"`
				Total  int    `json:"total_amount"`
			} `json:"successful_payment"`
		} `json:"message"`
	}
	a := r.call("getUpdates", fields{})
	if err := json.Unmarshal(a.Result, &list); err != nil || len(list) != 1 || list[0].Message.Paid.Total != 400 {
		t.Fatalf("the bot gets %s, %v", a.Result, err)
	}
	charge := list[0].Message.Paid.Charge
	back := fields{"user_id": amina, "telegram_payment_charge_id": charge}
	r.refused("refundStarPayment", fields{"user_id": omar, "telegram_payment_charge_id": charge}, 400, bad("CHARGE_ID_INVALID"))
	r.ok("refundStarPayment", back)
	r.refused("refundStarPayment", back, 400, bad("CHARGE_ALREADY_REFUNDED"))
	for offset, want := range map[int]int{0: 2, 1: 1, 2: 0, 9: 0} {
		var books struct {
			Transactions []struct {
				ID       string          `json:"id"`
				Source   json.RawMessage `json:"source"`
				Receiver json.RawMessage `json:"receiver"`
			} `json:"transactions"`
		}
		a := r.call("getStarTransactions", fields{"offset": offset, "limit": 100})
		if err := json.Unmarshal(a.Result, &books); err != nil || len(books.Transactions) != want {
			t.Errorf("from %d: %s, %v", offset, a.Result, err)
		}
		for i, b := range books.Transactions {
			if b.ID != charge || (offset+i == 0) != (len(b.Source) > 0) || (offset+i == 1) != (len(b.Receiver) > 0) {
				t.Errorf("from %d: %+v", offset, b)
			}
		}
	}
	if a := r.call("getStarTransactions", fields{"limit": 101}); a.OK {
		t.Error("a page of 101 was given")
	}
}
