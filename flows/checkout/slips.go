package checkout

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"cardrop/store"
)

// handLife is how long somebody may take to open what was handed over to them: they sleep, too.
const handLife = 24 * time.Hour

// slipLabel stands before a link's token where it is macked, so that no token of another kind opens a link.
const slipLabel = "cardrop/slip/v1 "

// ErrSeen means that cards cannot be handed over: they may have been on a screen.
var ErrSeen = errors.New("cards were on a screen")

// HandedError is an order whose cards somebody else may open by a link, or has opened.
type HandedError struct {
	Until  time.Time // it may be opened until then; zero when it was
	Opened time.Time // zero while nobody did
}

// Error tells which.
func (e *HandedError) Error() string {
	if e.Opened.IsZero() {
		return "cards are handed over and not opened"
	}
	return "cards were handed over and opened"
}

// Slip is a one-time link as its owner gets it. The token is nowhere else.
type Slip struct {
	Token  string    // 43 characters A-Z a-z 0-9 - _
	Until  time.Time // it opens nothing any more
	Former int       // the message of the link before it, which is dead now; 0 for none
}

// Slip makes a one-time link to an order's cards for their owner, which lives as long as the token of a Show button. The former link is dead.
// It returns the errors of Again, and *HandedError.
func (s *Shop) Slip(ctx context.Context, order string, user int64) (Slip, error) {
	return s.cut(ctx, order, user, store.SlipOwn, s.o.RevealTTL)
}

// HandOver makes one for somebody else: until it was opened, taken back, or a day has passed, nobody is shown these cards otherwise; when it
// was opened, their former owner is not shown them any more. It returns ErrSeen for cards that may have been on a screen, and the errors of
// Slip.
func (s *Shop) HandOver(ctx context.Context, order string, user int64) (Slip, error) {
	return s.cut(ctx, order, user, store.SlipHand, handLife)
}

func (s *Shop) cut(ctx context.Context, order string, user int64, kind store.SlipKind, life time.Duration) (Slip, error) {
	o, err := s.own(ctx, order, user, "link")
	if err != nil {
		return Slip{}, err
	}
	raw := make([]byte, 32)
	s.o.Rand(raw)
	token := base64.RawURLEncoding.EncodeToString(raw)
	until, former, err := s.o.Store.CutSlip(ctx, store.Cut{Order: order, MAC: s.o.Ring.Token(slipLabel + token), User: user, Kind: kind, Life: life,
		Limit: s.o.RevealLimit, Event: s.byBuyer(EventSlip, o, map[string]string{"for": string(kind)})})
	if err != nil {
		return Slip{}, s.outcome(err)
	}
	nudge(s.news)
	return Slip{Token: token, Until: until, Former: former}, nil
}

// TakeBack kills an order's link at once, unless it was opened. It returns the message that offered it, 0 when not known; ErrNotFound,
// ErrNotReady when there is no link any more, or *HandedError when it was opened.
func (s *Shop) TakeBack(ctx context.Context, order string, user int64) (int, error) {
	o, err := s.own(ctx, order, user, "take back")
	if err != nil {
		return 0, err
	}
	message, err := s.o.Store.VoidSlip(ctx, order, user, s.byBuyer(EventVoid, o, map[string]string{"for": string(o.Slip.Kind)}))
	opened, was := errors.AsType[*store.OpenedError](err)
	switch {
	case was:
		return 0, &HandedError{Opened: opened.At}
	case errors.Is(err, store.ErrEdge):
		return 0, ErrNotReady
	case errors.Is(err, store.ErrNotFound):
		return 0, ErrNotFound
	case err != nil:
		return 0, err
	}
	nudge(s.news)
	return message, nil
}

// Caller is who opens a link: anybody who has it.
type Caller struct {
	Address  string // IP address
	Agent    string // user agent
	Language string // of the page
}

// Redeem brings cards to whoever opens a one-time link, once. It returns ErrNotFound for a link that is unknown, over, used or taken back, all
// in the same words and by the same steps; ErrClosed while the record is not linked; ErrDelivery and the errors of a card that does not open
// when nothing came through.
func (s *Shop) Redeem(ctx context.Context, token string, caller Caller, route Route) error {
	tapped, mac := s.o.Now(), s.o.Ring.Token(slipLabel+token)
	order, buyer, err := s.o.Store.SlipOf(ctx, mac)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	person := s.o.Ring.Pseudonym(buyer)
	taken, err := s.o.Store.TakeSlip(ctx, store.Redeem{Order: order, MAC: mac, Lease: claimLease, Limit: s.o.RevealLimit,
		Claimed: store.Event{Kind: EventClaimed, Order: order, Person: person, Actor: bearer, Data: map[string]string{"method": route.Channel}}})
	if errors.Is(err, store.ErrNotFound) {
		return errors.Join(ErrNotFound, s.strange(ctx, order, buyer))
	}
	if err != nil {
		return s.outcome(err)
	}
	o := taken.Order
	route.Page, route.visit = true, newVisit(caller.Address, caller.Agent)
	err = s.bring(ctx, taken, Buyer{User: o.Buyer, Chat: o.Chat, Language: caller.Language}, route)
	if errors.Is(err, store.ErrFenced) { // it was taken back in between
		return errors.Join(ErrNotFound, s.strange(ctx, order, buyer))
	}
	if err != nil {
		return err
	}
	s.o.Meter.Shown(s.o.Now().Sub(tapped))
	return nil
}

// strange records a link that opens nothing: one line in a while for each order, and one for all that nobody knows.
func (s *Shop) strange(ctx context.Context, order string, buyer int64) error {
	e := store.Event{Kind: EventDenied, Order: order, Actor: bearer, Data: map[string]string{"act": "redeem"}}
	if order != "" {
		e.Person = s.o.Ring.Pseudonym(buyer)
	}
	_, err := s.o.Store.Deny(ctx, e, "redeem"+order, deniedOnce)
	return err
}
