package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/store"
)

// How a dead program is treated.
const (
	leap    = 50 * time.Second // the clock at a restart: past the leases of work and of the catalog, and past the send-by time
	crashes = 6                // ends of the program that nobody asked for, before a run is given up
)

// breakable is the program with failpoints, built once for all tests of this package.
var breakable = sync.OnceValues(func() (string, error) { return buildBreakable("breakable") }) //nolint:gochecknoglobals // built once, read only

// buildBreakable builds the program with failpoints beside the other one, which TestMain removes.
func buildBreakable(name string, flags ...string) (string, error) {
	beside, err := binary()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(beside), name)
	args := append(append([]string{"build", "-tags", "failpoint"}, flags...), "-o", path, ".")
	out, err := exec.Command("go", args...).CombinedOutput() //nolint:noctx // ends by itself
	if err != nil {
		return "", fmt.Errorf("build with failpoints: %w\n%s", err, out)
	}
	return path, nil
}

// ruin is where and how a run is broken.
type ruin struct {
	point string
	at    int
	mode  string // kill, twice (again at the restart), redis (killed as well), panic, err, stop; empty for nothing
}

// action is the failpoint's own mode.
func (r ruin) action() string {
	if r.mode == "twice" || r.mode == "redis" {
		return "kill"
	}
	return r.mode
}

// wreck is the program in a world of its own, broken on purpose and started again by a supervisor. World and simulators live in the
// test's process and keep the truth.
type wreck struct {
	*rig
	ruin   ruin
	path   string // of the program
	also   string // the address of another program on the same Redis; empty without
	server *server
	memory *store.Store
	leap   time.Duration  // at a restart
	offset string         // file
	armed  string         // file
	tally  charged        // of the last check
	pages  map[string]int // cards that each one-time link showed; 0 for one that opened nothing

	mu      sync.Mutex
	hits    int       // deaths at the point
	ends    int       // other ends
	last    error     // of the last other end
	deaths  []instant // all of them
	closing bool
	over    chan struct{} // closed when the supervisor ended
	skew    sync.Mutex    // one leap of the clocks at a time
}

// instant is a moment on the world's clock.
type instant = time.Time

// newWreck opens a world with a real Redis and has the supervisor start the program. Nothing breaks before arm, unless the ruin is one
// of the start.
func newWreck(t *testing.T, path string, broken ruin, settings map[string]string) *wreck {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH: crashes are tried with a real Redis only")
	}
	w := newShipyard(t, settings)
	w.path, w.ruin = path, broken
	if path == "" {
		var err error
		if w.path, err = breakable(); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// newShipyard is all of a wreck but its program.
func newShipyard(t *testing.T, settings map[string]string) *wreck {
	t.Helper()
	dir := t.TempDir()
	s := &server{dir: dir, socket: filepath.Join(dir, "redis.sock")}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	m := dialed(t, "unix://"+s.socket, dir)
	w := &wreck{server: s, leap: leap, offset: filepath.Join(t.TempDir(), "offset"), armed: filepath.Join(t.TempDir(), "armed"), over: make(chan struct{})}
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
	w.rig = &rig{t: t, world: world, redis: m, log: &tape{}, addr: berth(t), env: world.Settings()}
	w.env["REDIS_URL"], w.env["LISTEN_ADDR"], w.env["POLL_SCHEDULE"] = m.url, w.addr, "@every 1s"
	w.env["FAILPOINT_OFFSET"], w.env["FAILPOINT_TRACE"] = w.offset, "1"
	for name, value := range settings {
		w.env[name] = strings.NewReplacer("$ADDR", w.addr, "$DATA", dir).Replace(value)
	}
	if err := w.answers(); err != nil {
		t.Fatal(err)
	}
	if w.memory, err = store.Open(t.Context(), store.Options{URL: m.url, Shop: w.env["SHOP"], Offset: world.Offset}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.memory.Close() })
	return w
}

// answers waits for Redis.
func (w *wreck) answers() error {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err = w.redis.rdb.Ping(w.t.Context()).Err(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("redis-server did not start: %w", err)
}

// arm lets the ruin happen from now on.
func (w *wreck) arm() {
	if err := os.WriteFile(w.armed, nil, 0o600); err != nil {
		w.t.Error(err)
	}
}

// disarm lets it happen no more.
func (w *wreck) disarm() {
	if err := os.Remove(w.armed); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Error(err)
	}
}

