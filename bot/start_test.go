package main

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"cardrop/bot/demo"
	sandbox "cardrop/providers/oneclickdz/sandbox"
)

// TestStartRefuses gives the built program settings it must not start with: each refusal names the cause and writes nothing.
func TestStartRefuses(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	world, err := demo.Open(ctx, demo.WorldOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = world.Serve(ctx) }()
	t.Cleanup(stop)
	forgetful := dialed(t, "redis://"+miniredis.RunT(t).Addr(), "")
	tests := []struct {
		name  string
		redis func(t *testing.T) memory
		with  map[string]string
		want  string
	}{
		{"a live shop on a Redis that forgets", func(*testing.T) memory { return forgetful },
			map[string]string{"SHOP_MODE": "live"}, "Redis would lose money data"},
		{"a sandbox key in a live shop", realRedis, map[string]string{"SHOP_MODE": "live"}, "the key is of the other kind than SHOP_MODE"},
		{"a Redis that is not there", func(*testing.T) memory { return memory{url: "redis://127.0.0.1:1"} }, nil, "reach redis"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if _, err := exec.LookPath("redis-server"); err != nil {
				t.Skip("no redis-server on PATH")
			}
			m := c.redis(t)
			settings := world.Settings()
			settings["REDIS_URL"], settings["DATA_DIR"], settings["LISTEN_ADDR"] = m.url, t.TempDir(), berth(t)
			maps.Copy(settings, c.with)
			out := runToEnd(t, settings)
			if !strings.Contains(out, c.want) {
				t.Errorf("the program said:\n%s\nwant %q", out, c.want)
			}
			for _, name := range []string{"TELEGRAM_BOT_TOKEN", "ENCRYPTION_KEY", "ONECLICKDZ_ACCESS_TOKEN", "GIFTZ_PASSWORD"} {
				if strings.Contains(out, settings[name]) {
					t.Errorf("%s is in what it said", name)
				}
			}
		})
	}
}

// TestThreat17StartWithOtherKey starts a shop, stops it, and starts it again with another key: refused, and not a byte is written.
func TestThreat17StartWithOtherKey(t *testing.T) {
	t.Parallel()
	r := newRig(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), nil)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	before := r.redis.contents(t)
	r.env["ENCRYPTION_KEY"] = strings.Repeat("0123456789abcdef", 4)
	out := runToEnd(t, r.env)
	if !strings.Contains(out, "ENCRYPTION_KEY is not the one") {
		t.Errorf("the program said:\n%s", out)
	}
	after := r.redis.contents(t)
	for key, value := range before {
		if after[key] != value {
			t.Errorf("%s was written to", key)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d keys became %d", len(before), len(after))
	}
}

// TestSupplierAwayAtStart starts while OneClickDz does not answer: it is paused, everything else works, and once its key could be
// looked at it sells.
func TestSupplierAwayAtStart(t *testing.T) {
	t.Parallel()
	r := newRigIn(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), func(w *demo.World) map[string]string {
		if err := w.OneClickDz.Fault(sandbox.Trouble{Fault: sandbox.HTML502, Path: "*"}); err != nil {
			t.Fatal(err)
		}
		return nil
	}, " oc")
	if out := r.ready(); !strings.Contains(out, "paused: unverified") {
		t.Errorf("/readyz says %s", out)
	}
	r.world.OneClickDz.Clear()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r.lacks = ""
	r.start()
}

// runToEnd runs the program with these settings and returns what it said; it must end by itself and not well.
func runToEnd(t *testing.T, settings map[string]string) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path) //nolint:gosec // our own binary
	cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Fatalf("the program started, or did not end (%v):\n%s", err, out)
	}
	return string(out)
}
