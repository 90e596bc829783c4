package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Fault is one way in which the server fails a call.
type Fault string

// The faults. Those that spoil an answer sell first.
const (
	LostBefore    Fault = "lost_before"    // the connection is cut before anything is sold
	LostAfter     Fault = "lost_after"     // sold, then the connection is cut
	ErrorAfter    Fault = "error_after"    // sold, then HTTP 500
	CutJSON       Fault = "cut_json"       // sold, the answer ends in the middle
	HTML502       Fault = "html_502"       // a gateway's page, nothing sold
	Timeout       Fault = "timeout"        // no answer until the client leaves; sold then
	Slow          Fault = "slow"           // sold and answered after Trouble.For
	TooMany       Fault = "too_many"       // 429 with Retry-After, nothing sold
	Down          Fault = "down"           // the connection is closed at once
	OutOfStock    Fault = "out_of_stock"   // 202
	OutOfFunds    Fault = "out_of_funds"   // 100
	Blocked       Fault = "blocked"        // 108: the address is not on the list
	Invalid       Fault = "invalid"        // 106
	PartialFill   Fault = "partial_fill"   // one voucher less is sold, charged and announced
	WrongCount    Fault = "wrong_count"    // one voucher less comes than was sold and announced
	MissingField  Fault = "missing_field"  // the last announced secret field is absent
	WrongPassword Fault = "wrong_password" // encrypted with another password
	OtherLine     Fault = "other_line"     // another voucher_id
	NoVouchers    Fault = "no_vouchers"    // a repeat gets 102 without vouchers
	Hostile       Fault = "hostile"        // sold, then valid JSON of a wrong shape, another one each time
)

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{
		LostBefore, LostAfter, ErrorAfter, CutJSON, HTML502, Timeout, Slow, TooMany, Down, OutOfStock, OutOfFunds, Blocked, Invalid,
		PartialFill, WrongCount, MissingField, WrongPassword, OtherLine, NoVouchers, Hostile,
	}
}

// Trouble is a fault with the calls it hits.
type Trouble struct {
	Fault Fault         `json:"fault"`
	Times int           `json:"times"`          // calls it hits; 0 means until Clear
	Path  string        `json:"path,omitempty"` // get-available-vouchers or buy-voucher; empty means buy-voucher, "*" both
	For   time.Duration `json:"for,omitempty"`  // with Slow: how long, in nanoseconds
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
func (s *Server) next(path string) Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		t := s.faults[i]
		if t.Path != "*" && t.Path != path && (t.Path != "" || path != "buy-voucher") {
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

// spoil gives the next hostile answer: sold by its code, or unclear, and never fit to show; the caller holds the lock.
func (s *Server) spoil(t *trade) []byte {
	secure := encrypt(s.o.Password, []byte(`{"code":{"deep":[1,2]},"url":null}`))
	shapes := []string{
		`{}`, `[]`, `null`, `"200"`, `{"data":null,"errors":[]}`, `{"data":{"code":true}}`, `{"data":[{"code":"200"}]}`,
		`{"errors":{"code":1e2}}`, `{"data":{"code":"200"},"errors":{"code":100}}`,
		`{"errors":{"code":100,"vouchers":[{"voucher_id":"x"}]}}`,
		`{"data":{"code":"200","number_of_vouchers":-1,"vouchers":{"0":1}}}`,
		`{"data":{"code":"200","number_of_vouchers":99999999999999999999,"vouchers":[1,null,"x"]}}`,
		`{"data":{"code":"200","number_of_vouchers":2,"vouchers":[{"voucher_id":7,"custom_data":[1],"secure_data":{}},{}]}}`,
		`{"data":{"code":"200","vouchers":[` + string(jsonOf(object{{"voucher_id", t.VoucherID}, {"custom_data", 7}, {"secure_data", secure}})) + `]}}`,
		`{"data":{"code":"200","vouchers":[` + string(jsonOf(object{{"voucher_id", t.VoucherID}, {"secure_data", secure}})) + `]}}`,
		`{"errors":{"code":"102","vouchers":"none"}}`, `{"errors":{"code":102,"vouchers":[[]]}}`, `{"errors":{"code":-200}}`,
	}
	s.hostile++
	return json.RawMessage(shapes[(s.hostile-1)%len(shapes)])
}
