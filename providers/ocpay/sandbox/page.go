package sandbox

import (
	_ "embed"
	"html/template"
	"net/http"
	"time"
)

//go:embed page.html
var pageText string

// showPage is where a payer ends up.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	l := s.find(r.PathValue("ref"))
	var seen Link
	if l != nil {
		s.state(l)
		seen = *l
	}
	s.mu.Unlock()
	if l == nil {
		http.NotFound(w, r)
		return
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		http.Error(w, "page", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, seen)
}

// lateness is how long after its click a payment by the page's button for late ones is seen.
const lateness = 30 * time.Minute

// takePage is a payer's click: pay, pay in an odd way, or decline.
func (s *Server) takePage(w http.ResponseWriter, r *http.Request) {
	ref := r.PathValue("ref")
	switch do := Fault(r.FormValue("do")); do {
	case "decline":
		s.Decline(ref)
	case WrongAmount, WrongMode, Late:
		s.pay(ref, Trouble{Fault: do, For: lateness})
	default:
		s.Pay(ref)
	}
	w.Header().Set("Location", ref) // beside this address, under whatever prefix the server is reached
	w.WriteHeader(http.StatusSeeOther)
}
