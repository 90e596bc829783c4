package sandbox

import (
	"encoding/json"
	"net/http"
)

// control lays out the calls that steer a server from another process:
//
//	GET    /_control/state    State
//	GET    /_control/sold     []Sold
//	GET    /_control/ledger   []Entry
//	GET    /_control/calls    []Heard
//	POST   /_control/faults   Trouble
//	DELETE /_control/faults   ends all faults
//	POST   /_control/stock    {"voucher_id":"…","stock":0}
//	POST   /_control/balance  {"add":1000}, in đồng
//	POST   /_control/style    Style
//	POST   /_control/finish   makes begun purchases final
func (s *Server) control() {
	show := func(path string, value func() any) {
		s.mux.HandleFunc("GET /_control/"+path, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, value()) })
	}
	show("state", func() any { return s.State() })
	show("sold", func() any { return s.Sold() })
	show("ledger", func() any { return s.Ledger() })
	show("calls", func() any { return s.Calls() })
	s.mux.HandleFunc("DELETE /_control/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Clear()
		writeJSON(w, s.State())
	})
	s.mux.HandleFunc("POST /_control/finish", func(w http.ResponseWriter, _ *http.Request) {
		s.Finish()
		writeJSON(w, s.State())
	})
	steer(s, "faults", func(t Trouble) bool { return s.Fault(t) == nil })
	steer(s, "style", func(style Style) bool { s.Speak(style); return true })
	steer(s, "stock", func(v struct {
		ID    string `json:"voucher_id"`
		Stock int    `json:"stock"`
	}) bool {
		return s.SetStock(v.ID, v.Stock)
	})
	steer(s, "balance", func(v struct {
		Add int64 `json:"add"`
	}) bool {
		s.Credit(v.Add)
		return true
	})
}

// steer serves one POST whose body is a T; do tells whether it could be done.
func steer[T any](s *Server, path string, do func(T) bool) {
	s.mux.HandleFunc("POST /_control/"+path, func(w http.ResponseWriter, r *http.Request) {
		var v T
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
		d.DisallowUnknownFields()
		if d.Decode(&v) != nil || !do(v) {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		writeJSON(w, s.State())
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
