package checkout

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cardrop/store"
)

// ErrFullList is a list of favorites or of watched lines that holds as many as it may.
var ErrFullList = store.ErrFullList

// noteHour is when the daily note of what changed goes out, by the shop's clock.
const noteHour = 9

// newsDaily begins the name of such a note in the queue; whose wallet it is for follows.
const newsDaily = "daily:"

// Star makes a line one of a person's favorites, or ends that. It returns ErrFullList.
func (s *Shop) Star(ctx context.Context, user int64, code string, on bool) error {
	return s.o.Store.Star(ctx, user, code, on)
}

// Stars lists a person's favorites by short code, the newest first.
func (s *Shop) Stars(ctx context.Context, user int64) ([]string, error) {
	return s.o.Store.Stars(ctx, user)
}

// Known finds lines by their short codes as they were read last; it asks no supplier. What is not sold is missing; a line that is one with
// another is that one.
func (s *Shop) Known(ctx context.Context, codes []string) (map[string]Line, error) {
	all, err := s.Families(ctx)
	if err != nil {
		return nil, err
	}
	lines := map[string]Line{}
	for _, f := range all {
		for _, l := range f.Lines {
			lines[l.Code] = l
		}
	}
	found, said := map[string]Line{}, s.arranged.Load()
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	for _, code := range codes {
		if l, ok := lines[s.lead(said, code)]; ok {
			found[code] = l
		}
	}
	return found, nil
}

// Watch has the owner of a wallet told each day what changed about a line, in the language of who asked. It returns ErrFullList, and
// ErrNotFound for a line that is not sold.
func (s *Shop) Watch(ctx context.Context, account, code string, by int64, language string) error {
	known, err := s.Known(ctx, []string{code})
	if err != nil {
		return err
	}
	l, ok := known[code]
	if !ok {
		return ErrNotFound
	}
	_, next, err := s.nextNote(ctx)
	if err != nil {
		return err
	}
	return s.o.Store.Watch(ctx, account, code, recall(l), store.Watch{By: by, Language: language}, newsDaily+account, next)
}

// Unwatch ends that for some lines, or for all when none is named.
func (s *Shop) Unwatch(ctx context.Context, account string, codes ...string) error {
	return s.o.Store.Unwatch(ctx, account, codes...)
}

// Watched reads what the owner of a wallet is told about.
func (s *Shop) Watched(ctx context.Context, account string) (store.Watch, error) {
	return s.o.Store.Watched(ctx, account)
}

// NoteFor tells whose wallet a member of the queue of news is about, when it is a daily note.
func NoteFor(member string) (account string, ok bool) { return strings.CutPrefix(member, newsDaily) }

// Change is what there is to tell about a watched line.
type Change struct {
	Line Line
	Old  int64 // its former price, minor units; 0 when that is the same
	Back bool  // it is there again
}

// Note is what changed about watched lines since the last one.
type Note struct {
	Changes []Change // by short code
	Told    map[string]string
	Watch   store.Watch
}

// Note compares the watched lines with what was told last. Prices are those of the context's customer.
func (s *Shop) Note(ctx context.Context, account string) (Note, error) {
	w, err := s.o.Store.Watched(ctx, account)
	if err != nil {
		return Note{}, err
	}
	n := Note{Watch: w, Told: map[string]string{}}
	known, err := s.Known(ctx, slices.Collect(maps.Keys(w.Lines)))
	if err != nil {
		return Note{}, err
	}
	for _, code := range slices.Sorted(maps.Keys(w.Lines)) {
		price, there, ok := recalled(w.Lines[code])
		l, sold := known[code]
		if !sold || !buyable(l) { // what its price does meanwhile is told when it is there again
			n.Told[code] = itoa(price) + "|0"
			continue
		}
		n.Told[code] = recall(l)
		now := Change{Line: l, Back: ok && !there}
		if price != 0 && price != l.Price {
			now.Old = price
		}
		if now.Back || now.Old != 0 {
			n.Changes = append(n.Changes, now)
		}
	}
	return n, nil
}

// NoteTold remembers what a note has told, and returns how long it is until the next one; 0 when nothing is watched any more.
func (s *Shop) NoteTold(ctx context.Context, account string, told map[string]string) (time.Duration, error) {
	if err := s.o.Store.Told(ctx, account, told); err != nil {
		return 0, err
	}
	w, err := s.o.Store.Watched(ctx, account)
	if err != nil || len(w.Lines) == 0 {
		return 0, err
	}
	now, next, err := s.nextNote(ctx)
	return next.Sub(now), err
}

// nextNote is the time now, and when the next note goes out.
func (s *Shop) nextNote(ctx context.Context) (now, next time.Time, err error) {
	if now, err = s.o.Store.Now(ctx); err != nil {
		return now, next, err
	}
	local := now.In(s.zone())
	for day := 0; !next.After(now); day++ {
		next = time.Date(local.Year(), local.Month(), local.Day()+day, noteHour, 0, 0, 0, s.zone())
	}
	return now, next, nil
}

// buyable tells whether a line can be bought as far as is known.
func buyable(l Line) bool { return l.Price > 0 && l.Product.Stock != 0 && !l.Product.Disabled }

// recall is a line's price and whether it is there, as it is remembered.
func recall(l Line) string {
	there := "0"
	if buyable(l) {
		there = "1"
	}
	return itoa(l.Price) + "|" + there
}

// recalled reads what recall wrote; false for anything else.
func recalled(text string) (price int64, there, ok bool) {
	before, after, found := strings.Cut(text, "|")
	price, err := strconv.ParseInt(before, 10, 64)
	return price, after == "1", found && err == nil
}
