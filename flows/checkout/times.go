package checkout

import (
	"context"
	"errors"
	"strings"
	"time"

	"cardrop/store"
)

// The kinds of what is looked at by the clock, and of news about it: a member begins with one of them and a colon. Requests to fill a wallet
// stand there by their bare reference.
const (
	kindTicket = "tk"
	kindMove   = "mv"
)

// memberOf names something among the news and times.
func memberOf(kind, id string) string { return kind + ":" + id }

// about takes such a name apart.
func about(kind, member string) (id string, ok bool) { return strings.CutPrefix(member, kind+":") }

// MindTimes looks at what has its time: requests to fill a wallet and reports of cards that wait, what was begun about them, and
// accounts that go over to another one.
func (s *Shop) MindTimes(ctx context.Context) error {
	for {
		work, err := s.o.Store.ClaimDue(ctx, store.DueTimes, topupBatch, topupLease)
		if err != nil {
			return err
		}
		for _, d := range work {
			s.safely(ctx, "time of "+d.Member, func() error { return s.mind(ctx, d) })
		}
		if len(work) < topupBatch {
			return nil
		}
	}
}

func (s *Shop) mind(ctx context.Context, d store.Due) error {
	if id, ok := about(kindTicket, d.Member); ok {
		return s.mindTicket(ctx, d, id)
	}
	if id, ok := about(kindMove, d.Member); ok {
		return s.mindMove(ctx, d, id)
	}
	return s.mindTopUp(ctx, d)
}

// attend alarms, once, about something that waits too long for the staff. The half hour begins when somebody is there: what came at night
// alarms half an hour after the opening.
func (s *Shop) attend(ctx context.Context, d store.Due, since time.Time, alarm, about string) error {
	now := s.o.Now()
	if left := s.o.Hours.Next(since).Add(topupAlarm).Sub(now); left > 0 {
		return s.comeBack(ctx, store.DueTimes, d, left, nil)
	}
	if !s.o.Hours.Open(now) {
		return s.comeBack(ctx, store.DueTimes, d, s.o.Hours.Next(now).Sub(now), nil)
	}
	s.alarm(ctx, alarm, about)
	return s.comeBack(ctx, store.DueTimes, d, 0, nil)
}

// mindTicket alarms about a report that waits for the staff, and goes on with what was begun about it.
func (s *Shop) mindTicket(ctx context.Context, d store.Due, id string) error {
	t, err := s.Ticket(ctx, id, 0)
	if errors.Is(err, ErrNotFound) {
		return s.comeBack(ctx, store.DueTimes, d, 0, nil)
	}
	if err != nil {
		return err
	}
	switch {
	case t.State == store.TicketPaying:
		if err := s.finishTicket(ctx, id); err != nil {
			return s.comeBack(ctx, store.DueTimes, d, payingPause, err)
		}
		return nil
	case !t.State.Ended() && !t.Waits.IsZero():
		return s.attend(ctx, d, t.Waits, "ticket_waits", t.ID)
	}
	return s.comeBack(ctx, store.DueTimes, d, 0, nil)
}
