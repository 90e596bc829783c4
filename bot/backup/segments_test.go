package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/alicebob/miniredis/v2"

	"cardrop/store"
)

// TestKeep encrypts a segment so that nobody reads it without the identity, and says what lies on the disk.
func TestKeep(t *testing.T) {
	k := newKit(t)
	text := []byte(strings.Repeat("an entry of the record\n", 500))
	for range 2 { // a repeat takes the former's place
		sum, err := k.Keep("record-000000000001-000000000500.jsonl", text)
		k.ok(err)
		sealed, err := os.ReadFile(filepath.Join(k.o.Segments, "record-000000000001-000000000500.jsonl.age"))
		k.ok(err)
		if got := sha256.Sum256(sealed); hex.EncodeToString(got[:]) != sum {
			t.Errorf("the sum is %s", sum)
		}
		if bytes.Contains(sealed, []byte("an entry")) {
			t.Error("the segment lies open")
		}
		plain, err := age.Decrypt(bytes.NewReader(sealed), k.opens())
		k.ok(err)
		if back, err := io.ReadAll(plain); err != nil || !bytes.Equal(back, text) {
			t.Errorf("%d bytes come back of %d, %v", len(back), len(text), err)
		}
	}
	entries, err := os.ReadDir(k.o.Segments)
	k.ok(err)
	if len(entries) != 1 {
		t.Errorf("%d files", len(entries))
	}
}

// TestAlone holds the duty of backups while it works, and does nothing while another process has it.
func TestAlone(t *testing.T) {
	k := newKit(t)
	mini := miniredis.RunT(t)
	k.connect(mini)
	k.o.Leases = k.store
	other, err := store.Open(t.Context(), store.Options{URL: "redis://" + mini.Addr(), Shop: "main"})
	k.ok(err)
	defer func() { _ = other.Close() }()
	stopped := errors.New("stopped")
	worked := 0
	work := func(ctx context.Context) error {
		worked++
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("it may outlast the lease")
		}
		if held, err := other.TakeLease(ctx, leaseName, time.Minute); err != nil || held {
			t.Errorf("another process makes a backup meanwhile: %v, %v", held, err)
		}
		return stopped
	}
	if err := k.Alone(t.Context(), work); !errors.Is(err, stopped) || worked != 1 {
		t.Errorf("%v, worked %d times", err, worked)
	}
	if held, err := other.TakeLease(t.Context(), leaseName, time.Minute); err != nil || !held {
		t.Errorf("the lease was kept: %v, %v", held, err)
	}
	if err := k.Alone(t.Context(), work); err != nil || worked != 1 {
		t.Errorf("%v, worked %d times", err, worked)
	}
}

// opens is the identity that the kit's recipient belongs to.
func (k *kit) opens() age.Identity {
	k.t.Helper()
	text, err := os.ReadFile(k.identity)
	k.ok(err)
	id, err := age.ParseX25519Identity(string(text))
	k.ok(err)
	return id
}
