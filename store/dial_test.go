package store

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"
)

func TestSentinelAddresses(t *testing.T) {
	tests := []struct {
		address  string
		want     redis.FailoverOptions
		accepted bool
	}{
		{"redis+sentinel://a:26379,b:26380/main", redis.FailoverOptions{MasterName: "main", SentinelAddrs: []string{"a:26379", "b:26380"}}, true},
		{"redis+sentinel://a,b/main", redis.FailoverOptions{MasterName: "main", SentinelAddrs: []string{"a:26379", "b:26379"}}, true},
		{"redis+sentinel://[::1]:1/main", redis.FailoverOptions{MasterName: "main", SentinelAddrs: []string{"[::1]:1"}}, true},
		{"redis+sentinel://u:p%40w@a:1/main/2", redis.FailoverOptions{MasterName: "main", SentinelAddrs: []string{"a:1"}, Username: "u",
			Password: "p@w", DB: 2}, true},
		{"redis+sentinel://:pw@a:1/main?sentinel_auth=true", redis.FailoverOptions{MasterName: "main", SentinelAddrs: []string{"a:1"},
			Password: "pw", SentinelPassword: "pw"}, true},
		{address: "redis+sentinel://a:1"},
		{address: "redis+sentinel://a:1/"},
		{address: "redis+sentinel:///main"},
		{address: "redis+sentinel://a:1,/main"},
		{address: "redis+sentinel://a:port/main"},
		{address: "redis+sentinel://a:1/main/x"},
		{address: "redis+sentinel://u:secret%zz@a:1/main"},
	}
	for _, c := range tests {
		t.Run(c.address, func(t *testing.T) {
			o, err := sentinels(c.address)
			if !c.accepted {
				if err == nil || !strings.HasPrefix(err.Error(), "REDIS_URL") || strings.Contains(err.Error(), "secret") {
					t.Errorf("error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c.want.PoolSize, c.want.MaxRetries, c.want.ReadTimeout, c.want.WriteTimeout = poolSize, -1, answerLimit, answerLimit
			if diff := cmp.Diff(c.want, *o, cmpopts.IgnoreUnexported(redis.FailoverOptions{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestClusterAddresses(t *testing.T) {
	o, err := cluster("rediss://u:p@a:1,rediss://b:2,rediss://c:3", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a:1", "b:2", "c:3"}, o.Addrs); diff != "" || o.Username != "u" || o.Password != "p" || o.TLSConfig == nil {
		t.Errorf("user %q, TLS %v, addresses %s", o.Username, o.TLSConfig != nil, diff)
	}
	for _, address := range []string{"rediss://a:1,redis://b:2", "redis://a:1,unix:///b", "redis://a:1,b:2", "redis://a:1,"} {
		if _, err := cluster(address, nil); err == nil || !strings.HasPrefix(err.Error(), "REDIS_URL") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestLostAnswersAreNotSentAgain holds what a cluster's client may repeat by itself.
func TestLostAnswersAreNotSentAgain(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	cut := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	for name, c := range map[string]struct {
		err, want error
	}{
		"answered": {nil, nil}, "nothing there": {redis.Nil, redis.Nil}, "never left": {refused, refused}, "cut": {cut, errLost},
		"ended": {io.EOF, errLost}, "half": {io.ErrUnexpectedEOF, errLost}, "given up": {context.Canceled, context.Canceled},
	} {
		run := once{}.ProcessHook(func(context.Context, redis.Cmder) error { return c.err })
		if got := run(t.Context(), redis.NewCmd(t.Context(), "get", "x")); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestTLS reaches a Redis by rediss://: with its authority it works; without it, or under another name, nothing is sent.
func TestTLS(t *testing.T) {
	port, dir := freePort(t), t.TempDir()
	roots := certificate(t, dir)
	serve(t, "--port", "0", "--tls-port", port, "--tls-cert-file", filepath.Join(dir, "cert.pem"), "--tls-key-file",
		filepath.Join(dir, "key.pem"), "--tls-ca-cert-file", filepath.Join(dir, "cert.pem"), "--tls-auth-clients", "no")
	o := Options{URL: "rediss://127.0.0.1:" + port, Shop: "test-tls", roots: roots}
	until(t, "redis-server answers by TLS", func(ctx context.Context) error {
		s, err := Open(ctx, o)
		if err != nil {
			return err
		}
		defer func() { _ = s.Close() }()
		_, err = s.Now(ctx)
		return err
	})
	for name, c := range map[string]struct {
		url   string
		roots *x509.CertPool
		want  string
	}{
		"the system's authorities": {o.URL, nil, "unknown authority"},
		"another name":             {"rediss://localhost:" + port, roots, "not localhost"},
		"no TLS":                   {"redis://127.0.0.1:" + port, nil, ""},
	} {
		s, err := Open(t.Context(), Options{URL: c.url, Shop: "test-tls", roots: c.roots})
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// certificate writes cert.pem and key.pem of a server at 127.0.0.1 into a folder, and returns who vouches for it.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	ready := httptest.NewTLSServer(nil) // only for its certificate
	defer ready.Close()
	key, err := x509.MarshalPKCS8PrivateKey(ready.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: ready.Certificate().Raw},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(ready.Certificate())
	return roots
}
