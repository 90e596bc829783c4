package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// BroadcastState is how far a text to every customer has come.
type BroadcastState string

// The states. The process that sends it ends it, also when it was canceled: only then all that is on its way is known.
const (
	BroadcastRunning   BroadcastState = "running"
	BroadcastPaused    BroadcastState = "paused"
	BroadcastCanceling BroadcastState = "canceling"
	BroadcastOver      BroadcastState = "over"
)

// Fate is what became of one person's copy of a broadcast.
type Fate string

// The fates. Unsure is a copy that had left, or had not, when the process died or the line broke: it is not sent again.
const (
	FateSent    Fate = "sent"
	FateBlocked Fate = "blocked" // the person cannot be written to
	FateBanned  Fate = "banned"
	FateMuted   Fate = "muted"  // the person wants no announcements
	FateFailed  Fate = "failed" // Telegram refused it for good
	FateUnsure  Fate = "unsure"
	FateAgain   Fate = "again"  // surely not sent: it is tried again
	FateNobody  Fate = "nobody" // a place in the row that no customer has
)

// Broadcast is the latest text to every customer.
type Broadcast struct {
	ID       string
	State    BroadcastState
	Doc      []byte // what is sent, as the caller's JSON
	Next     int64  // place in the row of customers that comes next
	End      int64  // how many places there were when it began
	Again    int64  // people who are tried again
	OnTheWay int64
	Fates    map[Fate]int64
	Version  string // changes with every step
	Began    time.Time
	Ended    time.Time // zero until it is over
}

// BroadcastStep is one step of a broadcast. From empty begins it, with Doc and End.
type BroadcastStep struct {
	From    []BroadcastState
	To      BroadcastState
	Version string // as it was read; empty for whichever
	News    string // member of DueNews that tells of it; empty for none
	Event   Event
	Doc     []byte
	End     int64
}

// Broadcast reads the latest one. It returns ErrNotFound when there was none.
func (s *Store) Broadcast(ctx context.Context) (Broadcast, error) {
	p := s.rdb.TxPipeline()
	hash, again, way := p.HGetAll(ctx, s.keys.broadcast()), p.ZCard(ctx, s.keys.mailAgain()), p.HVals(ctx, s.keys.mailWay())
	if _, err := p.Exec(ctx); err != nil {
		return Broadcast{}, fmt.Errorf("read broadcast: %w", err)
	}
	f := hash.Val()
	if f["id"] == "" {
		return Broadcast{}, ErrNotFound
	}
	b := Broadcast{ID: f["id"], State: BroadcastState(f["st"]), Doc: []byte(f["doc"]), Next: number(f["next"]), End: number(f["end"]),
		Again: again.Val(), Fates: map[Fate]int64{}, Version: f["v"], Began: moment(f["at"]), Ended: moment(f["till"])}
	for _, fate := range []Fate{FateSent, FateBlocked, FateBanned, FateMuted, FateFailed, FateUnsure} {
		b.Fates[fate] = number(f[string(fate)])
	}
	for _, v := range way.Val() {
		if v != string(FateUnsure) {
			b.OnTheWay++
		}
	}
	return b, nil
}

// StepBroadcast begins a broadcast or takes a step once; beginning it twice with one id is no error. It returns ErrTaken while another
// one has not ended, ErrNotFound when id is not the latest one, ErrEdge where it stands otherwise, and ErrStale.
func (s *Store) StepBroadcast(ctx context.Context, id string, st BroadcastStep) error {
	from := make([]string, len(st.From))
	for i, f := range st.From {
		from[i] = string(f)
	}
	k, e := s.keys, st.Event
	word, _, err := s.word(ctx, "broadcast", []string{k.broadcast(), k.mailWay(), k.mailAgain(), k.due(DueNews), k.leases(DueNews), k.events(), k.seq(),
		k.orderEvents(e.Order), k.personEvents(e.Person)},
		id, strings.Join(from, ","), string(st.To), st.Version, st.News, e.pack(), st.End, st.Doc)
	if err != nil || word == "ok" || word == "same" {
		return err
	}
	return refusal(word)
}

// BeginMailing makes a session the one that sends the broadcast, until another one begins. Who was on their way is unsure from then on;
// it tells how many they are. It returns ErrEdge when that broadcast is not to be sent now.
func (s *Store) BeginMailing(ctx context.Context, id, session string) (int64, error) {
	word, rest, err := s.word(ctx, "mailing", []string{s.keys.broadcast(), s.keys.mailWay()}, id, session)
	if err != nil {
		return 0, err
	}
	if word != "ok" {
		return 0, ErrEdge
	}
	return number(rest[0]), nil
}

