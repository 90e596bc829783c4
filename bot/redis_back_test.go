package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
)

// TestThreat36RestoredRedis puts yesterday's Redis back under a shop that sold since: the shop starts, says what happened, shows the
// cards it has, and buys nothing until somebody at the machine accepts what is left.
func TestThreat36RestoredRedis(t *testing.T) {
	t.Parallel()
	server := startRedis(t, t.TempDir())
	data := t.TempDir()
	r := newRig(t, server.memory(t), map[string]string{"DATA_DIR": data})
	r.fund(omar, "20000")
	p := r.as(omar)
	p.confirms()
	p.taps("Confirm")
	offer := p.sees(" ready\n", "👁 Show") // not shown yet: yesterday's Redis has this card
	r.witnessed(data)
	yesterday := t.TempDir()
	server.kill()
	copyFolder(t, server.dir, yesterday)
	server.start()
	r.redis.answers(t)

	p.say("/start")
	p.sees("Welcome")
	p.confirms()
	p.taps("Confirm")
	p.sees("Quantity: 1")
	r.sales(2)
	r.witnessed(data)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	server.kill()
	if err := os.RemoveAll(filepath.Join(server.dir, "appendonlydir")); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, yesterday, server.dir)
	server.start()
	r.redis.answers(t)
	r.leasesEnd()

	r.lacks = anything
	r.start()
	r.as(demo.DemoAdmin).sees("buying stopped", "Redis forgot what it had confirmed")
	p.say("/start")
	p.sees("Welcome")
	p.confirms()
	p.taps("Confirm")
	p.sees("Buying is stopped for the moment")
	r.sales(2)
	if _, err := r.world.Telegram.Press(omar, omar, offer.ID, 0, 0); err != nil { // what yesterday's Redis has can be shown
		t.Fatal(err)
	}
	p.sees("Copy code")
	p.gone("Copy code")

	for _, typed := range []string{"", "yes", strings.Repeat("0", typedLength)} {
		if out, err := r.verb(typed, "accept-history"); err == nil || !strings.Contains(out, "nothing was changed") {
			t.Errorf("typed %q: %v\n%s", typed, err, out)
		}
	}
	r.accepts()
	p.say("/start")
	p.sees("Welcome")
	p.confirms()
	p.taps("Confirm")
	p.sees(" ready\n", "👁 Show")
	r.sales(3)
	r.witnessed(data)
	if out, err := r.verb("", "accept-history"); err != nil || !strings.Contains(out, "nothing to accept") {
		t.Errorf("%v\n%s", err, out)
	}
}

// accepts types the head that the program asks for, again when the record grew in between.
func (r *rig) accepts() {
	r.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		out, _ := r.verb("", "accept-history")
		_, head, found := strings.Cut(out, "the beginning of its head: ")
		if !found || len(head) < typedLength {
			r.t.Fatalf("no head in:\n%s", out)
		}
		out, err := r.verb(head[:typedLength], "accept-history")
		if err == nil && strings.Contains(out, "Buying is open again") {
			return
		}
		if !strings.Contains(out, "that is not the head") || time.Now().After(end) {
			r.t.Fatalf("%v\n%s", err, out)
		}
	}
}

