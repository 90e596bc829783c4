package checkout

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// How a reveal is carried out.
const (
	claimLease = 40 * time.Second // from the claim to the stored receipt
	showLimit  = 30 * time.Second // for putting codes into a placeholder
	showGrace  = 5 * time.Second  // after it, for a request on its way; then an unconfirmed placeholder goes
	wrongTries = 10               // wrong tokens a user may try in a minute
	extension  = 60 * time.Second // "+60 s"
	pageCards  = 5                // more cards than this come as a file
)

// Offer mints the token of an order's Show button. It returns the errors of Again.
func (s *Shop) Offer(ctx context.Context, order string) (string, error) {
	return s.mint(ctx, order, 0, EventOffered)
}

// Again mints a token for another showing, for the owner. It returns ErrNotFound, ErrNotReady, ErrNothing, *OnScreenError, ErrUsedUp or
// ErrShredded.
func (s *Shop) Again(ctx context.Context, order string, user int64) (string, error) {
	return s.mint(ctx, order, user, EventAgain)
}

func (s *Shop) mint(ctx context.Context, order string, user int64, kind string) (string, error) {
	o, err := s.own(ctx, order, user, "again")
	if err != nil {
		return "", err
	}
	raw := make([]byte, 32)
	s.o.Rand(raw)
	token := base64.RawURLEncoding.EncodeToString(raw)
	actor := system
	if user != 0 {
		actor = s.o.Ring.Pseudonym(user)
	}
	err = s.o.Store.Mint(ctx, order, s.o.Ring.Token(token), user, s.o.RevealTTL, s.o.RevealLimit, s.event(kind, o, actor, nil))
	if err != nil {
		return "", s.outcome(err)
	}
	return token, nil
}

// own reads an order for an act of its owner (user 0 is the shop itself). Somebody else's try is recorded and gets the words of an order
// that does not exist.
func (s *Shop) own(ctx context.Context, order string, user int64, act string) (store.Order, error) {
	o, err := s.Order(ctx, order, 0)
	if err != nil || user == 0 || o.Buyer == user {
		return o, err
	}
	return store.Order{}, errors.Join(s.deny(ctx, user, act, order), ErrNotFound)
}

// outcome turns what the store says about a reveal into what the shop says.
func (s *Shop) outcome(err error) error {
	var t *store.TakeOutcome
	if !errors.As(err, &t) {
		if errors.Is(err, store.ErrBehind) {
			return fmt.Errorf("%w: %w", ErrClosed, err)
		}
		return err
	}
	switch t.Word {
	case "not_ready":
		return ErrNotReady
	case "nothing":
		return ErrNothing
	case "shredded":
		return ErrShredded
	case "used_up":
		return ErrUsedUp
	case "left":
		return ErrUndecidable
	case "paused":
		return ErrPaused
	case "on_screen":
		return &OnScreenError{Until: t.Until}
	case "handed":
		return &HandedError{Until: t.Until, Opened: t.Opened}
	case "seen":
		return ErrSeen
	case "shown":
		return &ShownError{Shown: t.Shown, Limit: s.o.RevealLimit}
	default:
		return ErrNotFound
	}
}

// Reveal puts an order's cards on its owner's screen, once a token; one that ran out is renewed. The steps: claim, placeholder, the deadline made durable, codes. It returns
// ErrNotFound for a token that is unknown or another's, *OnScreenError and *ShownError for a used one of the owner, ErrDelivery
// when the codes could not be shown (the cards are safe), and the errors of Again.
func (s *Shop) Reveal(ctx context.Context, order, token string, buyer Buyer, route Route) error {
	if !isOrderID(order) {
		order = "" // what a client made up is denied like any unknown order, and gets neither into the record nor into a key
	}
	person, err := s.person(ctx, buyer.User)
	if err != nil {
		return err
	}
	tapped, line := s.o.Now(), store.Event{Kind: EventClaimed, Order: order, Person: person, Actor: person}
	denied := line
	denied.Kind, denied.Data = EventDenied, map[string]string{"act": "reveal"}
	renewed := line // its token is on no button: nobody ever reads it
	renewed.Kind = EventRenewed
	taken, err := s.o.Store.TakeReveal(ctx, store.Take{Order: order, MAC: s.o.Ring.Token(token), User: buyer.User, Lease: claimLease,
		Limit: s.o.RevealLimit, Tries: wrongTries, Denied: denied, Claimed: line,
		Renewal: store.Renewal{MAC: s.o.Ring.Token(rand.Text()), Life: s.o.RevealTTL, Event: renewed}})
	if err != nil {
		if err = s.outcome(err); wrongToken(err) {
			s.tally(ctx, tokenPattern(), buyer.User)
		}
		return err
	}
	if err := s.bring(ctx, taken, buyer, route); err != nil {
		return err
	}
	s.o.Meter.Shown(s.o.Now().Sub(tapped))
	return nil
}

