package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Archive moves the beginning of the record from one text to another, which the caller can read, if it still is the former. From then on
// entries up to there are not part of the record; Trim removes them. It returns ErrStale otherwise.
func (s *Store) Archive(ctx context.Context, from, to string, e Event) error {
	k := s.keys
	word, _, err := s.word(ctx, "archive", []string{k.head(), k.events(), k.seq(), k.orderEvents(e.Order), k.personEvents(e.Person)}, from, to,
		e.pack())
	if err != nil {
		return err
	}
	if word != "ok" {
		return ErrStale
	}
	return nil
}

// Trim removes the oldest entries of the record, which these have to be, with their macs and their places in all indexes. groups are the
// pseudonyms of the groups that the entries concern, in their order, empty for none. It returns ErrStale when the record begins with another
// entry.
func (s *Store) Trim(ctx context.Context, events []Event, groups []string) error {
	if len(events) == 0 {
		return nil
	}
	lists := filing{ids: map[string][]string{}}
	for i, e := range events {
		for _, key := range s.eventIndexes(e) {
			lists.add(key, e.ID)
		}
		s.file(&lists, e, groups[i])
	}
	ms, seq, err := parseID(events[len(events)-1].ID)
	if err != nil {
		return err
	}
	args := append([]any{len(events), events[0].ID, fmt.Sprintf("%d-%d", ms, seq+1)}, lists.args()...)
	word, _, err := s.word(ctx, "trim", append([]string{s.keys.head(), s.keys.events(), s.keys.macs()}, lists.keys...), args...)
	if err != nil {
		return err
	}
	if word != "ok" {
		return ErrStale
	}
	return nil
}

// filing collects which ids belong into which lists.
type filing struct {
	keys []string
	ids  map[string][]string
}

func (f *filing) add(key, id string) {
	if f.ids[key] == nil {
		f.keys = append(f.keys, key)
	}
	f.ids[key] = append(f.ids[key], id)
}

// args are the ids of each list, as the scripts take them.
func (f *filing) args() []any {
	args := make([]any, len(f.keys))
	for i, key := range f.keys {
		args[i] = strings.Join(f.ids[key], " ")
	}
	return args
}

// file adds the lists by kind, actor and group that a linked event belongs into. Acts of the shop itself are found by kind only.
func (s *Store) file(f *filing, e Event, group string) {
	f.add(s.keys.kindEvents(e.Kind), e.ID)
	if e.Actor != "" && e.Actor != "system" {
		f.add(s.keys.actorEvents(e.Actor), e.ID)
	}
	if group != "" {
		f.add(s.keys.groupEvents(group), e.ID)
	}
}

// parseID reads an entry's id: milliseconds, and which one of them.
func parseID(id string) (ms, seq uint64, err error) {
	before, after, found := strings.Cut(id, "-")
	if ms, err = strconv.ParseUint(before, 10, 64); err == nil && found {
		seq, err = strconv.ParseUint(after, 10, 64)
	}
	if err != nil || !found {
		return 0, 0, fmt.Errorf("read event id: %q is none", id)
	}
	return ms, seq, nil
}

// Within tells whether an entry is not behind another one, by their ids. An id that cannot be read is behind every other.
func Within(id, last string) bool {
	ms, seq, err := parseID(id)
	if err != nil {
		return false
	}
	most, of, err := parseID(last)
	return err == nil && (ms < most || ms == most && seq <= of)
}

// Macs reads n macs of linked events from position from on, counted from the shop's first entry. Macs of entries that were trimmed are gone.
func (s *Store) Macs(ctx context.Context, from, n int64) ([][]byte, error) {
	for first := s.trimmed.Load(); ; {
		var gone *redis.StringCmd
		var list *redis.StringSliceCmd
		_, err := s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
			at, to := from-first, from-first+n-1
			if at < 0 || n <= 0 {
				at, to = 1, 0
			}
			gone, list = p.HGet(ctx, s.keys.head(), "gone"), p.LRange(ctx, s.keys.macs(), at, to)
			return nil
		})
		if present(err) != nil {
			return nil, fmt.Errorf("read macs: %w", err)
		}
		if now := number(gone.Val()); now != first { // somebody trims
			first = now
			s.trimmed.Store(first)
			continue
		}
		macs := make([][]byte, len(list.Val()))
		for i, m := range list.Val() {
			macs[i] = []byte(m)
		}
		return macs, nil
	}
}

// Trimmed is how many of the record's linked entries are not here any more.
func (s *Store) Trimmed(ctx context.Context) (int64, error) {
	_, err := s.Macs(ctx, 0, 0)
	return s.trimmed.Load(), err
}
