package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Health is what a Redis says of itself, as far as it says anything.
type Health struct {
	Version  string        // such as 7.0.15; empty when it does not tell
	Run      string        // names the server process; another one after a restart or a failover
	Replicas int           // connected now
	Skew     time.Duration // Redis' clock less ours
	Missing  []string      // what it refused to tell, each with the right it takes
	Problems []string      // why it may lose or refuse what it is told, each with what to change
	Advice   []string      // what is worth changing although nothing is wrong yet
}

// How much is too much.
const (
	clockLimit  = 5 * time.Second
	memoryAlarm = 75 // percent of maxmemory at which operators hear of it
	memoryStop  = 90 // percent at which nothing is bought: the rest is for deletions and for what is under way
)

// Check reads whether Redis keeps what it was told: master, append-only file on every write, no eviction, memory left, clock right. A
// question that the server refuses counts as failed and names the missing right. now is the process clock. It returns an error when
// Redis does not answer.
func (s *Store) Check(ctx context.Context, now func() time.Time) (Health, error) {
	var h Health
	node, err := s.node(ctx)
	if err != nil {
		return h, fmt.Errorf("check redis: %w", err)
	}
	before := now()
	at, err := node.Time(ctx).Result()
	if err != nil {
		return h, fmt.Errorf("check redis: %w", err)
	}
	after := now()
	h.Skew = at.Sub(before.Add(after.Sub(before) / 2))
	if h.Skew.Abs() > clockLimit {
		h.Problems = append(h.Problems, fmt.Sprintf("Redis' clock differs from ours by %s; set both by NTP", h.Skew.Round(time.Second)))
	}
	values, err := told(node.Info(ctx, "server", "memory", "persistence", "replication").Result())
	if err != nil {
		return h, err
	}
	if values["aof_enabled"] == "" || values["role"] == "" {
		h.Missing = append(h.Missing, "INFO (right +info)")
	} else {
		h.read(values)
	}
	s.replicas.Store(int64(h.Replicas)) // from now on writes before foreign effects wait for one
	return h, h.ask(ctx, node)
}

// told splits what INFO says. An answer that is a refusal is no error and tells nothing.
func told(info string, err error) (map[string]string, error) {
	var refused redis.Error
	if err != nil && !errors.As(err, &refused) {
		return nil, fmt.Errorf("check redis: %w", err)
	}
	values := map[string]string{}
	for line := range strings.SplitSeq(info, "\n") {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			values[k] = v
		}
	}
	return values, nil
}

// read takes over what INFO says.
func (h *Health) read(values map[string]string) {
	h.Version, h.Run = values["redis_version"], values["run_id"]
	h.Replicas, _ = strconv.Atoi(values["connected_slaves"])
	if values["role"] != "master" {
		h.Problems = append(h.Problems, "Redis is a replica; connect to the master")
	}
	if values["aof_enabled"] != "1" {
		h.Problems = append(h.Problems, "append-only file is off; set appendonly yes")
	} else if st := values["aof_last_write_status"]; st != "" && st != "ok" {
		h.Problems = append(h.Problems, "append-only file cannot be written; look at Redis' disk")
	}
	if st := values["aof_last_bgrewrite_status"]; st != "" && st != "ok" {
		h.Advice = append(h.Advice, "the last rewrite of the append-only file failed, so the file only grows; look at Redis' disk and memory")
	}
	if st := values["rdb_last_bgsave_status"]; st != "" && st != "ok" {
		h.Advice = append(h.Advice, "the last snapshot failed, and Redis may refuse writes because of it; look at Redis' disk and memory")
	}
	used, _ := strconv.ParseFloat(values["used_memory"], 64)
	most, _ := strconv.ParseFloat(values["maxmemory"], 64)
	switch {
	case most == 0: // no limit
	case used*100 >= most*memoryStop:
		h.Problems = append(h.Problems, fmt.Sprintf("used memory is above %d %% of maxmemory; raise maxmemory, the rest is kept for deletions", memoryStop))
	case used*100 >= most*memoryAlarm:
		h.Advice = append(h.Advice, fmt.Sprintf("used memory is above %d %% of maxmemory; raise maxmemory before it is full", memoryAlarm))
	}
}

// ask reads the settings that decide what a crash may take.
func (h *Health) ask(ctx context.Context, node *redis.Client) error {
	for _, name := range []string{"maxmemory-policy", "appendfsync", "no-appendfsync-on-rewrite", "min-replicas-to-write"} {
		got, err := node.ConfigGet(ctx, name).Result()
		var refused redis.Error
		if err != nil && !errors.As(err, &refused) {
			return fmt.Errorf("check redis: %w", err)
		}
		value, ok := got[name]
		switch {
		case !ok:
			h.Missing = append(h.Missing, "CONFIG GET "+name+" (right +config|get)")
		case name == "maxmemory-policy" && value != "noeviction":
			h.Problems = append(h.Problems, "maxmemory-policy is "+value+"; set noeviction, or Redis throws money away")
		case name == "appendfsync" && value != "always":
			h.Problems = append(h.Problems, "appendfsync is "+value+"; set always"+h.noWait(value))
		case name == "no-appendfsync-on-rewrite" && value != "no":
			h.Problems = append(h.Problems, "no-appendfsync-on-rewrite is "+value+"; set no, or writes are not on disk while the file is rewritten")
		case name == "min-replicas-to-write" && value == "0" && h.Replicas > 0:
			h.Advice = append(h.Advice, "Redis has replicas and min-replicas-to-write 0; set 1, or a failover takes what only the old master knew")
		}
	}
	return nil
}

// noWait says why everysec is not enough on this server: WAITAOF came with 7.2, was wrong in 7.4, and is not used by this program.
func (h *Health) noWait(value string) string {
	var major, minor int
	_, err := fmt.Sscanf(h.Version, "%d.%d", &major, &minor)
	switch {
	case value != "everysec" || err != nil:
		return ""
	case major < 7 || major == 7 && minor < 2:
		return " (Redis " + h.Version + " has no WAITAOF to make everysec safe)"
	case major == 7 && minor == 4:
		return " (WAITAOF of Redis " + h.Version + " is not to be relied on)"
	default:
		return " (the shop does not wait for the disk by itself)"
	}
}
