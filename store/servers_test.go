package store

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// startUp is how long a server of a test may take to answer.
const startUp = 15 * time.Second

// server is a redis-server of one test, with a folder of its own.
type server struct {
	t    *testing.T
	dir  string
	args []string
	cmd  *exec.Cmd
}

// serve starts a redis-server in a folder of its own; without a redis-server the test is skipped.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH: not tried on a real Redis")
	}
	dir, err := os.MkdirTemp("", "cardrop") // short: the path of a socket may have about 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: dir, args: append([]string{"--dir", dir, "--save", "", "--loglevel", "warning"}, args...)}
	t.Cleanup(func() {
		s.kill()
		_ = os.RemoveAll(dir)
	})
	s.start()
	return s
}

// durable is what a live shop asks of its Redis, on a socket.
func durable(t *testing.T, args ...string) (*server, *redis.Client) {
	t.Helper()
	s := serve(t, append([]string{"--port", "0", "--unixsocket", "s", "--appendonly", "yes", "--appendfsync", "always"}, args...)...)
	return s, s.client(&redis.Options{Network: "unix", Addr: filepath.Join(s.dir, "s")})
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", s.args...) //nolint:noctx,gosec // killed at the end of the test
	s.cmd.Dir = s.dir
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// client connects and waits until the server answers.
func (s *server) client(o *redis.Options) *redis.Client {
	s.t.Helper()
	rdb := redis.NewClient(o)
	s.t.Cleanup(func() { _ = rdb.Close() })
	until(s.t, "redis-server answers", func(ctx context.Context) error { return rdb.Ping(ctx).Err() })
	return rdb
}

// until repeats a question until it is answered without an error.
func until(t *testing.T, what string, ask func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), startUp)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s: %v", what, startUp, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freePort is a port that nobody listens on now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
