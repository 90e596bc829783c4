package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
)

// TestThreat36YoungLoss buys a gift card, ends the program and Redis at once, and takes the last writes away, younger than what was
// written down outside of Redis: neither the head of the record nor a claim tells. Wherever the file is cut, the supplier's list does:
// every order in it is known, or the operators hear of it and buying is stopped. Nothing is ever bought twice.
func TestThreat36YoungLoss(t *testing.T) {
	t.Parallel()
	server := startRedis(t, t.TempDir())
	data := t.TempDir()
	r := newRig(t, server.memory(t), map[string]string{"DATA_DIR": data})
	r.fund(omar, "20000")
	r.witnessed(data)
	head, err := os.ReadFile(filepath.Join(data, "head.json"))
	if err != nil {
		t.Fatal(err)
	}
	before := fileSize(t, aofFile(t, server.dir))
	r.as(omar).buysGifts()
	r.kill()
	server.kill()
	whole := t.TempDir()
	copyFolder(t, server.dir, whole)
	text, err := os.ReadFile(aofFile(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d; the purchase wrote bytes %d to %d", seed, before, len(text))
	dice := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // where to cut is no secret
	cuts := []int{before, len(text)}
	for _, command := range []string{"ORDER_OPENED", "SUPPLIER_ASKED", "PLACEMENT"} {
		if at := strings.Index(string(text[before:]), command); at > 0 {
			cuts = append(cuts, before+at)
		}
	}
	for range 3 {
		cuts = append(cuts, before+dice.IntN(len(text)-before))
	}
	stopped := 0
	for _, cut := range cuts {
		dir, seen := t.TempDir(), t.TempDir()
		copyFolder(t, whole, dir)
		if err := os.WriteFile(aofFile(t, dir), text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(seen, "head.json"), head, 0o600); err != nil {
			t.Fatal(err)
		}
		m := startRedis(t, dir, "--aof-load-truncated", "yes").memory(t)
		r.redis, r.env["REDIS_URL"], r.env["DATA_DIR"] = m, m.url, seen
		r.leasesEnd()
		r.lacks = anything
		r.start()
		if r.accounted(fmt.Sprintf("cut at %d of %d", cut, len(text))) {
			stopped++
			r.as(demo.DemoAdmin).sees("buying stopped")
		}
		r.kill()
		if n := len(r.world.OneClickDz.Sold()); n != 1 {
			t.Fatalf("cut at %d: %d sales\nlog:\n%s", cut, n, r.log)
		}
	}
	if stopped < 2 || stopped == len(cuts) {
		t.Errorf("%d of %d cuts were noticed: without the order it has to be, and with all it must not", stopped, len(cuts))
	}
}

// accounted waits until every order of the gift card supplier belongs to an order of a customer, or buying is stopped, and tells whether
// it is stopped. What belongs to the house was found: then buying has to be stopped.
func (r *rig) accounted(when string) (stopped bool) {
	r.t.Helper()
	var lost string
	// The lease of a worker that died while it asked ends after 35 s; its order is looked for then.
	for end := time.Now().Add(75 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		ready := r.ready()
		stopped = strings.Contains(ready, "unreconciled") || strings.Contains(ready, "went_back")
		if lost = r.unowned(); stopped || lost == "" && ready != "" {
			break
		}
	}
	if !stopped && lost != "" {
		r.t.Errorf("%s: supplier order %s is nobody's, and buying goes on\nlog:\n%s", when, lost, r.log)
	}
	return stopped
}

// unowned is an order of the gift card supplier that no customer's order owns; empty when there is none.
func (r *rig) unowned() string {
	for _, sale := range r.world.OneClickDz.Sold() {
		supplier := map[string]string{"gift": "ocgift", "internet": "ocnet"}[sale.Kind]
		owner, _, _ := strings.Cut(r.redis.rdb.HGet(r.t.Context(), r.key("handles"), supplier+":"+sale.Handle).Val(), ".")
		buyer := r.redis.rdb.HGet(r.t.Context(), r.key("o:"+owner), "buyer").Val()
		if owner == "" || buyer == "" || buyer == "0" {
			return sale.Handle
		}
	}
	return ""
}

// buysGifts buys one gift card, until it is ready to be shown.
func (p person) buysGifts() {
	p.t.Helper()
	p.say("playstation germany")
	p.press("PSN Germany")
	p.press("PSN 10 EUR")
	p.press("Continue")
	p.press("Confirm – pay")
	p.sees(" ready\n", "👁 Show")
}

func fileSize(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size())
}