// TakeMail puts the customer at a place of the row on their way, or, with a fate, leaves them out and counts them. Place -1 is somebody
// who is tried again. It returns ErrFenced when the broadcast stopped or another session sends it, and ErrStale when somebody else is next.
func (s *Store) TakeMail(ctx context.Context, session string, user, place int64, fate Fate) error {
	at := ""
	if place >= 0 {
		at = strconv.FormatInt(place, 10)
	}
	word, _, err := s.word(ctx, "mail_take", []string{s.keys.broadcast(), s.keys.mailWay(), s.keys.mailAgain()}, session, user, at, string(fate))
	switch {
	case err != nil:
		return err
	case word == "stop":
		return ErrFenced
	case word == "moved":
		return ErrStale
	}
	return nil
}

// EndMail tells what became of a copy that was on its way; after is when FateAgain is tried again. Telling it twice changes nothing.
func (s *Store) EndMail(ctx context.Context, id string, user int64, fate Fate, after time.Duration) error {
	_, _, err := s.word(ctx, "mail_end", []string{s.keys.broadcast(), s.keys.mailWay(), s.keys.mailAgain()}, id, user, string(fate), after.Milliseconds())
	return err
}

// MailAgain reads who is tried again next, and how long that is away; user 0 when there is nobody.
func (s *Store) MailAgain(ctx context.Context) (user int64, wait time.Duration, err error) {
	list, err := s.rdb.ZRangeWithScores(ctx, s.keys.mailAgain(), 0, 0).Result()
	if err != nil || len(list) == 0 {
		return 0, 0, present(err)
	}
	now, err := s.Now(ctx)
	if err != nil {
		return 0, 0, err
	}
	member, _ := list[0].Member.(string)
	return number(member), max(0, time.UnixMilli(int64(list[0].Score)).Sub(now)), nil
}

// Addressee is a customer as a broadcast meets them.
type Addressee struct {
	Talk
	Place  int64 // in the row of customers; Chat is 0 where nobody has it
	Banned bool
}

// Addressees reads who has the places from one on in the row of customers, in which everybody stands who ever wrote to the bot in private.
func (s *Store) Addressees(ctx context.Context, from, to int64) ([]Addressee, error) {
	numbers := make([]string, 0, to-from)
	for place := from; place < to; place++ {
		numbers = append(numbers, strconv.FormatInt(numberAt(place), 10))
	}
	if len(numbers) == 0 {
		return nil, nil
	}
	users, err := s.rdb.HMGet(ctx, s.keys.customers(), numbers...).Result()
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	all := make([]Addressee, len(users))
	for i, u := range users {
		text, _ := u.(string)
		all[i].Chat, all[i].Place = number(text), from+int64(i)
	}
	return all, s.meet(ctx, all)
}

// Addressee reads one of them again.
func (s *Store) Addressee(ctx context.Context, user int64) (Addressee, error) {
	one := []Addressee{{Talk: Talk{Chat: user}, Place: -1}}
	err := s.meet(ctx, one)
	return one[0], err
}

// meet fills in how people stand now.
func (s *Store) meet(ctx context.Context, all []Addressee) error {
	fields, bans := make([]*redis.SliceCmd, len(all)), make([]*redis.BoolCmd, len(all))
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, a := range all {
			fields[i] = p.HMGet(ctx, s.keys.talk(a.Chat), "l", "b", "x", "q")
			bans[i] = p.HExists(ctx, s.keys.banned(), strconv.FormatInt(a.Chat, 10))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read customers: %w", err)
	}
	for i := range all {
		v := fields[i].Val()
		text := func(i int) string { t, _ := v[i].(string); return t }
		a := &all[i]
		a.Language, a.Body, a.Shut, a.Muted, a.Banned = text(0), []byte(text(1)), text(2) != "", text(3) != "", bans[i].Val()
	}
	return nil
}

// numberAt is the number of the customer at a place of the row, as the script customer gives them.
func numberAt(place int64) int64 {
	first := int64(1000)
	for place >= 9*first {
		place, first = place-9*first, 10*first
	}
	return first + (place*7919+3821)%(9*first)
}

// Mute remembers that a person wants no announcements, or wants them again.
func (s *Store) Mute(ctx context.Context, user int64, on bool) error {
	var err error
	if on {
		err = s.rdb.HSet(ctx, s.keys.talk(user), "q", "1").Err()
	} else {
		err = s.rdb.HDel(ctx, s.keys.talk(user), "q").Err()
	}
	if err != nil {
		return fmt.Errorf("mute announcements: %w", err)
	}
	return nil
}
