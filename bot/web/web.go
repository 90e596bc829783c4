// Package web is what the shop answers by HTTP: health, readiness, Telegram's webhook and the pages behind one-time links on one
// listener, metrics on another. It knows no conversations.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Options configure a Server.
type Options struct {
	Addr        string                                      // such as :8080
	WebhookPath string                                      // empty without a webhook
	Webhook     http.Handler                                // nil without a webhook
	Links       http.Handler                                // the pages behind one-time links; nil without them
	Ready       func(ctx context.Context) map[string]string // what is missing: part → how to mend it; empty when ready
	Notes       func(ctx context.Context) map[string]string // what is worth knowing while the shop sells; nil for nothing
	Logger      *slog.Logger
}

// Server listens.
type Server struct {
	o    Options
	http *http.Server
	at   net.Listener
}

// Listen takes the address, so that a failure shows at the start. Serve answers on it.
func Listen(ctx context.Context, o Options) (*Server, error) {
	s, mux := &Server{o: o}, http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	if o.Webhook != nil {
		mux.Handle(o.WebhookPath, o.Webhook)
	}
	if o.Links != nil {
		mux.Handle(LinkPath, o.Links)
	}
	made, err := listen(ctx, o.Addr, mux, o.Logger)
	if err != nil {
		return nil, err
	}
	s.http, s.at = made.http, made.at
	return s, nil
}

// listen takes an address for these pages.
func listen(ctx context.Context, addr string, pages http.Handler, log *slog.Logger) (*Server, error) {
	var lc net.ListenConfig
	at, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Server{at: at, http: &http.Server{Handler: pages, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}}, nil
}

// Addr is where it listens.
func (s *Server) Addr() string { return s.at.Addr().String() }

// Serve answers until ctx ends, then lets requests under way finish, ten seconds at most.
func (s *Server) Serve(ctx context.Context) error {
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- s.http.Shutdown(last)
	}()
	if err := s.http.Serve(s.at); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// health says that the process runs; it asks nobody.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// ready names what keeps the shop from selling, or says that nothing does.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	missing := s.o.Ready(r.Context())
	w.Header().Set("Content-Type", "application/json")
	if len(missing) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if missing == nil {
		missing = map[string]string{}
	}
	answer := map[string]any{"ready": len(missing) == 0, "missing": missing}
	if s.o.Notes != nil {
		if notes := s.o.Notes(r.Context()); len(notes) > 0 {
			answer["notes"] = notes
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}
