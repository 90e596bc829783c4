package main

import (
	"errors"
	"time"

	"cardrop/flows/checkout"
)

// goesAway is a buyer who blocks the bot right after buying, and comes back when the cards are there: what could not be sent is shown then.
func goesAway(h *human) error {
	if err := h.world.Telegram.Block(h.id); err != nil {
		return err
	}
	held := until(90*time.Second, func() bool {
		o, _, err := h.order()
		if err != nil || !o.State.Final() {
			return false
		}
		talk, err := h.memory.LoadTalk(h.t.Context(), h.id, 0)
		return err == nil && (talk.Held || !o.Offered.IsZero()) // it may have been sent before the block
	})
	if !held {
		return errors.New("the offer is not held for the buyer")
	}
	if err := h.world.Telegram.Unblock(h.id); err != nil {
		return err
	}
	h.types("/start")
	if !until(60*time.Second, func() bool { o, _, err := h.order(); return err == nil && !o.Offered.IsZero() }) {
		return errors.New("the offer is not shown after the return")
	}
	return nil
}

// forgets is a buyer who does not open the cards for a day and is reminded. The job that does so runs once a minute.
func forgets(h *human) error {
	if !until(60*time.Second, func() bool { o, _, err := h.order(); return err == nil && !o.Offered.IsZero() }) {
		return errors.New("nothing was offered")
	}
	h.advance(24*time.Hour + time.Minute)
	if !until(270*time.Second, func() bool { o, _, err := h.order(); return err == nil && o.Reminded == checkout.RemindDay }) {
		return errors.New("the buyer is not reminded")
	}
	return nil
}
