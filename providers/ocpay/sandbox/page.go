package sandbox

import (
	_ "embed"
	"html/template"
	"net/http"
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

// takePage is a payer's click: pay, or decline.
func (s *Server) takePage(w http.ResponseWriter, r *http.Request) {
	ref := r.PathValue("ref")
	if r.FormValue("do") == "decline" {
		s.Decline(ref)
	} else {
		s.Pay(ref)
	}
	w.Header().Set("Location", ref) // beside this address, under whatever prefix the server is reached
	w.WriteHeader(http.StatusSeeOther)
}
