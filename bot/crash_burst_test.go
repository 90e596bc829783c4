package main

import (
	"errors"
	"time"

	"cardrop/store"
)

// twoAtOnce buys once more and brings both orders' cards to the screen, so that they go together.
func twoAtOnce(h *human) error {
	code := h.code("S0001_GZ")
	orders := func() []store.Order {
		list, _, err := h.memory.OrdersOf(h.t.Context(), h.id, 0, 10)
		if err != nil {
			return nil
		}
		return list
	}
	err := h.pursue([]move{{label: "Confirm – pay"}}, "/buy "+code+" 1", 90*time.Second, func() bool { return len(orders()) > 1 })
	if err != nil {
		return err
	}
	var pressed time.Time
	shown := until(90*time.Second, func() bool {
		on, all := 0, orders()
		for _, o := range all {
			switch {
			case o.Reveal.State == store.Shown:
				on++
			case o.Delivered > 0 && o.Reveal.State == store.Sealed && time.Since(pressed) > 2*time.Second:
				list := h.world.Telegram.Messages(h.id)
				if len(list) > 0 {
					_, _ = h.world.Telegram.PressData(h.id, h.id, list[len(list)-1].ID, "again:"+o.ID)
				}
			}
		}
		if time.Since(pressed) > 2*time.Second {
			pressed = time.Now()
		}
		return on > 1
	})
	if !shown {
		return errors.New("the cards are not on the screen together")
	}
	h.advance(70 * time.Second)
	return nil
}
