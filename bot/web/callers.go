package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How fast one address may ask for pages behind links, and how many addresses are remembered. Who is forgotten begins anew.
const (
	linkBurst  = 30
	linkEvery  = time.Second
	mostCaller = 20_000
)

// caller is who asks, and whether nobody else reads along: over https, which a proxy of this machine or of a private network ends, or from
// this machine itself. Only such a proxy is believed what it says of whom it speaks for, and only its own word, which is the last.
func (l *Links) caller(r *http.Request) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	peer, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}, false
	}
	peer = peer.Unmap().WithZone("")
	said := last(r.Header.Values("X-Forwarded-For"))
	if !l.o.HTTPS {
		return peer, peer.IsLoopback() && said == ""
	}
	if !within(peer) {
		return peer, r.TLS != nil
	}
	if said == "" {
		return peer, r.TLS != nil || peer.IsLoopback()
	}
	from, err := netip.ParseAddr(said)
	if err != nil {
		return peer, false
	}
	return from.Unmap().WithZone(""), last(r.Header.Values("X-Forwarded-Proto")) == "https"
}

// last is the last entry of a header that is a list.
func last(values []string) string {
	all := strings.Split(strings.Join(values, ","), ",")
	return strings.TrimSpace(all[len(all)-1])
}

// languageOf is the language in a path, whatever follows.
func languageOf(r *http.Request) string {
	language, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, LinkPath), "/")
	return language
}

// pace bounds how fast each address asks. It is safe for concurrent use.
type pace struct {
	burst int
	every rate.Limit
	mu    sync.Mutex
	all   map[netip.Prefix]*rate.Limiter
}

func newPace(burst int, every time.Duration) *pace {
	return &pace{burst: burst, every: rate.Every(every), all: map[netip.Prefix]*rate.Limiter{}}
}

// ask counts one more, and says how long to wait when that is too fast. Of IPv6 a network of 64 bits is one caller: everybody has one.
func (p *pace) ask(from netip.Addr, now time.Time) time.Duration {
	bits := 32
	if from.Is6() {
		bits = 64
	}
	of, err := from.Prefix(bits)
	if err != nil {
		return time.Minute
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	tokens := p.all[of]
	if tokens == nil {
		p.forget(now)
		tokens = rate.NewLimiter(p.every, p.burst)
		p.all[of] = tokens
	}
	turn := tokens.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > 0 {
		turn.CancelAt(now)
	}
	return wait
}

// forget makes room for one more: first those who have not asked for a while, then anybody.
func (p *pace) forget(now time.Time) {
	if len(p.all) < mostCaller {
		return
	}
	for of, tokens := range p.all {
		if tokens.TokensAt(now) >= float64(p.burst) {
			delete(p.all, of)
		}
	}
	for of := range p.all {
		if len(p.all) < mostCaller {
			return
		}
		delete(p.all, of)
	}
}
