package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// gift is what is sent each time, in minor units.
const gift = int64(50_00)

// gifts is an owner of a reseller's group who sends a customer money of it.
func gifts(h *human) error {
	customer := &human{wreck: h.wreck, id: demo.DemoAdmin} // who has to have written first, or nobody may write to them
	if err := customer.pursue(nil, "/start", 60*time.Second, func() bool { return customer.reads("Welcome") }); err != nil {
		return err
	}
	ctx, tg := h.t.Context(), h.world.Telegram
	tg.NewGroup(resellers, "Resellers", omar, demo.DemoAdmin)
	said := time.Time{}
	if !until(60*time.Second, func() bool {
		if time.Since(said) > 8*time.Second {
			said = time.Now()
			_, _ = tg.Say(resellers, demo.DemoAdmin, "/link")
		}
		g, err := h.memory.Group(ctx, resellers)
		return err == nil && g.Linked
	}) {
		return errors.New("the group was not linked")
	}
	wallet := store.GroupAccount(resellers)
	_, err := h.memory.SetTerm(ctx, wallet, store.RoleTerm(omar), "owner", store.Event{Kind: checkout.EventTerms, Actor: "system"})
	if err != nil {
		return err
	}
	if _, err := h.memory.Move(ctx, store.Transfer{ID: "endow:group", From: store.External, To: wallet, Amount: 100 * gift,
		Event: store.Event{Kind: checkout.EventCredited, Actor: "system"}}); err != nil {
		return err
	}
	acted := time.Time{}
	if !until(90*time.Second, func() bool {
		if h.up() && time.Since(acted) > 6*time.Second {
			acted = time.Now()
			if !h.presses(resellers, "Confirm – send") {
				_, _ = tg.Say(resellers, omar, fmt.Sprintf("/send %d 50", demo.DemoAdmin))
				acted = acted.Add(-4 * time.Second)
			}
		}
		return len(h.gave()) > 0 && customer.reads("for you")
	}) {
		return errors.New("the money was not sent, or nobody was told")
	}
	return nil
}

// presses presses the newest button with that label in a group; false when there is none.
func (h *human) presses(group int64, label string) bool {
	list := h.world.Telegram.Messages(group)
	slices.Reverse(list)
	for _, m := range list {
		if m.FromBot && (move{label: label}).fits(m) {
			_, _ = h.world.Telegram.PressText(group, h.id, m.ID, label)
			return true
		}
	}
	return false
}

// gave lists the entries of what groups sent.
func (w *wreck) gave() (list []store.Entry) {
	err := w.memory.Ledger(w.t.Context(), func(e store.Entry) error {
		if checkout.IsSent(e) {
			list = append(list, e)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return list
}

// gifted: one transfer at most for each confirm screen, each of what was confirmed, and as many words to the customer as there are transfers.
func gifted(w *wreck) []string {
	var problems []string
	list, asked, told := w.gave(), 0, map[string]bool{}
	for _, m := range w.world.Telegram.History(resellers) {
		if !m.FromBot && strings.HasPrefix(m.Text, "/send") {
			asked++
		}
	}
	for _, m := range w.world.Telegram.History(demo.DemoAdmin) {
		for _, e := range list {
			id := strings.TrimPrefix(e.ID, "send:")
			if m.FromBot && strings.Contains(m.Text, "Reference: "+id[:4]+"-"+id[4:]) {
				told[id] = true
			}
		}
	}
	got, err := w.memory.Balance(w.t.Context(), store.CustomerAccount(demo.DemoAdmin))
	if err != nil || got != gift*int64(len(list)) || len(list) == 0 || len(list) > asked || len(told) != len(list) {
		problems = append(problems, fmt.Sprintf("%d of money, %d transfers, %d told, after %d commands (%v)", got, len(list), len(told), asked, err))
	}
	return problems
}
