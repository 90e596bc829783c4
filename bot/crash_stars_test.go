package main

import (
	"errors"
	"fmt"
	"time"

	"cardrop/bot/demo"
	"cardrop/store"
)

// pays taps the Pay button of an invoice until Telegram has taken the payment: nobody may have been there to say yes.
func (h *human) pays(message int) (demo.Checkout, error) {
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if !h.up() {
			continue
		}
		id, err := h.world.Telegram.StartPaying(h.id, h.id, message)
		if err != nil {
			return demo.Checkout{}, err
		}
		var seen demo.Checkout
		until(8*time.Second, func() bool {
			for _, q := range h.world.Telegram.Checkouts() {
				if q.ID == id {
					seen = q
				}
			}
			return seen.Answered
		})
		if seen.Answered {
			return seen, nil
		}
	}
	return demo.Checkout{}, errors.New("nobody said yes or no to the payment")
}

// paysInStars is a customer who pays an invoice, pays a copy of another one that was sent twice, or its own once more where that is let
// through, and an admin who gives the Stars of the first one back.
func paysInStars(h *human) error {
	t, err := h.asks("Telegram Stars", func(t store.TopUp) bool { return t.Method == "stars" && t.Page != 0 })
	if err != nil {
		return err
	}
	if q, err := h.pays(t.Page); err != nil || !q.OK {
		return fmt.Errorf("the invoice cannot be paid: %+v, %w", q, err)
	}
	if err := h.credited(t.ID); err != nil {
		return err
	}
	if q, err := h.pays(t.Page); err != nil || q.OK {
		return fmt.Errorf("the invoice can be paid twice: %+v, %w", q, err)
	}
	admin := &human{wreck: h.wreck, id: demo.DemoAdmin}
	err = admin.pursue([]move{{label: "Confirm – take"}}, "/reverse "+t.ID+" asked for it back", 90*time.Second, func() bool {
		now, err := h.memory.TopUp(h.t.Context(), t.ID)
		return err == nil && now.State == store.TopUpReversed
	})
	if err != nil {
		return err
	}
	for range 4 {
		if until(20*time.Second, func() bool { return h.wentBack() == 1 }) {
			return nil
		}
		h.advance(2 * time.Minute) // the try that broke is leased, or put off
	}
	return errors.New("the Stars were not given back")
}

// wentBack counts the payments that Telegram gave back.
func (h *human) wentBack() int {
	n := 0
	for _, e := range h.world.Telegram.StarBooks() {
		if e.Back {
			n++
		}
	}
	return n
}

// paidInStars: each payment that Telegram took is in the ledger once, or went back; and what went back is in no wallet.
func paidInStars(w *wreck) []string {
	kept := 0
	for _, e := range w.world.Telegram.StarBooks() {
		if e.Back {
			kept--
		} else {
			kept++
		}
	}
	booked := int64(0)
	err := w.memory.Ledger(w.t.Context(), func(e store.Entry) error {
		switch store.ExternalAccount("stars") {
		case e.From:
			booked += e.Amount
		case e.To:
			booked -= e.Amount
		}
		return nil
	})
	if err != nil || len(w.world.Telegram.StarBooks()) == 0 || booked != int64(kept)*1000_00 {
		return []string{fmt.Sprintf("%d payments were kept, %d is booked (%v)", kept, booked, err)}
	}
	return nil
}
