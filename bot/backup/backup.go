// Package backup keeps copies of a shop where its Redis cannot lose them: a snapshot of everything now and then, and every minute a
// journal segment of what happened since, both encrypted with age to a key whose secret half is not on this machine.
//
// A snapshot and its segments, one behind the other without a gap, are the shop of one moment. What the lines of a backup say is the
// memory's affair; this package carries them, and knows whether they are whole.
package backup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"filippo.io/age"
)

// How the duty is shared and what counts as late.
const (
	leaseName = "backup"
	leaseSpan = 90 * time.Second
	renewed   = 20 * time.Second // how often a long copy renews it
	fresh     = 30 * time.Second // between two files
	late      = 3 * time.Minute  // without a finished file
)

// Point is a moment in the shop's history.
type Point struct {
	Seq    int64     `json:"seq"`    // events written
	Event  string    `json:"event"`  // id of the last one
	Booked int64     `json:"booked"` // ledger entries
	Linked int64     `json:"linked"` // events in the record's chain
	Head   string    `json:"head"`   // of the chain
	At     time.Time `json:"at"`     // by the shop's clock
}

// same tells whether nothing lies between two points.
func (p Point) same(q Point) bool {
	return p.Seq == q.Seq && p.Event == q.Event && p.Booked == q.Booked && p.Linked == q.Linked && p.Head == q.Head
}

// memory is the shop's memory as a backup reads it, as lines without a line break.
type memory interface {
	Mark(ctx context.Context) (Point, error)
	Copy(ctx context.Context, from Point, out func(line []byte) error) error
	Changes(ctx context.Context, from Point, out func(line []byte) error) (Point, error) // from's successor must be known, else Forked
	Keyring(ctx context.Context) (map[string]string, error)                              // wrapped keys and key check values
	Forked(err error) bool                                                               // the memory does not continue the point
}

// leases let one process at a time do the duty.
type leases interface {
	TakeLease(ctx context.Context, name string, ttl time.Duration) (bool, error)
	DropLease(ctx context.Context, name string) error
}

// Options configure a Keeper. Every field is required.
type Options struct {
	Dir       string // made when it is not there
	Segments  string // folder of what Keep writes, made when it is needed
	Recipient string // an age public key
	Shop      string
	Mode      string
	Every     time.Duration // between two snapshots
	Days      int           // how many days a snapshot a day is kept
	Memory    memory
	Leases    leases
	Now       func() time.Time
	Alarm     func(ctx context.Context, kind, about string)
	Logger    *slog.Logger
}

// Keeper makes backups. It is safe for concurrent use.
type Keeper struct {
	o  Options
	to age.Recipient

	running sync.Mutex // one tick at a time in this process

	mu      sync.Mutex
	trouble string    // what the operators were told; empty while all is well
	since   time.Time // when this process began to look
}

// ErrBusy means that another process makes a backup right now.
var ErrBusy = errors.New("another process makes a backup right now; try again in a minute")

// New checks the recipient.
func New(o Options) (*Keeper, error) {
	to, err := age.ParseX25519Recipient(o.Recipient)
	if err != nil {
		return nil, errors.New("BACKUP_RECIPIENT: is not an age public key; `keygen backup` prints a pair")
	}
	return &Keeper{o: o, to: to, since: o.Now()}, nil
}

// Tick does what is due: a snapshot, or the next segment of the journal. It is called every minute; one process does it at a time. The
// operators hear when it fails or is late, and when it is well again.
func (k *Keeper) Tick(ctx context.Context) error {
	if !k.running.TryLock() {
		return nil
	}
	defer k.running.Unlock()
	held, err := k.o.Leases.TakeLease(ctx, leaseName, leaseSpan)
	if err == nil && !held {
		return nil
	}
	if err == nil {
		err = errors.Join(k.due(ctx), k.o.Leases.DropLease(context.WithoutCancel(ctx), leaseName))
	}
	if ctx.Err() != nil {
		return err // the program ends: nothing is wrong with the backups
	}
	k.tell(ctx, err)
	return err
}

