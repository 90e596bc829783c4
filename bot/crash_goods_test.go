package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	giftz "cardrop/providers/giftz/sandbox"
	"cardrop/store"
)

// hides is an admin who takes a product out of the window, and puts it back.
func hides(h *human) error {
	ctx, code := h.t.Context(), ""
	found := until(60*time.Second, func() bool {
		codes, err := h.memory.Codes(ctx)
		for ref, c := range codes {
			if strings.HasSuffix(ref, "A0001") {
				code = c
			}
		}
		return err == nil && code != ""
	})
	if !found {
		return errors.New("the product has no code")
	}
	stands := func(value string) func() bool {
		return func() bool {
			a, err := h.memory.Arrangement(ctx)
			return err == nil && a.Number > 0 && a.Fields[code+"|hidden|"] == value
		}
	}
	admin := &human{wreck: h.wreck, id: demo.DemoAdmin}
	if err := admin.pursue(nil, "/hide "+code, 60*time.Second, stands("1")); err != nil {
		return err
	}
	again := &human{wreck: h.wreck, id: demo.DemoAdmin}
	return again.pursue(nil, "/show "+code, 60*time.Second, stands(""))
}

// steamType is the simulator's id of the gift card that is one line with the voucher S0001_GZ in these tests.
const steamType = "61260000000a000200010001"

// refusesOne makes a voucher one line with a gift card that is a little dearer, and has the voucher's supplier refuse to sell for good.
func refusesOne(w *wreck) error {
	h := &human{wreck: w, id: omar}
	main, part := h.code("S0001_GZ"), h.code("612600000000000000020001/"+steamType)
	if main == "" || part == "" {
		return errors.New("the catalog does not know both lines")
	}
	if !w.world.OneClickDz.SetPrice(steamType, 266_00) { // the voucher costs 265 DZD and is sold at 280
		return errors.New("the gift card has no price")
	}
	if _, err := w.memory.Arrange(w.t.Context(), -1, map[string]string{part + "|joined|": main},
		store.Event{Kind: checkout.EventArranged, Actor: "system"}); err != nil {
		return err
	}
	return w.world.GiftZ.Fault(giftz.Trouble{Fault: giftz.OutOfStock})
}

// boughtElsewhere: every order was refused by the first supplier and sold by the second one, once.
func boughtElsewhere(w *wreck) (broken []string) {
	orders, _, err := w.memory.OrdersOf(w.t.Context(), omar, 0, 10)
	if err != nil || len(orders) == 0 {
		return []string{fmt.Sprintf("no order: %v", err)}
	}
	for _, o := range orders {
		if o.State != store.Fulfilled || len(o.Placements) != 2 || o.Placements[0].State != store.Refused || o.Placements[1].Provider != "ocgift" {
			broken = append(broken, fmt.Sprintf("order %s is %s: %+v", o.ID, o.State, o.Placements))
		}
	}
	if n := len(w.world.OneClickDz.Sold()); n != len(orders) || len(w.world.GiftZ.Sold()) > 0 {
		broken = append(broken, fmt.Sprintf("%d and %d sales for %d orders", n, len(w.world.GiftZ.Sold()), len(orders)))
	}
	return broken
}
