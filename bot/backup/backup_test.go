package backup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// kit is a keeper over a real store, with a clock of its own.
type kit struct {
	*Keeper
	t        *testing.T
	store    *store.Store
	clock    time.Time
	identity string
	alarms   []string
	entries  int
}

// shelf is the store as the program hands it to a keeper.
type shelf struct{ *store.Store }

func (s shelf) Mark(ctx context.Context) (Point, error) {
	m, err := s.Store.Mark(ctx)
	return Point(m), err
}

func (s shelf) Copy(ctx context.Context, from Point, out func(line []byte) error) error {
	return s.Store.Copy(ctx, store.Mark(from), out)
}

func (s shelf) Changes(ctx context.Context, from Point, out func(line []byte) error) (Point, error) {
	m, err := s.Store.Changes(ctx, store.Mark(from), out)
	return Point(m), err
}

func (s shelf) Forked(err error) bool { return errors.Is(err, store.ErrForked) }

func newKit(t *testing.T) *kit {
	t.Helper()
	pair, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{t: t, clock: time.Now().UTC().Truncate(24 * time.Hour), identity: filepath.Join(t.TempDir(), "key")}
	if err := os.WriteFile(k.identity, []byte(pair.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	k.connect(miniredis.RunT(t))
	k.Keeper, err = New(Options{Dir: filepath.Join(t.TempDir(), "backups"), Segments: filepath.Join(t.TempDir(), "record"), Recipient: pair.Recipient().String(), Shop: "main", Mode: "live",
		Every: 6 * time.Hour, Days: 30, Memory: shelf{k.store}, Leases: k.store, Now: func() time.Time { return k.clock },
		Alarm:  func(_ context.Context, kind, _ string) { k.alarms = append(k.alarms, kind) },
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// connect puts the shop on a Redis whose clock is the kit's.
func (k *kit) connect(mini *miniredis.Miniredis) {
	k.t.Helper()
	mini.SetTime(k.clock)
	base := k.clock
	s, err := store.Open(k.t.Context(), store.Options{URL: "redis://" + mini.Addr(), Shop: "main",
		Offset: func() time.Duration { return k.clock.Sub(base) }})
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = s.Close() })
	k.store = s
}

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// pays books an entry.
func (k *kit) pays() {
	k.t.Helper()
	k.entries++
	_, err := k.store.Move(k.t.Context(), store.Transfer{ID: fmt.Sprintf("e%d", k.entries), From: store.External, To: "cust:1", Amount: 100,
		Event: store.Event{Kind: "WALLET_CREDITED", Person: "p", Actor: "a"}})
	k.ok(err)
}

// after lets time go by and does what is due.
func (k *kit) after(d time.Duration) error {
	k.clock = k.clock.Add(d)
	return k.Tick(k.t.Context())
}

// files names what lies in the folder, without time and shop.
func (k *kit) files() []string {
	k.t.Helper()
	all, err := list(k.o.Dir, "main")
	k.ok(err)
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = strings.Join(strings.SplitN(filepath.Base(f.path), ".", 3)[2:], "")
	}
	return names
}

// open reads the newest backup.
func (k *kit) open() (*Set, error) {
	return Open(k.o.Dir, k.identity, Want{Shop: "main", Mode: "live"})
}

// balance is what the customer has after the newest backup was put back.
func (k *kit) balance() int64 {
	k.t.Helper()
	set, err := k.open()
	k.ok(err)
	mini := miniredis.RunT(k.t)
	s, err := store.Open(k.t.Context(), store.Options{URL: "redis://" + mini.Addr(), Shop: "main"})
	k.ok(err)
	defer func() { _ = s.Close() }()
	fill, err := s.Refill(k.t.Context())
	k.ok(err)
	k.ok(set.Each(func(line []byte) error { return fill.Put(k.t.Context(), line) }))
	_, err = fill.End(k.t.Context())
	k.ok(err)
	n, err := s.Balance(k.t.Context(), "cust:1")
	k.ok(err)
	return n
}

// TestAMinuteIsLostAtMost: a snapshot, then a segment a minute; each brings what was booked since, and a quiet minute makes no new one.
func TestAMinuteIsLostAtMost(t *testing.T) {
	k := newKit(t)
	k.pays()
	k.ok(k.after(0))
	k.pays()
	k.ok(k.after(time.Minute))
	k.ok(k.after(time.Minute))
	k.ok(k.after(time.Minute)) // quiet
	quiet := k.clock
	set, err := k.open()
	k.ok(err)
	if len(set.Files) != 3 || !set.Until.At.Equal(quiet) {
		t.Errorf("files %v until %s, want until %s", set.Files, set.Until.At, quiet)
	}
	k.pays()
	k.ok(k.after(time.Minute))
	k.pays() // lost
	if got := k.balance(); got != 300 {
		t.Errorf("balance %d, want 300", got)
	}
	k.ok(k.after(6 * time.Hour))
	if got := k.balance(); got != 400 {
		t.Errorf("balance %d of the next snapshot, want 400", got)
	}
	if len(k.alarms) != 0 {
		t.Errorf("alarms: %v", k.alarms)
	}
}

// TestAGapIsFound: a segment that is missing, renamed or of another history is found, and what stands before it can be used.
func TestAGapIsFound(t *testing.T) {
	k := newKit(t)
	k.ok(k.after(0))
	for range 3 {
		k.pays()
		k.ok(k.after(time.Minute))
	}
	segments, err := filepath.Glob(filepath.Join(k.o.Dir, "*.journal.age"))
	k.ok(err)
	k.ok(os.Rename(segments[1], segments[1]+".away"))
	if _, err := k.open(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "segment is missing") {
		t.Errorf("a gap: %v", err)
	}
	k.ok(os.Rename(segments[2], segments[1]))
	if _, err := k.open(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "renamed") {
		t.Errorf("renamed: %v", err)
	}
	k.ok(os.Remove(segments[1]))
	if got := k.balance(); got != 100 {
		t.Errorf("balance %d before the gap, want 100", got)
	}
}

// TestAnotherHistoryBeginsAnew: when Redis is another one, or went back, the journal does not go on as if nothing were.
func TestAnotherHistoryBeginsAnew(t *testing.T) {
	k := newKit(t)
	k.pays()
	k.pays()
	k.ok(k.after(0))
	k.connect(miniredis.RunT(t))
	k.o.Memory, k.o.Leases = shelf{k.store}, k.store
	k.entries = 10
	k.pays()
	k.ok(k.after(time.Minute))
	if got := k.balance(); got != 100 || len(k.files()) != 2 {
		t.Errorf("balance %d, files %v", got, k.files())
	}
}

// TestAlarmsOnCrossing: the operators hear once that backups fail, once that they work again, and the checks say so meanwhile.
func TestAlarmsOnCrossing(t *testing.T) {
	k := newKit(t)
	k.ok(k.after(0))
	if k.Late() != "" {
		t.Errorf("late at once: %s", k.Late())
	}
	dir := k.o.Dir
	k.o.Dir = filepath.Join(dir, "state.json", "no folder")
	for range 3 {
		if k.after(time.Minute) == nil {
			t.Error("a folder that is none is written to")
		}
	}
	if k.Late() == "" {
		t.Error("nobody is told")
	}
	k.o.Dir = dir
	k.ok(k.after(time.Minute))
	k.ok(k.after(time.Minute))
	if want := []string{"backup_failed", "backup_works_again"}; !cmp.Equal(want, k.alarms) || k.Late() != "" {
		t.Errorf("alarms %v, late %q", k.alarms, k.Late())
	}
	k.clock = k.clock.Add(10 * time.Minute)
	if !strings.Contains(k.Late(), "the newest one reaches") {
		t.Errorf("ten minutes without a file: %q", k.Late())
	}
}

// TestOneProcessAtATime: while another process has the duty nothing is written, and what it did a moment ago is not done again.
func TestOneProcessAtATime(t *testing.T) {
	k := newKit(t)
	mini := miniredis.RunT(t)
	k.connect(mini)
	k.o.Memory, k.o.Leases = shelf{k.store}, k.store
	other, err := store.Open(t.Context(), store.Options{URL: "redis://" + mini.Addr(), Shop: "main"})
	k.ok(err)
	defer func() { _ = other.Close() }()
	if held, err := other.TakeLease(t.Context(), leaseName, time.Hour); err != nil || !held {
		t.Fatalf("%v, %v", held, err)
	}
	k.ok(k.after(0))
	if _, err := os.Stat(k.o.Dir); err == nil {
		t.Error("something was written without the duty")
	}
	if _, err := k.Snapshot(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("by hand: %v", err)
	}
	k.ok(other.DropLease(t.Context(), leaseName))
	k.ok(k.after(0))
	k.pays()
	k.ok(k.after(10 * time.Second))
	if n := len(k.files()); n != 1 {
		t.Errorf("%d files after ten seconds", n)
	}
}

// TestWhatIsKept: 48 hours of everything, then one a day, and never less than the newest with its journal.
func TestWhatIsKept(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	var all []file
	for h := 40 * 24; h >= 0; h -= 6 {
		taken := now.Add(-time.Duration(h) * time.Hour)
		all = append(all, file{snapshot: taken.Format(idLayout), taken: taken}, file{snapshot: taken.Format(idLayout), taken: taken, number: 1})
	}
	gone := outlived(all, now, 30)
	kept := slices.DeleteFunc(slices.Clone(all), func(f file) bool { return slices.Contains(gone, f) })
	snapshots, journals, days := 0, 0, map[string]bool{}
	for _, f := range kept {
		if f.number > 0 {
			journals++
			continue
		}
		snapshots++
		days[f.taken.Format(time.DateOnly)] = true
		if age := now.Sub(f.taken); age >= recent && f.taken.Hour() != 18 || age >= 30*24*time.Hour {
			t.Errorf("kept: %s", f.taken)
		}
	}
	if journals != 8+1-1 || len(days) < 30 || snapshots < 36 {
		t.Errorf("%d snapshots of %d days and %d journals are kept", snapshots, len(days), journals)
	}
	if left := outlived(all[:2], now.AddDate(1, 0, 0), 30); len(left) != 0 {
		t.Errorf("the only backup goes: %v", left)
	}
}

// TestANewerFormatIsRefused: a file of a newer program is not guessed at.
func TestANewerFormatIsRefused(t *testing.T) {
	var h header
	if err := h.parse([]byte(`{"format":"cardrop-backup","schema":2}`)); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
	if err := h.parse([]byte(`{"format":"cardrop-backup","schema":1}`)); err != nil {
		t.Errorf("%v", err)
	}
	h = header{}
	if err := h.parse([]byte(`{"t":"hash"}`)); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
}
