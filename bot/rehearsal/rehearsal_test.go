package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/store"
)

// both runs a test on the embedded Redis and, where there is one, on a real one.
func both(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, "redis://"+miniredis.RunT(t).Addr())
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		program, err := exec.LookPath("redis-server")
		if err != nil {
			t.Skip("no redis-server on PATH: only the embedded Redis was tried")
		}
		dir, err := os.MkdirTemp("", "cardrop")
		if err != nil {
			t.Fatal(err)
		}
		socket := filepath.Join(dir, "s")
		cmd := exec.CommandContext(t.Context(), program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); _ = os.RemoveAll(dir) })
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if _, err := os.Stat(socket); err == nil {
				break
			}
		}
		test(t, "unix://"+socket)
	})
}

// run plays a rehearsal and returns its parts as they were told last.
func run(t *testing.T, o Options) []checkout.Scene {
	t.Helper()
	var parts []checkout.Scene
	told := 0
	if err := New(o)(t.Context(), func(p []checkout.Scene) { parts, told = p, told+1 }); err != nil {
		t.Fatal(err)
	}
	if told < 2 {
		t.Errorf("%d parts were told in %d steps", len(parts), told)
	}
	return parts
}

// wrong lists the parts that did not go well, and why.
func wrong(parts []checkout.Scene) map[string]string {
	list := map[string]string{}
	for _, p := range parts {
		if p.State != checkout.SceneWell {
			list[p.Name] = p.Why
		}
	}
	return list
}

// everything reads all that a Redis holds.
func everything(t *testing.T, url string) map[string]string {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(o)
	defer func() { _ = rdb.Close() }()
	all := map[string]string{}
	keys, err := rdb.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		all[key] = value(t, rdb, key)
	}
	return all
}

// value is what one key holds.
func value(t *testing.T, rdb *redis.Client, key string) string {
	t.Helper()
	ctx := t.Context()
	var got any
	var err error
	switch kind := rdb.Type(ctx, key).Val(); kind {
	case "hash":
		got, err = rdb.HGetAll(ctx, key).Result() // printed in the order of its fields
	case "list":
		got, err = rdb.LRange(ctx, key, 0, -1).Result()
	case "zset":
		got, err = rdb.ZRangeWithScores(ctx, key, 0, -1).Result()
	case "stream":
		got, err = rdb.XRange(ctx, key, "-", "+").Result()
	default:
		got, err = rdb.Get(ctx, key).Result()
	}
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(got)
}

// TestRehearsal: five parts go well, beside a shop of which nothing changes, and nothing is left of the rehearsal, nor of one before it that was
// broken off.
func TestRehearsal(t *testing.T) {
	both(t, func(t *testing.T, url string) {
		for _, name := range []string{"main", "main-rehearsal", "mainx"} {
			s, err := store.Open(t.Context(), store.Options{URL: url, Shop: name})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Move(t.Context(), store.Transfer{ID: "x:1", From: store.External, To: "cust:101", Amount: 7,
				Event: store.Event{Kind: "WALLET_CREDITED", Actor: "system"}}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Clear(t.Context()); err == nil {
				t.Errorf("the shop %s can be removed", name)
			}
			_ = s.Close()
		}
		before := everything(t, url)
		left, err := store.Open(t.Context(), store.Options{URL: url, Shop: store.RehearsalOf("main")})
		if err != nil {
			t.Fatal(err)
		}
		if err := left.NamePerson(t.Context(), "of a rehearsal that was broken off", 5); err != nil {
			t.Fatal(err)
		}
		_ = left.Close()
		if len(everything(t, url)) == len(before) {
			t.Fatal("what was left behind cannot be seen")
		}
		parts := run(t, Options{RedisURL: providers.NewSecret(url), Shop: "main"})
		if len(parts) != 5 || len(wrong(parts)) > 0 {
			t.Errorf("%+v", parts)
		}
		if diff := cmp.Diff(before, everything(t, url)); diff != "" {
			keys := slices.Sorted(maps.Keys(everything(t, url)))
			t.Errorf("Redis holds something else, in %d keys: %s", len(keys), strings.Join(keys, " "))
		}
	})
}

// defect is a supplier's client with a defect.
type defect struct {
	providers.Provider
	resolve func(ctx context.Context, p providers.Placement) (providers.Fulfillment, error)
	place   func(ctx context.Context, p providers.Placement) (providers.Fulfillment, error)
}

// Place buys.
func (d *defect) Place(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if d.place != nil {
		return d.place(ctx, p)
	}
	return d.Provider.Place(ctx, p)
}

// Resolve asks what became of it.
func (d *defect) Resolve(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if d.resolve != nil {
		return d.resolve(ctx, p)
	}
	return d.Provider.Resolve(ctx, p)
}

// TestRehearsalFindsDefects puts defects back, one at a time: the part that is about it fails, and the others go well.
func TestRehearsalFindsDefects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of   string
		make func(d *defect)
		want map[string]string
	}{
		"a lost answer is bought again under another reference": {"giftz", func(d *defect) {
			d.resolve = func(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
				p.Ref, p.SendBy = p.Ref+"again", time.Time{}
				return d.Provider.Place(ctx, p)
			}
		}, map[string]string{"lost": checkout.WhyTwice}},
		"a time-out is taken for a refusal": {"ocnet", func(d *defect) {
			d.place = func(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
				f, err := d.Provider.Place(ctx, p)
				if errors.Is(err, providers.ErrUnknown) {
					err = &providers.Refusal{Reason: providers.Busy}
				}
				return f, err
			}
		}, map[string]string{"timeout": checkout.WhyState}},
		"a card is lost on the way": {"giftz", func(d *defect) {
			d.place = func(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
				f, err := d.Provider.Place(ctx, p)
				if len(f.Cards) > 1 {
					f.Cards = f.Cards[1:]
				}
				return f, err
			}
		}, map[string]string{"purchase": checkout.WhyState}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := "redis://" + miniredis.RunT(t).Addr()
			parts := run(t, Options{RedisURL: providers.NewSecret(url), Shop: "main", wrap: func(p providers.Provider) providers.Provider {
				if p.Name() != c.of {
					return p
				}
				d := &defect{Provider: p}
				c.make(d)
				return d
			}})
			if diff := cmp.Diff(c.want, wrong(parts)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if left := everything(t, url); len(left) > 0 {
				t.Errorf("%d keys are left", len(left))
			}
		})
	}
}

// TestRehearsalWithoutRedis: what cannot begin is told as such.
func TestRehearsalWithoutRedis(t *testing.T) {
	t.Parallel()
	for _, p := range run(t, Options{RedisURL: providers.NewSecret("unix:///nowhere/at/all"), Shop: "main"}) {
		if p.Why != checkout.WhyBegin {
			t.Errorf("%+v", p)
		}
	}
}