// due makes the file that is due. A journal that cannot go on is followed by a snapshot.
func (k *Keeper) due(ctx context.Context) error {
	if err := k.clean(); err != nil {
		return err
	}
	st, err := k.load()
	if err != nil {
		return err
	}
	if since := k.o.Now().Sub(st.Reached.At); since >= 0 && since < fresh {
		return nil // another process has just done it
	}
	if st.Snapshot != "" && k.o.Now().Sub(st.Taken) < k.o.Every && k.exists(st.Snapshot) {
		err := k.ship(ctx, st)
		if !k.o.Memory.Forked(err) {
			return err
		}
		k.o.Logger.WarnContext(ctx, "the journal of backups does not continue: Redis went back in time; a snapshot follows")
	}
	if _, err := k.snap(ctx); err != nil {
		return err
	}
	return k.prune()
}

// Snapshot makes a snapshot now and returns its file. It returns ErrBusy while another process makes a backup.
func (k *Keeper) Snapshot(ctx context.Context) (string, error) {
	held, err := k.o.Leases.TakeLease(ctx, leaseName, leaseSpan)
	if err != nil {
		return "", err
	}
	if !held {
		return "", ErrBusy
	}
	path, err := k.snap(ctx)
	return path, errors.Join(err, k.o.Leases.DropLease(context.WithoutCancel(ctx), leaseName))
}

func (k *Keeper) snap(ctx context.Context) (string, error) {
	from, err := k.o.Memory.Mark(ctx)
	if err != nil {
		return "", err
	}
	ring, err := k.o.Memory.Keyring(ctx)
	if err != nil {
		return "", err
	}
	now := k.o.Now().UTC()
	h := header{Kind: kindSnapshot, Snapshot: now.Format(idLayout), From: from, Made: now, Ring: map[string][]byte{}}
	for name, value := range ring {
		h.Ring[name] = []byte(value)
	}
	path, to, err := k.write(ctx, h, func(out func([]byte) error) (Point, error) {
		if err := k.o.Memory.Copy(ctx, from, out); err != nil {
			return Point{}, err
		}
		return k.o.Memory.Changes(ctx, from, out)
	})
	if err != nil {
		return "", fmt.Errorf("make snapshot: %w", err)
	}
	return path, k.save(state{Snapshot: h.Snapshot, Taken: now, Number: 1, Reached: to})
}

// ship writes the next segment. While nothing happens the same one is written again, so that it tells until when nothing did.
func (k *Keeper) ship(ctx context.Context, st state) error {
	h := header{Kind: kindJournal, Snapshot: st.Snapshot, Number: st.Number, From: st.Reached, Made: k.o.Now().UTC()}
	_, to, err := k.write(ctx, h, func(out func([]byte) error) (Point, error) { return k.o.Memory.Changes(ctx, st.Reached, out) })
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	next := state{Snapshot: st.Snapshot, Taken: st.Taken, Number: st.Number + 1, Reached: to}
	if to.same(st.Reached) {
		next.Number = st.Number
	}
	return k.save(next)
}

// tell alarms when the backups fail, and when they are well again.
func (k *Keeper) tell(ctx context.Context, failed error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	about := ""
	if failed != nil {
		about = strings.ReplaceAll(failed.Error(), "\n", "; ")
	}
	switch {
	case about != "" && k.trouble == "":
		k.o.Alarm(ctx, "backup_failed", about)
	case about == "" && k.trouble != "":
		k.o.Alarm(ctx, "backup_works_again", "the newest one reaches the present")
	}
	k.trouble = about
}

// Late says what is wrong with the backups, for the checks; empty while all is well.
func (k *Keeper) Late() string {
	st, err := k.load()
	if err != nil {
		return "the state of the backups cannot be read"
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	newest := st.Reached.At
	switch now := k.o.Now(); {
	case k.trouble != "":
		return k.trouble
	case newest.IsZero() && now.Sub(k.since) > late:
		return "none was made yet"
	case !newest.IsZero() && now.Sub(newest) > late && now.Sub(k.since) > late:
		return "the newest one reaches " + newest.UTC().Format(time.RFC3339)
	}
	return ""
}
