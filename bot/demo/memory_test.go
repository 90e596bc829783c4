package demo

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestMemoryWithoutServer(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	m, err := openMemory(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	if m.name() != "embedded" || !strings.HasPrefix(m.url, "redis://127.0.0.1:") {
		t.Errorf("%s at %s", m.name(), m.url)
	}
	if err := m.close(); err != nil {
		t.Error(err)
	}
}

// TestMemoryWithBrokenServer has a redis-server on PATH that ends at once: the embedded one is taken and nothing is left.
func TestMemoryWithBrokenServer(t *testing.T) {
	bin, tmp := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "redis-server"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("TMPDIR", tmp)
	m, err := openMemory(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	if m.name() != "embedded" {
		t.Errorf("took %s", m.name())
	}
	if err := m.close(); err != nil {
		t.Error(err)
	}
	empty(t, tmp)
}

func TestMemoryWithServer(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH")
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	m, err := openMemory(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	socket, ok := strings.CutPrefix(m.url, "unix://")
	if m.name() != "redis-server" || !ok {
		t.Fatalf("%s at %s", m.name(), m.url)
	}
	if err := ping(ctx(t), socket); err != nil {
		t.Error(err)
	}
	if err := m.close(); err != nil {
		t.Error(err)
	}
	if ping(ctx(t), socket) == nil {
		t.Error("it still answers")
	}
	empty(t, tmp)
}

func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v %v", left, err)
	}
}
