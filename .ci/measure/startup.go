package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// startup measures how long the program takes until it is ready, on a Redis that knows its shop, how large it is, and what it holds in
// memory while nobody talks to it.
func (b *bench) startup(ctx context.Context, times int, idle time.Duration) (rows []row, err error) {
	s, err := openShop(ctx, b.binary, b.dir, "startup", b.redis.url, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	begin := row{what: "start to ready", unit: "ms", sense: atMost, target: 200}
	for range times {
		s.run.stop()
		began := time.Now()
		if err := s.start(ctx); err != nil {
			return nil, err
		}
		begin.rounds = append(begin.rounds, pair{ours: float64(time.Since(began).Microseconds()) / 1000})
	}
	file, err := os.Stat(b.binary)
	if err != nil {
		return nil, fmt.Errorf("look at the program: %w", err)
	}
	size := row{what: "the program's file", unit: "MB", sense: atMost, target: 25, exact: true, rounds: []pair{{ours: float64(file.Size()) / 1e6}}}
	if err := rest(ctx, idle); err != nil {
		return nil, err
	}
	held, err := s.run.resident()
	if err != nil {
		return nil, err
	}
	memory := row{what: "resident memory, idle", unit: "MiB", sense: atMost, target: 40, exact: true, rounds: []pair{{ours: held}}}
	return []row{begin, size, memory}, nil
}

// resident is the memory that the process holds, in MiB. Source: proc(5), VmRSS of status.
func (c *child) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	_, rest, found := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if !found || len(fields) < 1 {
		return 0, errors.New("read memory: status has another shape")
	}
	kib, err := strconv.ParseFloat(fields[0], 64)
	return kib / 1024, err
}
