package sandbox

import (
	"encoding/json"
	"net/http"
)

// control lays out the calls that steer a server from another process:
//
//	GET    /_control/links   []Link
//	GET    /_control/faults  []Trouble
//	POST   /_control/faults  Trouble
//	DELETE /_control/faults  ends all faults
func (s *Server) control() {
	show := func(path string, value func() any) {
		s.mux.HandleFunc("GET /_control/"+path, func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, value()) })
	}
	show("links", func() any { return s.Links() })
	show("faults", func() any { return s.Troubles() })
	s.mux.HandleFunc("DELETE /_control/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Clear()
		write(w, http.StatusOK, s.Troubles())
	})
	s.mux.HandleFunc("POST /_control/faults", func(w http.ResponseWriter, r *http.Request) {
		var t Trouble
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
		d.DisallowUnknownFields()
		if d.Decode(&t) != nil || s.Fault(t) != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		write(w, http.StatusOK, s.Troubles())
	})
}
