package main

import (
	"errors"
	"fmt"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// castPeople is how many customers the broadcasts of the crash tests have beside the buyer and the admin.
const castPeople = 12

// announces is an admin who sends an announcement to everybody, until it is over.
func announces(h *human) error {
	ctx := h.t.Context()
	for i := range int64(castPeople) {
		h.world.Telegram.Acquaint(castChat+i, "Customer", "en", i == 3)
		if _, err := h.memory.CustomerNumber(ctx, castChat+i); err != nil {
			return err
		}
	}
	admin := &human{wreck: h.wreck, id: demo.DemoAdmin}
	over := func() bool {
		b, err := h.memory.Broadcast(ctx)
		return err == nil && b.State == store.BroadcastOver
	}
	begun := func() bool { _, err := h.memory.Broadcast(ctx); return err == nil }
	err := admin.pursue([]move{{label: "Send now"}, {label: "Send to everybody"}, {see: "The text in English", say: castText}, {label: "Write"}},
		"/broadcast", 120*time.Second, begun)
	if err != nil {
		return err
	}
	if !until(120*time.Second, over) {
		return errors.New("the announcement does not end")
	}
	return nil
}

// announced: nobody got it twice, and who did not get it is counted.
func announced(w *wreck) []string {
	b, err := w.memory.Broadcast(w.t.Context())
	if err != nil {
		return []string{err.Error()}
	}
	got := w.casts(castPeople)
	unsure := int(b.Fates[store.FateUnsure])
	var broken []string
	if got.twice > 0 || got.missed-1 > unsure || got.missed < 1 || b.Fates[store.FateFailed] > 0 {
		broken = append(broken, fmt.Sprintf("an announcement to %d people: %+v, and the shop says %v", castPeople, got, b.Fates))
	}
	events, err := w.memory.EventsAfter(w.t.Context(), "", 10_000)
	if err != nil {
		return append(broken, err.Error())
	}
	ends := 0
	for _, e := range events {
		if e.Kind == checkout.EventCastOver {
			ends++
		}
	}
	if ends != 1 {
		broken = append(broken, fmt.Sprintf("%d ends of one announcement are on record", ends))
	}
	return broken
}
