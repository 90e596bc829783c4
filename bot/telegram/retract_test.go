package telegram

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
)

// lie puts codes on screens and returns where they lie.
func lie(t *testing.T, r *rig, chats ...int64) []checkout.Receipt {
	t.Helper()
	r.channel.words = plainWording{cardPage()}
	var all []checkout.Receipt
	for _, chat := range chats {
		receipt, err := r.Channel().Prepare(t.Context(), checkout.Recipient{Chat: chat, User: chat})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Channel().Show(t.Context(), receipt, checkout.Parcel{}); err != nil {
			t.Fatal(err)
		}
		all = append(all, receipt)
	}
	return all
}

// retractAll takes all back and returns the results, of which there has to be one each.
func retractAll(t *testing.T, r *rig, all []checkout.Receipt) []error {
	t.Helper()
	var mu sync.Mutex
	results, told := make([]error, len(all)), make([]int, len(all))
	r.channel.RetractAll(t.Context(), all, func(i int, err error) {
		mu.Lock()
		defer mu.Unlock()
		results[i], told[i] = err, told[i]+1
	})
	for i, n := range told {
		if n != 1 {
			t.Errorf("receipt %d got %d results", i, n)
		}
	}
	return results
}

// held counts the messages that still hold the code.
func held(r *rig) (n int) {
	for _, m := range r.tg.Holding(codeCanary) {
		if !m.Deleted && m.Versions[len(m.Versions)-1].Holds(codeCanary) {
			n++
		}
	}
	return n
}

// TestRetractAll takes messages of several chats back under every answer of deleteMessages that Telegram gives.
func TestRetractAll(t *testing.T) {
	fault := func(kind demo.FaultKind, method string, code int, text string, times int) demo.Fault {
		return demo.Fault{Method: method, Kind: kind, Code: code, Description: text, Times: times, RetryAfter: 1}
	}
	tests := []struct {
		name   string
		age    time.Duration // of the first message
		faults []demo.Fault
		block  bool
		lose   bool // the first message is gone already
		left   int  // codes that stay
		failed int  // results that are errors
		calls  int  // of deleteMessages
	}{
		{name: "at once", calls: 2},
		{name: "one is gone", lose: true, calls: 2},
		{name: "one is too old", age: 41 * time.Hour, calls: 2},
		{name: "one is far too old", age: 49 * time.Hour, calls: 2},
		{name: "cannot be deleted together", faults: []demo.Fault{fault(demo.FaultError, "deleteMessages", 400, "Bad Request: message can't be deleted", 2)}, calls: 2},
		{name: "strange refusals", faults: []demo.Fault{fault(demo.FaultError, "deleteMessages", 400, "Bad Request: strange", 2)}, calls: 2},
		{name: "flood for a second", faults: []demo.Fault{fault(demo.FaultFlood, "deleteMessages", 0, "", 1)}, calls: 3},
		{name: "answers lost", faults: []demo.Fault{fault(demo.FaultCutAfter, "deleteMessages", 0, "", 2)}, calls: 4},
		{name: "network down", faults: []demo.Fault{fault(demo.FaultCutBefore, "deleteMessages", 0, "", 8)}, left: 5, failed: 5, calls: 8},
		{name: "server fails", faults: []demo.Fault{fault(demo.FaultError, "deleteMessages", 500, "Internal Server Error", 8)}, left: 5, failed: 5, calls: 8},
		{name: "blocked", block: true, left: 3, failed: 3, calls: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _, _ := newSendRig(t)
			all := lie(t, r, amina, omar, amina, omar, amina)
			if tt.age > 0 {
				all[0].Sent = all[0].Sent.Add(-tt.age) // as the shop remembers it
			}
			if tt.lose {
				if err := r.Channel().Retract(t.Context(), all[0]); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range tt.faults {
				r.fault(t, f)
			}
			if tt.block {
				if err := r.tg.Block(amina); err != nil {
					t.Fatal(err)
				}
			}
			failed := 0
			for _, err := range retractAll(t, r, all) {
				if err != nil {
					failed++
				}
				if tt.block != errors.Is(err, checkout.ErrUnreachable) && err != nil {
					t.Errorf("result %v", err)
				}
			}
			if n := len(r.calls("deleteMessages")); failed != tt.failed || held(r) != tt.left || n != tt.calls {
				t.Errorf("%d failed, %d are held, %d calls", failed, held(r), n)
			}
		})
	}
}

// TestRetractHundreds: no call names more than 100 messages.
func TestRetractHundreds(t *testing.T) {
	r, _, _ := newSendRig(t)
	all := lie(t, r, slices.Repeat([]int64{amina}, 230)...)
	for _, err := range retractAll(t, r, all) {
		if err != nil {
			t.Error(err)
		}
	}
	var sizes []int
	for _, c := range r.calls("deleteMessages") {
		sizes = append(sizes, len(c.MessageIDs))
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{30, 100, 100}) || held(r) != 0 {
		t.Errorf("calls of %v, %d are held", sizes, held(r))
	}
}

// TestRemovalsKeepTheirPace: after a first burst removals leave about 30 a second; a 429 holds the next ones back.
func TestRemovalsKeepTheirPace(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	b := newBrakes(func() time.Time { return now }, nil)
	for range deletesBurst {
		if d := b.nextDelete(); d > 0 {
			t.Fatalf("a removal of the burst waits %s", d)
		}
	}
	for i := range 90 {
		if d, want := b.nextDelete(), time.Duration(i+1)*deletesApart; d != want {
			t.Fatalf("removal %d waits %s, want %s", i, d, want)
		}
	}
	now = now.Add(time.Hour)
	if err := b.hold(context.Background(), 7, lotDelete, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	if d := b.nextDelete(); d < time.Second || d > 1100*time.Millisecond {
		t.Errorf("after a 429 the next one waits %s", d)
	}
}
