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

// lookSpan is how long after it was asked for a placement that was given up may still turn up at its supplier.
const lookSpan = 48 * time.Hour

// order writes an order as it was read at one moment, in the place of what was read before. What follows from it is made anew.
func (r *Refill) order(ctx context.Context, l line) error {
	if l.K == "" || len(l.V) == 0 || len(l.V)%2 != 0 || len(l.S)%2 != 0 {
		return ErrBadLine
	}
	k := r.s.keys
	r.p.Del(ctx, k.order(l.K), k.vault(l.K))
	push(len(l.V), func(args []any) { r.p.HSet(ctx, k.order(l.K), args...) }, l.V)
	push(len(l.S), func(args []any) { r.p.HSet(ctx, k.vault(l.K), args...) }, l.S)
	scores := map[string]string{}
	if err := pairwise(l.Z, func(queue, score string) error { scores[queue] = score; return nil }); err != nil {
		return err
	}
	for queue, key := range r.s.orderQueues() {
		score, in := scores[queue]
		if !in {
			r.p.ZRem(ctx, key, l.K)
		} else if err := r.add(ctx, key, l.K, score); err != nil {
			return err
		}
	}
	fields := map[string]string{}
	if err := pairwise(l.V, func(field, value string) error { fields[field] = value; return nil }); err != nil {
		return err
	}
	o, err := parseOrder(l.K, fields)
	if err != nil {
		return ErrBadLine
	}
	if o.Former != 0 {
		r.moved[o.ID] = o.Former
	}
	r.placements(ctx, o, fields)
	r.p.ZAdd(ctx, k.due(DueNotice), r.score(o.ID, r.now)) // whatever its buyer was told: the screen is drawn again
	return nil
}

func (r *Refill) score(member string, at time.Time) redis.Z {
	return redis.Z{Score: float64(at.UnixMilli()), Member: member}
}

// placements writes what follows from an order's placements: owners of the suppliers' orders and of codes, and looks at what was given up.
// The queues of unfinished ones are filled at the end.
func (r *Refill) placements(ctx context.Context, o Order, fields map[string]string) {
	k := r.s.keys
	for _, p := range o.Placements {
		member := PlacementID{Order: o.ID, K: p.K}.String()
		r.p.ZRem(ctx, k.due(DuePlace), member)
		r.p.ZRem(ctx, k.doubt(), member)
		if p.Handle != "" {
			r.p.HSet(ctx, k.handles(), p.Provider+":"+p.Handle, member)
		}
		for _, print := range printsOf(fields[strconv.Itoa(p.K)+".fp"]) {
			r.p.HSetNX(ctx, k.prints(), print, member)
		}
		if (p.State == Refused || p.State == Refunded) && r.now.Sub(p.SendBy) < lookSpan {
			r.p.ZAddNX(ctx, k.due(DueLook), r.score(member, r.now))
		}
	}
}

// printsOf reads the fingerprints that stand in an order.
func printsOf(text string) []string {
	var all []string
	for text != "" {
		size, rest, _ := strings.Cut(text, ":")
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 || n > len(rest) {
			return all
		}
		all, text = append(all, rest[:n]), rest[n:]
	}
	return all
}

// flush sends what is gathered and counts the ledger entries that are new.
func (r *Refill) flush(ctx context.Context) error {
	if r.p.Len() == 0 {
		return nil
	}
	if _, err := r.p.Exec(ctx); err != nil {
		return fmt.Errorf("refill: %w", err)
	}
	for _, b := range r.fresh {
		if b.written.Val() {
			r.sums[b.entry.From] -= b.entry.Amount
			r.sums[b.entry.To] += b.entry.Amount
			r.entries++
		}
	}
	r.fresh = r.fresh[:0]
	return nil
}

// End makes what follows from the rest: balances, lists of orders, queues. A placement that nobody had asked for yet may have been asked
// for behind the backup's end: it is in doubt from now on, so that its supplier is asked what became of it and never to sell it again.
func (r *Refill) End(ctx context.Context) (Refilled, error) {
	if err := r.flush(ctx); err != nil {
		return Refilled{}, err
	}
	for account, sum := range r.sums {
		r.p.HSet(ctx, r.s.keys.wallets(), account, sum)
	}
	r.p.HDel(ctx, r.s.keys.head(), "gone", "ix") // the head is of a later moment than the macs, and the indexes are made anew
	if r.gone != "" && r.gone != "0" {
		r.p.HSet(ctx, r.s.keys.head(), "gone", r.gone)
	}
	if err := errors.Join(r.lists(ctx), r.recount(ctx)); err != nil {
		return Refilled{}, err
	}
	done := Refilled{Entries: r.entries}
	if err := r.unfinished(ctx, &done); err != nil {
		return Refilled{}, err
	}
	return done, r.flush(ctx)
}

