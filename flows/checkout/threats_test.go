package checkout

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alicebob/miniredis/v2"

	"cardrop/providers"
	"cardrop/store"
)

// TestThreat01StolenRedis: who takes Redis' files or reads along with MONITOR finds none of the codes that were sold and shown. With CRASH
// set it sells 500 orders.
func TestThreat01StolenRedis(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on the PATH")
	}
	orders := 20
	if os.Getenv("CRASH") != "" {
		orders = 500
	}
	url, stop, err := startRedis("--appendonly", "yes", "--appendfsync", "always")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	socket := strings.TrimPrefix(url, "unix://")
	heard := &lockedBuffer{}
	spy := monitor(t, socket, heard)
	k := newKitAt(t, url, true)
	var all []store.Order
	for i := range orders {
		line := map[int]string{3: adsl, 8: psn}[i%40]
		if line == "" {
			line = grab
		}
		o, err := k.shop.Buy(k.ctx, k.basket([]int64{amine, bilal}[i%2], line, 1))
		k.ok(err)
		all = append(all, o)
	}
	for len(k.secrets()) < orders {
		k.pass(time.Second)
		due, err := k.store.DuePlacements(k.ctx, 1000)
		k.ok(err)
		for _, id := range due {
			k.ok(k.shop.Ask(k.ctx, id))
		}
	}
	k.pass(5 * time.Second)
	k.work()
	for _, o := range all[:10] {
		token, err := k.shop.Offer(k.ctx, o.ID)
		k.ok(err)
		k.ok(k.reveal(k.order(o.ID), token, o.Buyer))
	}
	k.ok(k.raw.BgRewriteAOF(k.ctx).Err())
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && !strings.Contains(k.raw.Info(k.ctx, "persistence").Val(), "aof_rewrite_in_progress:0"); {
		k.ok(k.raw.Ping(k.ctx).Err())
	}
	secrets := k.secrets()
	stolen := func() map[string]string {
		k.ok(k.raw.Save(k.ctx).Err())
		k.ok(k.raw.Echo(k.ctx, "end of the tape").Err())
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && !strings.Contains(heard.String(), "end of the tape"); {
			k.ok(k.raw.Ping(k.ctx).Err())
		}
		places := map[string]string{"MONITOR": heard.String()}
		k.ok(filepath.WalkDir(filepath.Dir(socket), func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			places[filepath.Base(path)] = string(text)
			return err
		}))
		return places
	}
	places := stolen()
	if len(places) < 4 || len(places["dump.rdb"]) < 1000 || !strings.Contains(places["MONITOR"], "EVALSHA") && !strings.Contains(places["MONITOR"], "evalsha") {
		t.Fatalf("only %d places were searched", len(places))
	}
	for _, where := range holding(places, secrets) {
		t.Errorf("%s holds a code", where)
	}
	k.ok(k.raw.Set(k.ctx, k.key("planted"), "before "+secrets[0]+" after", 0).Err())
	if found := holding(stolen(), secrets[:1]); !slices.Contains(found, "dump.rdb") || !slices.Contains(found, "MONITOR") || len(found) < 3 {
		t.Errorf("a planted code is found in %v only", found)
	}
	_ = spy.Close()
	t.Logf("%d orders, %d secrets, %d places searched", orders, len(secrets), len(places))
}

// monitor writes all that a Redis is told to w.
func monitor(t *testing.T, socket string, w io.Writer) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte("MONITOR\r\n")); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(w, conn) }()
	return conn
}

// holding names the places that hold a secret in any spelling.
func holding(places map[string]string, secrets []string) []string {
	var found []string
	for where, text := range places {
		for _, secret := range secrets {
			if slices.ContainsFunc(spellings(secret), func(s string) bool { return strings.Contains(text, s) }) {
				found = append(found, where)
				break
			}
		}
	}
	return found
}

