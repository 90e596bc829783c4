package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cardrop/store"
)

// ErrBroadcasting is a broadcast that cannot begin because another one has not ended.
var ErrBroadcasting = errors.New("another broadcast has not ended")

// broadcastNews begins the member of the queue of news that tells an admin of a broadcast's end.
const broadcastNews = "cast:"

// BroadcastFor is the id of the broadcast whose end a member of the queue of news tells of.
func BroadcastFor(member string) (string, bool) { return strings.CutPrefix(member, broadcastNews) }

// Broadcast is a text to every customer, in one language or several, and how far it has come.
type Broadcast struct {
	store.Broadcast
	Text BroadcastText
}

// BroadcastText is what is sent, and who began it.
type BroadcastText struct {
	Admin int64             `json:"a"`
	By    map[string]string `json:"t"` // language → text, plain and short enough for one message
}

// Broadcast reads the latest one; the zero one when there was none.
func (s *Shop) Broadcast(ctx context.Context) (Broadcast, error) {
	b, err := s.o.Store.Broadcast(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return Broadcast{}, nil
	}
	if err != nil {
		return Broadcast{}, err
	}
	all := Broadcast{Broadcast: b}
	if err := json.Unmarshal(b.Doc, &all.Text); err != nil {
		return Broadcast{}, fmt.Errorf("read broadcast: %w", err)
	}
	return all, nil
}

// BeginBroadcast begins to send texts to everybody who ever wrote to the bot in private; a second call with one id changes nothing. The
// texts themselves are not on record, their hash is. It returns ErrBroadcasting.
func (s *Shop) BeginBroadcast(ctx context.Context, admin int64, id string, texts map[string]string) error {
	doc, err := json.Marshal(BroadcastText{Admin: admin, By: texts})
	if err != nil {
		return fmt.Errorf("write broadcast: %w", err)
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	people, _, err := s.o.Store.Counts(ctx)
	if err != nil {
		return err
	}
	said, err := json.Marshal(texts) // a map is written in the order of its keys
	if err != nil {
		return fmt.Errorf("write broadcast: %w", err)
	}
	hash := sha256.Sum256(said)
	err = s.o.Store.StepBroadcast(ctx, id, store.BroadcastStep{To: store.BroadcastRunning, Doc: doc, End: people,
		Event: store.Event{Kind: EventCastBegun, Actor: actor, Data: map[string]string{"broadcast": id, "people": itoa(people),
			"languages": itoa(len(texts)), "text": hex.EncodeToString(hash[:16])}}})
	if errors.Is(err, store.ErrTaken) {
		return ErrBroadcasting
	}
	return err
}

// PauseBroadcast lets nobody else be sent to until ResumeBroadcast. Both, and CancelBroadcast, return ErrNotFound when that broadcast is not
// the latest one or does not stand so that this can be.
func (s *Shop) PauseBroadcast(ctx context.Context, admin int64, id string) error {
	return s.steerBroadcast(ctx, admin, id, EventCastPaused, store.BroadcastPaused, store.BroadcastRunning)
}

// ResumeBroadcast goes on after PauseBroadcast.
func (s *Shop) ResumeBroadcast(ctx context.Context, admin int64, id string) error {
	return s.steerBroadcast(ctx, admin, id, EventCastResumed, store.BroadcastRunning, store.BroadcastPaused)
}

// CancelBroadcast ends it before everybody was sent to. It is over a moment later, when all that is on its way is known.
func (s *Shop) CancelBroadcast(ctx context.Context, admin int64, id string) error {
	return s.steerBroadcast(ctx, admin, id, EventCastCanceled, store.BroadcastCanceling, store.BroadcastRunning, store.BroadcastPaused)
}

func (s *Shop) steerBroadcast(ctx context.Context, admin int64, id, kind string, to store.BroadcastState, from ...store.BroadcastState) error {
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	err = s.o.Store.StepBroadcast(ctx, id, store.BroadcastStep{From: from, To: to,
		Event: store.Event{Kind: kind, Actor: actor, Data: map[string]string{"broadcast": id}}})
	if errors.Is(err, store.ErrEdge) || errors.Is(err, store.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

// ended is the line on record with what became of everybody.
func (b Broadcast) ended() store.Event {
	data := map[string]string{"broadcast": b.ID, "left": itoa(b.End - b.Next + b.Again)}
	for fate, n := range b.Fates {
		data[string(fate)] = itoa(n)
	}
	return store.Event{Kind: EventCastOver, Actor: system, Data: data}
}
