package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Fault is one way in which the server fails.
type Fault string

// The faults. The last three spoil a payment instead of a call.
const (
	Slow        Fault = "slow"         // done and answered after Trouble.For
	ErrorAfter  Fault = "error_after"  // done, then HTTP 500
	LostAfter   Fault = "lost_after"   // done, then the connection is cut
	HTML502     Fault = "html_502"     // a gateway's page, nothing done
	CutJSON     Fault = "cut_json"     // done, the answer ends in the middle
	TooMany     Fault = "too_many"     // 429 with Retry-After, nothing done
	Blocked     Fault = "blocked"      // 403 IP_NOT_ALLOWED, nothing done
	Down        Fault = "down"         // the connection is closed at once
	WrongAmount Fault = "wrong_amount" // half of it is paid
	WrongMode   Fault = "wrong_mode"   // test money where real money is expected, or the other way round
	Late        Fault = "late"         // the payment is seen after Trouble.For, when the link has failed
)

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{Slow, ErrorAfter, LostAfter, HTML502, CutJSON, TooMany, Blocked, Down, WrongAmount, WrongMode, Late}
}

// Trouble is a fault with what it hits.
type Trouble struct {
	Fault Fault         `json:"fault"`
	Times int           `json:"times"`          // what it hits; 0 means until Clear
	Path  string        `json:"path,omitempty"` // createLink or checkPayment; empty means createLink, "*" both
	For   time.Duration `json:"for,omitempty"`  // with Slow and Late, nanoseconds
}

// ofPayment tells whether a fault spoils payments, not calls.
func (t Trouble) ofPayment() bool {
	return t.Fault == WrongAmount || t.Fault == WrongMode || t.Fault == Late
}

func (t Trouble) hits(what string) bool {
	switch {
	case t.ofPayment() || what == "pay":
		return t.ofPayment() && what == "pay"
	case t.Path == "":
		return what == "createLink"
	}
	return t.Path == "*" || t.Path == what
}

// Fault makes what comes go wrong. It returns an error for an unknown fault.
func (s *Server) Fault(t Trouble) error {
	if !slices.Contains(Faults(), t.Fault) {
		return fmt.Errorf("unknown fault %q", t.Fault)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hits = append(s.hits, t)
	return nil
}

// Clear ends all faults.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hits = nil
}

// Troubles lists the faults that are on.
func (s *Server) Troubles() []Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hits)
}

// taken are the faults that something meets; the caller holds the lock.
func (s *Server) taken(what string) []Trouble {
	var met, left []Trouble
	for _, t := range s.hits {
		if !t.hits(what) {
			left = append(left, t)
			continue
		}
		met = append(met, t)
		if t.Times != 1 {
			t.Times = max(0, t.Times-1)
			left = append(left, t)
		}
	}
	s.hits = left
	return met
}

// call serves one of the supplier's calls: admission, fault, truth, answer.
func (s *Server) call(name string, do func(r *http.Request) (int, any, *Link)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		var t Trouble
		if met := s.taken(name); len(met) > 0 {
			t = met[0]
		}
		status, data, made := http.StatusUnauthorized, any(problem("INVALID_ACCESS_TOKEN")), (*Link)(nil)
		switch {
		case t.Fault == TooMany:
			status, data = http.StatusTooManyRequests, problem("RATE_LIMIT_EXCEEDED")
		case t.Fault == Blocked:
			status, data = http.StatusForbidden, problem("IP_NOT_ALLOWED")
		case t.Fault == Down || t.Fault == HTML502: // nothing is done
		case s.o.Token == r.Header.Get("X-Access-Token"):
			status, data, made = do(r)
		}
		if made != nil && (t.Fault == ErrorAfter || t.Fault == LostAfter || t.Fault == CutJSON) {
			made.Lost = true
		}
		now := s.o.Now()
		s.mu.Unlock()
		answer(w, r, t, status, envelope(status, data, now))
	}
}

// answer writes an answer, or what a fault makes of it.
func answer(w http.ResponseWriter, r *http.Request, t Trouble, status int, body []byte) {
	switch t.Fault {
	case Down, LostAfter:
		if h, ok := w.(http.Hijacker); ok {
			if conn, _, err := h.Hijack(); err == nil {
				_ = conn.Close()
			}
		}
		return
	case HTML502:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><body><h1>502 Bad Gateway</h1></body></html>")
		return
	case ErrorAfter:
		status, body = http.StatusInternalServerError, envelope(http.StatusInternalServerError, problem("INTERNAL_ERROR"), time.Time{})
	case CutJSON:
		body = body[:len(body)/2]
	case TooMany:
		w.Header().Set("Retry-After", "1")
	case Slow:
		wait := time.NewTimer(t.For)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// fault is an error as the supplier reports it.
type fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func problem(code string) fault { return fault{code, "The request was not accepted"} }

// denied is an answer with an error.
func denied(status int, code string) (int, any, *Link) { return status, problem(code), nil }

// envelope wraps an answer as the supplier does; OCPay puts the request's id inside of meta.
func envelope(status int, data any, now time.Time) []byte {
	body := map[string]any{"success": true, "data": data, "meta": map[string]any{"timestamp": stamp(now), "requestId": "req_1_abcdef"}}
	if status/100 != 2 {
		body = map[string]any{"success": false, "error": data, "requestId": "req_1_abcdef"}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return []byte(`{"success":false}`)
	}
	return text
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
