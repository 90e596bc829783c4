package store

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// BenchmarkAuditPage reads the first page of each trail through a record of a thousand and of a million events, on a real Redis: the page is
// found by index, so what Redis spends on it (redis-µs/page, from its own commandstats) does not grow with the record. ratio is that figure
// divided by the one of the small record in the same run.
func BenchmarkAuditPage(b *testing.B) {
	url := os.Getenv("REDIS_URL")
	if url == "" {
		b.Skip("no real Redis")
	}
	small := map[string]float64{}
	for _, many := range []int{1_000, 1_000_000} {
		s := recordOf(b, url, many)
		for name, trail := range map[string]Trail{
			"all": {}, "order": {Order: "o1"}, "user": {Person: "p1"}, "group": {Group: "g1"}, "actor": {Actor: "a1"}, "kind": {Kind: "K1"},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, many), func(b *testing.B) {
				began, pages := busyFor(b, s), 0
				for b.Loop() {
					steps, err := s.EventsBefore(b.Context(), trail, "", 21)
					if err != nil || len(steps) != 21 || steps[0].Kind == "" {
						b.Fatalf("%d events, %v", len(steps), err)
					}
					pages++
				}
				each := (busyFor(b, s) - began) / float64(pages)
				b.ReportMetric(each, "redis-µs/page")
				if many == 1_000 {
					small[name] = each
				} else if small[name] > 0 {
					b.ReportMetric(each/small[name], "ratio")
				}
			})
		}
	}
}

// recordOf opens a shop of its own with so many events, a twentieth of them on each trail.
func recordOf(b *testing.B, url string, many int) *Store {
	b.Helper()
	ctx := context.Background()
	s, err := Open(ctx, Options{URL: url, Shop: fmt.Sprintf("bench-%d-%d", many, time.Now().UnixNano())})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.each(ctx, func(names []string) error { return s.rdb.Unlink(ctx, names...).Err() }); err != nil {
			b.Error(err)
		}
		_ = s.Close()
	})
	p := s.rdb.Pipeline()
	for i := 1; i <= many; i++ {
		id, n := fmt.Sprintf("%d-0", i), strconv.Itoa(i%20)
		e := Event{Kind: "K" + n, Order: "o" + n, Person: "p" + n, Actor: "a" + n}
		p.XAdd(ctx, &redis.XAddArgs{Stream: s.keys.events(), ID: id, Values: []string{"t", strconv.Itoa(i), "k", e.Kind, "o", e.Order, "p", e.Person,
			"a", e.Actor, "d", `{"cards":"2","total":"1050"}`}})
		for _, key := range append(s.eventIndexes(e), s.keys.kindEvents(e.Kind), s.keys.actorEvents(e.Actor), s.keys.groupEvents("g"+n)) {
			p.RPush(ctx, key, id)
		}
		if p.Len() < 5_000 && i < many {
			continue
		}
		if _, err := p.Exec(ctx); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// busyFor is how long Redis was busy with commands that read the record, µs.
func busyFor(b *testing.B, s *Store) float64 {
	b.Helper()
	stats, err := s.rdb.Info(context.Background(), "commandstats").Result()
	if err != nil {
		b.Fatal(err)
	}
	sum := 0.0
	for line := range strings.Lines(stats) {
		name, rest, _ := strings.Cut(line, ":")
		switch strings.TrimPrefix(name, "cmdstat_") {
		case "xrange", "xrevrange", "lrange", "llen":
			_, usec, _ := strings.Cut(rest, "usec=")
			usec, _, _ = strings.Cut(usec, ",")
			n, err := strconv.ParseFloat(usec, 64)
			if err != nil {
				b.Fatal(err)
			}
			sum += n
		}
	}
	return sum
}
