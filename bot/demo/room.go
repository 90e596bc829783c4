package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// glance is how often an open control room looks at the suppliers, which do not tell when something changes.
const glance = 250 * time.Millisecond

// roomView is all that the control room shows but the record.
type roomView struct {
	Offset    time.Duration `json:"offset"` // of every clock, nanoseconds
	Redis     string        `json:"redis"`  // redis-server or embedded; empty when the world has none
	Shop      *shopView     `json:"shop"`   // null when the shop is no child of this world
	Suppliers []deskView    `json:"suppliers"`
	Showings  []Showing     `json:"showings"`
}

// shopView is the shop's process.
type shopView struct {
	State    string    `json:"state"`
	PID      int       `json:"pid"`
	Restarts int       `json:"restarts"`
	Since    time.Time `json:"since"` // by the machine's own clock
}

// deskView is one supplier.
type deskView struct {
	Name     string       `json:"name"`
	Title    string       `json:"title"`
	Currency string       `json:"currency"`
	Digits   int          `json:"digits"` // of minor units
	Balance  int64        `json:"balance"`
	Switches []switchView `json:"switches"`
	Sales    []Sale       `json:"sales"`
}

// switchView is one switch.
type switchView struct {
	Name string `json:"name"`
	On   bool   `json:"on"`
}

// roomHandler serves the control room:
//
//	GET  /room/stream    events: room (roomView), audit ([]Event, what the record gained), clock (the world's time)
//	POST /room/switch    {"supplier":"giftz","name":"lost-answer","on":true}
//	POST /room/pay       {"supplier":"ocpay","name":"OCPL-ABCDEF-1234"}
//	POST /room/restart   {}
//	POST /room/advance   {"seconds":60}
func (w *World) roomHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /room/stream", w.streamRoom)
	acts := map[string]func(roomAct) error{
		"switch":  func(a roomAct) error { return w.Switch(a.Supplier, a.Name, a.On) },
		"restart": func(roomAct) error { return w.restart() },
		"pay":     func(a roomAct) error { return w.pay(a.Name) },
		"advance": func(a roomAct) error {
			if a.Seconds <= 0 || a.Seconds > maxAdvance {
				return errBadBody
			}
			w.Advance(time.Duration(a.Seconds) * time.Second)
			return nil
		},
	}
	for name, do := range acts {
		mux.HandleFunc("POST /room/"+name, func(out http.ResponseWriter, r *http.Request) {
			var a roomAct
			err := readClient(out, r, &a)
			if err == nil {
				err = do(a)
			}
			writeClient(out, nil, err)
		})
	}
	return sameOrigin(mux)
}

// maxAdvance is the farthest jump of the clock, in seconds: a month.
const maxAdvance = 31 * 24 * 3600

// roomAct is the body of every POST under /room/; each path reads its own fields.
type roomAct struct {
	Supplier string `json:"supplier"`
	Name     string `json:"name"`
	On       bool   `json:"on"`
	Seconds  int64  `json:"seconds"`
}

func (w *World) restart() error {
	if s := w.shop.Load(); s == nil || !s.Restart() {
		return ErrNoShop
	}
	return nil
}

// view is what the control room shows now, the events behind the first skip of them, and how many there were by now.
func (w *World) view(skip int) (roomView, []Event, int, <-chan struct{}) {
	v := roomView{Offset: w.Offset(), Redis: w.memory.name(), Showings: []Showing{}}
	for _, d := range w.desks() {
		seen := deskView{Name: d.name, Title: d.title, Currency: d.currency, Digits: d.digits, Balance: d.balance(), Sales: d.sales()}
		active := d.faults()
		for _, l := range d.levers {
			seen.Switches = append(seen.Switches, switchView{Name: l.name, On: slices.Contains(active, l.fault)})
		}
		v.Suppliers = append(v.Suppliers, seen)
	}
	s := w.shop.Load()
	if s == nil {
		return v, nil, 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.Shop = &shopView{State: s.state, Restarts: s.restarts, Since: s.since}
	if s.cmd != nil {
		v.Shop.PID = s.cmd.Process.Pid
	}
	v.Showings = append(v.Showings, s.showings...)
	fresh := min(s.seen-skip, len(s.events))
	return v, slices.Clone(s.events[len(s.events)-fresh:]), s.seen, s.changed
}

// streamRoom streams what the control room shows whenever it differs.
func (w *World) streamRoom(out http.ResponseWriter, r *http.Request) {
	out.Header().Set("Content-Type", "text/event-stream")
	out.Header().Set("Cache-Control", "no-store")
	looks := time.NewTicker(glance)
	defer looks.Stop()
	var last []byte
	told, offset, beat := 0, time.Duration(-1), time.Now()
	for {
		view, fresh, seen, changed := w.view(told)
		told = seen
		now, err := json.Marshal(view)
		if err != nil {
			w.Telegram.opts.Logger.Error("encode room", "error", err)
			return
		}
		var text bytes.Buffer
		if view.Offset != offset {
			offset = view.Offset
			fmt.Fprintf(&text, "event: clock\ndata: %d\n\n", w.now().UnixMilli())
		}
		if !bytes.Equal(now, last) {
			last = now
			fmt.Fprintf(&text, "event: room\ndata: %s\n\n", now)
		}
		if lines, err := json.Marshal(fresh); err == nil && len(fresh) > 0 {
			fmt.Fprintf(&text, "event: audit\ndata: %s\n\n", lines)
		}
		if text.Len() == 0 && time.Since(beat) > heartbeat {
			text.WriteString(": alive\n\n")
		}
		if text.Len() > 0 {
			beat = time.Now()
			if _, err := out.Write(text.Bytes()); err != nil || http.NewResponseController(out).Flush() != nil {
				return
			}
		}
		select {
		case <-changed:
		case <-looks.C:
		case <-r.Context().Done():
			return
		case <-w.Telegram.done:
			return
		}
	}
}
