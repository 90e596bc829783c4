package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Kind is what makes placements interchangeable where the supplier takes no reference of ours.
type Kind struct {
	Provider string
	SKU      string
	Quantity int
}

// String is the kind as a part of a key.
func (k Kind) String() string { return k.Provider + "|" + k.SKU + "|" + strconv.Itoa(k.Quantity) }

// KindOf is the kind of a placement of an order for a product.
func KindOf(o Order, p Placement, sku string) Kind {
	return Kind{Provider: cmp.Or(p.Provider, o.Provider), SKU: sku, Quantity: p.Quantity}
}

// blindPage is how many open orders are read at once while they are indexed.
const blindPage = 500

// BlindAround reads the orders of placements of one kind that have no supplier's id and were asked for around a time: those within reach of
// it, those within reach of them, and so on.
func (s *Store) BlindAround(ctx context.Context, kind Kind, at time.Time, reach time.Duration) ([]Order, error) {
	all, err := s.rdb.ZRangeWithScores(ctx, s.keys.blind(kind), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read blind placements: %w", err)
	}
	if len(all) == 0 {
		return nil, nil
	}
	near := func(a, b float64) bool { return max(a-b, b-a) <= float64(reach.Milliseconds()) }
	from, _ := slices.BinarySearchFunc(all, float64(at.UnixMilli()), func(z redis.Z, want float64) int { return int(z.Score - want) })
	start, end := from, from
	for last := float64(at.UnixMilli()); start > 0 && near(all[start-1].Score, last); start-- {
		last = all[start-1].Score
	}
	for last := float64(at.UnixMilli()); end < len(all) && near(all[end].Score, last); end++ {
		last = all[end].Score
	}
	members := make([]string, 0, end-start)
	for _, z := range all[start:end] {
		members = append(members, fmt.Sprint(z.Member))
	}
	return s.ordersOf(ctx, members)
}

// BlindBetween reads the orders of placements of one kind that have no supplier's id and were asked for between two times.
func (s *Store) BlindBetween(ctx context.Context, kind Kind, from, to time.Time) ([]Order, error) {
	members, err := s.rdb.ZRangeByScore(ctx, s.keys.blind(kind), &redis.ZRangeBy{
		Min: strconv.FormatInt(from.UnixMilli(), 10), Max: strconv.FormatInt(to.UnixMilli(), 10)}).Result()
	if err != nil {
		return nil, fmt.Errorf("read blind placements: %w", err)
	}
	return s.ordersOf(ctx, members)
}

// ordersOf reads the orders of placements, each once.
func (s *Store) ordersOf(ctx context.Context, members []string) ([]Order, error) {
	if len(members) == 0 {
		return nil, nil
	}
	var ids []string
	for _, id := range placementIDs(members) {
		if !slices.Contains(ids[max(0, len(ids)-8):], id.Order) { // placements of one order stand side by side
			ids = append(ids, id.Order)
		}
	}
	slices.Sort(ids)
	return s.read(ctx, slices.Compact(ids))
}

// IndexBlind finds the placements without a supplier's id that were asked for before there was an index of them, once a shop. sku names a
// placement's product; it answers false for one that cannot be read, which is left out. One that settles meanwhile may stay in the index: who reads it looks
// at the order as well.
func (s *Store) IndexBlind(ctx context.Context, sku func(Order, Placement) (string, bool)) error {
	done, err := s.rdb.HExists(ctx, s.keys.upgrades(), "blind").Result()
	if err != nil || done {
		return err
	}
	for at := int64(0); ; at += blindPage {
		ids, err := s.rdb.ZRange(ctx, s.keys.open(), at, at+blindPage-1).Result()
		if err != nil {
			return fmt.Errorf("index blind placements: %w", err)
		}
		orders, err := s.read(ctx, ids)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if err := s.indexOrder(ctx, o, sku); err != nil {
				return err
			}
		}
		if len(ids) < blindPage {
			break
		}
	}
	if err := s.rdb.HSet(ctx, s.keys.upgrades(), "blind", "1").Err(); err != nil {
		return fmt.Errorf("index blind placements: %w", err)
	}
	return nil
}

func (s *Store) indexOrder(ctx context.Context, o Order, sku func(Order, Placement) (string, bool)) error {
	for _, p := range o.Placements {
		product, ok := sku(o, p)
		if !ok || !p.Blind() {
			continue
		}
		one := redis.Z{Score: float64(p.Sent.UnixMilli()), Member: PlacementID{Order: o.ID, K: p.K}.String()}
		if err := s.rdb.ZAddNX(ctx, s.keys.blind(KindOf(o, p, product)), one).Err(); err != nil {
			return fmt.Errorf("index blind placements: %w", err)
		}
	}
	return nil
}

// Blind tells whether the supplier may have an order for the placement whose id is not known.
func (p Placement) Blind() bool {
	return p.Handle == "" && !p.Sent.IsZero() && (p.State == Placing || p.State == InDoubt)
}
