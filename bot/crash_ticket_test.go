package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// complains is a buyer whose card does not work, an admin who replaces it, and another who approves that; the new card is shown.
func complains(h *human) error {
	o, name, err := h.order()
	if err != nil {
		return err
	}
	ctx := h.t.Context()
	if _, err := h.memory.SetStaff(ctx, deputy, string(flows.Manager), store.Event{Kind: checkout.EventStaffed, Actor: "system"}); err != nil {
		return err
	}
	admin, second := &human{wreck: h.wreck, id: demo.DemoAdmin}, &human{wreck: h.wreck, id: deputy}
	for _, staff := range []*human{admin, second} { // who have to have written first, or nobody may write to them
		if err := staff.pursue(nil, "/start", 60*time.Second, func() bool { return staff.reads("Welcome") }); err != nil {
			return err
		}
	}
	stands := func() store.Ticket {
		about, err := h.memory.TicketsAbout(ctx, o.ID)
		if err != nil || about[1] == "" {
			return store.Ticket{}
		}
		if about[1] == "done" {
			return store.Ticket{ID: "done", State: store.TicketReplaced}
		}
		t, _ := h.memory.Ticket(ctx, about[1])
		return t
	}
	err = h.pursue([]move{{label: "Confirm – send"}, {label: "It was used already"}, {label: "Report a bad code"}}, "/order "+name, 90*time.Second,
		func() bool { return stands().ID != "" })
	if err != nil {
		return err
	}
	asked := func() bool {
		open, err := h.memory.Approvals(ctx, 1)
		return stands().State.Ended() || err == nil && len(open) > 0
	}
	claim := []move{{label: "Confirm – replace"}, {label: "Replacement"}, {label: "Claim"}, {label: "Open"}}
	if err := admin.pursue(claim, "", 90*time.Second, asked); err != nil {
		return err
	}
	if err := second.pursue([]move{{label: "Approve"}}, "", 90*time.Second, func() bool { return stands().ID == "done" }); err != nil {
		return err
	}
	if !until(60*time.Second, func() bool { return h.reads("at no charge") }) {
		return errors.New("the buyer was not told")
	}
	return h.receives(scenario{})
}

// replaced: the card was refunded once and bought once more, at the same price.
func replaced(w *wreck) []string {
	orders, _, err := w.memory.OrdersOf(w.t.Context(), omar, 0, 10)
	if err != nil || len(orders) != 2 {
		return []string{fmt.Sprintf("%d orders, want the first and its replacement (%v)", len(orders), err)}
	}
	back := int64(0)
	err = w.memory.Ledger(w.t.Context(), func(e store.Entry) error {
		if strings.Contains(e.ID, ":refund:") {
			back += e.Amount
		}
		return nil
	})
	if err != nil || back != orders[1].Unit || orders[0].Total != orders[1].Unit || orders[0].State != store.Fulfilled {
		return []string{fmt.Sprintf("%d was refunded of a card of %d, and %d paid for the next one (%v)", back, orders[1].Unit, orders[0].Total, err)}
	}
	return nil
}
