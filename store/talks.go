package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// How a talk is kept.
const (
	updatesRemembered = 50              // ids of updates whose effect is stored, a chat
	redrawAfter       = 5 * time.Second // when a reply that was not confirmed is drawn again
)

// Talk is one chat's conversation.
type Talk struct {
	Chat     int64
	Version  int64  // 0 for a chat that never talked
	Body     []byte // the caller's JSON
	Live     int    // the message that menus are edited into; 0 when not known
	Language string // chosen by the chat; empty until it was
	Since    time.Time
	Seen     bool // the update asked about was handled before
}

// LoadTalk reads a chat's talk, and whether an update was handled before; update 0 asks about none.
func (s *Store) LoadTalk(ctx context.Context, chat, update int64) (Talk, error) {
	v, err := s.rdb.HMGet(ctx, s.keys.talk(chat), "v", "b", "u", "m", "l", "at").Result()
	if err != nil {
		return Talk{}, fmt.Errorf("load talk: %w", err)
	}
	text := func(i int) string { t, _ := v[i].(string); return t }
	return Talk{
		Chat: chat, Version: number(text(0)), Body: []byte(text(1)), Live: int(number(text(3))), Language: text(4),
		Since: moment(text(5)),
		Seen:  update != 0 && strings.Contains(text(2)+",", ","+strconv.FormatInt(update, 10)+","),
	}, nil
}

// SaveTalk keeps a talk that was loaded at t.Version, remembers the update (0 for none), and asks for a redraw unless Drawn comes
// first. It returns the new version, or ErrStale.
func (s *Store) SaveTalk(ctx context.Context, t Talk, update int64) (int64, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "save_talk", []string{k.talk(t.Chat), k.due(DueRedraw), k.leases(DueRedraw)},
		t.Version, t.Body, update, updatesRemembered, redrawAfter.Milliseconds(), t.Chat, t.Language)
	if err != nil {
		return 0, err
	}
	if word != "ok" {
		return 0, refusal(word)
	}
	return number(rest[0]), nil
}

// Drawn takes the redraw back once the reply of this version was sent, and remembers the live message (0 keeps the former).
// A newer version keeps its own redraw; that is no error.
func (s *Store) Drawn(ctx context.Context, chat, version int64, live int) error {
	k := s.keys
	_, _, err := s.word(ctx, "drawn", []string{k.talk(chat), k.due(DueRedraw), k.leases(DueRedraw)}, chat, version, live)
	return err
}

// TakeLease makes this process the holder of a named duty, or renews it. It returns false while another holds it.
func (s *Store) TakeLease(ctx context.Context, name string, ttl time.Duration) (bool, error) {
	word, _, err := s.word(ctx, "lease", []string{s.keys.lease(name)}, s.holder, ttl.Milliseconds())
	return word == "held", err
}

// DropLease gives a duty back, if it is ours.
func (s *Store) DropLease(ctx context.Context, name string) error {
	_, _, err := s.word(ctx, "lease", []string{s.keys.lease(name)}, s.holder, 0)
	return err
}

// Throttle shares that Telegram wants a chat (0: the whole bot) left alone for d.
func (s *Store) Throttle(ctx context.Context, chat int64, d time.Duration) error {
	_, err := s.run(ctx, "throttle", []string{s.keys.throttle()}, chat, d.Milliseconds())
	return err
}

// Throttled reads how long each throttled chat has still to be left alone.
func (s *Store) Throttled(ctx context.Context) (map[int64]time.Duration, error) {
	out, err := s.run(ctx, "throttle", []string{s.keys.throttle()}, "", 0)
	if err != nil {
		return nil, err
	}
	left := map[int64]time.Duration{}
	for i := 0; i+1 < len(out); i += 2 {
		left[number(out[i])] = time.Duration(number(out[i+1])) * time.Millisecond
	}
	return left, nil
}
