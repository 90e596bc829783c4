package main

import (
	"errors"
	"fmt"
	"time"

	"cardrop/store"
)

// asks is a customer who begins a top-up by a method, until it stands in the memory as done tells. What a panic left is taken up again when
// its lease of a minute is over.
func (h *human) asks(method string, done func(store.TopUp) bool) (found store.TopUp, err error) {
	err = h.pursue([]move{{label: "Confirm – top up"}, {label: "1,000"}, {label: method}}, "/topup", 110*time.Second, func() bool {
		list, err := h.memory.TopUpsOf(h.t.Context(), h.id, 9)
		for _, t := range list {
			if err == nil && done(t) {
				found = t
				return true
			}
		}
		return false
	})
	return found, err
}

// credited waits until a request is, and its person was told.
func (h *human) credited(id string) error {
	if until(90*time.Second, func() bool {
		t, err := h.memory.TopUp(h.t.Context(), id)
		return err == nil && t.State == store.TopUpCredited && t.Told == t.State
	}) {
		return nil
	}
	t, err := h.memory.TopUp(h.t.Context(), id)
	return fmt.Errorf("what was paid is not credited: %+v, %w; on screen:\n%s", t, err, h.as(h.id).screen())
}

// paysOnAPage is a customer who tops up on the page of a cashier: the one that is on the screen.
func paysOnAPage(h *human) error {
	t, err := h.asks("OCPay", func(t store.TopUp) bool { return t.Method == "ocpay" && t.Page != 0 })
	if err != nil {
		return err
	}
	if !h.world.OCPay.Pay(t.Number) {
		return errors.New("the page that is shown cannot be paid")
	}
	return h.credited(t.ID)
}

// paidOnAPage: what the cashier took is in the ledger, and nothing else; nobody can know a page that is not shown.
func paidOnAPage(w *wreck) []string {
	var broken []string
	taken, booked := int64(0), int64(0)
	for _, l := range w.world.OCPay.Links() {
		taken += l.Paid * 100
	}
	err := w.memory.Ledger(w.t.Context(), func(e store.Entry) error {
		if e.From == store.ExternalAccount("ocpay") {
			booked += e.Amount
		}
		return nil
	})
	if err != nil || taken == 0 || taken != booked {
		broken = append(broken, fmt.Sprintf("%d was paid on pages, %d is booked (%v)", taken, booked, err))
	}
	return broken
}
