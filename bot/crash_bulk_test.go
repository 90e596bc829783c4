package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	giftz "cardrop/providers/giftz/sandbox"
	"cardrop/store"
)

// TestCrashBulk has a reseller order many cards in the group, kills the program at random moments until the order has ended, and
// counts: every placement charged once, every card distinct, all of them in the buyer's file. With CRASH=full it is a hundred cards and
// ten deaths.
func TestCrashBulk(t *testing.T) {
	t.Parallel()
	cards, kills := 60, 3
	if os.Getenv("CRASH") == crashFull {
		cards, kills = 100, 10
	}
	w := newWreck(t, "", ruin{}, nil)
	w.resells(2_000_000_00)
	w.launch()
	if !until(80*time.Second, w.up) {
		t.Fatalf("the program did not get ready\n%s", w.log)
	}
	buyer := &human{wreck: w, id: omar}
	w.hampers(true)
	order, err := buyer.ordersInGroup("/buy " + buyer.code("G0002_GZ") + " " + fmt.Sprint(cards))
	if err != nil {
		t.Fatalf("%v\n%s", err, w.log)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice, struck := rand.New(rand.NewPCG(seed, 0)), 0 //nolint:gosec // repeatable on purpose
	for struck < kills && !w.ended(order) {
		until(30*time.Second, w.up)
		time.Sleep(time.Duration(dice.IntN(2500)) * time.Millisecond)
		if w.strike() {
			struck++
			w.hampers(struck%2 == 0)
		}
	}
	if struck < kills {
		t.Errorf("the order ended after %d deaths, before the %d that were meant", struck, kills)
	}
	w.world.GiftZ.Clear()
	if !until(120*time.Second, func() bool { return w.ended(order) }) {
		t.Fatalf("the order does not end\n%s", w.log)
	}
	o, err := w.memory.Order(t.Context(), order)
	if err != nil || o.State != store.Fulfilled || o.Delivered != cards || o.Captured != o.Total {
		t.Fatalf("the order ends %s with %d of %d cards, %d of %d captured (%v)", o.State, o.Delivered, cards, o.Captured, o.Total, err)
	}
	charged, codes := 0, map[string]bool{}
	for _, s := range w.world.GiftZ.Sold() {
		charged += s.Quantity
		for _, code := range s.Codes {
			codes[code] = true
		}
	}
	if charged != cards || len(codes) != cards {
		t.Errorf("%d cards were charged and %d codes are distinct, want %d", charged, len(codes), cards)
	}
	if err := buyer.receives(scenario{}); err != nil {
		t.Error(err)
	}
	if err := w.still(t.Context()); err != nil {
		t.Error(err)
	}
	for _, broken := range w.promises(t.Context()) {
		t.Error(broken)
	}
	if t.Failed() {
		t.Log(w.log)
	}
	t.Logf("%d cards in %d placements through %d deaths", cards, len(o.Placements), struck)
}

// hampers lets the supplier answer no call but, with one, the next one, slowly: so that an order of many parts outlives many deaths.
func (w *wreck) hampers(one bool) {
	w.world.GiftZ.Clear()
	if one {
		if err := w.world.GiftZ.Fault(giftz.Trouble{Fault: giftz.Slow, Times: 1, For: 400 * time.Millisecond}); err != nil {
			w.t.Error(err)
		}
	}
	if err := w.world.GiftZ.Fault(giftz.Trouble{Fault: giftz.HTML502}); err != nil {
		w.t.Error(err)
	}
}

// resells makes the group of the crash tests a reseller with money, and its buyer known in private, before the program starts.
func (w *wreck) resells(minor int64) {
	w.t.Helper()
	ctx, account := w.t.Context(), store.GroupAccount(resellers)
	w.world.Telegram.NewGroup(resellers, "Resellers", omar)
	_, err := w.memory.LinkGroup(ctx, resellers, account, true, store.Event{Kind: checkout.EventLinked})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.memory.Move(ctx, store.Transfer{ID: "endow:group", From: store.External, To: account, Amount: minor,
		Event: store.Event{Kind: checkout.EventCredited}})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.world.Telegram.Say(omar, omar, "/start"); err != nil {
		w.t.Fatal(err)
	}
}

// ordersInGroup asks in the group and confirms, and gives the order's id.
func (h *human) ordersInGroup(command string) (string, error) {
	if !until(30*time.Second, func() bool { return h.reads("Welcome") }) {
		return "", fmt.Errorf("the private chat is not answered")
	}
	id, asked := "", time.Time{}
	made := until(90*time.Second, func() bool {
		if list, _, err := h.memory.OrdersOf(h.t.Context(), h.id, 0, 1); err == nil && len(list) == 1 {
			id = list[0].ID
			return true
		}
		if time.Since(asked) < 8*time.Second {
			return false
		}
		list := h.world.Telegram.Messages(resellers)
		for _, m := range slices.Backward(list) {
			if m.FromBot && (move{label: "Confirm – pay"}).fits(m) {
				asked = time.Now()
				_, _ = h.world.Telegram.PressText(resellers, h.id, m.ID, "Confirm – pay")
				return false
			}
		}
		if !slices.ContainsFunc(list, func(m demo.Message) bool { return strings.HasPrefix(m.Text, "/buy") }) {
			_, _ = h.world.Telegram.Say(resellers, h.id, command)
		}
		return false
	})
	if !made {
		return "", fmt.Errorf("no order was made; in the group:\n%s", h.as(resellers).screen())
	}
	return id, nil
}

// strike kills the program if it runs, and waits until its supervisor has begun another.
func (w *wreck) strike() bool {
	w.mu.Lock()
	cmd, before := w.cmd, w.hits
	if cmd == nil || cmd.Process == nil || cmd.Process.Kill() != nil {
		w.mu.Unlock()
		return false
	}
	w.mu.Unlock()
	return until(20*time.Second, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.hits > before && w.cmd != cmd
	})
}

// ended tells whether an order is final.
func (w *wreck) ended(order string) bool {
	o, err := w.memory.Order(w.t.Context(), order)
	return err == nil && o.State.Final()
}
