package checkout

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
	"cardrop/store"
)

// The keys that follow master, in this order.
const (
	second = "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
	third  = "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
)

// rekey starts the shop anew with other keys, as a restart does.
func (k *kit) rekey(primary string, retired ...string) {
	k.t.Helper()
	k.options.Ring = k.openRing(k.store, primary, retired...)
	var err error
	k.shop, err = New(k.options)
	k.ok(err)
	k.ok(k.shop.Notarize(k.ctx))
	k.ok(k.shop.RefreshCatalog(k.ctx))
}

// rotates lets the rotation work until it rests.
func (k *kit) rotates() {
	k.t.Helper()
	k.shop.walk.next = time.Time{}
	for range 1000 {
		k.ok(k.shop.Rotate(k.ctx))
		if k.shop.walk.next.After(k.now()) {
			return
		}
	}
	k.t.Fatal("the rotation does not come to an end")
}

// under counts what lies sealed or wrapped under each key, read from Redis by hand.
func (k *kit) under() map[string]int {
	k.t.Helper()
	count := map[string]int{}
	for _, key := range k.scan("v:*") {
		vault, err := k.raw.HGetAll(k.ctx, key).Result()
		k.ok(err)
		for _, blob := range vault {
			count[fmt.Sprintf("%x", blob[1:5])]++
		}
	}
	ring, err := k.raw.HGetAll(k.ctx, k.key("ring")).Result()
	k.ok(err)
	for name, value := range ring {
		if strings.HasPrefix(name, "wrap:") {
			count[fmt.Sprintf("%x", value[:4])]++
		}
	}
	return count
}

// id is the id of a key.
func (k *kit) id(secret string) string {
	k.t.Helper()
	key, err := newMasterKey(providers.NewSecret(secret))
	k.ok(err)
	return fmt.Sprintf("%x", key.id)
}

// stocked leaves cards of every kind: delivered, seen, quarantined, and an answer kept whole.
func (k *kit) stocked() (o store.Order, token string) {
	k.t.Helper()
	seen, t := k.ready(bilal, psn, 1)
	k.ok(k.reveal(seen, t, bilal))
	k.pass(61 * time.Second)
	k.ok(k.shop.Sweep(k.ctx))
	k.came(bilal, 2, providers.Fulfillment{State: providers.Fulfilled, Cards: cards("ONE-OF-TWO")})
	k.came(bilal, 1, providers.Fulfillment{State: providers.Fulfilled, Fault: providers.Unreadable, Raw: providers.NewSecret("an answer")})
	return k.ready(amine, grab, 3)
}

// TestThreat16Rotation: everything sealed or wrapped under the former key comes under the new one, quarantined cards and whole answers included; the
// key may go then and not before, and what an old copy brings back says that its key is retired and does not open.
func TestThreat16Rotation(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.stocked()
		old := k.under()
		before := k.dump()
		k.rekey(second, master)
		if k.options.Ring.Token("t") == "" || len(k.under()) != 1 {
			t.Fatalf("before the rotation: %v", k.under())
		}
		k.rotates()
		if diff := cmp.Diff(map[string]int{k.id(second): old[k.id(master)]}, k.under()); diff != "" {
			t.Errorf("after the rotation: %s", diff)
		}
		for key, text := range k.dump() { // nothing but ring, vaults and the record has changed
			name := strings.TrimPrefix(key, k.key(""))
			if text != before[key] && !strings.HasPrefix(name, "v:") && !slices.Contains([]string{"ring", "keyuse", "events", "seq", "head", "macs",
				"lease:rotation", "lease:notary", "lease:catalog"}, name) && !strings.HasPrefix(name, "cat:") && !strings.HasPrefix(name, "lease") &&
				!strings.HasPrefix(name, "ek:") && !strings.HasPrefix(name, "ea:") { // indexes of the record
				t.Errorf("%s has changed", name)
			}
		}
		keys, err := k.shop.Keys(k.ctx)
		k.ok(err)
		if diff := cmp.Diff([]KeyState{{ID: k.id(master), Loaded: true, Known: true}}, keys); diff != "" {
			t.Error(diff)
		}
		still := k.dump()
		k.rotates()
		if diff := cmp.Diff(still[k.key("ring")], k.dump()[k.key("ring")]); diff != "" {
			t.Errorf("a second rotation changed the ring: %s", diff)
		}
		k.rekey(second) // the former key may go
		k.rekey(second)
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
	})
}

