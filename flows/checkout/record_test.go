package checkout

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cardrop/store"
)

// history is a record with everything that a purchase and a reveal write, linked.
func (k *kit) history() int64 {
	k.t.Helper()
	o, token := k.ready(amine, grab, 12)
	k.ok(k.reveal(o, token, amine))
	k.pass(11 * time.Minute)
	k.ok(k.shop.Sweep(k.ctx))
	k.is(k.reveal(o, "wrong", bilal), ErrNotFound)
	k.pass(time.Second)
	n, err := k.raw.XLen(k.ctx, k.key("events")).Result()
	k.ok(err)
	return n
}

func TestNotary(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		n := k.history()
		head, err := k.shop.VerifyRecord(k.ctx)
		k.ok(err)
		stored, err := k.store.Head(k.ctx)
		k.ok(err)
		macs, err := k.raw.LLen(k.ctx, k.key("macs")).Result()
		k.ok(err)
		if head != stored || head.Seq != n || macs != n || len(head.Hash) != 64 || n < 12 {
			t.Errorf("%d entries, %d macs, head %+v", n, macs, head)
		}
		// Nothing new: the same head, and the time of the link goes on.
		k.pass(time.Second)
		again, err := k.store.Head(k.ctx)
		k.ok(err)
		if again.Hash != head.Hash || again.Seq != n || !again.At.After(head.At) {
			t.Errorf("%+v after %+v", again, head)
		}
		// More than one batch.
		for range 2*linkBatch + 10 {
			k.ok(k.store.Record(k.ctx, store.Event{Kind: EventAuditRead, Actor: system}))
		}
		k.ok(k.shop.Notarize(k.ctx))
		if head, err = k.shop.VerifyRecord(k.ctx); err != nil || head.Seq != n+2*linkBatch+10 {
			t.Errorf("%+v, %v", head, err)
		}
		// A later batch, altered.
		events := k.stream()
		events[linkBatch+7].Values["k"] = EventSaved
		k.rewrite(events)
		var bad *BadEntry
		if _, err := k.shop.VerifyRecord(k.ctx); !errors.As(err, &bad) || bad.Seq != linkBatch+8 {
			t.Errorf("%v", err)
		}
	})
}

// stream reads the record as it lies in Redis.
func (k *kit) stream() []redis.XMessage {
	k.t.Helper()
	list, err := k.raw.XRange(k.ctx, k.key("events"), "-", "+").Result()
	k.ok(err)
	return list
}

// rewrite puts another record in its place, as somebody with Redis in his hands would.
func (k *kit) rewrite(list []redis.XMessage) {
	k.t.Helper()
	k.ok(k.raw.Del(k.ctx, k.key("events")).Err())
	for _, m := range list {
		k.ok(k.raw.XAdd(k.ctx, &redis.XAddArgs{Stream: k.key("events"), ID: m.ID, Values: m.Values}).Err())
	}
}

