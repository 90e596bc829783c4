package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// House is the account of orders that nobody pays for: a supplier's orders that turned up without one of ours.
const House = "house"

// DueReconcile are comparisons that an admin asked for, by the number of the chat.
const DueReconcile DueKind = "reconcile"

// FoundOrder is a supplier's order that nobody here knows.
type FoundOrder struct {
	ID       string // minted by the caller
	Provider string
	Handle   string // the supplier's id
	Quantity int    // cards
	Doc      []byte // the caller's own JSON
	Event    Event
}

// OpenFound makes a place for the cards of a supplier's order that nobody here knows: an order without money, refused, owned by nobody,
// due to be looked back at. It tells whether it did; false when a placement owns that order of the supplier by now. It returns
// ErrConflict for an id that was used before.
func (s *Store) OpenFound(ctx context.Context, f FoundOrder) (bool, error) {
	if f.ID == "" || f.Handle == "" || f.Quantity < 1 {
		return false, errors.New("open found order: no id, no handle or no cards")
	}
	k := s.keys
	word, _, err := s.word(ctx, "found", []string{k.order(f.ID), k.handles(), k.accountOrders(House), k.due(DueLook),
		k.events(), k.seq(), k.orderEvents(f.ID), k.personEvents(f.Event.Person)},
		f.ID, House, f.Provider, f.Handle, f.Quantity, f.Doc, f.Event.pack())
	if err != nil {
		return false, err
	}
	if word == "found" || word == "owned" {
		return word == "found", nil
	}
	return false, refusal(word)
}

// HouseOrders reads a page of what was found, newest first; the second result tells whether there are more.
func (s *Store) HouseOrders(ctx context.Context, page, size int) ([]Order, bool, error) {
	return s.listed(ctx, s.keys.accountOrders(House), page, size)
}

// Orders reads orders by id in one round trip; ids without an order are left out.
func (s *Store) Orders(ctx context.Context, ids []string) ([]Order, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.read(ctx, ids)
}

// Looked lists the placements that were given up lately and are looked back at.
func (s *Store) Looked(ctx context.Context) ([]PlacementID, error) {
	members, err := s.rdb.ZRange(ctx, s.keys.due(DueLook), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read look-backs: %w", err)
	}
	return placementIDs(members), nil
}

// Run names the Redis process that answers now: another one after a restart or a failover. It is empty where Redis does not tell.
func (s *Store) Run(ctx context.Context) (string, error) {
	node, err := s.node(ctx)
	if err != nil {
		return "", fmt.Errorf("read run id: %w", err)
	}
	values, err := told(node.Info(ctx, "server").Result())
	return values["run_id"], err
}

// Entries counts the ledger.
func (s *Store) Entries(ctx context.Context) (int64, error) {
	n, err := s.rdb.HLen(ctx, s.keys.ledger()).Result()
	if err != nil {
		return 0, fmt.Errorf("count ledger: %w", err)
	}
	return n, nil
}

// AskReconcile has a comparison made for a chat as soon as a worker is free.
func (s *Store) AskReconcile(ctx context.Context, chat string) error {
	_, _, err := s.word(ctx, "look_back", []string{s.keys.due(DueReconcile)}, chat, 0)
	return err
}

// KeepComparison keeps how far the latest comparison has come, as the caller's own JSON.
func (s *Store) KeepComparison(ctx context.Context, text []byte) error {
	if err := s.rdb.Set(ctx, s.keys.comparison(), text, 0).Err(); err != nil {
		return fmt.Errorf("keep comparison: %w", err)
	}
	return nil
}

// Comparison reads the latest comparison; nil when there was none.
func (s *Store) Comparison(ctx context.Context) ([]byte, error) {
	text, err := s.rdb.Get(ctx, s.keys.comparison()).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read comparison: %w", err)
	}
	return text, nil
}

// Redraw has a talk's present screen drawn again now: what it shows has changed without anybody talking.
func (s *Store) Redraw(ctx context.Context, id TalkID) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	at := redis.Z{Score: float64(now.UnixMilli()), Member: id.member()}
	_, err = s.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, s.keys.due(DueRedraw), at)
		p.HSet(ctx, s.keys.leases(DueRedraw), id.member(), "again") // a claim writes over it
		return nil
	})
	if err != nil {
		return fmt.Errorf("push redraw: %w", err)
	}
	return nil
}
