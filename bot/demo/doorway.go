package demo

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// shopPages is where the shop's own pages, which are behind one-time links, hang under the world's address.
const shopPages = "/l/"

// doorway leads browsers to the pages of the shop, wherever its process listens now, as a proxy before a real shop does.
func (w *World) doorway() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: w.shopAddr()}) },
		ErrorHandler: func(out http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(out, "The shop is not open right now. Open the link again in a moment.", http.StatusBadGateway)
		},
	}
}

// shopAddr is where the shop listens; nowhere before it was open.
func (w *World) shopAddr() string {
	s := w.shop.Load()
	if s == nil {
		return "127.0.0.1:0"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.addr == "" {
		return "127.0.0.1:0"
	}
	return s.addr
}
