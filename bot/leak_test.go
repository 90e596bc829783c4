package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

func demoID(user int64) string { return strconv.FormatInt(user, 10) }

// shapes are the forms in which a secret could hide in a text: plain, without dashes and blanks, as hex, as base64 at each of its three
// alignments (cut to what does not depend on the neighbors), URL- and JSON-escaped.
func shapes(secret string) []string {
	list := []string{secret}
	for _, s := range []string{secret, strings.NewReplacer("-", "", " ", "").Replace(secret)} {
		list = append(list, s, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))))
		for shift := range 3 {
			for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				text := enc.EncodeToString(append(make([]byte, shift), s...))
				if cut := text[(shift*8+5)/6 : len(text)-2]; len(cut) >= 6 {
					list = append(list, cut)
				}
			}
		}
	}
	return append(list, strings.ReplaceAll(secret, "/", `\/`), strings.ReplaceAll(secret, "/", "%2F"))
}

// leaks names the places that hold a secret in any shape.
func leaks(places map[string]string, secrets []string) []string {
	var found []string
	for where, text := range places {
		for i, secret := range secrets {
			for _, s := range shapes(secret) {
				if strings.Contains(text, s) {
					found = append(found, where+" holds secret "+strconv.Itoa(i))
					break
				}
			}
		}
	}
	return found
}

// nothingLeaks searches the log, every key and value of Redis, the record among them, and Redis' files.
func (r *rig) nothingLeaks(codes []string) {
	r.t.Helper()
	secrets := append([]string{r.env["GIFTZ_PASSWORD"], r.env["ONECLICKDZ_ACCESS_TOKEN"], r.env["ENCRYPTION_KEY"],
		r.env["TELEGRAM_BOT_TOKEN"]}, codes...)
	places := r.redis.contents(r.t)
	places["log"] = r.log.String()
	if len(places) < 20 {
		r.t.Errorf("only %d places were searched", len(places))
	}
	for _, leak := range leaks(places, secrets) {
		r.t.Error(leak)
	}
	// The search has power: what is planted is found, in each kind of place.
	if err := r.redis.rdb.HSet(context.Background(), "planted", "x", "…"+hex.EncodeToString([]byte(codes[0]))+"…").Err(); err != nil {
		r.t.Fatal(err)
	}
	if len(leaks(r.redis.contents(r.t), codes)) == 0 {
		r.t.Error("a planted code was not found")
	}
	if r.redis.dir != "" && len(leaks(r.redis.files(r.t), codes)) == 0 {
		r.t.Error("a planted code was not found in the files")
	}
}

// contents are all keys with their values as text, and the files of a real Redis.
func (m memory) contents(t *testing.T) map[string]string {
	t.Helper()
	ctx := context.Background()
	places := map[string]string{}
	for keys := m.rdb.Scan(ctx, 0, "", 1000).Iterator(); keys.Next(ctx); {
		key := keys.Val()
		places["key "+key] = key + "\n" + value(ctx, t, m.rdb, key)
	}
	maps.Copy(places, m.files(t))
	return places
}

// files are the append-only files and a fresh snapshot.
func (m memory) files(t *testing.T) map[string]string {
	t.Helper()
	places := map[string]string{}
	if m.dir == "" {
		return places
	}
	if err := m.rdb.Save(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(m.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		places["file "+filepath.Base(path)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if places["file dump.rdb"] == "" {
		t.Error("no snapshot was searched")
	}
	return places
}

func value(ctx context.Context, t *testing.T, rdb *redis.Client, key string) string {
	t.Helper()
	var b strings.Builder
	kind, err := rdb.Type(ctx, key).Result()
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case "string":
		b.WriteString(rdb.Get(ctx, key).Val())
	case "hash":
		all := rdb.HGetAll(ctx, key).Val()
		for _, k := range slices.Sorted(maps.Keys(all)) {
			b.WriteString(k + "\n" + all[k] + "\n")
		}
	case "list":
		b.WriteString(strings.Join(rdb.LRange(ctx, key, 0, -1).Val(), "\n"))
	case "zset":
		b.WriteString(strings.Join(rdb.ZRange(ctx, key, 0, -1).Val(), "\n"))
	case "stream":
		for _, e := range rdb.XRange(ctx, key, "-", "+").Val() {
			for _, k := range slices.Sorted(maps.Keys(e.Values)) {
				text, _ := e.Values[k].(string)
				b.WriteString(k + "\n" + text + "\n")
			}
		}
	default:
		t.Fatalf("key %s has an unknown type %s", key, kind)
	}
	return b.String()
}

// TestLeakSearch plants a code in every shape and in none.
func TestLeakSearch(t *testing.T) {
	m := dialed(t, "redis://"+miniredis.RunT(t).Addr(), "")
	const code = "GRAB-7QX2-19KD-ZZ"
	if got := leaks(map[string]string{"log": "nothing here", "key": "o:K7M29QXW"}, []string{code}); len(got) > 0 {
		t.Errorf("found %v where nothing is", got)
	}
	for i, s := range shapes(code) {
		if err := m.rdb.Set(t.Context(), "planted", "before "+s+" after", 0).Err(); err != nil {
			t.Fatal(err)
		}
		if len(leaks(m.contents(t), []string{code})) == 0 {
			t.Errorf("shape %d was not found", i)
		}
	}
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + "head " + code + " tail"))
		if len(leaks(map[string]string{"log": text}, []string{code})) == 0 {
			t.Errorf("base64 inside of a longer text, shifted by %d, was not found", shift)
		}
	}
}
