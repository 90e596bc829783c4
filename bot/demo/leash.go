package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// word is one line, in JSON, that the world writes to the input of the shop, its child. The first one always comes before the shop begins.
type word struct {
	Offset *time.Duration `json:"offset,omitempty"` // of every clock, nanoseconds
	After  string         `json:"after,omitempty"`  // the last event of the record that the world has
	Resume []string       `json:"resume,omitempty"` // suppliers that can be paid from again
}

// Leash is the child's end of what ties it to its world. It is safe for concurrent use.
type Leash struct {
	offset  atomic.Int64
	after   string
	resumed chan string
	gone    chan struct{}
}

// Hold reads the first word of the world from in and follows the rest until in ends, which means that the world is gone. It returns an error
// when there is no first word: then nobody holds the leash.
func Hold(in io.Reader) (*Leash, error) {
	words := json.NewDecoder(in)
	var first word
	if err := words.Decode(&first); err != nil || first.Offset == nil {
		return nil, errors.Join(errors.New("a demo's shop is started by the demo"), err)
	}
	l := &Leash{after: first.After, resumed: make(chan string, 16), gone: make(chan struct{})}
	l.offset.Store(int64(*first.Offset))
	go l.follow(words)
	return l, nil
}

func (l *Leash) follow(words *json.Decoder) {
	defer close(l.gone)
	for {
		var w word
		if words.Decode(&w) != nil {
			return
		}
		if w.Offset != nil {
			l.offset.Store(int64(*w.Offset))
		}
		for _, name := range w.Resume {
			select {
			case l.resumed <- name:
			default: // nobody takes them; a later word tries again
			}
		}
	}
}

// Offset is how far the world's clock is ahead.
func (l *Leash) Offset() time.Duration { return time.Duration(l.offset.Load()) }

// After is the id of the last event that the world has, empty at its beginning.
func (l *Leash) After() string { return l.after }

// Resumed receives the name of a supplier whose account was filled up again.
func (l *Leash) Resumed() <-chan string { return l.resumed }

// Gone is closed when the world is gone.
func (l *Leash) Gone() <-chan struct{} { return l.gone }

// news is one line, in JSON, that the shop writes to its output.
type news struct {
	Open    bool     `json:"open,omitempty"`    // the shop is built and begins to serve
	Event   *Event   `json:"event,omitempty"`   // the record grew
	Showing *Showing `json:"showing,omitempty"` // codes lie on a screen, or stay longer
	Addr    string   `json:"addr,omitempty"`    // with Open: where the shop's own pages are
}

// Event is one line of the shop's record, as its child tells it.
type Event struct {
	ID     string            `json:"id"`
	At     time.Time         `json:"at"`
	Kind   string            `json:"kind"`
	Order  string            `json:"order,omitempty"`
	Person string            `json:"person,omitempty"` // a pseudonym
	Actor  string            `json:"actor,omitempty"`
	Data   map[string]string `json:"data,omitempty"`
}

// Showing is where the shop has codes on a screen and until when, by its own record: what the page counts down to.
type Showing struct {
	Chat    int64     `json:"chat"`
	Message int       `json:"message"`
	Until   time.Time `json:"until"`
}

// say writes one word to the shop.
func say(in io.Writer, w word) error {
	line, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("encode word: %w", err)
	}
	_, err = in.Write(append(line, '\n'))
	return err
}
