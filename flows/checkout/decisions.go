package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// The events of a person's decisions, which belong to the closed set of events. Their notes are no part of them.
const (
	EventDecided  = "DECIDED"        // an admin ended or moved a placement: placement, answer, state, cards
	EventSupplied = "CODES_SUPPLIED" // an admin entered codes: placement, cards
	EventStock    = "HOUSE_STOCK"    // what turned up for a placement nobody waits for: placement, cards, reason
)

// What keeps a decision from being carried out; nothing was written and no money moved.
var (
	// ErrUndecidable is a placement whose state does not leave this decision to a person, or not any more.
	ErrUndecidable = errors.New("placement is not in a state for this decision")
	// ErrBeingAsked is a placement that a worker, or another admin, has right now.
	ErrBeingAsked = errors.New("placement is being worked on right now")
	// ErrHandle is a supplier's order id that the supplier does not show for this line, or that is missing or of no use here.
	ErrHandle = errors.New("supplier does not show such an order for this line")
	// ErrHandleTaken is a supplier's order that another placement owns.
	ErrHandleTaken = errors.New("supplier order belongs to another placement")
	// ErrUnfit is a review without a card that may be shown.
	ErrUnfit = errors.New("nothing that came may be shown")
	// ErrCodes are typed codes that cannot be shown, are too many, or were sold before.
	ErrCodes = errors.New("codes cannot be taken")
	// ErrNote is a note that is missing, too long, not plain text, or names a code of the order.
	ErrNote = errors.New("note cannot be kept")
	// ErrNoRefund is a refund of more cards than are left to be refunded.
	ErrNoRefund = errors.New("not so many cards are left to be refunded")
	// ErrUnopened is a refund of a part of cards that nobody has opened.
	ErrUnopened = errors.New("unopened cards are refunded all at once")
)

// decisionLease is how long a decision may take from the claim to its settlement: a few calls to the store.
const decisionLease = 10 * time.Second

// Decision is what a person found out about a placement in doubt.
type Decision struct {
	Bought bool
	Handle string // the supplier's order id, with Bought, where the supplier has such ids; else empty
	Note   string // kept in the ledger and with the placement, never in the record
}

// Resolve ends a doubt. Bought with a handle binds that order of the supplier, if it shows one for this line and no other placement owns
// it, and asks about it: by itself it captures nothing. Bought without one, where the supplier has no order ids, puts the placement
// under review. Not bought returns its money and ends all calls for its reference: what turns up later is house stock. It returns
// ErrUndecidable, ErrBeingAsked, ErrHandle, ErrHandleTaken, ErrNote, ErrNotFound, or ErrUnavailable for a supplier that is switched off.
func (s *Shop) Resolve(ctx context.Context, admin int64, order string, k int, d Decision) error {
	o, p, err := s.part(ctx, order, k)
	if err != nil {
		return err
	}
	v := verdict{id: store.PlacementID{Order: order, K: k}, admin: admin, states: []store.OrderState{store.InDoubt, store.Pending}, answer: "bought"}
	if v.note, err = s.note(ctx, o, d.Note, true); err != nil {
		return err
	}
	supplier, on := s.suppliers[asks(o, k)]
	numbered, named := supplier.(providers.Numbered)
	switch {
	case !slices.Contains(v.states, p.State):
		return ErrUndecidable
	case !d.Bought:
		return s.notBought(ctx, v, supplier, p)
	case !on:
		return ErrUnavailable
	case !named && d.Handle == "":
		return s.decide(ctx, v, func(_ *job, t *store.Settlement) { t.State = store.Review })
	case !named || !numbered.IsHandle(d.Handle):
		return ErrHandle
	}
	if err := s.shows(ctx, supplier, o, p, d.Handle); err != nil {
		return err
	}
	v.states = []store.OrderState{store.InDoubt} // a pending one has its order
	if err := s.decide(ctx, v, func(_ *job, t *store.Settlement) { t.State, t.Handle = store.Pending, d.Handle }); err != nil {
		return err
	}
	s.enqueue(errand{id: v.id})
	return nil
}

