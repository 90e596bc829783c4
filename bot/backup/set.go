package backup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"
)

// Set is a snapshot with the segments of its journal, read whole and found to be whole.
type Set struct {
	Files []string          // the snapshot, then its segments
	From  Point             // when the snapshot was begun
	Taken Point             // what the snapshot reaches
	Until Point             // what the last segment reaches
	Lines int               // in all files
	Ring  map[string]string // wrapped keys and key check values, as the snapshot has them

	identities []age.Identity
}

// Want is the shop that a backup has to be of.
type Want struct {
	Shop string
	Mode string
}

// ErrNone is a folder without a snapshot of this shop.
var ErrNone = errors.New("there is no snapshot of this shop")

// Open reads a snapshot and all segments that stand beside it, from its file or as the newest of a folder, and checks every byte. It
// returns ErrIdentity, ErrDamaged, ErrNewer, ErrForeign or ErrNone, with the name of the file; nothing else than reading was done.
func Open(path, identityFile string, want Want) (*Set, error) {
	identities, err := identitiesOf(identityFile)
	if err != nil {
		return nil, err
	}
	files, err := gather(path, want.Shop)
	if err != nil {
		return nil, err
	}
	s := &Set{identities: identities}
	for i, f := range files {
		h, e, err := read(f.path, identities, func([]byte) error { return nil })
		if err == nil && (h.Shop != want.Shop || h.Mode != want.Mode) {
			err = fmt.Errorf("%w: shop %q in mode %s, and the settings say %q in mode %s", ErrForeign, h.Shop, h.Mode, want.Shop, want.Mode)
		}
		if err == nil {
			err = s.join(i, f, h, e)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(f.path), err)
		}
	}
	return s, nil
}

// join takes a file over that continues the former ones.
func (s *Set) join(i int, f file, h header, e end) error {
	if h.Snapshot != f.snapshot || h.Number != f.number || (h.Kind == kindSnapshot) != (f.number == 0) {
		return fmt.Errorf("%w: it was renamed", ErrDamaged)
	}
	if h.Number != i || i > 0 && !h.From.same(s.Until) {
		return fmt.Errorf("%w: it does not continue the file before it; a segment is missing. Move this one and all behind it away to restore what stands before", ErrDamaged)
	}
	if i == 0 {
		s.From, s.Taken, s.Ring = h.From, e.To, map[string]string{}
		for name, value := range h.Ring {
			s.Ring[name] = string(value)
		}
	}
	s.Files, s.Until, s.Lines = append(s.Files, f.path), e.To, s.Lines+e.Lines-1
	return nil
}

// Each reads all lines again, in their order.
func (s *Set) Each(each func(line []byte) error) error {
	for _, path := range s.Files {
		if _, _, err := read(path, s.identities, each); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

// gather finds a snapshot and its segments.
func gather(path, shop string) ([]file, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look for backup: %w", err)
	}
	wanted := ""
	if !info.IsDir() {
		f, ok := named(path)
		if !ok || f.number != 0 {
			return nil, fmt.Errorf("%s: this is no snapshot; name a file <shop>-<time>.snapshot.age, or its folder", filepath.Base(path))
		}
		wanted, shop, path = f.snapshot, f.shop, filepath.Dir(path)
	}
	all, err := list(path, shop)
	if err != nil {
		return nil, err
	}
	if wanted == "" {
		for _, f := range all {
			if f.number == 0 {
				wanted = f.snapshot
			}
		}
	}
	all = slices.DeleteFunc(all, func(f file) bool { return f.snapshot != wanted })
	if len(all) == 0 || all[0].number != 0 {
		return nil, ErrNone
	}
	return all, nil
}

// identitiesOf reads the file with the secret half. Its content is in no error.
func identitiesOf(path string) ([]age.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read identity: %w", err)
	}
	defer func() { _ = f.Close() }()
	identities, err := age.ParseIdentities(f)
	if err != nil {
		return nil, errors.New("read identity: the file holds no age identity; it has a line that begins with AGE-SECRET-KEY-1")
	}
	return identities, nil
}
