package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/bot/demo"
	"cardrop/flows"
)

func TestReplyAndPress(t *testing.T) {
	r := newRig(t, nil)
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		switch in.Button {
		case "":
			rows := [][]flows.Button{{{Text: "Fast", Data: "fast"}, {Text: "Slow", Data: "slow"}, {Text: "No", Data: "no"}}}
			return flows.Reply{Screens: []flows.Screen{{Text: "menu", Rows: rows}}, Version: 1}, nil
		case "slow":
			in.Accept()
			in.Accept()
			return flows.Reply{Alert: "too late for this", Version: 3}, nil
		case "no":
			return flows.Reply{Alert: "not now", Modal: true}, nil
		}
		return flows.Reply{Screens: []flows.Screen{{Text: "chosen", Edit: in.Message}}, Version: 2}, nil
	}
	r.start(t)
	r.say(t, amina, "/start")
	menu := r.shows(t, amina, "menu")
	want := map[string]demo.Callback{}
	for _, label := range []string{"No", "Slow", "Fast"} {
		id, err := r.tg.PressText(amina, amina, menu.ID, label)
		if err != nil {
			t.Fatal(err)
		}
		if want[label], err = r.tg.WaitAnswer(soon(t), id); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.shows(t, amina, "chosen"); got.ID != menu.ID {
		t.Errorf("menu was sent anew as %d, not edited in place", got.ID)
	}
	if want["No"].Text != "not now" || !want["No"].Alert || want["Slow"].Text != "" || want["Fast"].Text != "" {
		t.Errorf("answers: %+v", want)
	}
	r.halt(t)
	if n := len(r.calls("answerCallbackQuery")); n != 3 {
		t.Errorf("%d answers to 3 presses", n)
	}
	if reports := r.tg.Reports(); len(reports) != 0 {
		t.Errorf("reports: %+v", reports)
	}
	wantDrawn := []drawing{{amina, 1, menu.ID, 1}, {amina, 3, 0, 0}, {amina, 2, menu.ID, 1}}
	if diff := cmp.Diff(wantDrawn, r.desk.drawn); diff != "" {
		t.Errorf("drawn (-want +got):\n%s", diff)
	}
}

// A process that dies between receipt and effect has confirmed nothing: the next one gets the update.
func TestThreat31OffsetWaitsForEffect(t *testing.T) {
	r := newRig(t, nil)
	var away atomic.Bool
	away.Store(true)
	tried := make(chan struct{}, 100)
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		if in.Chat == amina && away.Load() {
			tried <- struct{}{}
			return flows.Reply{}, errors.New("memory away")
		}
		return flows.Reply{Screens: []flows.Screen{{Text: "ok " + in.Text}}, Version: 1}, nil
	}
	r.say(t, amina, "first")
	r.say(t, omar, "second")
	r.start(t)
	r.shows(t, omar, "ok second")
	<-tried
	<-tried
	if n := r.tg.Pending(); n != 2 {
		t.Errorf("%d updates unconfirmed before the first one's effect, want 2", n)
	}
	r.halt(t)
	if n := r.tg.Pending(); n != 2 {
		t.Fatalf("%d updates unconfirmed after the end, want 2", n)
	}
	away.Store(false)
	r.Bot = r.build(t)
	r.start(t)
	r.shows(t, amina, "ok first")
	if err := r.tg.Await(soon(t), func() bool { return len(r.tg.Messages(amina)) == 2 }); err != nil {
		t.Fatal(err)
	}
	r.halt(t)
	if n := r.tg.Pending(); n != 0 {
		t.Errorf("%d updates unconfirmed, want 0", n)
	}
}

func TestOrderInChatAndChatsInParallel(t *testing.T) {
	r := newRig(t, nil)
	var mu sync.Mutex
	got := map[int64][]string{}
	release := make(chan struct{})
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		if in.Chat == amina {
			<-release // Amina's lane waits until Omar's is done
		}
		mu.Lock()
		defer mu.Unlock()
		got[in.Chat] = append(got[in.Chat], in.Text)
		if len(got[omar]) == 20 && in.Chat == omar {
			close(release)
		}
		return flows.Reply{}, nil
	}
	var want []string
	for i := range 20 {
		text := fmt.Sprint("n", i)
		want = append(want, text)
		r.say(t, amina, text)
		r.say(t, omar, text)
	}
	r.start(t)
	if err := r.wait20(t, &mu, got); err != nil {
		t.Fatal(err)
	}
	r.halt(t)
	if diff := cmp.Diff(map[int64][]string{amina: want, omar: want}, got); diff != "" {
		t.Errorf("handled (-want +got):\n%s", diff)
	}
	if n := r.tg.Pending(); n != 0 {
		t.Errorf("%d updates unconfirmed", n)
	}
}

