package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cardrop/store"
)

// keptDifferences bounds what one comparison remembers.
const keptDifferences = 500

func (c *Comparison) add(d Difference) {
	if len(c.Differences) >= keptDifferences {
		c.More++
		return
	}
	c.Differences = append(c.Differences, d)
}

// How comparisons are made.
const (
	compareLimit = 4 * time.Minute
	compareLease = compareLimit + time.Minute
	listLimit    = 2 * time.Minute // for all pages of one supplier
	drawnEvery   = 2 * time.Second // how often the screen follows
	// What one second is enough for, measured on one slow core; the first guess of how long it takes.
	eventsASecond, entriesASecond = 20_000, 40_000
	openOrders                    = 1_000_000 // open orders looked through: all there can be
)

// ErrRunning is a comparison that is under way already.
var ErrRunning = errors.New("a comparison is under way")

// AskComparison has suppliers, ledger, vault and record compared from a time on, or for one order; a worker makes it, and the chat is
// drawn again as it goes on. It returns ErrRunning while another one is under way, and ErrNotFound for an unknown order.
func (s *Shop) AskComparison(ctx context.Context, admin, chat int64, from time.Time, order string) error {
	last, err := s.Comparison(ctx)
	if err != nil {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return err
	}
	if last.ID != 0 && last.Stage != StageDone && now.Sub(time.UnixMilli(last.ID)) < compareLease {
		return ErrRunning
	}
	c := Comparison{ID: now.UnixMilli(), Admin: admin, Chat: chat, From: from, Order: order, Stage: StageQueued}
	if order != "" {
		o, err := s.Order(ctx, order, 0)
		if err != nil {
			return err
		}
		c.From = o.Created.Add(-clockSkew)
	}
	if err := s.keepComparison(ctx, &c); err != nil {
		return err
	}
	return s.o.Store.AskReconcile(ctx, itoa(c.ID))
}

// Comparison reads the latest comparison that an admin asked for; the zero one when there was none.
func (s *Shop) Comparison(ctx context.Context) (Comparison, error) {
	var c Comparison
	text, err := s.o.Store.Comparison(ctx)
	if err != nil || text == nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return Comparison{}, fmt.Errorf("read comparison: %w", err)
	}
	return c, nil
}

func (s *Shop) keepComparison(ctx context.Context, c *Comparison) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("keep comparison: %w", err)
	}
	return s.o.Store.KeepComparison(ctx, text)
}

// Compare makes the comparison that an admin asked for, if there is one. It is called every second; one process makes it, and another
// one begins it anew when that process dies.
func (s *Shop) Compare(ctx context.Context) error {
	work, err := s.o.Store.ClaimDue(ctx, store.DueReconcile, 1, compareLease)
	if err != nil || len(work) == 0 {
		return err
	}
	c, err := s.Comparison(ctx)
	if err == nil && itoa(c.ID) == work[0].Member && c.Stage != StageDone {
		err = s.compareAll(ctx, &c)
	}
	if ackErr := s.o.Store.AckDue(ctx, store.DueReconcile, work[0], 0); ackErr != nil && !errors.Is(ackErr, store.ErrFenced) {
		err = errors.Join(err, ackErr)
	}
	return err
}

// compareAll makes one comparison, stage by stage.
func (s *Shop) compareAll(ctx context.Context, c *Comparison) error {
	limited, cancel := context.WithTimeout(ctx, compareLimit)
	defer cancel()
	actor, err := s.person(ctx, c.Admin)
	if err != nil {
		return err
	}
	*c = Comparison{ID: c.ID, Admin: c.Admin, Chat: c.Chat, From: c.From, Order: c.Order, Begun: s.o.Now()}
	failed := s.stages(limited, c)
	c.Failed, c.Ended, c.Stage = failed != nil, s.o.Now(), StageDone
	err = s.o.Store.Record(ctx, s.compared(c, actor))
	return errors.Join(failed, err, s.keepComparison(ctx, c), s.o.Store.Redraw(ctx, store.TalkID{Chat: c.Chat}))
}

func (s *Shop) compared(c *Comparison, actor string) store.Event {
	lost := 0
	for _, d := range c.Differences {
		if d.Lost {
			lost++
		}
	}
	return store.Event{Kind: EventCompared, Actor: actor, Data: map[string]string{"differences": itoa(len(c.Differences) + c.More),
		"lost": itoa(lost), "suppliers": itoa(len(c.Suppliers))}}
}

func (s *Shop) stages(ctx context.Context, c *Comparison) error {
	entries, err := s.o.Store.Entries(ctx)
	if err != nil {
		return err
	}
	head, err := s.o.Store.Head(ctx)
	if err != nil {
		return err
	}
	c.Expect = time.Second * time.Duration(2+entries/entriesASecond+head.Seq/eventsASecond)
	for _, stage := range []struct {
		name string
		work func(context.Context, *Comparison) error
	}{{StageSuppliers, s.compareSuppliers}, {StageLedger, s.compareLedger}, {StageOrders, s.compareOrders}, {StageRecord, s.compareRecord}} {
		c.Stage = stage.name
		if err := errors.Join(s.keepComparison(ctx, c), s.o.Store.Redraw(ctx, store.TalkID{Chat: c.Chat})); err != nil {
			return err
		}
		if err := stage.work(ctx, c); err != nil {
			return fmt.Errorf("compare %s: %w", stage.name, err)
		}
	}
	return nil
}

// follow lets the screen follow a long stage, now and then.
func (s *Shop) follow(ctx context.Context, c *Comparison, last *time.Time) error {
	if now := s.o.Now(); c.ID != 0 && now.Sub(*last) >= drawnEvery {
		*last = now
		return errors.Join(s.keepComparison(ctx, c), s.o.Store.Redraw(ctx, store.TalkID{Chat: c.Chat}))
	}
	return nil
}

// compareSuppliers looks at every supplier. One that does not answer is named and holds up no other.
func (s *Shop) compareSuppliers(ctx context.Context, c *Comparison) error {
	for _, p := range s.o.Suppliers {
		if err := s.compareSupplier(ctx, c, p); err != nil && !errors.Is(err, errSilent) {
			return err
		}
	}
	return nil
}

// OpenAfter opens buying by an admin's word after a comparison was looked at: what Redis has now is taken for the truth, and what it
// forgot stays forgotten. Other causes stay. It returns ErrNotFound when that is not the latest comparison or it has no result.
func (s *Shop) OpenAfter(ctx context.Context, admin, comparison int64) error {
	c, err := s.Comparison(ctx)
	if err != nil {
		return err
	}
	if c.ID != comparison || c.Stage != StageDone || c.Failed {
		return ErrNotFound
	}
	bars, err := s.o.Store.Bars(ctx)
	if err != nil {
		return err
	}
	if _, stopped := bars[wentBack]; stopped {
		if err := s.AcceptHistory(ctx, admin); err != nil {
			return err
		}
	}
	if _, stopped := bars[BarUnreconciled]; !stopped {
		return nil
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	_, err = s.o.Store.Bar(ctx, BarUnreconciled, false, store.Event{Kind: EventSwitched, Actor: actor,
		Data: map[string]string{"reason": BarUnreconciled + "_over"}})
	return err
}

// Decidable are the causes for which buying is stopped until a person has looked, of those that are in force.
func (s *Shop) Decidable(ctx context.Context) ([]string, error) {
	bars, err := s.o.Store.Bars(ctx)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, cause := range []string{wentBack, BarUnreconciled} {
		if _, stopped := bars[cause]; stopped {
			list = append(list, cause)
		}
	}
	return list, nil
}
