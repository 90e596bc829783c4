package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// sales measures purchases and reveals a second against pairs of SET and GETDEL on the same Redis, each pair two round trips, and what an
// order weighs there.
func (b *bench) sales(ctx context.Context, rounds, orders int) (rows []row, err error) {
	t, err := openTill(ctx, b.redis.url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	raw, err := b.redis.client()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	const peer = "SET+GETDEL"
	buy := row{what: "purchases, until settled", unit: "/s", against: peer, sense: atLeast, target: 0.25}
	show := row{what: "reveals", unit: "/s", against: peer, sense: atLeast, target: 0.6}
	weight := row{what: "bytes in Redis for a settled order", unit: "B", sense: atMost, target: 1500, exact: true}
	if _, _, err := t.sell(ctx, orders/4); err != nil { // scripts, connections and the first tables of Redis
		return nil, err
	}
	for range rounds {
		limit, err := rawPairs(ctx, raw, orders)
		if err != nil {
			return nil, err
		}
		before, err := weigh(ctx, t, raw)
		if err != nil {
			return nil, err
		}
		list, bought, err := t.sell(ctx, orders)
		if err != nil {
			return nil, err
		}
		after, err := weigh(ctx, t, raw)
		if err != nil {
			return nil, err
		}
		shown, err := t.show(ctx, list)
		if err != nil {
			return nil, err
		}
		buy.rounds, show.rounds = append(buy.rounds, pair{bought, limit}), append(show.rounds, pair{shown, limit})
		weight.rounds = append(weight.rounds, pair{ours: (after - before) / float64(orders)})
	}
	buy.note = fmt.Sprintf("%d purchases and reveals were refused and tried again, because the record was not linked yet", t.refused.Load())
	sealing, err := t.sealing(ctx, 5*rounds, orders)
	if err != nil {
		return nil, err
	}
	record, err := t.record(ctx, rounds)
	return []row{buy, show, weight, sealing, record}, err
}

// rawPairs writes and takes back values of a card's size, fifty connections at once, and returns how many pairs a second.
func rawPairs(ctx context.Context, rdb *redis.Client, n int) (float64, error) {
	value := strings.Repeat("x", 200)
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	began := time.Now()
	err := each(numbers, connections, func(i int) error {
		key := "raw:" + strconv.Itoa(i)
		return errors.Join(rdb.Set(ctx, key, value, 0).Err(), rdb.GetDel(ctx, key).Err())
	})
	if err != nil {
		return 0, fmt.Errorf("raw pairs: %w", err)
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// weigh is what Redis holds, without the buffers of connections and of the log, when every event is linked and indexed.
func weigh(ctx context.Context, t *till, rdb *redis.Client) (float64, error) {
	if err := t.shop.Notarize(ctx); err != nil {
		return 0, fmt.Errorf("weigh: %w", err)
	}
	text, err := rdb.Info(ctx, "memory").Result()
	if err != nil {
		return 0, fmt.Errorf("weigh: %w", err)
	}
	figures := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			figures[name] = n
		}
	}
	if figures["used_memory"] == 0 {
		return 0, errors.New("weigh: Redis does not tell")
	}
	return figures["used_memory"] - figures["mem_clients_normal"] - figures["mem_aof_buffer"], nil
}
