package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// longForm is set by .ci/full: several servers for one test run only then.
const longForm = "REDIS_TOPOLOGY"

func takesServers(t *testing.T) {
	t.Helper()
	if os.Getenv(longForm) == "" {
		t.Skip("starts several servers: runs with " + longForm + "=1, as .ci/full does")
	}
}

// TestCluster puts two shops onto two primaries of a Redis Cluster of three: each walks the whole road, finds the same as on a single
// server, and has nothing on any other primary.
func TestCluster(t *testing.T) {
	takesServers(t)
	nodes := startCluster(t, 3)
	var url []string
	for _, n := range nodes {
		url = append(url, "redis://"+n.Options().Addr)
	}
	alone := road(embedded(t))
	homes := map[string]bool{}
	for try := 0; len(homes) < 2 && try < 20; try++ {
		s := open(t, strings.Join(url, ","), true, time.Now)
		home, err := s.node(s.ctx)
		s.ok(err)
		if homes[home.Options().Addr] {
			continue
		}
		homes[home.Options().Addr] = true
		if diff := cmp.Diff(alone, road(s)); diff != "" {
			t.Errorf("(-alone +cluster):\n%s", diff)
		}
		now, err := s.Now(s.ctx)
		s.ok(err)
		s.about("now", now, s.now())
		h, err := s.Check(s.ctx, time.Now)
		s.ok(err)
		if run := runOf(t, home); h.Run != run || len(h.Missing) > 0 {
			t.Errorf("checked server %s, the shop is on %s: %+v", h.Run, run, h)
		}
		for _, n := range nodes {
			if held := len(scan(s.ctx, t, n, s.keys.at("*"))); (held > 0) != (n.Options().Addr == home.Options().Addr) {
				t.Errorf("%d keys of a shop that lives on %s are on %s", held, home.Options().Addr, n.Options().Addr)
			}
		}
	}
	if len(homes) < 2 {
		t.Fatal("20 shops all came to one primary")
	}
}

// TestBackupOfACluster moves a shop by its backup from a single server to a Redis Cluster, from there behind Sentinels, and back.
func TestBackupOfACluster(t *testing.T) {
	takesServers(t)
	var url []string
	for _, n := range startCluster(t, 3) {
		url = append(url, "redis://"+n.Options().Addr)
	}
	g := startGuarded(t)
	for name, between := range map[string][2]func() *kit{
		"to the cluster":     {func() *kit { return realRedis(t) }, func() *kit { return open(t, strings.Join(url, ","), true, time.Now) }},
		"within the cluster": {func() *kit { return open(t, strings.Join(url, ","), true, time.Now) }, func() *kit { return open(t, strings.Join(url, ","), true, time.Now) }},
		"to Sentinels":       {func() *kit { return open(t, strings.Join(url, ","), true, time.Now) }, func() *kit { return open(t, g.url, true, time.Now) }},
		"from Sentinels":     {func() *kit { return open(t, g.url, true, time.Now) }, func() *kit { return realRedis(t) }},
	} {
		t.Log(name)
		between[0]().backsUp(between[1]())
	}
}

func runOf(t *testing.T, rdb *redis.Client) string {
	t.Helper()
	values, err := told(rdb.Info(t.Context(), "server").Result())
	if err != nil {
		t.Fatal(err)
	}
	return values["run_id"]
}

