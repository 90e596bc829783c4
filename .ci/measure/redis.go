package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
)

// connections is how many of them each side of a row against Redis has.
const connections = 50

// server is a redis-server that syncs every write to disk before it answers.
type server struct {
	socket string
	url    string
	cmd    *exec.Cmd
}

// startRedis runs one in a folder.
func startRedis(ctx context.Context, dir string) (*server, error) {
	s := &server{socket: filepath.Join(dir, "redis.sock")}
	s.url = "unix://" + s.socket
	s.cmd = exec.CommandContext(ctx, "redis-server", "--port", "0", "--unixsocket", s.socket, "--dir", dir, "--save", "", //nolint:gosec // a folder of ours
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start redis-server: %w", err)
	}
	rdb, err := s.client()
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	defer func() { _ = rdb.Close() }()
	if !until(ctx, 10*time.Second, func() bool { return rdb.Ping(ctx).Err() == nil }) {
		return nil, errors.Join(errors.New("redis-server did not start"), s.stop())
	}
	return s, nil
}

// client opens a client with as many connections as a row against Redis has.
func (s *server) client() (*redis.Client, error) {
	o, err := redis.ParseURL(s.url)
	if err != nil {
		return nil, fmt.Errorf("dial redis: %w", err)
	}
	o.PoolSize = connections
	return redis.NewClient(o), nil
}

// stop ends it at once: nothing of a measurement is kept.
func (s *server) stop() error {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop redis-server: %w", err)
	}
	_ = s.cmd.Wait()
	return nil
}

// until looks again and again for at most d.
func until(ctx context.Context, d time.Duration, done func() bool) bool {
	end := time.NewTimer(d)
	defer end.Stop()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for {
		if done() {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-end.C:
			return false
		case <-again.C:
		}
	}
}

// rest lets time pass unless ctx ends first.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
