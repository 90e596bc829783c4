package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// keyspace is everything a shop holds: key → its type and its lines. Lines of a hash are sorted.
type keyspace map[string][]string

// scan walks the keys that match a pattern.
func scan(ctx context.Context, t *testing.T, rdb redis.UniversalClient, pattern string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	var mu sync.Mutex
	walk := func(ctx context.Context, node redis.Cmdable) error {
		keys := node.Scan(ctx, 0, pattern, 1000).Iterator()
		for keys.Next(ctx) {
			mu.Lock()
			found[keys.Val()] = true
			mu.Unlock()
		}
		return keys.Err()
	}
	var err error
	if cluster, ok := rdb.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return walk(ctx, c) })
	} else {
		err = walk(ctx, rdb)
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// dump reads every byte the shop holds.
func (s *kit) dump() keyspace {
	s.t.Helper()
	all := keyspace{}
	for key := range scan(s.ctx, s.t, s.rdb, s.keys.at("*")) {
		kind, err := s.rdb.Type(s.ctx, key).Result()
		s.ok(err)
		if kind == "none" { // it went while the others were read
			continue
		}
		all[strings.TrimPrefix(key, s.keys.at(""))] = append([]string{kind}, s.lines(key, kind)...)
	}
	return all
}

func (s *kit) lines(key, kind string) []string {
	s.t.Helper()
	var lines []string
	switch kind {
	case "string":
		text, err := s.rdb.Get(s.ctx, key).Result()
		s.ok(err)
		lines = append(lines, text)
	case "hash":
		fields, err := s.rdb.HGetAll(s.ctx, key).Result()
		s.ok(err)
		for field, value := range fields {
			lines = append(lines, field+"="+value)
		}
		slices.Sort(lines)
	case "list":
		list, err := s.rdb.LRange(s.ctx, key, 0, -1).Result()
		s.ok(err)
		lines = list
	case "zset":
		list, err := s.rdb.ZRangeWithScores(s.ctx, key, 0, -1).Result()
		s.ok(err)
		for _, z := range list {
			lines = append(lines, fmt.Sprintf("%v at %.0f", z.Member, z.Score))
		}
	case "set":
		list, err := s.rdb.SMembers(s.ctx, key).Result()
		s.ok(err)
		lines = list
		slices.Sort(lines)
	case "stream":
		list, err := s.rdb.XRange(s.ctx, key, "-", "+").Result()
		s.ok(err)
		for _, m := range list {
			v := m.Values
			lines = append(lines, fmt.Sprintf("%s t=%v %v o=%v p=%v a=%v %v", m.ID, v["t"], v["k"], v["o"], v["p"], v["a"], v["d"]))
		}
	default:
		s.t.Fatalf("key %s is a %s", key, kind)
	}
	return lines
}

// view is a dump that reads the same on both Redises: times in seconds since the start, rounded down
// to five because a real clock runs on; events by their position.
func (s *kit) view() keyspace {
	s.t.Helper()
	all := s.dump()
	position := map[string]string{}
	if stream := all["events"]; len(stream) > 0 {
		for i, line := range stream[1:] {
			id, _, _ := strings.Cut(line, " ")
			position[id] = "#" + strconv.Itoa(i+1)
		}
	}
	stamp := regexp.MustCompile(`\b\d{13}\b`)
	id := regexp.MustCompile(`\b\d{13}-\d+\b`)
	for _, lines := range all {
		for i, line := range lines {
			line = id.ReplaceAllStringFunc(line, func(found string) string {
				if p, ok := position[found]; ok {
					return p
				}
				return found
			})
			lines[i] = stamp.ReplaceAllStringFunc(line, func(found string) string {
				ms, _ := strconv.ParseInt(found, 10, 64)
				since := time.UnixMilli(ms).Sub(start())
				if since < -24*time.Hour || since > 1000*24*time.Hour {
					return found
				}
				return fmt.Sprintf("+%ds", int64(since/(5*time.Second))*5)
			})
		}
	}
	return all
}

// unchanged fails when the shop holds anything else than before.
func (s *kit) unchanged(before keyspace) {
	s.t.Helper()
	if diff := cmp.Diff(before, s.dump()); diff != "" {
		s.t.Errorf("the shop changed (-before +after):\n%s", diff)
	}
}

// holds compares some keys of the view; a key that is absent has no lines.
func (s *kit) holds(want keyspace) {
	s.t.Helper()
	all := s.view()
	got := keyspace{}
	for key := range want {
		got[key] = all[key]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("the shop holds something else (-want +got):\n%s", diff)
	}
}

// invariants is what is true of the money after every step.
func (s *kit) invariants() {
	s.t.Helper()
	balances, err := s.Balances(s.ctx)
	s.ok(err)
	reversed := map[string]bool{} // wallets from which a credit was taken back
	s.ok(s.Ledger(s.ctx, func(e Entry) error {
		reversed[e.From] = reversed[e.From] || strings.HasSuffix(e.ID, ":reverse")
		return nil
	}))
	var sum int64
	for account, balance := range balances {
		sum += balance
		if strings.HasPrefix(account, "cust:") && balance < 0 && !reversed[account] {
			s.t.Errorf("%s has %d", account, balance)
		}
	}
	if sum != 0 {
		s.t.Errorf("sum of all accounts is %d", sum)
	}
	replayed := map[string]int64{}
	s.ok(s.Ledger(s.ctx, func(e Entry) error {
		if e.Amount <= 0 {
			s.t.Errorf("entry %s moves %d", e.ID, e.Amount)
		}
		replayed[e.From] -= e.Amount
		replayed[e.To] += e.Amount
		return nil
	}))
	if diff := cmp.Diff(replayed, balances); diff != "" {
		s.t.Errorf("replaying the ledger gives other balances (-replayed +stored):\n%s", diff)
	}
	orders, err := s.OpenSince(s.ctx, s.now().Add(time.Hour), 10_000)
	s.ok(err)
	var held int64
	for _, o := range orders {
		held += o.Total - o.Captured
	}
	if held != balances[Hold] {
		s.t.Errorf("hold has %d, open orders hold %d", balances[Hold], held)
	}
}
