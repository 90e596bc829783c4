package checkout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"cardrop/store"
)

// Sighting is what was last written down about Redis outside of it: the head of the record, and the number of the latest claim. Both
// only grow; a Redis that knows less has gone back in time.
type Sighting struct {
	Seq   int64     // linked entries
	ID    string    // of the last one
	Hash  string    // the head, hex
	Fence int64     // number of the latest claim of a placement
	At    time.Time // when it was written down
}

// witness keeps a Sighting where Redis cannot lose it.
type witness interface {
	Sighted() (Sighting, error) // the zero Sighting when nothing was written down yet
	Sight(at Sighting) error    // durable when it returns

	Checkpoint(c Checkpoint) error             // durable when it returns; adds to those before
	LastCheckpoint() (Checkpoint, error)       // the zero Checkpoint when there is none
	Checkpoints() iter.Seq2[Checkpoint, error] // oldest first; ends behind an error
}

// Why buying is stopped until somebody acts, or until it can be written down again.
const (
	wentBack  = "went_back"
	unwitness = "witness"
)

// console is the actor of what somebody did at the machine itself.
const console = "console"

// errUnseen is a witness that does not work.
var errUnseen = errors.New("the record's head is not written down")

// ErrWentBack means that Redis has forgotten what it once confirmed: a restored backup, a cut file, a failover. Nothing is bought until
// a person has looked and accepted what is left.
var ErrWentBack = errors.New("redis went back in time")

// CheckHistory compares Redis with what was last written down about it and with what this process saw of it, and stops buying when
// Redis knows less. It is called before anything is bought, at every tick of the notary, and before a supplier is asked to sell.
// Showing and removing cards go on. It returns ErrWentBack while the two do not fit.
func (s *Shop) CheckHistory(ctx context.Context) error {
	known := s.known()
	var seen Sighting
	if s.o.Witness != nil { // read before Redis is: another process may write it at any time
		var err error
		if seen, err = s.o.Witness.Sighted(); err != nil {
			return errors.Join(errUnseen, err, s.bar(ctx, unwitness, "the file with the record's head cannot be read"))
		}
	}
	head, err := s.o.Store.Head(ctx)
	if err != nil {
		return err
	}
	fence, err := s.o.Store.Fence(ctx)
	if err != nil {
		return err
	}
	descends, err := s.descends(ctx, seen, head)
	if err != nil {
		return err
	}
	if lost := s.learn(known, fence); !lost && descends && fence >= seen.Fence {
		return nil
	}
	s.mu.Lock()
	s.backTo = earliest(s.o.Now(), head.At, s.backTo)
	s.mu.Unlock()
	return errors.Join(ErrWentBack, s.bar(ctx, wentBack, fmt.Sprintf(
		"Redis forgot what it had confirmed. Entry %d was written down, claim %d was given out; now it knows entry %d and claim %d",
		seen.Seq, max(known, seen.Fence), head.Seq, fence)))
}

// known is the highest number of a claim that Redis gave out to this process.
func (s *Shop) known() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fence
}

// learn takes note of a number that Redis named after known was read, and tells whether it is lower. It tells so once for each loss:
// the bar in Redis stays.
func (s *Shop) learn(known, now int64) (lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now < known {
		s.fence = now
		return true
	}
	s.fence = max(s.fence, now)
	return false
}

// learnClaim is learn for a claim: its number is a new one, so it is above every number known before. Otherwise Redis lost claims in
// between, and the order may have been bought under one of them.
func (s *Shop) learnClaim(ctx context.Context, known int64, c store.Claim) error {
	if c.Fence > known {
		s.learn(known, c.Fence)
		return nil
	}
	s.learn(known, c.Fence)
	return errors.Join(ErrWentBack, s.bar(ctx, wentBack, fmt.Sprintf(
		"Redis forgot what it had confirmed: claim %d was given out before, and now claim %d", known, c.Fence)))
}

// descends tells whether a head continues the chain that was seen.
func (s *Shop) descends(ctx context.Context, seen Sighting, head store.Head) (bool, error) {
	if seen.Seq == 0 || head.Seq < seen.Seq {
		return seen.Seq == 0, nil
	}
	at := store.Head{Hash: seen.Hash, ID: seen.ID, Seq: seen.Seq}
	for at.Seq < head.Seq {
		n := min(linkBatch, head.Seq-at.Seq)
		events, err := s.o.Store.EventsAfter(ctx, at.ID, int(n))
		if err != nil {
			return false, err
		}
		if int64(len(events)) < n {
			return false, nil
		}
		if at, _, err = s.chain(at, events); err != nil {
			return false, err
		}
	}
	return at.Hash == head.Hash, nil
}

