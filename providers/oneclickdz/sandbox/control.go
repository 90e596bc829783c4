package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// control lays out the calls that steer a server from another process:
//
//	GET    /_control/state      State
//	GET    /_control/sold       []Sold
//	GET    /_control/ledger     []Entry
//	GET    /_control/calls      []Heard
//	POST   /_control/faults     Trouble
//	DELETE /_control/faults     ends all faults
//	POST   /_control/stock      {"type_id":"…","stock":0}
//	POST   /_control/price      {"type_id":"…","price":145050}, in centimes
//	POST   /_control/available  {"type":"ADSL","value":1000,"available":false}
//	POST   /_control/balance    {"add":1000}, in centimes
//	POST   /_control/delay      {"delay":2000000000}, in nanoseconds
//	POST   /_control/style      Style
//	POST   /_control/finish     makes everything pending final
func (s *Server) control() {
	show := func(path string, value func() any) {
		s.steered.HandleFunc("GET /_control/"+path, func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, marshal(value())) })
	}
	show("state", func() any { return s.State() })
	show("sold", func() any { return s.Sold() })
	show("ledger", func() any { return s.Ledger() })
	show("calls", func() any { return s.Calls() })
	s.steered.HandleFunc("DELETE /_control/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Clear()
		write(w, http.StatusOK, marshal(s.State()))
	})
	s.steered.HandleFunc("POST /_control/finish", func(w http.ResponseWriter, _ *http.Request) {
		s.Finish()
		write(w, http.StatusOK, marshal(s.State()))
	})
	steer(s, "faults", func(t Trouble) bool { return s.Fault(t) == nil })
	steer(s, "style", func(style Style) bool { s.Speak(style); return true })
	type line struct {
		TypeID    string        `json:"type_id"`
		Stock     int           `json:"stock"`
		Price     int64         `json:"price"`
		Type      string        `json:"type"`
		Value     int64         `json:"value"`
		Available bool          `json:"available"`
		Add       int64         `json:"add"`
		Delay     time.Duration `json:"delay"`
	}
	steer(s, "stock", func(v line) bool { return v.Stock >= 0 && s.SetStock(v.TypeID, v.Stock) })
	steer(s, "price", func(v line) bool { return v.Price > 0 && s.SetPrice(v.TypeID, v.Price) })
	steer(s, "available", func(v line) bool { return s.SetAvailable(v.Type, v.Value, v.Available) })
	steer(s, "balance", func(v line) bool { s.Credit(v.Add); return true })
	steer(s, "delay", func(v line) bool {
		if v.Delay >= 0 {
			s.SetDelay(v.Delay)
		}
		return v.Delay >= 0
	})
}

// steer serves one POST whose body is a T; do tells whether it could be done.
func steer[T any](s *Server, path string, do func(T) bool) {
	s.steered.HandleFunc("POST /_control/"+path, func(w http.ResponseWriter, r *http.Request) {
		var v T
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
		d.DisallowUnknownFields()
		if d.Decode(&v) != nil || !do(v) {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		write(w, http.StatusOK, marshal(s.State()))
	})
}

// plain writes a whole number.
func plain(n int64) string { return strconv.FormatInt(n, 10) }