// startCluster starts primaries and shares the slots out.
func startCluster(t *testing.T, size int) []*redis.Client {
	t.Helper()
	var nodes []*redis.Client
	for i := range size {
		port := freePort(t)
		s := serve(t, "--port", port, "--cluster-enabled", "yes", "--appendonly", "yes", "--appendfsync", "always")
		n := s.client(&redis.Options{Addr: "127.0.0.1:" + port})
		nodes = append(nodes, n)
		from, to := 16384*i/size, 16384*(i+1)/size-1
		if err := n.ClusterAddSlotsRange(t.Context(), from, to).Err(); err != nil {
			t.Fatal(err)
		}
		host, first, _ := net.SplitHostPort(nodes[0].Options().Addr)
		if i > 0 {
			if err := n.ClusterMeet(t.Context(), host, first).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, n := range nodes {
		until(t, "cluster is up", func(ctx context.Context) error {
			info, err := n.ClusterInfo(ctx).Result()
			if err == nil && (!strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", size))) {
				err = errors.New("not yet")
			}
			return err
		})
	}
	return nodes
}

// TestSentinel finds the master by Sentinels, also after a failover: the new one knows every claim that was answered, because each
// waited for a replica.
func TestSentinel(t *testing.T) {
	takesServers(t)
	g := startGuarded(t)
	s := open(t, g.url, true, time.Now)
	h, err := s.Check(s.ctx, time.Now)
	s.ok(err)
	if h.Replicas != 1 {
		t.Fatalf("%d replicas", h.Replicas)
	}
	claims := map[string]int64{}
	for i := range 50 {
		id := fmt.Sprintf("o%d", i)
		s.order(id, 1)
		claims[id] = s.claim(id, 1).Fence
	}
	g.master.kill()
	until(t, "the replica is master and known", func(ctx context.Context) error {
		return s.Record(ctx, event("AFTER", ""))
	})
	s.order("after", 1)
	for id, fence := range claims {
		o, err := s.Order(s.ctx, id)
		s.ok(err)
		if o.Placements[0].State != Placing {
			t.Errorf("the new master has order %s as %s under claim %d", id, o.Placements[0].State, fence)
		}
	}
	last, err := s.Fence(s.ctx)
	s.ok(err)
	if last < claims["o49"] {
		t.Errorf("the new master gave out claim %d, the old one %d", last, claims["o49"])
	}
	// Without a replica the next claim that has to survive is refused, until the next check sees that there is none.
	s.replicas.Store(1)
	if _, err := s.ClaimPlacement(s.ctx, claimOf("after")); !errors.Is(err, ErrAlone) {
		t.Errorf("a claim that nobody copied: %v", err)
	}
	h, err = s.Check(s.ctx, time.Now)
	s.ok(err)
	if h.Replicas != 0 || s.replicas.Load() != 0 {
		t.Errorf("%d replicas are known", h.Replicas)
	}
}

func claimOf(order string) ClaimRequest {
	return ClaimRequest{ID: PlacementID{Order: order, K: 1}, Lease: time.Minute, SendBy: time.Minute, Event: event("SUPPLIER_ASKED", order)}
}

// guarded is a master and a replica that three Sentinels watch.
type guarded struct {
	master *server
	url    string
}

func startGuarded(t *testing.T) guarded {
	t.Helper()
	port, second := freePort(t), freePort(t)
	keep := []string{"--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0"}
	g := guarded{master: serve(t, append([]string{"--port", port}, keep...)...)}
	g.master.client(&redis.Options{Addr: "127.0.0.1:" + port})
	serve(t, append([]string{"--port", second, "--replicaof", "127.0.0.1 " + port}, keep...)...)
	var hosts []string
	for range 3 {
		hosts = append(hosts, startSentinel(t, port))
	}
	g.url = "redis+sentinel://" + strings.Join(hosts, ",") + "/main"
	for _, host := range hosts {
		watching(t, host)
	}
	return g
}

// startSentinel starts one Sentinel and returns its address.
func startSentinel(t *testing.T, master string) string {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	file := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %s\ndir %s\nsentinel monitor main 127.0.0.1 %s 2\nsentinel down-after-milliseconds main 1000\n"+
		"sentinel failover-timeout main 5000\n", port, dir, master)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: dir, args: []string{file, "--sentinel", "--loglevel", "warning"}}
	t.Cleanup(s.kill)
	s.start()
	return "127.0.0.1:" + port
}

// watching waits until a Sentinel knows the replica and the two others.
func watching(t *testing.T, host string) {
	t.Helper()
	s := redis.NewSentinelClient(&redis.Options{Addr: host})
	defer func() { _ = s.Close() }()
	until(t, "Sentinels see all", func(ctx context.Context) error {
		m, err := s.Master(ctx, "main").Result()
		if err == nil && (m["num-slaves"] != "1" || m["num-other-sentinels"] != "2") {
			err = errors.New("not yet")
		}
		return err
	})
}
