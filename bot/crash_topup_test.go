package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/store"
)

// receipt is a picture; a larger size makes another one.
func receipt(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, size, size))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fills is a customer who tops up, sends a receipt, and again while nothing happens; and an admin who credits it.
func fills(h *human) error {
	stands := func() (found store.TopUp) {
		list, err := h.memory.TopUpsOf(h.t.Context(), h.id, 9)
		for _, t := range list {
			if err == nil && (found.ID == "" || t.State != store.TopUpAsked) {
				found = t
			}
		}
		return found
	}
	admin := &human{wreck: h.wreck, id: demo.DemoAdmin} // who has to have written first, or nobody may write to them
	if err := admin.pursue(nil, "/start", 60*time.Second, func() bool { return admin.reads("Welcome") }); err != nil {
		return err
	}
	err := h.pursue([]move{{label: "Confirm – top up"}, {label: "1,000"}, {label: "CCP"}}, "/topup", 60*time.Second, func() bool { return stands().ID != "" })
	if err != nil {
		return err
	}
	sent := time.Time{}
	if !until(60*time.Second, func() bool {
		if h.up() && time.Since(sent) > 8*time.Second {
			sent = time.Now()
			if _, err := h.world.Telegram.SendPicture(h.id, h.id, receipt(h.t, 20), "00123456789"); err != nil {
				h.t.Error(err)
			}
		}
		return stands().State != store.TopUpAsked
	}) {
		return errors.New("the receipt was never taken")
	}
	return admin.pursue([]move{{label: "Confirm – credit"}, {label: "Approve"}, {label: "Claim"}, {label: "Open"}}, "", 90*time.Second, func() bool {
		return stands().State == store.TopUpCredited && h.reads("is in your balance")
	})
}

// filled: what was received is in the ledger once for each credited request.
func filled(w *wreck) []string {
	list, err := w.memory.TopUpsOf(w.t.Context(), omar, 20)
	if err != nil {
		return []string{err.Error()}
	}
	credited, booked := int64(0), int64(0)
	for _, t := range list {
		credited += t.Received
	}
	err = w.memory.Ledger(w.t.Context(), func(e store.Entry) error {
		if strings.HasPrefix(e.From, "external:") {
			booked += e.Amount
		}
		return nil
	})
	if err != nil || credited == 0 || credited != booked {
		return []string{fmt.Sprintf("%d was credited by top-ups, %d is booked (%v)", credited, booked, err)}
	}
	return nil
}
