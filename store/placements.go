package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrLeased means that another worker has the placement, or that its time has not come.
var ErrLeased = errors.New("placement is taken or not due")

// Claim is a placement taken for a while.
type Claim struct {
	Order Order
	Place Placement
	Buy   bool // nobody has asked the supplier yet: place it; else only resolve
	Fence int64
	Now   time.Time // Redis' time at the claim
}

// PlacementID names one placement.
type PlacementID struct {
	Order string
	K     int
}

// String is "<order>.<k>", the member in queues.
func (p PlacementID) String() string { return p.Order + "." + strconv.Itoa(p.K) }

// DuePlacements lists placements whose time has come, oldest first, without taking them.
func (s *Store) DuePlacements(ctx context.Context, limit int) ([]PlacementID, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	members, err := s.rdb.ZRangeByScore(ctx, s.keys.due(DuePlace), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: int64(limit),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("read due placements: %w", err)
	}
	return placementIDs(members), nil
}

func placementIDs(members []string) []PlacementID {
	ids := make([]PlacementID, 0, len(members))
	for _, m := range members {
		if i := strings.LastIndexByte(m, '.'); i > 0 {
			ids = append(ids, PlacementID{Order: m[:i], K: int(number(m[i+1:]))})
		}
	}
	return ids
}

// ClaimRequest says how long a claim lasts.
type ClaimRequest struct {
	ID     PlacementID
	Lease  time.Duration // of a resolve
	SendBy time.Duration // how long from now the supplier may be asked; the claim outlives it by 5 s
	Now    bool          // a person asks: do not wait for its time
	Kind   Kind
	Event  Event // written with the intent to ask the supplier
}

// ClaimPlacement takes one placement. It returns ErrLeased when it is not ours to take now, ErrNotFound when it is gone, ErrEdge
// when it is final or under review.
func (s *Store) ClaimPlacement(ctx context.Context, r ClaimRequest) (Claim, error) {
	k := s.keys
	asked := "0"
	if r.Now {
		asked = "1"
	}
	word, rest, err := s.word(ctx, "claim_placement",
		[]string{k.order(r.ID.Order), k.due(DuePlace), k.fence(), k.events(), k.seq(), k.orderEvents(r.ID.Order),
			k.personEvents(r.Event.Person), k.blind(r.Kind)},
		r.ID.Order, r.ID.K, r.Lease.Milliseconds(), r.SendBy.Milliseconds(), r.Event.pack(), asked)
	if err != nil {
		return Claim{}, err
	}
	switch word {
	case "place", "resolve":
	case "leased", "later":
		return Claim{}, ErrLeased
	case "done":
		return Claim{}, ErrEdge
	default:
		return Claim{}, refusal(word)
	}
	o, err := parseOrder(r.ID.Order, pairs(rest[2:]))
	if err != nil {
		return Claim{}, err
	}
	return Claim{Order: o, Place: o.Placements[r.ID.K-1], Buy: word == "place", Fence: number(rest[0]), Now: moment(rest[1])}, nil
}

// Settlement is what became of a claimed placement.
type Settlement struct {
	ID        PlacementID
	Fence     int64
	Account   string // of the order
	Kind      Kind
	State     OrderState
	Handle    string        // kept when not empty
	Memo      string        // kept when not empty
	Next      time.Duration // when to ask again, while not final
	Delivered int           // cards that came, with a final state
	Cost      int64         // what they cost, minor units of the shop's currency
	Charged   bool          // the supplier said so; else Cost is an estimate from the quote
	Slow      bool
	Doc       []byte       // replaces the order's document when not nil
	Cards     []SealedCard // kept, or quarantined with State Review
	Prints    [][]byte     // fingerprints of the codes, bound with a final state; with State Review those that nobody owns
	Event     Event        // of the placement
	Ended     Event        // of the order, should it end; its data is written by the script
	Instead   *Instead     // who takes the place of a refused placement; nil for nobody
}

// Instead is another supplier to whom the cards of a refused placement go, as placements of their own.
type Instead struct {
	Provider string
	Source   []byte // the caller's JSON of what is asked for there
	Cards    []int  // of each placement; together those of the refused one
}

// SealedCard is one entry of the vault.
type SealedCard struct {
	Index string // as bound in the card's associated data; begins with q when quarantined
	Bytes []byte
}

