package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
)

// ListenMetrics takes the address for metrics, apart from the shop's own listener; /metrics is its only page. It answers callers on
// this machine and in private networks: metrics hold no secret, but tell how a business goes.
func ListenMetrics(ctx context.Context, addr string, m *Metrics, log *slog.Logger) (*Server, error) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", near(m.handler()))
	return listen(ctx, addr, mux, log)
}

// near lets callers in whose address is on this machine or in a private network. A proxy stands near and brings callers from afar, so
// what came through one is refused, too.
func near(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !private(r.RemoteAddr) || r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != "" {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// private tells whether an address is of this machine or of a private network.
func private(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && within(ip.Unmap())
}

func within(ip netip.Addr) bool {
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}
