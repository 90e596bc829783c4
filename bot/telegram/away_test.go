package telegram

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/flows"
)

// Away stands in for the shop's words.
func (plainWording) Away(string) string { return "records away" }

// TestAwayIsSaid lets the desk fail for a while: who typed and who pressed hear why nothing happens, once each, nothing is confirmed to
// Telegram meanwhile, and both steps come when the desk is back.
func TestAwayIsSaid(t *testing.T) {
	const haste = 20 // times faster than real time: the steps come back ever later
	began := time.Now()
	r := newRig(t, func(o *Options) {
		o.Now = func() time.Time { return began.Add(haste * time.Since(began)) }
		o.Wait = func(ctx context.Context, d time.Duration) error { return rest(ctx, d/haste) }
	})
	var away atomic.Bool
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		switch {
		case away.Load():
			return flows.Reply{}, errors.New("memory is away")
		case in.Button == "buy":
			return flows.Reply{Screens: []flows.Screen{{Text: "bought", Edit: in.Message}}, Version: in.Update}, nil
		}
		return flows.Reply{Screens: []flows.Screen{{Text: "you said " + in.Text, Rows: [][]flows.Button{{{Text: "Buy", Data: "buy"}}}}}, Version: in.Update}, nil
	}
	r.start(t)
	r.say(t, amina, "hello")
	menu := r.shows(t, amina, "you said hello")
	away.Store(true)
	id, err := r.tg.PressText(amina, amina, menu.ID, "Buy")
	if err != nil {
		t.Fatal(err)
	}
	r.say(t, omar, "anybody")
	r.say(t, omar, "really nobody")
	answer, err := r.tg.WaitAnswer(soon(t), id)
	if err != nil || answer.Text != "records away" || !answer.Alert {
		t.Errorf("the press heard %+v, %v", answer, err)
	}
	r.shows(t, omar, "records away")
	if n := r.tg.Pending(); n != 3 {
		t.Errorf("%d updates are unconfirmed, want 3", n)
	}
	away.Store(false)
	r.shows(t, amina, "bought")
	r.shows(t, omar, "you said really nobody")
	r.halt(t)
	if n := said(r, omar, "records away"); n != 1 {
		t.Errorf("it was said %d times to one chat", n)
	}
	if n := said(r, amina, "records away"); n != 0 {
		t.Errorf("it was said by %d messages beside the button", n)
	}
	if n := r.tg.Pending(); n != 0 {
		t.Errorf("%d updates are still unconfirmed", n)
	}
}

func said(r *rig, chat int64, text string) int {
	n := 0
	for _, m := range r.tg.Messages(chat) {
		if m.FromBot && m.Text == text {
			n++
		}
	}
	return n
}

func TestExcusesAreRare(t *testing.T) {
	var e excuses
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, want := range []bool{true, false, false, true} {
		if got := e.due(1, at.Add(time.Duration(i)*20*time.Second)); got != want {
			t.Errorf("after %d s: %v", 20*i, got)
		}
	}
	for chat := range int64(awayMost + 10) {
		e.due(chat+10, at)
	}
	if len(e.told) > awayMost {
		t.Errorf("%d chats are remembered", len(e.told))
	}
}