// notBought gives a placement up. The look-back is stored first: no crash may forget it.
func (s *Shop) notBought(ctx context.Context, v verdict, supplier providers.Provider, p store.Placement) error {
	v.answer = "not_bought"
	if lookable(supplier, p) {
		if err := s.o.Store.LookBack(ctx, v.id, firstLook); err != nil {
			return err
		}
	}
	return s.decide(ctx, v, func(j *job, t *store.Settlement) {
		t.State, j.snap.Reason = store.Refused, string(providers.NotPlaced)
	})
}

// shows asks a supplier whether an order of its own can be this placement's: it is there, nobody owns it, and it is not of another line.
// Nothing is bought: with a handle Resolve is a mere question.
func (s *Shop) shows(ctx context.Context, supplier providers.Provider, o store.Order, p store.Placement, handle string) error {
	owners, err := s.o.Store.HandleOwners(ctx, asks(o, p.K), []string{handle})
	if err != nil {
		return err
	}
	if owner := owners[handle]; owner != "" && owner != (store.PlacementID{Order: o.ID, K: p.K}).String() {
		return ErrHandleTaken
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return err
	}
	of, err := snap.source(o, p.K)
	if err != nil {
		return err
	}
	asked := placement(store.Claim{Order: o, Place: p}, snap, of)
	asked.Handle = handle
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	f, err := supplier.Resolve(limited, asked)
	if err != nil || f.Fault == providers.WrongLine {
		return ErrHandle
	}
	finder, ok := supplier.(providers.Finder)
	if !ok || p.Sent.IsZero() {
		return nil
	}
	found, err := finder.Find(limited, asked, p.Sent.Add(-clockSkew), s.o.Now().Add(clockSkew))
	if err == nil && !slices.ContainsFunc(found, func(f providers.Found) bool { return f.Handle == handle }) {
		return ErrHandle // another line or quantity, or older than our request; a list that cannot be read tells nothing
	}
	return nil
}

// Refunding is money to be given back.
type Refunding struct {
	Cards int    // of an order that has ended and was opened; 0 for all
	Note  string // kept in the ledger
	Ref   string // 1 to 32 letters and digits: the same reference refunds once
}

// Refund gives money back. A placement under review ends without cards, and what came stays sealed as house stock. After the end it is a new
// transfer and a mark on the order, never of more than was captured and not while the cards are on a screen; unopened cards become
// house stock. It returns the amount in minor units, and ErrUndecidable, ErrBeingAsked, ErrNoRefund, ErrUnopened, *OnScreenError,
// ErrNote or ErrNotFound, and *DangerError for one that has to be approved first.
func (s *Shop) Refund(ctx context.Context, admin int64, order string, k int, r Refunding) (int64, error) {
	return s.refund(ctx, admin, order, k, r, false)
}

func (s *Shop) refund(ctx context.Context, admin int64, order string, k int, r Refunding, approved bool) (int64, error) {
	o, err := s.Order(ctx, order, 0)
	if err != nil {
		return 0, err
	}
	note, err := s.note(ctx, o, r.Note, true)
	if err != nil {
		return 0, err
	}
	if !approved {
		if err := s.refundDanger(admin, o, k, r); err != nil {
			return 0, err
		}
	}
	if o.State.Final() {
		return s.payBack(ctx, admin, o, note, r)
	}
	o, p, err := s.part(ctx, order, k)
	if err != nil {
		return 0, err
	}
	kept, err := s.lying(ctx, o, k)
	if err != nil {
		return 0, err
	}
	v := verdict{id: store.PlacementID{Order: order, K: k}, admin: admin, states: []store.OrderState{store.Review}, answer: "refund", note: note}
	err = s.decide(ctx, v, func(j *job, t *store.Settlement) {
		t.State = store.Refunded
		t.Cost = j.charged(providers.Fulfillment{Cards: make([]providers.Card, kept)}) // sold to the shop, whoever gets it
	})
	return int64(p.Quantity) * o.Unit, err
}

