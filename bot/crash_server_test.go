package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
)

// server is a redis-server in its own folder, with every write on disk, that can be killed and started again.
type server struct {
	dir, socket string
	mu          sync.Mutex
	cmd         *exec.Cmd
}

func (s *server) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = exec.Command("redis-server", "--port", "0", "--unixsocket", s.socket, "--dir", s.dir, "--appendonly", "yes", //nolint:noctx,gosec // killed at the end
		"--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "")
	return s.cmd.Start()
}

func (s *server) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// berths counts the addresses given out.
var berths atomic.Int64 //nolint:gochecknoglobals // no two programs of these tests get the same address

// berth is an address for a program that may be started again and again: below the ports that connections take, so that nobody takes it
// meanwhile.
func berth(t *testing.T) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20000+(int64(os.Getpid())*37+berths.Add(1))%12000)
		if l, err := net.Listen("tcp", addr); err == nil { //nolint:noctx // closed at once
			_ = l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}
