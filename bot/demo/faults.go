package demo

import (
	"net/http"
	"slices"
	"time"
)

// FaultKind names a way in which the emulated server fails.
type FaultKind string

// What a Fault can do.
const (
	FaultError     FaultKind = "error"      // the answer is Code and Description; no effect
	FaultFlood     FaultKind = "flood"      // the answer is 429 with RetryAfter; no effect
	FaultHTML      FaultKind = "html"       // the answer is Code (502 when zero) with an HTML page, as from a proxy; no effect
	FaultCutBefore FaultKind = "cut_before" // the connection ends without an answer; no effect
	FaultCutAfter  FaultKind = "cut_after"  // the method takes effect, then the connection ends without an answer
	FaultDelay     FaultKind = "delay"      // the method takes effect after Delay, also when the bot has hung up by then
)

// Fault is a failure on request. The first one that fits a call is used up by it.
type Fault struct {
	Method      string        `json:"method,omitempty"`  // empty: every method but getUpdates
	ChatID      int64         `json:"chat_id,omitempty"` // zero: every chat
	Times       int           `json:"times,omitempty"`   // how many calls; zero means one, a negative number all of them
	Kind        FaultKind     `json:"kind"`
	Code        int           `json:"code,omitempty"`
	Description string        `json:"description,omitempty"`
	RetryAfter  int           `json:"retry_after,omitempty"` // seconds
	Delay       time.Duration `json:"-"`
}

// AddFault makes coming calls fail. It returns ErrNoFault for an unknown kind.
func (t *Telegram) AddFault(f Fault) error {
	kinds := []FaultKind{FaultError, FaultFlood, FaultHTML, FaultCutBefore, FaultCutAfter, FaultDelay}
	if !slices.Contains(kinds, f.Kind) {
		return ErrNoFault
	}
	if f.Times == 0 {
		f.Times = 1
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, &f)
	return nil
}

// ClearFaults forgets every fault that was not used up.
func (t *Telegram) ClearFaults() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = nil
}

// Faults returns what is left of the faults, with Times counted down.
func (t *Telegram) Faults() []Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := []Fault{}
	for _, f := range t.faults {
		list = append(list, *f)
	}
	return list
}

// takeFault uses up the fault for one call, nil when there is none; the caller holds the lock.
func (t *Telegram) takeFault(method string, chat int64) *Fault {
	for i, f := range t.faults {
		if f.Method != method && (f.Method != "" || method == "getUpdates") {
			continue
		}
		if f.ChatID != 0 && f.ChatID != chat {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		if f.Times == 0 {
			t.faults = slices.Delete(t.faults, i, i+1)
		}
		used := *f
		return &used
	}
	return nil
}

// before does what comes ahead of the method's effect; true means that there will be none and the request is answered.
func (f *Fault) before(t *Telegram, c *call, w http.ResponseWriter) bool {
	switch f.Kind {
	case FaultError:
		fail := &apiError{code: f.Code, text: f.Description}
		if fail.code == 0 {
			fail.code, fail.text = http.StatusInternalServerError, "Internal Server Error"
		}
		c.record(fail, f.Kind)
		writeAnswer(w, nil, fail)
	case FaultFlood:
		fail := tooMany(max(f.RetryAfter, 1))
		c.record(fail, f.Kind)
		writeAnswer(w, nil, fail)
	case FaultHTML:
		code := f.Code
		if code == 0 {
			code = http.StatusBadGateway
		}
		c.record(&apiError{code: code, text: http.StatusText(code)}, f.Kind)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(code)
		_, _ = w.Write([]byte("<html><head><title>" + http.StatusText(code) + "</title></head><body>nginx</body></html>\n"))
	case FaultCutBefore:
		c.record(&apiError{text: "connection cut"}, f.Kind)
		panic(http.ErrAbortHandler)
	case FaultDelay:
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-t.done:
		}
		return false
	default:
		return false
	}
	return true
}

func faultKind(f *Fault) FaultKind {
	if f == nil {
		return ""
	}
	return f.Kind
}