// TestThreat14FormerCopy: a sealed card as it was before a rotation, put back into the vault when its key is gone, does not open: its owner is
// asked to come later, the record and the operators hear of it, and nothing is burned. A rotation changes neither what is sealed nor whose it
// is, so that before the key is gone the former copy is the same card.
func TestThreat14FormerCopy(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.stocked()
		former := k.raw.HGetAll(k.ctx, k.key("v:"+o.ID)).Val()
		k.rekey(second, master)
		k.rotates()
		k.rekey(second)
		k.rekey(second)
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		for index, blob := range former {
			k.ok(k.raw.HSet(k.ctx, k.key("v:"+o.ID), index, blob).Err())
			if _, err := k.options.Ring.Open([]byte(blob), place{Order: o.ID, Index: index, Owner: amine, SKU: grab}); !errors.Is(err, ErrKeyRetired) {
				t.Errorf("an old copy: %v", err)
			}
		}
		again, err := k.shop.Again(k.ctx, o.ID, amine)
		k.ok(err)
		k.is(k.reveal(o, again, amine), ErrKeyRetired)
		if events, _, err := k.store.EventsOfOrder(k.ctx, o.ID, 0, 1); err != nil || events[0].Data["reason"] != "key_retired" {
			t.Errorf("%v %v", events, err)
		}
		if k.rung("card_key_retired") != 1 || len(k.tray.visible()) != 0 {
			t.Errorf("alarms %v", k.alarms)
		}
		k.rotates()
		if k.rung("card_key_missing") != 1 {
			t.Errorf("nobody hears of entries under a key that is gone: %v", k.alarms)
		}
		// With the key back for a moment, they come under the new one.
		k.rekey(second, master)
		k.rotates()
		k.ok(k.reveal(o, again, amine))
		k.onScreen(o)
	})
}

// TestKeyStillNeeded: a start without a key that anything is sealed under is refused with the count, and nothing is written; also in the
// middle of a rotation.
func TestKeyStillNeeded(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.stocked()
		all := int64(k.under()[k.id(master)])
		refused := func(cards, keys int64, names string) {
			t.Helper()
			before := k.dump()
			_, err := k.ring(k.store, "sandbox", k.name, second)
			var needed *NeededError
			if !errors.As(err, &needed) || !errors.Is(err, ErrWrongKey) || needed.Cards != cards || needed.Keys != keys || needed.Key != k.id(names) {
				t.Errorf("%v, want %d cards and %d keys", err, cards, keys)
			}
			if err != nil && (strings.Contains(err.Error(), master) || !strings.Contains(err.Error(), "ENCRYPTION_KEYS_RETIRED")) {
				t.Error(err)
			}
			if diff := cmp.Diff(before, k.dump()); diff != "" {
				t.Errorf("the refused start wrote: %s", diff)
			}
		}
		_, err := k.ring(k.store, "sandbox", k.name, second) // never used here
		k.is(err, ErrWrongKey)
		k.rekey(second, master)
		refused(all-5, 5, master)
		stored, err := k.store.Keyring(k.ctx)
		k.ok(err)
		_, err = k.options.Ring.rewrap(k.ctx, stored)
		k.ok(err)
		refused(all-5, 0, master)
		k.rotates()
		k.rekey(second)
	})
}

// TestTwoPrimaries: of two processes with different primary keys only the one with the newer key seals again, and each opens what the other
// sealed, once both keys are known to both.
func TestTwoPrimaries(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.stocked()
		k.rekey(master, second) // the new key is known before it seals
		older := k.shop
		k.rekey(second, master)
		newer := k.shop
		k.shop = older
		k.rotates()
		if n := k.under()[k.id(second)]; n != 0 {
			t.Errorf("the process with the older key sealed %d entries under the newer one", n)
		}
		k.ok(k.store.DropLease(k.ctx, "rotation"))
		k.shop = newer
		k.rotates()
		k.shop = older
		k.rotates()
		if n := k.under()[k.id(master)]; n != 0 {
			t.Errorf("the process with the older key took %d entries back", n)
		}
		k.options.Ring = older.o.Ring
		k.ok(k.reveal(o, token, amine)) // by the older process, sealed under the newer key
		k.onScreen(o)
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		late, _ := k.ready(bilal, grab, 1) // sealed by the older process, after the walk
		if n := k.under()[k.id(master)]; n != 1 {
			t.Errorf("%d entries", n)
		}
		_, err := k.ring(k.store, "sandbox", k.name, second)
		var needed *NeededError
		if !errors.As(err, &needed) || needed.Cards != 1 {
			t.Errorf("the key of %s may be dropped: %v", late.ID, err)
		}
	})
}

