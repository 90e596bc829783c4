package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// How files are named.
const (
	idLayout    = "20060102T150405.000Z"
	tempPattern = ".part-*"
	stateFile   = "state.json"
)

// recent is how long every snapshot, and its journal, is kept.
const recent = 48 * time.Hour

// file is a backup in a folder.
type file struct {
	path     string
	shop     string
	snapshot string
	number   int // of a segment; 0 for a snapshot
	taken    time.Time
}

func (h header) name() string {
	if h.Kind == kindSnapshot {
		return h.Shop + "-" + h.Snapshot + ".snapshot.age"
	}
	return fmt.Sprintf("%s-%s.%06d.journal.age", h.Shop, h.Snapshot, h.Number)
}

// named reads a file's name; false for a file of another kind.
func named(path string) (file, bool) {
	shape := regexp.MustCompile(`^(.+)-([0-9]{8}T[0-9]{6}\.[0-9]{3}Z)\.(?:snapshot|([0-9]{6})\.journal)\.age$`)
	m := shape.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return file{}, false
	}
	taken, err := time.Parse(idLayout, m[2])
	if err != nil {
		return file{}, false
	}
	number, _ := strconv.Atoi(m[3])
	return file{path: path, shop: m[1], snapshot: m[2], number: number, taken: taken}, true
}

// list reads the backups of a shop in a folder, oldest first, segments behind their snapshot.
func list(dir, shop string) ([]file, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("read folder of backups: %w", err)
	}
	var all []file
	for _, e := range entries {
		if f, ok := named(filepath.Join(dir, e.Name())); ok && f.shop == shop && e.Type().IsRegular() {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b file) int {
		if c := a.taken.Compare(b.taken); c != 0 {
			return c
		}
		return a.number - b.number
	})
	return all, nil
}

// state is what the next file goes on from. It holds nothing secret.
type state struct {
	Snapshot string    `json:"snapshot"`
	Taken    time.Time `json:"taken"`
	Number   int       `json:"number"` // of the next segment
	Reached  Point     `json:"reached"`
}

func (k *Keeper) load() (state, error) {
	var st state
	text, err := os.ReadFile(filepath.Join(k.o.Dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, fmt.Errorf("read state of backups: %w", err)
	}
	if err := json.Unmarshal(text, &st); err != nil {
		return state{}, nil //nolint:nilerr // a damaged state costs one more snapshot
	}
	return st, nil
}

func (k *Keeper) save(st state) error {
	text, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encode state of backups: %w", err)
	}
	f, err := os.CreateTemp(k.o.Dir, tempPattern)
	if err != nil {
		return fmt.Errorf("write state of backups: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(k.o.Dir, stateFile))
	}
	if err != nil {
		return fmt.Errorf("write state of backups: %w", err)
	}
	return syncFolder(k.o.Dir)
}

func (k *Keeper) exists(snapshot string) bool {
	_, err := os.Stat(filepath.Join(k.o.Dir, header{Kind: kindSnapshot, Shop: k.o.Shop, Snapshot: snapshot}.name()))
	return err == nil
}

// clean removes what a process that was killed left half written.
func (k *Keeper) clean() error {
	parts, err := filepath.Glob(filepath.Join(k.o.Dir, tempPattern))
	if err != nil {
		return fmt.Errorf("read folder of backups: %w", err)
	}
	for _, p := range parts {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clean folder of backups: %w", err)
		}
	}
	return nil
}

// prune removes what is kept no longer.
func (k *Keeper) prune() error {
	all, err := list(k.o.Dir, k.o.Shop)
	if err != nil {
		return err
	}
	for _, f := range outlived(all, k.o.Now(), k.o.Days) {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("prune backups: %w", err)
		}
	}
	return nil
}

// outlived lists what goes. Everything stays for 48 hours, then the last snapshot of each day (UTC) for that many days. The newest
// snapshot stays with its journal in any case.
func outlived(all []file, now time.Time, days int) []file {
	newest, lastOfDay := "", map[string]string{}
	for _, f := range all { // oldest first
		if f.number == 0 {
			newest, lastOfDay[f.taken.Format(time.DateOnly)] = f.snapshot, f.snapshot
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(f file) bool {
		age := now.Sub(f.taken)
		daily := f.number == 0 && lastOfDay[f.taken.Format(time.DateOnly)] == f.snapshot && age < time.Duration(days)*24*time.Hour
		return f.snapshot == newest || age < recent || daily
	})
}
