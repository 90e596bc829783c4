package providertest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Server serves a simulator on loopback and can really be down: then nobody listens on its address, so that a client learns
// that nothing was sent. A handler alone cannot do that, it runs after the request was read.
type Server struct {
	// URL is the address, the same after every Up.
	URL string

	t       *testing.T
	handler http.Handler
	address string
	mu      sync.Mutex
	srv     *httptest.Server
}

// Serve starts a Server that ends with the test.
func Serve(t *testing.T, h http.Handler) *Server {
	t.Helper()
	s := &Server{t: t, handler: h}
	s.srv = httptest.NewServer(h)
	s.URL, s.address = s.srv.URL, s.srv.Listener.Addr().String()
	t.Cleanup(s.Down)
	return s
}

// Down ends all connections and refuses new ones.
func (s *Server) Down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv == nil {
		return
	}
	s.srv.CloseClientConnections()
	s.srv.Close()
	s.srv = nil
}

// Up listens again on the same address; it changes nothing when the server is up.
func (s *Server) Up() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv != nil {
		return
	}
	var config net.ListenConfig
	l, err := config.Listen(s.t.Context(), "tcp", s.address)
	if err != nil {
		s.t.Fatalf("listen again on the simulator's address: %v", err)
	}
	s.srv = httptest.NewUnstartedServer(s.handler)
	_ = s.srv.Listener.Close()
	s.srv.Listener = l
	s.srv.Start()
}
