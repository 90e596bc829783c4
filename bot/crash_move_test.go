package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// relocates is somebody with a new telephone: an admin asks for the move and another approves it, the new account names a receipt, nobody objects
// for a day, and everything goes over.
func relocates(h *human) error {
	_, name, err := h.order()
	if err != nil {
		return err
	}
	ctx := h.t.Context()
	if _, err := h.memory.SetStaff(ctx, deputy, string(flows.Manager), store.Event{Kind: checkout.EventStaffed, Actor: "system"}); err != nil {
		return err
	}
	admin, second, heir := &human{wreck: h.wreck, id: demo.DemoAdmin}, &human{wreck: h.wreck, id: deputy}, &human{wreck: h.wreck, id: amina}
	for _, p := range []*human{admin, second, heir} { // who have to have written first, or nobody may write to them
		if err := p.pursue(nil, "/start", 60*time.Second, func() bool { return p.reads("Welcome") || p.reads("Bienvenue") }); err != nil {
			return err
		}
	}
	under := func() (found store.Move) {
		if list, err := h.memory.OpenMoves(ctx, 5); err == nil && len(list) > 0 {
			found = list[0]
		}
		return found
	}
	asked := func() bool {
		open, err := h.memory.Approvals(ctx, 1)
		return under().ID != "" || err == nil && len(open) > 0
	}
	command := "/move " + strconv.FormatInt(omar, 10) + " " + strconv.FormatInt(amina, 10)
	if err := admin.pursue([]move{{label: "Confirm – ask"}}, command, 90*time.Second, asked); err != nil {
		return err
	}
	if err := second.pursue([]move{{label: "Approve"}}, "", 90*time.Second, func() bool { return under().ID != "" }); err != nil {
		return err
	}
	prove := []move{{see: "Type the number", say: name}, {see: "numéro d'une commande", say: name}, {label: "Name a receipt"}, {label: "Nommer un reçu"}}
	if err := heir.pursue(prove, "", 90*time.Second, func() bool { return under().State == store.MoveWaiting }); err != nil {
		return err
	}
	if !until(60*time.Second, func() bool { return h.reads("wants to move your account") }) {
		return errors.New("the old account was not told")
	}
	h.advance(24*time.Hour + time.Minute)
	done := func() bool {
		_, moved, err := h.memory.MovesOf(ctx, omar)
		return err == nil && moved != ""
	}
	if !until(150*time.Second, func() bool { return h.up() && done() && h.reads("Your account was moved") }) {
		return fmt.Errorf("it was not carried out: %+v", under())
	}
	return nil
}

// relocated: nothing is left with the old account, and the new one has all of it once.
func relocated(w *wreck) []string {
	ctx := w.t.Context()
	left, _, err := w.memory.OrdersOf(ctx, omar, 0, 10)
	have, _, err2 := w.memory.OrdersOf(ctx, amina, 0, 10)
	old, err3 := w.memory.Balance(ctx, store.CustomerAccount(omar))
	now, err4 := w.memory.Balance(ctx, store.CustomerAccount(amina))
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return []string{err.Error()}
	}
	if len(left) != 0 || len(have) != 1 || have[0].Buyer != amina || old != 0 || now+have[0].Captured != 500_000_00 {
		return []string{fmt.Sprintf("%d orders and %d are left, %d orders and %d went over", len(left), old, len(have), now)}
	}
	return nil
}
