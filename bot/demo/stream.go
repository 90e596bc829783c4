package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// seat is one chat of one person on an open page.
type seat struct {
	user, chat int64
	changed    <-chan struct{}
	last       []byte
}

// joinTime lets changes that come together be drawn together.
const joinTime = 15 * time.Millisecond

// serveStream streams what every person of the cast sees in every chat they are in: a State each, first at once and then whenever it
// differs. One stream serves a page with several people on it, since browsers open only six connections to one address.
func (t *Telegram) serveStream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	seats := map[[2]int64]*seat{}
	for {
		t.mu.Lock()
		anything := t.changed
		t.mu.Unlock()
		var text bytes.Buffer
		for _, s := range t.seated(seats) {
			if err := t.tell(&text, s); err != nil {
				t.opts.Logger.Error("encode state", "error", err)
				return
			}
		}
		if text.Len() > 0 {
			if _, err := w.Write(text.Bytes()); err != nil {
				return
			}
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-anything:
			if pause(r.Context(), joinTime) != nil {
				return
			}
		case <-beat.C:
			if _, err := fmt.Fprint(w, ": alive\n\n"); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-t.done:
			return
		}
	}
}

// seated brings the seats up to date with the chats of the cast, and lists them in the cast's order.
func (t *Telegram) seated(seats map[[2]int64]*seat) []*seat {
	var list []*seat
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.opts.Cast {
		chats := []int64{p.ID}
		for _, g := range t.groupsOf(p.ID) {
			chats = append(chats, g.id)
		}
		for _, chat := range chats {
			at := [2]int64{p.ID, chat}
			if seats[at] == nil {
				seats[at] = &seat{user: p.ID, chat: chat}
			}
			list = append(list, seats[at])
		}
	}
	return list
}

// tell writes the state of a seat, when it may have changed and has.
func (t *Telegram) tell(text *bytes.Buffer, s *seat) error {
	select {
	case <-s.changed:
	default:
		if s.changed != nil {
			return nil
		}
	}
	state, changed, err := t.View(s.chat, s.user)
	if err != nil {
		s.changed = nil // the chat is gone for this person; it may come back
		return nil
	}
	s.changed = changed
	now, err := json.Marshal(state)
	if err != nil || bytes.Equal(now, s.last) {
		return err
	}
	s.last = now
	_, err = fmt.Fprintf(text, "event: state\ndata: %s\n\n", now)
	return err
}
