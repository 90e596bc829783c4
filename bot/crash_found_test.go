package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// finds is an admin who compares the suppliers with Redis after one of them sold what no order asks for, opens buying again, and waits until
// its cards are kept as the shop's own.
func finds(h *human) error {
	if err := h.sellsOutside(); err != nil {
		return err
	}
	ctx, open := h.t.Context(), []move{{label: "Confirm – open buying"}, {label: "Open buying"}}
	found := func() bool {
		orders, _, err := h.memory.HouseOrders(ctx, 0, 10)
		barred, barErr := h.memory.Barred(ctx, checkout.BarUnreconciled)
		return err == nil && barErr == nil && len(orders) > 0 && !barred
	}
	for try := 0; !found(); try++ {
		if try == 6 {
			return errors.New("the supplier's order was not found, or buying was not opened again")
		}
		if try > 0 {
			h.advance(6 * time.Minute) // a comparison that died with the program is made again
		}
		admin := &human{wreck: h.wreck, id: demo.DemoAdmin, calm: time.Now()}
		until(20*time.Second, func() bool { // the shop is not ready meanwhile: buying is stopped
			admin.look(open, "/reconcile 24h")
			return found()
		})
	}
	kept := until(270*time.Second, func() bool {
		orders, _, err := h.memory.HouseOrders(ctx, 0, 10)
		if err != nil || len(orders) == 0 {
			return false
		}
		cards, err := h.memory.Vault(ctx, orders[0].ID)
		if err == nil && len(cards) == 0 && h.up() && h.calm.Before(time.Now().Add(-20*time.Second)) {
			h.calm = time.Now()
			h.advance(2 * time.Minute) // the job that looks back runs once a minute
		}
		return err == nil && len(cards) > 0
	})
	if !kept {
		return errors.New("the cards of the supplier's order were not kept")
	}
	return nil
}

// sellsOutside has the gift card supplier sell what the shop did not ask for.
func (h *human) sellsOutside() error {
	settings := h.world.Settings()
	base, key := settings["ONECLICKDZ_BASE_URL"], settings["ONECLICKDZ_ACCESS_TOKEN"]
	body := `{"productId":"612600000000000000010001","typeId":"61260000000a000100010001","quantity":1}`
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, base+"/gift-cards/placeOrder", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Access-Token", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the supplier answers %s", resp.Status)
	}
	return nil
}

// house adds what the shop keeps of orders that nobody knows.
func (c *checker) house() {
	orders, _, err := c.memory.HouseOrders(c.ctx, 0, 1000)
	if c.failed(err) {
		return
	}
	for _, o := range orders {
		vault, err := c.memory.Vault(c.ctx, o.ID)
		if c.failed(err) {
			return
		}
		c.is(o.Total != 0 || o.Captured != 0 || o.State != store.Refused, "found order %s is %s and moved money", o.ID, o.State)
		c.stock += len(vault)
		c.all = append(c.all, o)
	}
}