// advance moves all clocks: of the world, of the simulators, of the program and of its scripts.
func (w *wreck) advance(d time.Duration) {
	w.skew.Lock()
	defer w.skew.Unlock()
	w.world.Advance(d)
	next := w.offset + ".next"
	if err := os.WriteFile(next, []byte(w.world.Offset().String()), 0o600); err != nil {
		w.t.Error(err)
	}
	if err := os.Rename(next, w.offset); err != nil {
		w.t.Error(err)
	}
}

func (w *wreck) clock() instant { return time.Now().Add(w.world.Offset()) }

// launch starts the program under its supervisor.
func (w *wreck) launch() {
	w.t.Cleanup(w.sink)
	go w.supervise()
}

// supervise starts the program whenever it is not there, as an operator's supervisor does, until sink.
func (w *wreck) supervise() {
	defer close(w.over)
	for {
		cmd, err := w.embark()
		if err == nil {
			err = cmd.Wait()
		}
		w.mu.Lock()
		if w.closing {
			w.mu.Unlock()
			return
		}
		w.deaths = append(w.deaths, w.clock())
		var exit *exec.ExitError
		killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		if killed {
			w.hits++
		} else {
			w.ends, w.last = w.ends+1, err
		}
		first, many := killed && w.hits == 1, w.ends > crashes
		w.mu.Unlock()
		if many {
			return
		}
		if first && w.ruin.mode == "redis" {
			w.server.kill()
			if err := errors.Join(w.server.start(), w.answers()); err != nil {
				w.t.Error(err)
			}
		}
		if !killed {
			time.Sleep(300 * time.Millisecond) // as a supervisor would
		}
		w.advance(w.leap)
	}
}

// embark starts the program, with its ruin where it is still to come.
func (w *wreck) embark() (*exec.Cmd, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing {
		return nil, errors.New("the test is over")
	}
	plan := ""
	switch {
	case w.ruin.mode == "":
	case w.hits+w.ends == 0:
		plan = fmt.Sprintf("%s:%d:%s", w.ruin.point, w.ruin.at, w.ruin.action())
	case w.hits == 1 && w.ruin.mode == "twice":
		plan = fmt.Sprintf("%s:1:kill", w.ruin.point)
	}
	cmd := w.command(w.path, map[string]string{"FAILPOINT": plan, "FAILPOINT_ARMED": w.armed})
	w.cmd = cmd
	return cmd, cmd.Start()
}

// command is the program with the world's settings and more.
func (w *wreck) command(path string, more map[string]string) *exec.Cmd {
	cmd := exec.Command(path) //nolint:noctx,gosec // stopped by its caller
	cmd.Dir, cmd.Stderr, cmd.Stdout = w.server.dir, w.log, w.log
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for _, env := range []map[string]string{w.env, more} {
		for name, value := range env {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

// sink ends the program and its supervisor without a warning.
func (w *wreck) sink() {
	w.mu.Lock()
	w.closing = true
	if w.cmd != nil && w.cmd.Process != nil {
		_ = w.cmd.Process.Kill()
	}
	w.mu.Unlock()
	<-w.over
}

// dock ends the program as a supervisor does, unharmed from now on, and tells how long it took and how it ended. A program that breaks
// right before that is started again first.
func (w *wreck) dock() (time.Duration, error) {
	w.disarm()
	if !until(patience, w.up) {
		return 0, errors.New("it did not get ready before its end")
	}
	w.mu.Lock()
	w.closing = true
	cmd, began := w.cmd, time.Now()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	w.mu.Unlock()
	select {
	case <-w.over:
	case <-time.After(20 * time.Second):
		return time.Since(began), errors.New("it did not end within 20 s")
	}
	if !cmd.ProcessState.Success() {
		return time.Since(began), fmt.Errorf("it ended with %s", cmd.ProcessState)
	}
	return time.Since(began), nil
}

// up tells whether the program is ready to sell.
func (w *wreck) up() bool { return ready(w.addr) || w.also != "" && ready(w.also) }

func ready(addr string) bool {
	client := http.Client{Timeout: time.Second}
	resp, err := client.Get("http://" + addr + "/readyz") //nolint:noctx // has a limit
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// struck tells how often the ruin happened: deaths, or what the program says about the point.
func (w *wreck) struck() int {
	if w.ruin.action() == "kill" {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.hits
	}
	return strings.Count(w.log.String(), "failpoint acts "+w.ruin.point+" ")
}

// until waits for something outside of this process.
func until(limit time.Duration, done func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return done()
}
