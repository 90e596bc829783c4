package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// unasked is what a server that refuses every question leaves open.
func unasked() []string {
	return []string{"INFO (right +info)", "CONFIG GET maxmemory-policy (right +config|get)", "CONFIG GET appendfsync (right +config|get)",
		"CONFIG GET no-appendfsync-on-rewrite (right +config|get)", "CONFIG GET min-replicas-to-write (right +config|get)"}
}

func TestCheckOfTheEmbeddedRedis(t *testing.T) {
	s := embedded(t)
	h, err := s.Check(s.ctx, func() time.Time { return start().Add(time.Minute) })
	s.ok(err)
	want := Health{Missing: unasked(), Skew: -time.Minute, Problems: []string{"Redis' clock differs from ours by -1m0s; set both by NTP"}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
}

// TestCheckOfARealRedis sets one thing wrong at a time: exactly that is told, with what to change.
func TestCheckOfARealRedis(t *testing.T) {
	_, rdb := durable(t)
	s, err := New(rdb, Options{Shop: "main"})
	if err != nil {
		t.Fatal(err)
	}
	used := func(percent int64) string {
		h, err := told(rdb.Info(t.Context(), "memory").Result())
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatInt(number(h["used_memory"])*100/percent, 10)
	}
	tests := []struct {
		name, set, value, back string
		ahead                  time.Duration // of the process clock
		problem, advice        string
	}{
		{name: "all right"},
		{name: "no file", set: "appendonly", value: "no", back: "yes", problem: "append-only file is off; set appendonly yes"},
		{name: "every second", set: "appendfsync", value: "everysec", back: "always", problem: "appendfsync is everysec; set always (Redis 7."},
		{name: "whenever", set: "appendfsync", value: "no", back: "always", problem: "appendfsync is no; set always"},
		{name: "not while rewriting", set: "no-appendfsync-on-rewrite", value: "yes", back: "no", problem: "no-appendfsync-on-rewrite is yes; set no"},
		{name: "evicts", set: "maxmemory-policy", value: "allkeys-lru", back: "noeviction", problem: "maxmemory-policy is allkeys-lru; set noeviction"},
		{name: "evicts what ends", set: "maxmemory-policy", value: "volatile-ttl", back: "noeviction", problem: "maxmemory-policy is volatile-ttl; set noeviction"},
		{name: "half full", set: "maxmemory", value: used(50), back: "0"},
		{name: "three quarters full", set: "maxmemory", value: used(80), back: "0", advice: "used memory is above 75 % of maxmemory"},
		{name: "full", set: "maxmemory", value: used(100), back: "0", problem: "used memory is above 90 % of maxmemory"},
		{name: "clock a little ahead", ahead: 4 * time.Second},
		{name: "clock ahead", ahead: 7 * time.Second, problem: "Redis' clock differs from ours by -7s"},
		{name: "clock behind", ahead: -7 * time.Second, problem: "Redis' clock differs from ours by 7s"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if c.set != "" {
				if err := rdb.ConfigSet(t.Context(), c.set, c.value).Err(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = rdb.ConfigSet(context.Background(), c.set, c.back).Err() })
			}
			h, err := s.Check(t.Context(), func() time.Time { return time.Now().Add(c.ahead) })
			if err != nil {
				t.Fatal(err)
			}
			if len(h.Missing) > 0 || !strings.HasPrefix(h.Version, "7.") && !strings.HasPrefix(h.Version, "8.") || h.Run == "" {
				t.Errorf("missing %q, version %q, run %q", h.Missing, h.Version, h.Run)
			}
			one(t, "problem", h.Problems, c.problem)
			one(t, "advice", h.Advice, c.advice)
		})
	}
}

