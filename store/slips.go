package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Slip is the latest one-time link to an order's cards. Of its token only a mac is stored.
type Slip struct {
	Kind    SlipKind
	Until   time.Time // it opens nothing any more; zero without a slip
	Opened  time.Time // when it was used up, right before a code left; zero before
	Message int       // where it was offered, in the buyer's chat; 0 when not known or taken away
	Told    string    // what its owner was told of its end
	Lifted  bool      // it was a hand-over, and its owner was allowed another showing since
	Handed  time.Time // when somebody opened the cards by a hand-over, of this slip or a former one; zero for never
}

// SlipKind says for whom a slip is.
type SlipKind string

// The kinds of slips; the empty one is none.
const (
	SlipOwn  SlipKind = "own"  // for the cards' owner
	SlipHand SlipKind = "hand" // for somebody to whom the owner hands the cards over
)

// Away tells whether somebody else may open the cards at t, or has opened them, so that they are not shown to their owner.
func (s Slip) Away(t time.Time) bool {
	return s.Kind == SlipHand && !s.Lifted && (!s.Opened.IsZero() || t.Before(s.Until))
}

// parseSlip reads the stored fields of an order.
func parseSlip(f map[string]string) Slip {
	return Slip{Kind: SlipKind(f["slip.k"]), Until: moment(f["slip.till"]), Opened: moment(f["slip.at"]), Message: int(number(f["slip.msg"])),
		Told: f["slip.told"], Lifted: f["slip.re"] == "1", Handed: moment(f["slip.handed"])}
}

// Cut is an owner's wish for a one-time link.
type Cut struct {
	Order string
	MAC   string // of the token: 32 hex digits
	User  int64
	Kind  SlipKind
	Life  time.Duration
	Limit int // showings allowed
	Event Event
}

// CutSlip makes a slip; the former one opens nothing any more. It returns until when it opens, and the message of the former one, 0 for none.
// Its error is a *TakeOutcome with the reason when there is nothing that it could open.
func (s *Store) CutSlip(ctx context.Context, c Cut) (until time.Time, former int, err error) {
	k := s.keys
	word, rest, err := s.word(ctx, "cut_slip", []string{k.order(c.Order), k.slip(c.MAC), k.due(DueNotice), k.leases(DueNotice), k.events(), k.seq(),
		k.orderEvents(c.Order), k.personEvents(c.Event.Person)}, c.Order, c.MAC, c.User, c.Life.Milliseconds(), c.Limit, c.Event.pack(),
		string(c.Kind), c.Order+"|"+strconv.FormatInt(c.User, 10))
	if err != nil {
		return time.Time{}, 0, err
	}
	if word != "cut" {
		return time.Time{}, 0, reason(word, rest)
	}
	return moment(rest[0]), int(number(rest[1])), nil
}

// SlipOf reads which order a mac was made for, and who its buyer is. It returns ErrNotFound, also for one that is damaged.
func (s *Store) SlipOf(ctx context.Context, mac string) (order string, buyer int64, err error) {
	text, err := s.rdb.Get(ctx, s.keys.slip(mac)).Result()
	if err != nil && !absent(err) {
		return "", 0, fmt.Errorf("read slip: %w", err)
	}
	order, user, ok := strings.Cut(text, "|")
	if !ok {
		return "", 0, ErrNotFound
	}
	return order, number(user), nil
}

// Redeem is a wish to see an order's cards by a one-time link.
type Redeem struct {
	Order   string // empty for a link that nobody knows: it is looked at all the same
	MAC     string
	Lease   time.Duration
	Limit   int
	Claimed Event
}

// TakeSlip claims an order's cards for whoever holds a link to them, once. It returns ErrNotFound whatever the reason, or ErrBehind.
func (s *Store) TakeSlip(ctx context.Context, r Redeem) (Taken, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "take_slip", []string{k.order(r.Order), k.vault(r.Order), k.fence(), k.events(), k.seq(), k.orderEvents(r.Order),
		k.personEvents(r.Claimed.Person), k.head()}, r.Order, r.MAC, r.Lease.Milliseconds(), r.Limit, r.Claimed.pack())
	switch {
	case err != nil:
		return Taken{}, err
	case word == "behind":
		return Taken{}, ErrBehind
	case word != "taken":
		return Taken{}, ErrNotFound
	}
	return taken(r.Order, rest)
}

// VoidSlip takes a link back for its owner. It returns the message that offered it, 0 when not known; ErrNotFound for somebody else's order,
// ErrEdge when there is no link any more, or *OpenedError.
func (s *Store) VoidSlip(ctx context.Context, order string, user int64, e Event) (int, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "void_slip", []string{k.order(order), k.events(), k.seq(), k.orderEvents(order), k.personEvents(e.Person)},
		order, user, e.pack())
	if err != nil {
		return 0, err
	}
	switch word {
	case "void":
		return int(number(rest[0])), nil
	case "opened":
		return 0, &OpenedError{At: moment(rest[0])}
	case "none":
		return 0, ErrEdge
	default:
		return 0, ErrNotFound
	}
}

// OpenedError is a link that was opened already.
type OpenedError struct {
	At time.Time
}

// Error says so.
func (e *OpenedError) Error() string { return "link was opened" }

// SetSlipMessage remembers the message that offers a slip; 0 when it was taken away. It returns ErrNotFound.
func (s *Store) SetSlipMessage(ctx context.Context, order string, message int) error {
	return s.mark(ctx, order, "slip.msg", strconv.Itoa(message), "0")
}

// MarkSlipTold remembers what the owner was told of a slip's end. It returns ErrNotFound.
func (s *Store) MarkSlipTold(ctx context.Context, order, what string) error {
	return s.mark(ctx, order, "slip.told", what, "0")
}

// Visit reads who opened a showing by a link, as the caller's JSON; nil for none, and after it was deleted.
func (s *Store) Visit(ctx context.Context, order string, claim int64) ([]byte, error) {
	text, err := s.rdb.HGet(ctx, s.keys.order(order), "visit."+strconv.FormatInt(claim, 10)).Result()
	if absent(err) || text == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read visit: %w", err)
	}
	return []byte(text), nil
}