// wait20 waits until Amina's twenty updates are confirmed.
func (r *rig) wait20(t *testing.T, mu *sync.Mutex, got map[int64][]string) error {
	t.Helper()
	ctx := soon(t)
	for {
		mu.Lock()
		n := len(got[amina])
		mu.Unlock()
		if n == 20 {
			return nil
		}
		if err := rest(ctx, grace/10); err != nil {
			return err
		}
	}
}

func TestThreat05PanicInStep(t *testing.T) {
	const canary = "KANARY-4711-XYZ"
	clock := newStepClock()
	r := newRig(t, func(o *Options) { o.Now, o.Wait = clock.now, clock.wait })
	b := r.Bot
	var calls atomic.Int32
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		if in.Text == "boom" {
			calls.Add(1)
			panic(canary)
		}
		return flows.Reply{Screens: []flows.Screen{{Text: "ok " + in.Text}}, Version: 1}, nil
	}
	settled := make(chan bool, 2)
	r.say(t, amina, "x")
	for i, text := range []string{"boom", "after"} {
		in := &flows.Input{Update: int64(i), Chat: amina, User: amina, Private: true, Text: text}
		d := delivery{arrival: arrival{id: int64(i), chat: amina, input: in}, settled: func(ok bool) { settled <- ok }}
		if err := b.take(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if first, second := <-settled, <-settled; !first || !second {
		t.Errorf("settled %v %v, want both", first, second)
	}
	r.shows(t, amina, "ok after")
	if n := calls.Load(); n != panicTries {
		t.Errorf("tried %d times, want %d", n, panicTries)
	}
	log := r.log.String()
	if strings.Contains(log, canary) || !strings.Contains(log, "ALARM") || !strings.Contains(log, "type=string") {
		t.Errorf("log holds the panic's value, or lacks its type or the alarm:\n%s", log)
	}
}

// The end asked for in the middle of a step lets step and reply happen, and confirms the update.
func TestShutdownFinishesWork(t *testing.T) {
	r := newRig(t, nil)
	begun, release := make(chan struct{}), make(chan struct{})
	r.desk.handle = func(ctx context.Context, in flows.Input) (flows.Reply, error) {
		close(begun)
		<-release
		if ctx.Err() != nil {
			return flows.Reply{}, ctx.Err()
		}
		return flows.Reply{Screens: []flows.Screen{{Text: "done " + in.Text}}, Version: 1}, nil
	}
	r.say(t, amina, "it")
	r.start(t)
	<-begun
	r.stop()
	close(release)
	if err := <-r.end; err != nil {
		t.Fatal(err)
	}
	r.shows(t, amina, "done it")
	if n := r.tg.Pending(); n != 0 {
		t.Errorf("%d updates unconfirmed", n)
	}
	if drops := r.opts.Leases.(*sole).drops; !slices.Contains(drops, pollLease) {
		t.Errorf("lease not given back: %v", drops)
	}
}

func TestCrowdedMenusAreDrawnOnce(t *testing.T) {
	edit := flows.Screen{Text: "menu", Edit: 7}
	tests := []struct {
		name  string
		reply flows.Reply
		want  bool
	}{
		{"menu in place", flows.Reply{Version: 1, Screens: []flows.Screen{edit}}, true},
		{"nothing stored", flows.Reply{Screens: []flows.Screen{edit}}, false},
		{"new message", flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "x"}}}, false},
		{"timeline", flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "x", Edit: 7, Order: "A"}}}, false},
		{"kept", flows.Reply{Version: 1, Screens: []flows.Screen{{Text: "x", Edit: 7, Keep: true}}}, false},
		{"prompt to remove", flows.Reply{Version: 1, Screens: []flows.Screen{edit}, Delete: []int{3}}, false},
	}
	for _, tt := range tests {
		if got := skippable(tt.reply); got != tt.want {
			t.Errorf("%s: skippable %v, want %v", tt.name, got, tt.want)
		}
	}
}
