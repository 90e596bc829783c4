package providers_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/providers"
)

// dial is a clock set by hand.
type dial struct {
	mu  sync.Mutex
	now time.Time
}

func newDial() *dial { return &dial{now: time.Date(2030, time.March, 4, 10, 0, 0, 0, time.UTC)} }

func (d *dial) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *dial) turn(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// A process that is stopped between the decision to send and the write sends nothing afterwards, on a new connection and on a
// kept one, in the open and under TLS.
func TestThreat34LateWriteIsRefused(t *testing.T) {
	for name, secured := range map[string]bool{"http": false, "https": true} {
		t.Run(name, func(t *testing.T) {
			var heard atomic.Int64
			handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				heard.Add(1)
				_, _ = io.Copy(io.Discard, r.Body)
			})
			server, transport := httptest.NewUnstartedServer(handler), (*http.Transport)(nil)
			if secured {
				server.StartTLS()
				transport = server.Client().Transport.(*http.Transport)
			} else {
				server.Start()
			}
			defer server.Close()
			clock, stop := newDial(), atomic.Bool{}
			w := wire(t, providers.WireOptions{
				BaseURL: server.URL, Now: clock.Now, Transport: transport,
				Failpoint: func(_ context.Context, at string) error {
					if at == "supplier.test.write" && stop.Load() {
						clock.turn(time.Minute)
					}
					return nil
				},
			})
			buy := func() error {
				call := purchase()
				call.SendBy = clock.Now().Add(30 * time.Second)
				_, err := w.Do(t.Context(), call)
				return err
			}
			stop.Store(true)
			if err := buy(); !errors.Is(err, providers.ErrLate) || !errors.Is(err, providers.ErrNotSent) || errors.Is(err, providers.ErrUnknown) {
				t.Errorf("new connection: got %v, want ErrLate and ErrNotSent", err)
			}
			stop.Store(false)
			if err := buy(); err != nil {
				t.Fatalf("in time: %v", err)
			}
			stop.Store(true)
			if err := buy(); !errors.Is(err, providers.ErrLate) || !errors.Is(err, providers.ErrNotSent) || errors.Is(err, providers.ErrUnknown) {
				t.Errorf("kept connection: got %v, want ErrLate and ErrNotSent", err)
			}
			if n := heard.Load(); n != 1 {
				t.Errorf("the supplier heard %d requests, want the one in time", n)
			}
		})
	}
}

func TestSendByInThePastDialsNobody(t *testing.T) {
	clock := newDial()
	w := wire(t, providers.WireOptions{BaseURL: "http://127.0.0.1:1", Now: clock.Now})
	for _, late := range []time.Duration{0, -time.Nanosecond, -time.Hour} {
		call := purchase()
		call.SendBy = clock.Now().Add(late)
		if _, err := w.Do(t.Context(), call); !errors.Is(err, providers.ErrLate) || !errors.Is(err, providers.ErrNotSent) {
			t.Errorf("%s: got %v, want ErrLate and ErrNotSent", late, err)
		}
	}
}

// The send-by time is for purchases: a call that only reads is not held to the write check, nor does it meet failpoints.
func TestReadsMeetNoFailpoint(t *testing.T) {
	address := serve(t, func(http.ResponseWriter, *http.Request) {})
	met := 0
	w := wire(t, providers.WireOptions{BaseURL: address, Failpoint: func(context.Context, string) error { met++; return errors.New("met") }})
	if _, err := w.Do(t.Context(), providers.Call{Name: "read", Method: http.MethodGet}); err != nil || met != 0 {
		t.Errorf("error %v, %d failpoints", err, met)
	}
}

// certify makes a certificate signed by its own key.
func certify(t *testing.T, host string, ends time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "supplier"}, NotBefore: ends.Add(-48 * time.Hour), NotAfter: ends,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Who cannot prove to be the supplier hears nothing.
func TestThreat12Certificates(t *testing.T) {
	tomorrow := time.Now().Add(24 * time.Hour)
	for _, c := range []struct {
		name, host string
		ends       time.Time
		trusted    bool
		ok         bool
	}{
		{"good", "127.0.0.1", tomorrow, true, true},
		{"self-signed", "127.0.0.1", tomorrow, false, false},
		{"another host", "supplier.example", tomorrow, true, false},
		{"expired", "127.0.0.1", time.Now().Add(-time.Hour), true, false},
	} {
		var heard atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard.Add(1) }))
		cert := certify(t, c.host, c.ends)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		var transport *http.Transport // nil: the roots of the system
		if c.trusted {
			leaf, err := x509.ParseCertificate(cert.Certificate[0])
			if err != nil {
				t.Fatal(err)
			}
			roots := x509.NewCertPool()
			roots.AddCert(leaf)
			transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
		}
		_, err := wire(t, providers.WireOptions{BaseURL: server.URL, Transport: transport}).Do(t.Context(), purchase())
		server.Close()
		if c.ok {
			if err != nil || heard.Load() != 1 {
				t.Errorf("%s: heard %d, error %v; want it accepted", c.name, heard.Load(), err)
			}
			continue
		}
		if !errors.Is(err, providers.ErrNotSent) || heard.Load() != 0 || quotes(err, server.URL) {
			t.Errorf("%s: heard %d, error %v; want ErrNotSent", c.name, heard.Load(), err)
		}
	}
}
