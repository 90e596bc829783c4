package main

import (
	"errors"
	"strings"
	"time"

	"cardrop/bot/demo"
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
