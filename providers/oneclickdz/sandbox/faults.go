package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is one way in which the server fails a call.
type Fault string

// The faults. Those that spoil an answer act first.
const (
	LostBefore      Fault = "lost_before"      // the connection is cut before anything happened
	LostAfter       Fault = "lost_after"       // done, then the connection is cut
	ErrorAfter      Fault = "error_after"      // done, then HTTP 500
	Unavailable     Fault = "unavailable"      // done, then HTTP 503 SERVICE_UNAVAILABLE
	AuthUnavailable Fault = "auth_unavailable" // HTTP 503 AUTH_UNAVAILABLE, nothing done
	CutJSON         Fault = "cut_json"         // done, the answer ends in the middle
	HTML502         Fault = "html_502"         // a gateway's page, nothing done
	Timeout         Fault = "timeout"          // done, no answer until the client leaves
	Slow            Fault = "slow"             // done and answered after Trouble.For
	TooMany         Fault = "too_many"         // 429 with Retry-After, nothing done
	Down            Fault = "down"             // the connection is closed at once
	Missing         Fault = "missing"          // 404 NOT_FOUND
	RouterMiss      Fault = "router_miss"      // 404 without an envelope, as for an unknown path
	OutOfStock      Fault = "out_of_stock"     // the supplier's own refusal
	OutOfFunds      Fault = "out_of_funds"     // the supplier's own refusal
	Blocked         Fault = "blocked"          // 403 IP_NOT_ALLOWED
	BadPhone        Fault = "bad_phone"        // ERR_PHONE
	PartialFill     Fault = "partial_fill"     // half of the cards come; of one, none
	RefundAll       Fault = "refund_all"       // no card comes, the money goes back
	PriceDrift      Fault = "price_drift"      // the price rises by a tenth before the order is charged
	WrongCount      Fault = "wrong_count"      // FULFILLED with a card missing
	MissingSerial   Fault = "missing_serial"   // cards without serial
	MissingCode     Fault = "missing_code"     // FULFILLED without card_code
	Queued          Fault = "queued"           // QUEUED for a day, then FULFILLED
	QueuedRefund    Fault = "queued_refund"    // QUEUED for a day, then REFUNDED
	Hostile         Fault = "hostile"          // done, then valid JSON of a wrong shape, another one each time
)

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{
		LostBefore, LostAfter, ErrorAfter, Unavailable, AuthUnavailable, CutJSON, HTML502, Timeout, Slow, TooMany, Down, Missing,
		RouterMiss, OutOfStock, OutOfFunds, Blocked, BadPhone, PartialFill, RefundAll, PriceDrift, WrongCount, MissingSerial, MissingCode,
		Queued, QueuedRefund, Hostile,
	}
}

// Trouble is a fault with the calls it hits.
type Trouble struct {
	Fault Fault         `json:"fault"`
	Times int           `json:"times"`          // calls it hits; 0 means until Clear
	Path  string        `json:"path,omitempty"` // part of the path, such as checkOrder; empty means placeOrder and send, "*" all
	For   time.Duration `json:"for,omitempty"`  // with Slow: how long, in nanoseconds
}

// hits tells whether a call meets the trouble. A Hostile without a path also meets the questions after a purchase.
func (t Trouble) hits(method, path string) bool {
	switch {
	case t.Path == "*":
		return true
	case t.Path != "":
		return strings.Contains(path, t.Path)
	case t.Fault == Hostile && isQuestion(path):
		return true
	}
	return method == http.MethodPost
}

// isQuestion tells whether a route asks what became of one purchase.
func isQuestion(path string) bool {
	return strings.Contains(path, "/checkOrder/") || strings.Contains(path, "/check-id/") || strings.Contains(path, "/check-ref/")
}

// Fault makes coming calls go wrong. Troubles are met in the order they were made. It returns an error for an unknown fault.
func (s *Server) Fault(t Trouble) error {
	if !slices.Contains(Faults(), t.Fault) {
		return fmt.Errorf("unknown fault %q", t.Fault)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, t)
	return nil
}

// Clear ends all faults.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// next takes the fault that a call meets; the zero Trouble for none.
func (s *Server) next(method, path string) Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.faults {
		if !t.hits(method, path) {
			continue
		}
		if t.Times == 1 {
			s.faults = slices.Delete(s.faults, i, i+1)
		} else if t.Times > 1 {
			s.faults[i].Times--
		}
		return t
	}
	return Trouble{}
}

// before answers the faults that keep a call from happening; true when the call is over.
func (s *Server) before(w http.ResponseWriter, t Trouble) bool {
	switch t.Fault {
	case LostBefore:
		cut(w)
	case RouterMiss:
		miss(w)
	case HTML502:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><body><h1>502 Bad Gateway</h1></body></html>")
	default:
		return false
	}
	return true
}

// refusal is the error of a fault that refuses; nil for the others. The caller holds the lock.
func (t Trouble) refusal(s *Server) *problem {
	switch t.Fault {
	case AuthUnavailable:
		return &problem{status: 503, code: "AUTH_UNAVAILABLE", message: "The key could not be checked"}
	case TooMany:
		return tooMany()
	case Missing:
		return notFound()
	case OutOfStock:
		return s.noStock()
	case OutOfFunds:
		return s.noFunds(s.balance + 1)
	case Blocked:
		return &problem{status: 403, code: "IP_NOT_ALLOWED", message: "Address not in allow-list"}
	case BadPhone:
		return s.badPhone("ADSL", "", "not eligible")
	}
	return nil
}

// after writes the answer, or what a fault makes of it.
func (s *Server) after(w http.ResponseWriter, r *http.Request, t Trouble, status int, body []byte) {
	switch t.Fault {
	case LostAfter:
		cut(w)
		return
	case ErrorAfter:
		status, body = answer{problem: &problem{status: 500, code: "INTERNAL_ERROR", message: "Internal error"}}.encode(s.o.Now())
	case Unavailable:
		status, body = answer{problem: &problem{status: 503, code: "SERVICE_UNAVAILABLE", message: "Service unavailable"}}.encode(s.o.Now())
	case CutJSON:
		body = body[:len(body)/2]
	case Timeout:
		<-r.Context().Done()
		return
	case Slow:
		wait := time.NewTimer(t.For)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			return
		}
	}
	write(w, status, body)
}

// miss is the answer of the supplier's router to an unknown path; it has no envelope.
func miss(w http.ResponseWriter) {
	write(w, http.StatusNotFound, []byte(`{"message":"Route not found","error":"Not Found","statusCode":404}`))
}

// cut ends a connection without an answer.
func cut(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close()
		}
	}
}
