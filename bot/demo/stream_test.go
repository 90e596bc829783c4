package demo

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen is whose chat a state was, and how many messages it had.
type seen struct {
	User, Chat int64
	Messages   int
}

func nextSeen(t *testing.T, next func(string) string) seen {
	t.Helper()
	var s State
	if err := json.Unmarshal([]byte(next("state")), &s); err != nil {
		t.Fatal(err)
	}
	return seen{s.User.ID, s.Chat.ID, len(s.Messages)}
}

// TestStream opens the one stream of a page: everyone's chats first, then only what changes, a new chat included.
func TestStream(t *testing.T) {
	r := newRig(t, Options{})
	next := events(t, r.url+"/client/stream")
	for _, want := range []seen{{amina, amina, 0}, {omar, omar, 0}, {nadia, nadia, 0}} {
		if diff := cmp.Diff(want, nextSeen(t, next)); diff != "" {
			t.Fatalf("at first (-want +got):\n%s", diff)
		}
	}
	r.say(omar, started)
	if diff := cmp.Diff(seen{omar, omar, 1}, nextSeen(t, next)); diff != "" {
		t.Errorf("after a word (-want +got):\n%s", diff)
	}
	r.NewGroup(-77, "Shopkeepers", amina)
	for _, want := range []seen{{amina, -77, 0}} {
		if diff := cmp.Diff(want, nextSeen(t, next)); diff != "" {
			t.Errorf("after a group (-want +got):\n%s", diff)
		}
	}
	if _, err := r.Say(-77, amina, "/catalog"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(seen{amina, -77, 1}, nextSeen(t, next)); diff != "" {
		t.Errorf("after a word there (-want +got):\n%s", diff)
	}
}

func TestCast(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	ids := map[int64]bool{}
	for _, p := range Cast() {
		if ids[p.ID] {
			t.Errorf("%d is there twice", p.ID)
		}
		ids[p.ID] = true
		if p.Chat == 0 {
			continue
		}
		if s, _, err := w.Telegram.View(p.Chat, p.ID); err != nil || s.Chat.Title != "Reseller" {
			t.Errorf("%s is not in the group: %v", p.Name, err)
		}
	}
}
