package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands in front of Redis and counts round trips from outside: bytes of the program that follow an answer, or begin a connection.
// What is pipelined travels together and is one trip.
type proxy struct {
	url   string
	to    string
	at    net.Listener
	mu    sync.Mutex
	trips []trip
}

// trip is one round trip.
type trip struct {
	at   time.Time
	what string // the command and its first key
}

// startProxy listens on a socket in a folder until ctx ends.
func startProxy(ctx context.Context, dir, to string) (*proxy, error) {
	socket := filepath.Join(dir, "proxy.sock")
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	var lc net.ListenConfig
	at, err := lc.Listen(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	p := &proxy{url: "unix://" + socket, to: to, at: at}
	context.AfterFunc(ctx, func() { _ = at.Close() })
	go func() {
		for {
			c, err := at.Accept()
			if err != nil {
				return
			}
			go p.serve(ctx, c)
		}
	}()
	return p, nil
}

// serve carries one connection.
func (p *proxy) serve(ctx context.Context, c net.Conn) {
	defer func() { _ = c.Close() }()
	var d net.Dialer
	redis, err := d.DialContext(ctx, "unix", p.to)
	if err != nil {
		return
	}
	defer func() { _ = redis.Close() }()
	var waiting atomic.Bool // for an answer
	go func() {
		defer func() { _ = c.Close() }()
		carry(c, redis, func([]byte) { waiting.Store(false) })
	}()
	carry(redis, c, func(chunk []byte) {
		if !waiting.Swap(true) {
			p.keep(chunk)
		}
	})
}

// carry copies until one side ends; seen is told of each chunk before it is passed on.
func carry(to, from net.Conn, seen func([]byte)) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			seen(buf[:n])
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// keep writes down one trip.
func (p *proxy) keep(chunk []byte) {
	words := strings.SplitN(string(chunk[:min(len(chunk), 400)]), "\r\n", 11)
	what := ""
	switch {
	case len(words) > 8 && strings.EqualFold(words[2], "evalsha"):
		what = "script " + tail4(words[4]) + " on " + words[8]
	case len(words) > 4:
		what = words[2] + " " + words[4]
	case len(words) > 2:
		what = words[2]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trips = append(p.trips, trip{time.Now(), what})
}

func tail4(s string) string { return s[max(0, len(s)-4):] }

// ticks are the ends of keys that only the program's ticks ask about: reading the catalog from suppliers, leases, brakes.
func ticks(what string) bool {
	for _, key := range []string{"}:codes", "}:cat:", "}:lease:", "}:throttle"} {
		if strings.Contains(what, key) {
			return true
		}
	}
	return false
}

// between lists the trips that began in a stretch of time, but those of ticks.
func (p *proxy) between(from, to time.Time) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, t := range p.trips {
		if t.at.After(from) && t.at.Before(to) && !ticks(t.what) {
			list = append(list, t.what)
		}
	}
	return list
}

// latest is when the latest trip began.
func (p *proxy) latest() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.trips) == 0 {
		return time.Time{}
	}
	return p.trips[len(p.trips)-1].at
}
