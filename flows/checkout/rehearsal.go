package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cardrop/store"
)

// How a rehearsal is run.
const (
	rehearsalLease = "rehearsal"
	rehearsalLife  = 30 * time.Second
	rehearsalLimit = 2 * time.Minute
	tellTimeout    = 5 * time.Second // to store its end, also when the program ends
)

// ErrRehearsing is a rehearsal that is under way already.
var ErrRehearsing = errors.New("a rehearsal is under way")

// How a part of a rehearsal stands.
const (
	SceneWaits  = "waits"
	SceneRuns   = "runs"
	SceneWell   = "well"
	SceneFailed = "failed"
)

// Why a part of a rehearsal failed: of a closed set.
const (
	WhyBegin  = "begin"  // the separate shop could not be opened
	WhyBroken = "broken" // the program ended meanwhile
	WhyError  = "error"  // a step failed
	WhyState  = "state"  // the order ended otherwise
	WhyMoney  = "money"  // the wallet holds something else
	WhyTwice  = "twice"  // the supplier sold more often than was asked for, or not at all
	WhyCards  = "cards"  // other cards came
	WhyScreen = "screen" // they were not shown, or did not go
	WhyClean  = "clean"  // something of the rehearsal was left behind
)

// Scene is one line of a rehearsal.
type Scene struct {
	Name  string        `json:"n"`
	State string        `json:"s"`
	Why   string        `json:"w,omitempty"`
	Want  string        `json:"x,omitempty"` // what was expected and
	Got   string        `json:"g,omitempty"` // what came, where Why compares; no secret
	Took  time.Duration `json:"t,omitempty"`
}

// Rehearsal is the latest one: purchases at simulators, in a separate shop that nothing of this one is touched by.
type Rehearsal struct {
	ID    int64   `json:"id"` // when it was asked for, ms; 0 for none
	Admin int64   `json:"a"`
	Begun bool    `json:"b,omitempty"`
	Done  bool    `json:"d,omitempty"`
	Parts []Scene `json:"p,omitempty"`
	Ended time.Time
}

// Well tells whether every part went as it should.
func (r Rehearsal) Well() bool {
	for _, p := range r.Parts {
		if p.State != SceneWell {
			return false
		}
	}
	return r.Done && len(r.Parts) > 0
}

// Rehearse plays every part, and tells of all of them whenever one changes. It fails when it could not clean up behind itself.
type Rehearse func(ctx context.Context, told func([]Scene)) error

// Rehearsal reads the latest one; the zero one when there was none.
func (s *Shop) Rehearsal(ctx context.Context) (Rehearsal, error) {
	var r Rehearsal
	text, err := s.o.Store.Rehearsal(ctx)
	if err != nil || text == nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return Rehearsal{}, fmt.Errorf("read rehearsal: %w", err)
	}
	return r, nil
}

// AskRehearsal asks for one; a worker plays it, and the admin's screen follows. It returns ErrRehearsing while another one is under way.
func (s *Shop) AskRehearsal(ctx context.Context, admin int64) error {
	last, err := s.Rehearsal(ctx)
	if err != nil {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	if last.ID != 0 && !last.Done && now.Sub(time.UnixMilli(last.ID)) < rehearsalLimit+rehearsalLife {
		return ErrRehearsing
	}
	return s.keepRehearsal(ctx, Rehearsal{ID: now.UnixMilli(), Admin: admin})
}

func (s *Shop) keepRehearsal(ctx context.Context, r Rehearsal) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep rehearsal: %w", err)
	}
	return s.o.Store.KeepRehearsal(ctx, text)
}

// Rehearse plays the rehearsal that an admin asked for, if there is one. It is called every second; one process plays it, and one that was
// broken off by the end of a program is not played again by itself.
func (s *Shop) Rehearse(ctx context.Context, play Rehearse) error {
	r, err := s.Rehearsal(ctx)
	if err != nil || r.ID == 0 || r.Done {
		return err
	}
	held, err := s.o.Store.TakeLease(ctx, rehearsalLease, rehearsalLife)
	if err != nil || !held {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTimeout)
		defer cancel()
		_ = s.o.Store.DropLease(last, rehearsalLease)
	}()
	if r.Begun {
		return s.endRehearsal(ctx, r, WhyBroken)
	}
	r.Begun = true
	if err := s.keepRehearsal(ctx, r); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, rehearsalLimit)
	defer cancel()
	failed := play(limited, func(parts []Scene) {
		r.Parts = parts
		_, leased := s.o.Store.TakeLease(limited, rehearsalLease, rehearsalLife)
		if err := errors.Join(leased, s.keepRehearsal(limited, r), s.o.Store.Redraw(limited, store.TalkID{Chat: r.Admin})); err != nil {
			s.o.Logger.WarnContext(ctx, "rehearsal's screen does not follow", "err", err)
		}
	})
	if failed != nil && len(r.Parts) > 0 {
		return errors.Join(failed, s.endRehearsal(ctx, r, WhyClean))
	}
	return errors.Join(failed, s.endRehearsal(ctx, r, WhyBroken))
}

// endRehearsal writes the result, with one event. What has not ended failed for the reason given.
func (s *Shop) endRehearsal(ctx context.Context, r Rehearsal, why string) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTimeout)
	defer cancel()
	if why == WhyClean {
		r.Parts = append(r.Parts, Scene{Name: "clean", State: SceneFailed, Why: why})
	}
	well := 0
	for i := range r.Parts {
		if r.Parts[i].State != SceneWell && r.Parts[i].State != SceneFailed {
			r.Parts[i].State, r.Parts[i].Why = SceneFailed, why
		}
		if r.Parts[i].State == SceneWell {
			well++
		}
	}
	r.Done, r.Ended = true, s.o.Now()
	actor, err := s.person(last, r.Admin)
	if err != nil {
		return err
	}
	return errors.Join(s.o.Store.Record(last, store.Event{Kind: EventRehearsed, Actor: actor,
		Data: map[string]string{"well": itoa(well), "failed": itoa(len(r.Parts) - well)}}),
		s.keepRehearsal(last, r), s.o.Store.Redraw(last, store.TalkID{Chat: r.Admin}))
}
