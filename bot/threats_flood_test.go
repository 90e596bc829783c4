package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/bot/demo"
)

// quickRedis is a real Redis that keeps nothing on disk.
func quickRedis(t *testing.T) memory {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH")
	}
	socket := filepath.Join(t.TempDir(), "redis.sock")
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "redis-server", "--port", "0", "--unixsocket", socket, "--save", "",
		"--appendonly", "no", "--maxmemory-policy", "noeviction")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	m := dialed(t, "unix://"+socket, "")
	if !until(patience, func() bool { return m.rdb.Ping(t.Context()).Err() == nil }) {
		t.Fatal("redis-server did not start")
	}
	return m
}

// hooked is a program in webhook mode behind a switchboard, on a real Redis.
func hooked(t *testing.T, settings map[string]string) (*rig, *switchboard) {
	t.Helper()
	var b *switchboard
	r := newRigIn(t, quickRedis(t), func(w *demo.World) map[string]string {
		b = newSwitchboard(t)
		all := b.settings()
		maps.Copy(all, settings)
		return all
	}, "")
	b.serve(r.addr)
	return r, b
}

// TestThreat30RecordedUpdates has a customer and an admin use the shop, and then brings every update of theirs three times more, out of
// order and with gaps: nothing is bought, shown or credited again.
func TestThreat30RecordedUpdates(t *testing.T) {
	t.Parallel()
	r, b := hooked(t, map[string]string{"MESSAGE_TTL": "4s"})
	r.fund(omar, "20000")
	p := r.as(omar)
	p.buysGiftCards()
	p.buysVouchers()
	r.everyPressAnswered()
	if err := r.world.Telegram.Await(t.Context(), func() bool { return r.world.Telegram.Pending() == 0 }); err != nil {
		t.Fatal(err)
	}
	settled := func() map[string]string {
		all := map[string]string{}
		for keys := r.redis.rdb.Scan(t.Context(), 0, "", 1000).Iterator(); keys.Next(t.Context()); {
			_, name, _ := strings.Cut(keys.Val(), "}:")
			kind, _, _ := strings.Cut(name, ":")
			if slices.Contains([]string{"o", "v", "wallets", "ledger", "st", "prints", "handles", "open", "doubt", "ao"}, kind) {
				all[name] = value(t.Context(), t, r.redis.rdb, keys.Val())
			}
		}
		if len(all) < 6 {
			t.Fatalf("only %d keys are compared", len(all))
		}
		return all
	}
	sold, codes := len(r.sold()), r.sold()
	shown := func() (n int) {
		for _, code := range codes {
			n += len(r.world.Telegram.Holding(code))
		}
		return n
	}
	before, screens := settled(), shown()
	updates := b.recorded()
	if len(updates) < 15 {
		t.Fatalf("only %d updates were recorded", len(updates))
	}
	random := rand.New(rand.NewPCG(30, 0)) //nolint:gosec // repeatable on purpose
	for range 3 {
		for i, n := range random.Perm(len(updates)) {
			if i%7 == 3 {
				continue // a gap
			}
			if code := b.bring(t, updates[n]); code != http.StatusOK {
				t.Errorf("a repeated update is answered with %d", code)
			}
		}
	}
	if diff := cmp.Diff(before, settled()); diff != "" {
		t.Errorf("repeated updates changed orders, cards or money:\n%s", diff)
	}
	if len(r.sold()) != sold || shown() != screens {
		t.Errorf("%d secrets were sold and %d messages held one, before %d and %d", len(r.sold()), shown(), sold, screens)
	}
	t.Logf("%d updates, each brought up to three times again", len(updates))
}

// TestThreat46Flood brings updates of two chats as fast as they go while a code is on a screen: what is too much is put off with 503, the
// memory stays bounded, the code goes at its time, and the shop answers afterwards. With CRASH set it brings 10,000.
func TestThreat46Flood(t *testing.T) {
	t.Parallel()
	const life, late = 6 * time.Second, 6 * time.Second
	flood := 1500
	if os.Getenv("CRASH") != "" {
		flood = 10_000
	}
	r, b := hooked(t, map[string]string{"MESSAGE_TTL": life.String()})
	r.fund(omar, "20000")
	p := r.as(omar)
	p.say("/buy")
	p.press("Shopee (")
	p.press("Shopee (Vietnam)")
	p.press("Shopee 50.000")
	p.press("Continue with 1")
	p.press("Confirm")
	p.shows()
	p.sees("Copy code")
	began := time.Now()
	var answers [600]atomic.Int64
	var wg sync.WaitGroup
	work := make(chan int)
	for range 400 {
		wg.Go(func() {
			for i := range work {
				user := 73_000_000 + i%2 // each holds a bounded number of updates
				body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1,"from":{"id":%d,"first_name":"F"},`+
					`"chat":{"id":%d,"type":"private"},"text":"/start"}}`, 900_000_000+i, i+1, user, user)
				answers[b.bring(t, []byte(body))].Add(1)
			}
		})
	}
	for i := range 2 {
		r.world.Telegram.NewUser(int64(73_000_000+i), "Flood", "en")
	}
	for i := range flood {
		work <- i
	}
	close(work)
	wg.Wait()
	took := time.Since(began)
	code := r.world.GiftZ.Sold()[0].Codes[0]
	p.gone("Copy code")
	for _, m := range r.world.Telegram.Holding(code) {
		if on := m.DeletedAt.Sub(m.Versions[1].At); !m.Deleted || on > life+late {
			t.Errorf("the code was on the screen for %s, its life is %s", on, life)
		}
	}
	if ok, off := answers[200].Load(), answers[503].Load(); ok == 0 || off == 0 || ok+off != int64(flood) {
		t.Errorf("%d updates taken, %d put off, of %d", ok, off, flood)
	}
	if high := r.peak(); high > 300<<20 {
		t.Errorf("the program took %d MiB", high>>20)
	}
	r.as(amina).say("/start")
	r.as(amina).sees("Bienvenue")
	t.Logf("%d updates in %s: %d taken, %d put off, %d MiB at most", flood, took.Round(time.Millisecond), answers[200].Load(), answers[503].Load(), r.peak()>>20)
}

// peak is the most memory the program ever took, in bytes.
func (r *rig) peak() int64 {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		r.t.Skip("no /proc here: memory cannot be read")
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindStringSubmatch(string(text))
	if m == nil {
		r.t.Fatal("no peak in /proc")
	}
	kib, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return kib << 10
}
