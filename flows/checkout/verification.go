package checkout

import (
	"context"
	"errors"
	"time"

	"cardrop/store"
)

// How long a check of the record is waited for, and how long it may take.
const (
	verifyWait  = 3 * time.Second
	verifyLimit = 15 * time.Minute
)

// Verification is how a check of the whole record stands.
type Verification struct {
	Running bool
	At, Of  int64      // entries checked and to be checked while it runs
	Head    store.Head // proved, at the end
	Points  int        // checkpoints it agrees with
	Bad     *BadEntry  // the first entry that does not hold
	Forged  bool       // a checkpoint in DATA_DIR was not made by this shop
}

// verifying is a check of this process.
type verifying struct {
	state Verification
	err   error
	done  chan struct{}
}

// Verification starts a check of the whole record, or looks at the one that runs in this process, and waits three seconds at most for its
// end. It is itself an event.
func (s *Shop) Verification(ctx context.Context, admin int64) (Verification, error) {
	s.mu.Lock()
	run := s.verifying
	fresh := run == nil
	if fresh {
		run = &verifying{state: Verification{Running: true}, done: make(chan struct{})}
		s.verifying = run
	}
	s.mu.Unlock()
	if fresh {
		if err := s.auditRead(ctx, admin, search{}, "verify"); err != nil {
			s.settleCheck(run, Verification{}, err)
			return Verification{}, err
		}
		go s.check(context.WithoutCancel(ctx), run)
	}
	wait := time.NewTimer(verifyWait)
	defer wait.Stop()
	select {
	case <-run.done:
	case <-wait.C:
	case <-ctx.Done():
		return Verification{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return run.state, run.err
}

// check runs to its end whatever becomes of the tap that began it.
func (s *Shop) check(ctx context.Context, run *verifying) {
	limited, cancel := context.WithTimeout(ctx, verifyLimit)
	defer cancel()
	s.safely(limited, "check of the record", func() error {
		var v Verification
		err := errCheckDied
		defer func() { s.settleCheck(run, v, err) }()
		var points []Checkpoint
		if points, err = s.checkpoints(); err == nil {
			v.Points = len(points)
			v.Head, err = s.verify(limited, points, func(at, of int64) {
				s.mu.Lock()
				defer s.mu.Unlock()
				run.state.At, run.state.Of = at, of
			})
		}
		if errors.As(err, &v.Bad) {
			err = nil
		}
		if v.Forged = errors.Is(err, ErrForged); v.Forged {
			err = nil
		}
		if v.Bad != nil || v.Forged {
			s.alarm(limited, "record_altered", "run /audit verify")
		}
		return nil // its error is told to who waits
	})
}

// settleCheck ends a check; the next one begins anew.
func (s *Shop) settleCheck(run *verifying, v Verification, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run.state, run.err, s.verifying = v, err, nil
	close(run.done)
}

// errCheckDied is a check that ended without a word.
var errCheckDied = errors.New("the check of the record ended in a panic")
