package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"cardrop/bot/demo"
)

// patience is how long a test waits for something that should come at once.
const patience = 30 * time.Second

// binary builds the program once for all tests of this package.
var binary = sync.OnceValues(func() (string, error) { //nolint:gochecknoglobals // built once, read only
	dir, err := os.MkdirTemp("", "cardrop")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bot")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// sideBySide is how many tests run at once: nearly every test of this package waits for a program under test, and not for a processor.
const sideBySide = "10"

func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		if err := flag.Set("test.parallel", sideBySide); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// rig is the built program in a world of its own.
type rig struct {
	t     *testing.T
	world *demo.World
	redis memory
	log   *tape
	cmd   *exec.Cmd
	addr  string
	env   map[string]string
	lacks string // what /readyz may name as missing; empty for nothing
}

// memory is a Redis and the folder it writes to; the embedded one writes nowhere.
type memory struct {
	url string
	dir string
	rdb *redis.Client
}

// memories are the Redises each journey is made on: the embedded one, and a real one with every write on disk.
func memories(t *testing.T, each func(t *testing.T, m memory)) {
	t.Helper()
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		each(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""))
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		if _, err := exec.LookPath("redis-server"); err != nil {
			t.Skip("no redis-server on PATH: only the embedded Redis was tried")
		}
		each(t, realRedis(t))
	})
}

func realRedis(t *testing.T) memory {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH: this needs a real Redis")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "redis.sock")
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--dir", dir, "--appendonly", "yes", //nolint:noctx // killed at the end
		"--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "60", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	m := dialed(t, "unix://"+socket, dir)
	for end := time.Now().Add(patience); m.rdb.Ping(t.Context()).Err() != nil; {
		if time.Now().After(end) {
			t.Fatal("redis-server did not start")
		}
		time.Sleep(10 * time.Millisecond)
	}
	return m
}

func dialed(t *testing.T, url, dir string) memory {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return memory{url: url, dir: dir, rdb: rdb}
}

// newRig opens a world and starts the program in it.
func newRig(t *testing.T, m memory, settings map[string]string) *rig {
	t.Helper()
	return newRigIn(t, m, func(*demo.World) map[string]string { return settings }, "")
}

// newRigIn does the same in a world that is prepared first; lacks is what may be missing all the same.
func newRigIn(t *testing.T, m memory, prepare func(*demo.World) map[string]string, lacks string) *rig {
	t.Helper()
	world, err := demo.Open(t.Context(), demo.WorldOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- world.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	world.Telegram.SetFloodControl(false)
	r := &rig{t: t, world: world, redis: m, log: &tape{}, addr: berth(t), env: world.Settings(), lacks: lacks}
	r.env["REDIS_URL"], r.env["LISTEN_ADDR"], r.env["PRICE_STEP"], r.env["MESSAGE_TTL"] = m.url, r.addr, "5", "4s"
	r.env["POLL_SCHEDULE"] = "@every 1s"
	maps.Copy(r.env, prepare(world))
	for name, value := range r.env {
		r.env[name] = strings.ReplaceAll(value, "$ADDR", r.addr)
	}
	r.start()
	return r
}

// start runs the program and waits until it polls and is ready.
func (r *rig) start() {
	r.t.Helper()
	path, err := binary()
	if err != nil {
		r.t.Fatal(err)
	}
	r.cmd = exec.Command(path) //nolint:noctx,gosec // stopped by stop or kill
	r.cmd.Dir, r.cmd.Stderr, r.cmd.Stdout = r.t.TempDir(), r.log, r.log
	r.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range r.env {
		r.cmd.Env = append(r.cmd.Env, name+"="+value)
	}
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(r.kill)
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var state struct {
			Missing map[string]string `json:"missing"`
		}
		if json.Unmarshal([]byte(r.ready()), &state) == nil && r.enough(state.Missing) {
			return
		}
		if time.Now().After(end) {
			r.t.Fatalf("program did not get ready: %s\n%s", r.ready(), r.log)
		}
	}
}

// ready is what /readyz says; empty while nobody answers.
func (r *rig) ready() string {
	resp, err := http.Get("http://" + r.addr + "/readyz") //nolint:noctx,gosec // our own address
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	return string(text)
}

// enough tells whether nothing is missing but what may be.
func (r *rig) enough(missing map[string]string) bool {
	for part := range missing {
		if r.lacks == "" || !strings.Contains(part, r.lacks) {
			return false
		}
	}
	return true
}

// stop ends the program as a supervisor does and returns its exit error.
func (r *rig) stop() error {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	return r.cmd.Wait()
}

// kill ends the program without a warning.
func (r *rig) kill() {
	if r.cmd.ProcessState == nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
	}
}

// tape keeps what the program writes.
type tape struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps p.
func (t *tape) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

// String is everything written so far.
func (t *tape) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

// person acts in the emulator.
type person struct {
	*rig
	id int64
}

func (r *rig) as(id int64) person { return person{r, id} }

func (p person) say(text string) {
	p.t.Helper()
	if _, err := p.world.Telegram.Say(p.id, p.id, text); err != nil {
		p.t.Fatal(err)
	}
}

// sees waits for a visible message of the bot that holds every part in its text or on its buttons, and returns the newest.
func (p person) sees(parts ...string) demo.Message {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	var found demo.Message
	err := p.world.Telegram.Wait(ctx, p.id, func(list []demo.Message) bool {
		for _, l := range slices.Backward(list) {
			if l.FromBot && holdsAll(l, parts) {
				found = l
				return true
			}
		}
		return false
	})
	if err != nil {
		p.t.Fatalf("nobody showed %q; on screen:\n%s\nlog:\n%s", parts, p.screen(), p.log)
	}
	return found
}

// gone waits until no visible message holds the text.
func (p person) gone(text string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	err := p.world.Telegram.Wait(ctx, p.id, func(list []demo.Message) bool {
		for _, m := range list {
			if holdsAll(m, []string{text}) {
				return false
			}
		}
		return true
	})
	if err != nil {
		p.t.Fatalf("a message still holds it; log:\n%s", p.log)
	}
}

// press waits for a button whose label holds the text and presses it on the newest message that has it.
func (p person) press(label string) {
	p.t.Helper()
	m := p.sees(label)
	for row, keys := range m.Keyboard {
		for col, key := range keys {
			if strings.Contains(key.Text, label) {
				if _, err := p.world.Telegram.Press(p.id, p.id, m.ID, row, col); err != nil {
					p.t.Fatal(err)
				}
				return
			}
		}
	}
	p.t.Fatalf("%q is no button", label)
}

func (p person) screen() string {
	var b strings.Builder
	for _, m := range p.world.Telegram.Messages(p.id) {
		fmt.Fprintf(&b, "[%d bot=%v] %s\n", m.ID, m.FromBot, m.Text)
		for _, row := range m.Keyboard {
			for _, key := range row {
				fmt.Fprintf(&b, "  [%s]", key.Text)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func holdsAll(m demo.Message, parts []string) bool {
	text := m.Text
	for _, row := range m.Keyboard {
		for _, key := range row {
			text += "\n" + key.Text
			if key.CopyText != nil {
				text += "\n" + key.CopyText.Text
			}
		}
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