// Settle writes a placement's fate: state, money, cards and event at once, and returns the order's state. It returns ErrFenced
// when the claim was lost, ErrEdge (also for more cards than were asked for, or for others in place of one that was not refused), ErrRepeat for a code that was sold before, ErrTaken
// for another placement's handle; then nothing was written.
func (s *Store) Settle(ctx context.Context, t Settlement) (OrderState, error) {
	k, id := s.keys, t.ID.Order
	slow, charged := "0", ""
	if t.Slow {
		slow = "1"
	}
	if t.Charged {
		charged = "1"
	}
	args := []any{id, t.ID.K, t.Fence, string(t.State), t.Handle, t.Memo, t.Next.Milliseconds(), t.Delivered, t.Cost, slow,
		t.Doc, t.Event.pack(), t.Ended.pack(), charged, len(t.Cards)}
	for _, c := range t.Cards {
		args = append(args, c.Index, c.Bytes)
	}
	args = append(args, len(t.Prints))
	for _, p := range t.Prints {
		args = append(args, p)
	}
	if t.Instead != nil {
		args = append(args, t.Instead.Provider, t.Instead.Source)
		for _, cards := range t.Instead.Cards {
			args = append(args, cards)
		}
	}
	word, rest, err := s.word(ctx, "settle", []string{k.order(id), k.wallets(), k.ledger(), k.statement(t.Account), k.open(),
		k.due(DuePlace), k.due(DueNotice), k.vault(id), k.prints(), k.events(), k.seq(), k.orderEvents(id),
		k.personEvents(t.Event.Person), k.leases(DueNotice), k.doubt(), k.handles(), k.blind(t.Kind), k.due(DueRetain),
		k.spent(t.Account)}, args...)
	if err != nil {
		return "", err
	}
	if word != "ok" {
		return "", refusal(word)
	}
	return OrderState(rest[0]), nil
}

// Postpone lets a placement wait that is due but cannot be asked about. One that is not queued stays so.
func (s *Store) Postpone(ctx context.Context, id PlacementID, d time.Duration) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	later := redis.Z{Score: float64(now.Add(d).UnixMilli()), Member: id.String()}
	if err := s.rdb.ZAddXX(ctx, s.keys.due(DuePlace), later).Err(); err != nil {
		return fmt.Errorf("postpone placement: %w", err)
	}
	return nil
}

// HandleOwners reads which placements own supplier orders: handle → "<order>.<k>".
func (s *Store) HandleOwners(ctx context.Context, provider string, handles []string) (map[string]string, error) {
	if len(handles) == 0 {
		return map[string]string{}, nil
	}
	fields := make([]string, len(handles))
	for i, h := range handles {
		fields[i] = provider + ":" + h
	}
	found, err := s.rdb.HMGet(ctx, s.keys.handles(), fields...).Result()
	if err != nil {
		return nil, fmt.Errorf("read handles: %w", err)
	}
	owners := map[string]string{}
	for i, v := range found {
		if owner, ok := v.(string); ok {
			owners[handles[i]] = owner
		}
	}
	return owners, nil
}

// InDoubtPlacements lists placements in doubt, oldest first.
func (s *Store) InDoubtPlacements(ctx context.Context) ([]PlacementID, error) {
	members, err := s.rdb.ZRange(ctx, s.keys.doubt(), 0, 999).Result()
	if err != nil {
		return nil, fmt.Errorf("read doubts: %w", err)
	}
	return placementIDs(members), nil
}

// Wake makes an order's unfinished placements due now. It returns how many, and ErrNotFound.
func (s *Store) Wake(ctx context.Context, order string, e Event) (int, error) {
	k := s.keys
	word, rest, err := s.word(ctx, "wake", []string{k.order(order), k.due(DuePlace), k.due(DueNotice), k.leases(DueNotice),
		k.events(), k.seq(), k.orderEvents(order), k.personEvents(e.Person)}, order, e.pack())
	if err != nil {
		return 0, err
	}
	if word != "ok" {
		return 0, refusal(word)
	}
	return int(number(rest[0])), nil
}

// pairs turns field, value, field, value … into a map.
func pairs(list []string) map[string]string {
	m := make(map[string]string, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}