// TestThreat02OldBackup: a backup that is older than the last rotation opens nothing for who holds the present key only.
func TestThreat02OldBackup(t *testing.T) {
	next := strings.Repeat("ab", 31) + "cd"
	both(t, func(t *testing.T, k *kit) {
		blobs := map[string][]byte{}
		for range 3 {
			o := k.bought(amine, grab, 2)
			vault, err := k.store.Vault(k.ctx, o.ID)
			k.ok(err)
			for _, c := range vault {
				blobs[o.ID+" "+c.Index] = c.Bytes
			}
		}
		key, err := newMasterKey(providers.NewSecret(next))
		k.ok(err)
		present := &Ring{mode: "sandbox", shop: k.name, primary: key, keys: map[[keyIDSize]byte]*masterKey{key.id: key}}
		for where, blob := range blobs {
			id, index, _ := strings.Cut(where, " ")
			at := place{Order: id, Index: index, Owner: amine, SKU: grab}
			if _, err := present.Open(blob, at); !errors.Is(err, ErrKeyMissing) {
				t.Errorf("%s: %v, want that its key is retired", where, err)
			}
			if _, err := k.options.Ring.Open(blob, at); err != nil {
				t.Errorf("%s does not open under its own key: %v", where, err)
			}
		}
		if len(blobs) != 6 {
			t.Errorf("%d cards were tried", len(blobs))
		}
		if _, err := k.ring(k.store, "sandbox", k.name, next); !errors.Is(err, ErrWrongKey) {
			t.Errorf("the program starts on the backup: %v", err)
		}
	})
}

// TestThreat28Clocks: the shop's own clock is an hour ahead or behind. What is on a screen goes at its time all the same, a claim is
// not given out early, and a card is not burned.
func TestThreat28Clocks(t *testing.T) {
	for name, skew := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, k *kit) {
				o, token := k.ready(amine, grab, 1)
				wrong := k.options
				wrong.Now = func() time.Time { return k.now().Add(skew) }
				shop, err := New(wrong)
				k.ok(err)
				tap := func() error {
					return shop.Reveal(k.ctx, o.ID, token, Buyer{User: amine, Chat: amine, Language: "en"}, Route{})
				}
				k.die("channel.Prepare.before") // and the process cannot give its claim back
				k.is(tap(), ErrDelivery)
				claimed := k.now()
				for len(k.tray.visible()) == 0 && k.now().Sub(claimed) < 2*time.Minute {
					var above *OnScreenError
					if err := tap(); err != nil && !errors.As(err, &above) {
						t.Fatal(err)
					} else if early := k.now().Sub(claimed); err == nil && early < claimLease-time.Second {
						t.Errorf("given out again %s after the claim, whose lease is %s", early, claimLease)
					} else if err != nil {
						k.pass(time.Second)
					}
				}
				m := k.onScreen(o)
				began := k.now()
				if until := k.order(o.ID).Reveal.Until.Sub(began); until < 59*time.Second || until > 61*time.Second {
					t.Fatalf("codes are to go after %s of Redis' time, want a minute", until)
				}
				for k.now().Sub(began) < 58*time.Second {
					k.ok(shop.Sweep(k.ctx))
					if len(k.tray.visible()) != 1 {
						t.Fatalf("gone after %s", k.now().Sub(began))
					}
					k.pass(2 * time.Second)
				}
				k.pass(3 * time.Second)
				k.ok(shop.Sweep(k.ctx))
				if len(k.tray.visible()) != 0 || m.shows != 1 {
					t.Errorf("%d messages with codes after their time, %d shows", len(k.tray.visible()), m.shows)
				}
				if r := k.order(o.ID).Reveal; r.State != store.Sealed || r.Shown != 1 {
					t.Errorf("%+v", r)
				}
				var shown *ShownError
				if err := tap(); !errors.As(err, &shown) {
					t.Errorf("the used token gets %v", err)
				}
			})
		})
	}
}