// Done ends the refill: from now on the shop may open, and is not removed by another refill.
func (r *Refill) Done(ctx context.Context) error {
	if err := r.s.rdb.HDel(ctx, r.s.keys.switches(), refilling).Err(); err != nil {
		return fmt.Errorf("end refill: %w", err)
	}
	return nil
}

// recount forgets what was known about the use of encryption keys: cards of the copy may be sealed under one that was given up since.
func (r *Refill) recount(ctx context.Context) error {
	names, err := r.s.rdb.HKeys(ctx, r.s.keys.ring()).Result()
	if err != nil {
		return fmt.Errorf("read keyring: %w", err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "spent:") || strings.HasPrefix(name, "dropped:") {
			r.p.HDel(ctx, r.s.keys.ring(), name)
		}
	}
	r.p.Del(ctx, r.s.keys.keyUse())
	return nil
}

// lists puts orders opened behind the copy on top of the lists of their buyers and accounts, which may have them already.
func (r *Refill) lists(ctx context.Context) error {
	for _, id := range r.opened {
		o, err := r.s.Order(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue // a transfer that is named like a hold
		}
		if err != nil {
			return err
		}
		for _, key := range []string{r.s.keys.buyerOrders(o.Buyer), r.s.keys.accountOrders(o.Account)} {
			r.p.LRem(ctx, key, 1, id)
			r.p.LPush(ctx, key, id)
		}
	}
	for id, former := range r.moved { // the copy's lists may still have it where it was
		o, err := r.s.Order(ctx, id)
		if err != nil {
			return err
		}
		for _, key := range []string{r.s.keys.buyerOrders(former), r.s.keys.accountOrders(CustomerAccount(former))} {
			r.p.LRem(ctx, key, 1, id)
		}
		for _, key := range []string{r.s.keys.buyerOrders(o.Buyer), r.s.keys.accountOrders(o.Account)} {
			r.p.LRem(ctx, key, 1, id)
			r.p.RPush(ctx, key, id)
		}
	}
	return r.flush(ctx)
}

// unfinished makes every placement that is not final due now, without the lease of a worker that is gone.
func (r *Refill) unfinished(ctx context.Context, done *Refilled) error {
	k := r.s.keys
	ids, err := r.s.rdb.ZRange(ctx, k.open(), 0, -1).Result()
	if err != nil {
		return fmt.Errorf("read open orders: %w", err)
	}
	done.Open = len(ids)
	for _, id := range ids {
		o, err := r.s.Order(ctx, id)
		if err != nil {
			return err
		}
		r.p.ZAdd(ctx, k.buyerOpen(o.Buyer), r.score(id, o.Created))
		r.p.HSet(ctx, k.order(id), "alone", "1") // it may have asked others behind the backup's end
		doubtful := false
		for _, p := range o.Placements {
			if p.State.Final() {
				continue
			}
			place, member := strconv.Itoa(p.K)+".", PlacementID{Order: id, K: p.K}.String()
			r.p.HSet(ctx, k.order(id), place+"until", "0")
			if p.State == Ready {
				done.Asked++
				doubtful = true
				p.State, p.Sent = InDoubt, o.Created
				r.p.HSet(ctx, k.order(id), place+"st", string(InDoubt), place+"sent", o.Created.UnixMilli(), place+"by", r.now.UnixMilli())
			}
			if p.State == InDoubt {
				r.p.ZAddNX(ctx, k.doubt(), r.score(member, p.Sent))
			}
			if p.State != Review {
				r.p.ZAdd(ctx, k.due(DuePlace), r.score(member, r.now))
			}
		}
		if doubtful && o.State != Review {
			r.p.HSet(ctx, k.order(id), "st", string(InDoubt))
		}
		r.p.ZAdd(ctx, k.due(DueNotice), r.score(id, r.now))
	}
	return r.flush(ctx)
}
