package demo

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

func TestHoldNeedsAFirstWord(t *testing.T) {
	for _, in := range []string{"", "\n", "{}", "nonsense", `{"after":"1-0"}`} {
		if _, err := Hold(strings.NewReader(in)); err == nil {
			t.Errorf("%q ties a shop", in)
		}
	}
}

func TestLeash(t *testing.T) {
	read, write := io.Pipe()
	ahead := 90 * time.Second
	go func() { _ = say(write, word{Offset: &ahead, After: "7-1"}) }()
	l, err := Hold(read)
	if err != nil {
		t.Fatal(err)
	}
	if l.Offset() != ahead || l.After() != "7-1" {
		t.Errorf("begins with %s after %q", l.Offset(), l.After())
	}
	ahead = time.Hour
	for _, w := range []word{{Offset: &ahead}, {Resume: []string{"giftz"}}} {
		if err := say(write, w); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case name := <-l.Resumed():
		if name != "giftz" {
			t.Errorf("resumed %q", name)
		}
	case <-ctx(t).Done():
		t.Fatal("nothing was resumed")
	}
	if l.Offset() != time.Hour {
		t.Errorf("offset is %s", l.Offset())
	}
	_ = write.Close()
	select {
	case <-l.Gone():
	case <-ctx(t).Done():
		t.Fatal("the end of the world was not seen")
	}
}

// TestNewsIsWhatTheShopTells pins the lines between the two processes, which are written and read by different packages.
func TestNewsIsWhatTheShopTells(t *testing.T) {
	line := `{"event":{"id":"5-0","at":"2026-01-02T03:04:05Z","kind":"CARDS_DELIVERED","order":"K7M29QXW","person":"p","actor":"a","data":{"cards":"1"}}}
{"showing":{"chat":7,"message":3,"until":"2026-01-02T03:05:05Z"}}
{"open":true}`
	words := json.NewDecoder(strings.NewReader(line))
	words.DisallowUnknownFields()
	var all [3]news
	for i := range all {
		if err := words.Decode(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if e := all[0].Event; e == nil || e.ID != "5-0" || e.Kind != "CARDS_DELIVERED" || e.Data["cards"] != "1" || e.At.IsZero() {
		t.Errorf("event is %+v", e)
	}
	if s := all[1].Showing; s == nil || s.Chat != 7 || s.Message != 3 || s.Until.Second() != 5 {
		t.Errorf("showing is %+v", s)
	}
	if !all[2].Open {
		t.Error("the shop is not open")
	}
}
