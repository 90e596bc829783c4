package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Health is what a Redis says of itself, as far as it says anything.
type Health struct {
	Known    bool // false for the embedded Redis and for servers that refuse to tell
	Missing  []string
	Skew     time.Duration // Redis' clock less ours
	Problems []string      // each a sentence that says what to change
}

// Check reads whether Redis keeps what it was told: master, append-only file on every write, no eviction. A check that the
// server refuses counts as failed and names the missing right. now is the process clock.
func (s *Store) Check(ctx context.Context, now func() time.Time) (Health, error) {
	var h Health
	before := now()
	at, err := s.rdb.Time(ctx).Result()
	if err != nil {
		return h, fmt.Errorf("check redis: %w", err)
	}
	h.Skew = at.Sub(before)
	if h.Skew > 5*time.Second || h.Skew < -5*time.Second {
		h.Problems = append(h.Problems, fmt.Sprintf("Redis' clock differs from ours by %s; set both by NTP", h.Skew.Round(time.Second)))
	}
	info, err := s.rdb.Info(ctx, "persistence", "replication").Result()
	if err != nil || !strings.Contains(info, "aof_enabled") {
		h.Missing = append(h.Missing, "INFO")
	} else {
		h.Known = true
		h.Problems = append(h.Problems, persistence(info)...)
	}
	for name, want := range map[string]func(string) string{
		"maxmemory-policy": func(v string) string {
			if v != "noeviction" {
				return "maxmemory-policy is " + v + "; set noeviction, or Redis throws money away"
			}
			return ""
		},
		"appendfsync": func(v string) string {
			if v != "always" {
				return "appendfsync is " + v + "; set always"
			}
			return ""
		},
	} {
		got, err := s.rdb.ConfigGet(ctx, name).Result()
		value, ok := got[name]
		if err != nil || !ok {
			h.Missing = append(h.Missing, "CONFIG GET "+name)
			continue
		}
		if problem := want(value); problem != "" {
			h.Problems = append(h.Problems, problem)
		}
	}
	return h, nil
}

// persistence reads the sections of INFO.
func persistence(info string) []string {
	values := map[string]string{}
	for line := range strings.SplitSeq(info, "\n") {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			values[k] = v
		}
	}
	var problems []string
	if values["role"] != "master" {
		problems = append(problems, "Redis is a "+values["role"]+"; connect to the master")
	}
	if values["aof_enabled"] != "1" {
		problems = append(problems, "append-only file is off; set appendonly yes")
	} else if st := values["aof_last_write_status"]; st != "" && st != "ok" {
		problems = append(problems, "append-only file cannot be written; look at the disk")
	}
	return problems
}
