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
	User     int64  // whose talk it is in a group; 0 in a private chat
	Version  int64  // 0 for a chat that never talked
	Body     []byte // the caller's JSON
	Live     int    // the message that menus are edited into; 0 when not known
	Language string // chosen by the chat; empty until it was
	Since    time.Time
	Seen     bool   // the update asked about was handled before
	Customer int64  // the customer's number; 0 until one was given
	Held     bool   // notices wait for the person, see Welcome
	Shut     bool   // the person cannot be written to until they come back
	Muted    bool   // the person wants no announcements
	Staff    string // what the person is among those who run the shop; empty for everybody else
}

// TalkID names a talk: a private chat's, or that of one member in a group, so that members do not disturb each other.
type TalkID struct {
	Chat int64
	User int64 // 0 in a private chat
}

// member is how a talk is named in keys and queues.
func (id TalkID) member() string {
	name := strconv.FormatInt(id.Chat, 10)
	if id.User != 0 {
		name += ":" + strconv.FormatInt(id.User, 10)
	}
	return name
}

// talkID reads a name back.
func talkID(member string) TalkID {
	chat, user, _ := strings.Cut(member, ":")
	return TalkID{Chat: number(chat), User: number(user)}
}

// ID names the talk.
func (t Talk) ID() TalkID { return TalkID{Chat: t.Chat, User: t.User} }

// LoadTalk reads a private chat's talk, and whether an update was handled before; update 0 asks about none.
func (s *Store) LoadTalk(ctx context.Context, chat, update int64) (Talk, error) {
	return s.LoadTalkOf(ctx, TalkID{Chat: chat}, update)
}

// LoadTalkOf is LoadTalk for any talk.
func (s *Store) LoadTalkOf(ctx context.Context, id TalkID, update int64) (Talk, error) {
	user := id.User
	if user == 0 {
		user = id.Chat
	}
	both := s.rdb.Pipeline()
	fields := both.HMGet(ctx, s.keys.talkOf(id), "v", "b", "u", "m", "l", "at", "c", "x", "w", "q")
	role := both.HGet(ctx, s.keys.staff(), strconv.FormatInt(user, 10))
	if _, err := both.Exec(ctx); err != nil && !absent(err) {
		return Talk{}, fmt.Errorf("load talk: %w", err)
	}
	v, err := fields.Result()
	if err != nil {
		return Talk{}, fmt.Errorf("load talk: %w", err)
	}
	text := func(i int) string { t, _ := v[i].(string); return t }
	return Talk{
		Chat: id.Chat, User: id.User, Version: number(text(0)), Body: []byte(text(1)), Live: int(number(text(3))), Language: text(4),
		Since: moment(text(5)), Customer: number(text(6)), Shut: text(7) != "", Held: text(8) != "", Muted: text(9) != "", Staff: role.Val(),
		Seen: update != 0 && strings.Contains(text(2)+",", ","+strconv.FormatInt(update, 10)+","),
	}, nil
}

// SaveTalk keeps a talk that was loaded at t.Version, remembers the update (0 for none), and asks for a redraw unless Drawn comes
// first. It returns the new version, or ErrStale.
func (s *Store) SaveTalk(ctx context.Context, t Talk, update int64) (int64, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "save_talk", []string{k.talkOf(t.ID()), k.due(DueRedraw), k.leases(DueRedraw)},
		t.Version, t.Body, update, updatesRemembered, redrawAfter.Milliseconds(), t.ID().member(), t.Language)
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
func (s *Store) Drawn(ctx context.Context, id TalkID, version int64, live int) error {
	k := s.keys
	_, _, err := s.word(ctx, "drawn", []string{k.talkOf(id), k.due(DueRedraw), k.leases(DueRedraw)}, id.member(), version, live)
	return err
}

// Shut remembers that a person cannot be written to. Their next update in the private chat, and Reopen, take it back.
func (s *Store) Shut(ctx context.Context, user int64) error {
	if err := s.rdb.HSet(ctx, s.keys.talk(user), "x", "1").Err(); err != nil {
		return fmt.Errorf("shut chat: %w", err)
	}
	return nil
}

// Reopen remembers that a person can be written to again.
func (s *Store) Reopen(ctx context.Context, user int64) error {
	if err := s.rdb.HDel(ctx, s.keys.talk(user), "x").Err(); err != nil {
		return fmt.Errorf("reopen chat: %w", err)
	}
	return nil
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
