package store

import (
	"context"
	"maps"
	"time"
)

// denialsKept is how long counts of denied acts are kept after the last line about them.
const denialsKept = 30 * 24 * time.Hour

// MoreDenied is the key in an event's data that tells how many more acts of its kind came since the line before.
const MoreDenied = "more"

// Deny records an act that was not allowed: one line for each kind of act of a person in a while. Acts in between are counted, and the
// next line tells how many they were, under MoreDenied. It tells whether this one was recorded. The event's person and act name the
// kind.
func (s *Store) Deny(ctx context.Context, e Event, act string, while time.Duration) (bool, error) {
	k, more := s.keys, e
	more.Data = maps.Clone(e.Data)
	if more.Data == nil {
		more.Data = map[string]string{}
	}
	more.Data[MoreDenied] = "@"
	word, _, err := s.word(ctx, "deny", []string{k.denials(e.Person), k.events(), k.seq(), k.orderEvents(e.Order), k.personEvents(e.Person)},
		act, while.Milliseconds(), e.pack(), more.pack(), denialsKept.Milliseconds())
	return word == "recorded", err
}