// sight writes down what Redis knows now. While that fails nothing is bought: a loss would go unnoticed.
func (s *Shop) sight(ctx context.Context, head store.Head) error {
	if s.o.Witness == nil {
		return nil
	}
	fence, err := s.o.Store.Fence(ctx)
	if err != nil {
		return err
	}
	seen, err := s.o.Witness.Sighted()
	if err == nil && (seen.Seq != head.Seq || seen.Hash != head.Hash || seen.Fence != fence) {
		err = s.o.Witness.Sight(s.sighting(head, fence))
	}
	if err != nil {
		return errors.Join(errUnseen, err, s.bar(ctx, unwitness, "the file with the record's head cannot be written"))
	}
	barred, err := s.o.Store.Barred(ctx, unwitness)
	if err != nil || !barred {
		return err
	}
	return s.lift(ctx, unwitness)
}

func (s *Shop) sighting(head store.Head, fence int64) Sighting {
	return Sighting{Seq: head.Seq, ID: head.ID, Hash: head.Hash, Fence: fence, At: s.o.Now().UTC()}
}

// bar stops buying for a cause and alarms when that is new.
func (s *Shop) bar(ctx context.Context, cause, about string) error {
	changed, err := s.o.Store.Bar(ctx, cause, true, switched(cause))
	if changed {
		s.alarm(ctx, "buying_stopped", about)
	}
	return err
}

// lift ends a cause.
func (s *Shop) lift(ctx context.Context, cause string) error {
	_, err := s.o.Store.Bar(ctx, cause, false, switched(cause+"_over"))
	return err
}

func switched(reason string) store.Event {
	return store.Event{Kind: EventSwitched, Actor: system, Data: map[string]string{"reason": reason}}
}

// mayAsk refuses to have a supplier asked to sell while Redis is known to have gone back: an order of a restored Redis may have been
// bought long ago. What was asked before may always be asked about.
func (s *Shop) mayAsk(ctx context.Context, o store.Order, k int) error {
	if k < 1 || k > len(o.Placements) || o.Placements[k-1].State != store.Ready {
		return nil
	}
	if err := s.CheckHistory(ctx); err != nil {
		return err
	}
	bars, err := s.o.Store.Bars(ctx)
	if err != nil {
		return err
	}
	for _, cause := range []string{wentBack, BarUnreconciled} {
		if _, stopped := bars[cause]; stopped {
			return ErrWentBack
		}
	}
	return s.checked(ctx, o, k)
}

// History is what a person has to decide about.
type History struct {
	Seen    Sighting   // what was written down
	Now     store.Head // what Redis knows
	Stopped bool       // buying is stopped because of it
	Holds   error      // nil when Redis' record holds by itself; else a *BadEntry
}

// History reads what was written down about Redis and what Redis knows now.
func (s *Shop) History(ctx context.Context) (History, error) {
	var h History
	var err error
	if s.o.Witness != nil {
		if h.Seen, err = s.o.Witness.Sighted(); err != nil {
			return h, fmt.Errorf("read witness: %w", err)
		}
	}
	if h.Now, err = s.o.Store.Head(ctx); err != nil {
		return h, err
	}
	if h.Stopped, err = s.o.Store.Barred(ctx, wentBack); err != nil {
		return h, err
	}
	var bad *BadEntry
	if _, err := s.VerifyRecord(ctx); errors.As(err, &bad) {
		h.Holds = bad
	} else if err != nil {
		return h, err
	}
	return h, nil
}

// AcceptHistory takes what Redis knows for the truth from now on and opens buying, after a person compared it with the suppliers. The
// admin is 0 for somebody at the machine itself.
func (s *Shop) AcceptHistory(ctx context.Context, admin int64) error {
	actor := console
	if admin != 0 {
		var err error
		if actor, err = s.person(ctx, admin); err != nil {
			return err
		}
	}
	h, err := s.History(ctx)
	if err != nil {
		return err
	}
	fence, err := s.o.Store.Fence(ctx)
	if err != nil {
		return err
	}
	err = s.o.Store.Record(ctx, store.Event{Kind: EventAccepted, Actor: actor,
		Data: map[string]string{"seen": itoa(h.Seen.Seq), "found": itoa(h.Now.Seq)}})
	if err != nil {
		return err
	}
	if s.o.Witness != nil {
		if err := s.o.Witness.Sight(s.sighting(h.Now, fence)); err != nil {
			return fmt.Errorf("write witness: %w", err)
		}
	}
	if err := s.writeDown(s.signed(h.Now, true)); err != nil {
		return err
	}
	return s.lift(ctx, wentBack)
}
