package main

import (
	"fmt"
	"testing"
	"time"

	"cardrop/bot/demo"
)

// TestCrashIntake sends one update and kills the program between its receipt and its effect, and between its effect and its reply: it
// counts once and is answered, without the person doing anything. So it is with
// polling and with a webhook.
func TestCrashIntake(t *testing.T) {
	t.Parallel()
	t.Run("polling", func(t *testing.T) { diesAtIntake(t, nil) })
	t.Run("webhook", func(t *testing.T) { diesAtIntake(t, scene(t, "webhook").settings) })
}

func diesAtIntake(t *testing.T, settings map[string]string) {
	t.Helper()
	for _, point := range []string{"store.save_talk.before", "store.save_talk.after", "telegram.sendMessage.before", "telegram.sendMessage.after"} {
		t.Run(point, func(t *testing.T) {
			w := newWreck(t, "", ruin{point, 1, "kill"}, settings)
			w.launch()
			if !until(60*time.Second, w.up) {
				t.Fatalf("the program did not get ready:\n%s", w.log)
			}
			w.arm()
			p := &human{wreck: w, id: omar}
			p.types("/start")
			if !until(40*time.Second, func() bool { return p.reads("Welcome to Cardrop, Omar") && w.struck() == 1 }) {
				t.Fatalf("after %d deaths nobody answered:\n%s\n%s", w.struck(), w.as(omar).screen(), w.log)
			}
			if err := w.still(t.Context()); err != nil {
				t.Error(err)
			}
			for _, broken := range w.promises(t.Context()) {
				t.Error(broken)
			}
			if talk, err := w.memory.LoadTalk(t.Context(), omar, 0); err != nil || talk.Version != 1 {
				t.Errorf("the update counted %d times (%v)", talk.Version, err)
			}
		})
	}
}

// TestCrashDrain ends the program while the replies to a crowd are on their way: each arrives, and all is over within 10 s.
func TestCrashDrain(t *testing.T) {
	t.Parallel()
	w := newShipwright(t)
	c := w.join(w.addr, nil)
	w.crowd()
	if err := w.world.Telegram.AddFault(demo.Fault{Method: "sendMessage", Kind: demo.FaultDelay, Delay: 2 * time.Second, Times: -1}); err != nil {
		t.Fatal(err)
	}
	stored := func() int {
		n := 0
		for i := range int64(crowdSize) {
			if talk, err := w.memory.LoadTalk(t.Context(), crowdFirst+i, 0); err == nil && talk.Version == 1 {
				n++
			}
		}
		return n
	}
	for i := range int64(crowdSize) {
		(&human{wreck: w, id: crowdFirst + i}).types("/start")
	}
	if !until(patience, func() bool { return stored() > 0 }) {
		t.Fatalf("nothing was handled:\n%s", c.log)
	}
	if took := c.leave(); took > 10*time.Second {
		t.Errorf("its end took %s", took)
	}
	done := stored()
	for i := range int64(crowdSize) {
		p := &human{wreck: w, id: crowdFirst + i}
		talk, err := w.memory.LoadTalk(t.Context(), p.id, 0)
		if err != nil {
			t.Fatal(err)
		}
		if talk.Version == 1 && !p.reads(fmt.Sprintf("Welcome to Cardrop, Customer %d", i)) {
			t.Errorf("the reply to customer %d was cut", i)
		}
	}
	w.world.Telegram.ClearFaults()
	next := w.join(w.addr, nil)
	if err := w.still(t.Context()); err != nil {
		t.Error(err)
	}
	for _, broken := range w.promises(t.Context()) {
		t.Error(broken)
	}
	t.Logf("%d of %d updates were handled before the end, the rest after it", done, crowdSize)
	next.leave()
}
