package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cardrop/bot/demo"
	"cardrop/providers"
)

// shopRule is the user that the README describes.
const shopRule = "reset on >wFq2 ~{main}* ~{main.rehearsal}* +@all -@admin -@dangerous +info +role +config|get"

// TestThreat37NarrowUser runs a live shop on a Redis that it reaches only by TLS and as a user without dangerous commands: the start's
// checks pass, and a purchase goes all the way.
func TestThreat37NarrowUser(t *testing.T) {
	t.Parallel()
	m, certs := guardedRedis(t)
	r := newRigIn(t, m, func(*demo.World) map[string]string {
		return map[string]string{"SHOP_MODE": "live", "DATA_DIR": t.TempDir(), "SSL_CERT_FILE": certs,
			"SHOP": "main", "ONECLICKDZ_ACCESS_TOKEN": "", "ONECLICKDZ_BASE_URL": ""} // its simulator has a sandbox key
	}, "")
	r.fund(omar, "20000")
	r.as(omar).buysVouchers()
	if err := r.stop(); err != nil {
		t.Errorf("program ended with %v", err)
	}
	if log := r.log.String(); strings.Contains(log, "NOPERM") || strings.Contains(log, "wFq2") {
		t.Errorf("a right was missing, or the password is in the log:\n%s", log)
	}
	r.env["SSL_CERT_FILE"] = filepath.Join(t.TempDir(), "none.pem")
	if out := runToEnd(t, r.env); !strings.Contains(out, "certificate") {
		t.Errorf("with an authority nobody knows the program said:\n%s", out)
	}
}

// TestNarrowerUser takes the right to ask from the shop's user: a live shop says which right is missing and does not start.
func TestNarrowerUser(t *testing.T) {
	t.Parallel()
	m := realRedis(t)
	for _, c := range []struct {
		rule, durability, want string
	}{
		{shopRule + " -info", "checked", "Redis does not let us ask INFO (right +info); grant that right"},
		{shopRule + " -config", "checked", "Redis does not let us ask CONFIG GET appendfsync (right +config|get); grant that right"},
		{shopRule + " -config -info", "assumed", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			setUser(t, m.rdb, c.rule)
			narrow := m
			narrow.url = strings.Replace(m.url, "unix://", "unix://shop:wFq2@", 1)
			settings := map[string]string{"SHOP_MODE": "live", "DATA_DIR": t.TempDir(), "REDIS_DURABILITY": c.durability,
				"SHOP": "main", "ONECLICKDZ_ACCESS_TOKEN": "", "ONECLICKDZ_BASE_URL": ""}
			if c.want == "" {
				newRig(t, narrow, settings).kill()
				return
			}
			world, err := demo.Open(t.Context(), demo.WorldOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer world.Telegram.Close()
			all := world.Settings()
			maps.Copy(all, settings)
			all["REDIS_URL"], all["LISTEN_ADDR"] = narrow.url, berth(t)
			if out := runToEnd(t, all); !strings.Contains(out, c.want) {
				t.Errorf("the program said:\n%s\nwant %q", out, c.want)
			}
		})
	}
}

func setUser(t *testing.T, rdb *redis.Client, rule string) {
	t.Helper()
	args := []any{"acl", "setuser", "shop"}
	for word := range strings.FieldsSeq(rule) {
		args = append(args, word)
	}
	if err := rdb.Do(t.Context(), args...).Err(); err != nil {
		t.Fatal(err)
	}
}

// guardedRedis answers by TLS only to the shop's user; the test itself uses a socket. It returns the file of the authority.
func guardedRedis(t *testing.T) (memory, string) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH")
	}
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	ready := httptest.NewTLSServer(nil) // only for its certificate
	defer ready.Close()
	secret, err := x509.MarshalPKCS8PrivateKey(ready.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: ready.Certificate().Raw}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	addr := berth(t)
	_, port, _ := net.SplitHostPort(addr)
	m := startRedis(t, dir, "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no").memory(t)
	setUser(t, m.rdb, shopRule)
	m.url = "rediss://shop:wFq2@" + addr
	return m, cert
}

// redisServer is a redis-server that a test stops and starts again. Its folder stays.
type redisServer struct {
	t    *testing.T
	dir  string
	args []string
	cmd  *exec.Cmd
}

// startRedis runs a redis-server with every write on disk, on a socket in a folder.
func startRedis(t *testing.T, dir string, args ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH")
	}
	s := &redisServer{t: t, dir: dir, args: append([]string{"--port", "0", "--unixsocket", filepath.Join(dir, "redis.sock"), "--dir", dir,
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", ""}, args...)}
	t.Cleanup(s.kill)
	s.start()
	return s
}

func (s *redisServer) start() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", s.args...) //nolint:noctx,gosec // killed at the end of the test
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// kill ends the server without a warning.
func (s *redisServer) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// memory connects the test to the server and waits until it answers.
func (s *redisServer) memory(t *testing.T) memory {
	t.Helper()
	m := dialed(t, "unix://"+filepath.Join(s.dir, "redis.sock"), s.dir)
	m.answers(t)
	return m
}

// answers waits until the server does.
func (m memory) answers(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for m.rdb.Ping(ctx).Err() != nil {
		select {
		case <-ctx.Done():
			t.Fatal("redis-server did not answer")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestRedisPasswordsAreMasked finds the password in each form of REDIS_URL that may hold one.
func TestRedisPasswordsAreMasked(t *testing.T) {
	for _, address := range []string{"redis://shop:wFq2pass@h:1/0", "rediss://:wFq2pass@h:1", "unix://shop:wFq2pass@/run/s",
		"redis://a:1,redis://shop:wFq2pass@b:2", "redis+sentinel://shop:wFq2pass@h:1,g:2/main?sentinel_auth=true"} {
		found := false
		for _, s := range (Config{RedisURL: providers.NewSecret(address)}).secrets() {
			found = found || s.Expose() == "wFq2pass"
		}
		if !found {
			t.Errorf("%s: the log would show the password", strings.ReplaceAll(address, "wFq2pass", "…"))
		}
		if !redisAddress(address) {
			t.Errorf("%s is refused", address)
		}
	}
}
