// Package store is the shop's memory: orders, wallets, sealed cards, reveal tokens, talks, due work and the audit record, in
// Redis. It decides nothing: each method is one atomic step, most of them one Lua script, and says what became of it.
//
// Scripts run on a real Redis (7.0 and later) and on the embedded one of the demo. All keys of a shop share one hash tag, so
// a step may touch all of them at once. Times come from Redis.
package store

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// What a caller branches on.
var (
	// ErrNotFound is a record that is not there.
	ErrNotFound = errors.New("record not found")
	// ErrStale means that somebody saved the talk in between: load it again.
	ErrStale = errors.New("talk was saved in between")
	// ErrFenced means that the work was taken over by another worker; nothing was written.
	ErrFenced = errors.New("lease was taken over")
	// ErrConflict is an id that was used before with other content; nothing was written.
	ErrConflict = errors.New("id was used with other content")
	// ErrClosed means that buying is switched off.
	ErrClosed = errors.New("buying is switched off")
	// ErrBehind means that the audit record is not linked recently enough to buy or to show.
	ErrBehind = errors.New("audit record is not linked")
	// ErrEdge is a step that the present state does not allow; nothing was written.
	ErrEdge = errors.New("state does not allow this step")
	// ErrRepeat is a code that was sold before in another placement; nothing was written.
	ErrRepeat = errors.New("code belongs to another placement")
	// ErrTaken is a supplier's order that another placement of ours owns, or a payment's number that another top-up has; nothing was
	// written.
	ErrTaken = errors.New("number belongs to another")
	// ErrMany means that a person has as many top-ups open as allowed; nothing was written.
	ErrMany = errors.New("too many top-ups are open")
	// ErrFull means that no account may be promised as much on this day; nothing was written.
	ErrFull = errors.New("every account has reached its ceiling of the day")
)

// ShortError is a balance below what was to be held or moved; nothing was written.
type ShortError struct {
	Balance int64 // minor units
}

// Error names the balance.
func (e *ShortError) Error() string {
	return "balance of " + strconv.FormatInt(e.Balance, 10) + " is short"
}

// PausedError is a supplier that does not sell now; nothing was written.
type PausedError struct {
	Reason string
}

// Error names the reason.
func (e *PausedError) Error() string { return "supplier is paused: " + e.Reason }

// Options configure a Store.
type Options struct {
	URL       string                                       // redis://, rediss://, unix://, redis+sentinel://, or comma-separated addresses of a cluster
	Shop      string                                       // the hash tag
	Offset    func() time.Duration                         // added to Redis' time; nil outside demo and crash tests
	Failpoint func(ctx context.Context, name string) error // called around every script; nil outside crash tests
	Trip      func(command string, took time.Duration)     // told of every round trip to Redis; nil for nobody
	Logger    *slog.Logger                                 // for the remarks of go-redis, which has one logger for the whole process; may be nil

	roots *x509.CertPool // whom rediss:// trusts; nil, outside of tests, for the system's authorities
}

// Store is one shop's memory. It is safe for concurrent use.
type Store struct {
	rdb     redis.UniversalClient
	keys    keys
	o       Options
	scripts map[string]*redis.Script
	holder  string // names this process in leases

	replicas atomic.Int64 // of Redis, when it was checked last
	trimmed  atomic.Int64 // entries of the record that were removed, when macs were read last
}

// Open connects. It returns an error when the address cannot be understood or Redis does not answer.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Logger != nil {
		redis.SetLogger(remarks{o.Logger})
	}
	rdb, err := dial(o.URL, o.roots)
	if err != nil {
		return nil, err
	}
	s, err := New(rdb, o)
	if err != nil {
		return nil, err
	}
	if err := s.ping(ctx); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("reach redis: %w", err)
	}
	return s, nil
}

// New wraps a client that is already connected.
func New(rdb redis.UniversalClient, o Options) (*Store, error) {
	if o.Shop == "" || strings.ContainsAny(o.Shop, "{}: \t\n") {
		return nil, fmt.Errorf("shop name %q: use letters, digits and dashes", o.Shop)
	}
	scripts, err := load()
	if err != nil {
		return nil, err
	}
	if o.Trip != nil {
		rdb.AddHook(trips{o.Trip})
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id)
	return &Store{rdb: rdb, keys: keys{shop: o.Shop}, o: o, scripts: scripts, holder: hex.EncodeToString(id)}, nil
}

func (s *Store) ping(ctx context.Context) error {
	node, err := s.node(ctx)
	if err != nil {
		return err
	}
	return node.Ping(ctx).Err()
}

// Close ends the connections.
func (s *Store) Close() error { return s.rdb.Close() }

// Now is the shop's time: Redis' clock with the offset.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	node, err := s.node(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("read time: %w", err)
	}
	t, err := node.Time(ctx).Result()
	if err != nil {
		return time.Time{}, fmt.Errorf("read time: %w", err)
	}
	return t.Add(s.offset()), nil
}

func (s *Store) offset() time.Duration {
	if s.o.Offset == nil {
		return 0
	}
	return s.o.Offset()
}