// one fails unless the list holds just a line that begins as wanted, or nothing when nothing is wanted.
func one(t *testing.T, what string, got []string, want string) {
	t.Helper()
	if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], want)) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestCheckOfAReplica(t *testing.T) {
	port := freePort(t)
	main := serve(t, "--port", port, "--appendonly", "yes", "--appendfsync", "always")
	rdb := main.client(&redis.Options{Addr: "127.0.0.1:" + port})
	_, replica := durable(t, "--replicaof", "127.0.0.1 "+port)
	check := func(c *redis.Client) Health {
		s, err := New(c, Options{Shop: "main"})
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.Check(t.Context(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	one(t, "problem of a replica", check(replica).Problems, "Redis is a replica; connect to the master")
	until(t, "replica is connected", func(context.Context) error {
		if h := check(rdb); h.Replicas != 1 {
			return fmt.Errorf("%d replicas", h.Replicas)
		}
		return nil
	})
	one(t, "advice of a master", check(rdb).Advice, "Redis has replicas and min-replicas-to-write 0; set 1")
	if err := rdb.ConfigSet(t.Context(), "min-replicas-to-write", "1").Err(); err != nil {
		t.Fatal(err)
	}
	one(t, "advice of a careful master", check(rdb).Advice, "")
}

// TestCheckNamesTheMissingRight asks as a user without one right.
func TestCheckNamesTheMissingRight(t *testing.T) {
	s, rdb := durable(t)
	for name, rule := range map[string]string{"+info": "-info", "+config|get": "-config", "both": "-@admin -@dangerous"} {
		t.Run(name, func(t *testing.T) {
			args := append([]any{"acl", "setuser", "narrow", "reset", "on", "nopass", "~*", "+@all"}, words(rule)...)
			if err := rdb.Do(t.Context(), args...).Err(); err != nil {
				t.Fatal(err)
			}
			narrow := s.client(&redis.Options{Network: "unix", Addr: rdb.Options().Addr, Username: "narrow", Password: "any"})
			store, err := New(narrow, Options{Shop: "main"})
			if err != nil {
				t.Fatal(err)
			}
			h, err := store.Check(t.Context(), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.DeleteFunc(unasked(), func(m string) bool { return name != "both" && !strings.Contains(m, name) })
			if diff := cmp.Diff(want, h.Missing); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func words(text string) []any {
	var list []any
	for w := range strings.FieldsSeq(text) {
		list = append(list, w)
	}
	return list
}

func TestCheckOfARedisThatIsGone(t *testing.T) {
	s, rdb := durable(t)
	store, err := New(rdb, Options{Shop: "main"})
	if err != nil {
		t.Fatal(err)
	}
	s.kill()
	if h, err := store.Check(t.Context(), time.Now); err == nil {
		t.Errorf("a server that is gone says %+v", h)
	}
}

// TestHealthReadsInfo holds what a test cannot bring a server to say.
func TestHealthReadsInfo(t *testing.T) {
	for info, want := range map[string]Health{
		"role:master\r\naof_enabled:1\r\naof_last_write_status:ok\r\n": {},
		"role:slave\r\naof_enabled:1\r\n":                              {Problems: []string{"Redis is a replica; connect to the master"}},
		"role:master\naof_enabled:1\naof_last_write_status:err": {
			Problems: []string{"append-only file cannot be written; look at Redis' disk"}},
		"role:master\naof_enabled:1\naof_last_bgrewrite_status:err": {
			Advice: []string{"the last rewrite of the append-only file failed, so the file only grows; look at Redis' disk and memory"}},
		"role:master\naof_enabled:1\nrdb_last_bgsave_status:err": {
			Advice: []string{"the last snapshot failed, and Redis may refuse writes because of it; look at Redis' disk and memory"}},
	} {
		values, err := told(info, nil)
		if err != nil {
			t.Fatal(err)
		}
		var h Health
		h.read(values)
		if diff := cmp.Diff(want, h); diff != "" {
			t.Errorf("%q:\n%s", info, diff)
		}
	}
}

func TestWhyEverySecondIsNotEnough(t *testing.T) {
	for version, want := range map[string]string{
		"6.2.1": "has no WAITAOF", "7.0.15": "has no WAITAOF", "7.2.4": "does not wait for the disk", "7.4.2": "is not to be relied on",
		"8.0.1": "does not wait for the disk", "": "",
	} {
		h := Health{Version: version}
		if got := h.noWait("everysec"); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

// shopUser makes the user that the README describes and returns a shop's address with it. Shops of tests have names of their own.
func shopUser(t *testing.T, rdb *redis.Client) string {
	t.Helper()
	rule := "reset on >secret ~{test-* +@all -@admin -@dangerous +info +role +config|get"
	if err := rdb.Do(t.Context(), append([]any{"acl", "setuser", "shop"}, words(rule)...)...).Err(); err != nil {
		t.Fatal(err)
	}
	return "unix://shop:secret@" + rdb.Options().Addr
}

// TestTheShopsUserIsEnough walks the store's whole road as a user without dangerous commands, and finds the same as elsewhere.
func TestTheShopsUserIsEnough(t *testing.T) {
	_, rdb := durable(t, "--enable-debug-command", "local") // else DEBUG is refused to everybody
	url := shopUser(t, rdb)
	s := open(t, url, true, time.Now)
	if diff := cmp.Diff(road(embedded(t)), road(s)); diff != "" {
		t.Errorf("(-embedded +narrow user):\n%s", diff)
	}
	h, err := s.Check(s.ctx, time.Now)
	s.ok(err)
	if len(h.Missing)+len(h.Problems)+len(h.Advice) > 0 {
		t.Errorf("the user's check: %+v", h)
	}
	narrow := s.rdb
	for _, command := range []string{"flushall", "flushdb", "keys *", "config set appendfsync no", "debug sleep 0", "monitor",
		"replicaof no one", "shutdown nosave", "get other", "set {other}:o:1 x", "acl list", "save", "client kill id 1"} {
		err := narrow.Do(s.ctx, words(command)...).Err()
		if err == nil || !strings.HasPrefix(err.Error(), "NOPERM") {
			t.Errorf("%s: %v, want NOPERM", command, err)
		}
	}
}

// TestScriptsAskForNoDangerousCommand reads the categories of every command in the scripts from the server.
func TestScriptsAskForNoDangerousCommand(t *testing.T) {
	_, rdb := durable(t)
	files, err := sources.ReadDir("lua")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, f := range files {
		text, err := sources.ReadFile("lua/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`redis\.p?call\('([A-Za-z]+)'`).FindAllStringSubmatch(string(text), -1) {
			called[strings.ToLower(m[1])] = true
		}
	}
	if len(called) < 15 {
		t.Fatalf("only %d commands found", len(called))
	}
	for name := range called {
		list, err := rdb.Do(t.Context(), "command", "info", name).Slice()
		if err != nil || len(list) != 1 || list[0] == nil {
			t.Fatalf("%s: %v, %v", name, list, err)
		}
		if categories := fmt.Sprint(list[0]); strings.Contains(categories, "@admin") || strings.Contains(categories, "@dangerous") {
			t.Errorf("scripts call %s, which the shop's user may not: %s", name, categories)
		}
	}
}
