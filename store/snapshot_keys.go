package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// errKind is a key of a kind that no backup knows.
var errKind = errors.New("key is of an unknown kind")

// copyKey copies one key of any kind, page by page. A key that is gone meanwhile is no error.
func (s *Store) copyKey(ctx context.Context, key, rest string, out sink) error {
	kind, err := s.rdb.Type(ctx, key).Result()
	if err != nil {
		return fmt.Errorf("read kind of a key: %w", err)
	}
	switch kind {
	case "none":
		return nil
	case "hash":
		err = copyPages("hash", rest, out, func(cursor uint64) ([]string, uint64, error) {
			return s.rdb.HScan(ctx, key, cursor, "", copyPage).Result()
		})
	case "zset":
		err = copyPages("zset", rest, out, func(cursor uint64) ([]string, uint64, error) {
			return s.rdb.ZScan(ctx, key, cursor, "", copyPage).Result()
		})
	case "set":
		err = copyPages("set", rest, out, func(cursor uint64) ([]string, uint64, error) {
			return s.rdb.SScan(ctx, key, cursor, "", copyPage).Result()
		})
	case "list":
		err = s.copyList(ctx, key, rest, out)
	case "string":
		var text string
		if text, err = s.rdb.Get(ctx, key).Result(); err == nil {
			err = out.put(line{T: "text", K: rest, V: bytesOf(text)})
		} else if absent(err) {
			err = nil
		}
	case "stream":
		err = s.copyStream(ctx, key, rest, out)
	default:
		err = fmt.Errorf("%w: %s", errKind, kind)
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", rest, err)
	}
	return nil
}

func copyPages(t, rest string, out sink, page func(cursor uint64) ([]string, uint64, error)) error {
	for cursor := uint64(0); ; {
		texts, next, err := page(cursor)
		if err != nil {
			return err
		}
		if len(texts) > 0 {
			if err := out.put(line{T: t, K: rest, V: bytesOf(texts...)}); err != nil {
				return err
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// copyList reads a list at once: some grow at their head, and pages would slip.
func (s *Store) copyList(ctx context.Context, key, rest string, out sink) error {
	all, err := s.rdb.LRange(ctx, key, 0, -1).Result()
	if err != nil {
		return err
	}
	for at := 0; at < len(all); at += copyPage {
		if err := out.put(line{T: "list", K: rest, N: int64(at), V: bytesOf(all[at:min(at+copyPage, len(all))]...)}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) copyStream(ctx context.Context, key, rest string, out sink) error {
	for at := "-"; ; {
		list, err := s.rdb.XRangeN(ctx, key, at, "+", eventPage).Result()
		if err != nil {
			return err
		}
		if err := putEntries(out, "stream", rest, list); err != nil {
			return err
		}
		if len(list) < eventPage {
			return nil
		}
		at = "(" + list[len(list)-1].ID
	}
}

// orderCopy are the questions about one order as a whole.
type orderCopy struct {
	id            string
	fields, cards *redis.MapStringStringCmd
	scores        map[string]*redis.FloatCmd // by queue
}

// orderQueues are the queues whose members are orders. Those of placements follow from the order itself.
func (s *Store) orderQueues() map[string]string {
	k := s.keys
	return map[string]string{"open": k.open(), "due:notice": k.due(DueNotice), "due:sweep": k.due(DueSweep), "due:retain": k.due(DueRetain)}
}

func (s *Store) askOrder(ctx context.Context, p redis.Pipeliner, id string) orderCopy {
	c := orderCopy{id: id, fields: p.HGetAll(ctx, s.keys.order(id)), cards: p.HGetAll(ctx, s.keys.vault(id)), scores: map[string]*redis.FloatCmd{}}
	for queue, key := range s.orderQueues() {
		c.scores[queue] = p.ZScore(ctx, key, id)
	}
	return c
}

// put writes the order as it was read; an order that is not there was never opened.
func (c orderCopy) put(out sink) error {
	if err := errors.Join(c.fields.Err(), c.cards.Err()); err != nil {
		return fmt.Errorf("read order %s: %w", c.id, err)
	}
	if len(c.fields.Val()) == 0 {
		return nil
	}
	l := line{T: "order", K: c.id, V: fieldsOf(c.fields.Val()), S: fieldsOf(c.cards.Val())}
	for queue, score := range c.scores {
		if err := present(score.Err()); err != nil {
			return fmt.Errorf("read queues of order %s: %w", c.id, err)
		}
		if score.Err() == nil {
			l.Z = append(l.Z, []byte(queue), []byte(strconv.FormatFloat(score.Val(), 'f', -1, 64)))
		}
	}
	return out.put(l)
}

// copyOrders copies orders as they are now, each by itself.
func (s *Store) copyOrders(ctx context.Context, ids []string, out sink) error {
	for at := 0; at < len(ids); at += copyPage {
		var copies []orderCopy
		_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, id := range ids[at:min(at+copyPage, len(ids))] {
				copies = append(copies, s.askOrder(ctx, p, id))
			}
			return nil
		})
		if present(err) != nil {
			return fmt.Errorf("read orders: %w", err)
		}
		for _, c := range copies {
			if err := c.put(out); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyTerms copies what was agreed with each reseller, as it is now.
func (s *Store) copyTerms(ctx context.Context, out sink) error {
	accounts, err := s.rdb.HKeys(ctx, s.keys.linked()).Result()
	if err != nil {
		return fmt.Errorf("read resellers: %w", err)
	}
	for _, account := range accounts {
		terms, err := s.rdb.HGetAll(ctx, s.keys.terms(account)).Result()
		if err != nil {
			return fmt.Errorf("read terms: %w", err)
		}
		rest := strings.TrimPrefix(s.keys.terms(account), s.keys.at(""))
		if err := out.put(line{T: "whole", K: rest, V: fieldsOf(terms)}); err != nil {
			return err
		}
	}
	return nil
}
