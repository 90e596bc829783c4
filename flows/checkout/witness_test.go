package checkout

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"cardrop/store"
)

// notebook is a witness that lives in memory and can be broken.
type notebook struct {
	mu     sync.Mutex
	seen   Sighting
	writes int
	read   error
	write  error
	points []Checkpoint
}

func (n *notebook) Sighted() (Sighting, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.seen, n.read
}

func (n *notebook) Sight(at Sighting) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.write != nil {
		return n.write
	}
	n.seen, n.writes = at, n.writes+1
	return nil
}

func (n *notebook) set(change func(*notebook)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// witnessed runs a test on both Redises with a notebook of its own each time.
func witnessed(t *testing.T, test func(t *testing.T, k *kit, n *notebook)) {
	t.Helper()
	both(t, func(t *testing.T, k *kit) {
		n, _ := k.options.Witness.(*notebook)
		k.frozen = true // ticks are the test's
		test(t, k, n)
	}, func(o *Options) { o.Witness = &notebook{} })
}

// tick is the notary's, a second later.
func (k *kit) tick() error {
	k.target.Add(time.Second.Milliseconds())
	return k.shop.Notarize(k.ctx)
}

func TestWitnessFollowsTheRecord(t *testing.T) {
	witnessed(t, func(t *testing.T, k *kit, n *notebook) {
		k.bought(amine, grab, 2)
		k.ok(k.tick())
		head, err := k.store.Head(k.ctx)
		k.ok(err)
		fence, err := k.store.Fence(k.ctx)
		k.ok(err)
		if n.seen.Seq != head.Seq || n.seen.Hash != head.Hash || n.seen.ID != head.ID || n.seen.Fence != fence || fence < 1 || !n.seen.At.Equal(k.now().UTC()) {
			t.Errorf("%+v was written down, Redis has %+v and claim %d", n.seen, head, fence)
		}
		writes := n.writes
		k.ok(k.tick())
		k.ok(k.tick())
		if n.writes != writes {
			t.Errorf("%d writes although nothing changed", n.writes-writes)
		}
		former := n.seen
		for range 2*linkBatch + 3 {
			k.ok(k.store.Record(k.ctx, store.Event{Kind: EventAuditRead, Actor: system}))
		}
		k.ok(k.tick())
		if n.seen.Seq != former.Seq+2*linkBatch+3 {
			t.Errorf("entry %d is written down after %d", n.seen.Seq, former.Seq)
		}
		n.set(func(n *notebook) { n.seen = former }) // another process was away for long: what it saw is an ancestor
		k.ok(k.shop.CheckHistory(k.ctx))
	})
}

// TestWentBack lets the witness know what Redis does not: buying stops with one alarm, what was bought can be shown and removed, what
// was written down stays, and only a person opens buying again.
func TestWentBack(t *testing.T) {
	for name, change := range map[string]func(s *Sighting){
		"entries are missing":   func(s *Sighting) { s.Seq, s.ID, s.Hash = s.Seq+5, "9999999999999-0", strings.Repeat("ab", 32) },
		"the last is another":   func(s *Sighting) { s.Hash = strings.Repeat("ab", 32) },
		"an early one is other": func(s *Sighting) { s.Seq, s.ID, s.Hash = 1, "1-1", strings.Repeat("ab", 32) },
		"claims are missing":    func(s *Sighting) { s.Fence += 3 },
	} {
		t.Run(name, func(t *testing.T) {
			witnessed(t, func(t *testing.T, k *kit, n *notebook) {
				o, token := k.ready(amine, grab, 1)
				k.ok(k.tick())
				n.set(func(n *notebook) { change(&n.seen) })
				kept := n.seen
				for range 3 {
					k.is(k.tick(), ErrWentBack)
				}
				if k.rung("buying_stopped") != 1 {
					t.Error("not exactly one alarm")
				}
				_, err := k.shop.Buy(k.ctx, k.basket(bilal, grab, 1))
				k.is(err, ErrClosed)
				k.ok(k.shop.SwitchBuying(k.ctx, nil)) // Redis' settings are fine: that does not open it
				_, err = k.shop.Buy(k.ctx, k.basket(bilal, grab, 1))
				k.is(err, ErrClosed)
				k.ok(k.reveal(o, token, amine))
				k.target.Add((11 * time.Minute).Milliseconds())
				k.ok(k.shop.Sweep(k.ctx))
				if n := len(k.tray.visible()); n != 0 {
					t.Errorf("%d messages with codes are still on a screen", n)
				}
				if n.seen != kept {
					t.Errorf("%+v became %+v", kept, n.seen)
				}
				h, err := k.shop.History(k.ctx)
				k.ok(err)
				if !h.Stopped || h.Holds != nil || h.Seen != kept {
					t.Errorf("history %+v", h)
				}
				k.ok(k.shop.AcceptHistory(k.ctx, admin))
				k.ok(k.tick())
				k.bought(bilal, grab, 1)
			})
		})
	}
}

// TestOrdersOfThePast has an order that nobody asked the supplier for yet when Redis goes back: it may have been bought in the time
// that is lost, so the supplier is not asked before a person has looked.
func TestOrdersOfThePast(t *testing.T) {
	witnessed(t, func(t *testing.T, k *kit, n *notebook) {
		o := k.buy(amine, grab, 1)
		k.ok(k.tick())
		n.set(func(n *notebook) { n.seen.Seq += 5 })
		id := store.PlacementID{Order: o.ID, K: 1}
		k.is(k.shop.Ask(k.ctx, id), ErrWentBack)
		k.is(k.shop.Ask(k.ctx, id), ErrWentBack)
		if len(k.giftz.Sold()) != 0 || k.order(o.ID).Placements[0].State != store.Ready {
			t.Errorf("%d sales, placement %+v", len(k.giftz.Sold()), k.order(o.ID).Placements[0])
		}
		k.ok(k.shop.AcceptHistory(k.ctx, 0))
		k.ok(k.tick())
		k.ok(k.shop.Ask(k.ctx, id))
		k.state(k.order(o.ID), store.Fulfilled)
	})
}

// TestLostClaims takes claims from Redis that this process was given, as a failover does that comes too soon after them: it is noticed
// without any witness, at the next tick or at the next claim, whichever comes first.
func TestLostClaims(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.frozen = true
		k.bought(amine, grab, 1)
		o := k.buy(amine, grab, 1)
		k.ok(k.tick())
		k.ok(k.raw.Set(k.ctx, k.key("fence"), "0", 0).Err())
		k.is(k.tick(), ErrWentBack)
		k.ok(k.tick()) // said once; the bar stays
		_, err := k.shop.Buy(k.ctx, k.basket(bilal, grab, 1))
		k.is(err, ErrClosed)
		sold := len(k.giftz.Sold())
		k.is(k.shop.Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}), ErrWentBack)
		if n := len(k.giftz.Sold()); n != sold {
			t.Errorf("%d sales after the loss", n-sold)
		}
		k.ok(k.shop.AcceptHistory(k.ctx, admin))
		k.ok(k.shop.Ask(k.ctx, store.PlacementID{Order: o.ID, K: 1}))
		k.state(k.order(o.ID), store.Fulfilled)
	})
}

