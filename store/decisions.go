package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What keeps a refund from being booked; nothing was written.
var (
	// ErrOnScreen means that the order's cards are on a screen right now, or about to be.
	ErrOnScreen = errors.New("cards are on screen")
	// ErrNoMore means that fewer cards are left to be refunded.
	ErrNoMore = errors.New("not so many cards are left to be refunded")
	// ErrUnopened is a refund of a part of cards that nobody has seen: which ones could still be shown would be open.
	ErrUnopened = errors.New("unopened cards are refunded all at once")
)

// DueLook are placements that were given up, to be looked at again in the supplier's list.
const DueLook DueKind = "look"

// DecisionRequest takes a placement for a person.
type DecisionRequest struct {
	ID     PlacementID
	States []OrderState  // the states in which it may be decided about
	Lease  time.Duration // how long the decision may take to be written
	Note   string        // kept with the placement; the settlement under this claim books its money with it
}

// TakeDecision takes a placement for a person's decision, which Settle then writes; a worker that had it before is fenced off. It
// returns ErrLeased while a worker has it, ErrEdge in any other state, and ErrNotFound.
func (s *Store) TakeDecision(ctx context.Context, r DecisionRequest) (Claim, error) {
	args := []any{r.ID.K, r.Lease.Milliseconds(), note(r.Note)}
	for _, state := range r.States {
		args = append(args, string(state))
	}
	word, rest, err := s.word(ctx, "decide", []string{s.keys.order(r.ID.Order), s.keys.fence()}, args...)
	if err != nil {
		return Claim{}, err
	}
	switch word {
	case "taken":
	case "leased":
		return Claim{}, ErrLeased
	default:
		return Claim{}, refusal(word)
	}
	o, err := parseOrder(r.ID.Order, pairs(rest[2:]))
	if err != nil {
		return Claim{}, err
	}
	return Claim{Order: o, Place: o.Placements[r.ID.K-1], Fence: number(rest[0]), Now: moment(rest[1])}, nil
}

// Refund is money given back after an order has ended.
type Refund struct {
	Order   string
	Account string // of the order
	Ref     string // letters and digits; makes it happen once
	Cards   int    // how many cards it is for; 0 for all that are left
	Note    string // kept in the ledger
	Event   Event  // its data is written by the script
}

// Refund books a refund once for each reference and returns its amount in minor units, and
// whether it was booked now. It returns ErrOnScreen, ErrNoMore, ErrUnopened, ErrEdge for an order that has not ended, and
// ErrNotFound.
func (s *Store) Refund(ctx context.Context, r Refund) (int64, bool, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "refund", []string{k.order(r.Order), k.wallets(), k.ledger(), k.statement(r.Account),
		k.due(DueNotice), k.leases(DueNotice), k.events(), k.seq(), k.orderEvents(r.Order), k.personEvents(r.Event.Person), k.spent(r.Account)},
		r.Order, r.Ref, r.Cards, r.Account, note(r.Note), r.Event.pack())
	if err != nil {
		return 0, false, err
	}
	switch word {
	case "refunded", "exists":
		return number(rest[0]), word == "refunded", nil
	case "on_screen":
		return 0, false, ErrOnScreen
	case "nothing":
		return 0, false, ErrNoMore
	case "unopened":
		return 0, false, ErrUnopened
	default:
		return 0, false, refusal(word)
	}
}

// Stock is what turned up for a placement that nobody is waiting for any more, or that is under review.
type Stock struct {
	ID      PlacementID
	Handle  string // the supplier's order it came with; empty for none
	Cost    int64  // minor units of the shop's currency; booked once a placement
	Replace string // beginning of the indexes that are replaced; empty for none
	Cards   []SealedCard
	Prints  [][]byte // fingerprints of what came from the supplier; those that nobody owns are bound to the placement
	Event   Event
}

// KeepStock keeps quarantined cards, and binds their supplier order, without money of a customer. It tells whether anything is new.
// It returns ErrEdge while the placement may still end by itself or has cards, ErrTaken for another placement's order, and
// ErrNotFound.
func (s *Store) KeepStock(ctx context.Context, t Stock) (bool, error) {
	k, id := s.keys, t.ID.Order
	args := []any{id, t.ID.K, t.Handle, t.Cost, t.Replace, t.Event.pack(), len(t.Prints)}
	for _, p := range t.Prints {
		args = append(args, p)
	}
	for _, c := range t.Cards {
		args = append(args, c.Index, c.Bytes)
	}
	word, _, err := s.word(ctx, "stock", []string{k.order(id), k.vault(id), k.handles(), k.wallets(), k.ledger(), k.events(), k.seq(),
		k.orderEvents(id), k.personEvents(t.Event.Person), k.prints()}, args...)
	if err != nil {
		return false, err
	}
	if word != "kept" && word != "exists" {
		return false, refusal(word)
	}
	return word == "kept", nil
}

// LookBack has a placement looked at again after a while, once: it is called before the placement is given up, so that no crash
// between the two forgets it.
func (s *Store) LookBack(ctx context.Context, id PlacementID, after time.Duration) error {
	_, _, err := s.word(ctx, "look_back", []string{s.keys.due(DueLook)}, id.String(), after.Milliseconds())
	return err
}

// PrintOwners reads which placements own fingerprints, in their order; empty for none.
func (s *Store) PrintOwners(ctx context.Context, prints [][]byte) ([]string, error) {
	owners := make([]string, len(prints))
	if len(prints) == 0 {
		return owners, nil
	}
	fields := make([]string, len(prints))
	for i, p := range prints {
		fields[i] = string(p)
	}
	found, err := s.rdb.HMGet(ctx, s.keys.prints(), fields...).Result()
	if err != nil {
		return nil, fmt.Errorf("read fingerprints: %w", err)
	}
	for i, v := range found {
		owners[i], _ = v.(string)
	}
	return owners, nil
}

// ParsePlacementID reads "<order>.<k>", the member in queues.
func ParsePlacementID(text string) (PlacementID, bool) {
	i := strings.LastIndexByte(text, '.')
	if i < 1 || number(text[i+1:]) < 1 {
		return PlacementID{}, false
	}
	return PlacementID{Order: text[:i], K: int(number(text[i+1:]))}, true
}

// decided is the note of a placement's last decision, without the fence that stands before it.
func decided(kept string) string {
	_, text, _ := strings.Cut(kept, " ")
	return text
}