func (s *Shop) payBack(ctx context.Context, admin int64, o store.Order, note string, r Refunding) (int64, error) {
	if !isRef(r.Ref) || r.Cards < 0 {
		return 0, ErrNoRefund
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return 0, err
	}
	amount, _, err := s.o.Store.Refund(ctx, store.Refund{Order: o.ID, Account: o.Account, Ref: r.Ref, Cards: r.Cards, Note: note,
		Event: s.event(EventPaidBack, o, actor, nil)})
	switch {
	case errors.Is(err, store.ErrOnScreen):
		return 0, &OnScreenError{Until: o.Reveal.Until}
	case errors.Is(err, store.ErrNoMore):
		return 0, ErrNoRefund
	case errors.Is(err, store.ErrUnopened):
		return 0, ErrUnopened
	case errors.Is(err, store.ErrEdge):
		return 0, ErrUndecidable
	case err != nil:
		return 0, fmt.Errorf("refund %s: %w", o.ID, err)
	}
	nudge(s.news)
	return amount, nil
}

func isRef(text string) bool {
	return text != "" && len(text) <= 32 && !slices.ContainsFunc([]rune(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// part reads one placement of an order.
func (s *Shop) part(ctx context.Context, order string, k int) (store.Order, store.Placement, error) {
	o, err := s.Order(ctx, order, 0)
	if err != nil {
		return store.Order{}, store.Placement{}, err
	}
	if k < 1 || k > len(o.Placements) {
		return store.Order{}, store.Placement{}, ErrNotFound
	}
	return o, o.Placements[k-1], nil
}

// verdict is a decision on its way to being written.
type verdict struct {
	id     store.PlacementID
	admin  int64
	states []store.OrderState // in which it may be taken
	answer string             // for the record
	note   string
}

// decide takes the placement from whoever may have it and settles it as a person says, in one script with its event. fill says how; what
// it needs was prepared before, so that the claim is short.
func (s *Shop) decide(ctx context.Context, v verdict, fill func(j *job, t *store.Settlement)) error {
	actor, err := s.person(ctx, v.admin)
	if err != nil {
		return err
	}
	claim, err := s.o.Store.TakeDecision(ctx, store.DecisionRequest{ID: v.id, States: v.states, Lease: decisionLease, Note: v.note})
	if err != nil {
		return undecided(v.id, err)
	}
	snap, err := SnapshotOf(claim.Order)
	if err != nil {
		return err
	}
	j, err := s.job(claim, snap)
	if err != nil {
		return err
	}
	t := store.Settlement{ID: v.id, Fence: claim.Fence, Account: claim.Order.Account, Kind: j.kind()}
	fill(j, &t)
	if t.Doc, err = json.Marshal(j.snap); err != nil {
		return fmt.Errorf("write order: %w", err)
	}
	t.Event = s.event(EventDecided, claim.Order, actor, map[string]string{"placement": itoa(v.id.K), "answer": v.answer,
		"state": string(t.State), "cards": itoa(t.Delivered)})
	t.Ended = s.event(EventEnded, claim.Order, actor, nil)
	state, err := s.o.Store.Settle(ctx, t)
	if err != nil {
		return undecided(v.id, err)
	}
	s.ended(claim.Order, state)
	nudge(s.news)
	return nil
}

// undecided turns what the store says about a decision into what the shop says.
func undecided(id store.PlacementID, err error) error {
	switch {
	case errors.Is(err, store.ErrLeased), errors.Is(err, store.ErrFenced):
		return ErrBeingAsked
	case errors.Is(err, store.ErrEdge):
		return ErrUndecidable
	case errors.Is(err, store.ErrTaken):
		return ErrHandleTaken
	case errors.Is(err, store.ErrRepeat):
		return ErrUnfit
	case errors.Is(err, store.ErrNotFound):
		return ErrNotFound
	}
	return fmt.Errorf("decide about %s: %w", id, err)
}
