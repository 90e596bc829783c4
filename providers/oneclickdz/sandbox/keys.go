package sandbox

import (
	"net"
	"net/http"
	"slices"
	"time"
)

// The types and scopes of keys.
const (
	Sandbox    = "SANDBOX"
	Production = "PRODUCTION"
	ReadWrite  = "READ-WRITE"
	ReadOnly   = "READ-ONLY"
)

// Key is one access token of the account.
type Key struct {
	Token    string
	Type     string   // Sandbox or Production
	Scope    string   // ReadWrite when empty
	IPs      []string // addresses it may be used from; empty means any
	Disabled bool
	// Lifelike lets a Sandbox key sell from the stock for the account's money, which the supplier's own sandbox does not: it
	// validates no ids, charges nothing and sells SANDBOX-CARD-1. It is this simulator's own invention.
	Lifelike bool
}

// play tells whether calls with this key follow the rules of the supplier's sandbox.
func (k Key) play() bool { return k.Type == Sandbox && !k.Lifelike }

const (
	badKeys = 20               // rejected keys in a row that lock an address
	lockout = 15 * time.Minute // how long
)

// door counts what one address did wrong.
type door struct {
	bad   int
	until time.Time // locked before it
}

// window counts one key's calls in a minute.
type window struct {
	start time.Time
	calls int
}

// admit finds the key of a call, or says why it may not pass; the caller holds the lock.
func (s *Server) admit(r *http.Request) (Key, *problem) {
	now, address := s.o.Now(), r.RemoteAddr
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	d := s.doors[address]
	if d == nil {
		d = &door{}
		s.doors[address] = d
	}
	token := r.Header.Get("X-Access-Token")
	at := slices.IndexFunc(s.o.Keys, func(k Key) bool { return token != "" && k.Token == token })
	switch {
	case now.Before(d.until):
		return Key{}, &problem{status: 403, code: "IP_BLOCKED", message: "Too many invalid attempts"}
	case token == "":
		return Key{}, &problem{status: 401, code: "MISSING_ACCESS_TOKEN", message: "Access token is required"}
	case at < 0:
		if d.bad++; d.bad >= badKeys {
			d.bad, d.until = 0, now.Add(lockout)
		}
		return Key{}, &problem{status: 401, code: "INVALID_ACCESS_TOKEN", message: "Access token is invalid"}
	}
	k := s.o.Keys[at]
	d.bad = 0
	switch {
	case k.Disabled:
		return Key{}, &problem{status: 403, code: "API_DISABLED", message: "API access is disabled"}
	case len(k.IPs) > 0 && !slices.Contains(k.IPs, address):
		return Key{}, &problem{status: 403, code: "IP_NOT_ALLOWED", message: "Address not in allow-list"}
	case k.Scope == ReadOnly && r.Method != http.MethodGet:
		return Key{}, &problem{status: 403, code: "FORBIDDEN", message: "The key's scope READ-ONLY does not allow this"}
	}
	return k, s.rate(k.Token, now)
}

// rate refuses a key's calls over the limit of a minute; the caller holds the lock.
func (s *Server) rate(token string, now time.Time) *problem {
	if s.o.PerMinute == 0 {
		return nil
	}
	m := s.minute[token]
	if now.Sub(m.start) >= time.Minute {
		m = window{start: now}
	}
	m.calls++
	s.minute[token] = m
	if m.calls > s.o.PerMinute {
		return tooMany()
	}
	return nil
}

// validate shows the key, as the real call does: with neither meta nor requestId.
func (s *Server) validate(c call) answer {
	ips := c.key.IPs
	if ips == nil {
		ips = []string{}
	}
	scope := c.key.Scope
	if scope == "" {
		scope = ReadWrite
	}
	return answer{bare: true, data: object{
		{"username", s.o.User},
		{"apiKey", object{
			{"key", c.key.Token}, {"isEnabled", true}, {"type", c.key.Type}, {"allowedips", ips}, {"scope", scope},
		}},
	}}
}
