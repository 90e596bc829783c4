package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/alicebob/miniredis/v2"
)

// pair makes an age identity in a file and returns it with its public half.
func pair(t *testing.T) (file, public string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "backup.key")
	if err := os.WriteFile(file, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, id.Recipient().String()
}

// backedUp waits until a file of backups is there.
func (r *rig) backedUp(data, pattern string, n int) []string {
	r.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		found, _ := filepath.Glob(filepath.Join(data, backupFolder, pattern))
		if len(found) >= n {
			return found
		}
		if time.Now().After(end) {
			r.t.Fatalf("%d files %s, want %d\nlog:\n%s", len(found), pattern, n, r.log)
		}
	}
}

// minuteLater makes the last backup a minute older, so that the next start finds the next one due.
func minuteLater(t *testing.T, data string) {
	t.Helper()
	path := filepath.Join(data, backupFolder, "state.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var st map[string]any
	if err := json.Unmarshal(text, &st); err != nil {
		t.Fatal(err)
	}
	st["reached"].(map[string]any)["at"] = time.Now().Add(-time.Minute).UTC() //nolint:forcetypeassert // fails the test
	if text, err = json.Marshal(st); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRestoreOnAnEmptyMachine: the shop sells, its machine is gone, and what DATA_DIR/backups held is put back on another one: cards
// open, money is right, nothing is sold until somebody accepted, then it sells.
func TestRestoreOnAnEmptyMachine(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		identity, public := pair(t)
		data := t.TempDir()
		r := newRig(t, m, map[string]string{"DATA_DIR": data, "BACKUP_RECIPIENT": public})
		r.backedUp(data, "*.snapshot.age", 1)
		r.fund(omar, "20000")
		p := r.as(omar)
		p.confirms()
		p.taps("Confirm")
		offer := p.sees(" ready\n", "👁 Show")
		r.sales(1)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		minuteLater(t, data)
		r.leasesGone()
		r.start()
		r.backedUp(data, "*.journal.age", 1)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		balance := r.redis.rdb.HGet(t.Context(), r.key("wallets"), "cust:"+demoID(omar)).Val()

		// Another machine: an empty Redis, an empty DATA_DIR, the copies and the identity.
		r.redis = r.emptyTwin()
		r.env["REDIS_URL"], r.env["DATA_DIR"] = r.redis.url, t.TempDir()
		r.refresh()
		if out, err := r.verb("", "restore", "-check", "-identity", identity, data); err != nil || !strings.Contains(out, "1 segments") ||
			!strings.Contains(out, "What can be lost at most") {
			t.Fatalf("%v\n%s", err, out)
		}
		if n := r.redis.rdb.DBSize(t.Context()).Val(); n != 0 {
			t.Errorf("-check wrote %d keys", n)
		}
		out, err := r.verb("", "restore", "-identity", identity, filepath.Join(data, backupFolder))
		if err != nil || !strings.Contains(out, "Buying stays stopped") {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := r.redis.rdb.HGet(t.Context(), r.key("wallets"), "cust:"+demoID(omar)).Val(); got != balance || got == "" {
			t.Errorf("balance %s, was %s", got, balance)
		}
		if out, err := r.verb("", "restore", "-identity", identity, data); err == nil || !strings.Contains(out, "already holds this shop") {
			t.Errorf("over a shop: %v\n%s", err, out)
		}
		r.env["BACKUP_RECIPIENT"] = ""
		r.lacks = anything
		r.start()
		p.say("/start")
		p.sees("Welcome")
		p.confirms()
		p.taps("Confirm")
		p.sees("Buying is stopped for the moment")
		if _, err := r.world.Telegram.Press(omar, omar, offer.ID, 0, 0); err != nil {
			t.Fatal(err)
		}
		p.sees("Copy code")
		p.gone("Copy code")
		r.sales(1)
		if out, _ = r.verb("", "accept-history"); strings.Contains(out, "does not even hold") {
			t.Fatalf("a broken record, in:\n%s", out)
		}
		r.accepts()
		p.say("/start")
		p.sees("Welcome")
		p.confirms()
		p.taps("Confirm")
		p.sees(" ready\n", "👁 Show")
		r.sales(2)
	})
}

// leasesGone waits until nobody holds the duty of backups.
func (r *rig) leasesGone() {
	r.t.Helper()
	for end := time.Now().Add(patience); r.redis.rdb.Exists(r.t.Context(), r.key("lease:backup")).Val() != 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			r.redis.rdb.Del(r.t.Context(), r.key("lease:backup"))
		}
	}
}

// emptyTwin is an empty Redis of the same kind.
func (r *rig) emptyTwin() memory {
	r.t.Helper()
	if r.redis.dir != "" {
		return realRedis(r.t)
	}
	return dialed(r.t, "redis://"+miniredis.RunT(r.t).Addr(), "")
}

// refresh gives verbs the settings as they are now.
func (r *rig) refresh() {
	r.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range r.env {
		r.cmd.Env = append(r.cmd.Env, name+"="+value)
	}
}

