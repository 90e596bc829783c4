package store

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Take is an owner's wish to see an order's cards.
type Take struct {
	Order   string
	MAC     string // of the token: 32 hex digits
	User    int64
	Lease   time.Duration // of the claim
	Limit   int           // showings allowed
	Tries   int           // wrong tokens allowed in a minute
	Denied  Event
	Claimed Event
	Renewal Renewal // of a token that ran out or was replaced unused
}

// Renewal is the token that takes the place of one that nobody used in time.
type Renewal struct {
	MAC   string // of the token: 32 hex digits
	Life  time.Duration
	Event Event
}

// Taken is a claimed reveal with the sealed cards.
type Taken struct {
	Claim int64
	Now   time.Time
	Order Order
	Cards []SealedCard // also quarantined ones; the caller leaves those alone
}

// TakeOutcome says why a reveal was not taken; it is an error.
type TakeOutcome struct {
	Word   string    // denied, paused, not_ready, nothing, shredded, on_screen, shown, used_up, handed or seen
	Until  time.Time // with on_screen; with handed while nobody opened them
	Shown  int       // with shown
	Opened time.Time // with handed, when somebody has opened them
}

// Error names the outcome.
func (e *TakeOutcome) Error() string { return "reveal was not taken: " + e.Word }

// TakeReveal claims an order's cards for their owner, once a token. It returns *TakeOutcome, or ErrBehind.
func (s *Store) TakeReveal(ctx context.Context, t Take) (Taken, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "take_reveal", []string{k.order(t.Order), k.vault(t.Order), k.tries(t.User), k.fence(),
		k.events(), k.seq(), k.orderEvents(t.Order), k.personEvents(t.Claimed.Person), k.head()},
		t.Order, t.MAC, t.User, t.Lease.Milliseconds(), t.Limit, t.Denied.pack(), t.Claimed.pack(), t.Tries, t.Renewal.MAC,
		t.Renewal.Life.Milliseconds(), t.Renewal.Event.pack())
	if err != nil {
		return Taken{}, err
	}
	switch word {
	case "taken":
		return taken(t.Order, rest)
	case "behind":
		return Taken{}, ErrBehind
	default:
		return Taken{}, reason(word, rest)
	}
}

// reason reads why nothing was taken or made.
func reason(word string, rest []string) *TakeOutcome {
	o := &TakeOutcome{Word: word}
	switch word {
	case "on_screen":
		o.Until = moment(rest[0])
	case "shown":
		o.Shown = int(number(rest[0]))
	case "handed":
		o.Until, o.Opened = moment(rest[0]), moment(rest[1])
	}
	return o
}

// taken reads the answer of a script that claimed an order's cards.
func taken(order string, rest []string) (Taken, error) {
	n := int(number(rest[2]))
	o, err := parseOrder(order, pairs(rest[3:3+n]))
	if err != nil {
		return Taken{}, err
	}
	return Taken{Claim: number(rest[0]), Now: moment(rest[1]), Order: o, Cards: sealedCards(rest[3+n:])}, nil
}

func sealedCards(list []string) []SealedCard {
	cards := make([]SealedCard, 0, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		cards = append(cards, SealedCard{Index: list[i], Bytes: []byte(list[i+1])})
	}
	return cards
}

// Vault reads an order's sealed cards without claiming them: for recovery and rotation, never for a screen.
func (s *Store) Vault(ctx context.Context, order string) ([]SealedCard, error) {
	all, err := s.rdb.HGetAll(ctx, s.keys.vault(order)).Result()
	if err != nil {
		return nil, fmt.Errorf("read vault: %w", err)
	}
	cards := make([]SealedCard, 0, len(all))
	for index, sealed := range all {
		cards = append(cards, SealedCard{Index: index, Bytes: []byte(sealed)})
	}
	return cards, nil
}

// Place is where a claimed reveal's placeholder lies.
type Place struct {
	Order   string
	Claim   int64
	Receipt []byte        // the caller's JSON
	Life    time.Duration // of the codes on screen
	Idle    time.Duration // after which it goes when nobody confirmed the codes: nobody can be putting them there any more
	Event   Event
	Visit   []byte // who opens it, as the caller's JSON, when the claim came by a one-time link
}

// PlaceReceipt stores a placeholder and when it goes, before any code is shown, and returns the time at which confirmed codes go. It
// returns ErrFenced when the claim is over.
func (s *Store) PlaceReceipt(ctx context.Context, p Place) (time.Time, error) {
	return s.step(ctx, p.Order, strconv.FormatInt(p.Claim, 10), "place", p.Life, p.Receipt, p.Event, p.Idle, p.Visit)
}

