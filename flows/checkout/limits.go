package checkout

import (
	"context"
	"time"

	"cardrop/store"
)

// mostOpen is how many of one buyer's orders may be open at once, unless the options say otherwise.
const mostOpen = 5

// ahead is what the shop's clock is ahead of UTC now.
func (s *Shop) ahead() time.Duration {
	_, seconds := s.o.Now().In(s.zone()).Zone()
	return time.Duration(seconds) * time.Second
}

// Spent reads what was bought from a wallet today, by all and by one member, in minor units.
func (s *Shop) Spent(ctx context.Context, account string, user int64) (all, own int64, err error) {
	now, err := s.o.Store.Now(ctx)
	if err != nil {
		return 0, 0, err
	}
	return s.o.Store.Spent(ctx, account, user, now.Add(s.ahead()).Unix()/86_400)
}

// Ban stops a person from buying, or lets them buy again; their cards and balance stay theirs. It returns false when it stood so
// already.
func (s *Shop) Ban(ctx context.Context, admin, user int64, on bool) (bool, error) {
	actor, err := s.person(ctx, admin)
	if err != nil {
		return false, err
	}
	person, err := s.person(ctx, user)
	if err != nil {
		return false, err
	}
	kind, reason := EventUnbanned, ""
	if on {
		kind, reason = EventBanned, "admin"
	}
	return s.o.Store.Ban(ctx, user, reason, store.Event{Kind: kind, Person: person, Actor: actor})
}

// Banned tells whether a person may not buy.
func (s *Shop) Banned(ctx context.Context, user int64) (bool, error) {
	reason, err := s.o.Store.Banned(ctx, user)
	return reason != "", err
}
