package main

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestJudge: a row is short when it misses by more than its rounds differ, and noise excuses a quarter at most.
func TestJudge(t *testing.T) {
	speed := func(ratios ...float64) row {
		r := row{against: "peer", sense: atLeast, target: 2}
		for _, n := range ratios {
			r.rounds = append(r.rounds, pair{n * 50, 50})
		}
		return r
	}
	for name, c := range map[string]struct {
		row   row
		short bool
		ratio float64
	}{
		"holds":             {speed(2.4, 2.5, 2.6), false, 2.5},
		"misses":            {speed(1.8, 1.81, 1.79), true, 1.8},
		"within its noise":  {speed(1.7, 1.9, 2.1), false, 1.9},
		"noise has its end": {speed(0.1, 1.4, 4), true, 1.4},
		"one round":         {speed(1.99), false, 1.99},
		"limit kept":        {row{sense: atMost, target: 3, exact: true, rounds: []pair{{ours: 3}}}, false, 3},
		"limit broken":      {row{sense: atMost, target: 3, exact: true, rounds: []pair{{ours: 4}, {ours: 3}, {ours: 4}}}, true, 4},
	} {
		if v := c.row.judge(); v.short != c.short || v.ratio != c.ratio {
			t.Errorf("%s: %+v", name, v)
		}
	}
	var out strings.Builder
	if n, err := printTable(&out, []row{speed(1), speed(3)}); n != 1 || err != nil || strings.Count(out.String(), "SHORT") != 1 {
		t.Errorf("%d rows are short, %v:\n%s", n, err, &out)
	}
}

// TestProxyCounts: what is written at once is one trip, what follows an answer another one, and ticks are left out.
func TestProxyCounts(t *testing.T) {
	dir := t.TempDir()
	var lc net.ListenConfig
	at, err := lc.Listen(t.Context(), "unix", filepath.Join(dir, "redis"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = at.Close() }()
	get := "*2\r\n$3\r\nget\r\n$8\r\n{shop}:a\r\n"
	tick := strings.ReplaceAll(get, "$8\r\n{shop}:a", "$12\r\n{shop}:codes")
	go func() { // answers each as a whole: the first two commands at once
		c, err := at.Accept()
		for _, want := range []string{get + get, get, tick} {
			if err == nil {
				_, err = answer(c, len(want))
			}
		}
	}()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p, err := startProxy(ctx, dir, at.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", strings.TrimPrefix(p.url, "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	began := time.Now()
	send := func(text string) {
		t.Helper()
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	heard := func(n int) {
		t.Helper()
		if _, err := io.ReadFull(c, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	send(get)
	if !until(ctx, 10*time.Second, func() bool { return !p.latest().IsZero() }) { // it has gone through alone
		t.Fatal("the proxy passes nothing on")
	}
	send(get)
	heard(2 * len(get))
	for _, text := range []string{get, tick} {
		send(text)
		heard(len(text))
	}
	if trips := p.between(began, time.Now()); len(trips) != 2 || trips[0] != "get {shop}:a" {
		t.Errorf("trips: %q", trips)
	}
}

// answer reads n bytes and then sends them back.
func answer(c net.Conn, n int) (int, error) {
	all := make([]byte, n)
	if _, err := io.ReadFull(c, all); err != nil {
		return 0, err
	}
	return c.Write(all)
}