// TestRestoreRefuses: whatever is not whole, not ours or not for this key is refused with its reason, and nothing is written.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	identity, public := pair(t)
	stranger, _ := pair(t)
	data := t.TempDir()
	m := dialed(t, "redis://"+miniredis.RunT(t).Addr(), "")
	r := newRig(t, m, map[string]string{"DATA_DIR": data, "BACKUP_RECIPIENT": public})
	r.backedUp(data, "*.snapshot.age", 1)
	r.fund(omar, "20000")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if out, err := r.verb("", "backup"); err != nil || !strings.Contains(out, ".snapshot.age") {
		t.Fatalf("%v\n%s", err, out)
	}
	all := r.backedUp(data, "*.snapshot.age", 1)
	whole, err := os.ReadFile(all[len(all)-1])
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(all[len(all)-1])
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	r.redis = r.emptyTwin()
	r.env["REDIS_URL"] = r.redis.url
	for _, c := range []struct {
		what, want string
		text       []byte
		identity   string
		env        map[string]string
	}{
		{"another identity", "does not open it", whole, stranger, nil},
		{"a cut file", "damaged or cut", whole[:len(whole)-40], identity, nil},
		{"a file cut in the middle", "damaged or cut", whole[:len(whole)/2], identity, nil},
		{"a damaged byte", "damaged or cut", flipped, identity, nil},
		{"an empty file", "damaged or cut", nil, identity, nil},
		{"another shop", "another shop or mode", whole, identity, map[string]string{"SHOP": "other"}},
		{"another key", "ENCRYPTION_KEY is not the one", whole, identity, map[string]string{"ENCRYPTION_KEY": strings.Repeat("0a", 31) + "0b"}},
		{"no identity", "read identity", whole, filepath.Join(data, "nowhere"), nil},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), c.text, 0o600); err != nil {
			t.Fatal(err)
		}
		r.refresh()
		for n, v := range c.env {
			r.cmd.Env = append(r.cmd.Env, n+"="+v)
		}
		out, err := r.verb("", "restore", "-identity", c.identity, filepath.Join(dir, name))
		if err == nil || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v\n%s", c.what, err, out)
		}
		if n := r.redis.rdb.DBSize(t.Context()).Val(); n != 0 {
			t.Errorf("%s: %d keys were written", c.what, n)
		}
	}
	r.refresh()
	if err := os.Chmod(identity, 0o604); err != nil {
		t.Fatal(err)
	}
	if out, err := r.verb("", "restore", "-identity", identity, data); err == nil || !strings.Contains(out, "chmod 600") {
		t.Errorf("an identity for everybody: %v\n%s", err, out)
	}
	if err := os.Chmod(identity, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := r.verb("", "restore", "-identity", identity, data); err != nil {
		t.Errorf("the control fails as well: %v\n%s", err, out)
	}
}

// TestRestoreGoesOnAfterAKill: a backup that was killed leaves nothing that is taken for one; a restore that was killed sells nothing and
// begins anew.
func TestRestoreGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	identity, public := pair(t)
	data := t.TempDir()
	r := newRig(t, realRedis(t), map[string]string{"DATA_DIR": data, "BACKUP_RECIPIENT": public})
	r.fund(omar, "20000")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.verb("", "backup"); err != nil {
		t.Fatal(err)
	}
	whole := len(r.backedUp(data, "*.age", 1))
	pipe := r.redis.rdb.Pipeline() // so much that copying takes a while
	for i := range 60_000 {
		pipe.HSet(t.Context(), r.key("talk:"+demoID(int64(1_000_000+i))), "b", strings.Repeat("x", 300), "v", "1")
		if pipe.Len() < 1000 {
			continue
		}
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.killVerb(300*time.Millisecond, "backup")
	if n := len(r.backedUp(data, "*.age", 1)); n != whole {
		t.Errorf("a killed backup left a file: %d, want %d", n, whole)
	}
	r.redis.rdb.Del(t.Context(), r.key("lease:backup"))
	if out, err := r.verb("", "backup"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r.redis = r.emptyTwin()
	r.env["REDIS_URL"] = r.redis.url
	r.refresh()
	r.killVerb(700*time.Millisecond, "restore", "-identity", identity, data)
	if n := r.redis.rdb.DBSize(t.Context()).Val(); n > 0 && !r.redis.rdb.HExists(t.Context(), r.key("switches"), "restoring").Val() {
		t.Error("a half restored shop is not marked")
	}
	if out, err := r.verb("", "restore", "-identity", identity, data); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := r.redis.rdb.DBSize(t.Context()).Val(); n < 60_000 {
		t.Errorf("%d keys", n)
	}
}

// killVerb runs the program with a verb and kills it after a while.
func (r *rig) killVerb(after time.Duration, args ...string) {
	r.t.Helper()
	path, err := binary()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.CommandContext(r.t.Context(), path, args...) //nolint:gosec // our own binary
	cmd.Dir, cmd.Env = r.t.TempDir(), r.cmd.Env
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	if err := cmd.Wait(); err == nil {
		r.t.Log("it was done before it could be killed")
	}
}
