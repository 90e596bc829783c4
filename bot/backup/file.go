package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
)

// How a file is laid out: age over gzip over lines. The first line is the header, the last one the end, which counts the lines and holds
// the SHA-256 of all before it; between them stand the lines of the memory.
const (
	format       = "cardrop-backup"
	schema       = 1
	kindSnapshot = "snapshot"
	kindJournal  = "journal"
	endBegins    = `{"end":`
)

// What is wrong with a file. Nothing of it was used.
var (
	// ErrIdentity is an identity that does not open the file.
	ErrIdentity = errors.New("this identity does not open it; take the secret half of the BACKUP_RECIPIENT it was made for")
	// ErrDamaged is a file that is cut or was changed.
	ErrDamaged = errors.New("it is damaged or cut")
	// ErrNewer is a file of a newer program.
	ErrNewer = errors.New("a newer version of this program made it; use that one")
	// ErrForeign is a file of another shop or mode.
	ErrForeign = errors.New("it belongs to another shop or mode")
)

// header is the first line of a file.
type header struct {
	Format   string            `json:"format"`
	Schema   int               `json:"schema"`
	Kind     string            `json:"kind"`
	Shop     string            `json:"shop"`
	Mode     string            `json:"mode"`
	Snapshot string            `json:"snapshot"`         // id of the snapshot, also in its segments
	Number   int               `json:"number,omitempty"` // of a segment, from 1
	From     Point             `json:"from"`
	Made     time.Time         `json:"made"`
	Ring     map[string][]byte `json:"ring,omitempty"` // of a snapshot: wrapped keys and key check values
}

// end is the last line.
type end struct {
	Lines int    `json:"end"`
	Sum   string `json:"sha256"`
	To    Point  `json:"to"`
}

// pen writes the lines of a file.
type pen struct {
	to    io.Writer
	sum   hash.Hash
	lines int
}

func (p *pen) write(text []byte) error {
	p.lines++
	_, _ = p.sum.Write(append(text, '\n'))
	_, err := p.to.Write(append(text, '\n'))
	return err
}

func (p *pen) encode(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.write(text)
}

// write makes one file: beside its place, on disk, then renamed, so that no part of a file is ever taken for a whole one.
func (k *Keeper) write(ctx context.Context, h header, fill func(out func([]byte) error) (Point, error)) (path string, to Point, err error) {
	h.Format, h.Schema, h.Shop, h.Mode = format, schema, k.o.Shop, k.o.Mode
	if err := os.MkdirAll(k.o.Dir, 0o700); err != nil {
		return "", Point{}, err
	}
	f, err := os.CreateTemp(k.o.Dir, tempPattern)
	if err != nil {
		return "", Point{}, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	to, err = k.encrypt(ctx, f, h, fill)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", Point{}, err
	}
	path = filepath.Join(k.o.Dir, h.name())
	if err := os.Rename(f.Name(), path); err != nil {
		return "", Point{}, err
	}
	return path, to, syncFolder(k.o.Dir)
}

func (k *Keeper) encrypt(ctx context.Context, f io.Writer, h header, fill func(out func([]byte) error) (Point, error)) (Point, error) {
	buffer := bufio.NewWriterSize(f, 1<<16)
	secret, err := age.Encrypt(buffer, k.to)
	if err != nil {
		return Point{}, err
	}
	packed := gzip.NewWriter(secret)
	p := &pen{to: packed, sum: sha256.New()}
	if err := p.encode(h); err != nil {
		return Point{}, err
	}
	last := k.o.Now()
	to, err := fill(func(line []byte) error {
		if now := k.o.Now(); now.Sub(last) > renewed {
			last = now
			held, err := k.o.Leases.TakeLease(ctx, leaseName, leaseSpan)
			if err == nil && !held {
				err = ErrBusy
			}
			if err != nil {
				return err
			}
		}
		return p.write(line)
	})
	if err != nil {
		return Point{}, err
	}
	err = p.encode(end{Lines: p.lines, Sum: hex.EncodeToString(p.sum.Sum(nil)), To: to})
	return to, errors.Join(err, packed.Close(), secret.Close(), buffer.Flush())
}

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// read reads a whole file, line by line, and returns its header and its end. An error means that not all of it can be trusted.
func read(path string, identities []age.Identity, each func(line []byte) error) (header, end, error) {
	f, err := os.Open(path)
	if err != nil {
		return header{}, end{}, err
	}
	defer func() { _ = f.Close() }()
	secret, err := age.Decrypt(bufio.NewReaderSize(f, 1<<16), identities...)
	if _, none := errors.AsType[*age.NoIdentityMatchError](err); none {
		return header{}, end{}, ErrIdentity
	}
	if err != nil {
		return header{}, end{}, ErrDamaged
	}
	packed, err := gzip.NewReader(secret)
	if err != nil {
		return header{}, end{}, ErrDamaged
	}
	return readLines(bufio.NewReaderSize(packed, 1<<16), each)
}

func readLines(r *bufio.Reader, each func(line []byte) error) (h header, e end, err error) {
	sum, lines := sha256.New(), 0
	for ; ; lines++ {
		text, err := r.ReadBytes('\n')
		if err != nil {
			return h, e, ErrDamaged
		}
		if lines > 0 && bytes.HasPrefix(text, []byte(endBegins)) {
			if json.Unmarshal(text, &e) != nil || e.Lines != lines || e.Sum != hex.EncodeToString(sum.Sum(nil)) {
				return h, e, ErrDamaged
			}
			if _, err := r.ReadByte(); !errors.Is(err, io.EOF) { // age and gzip check their own ends here
				return h, e, ErrDamaged
			}
			return h, e, nil
		}
		_, _ = sum.Write(text)
		if lines > 0 {
			if err := each(bytes.TrimSuffix(text, []byte("\n"))); err != nil {
				return h, e, err
			}
			continue
		}
		if err := h.parse(text); err != nil {
			return h, e, err
		}
	}
}

func (h *header) parse(text []byte) error {
	if json.Unmarshal(text, h) != nil || h.Format != format {
		return fmt.Errorf("%w: it is no backup of this program", ErrDamaged)
	}
	if h.Schema > schema {
		return ErrNewer
	}
	return nil
}
