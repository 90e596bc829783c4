package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TestChildOfTheTests is no test: it is the shop that TestShop runs, in a process of its own. It tells what it is told.
func TestChildOfTheTests(t *testing.T) {
	if os.Getenv("SHOP") != "demo" {
		t.Skip("not started as a shop")
	}
	signal.Ignore(syscall.SIGTERM) // it ends with its world
	l, err := Hold(os.Stdin)
	if err != nil {
		t.Fatal(err)
	}
	tell := func(n news) {
		if err := json.NewEncoder(os.Stdout).Encode(n); err != nil {
			t.Fatal(err)
		}
	}
	number, _ := strconv.Atoi(l.After())
	event := func(kind string) {
		number++
		tell(news{Event: &Event{ID: strconv.Itoa(number), Kind: kind}})
	}
	tell(news{Open: true})
	tell(news{Showing: &Showing{Chat: 7, Message: number, Until: time.Now().Add(time.Hour)}})
	offset := time.Duration(-1)
	for {
		if now := l.Offset(); now != offset {
			offset = now
			event("OFFSET " + offset.String())
		}
		select {
		case name := <-l.Resumed():
			event("RESUMED " + name)
		case <-l.Gone():
			event("GONE")
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestShop kills the child twice in the middle of its life and ends it at last: it begins where it was, and hears what is said to it.
func TestShop(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	living, stop := context.WithCancel(t.Context())
	opened, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- w.RunShop(living, ShopOptions{Path: path, Args: []string{"-test.run=^TestChildOfTheTests$"}, Stderr: io.Discard},
			func() { opened <- struct{}{} })
	}()
	<-opened
	s := w.shop.Load()
	s.hears(t, "1 OFFSET 0s")
	w.Advance(time.Minute)
	s.hears(t, "2 OFFSET 1m0s")
	if err := w.Switch("oneclickdz", "no-funds", true); err != nil {
		t.Fatal(err)
	}
	if err := w.Switch("oneclickdz", "no-funds", false); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "4 RESUMED ocnet")
	for n := range 2 {
		if got := post(t, w.URL()+"/room/restart", `{}`); got != 200 {
			t.Fatalf("restart: %d", got)
		}
		if s.hears(t, fmt.Sprint(n+5, " OFFSET 1m0s")); s.restarts != n+1 {
			t.Errorf("killed %d times, want %d", s.restarts, n+1)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	last := s.told()
	if got := last[len(last)-1]; got != "7 GONE" {
		t.Errorf("ends with %q, all of it: %q", got, last)
	}
	if v, fresh, all, _ := w.view(0); v.Shop.State != shopEnded || len(v.Showings) != 3 || len(fresh) != all {
		t.Errorf("the room shows %+v, %d showings, %d of %d events", v.Shop, len(v.Showings), len(fresh), all)
	}
	if s.Restart() {
		t.Error("an ended shop was killed")
	}
}

func TestShopThatEndsByItself(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	for _, path := range []string{filepath.Join(t.TempDir(), "nothing"), "/bin/false"} {
		err := w.RunShop(ctx(t), ShopOptions{Path: path, Stderr: io.Discard}, func() { t.Error("it opened") })
		if err == nil {
			t.Errorf("%s ended and that was no error", path)
		}
	}
}

func (s *Shop) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, e := range s.events {
		list = append(list, fmt.Sprint(e.ID, " ", e.Kind))
	}
	return list
}

// hears waits until the newest event is this one.
func (s *Shop) hears(t *testing.T, event string) {
	t.Helper()
	limited := ctx(t)
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if told := s.told(); len(told) > 0 && told[len(told)-1] == event {
			return
		}
		select {
		case <-changed:
		case <-limited.Done():
			t.Fatalf("the shop never told %s, only %q", event, s.told())
		}
	}
}