// TestThreat38TamperedRecord: whatever is done to a linked record, the first entry that does not hold is named by its number.
func TestThreat38TamperedRecord(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		n := k.history()
		good := k.stream()
		head, err := k.raw.HGetAll(k.ctx, k.key("head")).Result()
		k.ok(err)
		macs, err := k.raw.LRange(k.ctx, k.key("macs"), 0, -1).Result()
		k.ok(err)
		check := func(what string, seq int64, why string) {
			t.Helper()
			var bad *BadEntry
			_, err := k.shop.VerifyRecord(k.ctx)
			if !errors.As(err, &bad) || bad.Seq != seq || (why != "" && bad.Why != why) || !strings.Contains(err.Error(), fmt.Sprintf("entry %d ", seq)) {
				t.Errorf("%s: %v, want entry %d", what, err, seq)
			}
			k.rewrite(good)
			k.ok(k.raw.Del(k.ctx, k.key("macs")).Err())
			for _, m := range macs {
				k.ok(k.raw.RPush(k.ctx, k.key("macs"), m).Err())
			}
			for field, value := range head {
				k.ok(k.raw.HSet(k.ctx, k.key("head"), field, value).Err())
			}
			if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
				t.Fatalf("not as it was: %v", err)
			}
		}
		clone := func() []redis.XMessage {
			list := make([]redis.XMessage, len(good))
			for i, m := range good {
				list[i] = redis.XMessage{ID: m.ID, Values: map[string]any{}}
				maps.Copy(list[i].Values, m.Values)
			}
			return list
		}
		for i := range good {
			seq := int64(i + 1)
			k.ok(k.raw.XDel(k.ctx, k.key("events"), good[i].ID).Err())
			want := "altered" // the next one stands in its place
			if seq == n {
				want = "missing"
			}
			check("deleted", seq, want)
			for field, value := range map[string]string{"t": "1", "k": EventSaved, "o": "ZZZZZZZZ", "p": "0123456789abcdef", "a": "nobody",
				"d": `{"cards":"99"}`} {
				list := clone()
				list[i].Values[field] = value
				k.rewrite(list)
				check("altered "+field, seq, "altered")
			}
			if i+1 < len(good) {
				list := clone()
				list[i].Values, list[i+1].Values = list[i+1].Values, list[i].Values
				k.rewrite(list)
				check("swapped", seq, "altered")
				k.rewrite(append(clone()[:i+1], clone()[i+1:]...))
				ms, _, _ := strings.Cut(good[i].ID, "-")
				if next := ms + "-900"; next > good[i].ID && !strings.HasPrefix(good[i+1].ID, ms+"-") {
					list := clone()
					twin := redis.XMessage{ID: next, Values: list[i].Values}
					k.rewrite(append(append(append([]redis.XMessage{}, list[:i+1]...), twin), list[i+1:]...))
					check("duplicated", seq+1, "altered")
				}
			}
			k.ok(k.raw.LSet(k.ctx, k.key("macs"), int64(i), strings.Repeat("m", 32)).Err())
			check("its mac altered", seq, "altered")
		}
		k.rewrite(clone()[:n-3])
		check("cut off at the end", n-2, "missing")
		k.ok(k.raw.Del(k.ctx, k.key("events")).Err())
		check("all gone", 1, "missing")
		k.ok(k.raw.LTrim(k.ctx, k.key("macs"), 0, n-3).Err())
		check("macs cut off", n-1, "altered")
		k.ok(k.raw.HSet(k.ctx, k.key("head"), "head", strings.Repeat("0", 64)).Err())
		check("the head altered", n, "head")
		k.ok(k.raw.HSet(k.ctx, k.key("head"), "seq", n+1).Err())
		check("the head ahead", n+1, "missing")
	})
}

// TestThreat40NotaryStops: when the notary has not run for six seconds, nothing is bought and nothing shown; what is on a screen still goes.
func TestThreat40NotaryStops(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		shown, token := k.ready(amine, grab, 1)
		k.ok(k.reveal(shown, token, amine))
		sealed, later := k.ready(bilal, psn, 1)
		b := k.basket(amine, grab, 1)
		k.frozen = true
		k.pass(4 * time.Second)
		fresh := k.basket(amine, grab, 1)
		if _, err := k.shop.Buy(k.ctx, fresh); err != nil {
			t.Errorf("stopped after 4 s: %v", err)
		}
		k.pass(2 * time.Second)
		before := k.wallet(amine)
		_, err := k.shop.Buy(k.ctx, b)
		k.is(err, ErrClosed)
		k.is(err, store.ErrBehind)
		k.is(k.reveal(sealed, later, bilal), ErrClosed)
		if k.wallet(amine) != before || len(k.tray.visible()) != 1 {
			t.Error("bought or shown without a record")
		}
		k.pass(60 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.ok(k.shop.Retain(k.ctx))
		if len(k.tray.visible()) != 0 {
			t.Error("codes stay on screen")
		}
		k.frozen = false
		k.ok(k.shop.Notarize(k.ctx))
		_, err = k.shop.Buy(k.ctx, b)
		k.ok(err)
		k.ok(k.reveal(sealed, later, bilal))
		if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
			t.Error(err)
		}
		// Too many entries that are not linked yet stop it as well.
		k.frozen = true
		b = k.basket(amine, grab, 1)
		for range 1010 {
			k.ok(k.store.Record(k.ctx, store.Event{Kind: EventAuditRead, Actor: system}))
		}
		_, err = k.shop.Buy(k.ctx, b)
		k.is(err, store.ErrBehind)
	})
}

// TestTwoNotaries: several processes that notarize at once make one chain.
func TestTwoNotaries(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		shops := []*Shop{k.shop}
		for range 3 {
			o := k.options
			o.Store = k.openStore()
			t.Cleanup(func() { _ = o.Store.Close() })
			s, err := New(o)
			k.ok(err)
			shops = append(shops, s)
		}
		var wg sync.WaitGroup
		for i, s := range shops {
			wg.Go(func() {
				for range 20 {
					if err := s.o.Store.Record(k.ctx, store.Event{Kind: EventAuditRead, Actor: fmt.Sprint(i)}); err != nil {
						t.Error(err)
					}
					k.target.Add(1500) // so that the duty changes hands
					if err := s.Notarize(k.ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		k.pass(4 * time.Second)
		head, err := k.shop.VerifyRecord(k.ctx)
		if n := int64(len(k.stream())); err != nil || head.Seq != n || n < 80 {
			t.Errorf("%+v of %d, %v", head, n, err)
		}
	})
}
