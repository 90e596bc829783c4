package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestHealthcheck(t *testing.T) {
	var status atomic.Int32
	status.Store(http.StatusOK)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context, listen string) string {
		if err := healthcheck(ctx, listen); err != nil {
			return err.Error()
		}
		return ""
	}
	for _, listen := range []string{":" + port, "0.0.0.0:" + port, "[::]:" + port, "127.0.0.1:" + port} {
		if said := ask(t.Context(), listen); said != "" {
			t.Errorf("%s: %s", listen, said)
		}
	}
	status.Store(http.StatusServiceUnavailable)
	if said := ask(t.Context(), ":"+port); !strings.Contains(said, "503") {
		t.Errorf("an ill program: %q", said)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if said := ask(ended, ":"+port); !strings.Contains(said, context.Canceled.Error()) {
		t.Errorf("an ended context: %q", said)
	}
	server.Close()
	if said := ask(t.Context(), ":"+port); said == "" {
		t.Error("nobody listens, and all is well")
	}
	for _, listen := range []string{"nonsense", ":99999", "127.0.0.1:0"} {
		if said := ask(t.Context(), listen); !strings.Contains(said, "LISTEN_ADDR") {
			t.Errorf("%s: %q", listen, said)
		}
	}
}

func TestHealthURL(t *testing.T) {
	for listen, want := range map[string]string{
		"":               "http://127.0.0.1:8080/healthz",
		":9":             "http://127.0.0.1:9/healthz",
		"10.1.2.3:9":     "http://10.1.2.3:9/healthz",
		"[::1]:9":        "http://[::1]:9/healthz",
		"localhost:8081": "http://localhost:8081/healthz",
	} {
		if got, err := healthURL(listen); err != nil || got != want {
			t.Errorf("%q gives %q, %v; want %q", listen, got, err, want)
		}
	}
}
