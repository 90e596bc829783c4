package checkout

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"cardrop/store"
)

// ErrMailed means that a mailing has nothing more to send: the broadcast is over, was paused, or another process sends it.
var ErrMailed = errors.New("nothing more to send")

// How a broadcast is sent.
const (
	bulkLease   = "bulk" // of whatever goes to everybody: one process at a time, in the whole shop
	bulkLife    = 10 * time.Second
	bulkRenewed = 3 * time.Second
	mailPage    = 50
	mailPause   = 100 * time.Millisecond
	mailTries   = 8                // of one person, when Telegram is in trouble; flood control does not count
	mailBackoff = 30 * time.Second // between two of them at most
)

// Mailing is this process's turn to send a broadcast. One caller asks for who is next, as often as it can send; what became of each may be
// told from several goroutines.
type Mailing struct {
	shop    *Shop
	text    BroadcastText
	id      string
	session string
	next    int64 // place in the row of customers that is read next
	end     int64
	page    []store.Addressee
	renewed time.Time
	ending  bool // canceled: nobody else is sent to

	mu    sync.Mutex
	away  int // on their way
	again bool
	tries map[int64]int
}

// Mail begins to send the broadcast that is under way; nil when there is none, or another process sends it.
func (s *Shop) Mail(ctx context.Context) (*Mailing, error) {
	b, err := s.Broadcast(ctx)
	if err != nil || b.State != store.BroadcastRunning && b.State != store.BroadcastCanceling {
		return nil, err
	}
	held, err := s.o.Store.TakeLease(ctx, bulkLease, bulkLife)
	if err != nil || !held {
		return nil, err
	}
	raw := make([]byte, 8)
	s.o.Rand(raw)
	m := &Mailing{shop: s, text: b.Text, id: b.ID, session: hex.EncodeToString(raw), end: b.End, renewed: s.o.Now(),
		ending: b.State == store.BroadcastCanceling, tries: map[int64]int{}}
	unsure, err := s.o.Store.BeginMailing(ctx, m.id, m.session)
	if errors.Is(err, store.ErrEdge) {
		return nil, s.o.Store.DropLease(ctx, bulkLease)
	}
	if err != nil {
		return nil, err
	}
	if unsure > 0 {
		s.o.Logger.WarnContext(ctx, "nobody knows who of these got the broadcast; they are not sent to again", "people", unsure)
	}
	if b, err = s.Broadcast(ctx); err != nil { // where the session before left it
		return nil, err
	}
	m.next, m.again = b.Next, b.Again > 0
	return m, nil
}

// Text is what is sent.
func (m *Mailing) Text() BroadcastText { return m.text }

// Next puts the next person on their way, and returns who that is. Without one it returns how long to wait, or ErrMailed. Whoever gets a
// person sends at once and calls Done.
func (m *Mailing) Next(ctx context.Context) (store.Addressee, time.Duration, error) {
	if err := m.renew(ctx); err != nil {
		return store.Addressee{}, 0, err
	}
	for !m.ending {
		a, wait, err := m.candidate(ctx)
		if err != nil || wait > 0 {
			return store.Addressee{}, wait, err
		}
		if a == nil {
			break
		}
		fate := left(*a)
		switch err := m.shop.o.Store.TakeMail(ctx, m.session, a.Chat, a.Place, fate); {
		case errors.Is(err, store.ErrFenced):
			if err := m.stopped(ctx); err != nil {
				return store.Addressee{}, 0, err
			}
		case errors.Is(err, store.ErrStale):
			return store.Addressee{}, 0, ErrMailed // somebody else sends it
		case err != nil:
			return store.Addressee{}, 0, err
		case fate == "":
			m.mu.Lock()
			m.away++
			m.mu.Unlock()
			return *a, 0, nil
		}
	}
	if m.flying() > 0 {
		return store.Addressee{}, mailPause, nil
	}
	return store.Addressee{}, 0, m.over(ctx)
}

