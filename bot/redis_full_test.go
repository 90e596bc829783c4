package main

import (
	"strings"
	"testing"

	"cardrop/bot/demo"
)

// TestThreat35ForgetfulRedis starts a live shop on a Redis with one setting wrong each time: it names that setting and does not start.
func TestThreat35ForgetfulRedis(t *testing.T) {
	t.Parallel()
	world, err := demo.Open(t.Context(), demo.WorldOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Telegram.Close()
	for _, c := range []struct {
		wrong, want string
	}{
		{"--maxmemory-policy allkeys-lru", "maxmemory-policy is allkeys-lru; set noeviction"},
		{"--appendfsync everysec", "appendfsync is everysec; set always"},
		{"--appendonly no", "append-only file is off; set appendonly yes"},
		{"--no-appendfsync-on-rewrite yes", "no-appendfsync-on-rewrite is yes; set no"},
		{"--maxmemory 1", "used memory is above 90 % of maxmemory"},
		{"--replicaof 127.0.0.1 1", "Redis is a replica; connect to the master"},
	} {
		t.Run(c.wrong, func(t *testing.T) {
			m := startRedis(t, t.TempDir(), strings.Fields(c.wrong)...).memory(t)
			settings := world.Settings()
			settings["REDIS_URL"], settings["DATA_DIR"], settings["LISTEN_ADDR"] = m.url, t.TempDir(), berth(t)
			settings["SHOP_MODE"] = modeLive
			out := runToEnd(t, settings)
			if !strings.Contains(out, "Redis would lose money data:") || !strings.Contains(out, c.want) {
				t.Errorf("the program said:\n%s\nwant %q", out, c.want)
			}
		})
	}
}

// TestThreat35FullRedis fills Redis' memory under a customer who confirms: nothing is asked of the supplier and no money moves, the
// customer hears it, and the purchase comes, once, when there is room again.
func TestThreat35FullRedis(t *testing.T) {
	t.Parallel()
	r := newRig(t, startRedis(t, t.TempDir()).memory(t), nil)
	r.fund(omar, "20000")
	p := r.as(omar)
	p.confirms()
	r.settled()
	wallets := r.redis.rdb.HGetAll(t.Context(), r.key("wallets")).Val()
	limit := func(bytes string) {
		if err := r.redis.rdb.ConfigSet(t.Context(), "maxmemory", bytes).Err(); err != nil {
			t.Fatal(err)
		}
	}
	limit("1")
	p.taps("Confirm")
	p.sees("We cannot reach our records right now")
	if n := len(r.world.GiftZ.Sold()); n != 0 {
		t.Errorf("%d sales with a full Redis", n)
	}
	for account, balance := range r.redis.rdb.HGetAll(t.Context(), r.key("wallets")).Val() {
		if wallets[account] != balance {
			t.Errorf("%s went from %s to %s", account, wallets[account], balance)
		}
	}
	limit("0")
	p.gets()
	r.settled()
	r.oneSale(0)
}
