package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cardrop/store"
)

const (
	// segmentMost is how many entries one archived segment holds, unless two checkpoints stand further apart.
	segmentMost = 20_000
	// archiveLease keeps two processes from doing the same at one time. That they may, after it, spoils nothing: the record begins at one
	// place, and files of one segment say the same.
	archiveLease = 45 * time.Second
	// archiveEvery is how often a process that found nothing old enough reads all checkpoints again.
	archiveEvery = 10 * time.Minute
)

// errBase is a beginning of the record that this shop did not write.
var errBase = errors.New("the beginning of the record is not signed by this shop")

// archive keeps parts of the record where Redis is not.
type archive interface {
	// Keep writes a segment under a name, encrypted, and returns the SHA-256 of the file, hex. It is durable when Keep returns. A repeat
	// under the same name takes the former's place.
	Keep(name string, text []byte) (sum string, err error)
	// Alone calls do while no backup is being read; while one is, it does nothing and returns nil.
	Alone(ctx context.Context, do func(ctx context.Context) error) error
}

// Archive takes the oldest part of the record out of Redis once it is older than the shop keeps it there: whole, from where the record
// begins to a checkpoint. The part is recomputed, signed as an export is, kept encrypted elsewhere, and only then removed; the record then
// begins at that checkpoint, and says in an entry of its own that it does. One process does it at a time, one segment a call.
func (s *Shop) Archive(ctx context.Context) error {
	if s.o.Archive == nil || s.o.Witness == nil || s.o.RecordKept <= 0 {
		return nil
	}
	held, err := s.o.Store.TakeLease(ctx, "archive", archiveLease)
	if err != nil || !held {
		return err
	}
	if err := s.CheckHistory(ctx); err != nil {
		return err
	}
	head, base, err := s.base(ctx)
	if err != nil {
		return err
	}
	if head.Gone < base.Seq { // a crash, or a backup that was being read, left entries behind
		return s.trim(ctx, base)
	}
	now := s.o.Now()
	if since := now.Sub(time.UnixMilli(s.idle.Load())); since >= 0 && since < archiveEvery {
		return nil
	}
	to, err := s.segmentEnd(base, head)
	if err != nil {
		return err
	}
	if to.Seq == 0 {
		s.idle.Store(now.UnixMilli())
		return nil
	}
	if err := s.archiveTo(ctx, head, base, to); err != nil {
		return fmt.Errorf("archive the record up to entry %d: %w", to.Seq, err)
	}
	return s.trim(ctx, to)
}

// base reads the head, and the checkpoint at which the record begins; the zero Checkpoint for the shop's first entry. It returns a
// *BadEntry when somebody else wrote that checkpoint.
func (s *Shop) base(ctx context.Context) (store.Head, Checkpoint, error) {
	head, err := s.o.Store.Head(ctx)
	if err != nil || head.Base == "" {
		return head, Checkpoint{}, err
	}
	var base Checkpoint
	if json.Unmarshal([]byte(head.Base), &base) != nil || s.ours(base) != nil || base.Seq > head.Seq {
		return head, base, fmt.Errorf("%w: %w", errBase, &BadEntry{Seq: base.Seq, ID: base.ID, Why: "base"})
	}
	return head, base, nil
}

// place is where the record goes on behind a checkpoint.
func (c Checkpoint) place() store.Head { return store.Head{Hash: c.Head, ID: c.ID, Seq: c.Seq} }

// segmentEnd is the checkpoint that the oldest segment goes to; the zero Checkpoint when nothing is old enough.
func (s *Shop) segmentEnd(base Checkpoint, head store.Head) (Checkpoint, error) {
	points, err := s.checkpoints()
	if err != nil {
		return Checkpoint{}, err
	}
	var end Checkpoint
	oldest := s.o.Now().Add(-s.o.RecordKept)
	for _, p := range points {
		switch {
		case p.Seq <= base.Seq:
		case !p.At.Before(oldest) || p.Seq >= head.Seq || end.Seq > 0 && p.Seq-base.Seq > segmentMost:
			return end, nil
		default:
			end = p
		}
	}
	return end, nil
}

// archiveTo keeps the segment from where the record begins to a checkpoint, and lets the record begin there.
func (s *Shop) archiveTo(ctx context.Context, head store.Head, base, to Checkpoint) error {
	x := s.exporter()
	x.head.From, x.head.Whole = linkPlace{base.Seq, base.Head}, true
	for at := base.place(); at.Seq < to.Seq; {
		events, links, next, err := s.verifyRun(ctx, at, min(linkBatch, to.Seq-at.Seq))
		if err != nil {
			return s.torn(ctx, err)
		}
		for i, e := range events {
			x.add(e, at.Seq+int64(i)+1, links[i])
		}
		at = next
	}
	if x.end.Head != to.Head {
		return s.torn(ctx, &BadEntry{Seq: to.Seq, ID: to.ID, Why: "checkpoint"})
	}
	text, err := x.lines(s)
	if err != nil {
		return err
	}
	sum, err := s.o.Archive.Keep(fmt.Sprintf("record-%012d-%012d.jsonl", base.Seq+1, to.Seq), text)
	if err != nil {
		return fmt.Errorf("keep segment: %w", err)
	}
	signed, err := json.Marshal(to)
	if err != nil {
		return fmt.Errorf("encode checkpoint: %w", err)
	}
	return s.o.Store.Archive(ctx, head.Base, string(signed), store.Event{Kind: EventArchived, Actor: system,
		Data: map[string]string{"from": itoa(base.Seq + 1), "to": itoa(to.Seq), "sum": sum[:min(32, len(sum))]}})
}

// torn passes an error on, and alarms when it says that the record does not hold: it stays where it is then.
func (s *Shop) torn(ctx context.Context, err error) error {
	if _, bad := errors.AsType[*BadEntry](err); bad {
		s.alarm(ctx, "record_altered", "run /audit verify")
	}
	return err
}

// trim removes what lies before the beginning of the record, a few hundred entries at a time, while no backup is being read.
func (s *Shop) trim(ctx context.Context, base Checkpoint) error {
	if base.Seq == 0 {
		return nil
	}
	return s.o.Archive.Alone(ctx, func(ctx context.Context) error {
		for {
			events, err := s.o.Store.EventsAfter(ctx, "", linkBatch)
			if err != nil {
				return err
			}
			n := 0
			for n < len(events) && store.Within(events[n].ID, base.ID) {
				n++
			}
			if n == 0 {
				return nil
			}
			groups, err := s.groupsOf(ctx, events[:n])
			if err != nil {
				return err
			}
			if err := s.o.Store.Trim(ctx, events[:n], groups); err != nil {
				return err
			}
		}
	})
}

// cuts finds in a run of entries the last one that says where the record begins; former when none does.
func cuts(events []store.Event, former int64) int64 {
	for _, e := range events {
		if e.Kind == EventArchived {
			if n, err := strconv.ParseInt(e.Data["to"], 10, 64); err == nil {
				former = n
			}
		}
	}
	return former
}

// begins compares where the record begins with what it says about that itself: the last such entry among those that were read, or among
// those that are not linked yet. It returns a *BadEntry.
func (s *Shop) begins(ctx context.Context, base Checkpoint, said int64, from string) error {
	for {
		events, err := s.o.Store.EventsAfter(ctx, from, linkBatch)
		if err != nil {
			return err
		}
		if said = cuts(events, said); len(events) < linkBatch {
			break
		}
		from = events[len(events)-1].ID
	}
	if said != base.Seq {
		return &BadEntry{Seq: base.Seq + 1, Why: "base"}
	}
	return nil
}