// candidate is who comes next: somebody to be tried again whose time has come, else the next of the row. It is nil at the end.
func (m *Mailing) candidate(ctx context.Context) (*store.Addressee, time.Duration, error) {
	m.mu.Lock()
	again := m.again
	m.mu.Unlock()
	var wait time.Duration
	if again {
		user, left, err := m.shop.o.Store.MailAgain(ctx)
		if err != nil {
			return nil, 0, err
		}
		if user != 0 && left == 0 {
			a, err := m.shop.o.Store.Addressee(ctx, user)
			return &a, 0, err
		}
		wait = left
	}
	if len(m.page) == 0 && m.next < m.end {
		var err error
		if m.page, err = m.shop.o.Store.Addressees(ctx, m.next, min(m.next+mailPage, m.end)); err != nil {
			return nil, 0, err
		}
		m.next += int64(len(m.page))
	}
	if len(m.page) == 0 {
		return nil, min(wait, time.Second), nil
	}
	a := m.page[0]
	m.page = m.page[1:]
	return &a, 0, nil
}

// left is why a person is left out; empty for who is sent to.
func left(a store.Addressee) store.Fate {
	switch {
	case a.Chat == 0:
		return store.FateNobody
	case a.Banned:
		return store.FateBanned
	case a.Shut:
		return store.FateBlocked
	case a.Muted:
		return store.FateMuted
	}
	return ""
}

// Done tells what became of a person's copy. With FateAgain it is tried again after a while, or with 0 after one that grows, as long as
// there is hope. The copy stays unsure when this cannot be stored: the caller repeats it.
func (m *Mailing) Done(ctx context.Context, user int64, fate store.Fate, after time.Duration) error {
	m.mu.Lock()
	if fate == store.FateAgain && after == 0 {
		m.tries[user]++
		after = min(time.Second<<m.tries[user], mailBackoff)
		if m.tries[user] >= mailTries {
			fate = store.FateFailed
		}
	}
	m.again = m.again || fate == store.FateAgain
	m.mu.Unlock()
	if fate == store.FateBlocked {
		if err := m.shop.o.Store.Shut(ctx, user); err != nil {
			return err
		}
	}
	if err := m.shop.o.Store.EndMail(ctx, m.id, user, fate, after); err != nil {
		return err
	}
	m.mu.Lock()
	m.away--
	m.mu.Unlock()
	return nil
}

// Close gives the turn back.
func (m *Mailing) Close(ctx context.Context) error { return m.shop.o.Store.DropLease(ctx, bulkLease) }

func (m *Mailing) flying() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.away
}

// renew keeps the turn.
func (m *Mailing) renew(ctx context.Context) error {
	now := m.shop.o.Now()
	if now.Sub(m.renewed) < bulkRenewed {
		return nil
	}
	m.renewed = now
	held, err := m.shop.o.Store.TakeLease(ctx, bulkLease, bulkLife)
	if err == nil && !held {
		err = ErrMailed
	}
	return err
}

// stopped looks why nobody else may be sent to: after a cancel this process waits for what is on its way, and ends it.
func (m *Mailing) stopped(ctx context.Context) error {
	b, err := m.shop.Broadcast(ctx)
	if err != nil {
		return err
	}
	if b.ID != m.id || b.State != store.BroadcastCanceling {
		return ErrMailed
	}
	m.ending = true
	return nil
}

// over ends the broadcast, with what became of everybody on record.
func (m *Mailing) over(ctx context.Context) error {
	b, err := m.shop.Broadcast(ctx)
	if err != nil {
		return err
	}
	if b.ID != m.id {
		return ErrMailed
	}
	err = m.shop.o.Store.StepBroadcast(ctx, m.id, store.BroadcastStep{From: []store.BroadcastState{store.BroadcastRunning, store.BroadcastCanceling},
		To: store.BroadcastOver, Version: b.Version, News: broadcastNews + m.id, Event: b.ended()})
	if errors.Is(err, store.ErrStale) {
		return nil // a word of the process before came in between: the next call reads again
	}
	if err != nil && !errors.Is(err, store.ErrEdge) && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	nudge(m.shop.news)
	return ErrMailed
}