// bring opens claimed cards and delivers them: the one road of every showing.
func (s *Shop) bring(ctx context.Context, t store.Taken, buyer Buyer, route Route) error {
	shown, err := s.opened(ctx, t)
	if err != nil {
		return s.giveBack(ctx, t, err)
	}
	if route.visit != nil {
		route.visit.clean(shown.cards)
	}
	return s.deliver(ctx, t, s.parcel(ctx, t.Order, shown.snap, shown.cards, buyer, route), route)
}

// opening is a claimed reveal, decrypted.
type openedCards struct {
	snap  Snapshot
	cards []providers.Card
}

func (s *Shop) opened(ctx context.Context, t store.Taken) (openedCards, error) {
	snap, err := SnapshotOf(t.Order)
	if err != nil {
		return openedCards{}, err
	}
	cards, err := s.open(t.Order, snap.SKU, t.Cards)
	if err != nil {
		reason := "key_missing"
		switch {
		case errors.Is(err, ErrTampered):
			reason = "tampered"
		case errors.Is(err, ErrKeyRetired):
			reason = "key_retired"
		}
		s.alarm(ctx, "card_"+reason, t.Order.ID)
		if err := s.o.Store.Record(ctx, s.byBuyer(EventKey, t.Order, map[string]string{"reason": reason})); err != nil {
			return openedCards{}, err
		}
		return openedCards{}, err
	}
	if len(cards) == 0 {
		return openedCards{}, ErrNothing
	}
	return openedCards{snap: snap, cards: cards}, nil
}

// giveBack ends a claim that showed nothing: a failure never burns a card.
func (s *Shop) giveBack(ctx context.Context, t store.Taken, cause error) error {
	if err := s.o.Store.GiveBack(context.WithoutCancel(ctx), t.Order.ID, t.Claim); err != nil {
		s.o.Logger.WarnContext(ctx, "claim was not given back, its lease will end", "order", t.Order.ID, "err", err)
	}
	return cause
}

// parcel is what the channel delivers.
func (s *Shop) parcel(ctx context.Context, o store.Order, snap Snapshot, cards []providers.Card, buyer Buyer, route Route) Parcel {
	if err := s.view(ctx); err != nil { // cards are shown whatever is said of their product
		s.o.Logger.WarnContext(ctx, "what is said of a product could not be read", "order", o.ID, "err", err)
	}
	said := s.arranged.Load()
	file := route.File || len(cards) > pageCards && !route.Page
	title := snap.Title
	if snap.Name != "" && !strings.Contains(snap.Name, snap.Title) {
		title += " · " + snap.Name
	} else if snap.Name != "" {
		title = snap.Name
	}
	return Parcel{
		Recipient: Recipient{Order: o.ID, Title: title, User: o.Buyer, Chat: o.Chat, Language: buyer.Language, Cards: len(cards),
			File: file, Table: snap.Table && !route.Page, Life: s.life(snap, said, file && !route.Page), Place: route.Place},
		Kind: snap.Kind, Account: snap.Account, Service: snap.Service, Face: snap.Face, Cards: cards, Extend: !file,
		How: said.of(snap.Line, s.familyOf(snap.Line), TraitHow, buyer.Language),
	}
}

// Saved removes the codes from the screen before their time. It returns ErrNotFound for somebody else's order; nothing on screen is
// no error.
func (s *Shop) Saved(ctx context.Context, order string, user int64) error {
	o, err := s.own(ctx, order, user, "save")
	if err != nil {
		return err
	}
	if err := s.o.Store.EndNow(ctx, order, s.byBuyer(EventSaved, o, nil)); err != nil && !errors.Is(err, store.ErrEdge) {
		return err
	}
	nudge(s.sweeps)
	return nil
}

// Extend adds a minute to the codes on screen, once a showing, and redraws them with the new time. It returns ErrNotFound for somebody
// else's order, and ErrNotReady when nothing is on screen or the minute was used.
func (s *Shop) Extend(ctx context.Context, order string, user int64) (time.Time, error) {
	o, err := s.own(ctx, order, user, "extend")
	if err != nil {
		return time.Time{}, err
	}
	until, err := s.o.Store.Extend(ctx, order, extension, s.byBuyer(EventExtended, o, nil))
	if errors.Is(err, store.ErrEdge) {
		return time.Time{}, ErrNotReady
	}
	if err != nil {
		return time.Time{}, err
	}
	var receipt Receipt
	if err := json.Unmarshal(o.Reveal.Receipt, &receipt); err != nil {
		return until, fmt.Errorf("read receipt: %w", err)
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return until, err
	}
	vault, err := s.o.Store.Vault(ctx, order)
	if err != nil {
		return until, err
	}
	cards, err := s.open(o, snap.SKU, vault)
	if err != nil {
		return until, err
	}
	p := s.parcel(ctx, o, snap, cards, Buyer{User: o.Buyer, Chat: o.Chat, Language: receipt.Language}, Route{File: receipt.File})
	p.Until, p.Extend = until, false
	if c := s.channels[receipt.Channel]; c != nil {
		err = c.Show(ctx, receipt, p)
	}
	return until, err
}