func TestClaimNumbersOnlyGrow(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.frozen = true
		known := k.shop.known()
		k.ok(k.shop.learnClaim(k.ctx, known, store.Claim{Fence: known + 2}))
		k.ok(k.shop.learnClaim(k.ctx, known, store.Claim{Fence: known + 1})) // was under way at the same time
		k.is(k.shop.learnClaim(k.ctx, known+2, store.Claim{Fence: known + 2}), ErrWentBack)
		k.is(k.shop.learnClaim(k.ctx, known+2, store.Claim{Fence: known + 1}), ErrWentBack)
		if k.rung("buying_stopped") != 1 {
			t.Error("not exactly one alarm")
		}
	})
}

// TestWitnessThatFails cannot be written, or read: nothing is bought, for a loss would go unnoticed; cards are shown; and it heals by
// itself.
func TestWitnessThatFails(t *testing.T) {
	broken := errors.New("no space left")
	for name, set := range map[string]func(n *notebook, err error){
		"writing": func(n *notebook, err error) { n.write = err },
		"reading": func(n *notebook, err error) { n.read = err },
	} {
		t.Run(name, func(t *testing.T) {
			witnessed(t, func(t *testing.T, k *kit, n *notebook) {
				o, token := k.ready(amine, grab, 1)
				n.set(func(n *notebook) { set(n, broken) })
				k.is(k.tick(), broken)
				k.is(k.tick(), broken)
				if k.rung("buying_stopped") != 1 {
					t.Error("not exactly one alarm")
				}
				_, err := k.shop.Buy(k.ctx, k.basket(bilal, grab, 1))
				k.is(err, ErrClosed)
				k.ok(k.reveal(o, token, amine))
				n.set(func(n *notebook) { set(n, nil) })
				k.ok(k.tick())
				k.bought(bilal, grab, 1)
			})
		})
	}
}
