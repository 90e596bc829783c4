package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestFailoverDuringPurchases kills the master under a shop that is selling. Purchases go on with the replica that three Sentinels
// choose; every sale of the supplier is an order that the new master knows, or the shop has said that something is missing and sells
// nothing. What the new master may not know is compared with the suppliers that have a list. Nothing is bought twice.
func TestFailoverDuringPurchases(t *testing.T) {
	takesLong(t)
	t.Parallel()
	master, m := guardedMaster(t)
	data := t.TempDir()
	r := newRig(t, m, map[string]string{"DATA_DIR": data})
	r.fund(omar, "20000")
	p := r.as(omar)
	p.confirms()
	p.taps("Confirm")
	p.sees(" ready\n", "👁 Show")
	p.buysGifts() // of a supplier with a list
	p.say("/start")
	p.confirms()
	p.taps("Confirm")
	time.Sleep(5 * time.Millisecond) // anywhere in the purchase
	master.kill()
	r.soon(90*time.Second, "both orders are known, or the shop says what is missing", func() bool {
		stopped := strings.Contains(r.ready(), "went_back") || strings.Contains(r.ready(), "unreconciled")
		return r.known() == len(r.world.GiftZ.Sold()) && len(r.world.GiftZ.Sold()) == 2 && r.unowned() == "" || stopped
	})
	compared := func() int { return strings.Count(r.log.String(), "suppliers compared") }
	r.soon(90*time.Second, "the suppliers are compared with the new master, too", func() bool { return compared() >= 2 })
	stopped := strings.Contains(r.ready(), "went_back") || strings.Contains(r.ready(), "unreconciled")
	t.Logf("%d sales, %d known, stopped %v", len(r.world.GiftZ.Sold()), r.known(), stopped)
	if stopped {
		return
	}
	p.confirms()
	p.taps("Confirm")
	r.soon(90*time.Second, "the shop sells on the new master", func() bool { return len(r.world.GiftZ.Sold()) == 3 })
	r.soon(90*time.Second, "the third order is known", func() bool { return r.known() == 3 })
	refs := map[string]bool{}
	for _, s := range r.world.GiftZ.Sold() {
		if refs[s.TransID] {
			t.Errorf("%s was sold twice", s.TransID)
		}
		refs[s.TransID] = true
	}
}

// TestPurchaseOnCluster buys with the shop on one primary of a Redis Cluster of three.
func TestPurchaseOnCluster(t *testing.T) {
	takesLong(t)
	t.Parallel()
	var nodes []*redis.Client
	var urls []string
	for i := range 3 {
		addr := berth(t)
		_, port, _ := net.SplitHostPort(addr)
		startRedis(t, t.TempDir(), "--port", port, "--cluster-enabled", "yes").memory(t)
		n := redis.NewClient(&redis.Options{Addr: addr})
		t.Cleanup(func() { _ = n.Close() })
		nodes, urls = append(nodes, n), append(urls, "redis://"+addr)
		err := n.ClusterAddSlotsRange(t.Context(), 16384*i/3, 16384*(i+1)/3-1).Err()
		if err == nil && i > 0 {
			host, first, _ := net.SplitHostPort(nodes[0].Options().Addr)
			err = n.ClusterMeet(t.Context(), host, first).Err()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range nodes {
		for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			info := n.ClusterInfo(t.Context()).Val()
			if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3") {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("no cluster: %s", info)
			}
		}
	}
	r := newRig(t, memory{url: strings.Join(urls, ","), rdb: nodes[0]}, map[string]string{"SHOP_MODE": "live", "DATA_DIR": t.TempDir(),
		"ONECLICKDZ_ACCESS_TOKEN": "", "ONECLICKDZ_BASE_URL": ""})
	r.fund(omar, "20000")
	r.as(omar).buysVouchers()
	if err := r.stop(); err != nil {
		t.Errorf("program ended with %v", err)
	}
}

// known counts the supplier's sales whose order has ended well in Redis.
func (r *rig) known() int {
	n := 0
	for _, s := range r.world.GiftZ.Sold() {
		order, _, _ := strings.Cut(s.TransID, "-")
		if r.redis.rdb.HGet(r.t.Context(), r.key("o:"+order), "st").Val() == "fulfilled" {
			n++
		}
	}
	return n
}

// soon waits until something is true.
func (r *rig) soon(limit time.Duration, what string, is func() bool) {
	r.t.Helper()
	for end := time.Now().Add(limit); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("not within %s: %s; %d sales, %d known, %s\nlog:\n%s", limit, what, len(r.world.GiftZ.Sold()), r.known(), r.ready(), r.log)
		}
	}
}

// guardedMaster is a master with a replica, watched by three Sentinels. It returns the master and a way to whoever is it.
func guardedMaster(t *testing.T) (*redisServer, memory) {
	t.Helper()
	first, second := berth(t), berth(t)
	_, port, _ := net.SplitHostPort(first)
	_, other, _ := net.SplitHostPort(second)
	master := startRedis(t, t.TempDir(), "--port", port, "--repl-diskless-sync-delay", "0")
	master.memory(t)
	startRedis(t, t.TempDir(), "--port", other, "--replicaof", "127.0.0.1 "+port).memory(t)
	var hosts []string
	for range 3 {
		addr, dir := berth(t), t.TempDir()
		_, own, _ := net.SplitHostPort(addr)
		file := filepath.Join(dir, "sentinel.conf")
		text := fmt.Sprintf("port %s\ndir %s\nsentinel monitor main 127.0.0.1 %s 2\nsentinel down-after-milliseconds main 1000\n"+
			"sentinel failover-timeout main 5000\n", own, dir, port)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := &redisServer{t: t, dir: dir, args: []string{file, "--sentinel"}}
		t.Cleanup(s.kill)
		s.start()
		hosts = append(hosts, addr)
	}
	for _, host := range hosts {
		s := redis.NewSentinelClient(&redis.Options{Addr: host})
		for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			seen := s.Master(t.Context(), "main").Val()
			if seen["num-slaves"] == "1" && seen["num-other-sentinels"] == "2" {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("Sentinel sees %v", seen)
			}
		}
		_ = s.Close()
	}
	rdb := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "main", SentinelAddrs: hosts})
	t.Cleanup(func() { _ = rdb.Close() })
	return master, memory{url: "redis+sentinel://" + strings.Join(hosts, ",") + "/main", rdb: rdb}
}