// ConfirmShown records that the codes are on screen and starts their life anew; at the first showing the retention looks at them after
// look. It returns when they go, or ErrFenced.
func (s *Store) ConfirmShown(ctx context.Context, order string, claim int64, life, look time.Duration, e Event) (time.Time, error) {
	return s.step(ctx, order, strconv.FormatInt(claim, 10), "shown", life, nil, e, look, nil)
}

// GiveBack ends a claim that showed nothing: the cards are sealed again.
func (s *Store) GiveBack(ctx context.Context, order string, claim int64) error {
	_, err := s.step(ctx, order, strconv.FormatInt(claim, 10), "back", 0, nil, Event{}, 0, nil)
	return err
}

// Extend adds to the life of the codes on screen, once a showing. It returns when they go, or ErrEdge.
func (s *Store) Extend(ctx context.Context, order string, by time.Duration, e Event) (time.Time, error) {
	return s.step(ctx, order, "", "extend", by, nil, e, 0, nil)
}

// EndNow makes the codes on screen due for removal. It returns ErrEdge when none are on screen.
func (s *Store) EndNow(ctx context.Context, order string, e Event) error {
	_, err := s.step(ctx, order, "", "save", 0, nil, e, 0, nil)
	return err
}

// EndClaim does the same for the codes of one claim. It returns ErrFenced when that claim is over.
func (s *Store) EndClaim(ctx context.Context, order string, claim int64, e Event) error {
	_, err := s.step(ctx, order, strconv.FormatInt(claim, 10), "save", 0, nil, e, 0, nil)
	return err
}

func (s *Store) step(ctx context.Context, order, claim, step string, d time.Duration, receipt []byte, e Event, keep time.Duration, visit []byte) (time.Time, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "reveal_step", []string{k.order(order), k.due(DueSweep), k.due(DueRetain), k.events(), k.seq(),
		k.orderEvents(order), k.personEvents(e.Person), k.due(DueNotice), k.leases(DueNotice), k.leases(DueSweep), k.leases(DueRetain)},
		order, claim, step, d.Milliseconds(), receipt, e.pack(), keep.Milliseconds(), visit)
	if err != nil {
		return time.Time{}, err
	}
	if word != "ok" {
		return time.Time{}, refusal(word)
	}
	return moment(rest[0]), nil
}

// ConfirmRemoved records that a code message is gone; unconfirmed is written as well when nobody confirmed that it was shown.
// It returns ErrFenced, or ErrEdge when its time was moved or nothing was on screen.
func (s *Store) ConfirmRemoved(ctx context.Context, d Due, limit int, removed, unconfirmed Event) error {
	k, id := s.keys, d.Member
	word, _, err := s.word(ctx, "removed", []string{k.order(id), k.due(DueSweep), k.leases(DueSweep), k.events(), k.seq(),
		k.orderEvents(id), k.personEvents(removed.Person), k.due(DueNotice), k.leases(DueNotice)},
		id, d.Fence, limit, removed.pack(), unconfirmed.pack())
	if err != nil {
		return err
	}
	switch word {
	case "ok":
		return nil
	case "early":
		return ErrEdge
	default:
		return refusal(word)
	}
}

// Mint stores the mac of a new reveal token. User 0 is the shop itself. It returns *TakeOutcome with the reason when the order has
// nothing to reveal.
func (s *Store) Mint(ctx context.Context, order, mac string, user int64, ttl time.Duration, limit int, e Event) error {
	k, by := s.keys, ""
	if user != 0 {
		by = strconv.FormatInt(user, 10)
	}
	word, rest, err := s.word(ctx, "mint", []string{k.order(order), k.events(), k.seq(), k.orderEvents(order),
		k.personEvents(e.Person)}, order, mac, by, ttl.Milliseconds(), limit, e.pack())
	if err != nil {
		return err
	}
	if word != "minted" {
		return reason(word, rest)
	}
	return nil
}

// Shred destroys an order's sealed cards, but those in quarantine. It returns ErrFenced, ErrLeased while they are on a screen, ErrUnopened
// for cards that nobody has opened, or ErrEdge when there is nothing to destroy.
func (s *Store) Shred(ctx context.Context, d Due, e Event) error {
	k, id := s.keys, d.Member
	word, _, err := s.word(ctx, "shred", []string{k.order(id), k.vault(id), k.due(DueRetain), k.leases(DueRetain), k.events(),
		k.seq(), k.orderEvents(id), k.personEvents(e.Person)}, id, d.Fence, e.pack())
	if err != nil {
		return err
	}
	switch word {
	case "ok":
		return nil
	case "busy":
		return ErrLeased
	case "unopened":
		return ErrUnopened
	default:
		return refusal(word)
	}
}