// TestThreat16RotationUnderLoad: two processes rotate and fail at every step, others reveal meanwhile. No reveal fails, and in the end everything opens under the new key alone.
func TestThreat16RotationUnderLoad(t *testing.T) {
	t.Parallel()
	k := newKit(t, true)
	const many = 60
	var orders []store.Order
	for range many {
		orders = append(orders, k.bought(amine, grab, 1))
	}
	k.rekey(second, master)
	shops := []*Shop{k.shop}
	other, err := New(k.options)
	k.ok(err)
	shops = append(shops, other)
	points := []string{"store.swap.before", "store.swap.after", "store.lease.after", "store.record.before"}
	var wg sync.WaitGroup
	errs := make(chan error, many)
	for i, o := range orders {
		wg.Go(func() {
			if i%10 == 9 {
				return // stays unopened
			}
			shop := shops[i%2]
			token, err := shop.Offer(k.ctx, o.ID)
			if err == nil {
				err = shop.Reveal(k.ctx, o.ID, token, Buyer{User: amine, Chat: amine, Language: "en"}, Route{})
			}
			if err != nil {
				errs <- fmt.Errorf("order %d: %w", i, err)
			}
		})
		if i%3 == 0 {
			k.stop.set(points[i/3%len(points)], 1)
			for _, s := range shops {
				_ = s.Rotate(k.ctx) // fails where it is stopped, as often as it may
			}
		}
	}
	wg.Wait()
	k.stop.set("", 0)
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if n := len(k.tray.visible()); n != many-many/10 {
		t.Errorf("%d of %d are on a screen", n, many-many/10)
	}
	k.pass(time.Minute)
	k.rotates()
	if n := k.under()[k.id(master)]; n != 0 {
		t.Errorf("%d entries are left: %v", n, maps.Collect(maps.All(k.under())))
	}
	k.rekey(second)
	for _, o := range orders {
		if len(k.vault(k.order(o.ID))) != 1 {
			t.Errorf("order %s does not open", o.ID)
		}
	}
}

// TestShreddedStaysShredded: an order that is shredded while it is sealed again does not come back.
func TestShreddedStaysShredded(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, _ := k.ready(amine, grab, 1)
		k.rekey(second, master)
		vault, err := k.store.Vault(k.ctx, o.ID)
		k.ok(err)
		k.ok(k.raw.Del(k.ctx, k.key("v:"+o.ID)).Err())
		k.unsound = true
		k.ok(k.shop.resealOrder(k.ctx, o.ID, vault))
		if len(k.scan("v:"+o.ID)) != 0 {
			t.Error("the cards are back")
		}
	})
}

// TestTamperedKeepsItsKey: a card that does not open stays as it is, under its key, and the key cannot be dropped; the others move on.
func TestTamperedKeepsItsKey(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, _ := k.stocked()
		blob := k.raw.HGet(k.ctx, k.key("v:"+o.ID), "001.002").Val()
		k.ok(k.raw.HSet(k.ctx, k.key("v:"+o.ID), "001.002", blob[:40]+"x"+blob[41:]).Err())
		k.rekey(second, master)
		k.rotates()
		if n := k.under()[k.id(master)]; n != 1 || k.rung("card_tampered") != 1 {
			t.Errorf("%d entries are left, alarms %v", n, k.alarms)
		}
		var needed *NeededError
		if _, err := k.ring(k.store, "sandbox", k.name, second); !errors.As(err, &needed) || needed.Cards != 1 {
			t.Errorf("it may be dropped: %v", err)
		}
	})
}

// TestWornKey: buying stops before the key has sealed too much, and opens again under another one.
func TestWornKey(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.raw.HSet(k.ctx, k.key("ring"), "seals:"+k.id(master), maxSeals-wearMargin+1).Err())
		k.rotates()
		_, err := k.shop.Buy(k.ctx, k.basket(amine, grab, 1))
		k.is(err, ErrClosed)
		if k.rung("buying_stopped") != 1 {
			t.Errorf("alarms %v", k.alarms)
		}
		k.rekey(third, master)
		k.rotates()
		k.bought(amine, grab, 1)
	})
}