// TestThreat36CutFile cuts the append-only file of a shop that sold at random bytes. Either Redis still knows everything that was
// written down, the books balance, and every order of the supplier that has a list is known, or the shop says what is missing and buys
// nothing.
func TestThreat36CutFile(t *testing.T) {
	t.Parallel()
	server := startRedis(t, t.TempDir())
	data := t.TempDir()
	r := newRig(t, server.memory(t), map[string]string{"DATA_DIR": data})
	r.fund(omar, "20000")
	r.as(omar).buysGifts()
	r.as(omar).buysVouchers()
	r.witnessed(data)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	server.kill()
	whole := t.TempDir()
	copyFolder(t, server.dir, whole)
	file := aofFile(t, whole)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, file of %d bytes", seed, len(text))
	dice := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // where to cut is no secret
	cuts := []int{len(text), len(text) - 1, len(text) / 2}
	for range 3 {
		cuts = append(cuts, dice.IntN(len(text)))
	}
	stopped := 0
	for _, cut := range cuts {
		dir := t.TempDir()
		copyFolder(t, whole, dir)
		if err := os.WriteFile(aofFile(t, dir), text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		seen := t.TempDir()
		copyFolder(t, data, seen)
		if r.startsOn(startRedis(t, dir, "--aof-load-truncated", "yes"), seen, cut) {
			stopped++
		}
	}
	if stopped == 0 || stopped == len(cuts) {
		t.Errorf("%d of %d cuts were noticed: the whole file has to pass and half a file must not", stopped, len(cuts))
	}
}

// startsOn starts the program on a Redis that may have lost something and tells whether buying is stopped.
func (r *rig) startsOn(server *redisServer, data string, cut int) bool {
	r.t.Helper()
	m := server.memory(r.t)
	r.redis, r.env["REDIS_URL"], r.env["DATA_DIR"] = m, m.url, data
	seen := witnessedHead(r.t, data)
	head := m.rdb.HGetAll(r.t.Context(), r.key("head")).Val()
	claim := number(m.rdb.Get(r.t.Context(), r.key("fence")).Val())
	r.lacks = anything
	r.start()
	defer r.kill()
	stopped := strings.Contains(r.ready(), "went_back")
	if intact := number(head["seq"]) >= seen.Seq && claim >= seen.Claim; stopped == intact {
		r.t.Errorf("cut at %d: entry %d and claim %d were seen, Redis knew %s and %d, and buying stopped is %v", cut, seen.Seq, seen.Claim,
			head["seq"], claim, stopped)
	}
	var sum int64
	for _, balance := range m.rdb.HGetAll(context.Background(), r.key("wallets")).Val() {
		sum += number(balance)
	}
	if sum != 0 {
		r.t.Errorf("cut at %d: the books are off by %d", cut, sum)
	}
	r.accounted(fmt.Sprintf("cut at %d", cut))
	return stopped
}

// TestEmptyRedis starts a shop whose Redis lost everything.
func TestEmptyRedis(t *testing.T) {
	t.Parallel()
	server := startRedis(t, t.TempDir())
	data := t.TempDir()
	r := newRig(t, server.memory(t), map[string]string{"DATA_DIR": data})
	r.fund(omar, "20000")
	r.witnessed(data)
	if err := r.redis.rdb.FlushAll(t.Context()).Err(); err != nil { // under the running program
		t.Fatal(err)
	}
	r.as(demo.DemoAdmin).sees("buying stopped", "Redis forgot what it had confirmed")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r.lacks = anything
	r.start()
	if out := r.ready(); !strings.Contains(out, "went_back") {
		t.Errorf("/readyz says %s", out)
	}
}

// TestFolderOfAnotherShop and a broken file: the program does not start, or says why it sells nothing.
func TestFolderOfAnotherShop(t *testing.T) {
	t.Parallel()
	m := startRedis(t, t.TempDir()).memory(t)
	world, err := demo.Open(t.Context(), demo.WorldOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Telegram.Close()
	for text, want := range map[string]string{
		`{"shop":"elsewhere","seq":1,"id":"1-0","hash":"aa","claim":1,"time":"2026-01-02T03:04:05Z"}`: "belongs to shop",
		"half a li": "head.json in DATA_DIR cannot be read",
	} {
		settings := world.Settings()
		settings["REDIS_URL"], settings["DATA_DIR"], settings["LISTEN_ADDR"] = m.url, t.TempDir(), berth(t)
		if err := os.WriteFile(filepath.Join(settings["DATA_DIR"], "head.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := runToEnd(t, settings); !strings.Contains(out, want) {
			t.Errorf("with %s the program said:\n%s", text, out)
		}
	}
}

// anything may be missing when a program starts on a Redis that lost something: buying is stopped, and a lease of the catalog may lie
// in what is left. Every part but Redis and the record itself is named by two words.
const anything = " "

// witnessed waits until all that Redis knows is written down, and nothing is left to be linked.
func (r *rig) witnessed(data string) {
	r.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		head := r.redis.rdb.HGetAll(r.t.Context(), r.key("head")).Val()
		events := r.redis.rdb.XLen(r.t.Context(), r.key("events")).Val()
		seen := witnessedHead(r.t, data)
		if seen.Seq == events && seen.Hash == head["head"] && seen.Seq > 0 {
			return
		}
		if time.Now().After(end) {
			r.t.Fatalf("entry %d is written down, Redis has %d\nlog:\n%s", seen.Seq, events, r.log)
		}
	}
}

// leasesEnd makes a copy of a moment ago look like yesterday's: whatever a process had taken for a while is free.
func (r *rig) leasesEnd() {
	r.t.Helper()
	ctx := r.t.Context()
	for keys := r.redis.rdb.Scan(ctx, 0, "*:lease:*", 1000).Iterator(); keys.Next(ctx); {
		if err := r.redis.rdb.Del(ctx, keys.Val()).Err(); err != nil {
			r.t.Fatal(err)
		}
	}
}

func witnessedHead(t *testing.T, data string) headLine {
	t.Helper()
	var l headLine
	text, err := os.ReadFile(filepath.Join(data, "head.json"))
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return l
}

// key spells a key of the rig's shop.
func (r *rig) key(name string) string {
	shop := r.env["SHOP"]
	if shop == "" {
		shop = "main"
	}
	return "{" + shop + "}:" + name
}

func number(text string) int64 {
	var n int64
	_, _ = fmt.Sscan(text, &n)
	return n
}

// sales waits until the supplier has sold so often, and fails when it sold more.
func (r *rig) sales(want int) {
	r.t.Helper()
	for end := time.Now().Add(patience); len(r.world.GiftZ.Sold()) < want && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	if n := len(r.world.GiftZ.Sold()); n != want {
		r.t.Errorf("%d sales, want %d\nlog:\n%s", n, want, r.log)
	}
}

// verb runs the program with a verb and a typed line beside the running shop.
func (r *rig) verb(typed string, args ...string) (string, error) {
	r.t.Helper()
	path, err := binary()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.CommandContext(r.t.Context(), path, args...) //nolint:gosec // our own binary
	cmd.Dir, cmd.Stdin = r.t.TempDir(), strings.NewReader(typed+"\n")
	cmd.Env = r.cmd.Env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copyFolder copies the regular files of a folder and of those below it.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o750)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// aofFile is the part of the append-only file that grows.
func aofFile(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(found) != 1 {
		t.Fatalf("append-only files %v, %v", found, err)
	}
	return found[0]
}
