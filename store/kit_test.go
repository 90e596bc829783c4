package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// ourRedis is set when the real Redis is the package's own: only then may a test change its settings.
const ourRedis = "CARDROP_TEST_OWN_REDIS"

// TestMain starts a Redis for the package when one is on the PATH and REDIS_URL names none.
func TestMain(m *testing.M) {
	stop := func() {}
	if os.Getenv("REDIS_URL") == "" {
		url, end, err := startRedis()
		if err != nil {
			fmt.Println("no real Redis for the tests of package store:", err)
		} else {
			stop = end
			if err := errors.Join(os.Setenv("REDIS_URL", url), os.Setenv(ourRedis, url)); err != nil {
				fmt.Println(err)
			}
		}
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

// startRedis runs a redis-server that keeps nothing, on a socket in a folder of its own. The shell around it ends the server
// when its input closes, so it does not outlive a test binary that panics.
func startRedis() (string, func(), error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "cardrop")
	if err != nil {
		return "", nil, err
	}
	socket := filepath.Join(dir, "s")
	cmd := exec.CommandContext(context.Background(), "sh", "-c", `"$@" & pid=$!; cat >/dev/null; kill $pid; wait $pid`, "redis",
		program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop := func() {
		_ = in.Close()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return "unix://" + socket, stop, nil
		}
	}
	stop()
	return "", nil, errors.New("redis-server ended before it was ready")
}

// shops counts the shops of the tests, so that two that begin at once have different names.
var shops atomic.Int64 //nolint:gochecknoglobals // a counter of the tests

// start is the shop's time at the beginning of every test.
func start() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// kit is a store of one test with a steered clock. On the embedded Redis the clock stands still between steps; on a real one it
// runs on for the milliseconds that a test takes.
type kit struct {
	*Store
	t      *testing.T
	ctx    context.Context //nolint:containedctx // of the test
	real   bool
	clock  func() time.Time // what Redis thinks the time is
	offset atomic.Int64     // ms between that and the shop's time
	calls  *calls
	seeds  int
}

// both runs a test on the embedded Redis and on a real one, beside others. A test that changes the settings of the real one is not made
// by it and has that Redis for itself.
func both(t *testing.T, test func(t *testing.T, s *kit)) {
	t.Helper()
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, embedded(t))
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		test(t, realRedis(t))
	})
}

func embedded(t *testing.T) *kit {
	t.Helper()
	mini := miniredis.RunT(t)
	mini.SetTime(start())
	return open(t, "redis://"+mini.Addr(), false, start)
}

func realRedis(t *testing.T) *kit {
	t.Helper()
	url := os.Getenv("REDIS_URL")
	if url == "" {
		t.Skip("no redis-server on the PATH and no REDIS_URL: not tested on a real Redis")
	}
	return open(t, url, true, time.Now)
}

// ownRedis is a real Redis whose settings a test may change.
func ownRedis(t *testing.T) *kit {
	t.Helper()
	if os.Getenv(ourRedis) == "" {
		t.Skip("the real Redis is not the test's own: its settings are left alone")
	}
	return realRedis(t)
}

// open connects to a shop of the test's own. clock is what Redis thinks the time is.
func open(t *testing.T, url string, isReal bool, clock func() time.Time) *kit {
	t.Helper()
	k := &kit{t: t, ctx: t.Context(), real: isReal, clock: clock, calls: &calls{names: map[string]string{}}}
	offset := func() time.Duration { return time.Duration(k.offset.Load()) * time.Millisecond }
	shop := fmt.Sprintf("test-%d-%d-%d", os.Getpid(), time.Now().UnixNano(), shops.Add(1))
	s, err := Open(k.ctx, Options{URL: url, Shop: shop, Offset: offset})
	if err != nil {
		t.Fatal(err)
	}
	k.Store = s
	there, err := s.rdb.Time(k.ctx).Result()
	if err != nil {
		t.Fatal(err)
	}
	k.offset.Store(start().UnixMilli() - there.UnixMilli())
	if skew := there.Sub(clock()); isReal { // a Redis on another machine may have another time
		k.clock = func() time.Time { return clock().Add(skew) }
	}
	for name, script := range s.scripts {
		if err := script.Load(k.ctx, s.rdb).Err(); err != nil {
			t.Fatalf("load %s: %v", name, err)
		}
		k.calls.names[script.Hash()] = name
	}
	s.rdb.AddHook(k.calls)
	t.Cleanup(k.end)
	return k
}

// end removes what the test wrote.
func (s *kit) end() {
	ctx := context.Background()
	for key := range scan(ctx, s.t, s.rdb, s.keys.at("*")) {
		if err := s.rdb.Unlink(ctx, key).Err(); err != nil {
			s.t.Error(err)
		}
	}
	if err := s.Close(); err != nil {
		s.t.Error(err)
	}
}

// pass lets time go by.
func (s *kit) pass(d time.Duration) { s.offset.Add(d.Milliseconds()) }

// now is the shop's time.
func (s *kit) now() time.Time {
	return s.clock().Add(time.Duration(s.offset.Load()) * time.Millisecond).UTC()
}

// about fails unless a time is the wanted one, within what calls to a real Redis take.
func (s *kit) about(what string, got, want time.Time) {
	s.t.Helper()
	slack := time.Duration(0)
	if s.real {
		slack = 2 * time.Second
	}
	if d := got.Sub(want).Abs(); d > slack {
		s.t.Errorf("%s is %s, want %s", what, got.UTC().Format(time.RFC3339Nano), want.UTC().Format(time.RFC3339Nano))
	}
}

// ok fails the test when err is not nil.
func (s *kit) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// is fails unless err is the wanted sentinel.
func (s *kit) is(err, want error) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Fatalf("error is %v, want %v", err, want)
	}
}

// other is a second process on the same shop: a store with a holder of its own.
func (s *kit) other() *Store {
	s.t.Helper()
	o, err := Open(s.ctx, s.o)
	s.ok(err)
	s.t.Cleanup(func() { _ = o.Close() })
	return o
}

// call is one run of a script.
type call struct {
	script string
	keys   []string
	answer []string
}

// calls hears every script that a store runs.
type calls struct {
	names map[string]string // by hash
	mu    sync.Mutex
	list  []call
}

func (c *calls) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *calls) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (c *calls) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		args := cmd.Args()
		if cmd.Name() != "evalsha" || len(args) < 3 {
			return err
		}
		hash, _ := args[1].(string)
		n, _ := strconv.Atoi(fmt.Sprint(args[2]))
		one := call{script: c.names[hash]}
		for _, key := range args[3 : 3+n] {
			one.keys = append(one.keys, fmt.Sprint(key))
		}
		if answer, ok := cmd.(*redis.Cmd); ok {
			one.answer, _ = answer.StringSlice()
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.list = append(c.list, one)
		return err
	}
}

// last is the most recent run of a script, and how often it ran.
func (c *calls) last(script string) (call, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found call
	n := 0
	for _, one := range c.list {
		if one.script == script {
			found, n = one, n+1
		}
	}
	return found, n
}
