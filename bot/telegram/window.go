package telegram

import (
	"slices"
	"sync"
)

// place is where an update stands between its arrival and its confirmation.
type place int

const (
	absent  place = iota // not taken, or given back: it has to come again
	working              // in its lane
	stored               // its effect is stored
)

// window holds the updates that Telegram still keeps for us, in order of arrival. The offset passes an update only when its
// effect and those of all before it are stored.
type window struct {
	mu      sync.Mutex
	order   []int64
	updates map[int64]entry
	last    int64         // the highest id that may be confirmed; 0 when none
	moved   chan struct{} // has room for one signal: something was settled
}

type entry struct {
	at   place
	chat int64
}

func newWindow() *window {
	return &window{updates: map[int64]entry{}, moved: make(chan struct{}, 1)}
}

// show tells the window what a batch holds, before anything is taken from it. What was given back and is not in the batch any
// more was dropped by Telegram and blocks the others no longer.
func (w *window) show(ids []int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		if _, known := w.updates[id]; !known && id > w.last { // a batch asked for before the offset moved repeats what is done
			w.updates[id] = entry{}
			w.order = append(w.order, id)
		}
	}
	w.order = slices.DeleteFunc(w.order, func(id int64) bool {
		lost := w.updates[id].at == absent && !slices.Contains(ids, id)
		if lost {
			delete(w.updates, id)
		}
		return lost
	})
	w.advance()
}

// wants tells whether an update of the batch has still to be taken, and how many of its chat's are not confirmed.
func (w *window) wants(id, chat int64) (bool, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	open := 0
	for _, e := range w.updates {
		if e.at != absent && e.chat == chat {
			open++
		}
	}
	e, known := w.updates[id]
	return known && e.at == absent, open
}

// begin says that an update is in its lane.
func (w *window) begin(id, chat int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.updates[id]; known {
		w.updates[id] = entry{working, chat}
	}
}

// settle says whether an update's effect is stored; if not, it has to come again.
func (w *window) settle(id int64, handled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, known := w.updates[id]
	if !known {
		return
	}
	e.at = absent
	if handled {
		e.at = stored
	}
	w.updates[id] = e
	w.advance()
	select {
	case w.moved <- struct{}{}:
	default:
	}
}

func (w *window) advance() {
	for len(w.order) > 0 && w.updates[w.order[0]].at == stored {
		w.last = w.order[0]
		delete(w.updates, w.order[0])
		w.order = w.order[1:]
	}
}

// offset is what getUpdates may ask for: everything before it is confirmed by that.
func (w *window) offset() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == 0 {
		return 0
	}
	return w.last + 1
}

// open is how many updates are not ready to be confirmed.
func (w *window) open() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.order)
}