// TestThreat45TestCards: a card of the sandbox does not open in a live shop with the same key and name, and a live program does not
// start on a sandbox's data.
func TestThreat45TestCards(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	mini := miniredis.RunT(t)
	elsewhere, err := store.Open(k.ctx, store.Options{URL: "redis://" + mini.Addr(), Shop: k.name})
	k.ok(err)
	t.Cleanup(func() { _ = elsewhere.Close() })
	live, err := k.ring(elsewhere, "live", k.name, master)
	k.ok(err)
	test, err := k.options.Ring.Seal(k.ctx, []byte("card"), here())
	k.ok(err)
	real, err := live.Seal(k.ctx, []byte("card"), here())
	k.ok(err)
	if _, err := live.Open(test, here()); !errors.Is(err, ErrTampered) {
		t.Errorf("a test card in a live shop: %v", err)
	}
	if _, err := k.options.Ring.Open(real, here()); !errors.Is(err, ErrTampered) {
		t.Errorf("a live card in a sandbox: %v", err)
	}
	if got, err := live.Open(real, here()); err != nil || string(got) != "card" {
		t.Errorf("its own card: %v", err)
	}
	if _, err := k.ring(k.store, "live", k.name, master); !errors.Is(err, ErrWrongKey) {
		t.Errorf("a live program on a sandbox's data: %v", err)
	}
}

// FuzzThreat11Codes: whatever a supplier sends, what is accepted can be read on a screen as it is, and only once.
func FuzzThreat11Codes(f *testing.F) {
	for _, s := range []string{"", " A", "A ", "ABCD-1234", "AB\u202eCD", "A\x00", "\ufeffA", "é\u0301", "<b>_`", "😀", "\xff", "A\u2028B",
		strings.Repeat("A", 512), strings.Repeat("A", 513), "\u00ad", "كود"} {
		f.Add(s, s+"1")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		cards := []providers.Card{{Code: providers.NewSecret(one)}, {Code: providers.NewSecret(two)}}
		if !fits(cards) {
			return
		}
		for _, text := range []string{one, two} {
			if len(text) > maxCode || !utf8.ValidString(text) || text == "" || strings.TrimSpace(text) != text ||
				strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.In(r, unicode.Zs, unicode.Co, unicode.Cn) }) {
				t.Errorf("%q is accepted", text)
			}
		}
		if identity(cards[0]) == identity(cards[1]) {
			t.Errorf("%q and %q are the same code, and accepted", one, two)
		}
	})
}

// FuzzOpen: no bytes that anybody writes into the vault open, nor panic, but the ones that were sealed for the place.
func FuzzOpen(f *testing.F) {
	key, err := newMasterKey(providers.NewSecret(master))
	if err != nil {
		f.Fatal(err)
	}
	r := &Ring{mode: "sandbox", shop: "fuzz", primary: key, keys: map[[keyIDSize]byte]*masterKey{key.id: key}, left: 1 << 40}
	blob, err := r.Seal(f.Context(), []byte("card"), here())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(blob, "ABCD2345", "001.001", int64(amine), "G0001_GZ")
	f.Add(blob[:40], "ABCD2345", "001.001", int64(amine), "G0001_GZ")
	f.Add([]byte{}, "", "", int64(0), "")
	f.Add(append([]byte{sealVersion}, key.id[:]...), "ABCD2345", "q001.raw", int64(1), "x")
	f.Fuzz(func(t *testing.T, given []byte, order, index string, owner int64, sku string) {
		at := place{Order: order, Index: index, Owner: owner, SKU: sku}
		plain, err := r.Open(given, at)
		if err == nil && (at != here() || string(plain) != "card") {
			t.Errorf("opened %q at %+v", plain, at)
		}
		if err != nil && !errors.Is(err, ErrTampered) && !errors.Is(err, ErrKeyMissing) {
			t.Errorf("error %v", err)
		}
		sealed, err := r.Seal(t.Context(), given, at)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := r.Open(sealed, at); err != nil || string(again) != string(given) {
			t.Errorf("%d bytes do not come back: %v", len(given), err)
		}
	})
}
