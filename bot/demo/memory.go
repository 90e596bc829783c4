package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// memory is the Redis of a demo: a redis-server in a folder of its own where one is on PATH, else the embedded one. Either belongs to the
// parent process, so that it outlives a shop that is killed.
type memory struct {
	url      string
	embedded *miniredis.Miniredis
	dir      string
	stop     context.CancelFunc
	ended    chan struct{}
}

// serverStart is how long a redis-server may take until it answers; after that the embedded one is taken.
const serverStart = 2 * time.Second

// openMemory starts a Redis. A redis-server that cannot be used is not an error: the embedded one does the same for a demo.
func openMemory(ctx context.Context) (*memory, error) {
	if path, err := exec.LookPath("redis-server"); err == nil {
		if m, err := openServer(ctx, path); err == nil {
			return m, nil
		}
	}
	m := &memory{embedded: miniredis.NewMiniRedis()}
	if err := m.embedded.Start(); err != nil {
		return nil, fmt.Errorf("start embedded redis: %w", err)
	}
	m.url = "redis://" + m.embedded.Addr()
	return m, nil
}

// openServer starts a redis-server that has every write on disk before it answers.
func openServer(ctx context.Context, path string) (*memory, error) {
	dir, err := os.MkdirTemp("", "cardrop-demo-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	socket := filepath.Join(dir, "redis.sock")
	living, stop := context.WithCancel(context.WithoutCancel(ctx)) // Close ends it, after the shop
	cmd := exec.CommandContext(living, path, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", dir,
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "")
	m := &memory{url: "unix://" + socket, dir: dir, stop: stop, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(m.ended)
		_ = tied(cmd, started) // killed at the end, or gone, which the waiting below sees
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(err, m.close())
	}
	if err := m.answers(ctx, socket); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// answers waits until the server answers a PING.
func (m *memory) answers(ctx context.Context, socket string) error {
	limited, cancel := context.WithTimeout(ctx, serverStart)
	defer cancel()
	for {
		if ping(limited, socket) == nil {
			return nil
		}
		select {
		case <-m.ended:
			return errors.New("redis-server ended")
		case <-limited.Done():
			return limited.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func ping(ctx context.Context, socket string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return err
	}
	answer := make([]byte, len("+PONG"))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if string(answer) != "+PONG" {
		return errors.New("redis-server is not ready")
	}
	return nil
}

// name is what the control room calls it.
func (m *memory) name() string {
	switch {
	case m == nil:
		return ""
	case m.embedded != nil:
		return "embedded"
	}
	return "redis-server"
}

// tick ages the keys of the embedded Redis, which do not grow old by themselves.
func (m *memory) tick(d time.Duration) {
	if m != nil && m.embedded != nil {
		m.embedded.FastForward(d)
	}
}

// close ends the Redis and removes what it wrote.
func (m *memory) close() error {
	switch {
	case m == nil:
		return nil
	case m.embedded != nil:
		m.embedded.Close()
		return nil
	}
	m.stop()
	<-m.ended
	return os.RemoveAll(m.dir)
}
