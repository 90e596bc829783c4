package main

import (
	"strconv"
	"testing"
	"time"

	giftz "cardrop/providers/giftz/sandbox"
)

// TestBlockedBuyer: what could not be sent to a buyer who blocked the bot waits, also over a restart, and is shown at the next /start.
func TestBlockedBuyer(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		r := newRig(t, m, nil)
		r.fund(omar, "20000")
		p := r.as(omar)
		p.confirms()
		if err := r.world.GiftZ.Fault(giftz.Trouble{Fault: giftz.Slow, For: 1500 * time.Millisecond, Times: 1}); err != nil {
			t.Fatal(err)
		}
		p.taps("Confirm")
		p.sees("Processing")
		if err := r.world.Telegram.Block(omar); err != nil {
			t.Fatal(err)
		}
		held := func() bool {
			n, err := m.rdb.HLen(t.Context(), "{"+r.env["SHOP"]+"}:held:"+strconv.FormatInt(omar, 10)).Result()
			return err == nil && n == 1
		}
		if !until(patience, held) {
			t.Fatalf("nothing is held; log:\n%s", r.log)
		}
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		r.leasesEnd()
		r.start()
		if !held() {
			t.Fatal("it was lost with the restart")
		}
		if err := r.world.Telegram.Unblock(omar); err != nil {
			t.Fatal(err)
		}
		p.say("/start")
		p.sees("Your card is ready", "Show")
		p.sees("1 card delivered")
		p.taps("👁 Show")
		p.sees("Copy code")
		p.gone("Copy code")
	})
}
