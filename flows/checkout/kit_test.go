package checkout

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"cardrop/providers"
	"cardrop/providers/giftz"
	giftzbox "cardrop/providers/giftz/sandbox"
	"cardrop/providers/oneclickdz"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// TestMain starts a Redis for the package when one is on the PATH and REDIS_URL names none.
func TestMain(m *testing.M) {
	stop := func() {}
	if os.Getenv("REDIS_URL") == "" {
		url, end, err := startRedis()
		if err != nil {
			fmt.Println("no real Redis for the tests of package checkout:", err)
		} else {
			stop = end
			if err := os.Setenv("REDIS_URL", url); err != nil {
				fmt.Println(err)
			}
		}
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

// startRedis runs a redis-server that keeps nothing, unless more options say so, on a socket in a folder of its own. The shell around it ends the server
// when its input closes, so it does not outlive a test binary that panics.
func startRedis(more ...string) (string, func(), error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "cardrop")
	if err != nil {
		return "", nil, err
	}
	socket := filepath.Join(dir, "s")
	cmd := exec.CommandContext(context.Background(), "sh", append([]string{"-c", `"$@" & pid=$!; cat >/dev/null; kill $pid; wait $pid`, "redis",
		program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", dir}, more...)...)
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

// start is the shop's time at the beginning of every test.
func start() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

// The people of the tests, and the key their cards are sealed under.
const (
	amine  = 1001 // has money
	bilal  = 1002 // has money too
	karim  = 1003 // has nothing
	admin  = 9
	master = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

// kit is one shop with everything around it: a store on a real or the embedded Redis, the suppliers' clients and their
// simulators, a channel that records, and one clock for all. On a real Redis the time of a script is the steered one and the
// few milliseconds that the call took.
type kit struct {
	t       *testing.T
	ctx     context.Context //nolint:containedctx // a kit lives as long as its test
	real    bool
	url     string
	name    string
	clock   func() time.Time // what Redis thinks the time is
	target  atomic.Int64     // the steered time, ms
	haste   atomic.Int64     // ms by which the clients' clocks run ahead, so that their limits end soon
	store   *store.Store
	raw     redis.UniversalClient
	options Options
	shop    *Shop
	tray    *tray
	giftz   *giftzbox.Server
	click   *clickbox.Server
	stop    stops
	log     lockedBuffer
	mu      sync.Mutex
	alarms  []string
	random  *rand.ChaCha8
	unsound bool // a test spoils the ledger or the vault on purpose
	frozen  bool // the notary does not run by itself
}

// lockedBuffer takes the log of many goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// both runs a test on the embedded Redis and on a real one, each time with a shop of its own.
func both(t *testing.T, test func(t *testing.T, k *kit), change ...func(*Options)) {
	t.Helper()
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, newKit(t, false, change...))
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		test(t, newKit(t, true, change...))
	})
}

// newKit opens a shop that sells, with money in two wallets and a record that is linked.
func newKit(t *testing.T, onReal bool, change ...func(*Options)) *kit {
	t.Helper()
	return newKitAt(t, os.Getenv("REDIS_URL"), onReal, change...)
}

// newKitAt does the same on a certain real Redis.
func newKitAt(t *testing.T, url string, onReal bool, change ...func(*Options)) *kit {
	t.Helper()
	k := &kit{t: t, ctx: t.Context(), real: onReal, random: rand.NewChaCha8([32]byte{1}), clock: time.Now}
	k.name = fmt.Sprintf("test-%d-%d", os.Getpid(), time.Now().UnixNano())
	k.target.Store(start().UnixMilli())
	if onReal {
		if k.url = url; k.url == "" {
			t.Skip("no redis-server on the PATH and no REDIS_URL: not tested on a real Redis")
		}
	} else {
		mini := miniredis.RunT(t)
		mini.SetTime(start())
		k.url, k.clock = "redis://"+mini.Addr(), start
	}
	k.store = k.openStore()
	o, err := redis.ParseURL(k.url)
	k.ok(err)
	k.raw = redis.NewClient(o)
	t.Cleanup(k.end)
	k.suppliers()
	k.tray = &tray{k: k, laid: map[int]*laid{}, fails: map[string][]failure{}}
	k.options.Store, k.options.Channels = k.store, []Channel{k.tray}
	k.options.Currency, k.options.Markup, k.options.PriceStep = "DZD", big.NewRat(5, 1), 5
	k.options.Rates = map[string]*big.Rat{"VND": big.NewRat(53, 10000)}
	k.options.RevealTTL, k.options.MessageTTL, k.options.FileTTL = 5*time.Minute, time.Minute, 10*time.Minute
	k.options.RevealLimit, k.options.Retention, k.options.OpenEvery = 5, 720*time.Hour, time.Millisecond
	k.options.Now, k.options.Rand, k.options.MostOpen = k.now, k.fill, 1000
	k.options.Logger = slog.New(slog.NewJSONHandler(&k.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	k.options.Alarm = func(_ context.Context, kind, about string) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.alarms = append(k.alarms, kind+" "+about)
	}
	for _, c := range change {
		c(&k.options)
	}
	k.options.Ring = k.openRing(k.store, master)
	k.shop, err = New(k.options)
	k.ok(err)
	k.ok(k.shop.Notarize(k.ctx))
	k.ok(k.shop.RefreshCatalog(k.ctx))
	k.credit(amine, 100_000_00)
	k.credit(bilal, 100_000_00)
	k.ok(k.shop.Notarize(k.ctx))
	return k
}

func (k *kit) openStore() *store.Store {
	k.t.Helper()
	s, err := store.Open(k.ctx, store.Options{URL: k.url, Shop: k.name, Failpoint: k.stop.hit,
		Offset: func() time.Duration { return time.UnixMilli(k.target.Load()).Sub(k.clock().Truncate(time.Millisecond)) }})
	k.ok(err)
	return s
}

func (k *kit) openRing(s *store.Store, primary string, retired ...string) *Ring {
	k.t.Helper()
	r, err := k.ring(s, "sandbox", k.name, primary, retired...)
	k.ok(err)
	return r
}

func (k *kit) ring(s *store.Store, mode, shop, primary string, retired ...string) (*Ring, error) {
	o := RingOptions{Store: s, Primary: providers.NewSecret(primary), Mode: mode, Shop: shop}
	for _, r := range retired {
		o.Retired = append(o.Retired, providers.NewSecret(r))
	}
	return OpenRing(k.ctx, o)
}

// suppliers joins the shipped clients to their simulators.
func (k *kit) suppliers() {
	k.t.Helper()
	const user, key, password, token = "shop", "key-of-the-checksum", "thirty-two-byte-password-0000032", "token-of-the-shop"
	k.giftz = giftzbox.New(giftzbox.Options{UserName: user, SecureKey: key, Password: password, Now: k.now})
	vouchers, err := giftz.New(giftz.Options{
		UserName: user, SecureKey: providers.NewSecret(key), Password: providers.NewSecret(password),
		BaseURL: serve(k.t, k.giftz) + "/api/v1", Now: k.hasty,
	})
	k.ok(err)
	k.click = clickbox.New(clickbox.Options{Now: k.now, Keys: []clickbox.Key{{Token: token, Type: clickbox.Production}}})
	client, err := oneclickdz.New(oneclickdz.Options{
		AccessToken: providers.NewSecret(token), BaseURL: serve(k.t, k.click) + "/v3", Now: k.hasty,
	})
	k.ok(err)
	k.options.Suppliers = []providers.Provider{vouchers, client.GiftCards(), client.Internet()}
}

// fill is the shop's randomness: the same in every run.
func (k *kit) fill(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, _ = k.random.Read(b)
}

// end checks what is true at the end of every test, and removes what it wrote.
func (k *kit) end() {
	k.ctx = context.Background()
	if !k.t.Failed() && !k.unsound {
		k.sound()
	}
	for _, problem := range k.tray.seen() {
		k.t.Error(problem)
	}
	for _, key := range k.scan("*") {
		if err := k.raw.Unlink(k.ctx, key).Err(); err != nil {
			k.t.Error(err)
		}
	}
	_ = k.raw.Close()
	_ = k.store.Close()
}
