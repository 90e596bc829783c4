package store

import (
	"fmt"
	"time"
)

// What the seeds use.
const (
	buyer     = int64(1001)
	account   = "cust:1001"
	unit      = int64(1050)
	claimed   = 60 * time.Second // lease of a resolve
	sendBy    = 30 * time.Second
	showLease = 30 * time.Second
	onScreen  = 60 * time.Second
	idle      = 35 * time.Second // of a placeholder without a word
	tokenLife = 5 * time.Minute
	keep      = 720 * time.Hour
	showings  = 5
	tries     = 10
)

// event is an event of one kind about an order of the buyer.
func event(kind, order string) Event {
	return Event{Kind: kind, Order: order, Person: "p1", Actor: "system", Data: map[string]string{"why": "test"}}
}

// fund gives the buyer money from outside.
func (s *kit) fund(amount int64) {
	s.t.Helper()
	s.seeds++
	_, err := s.Move(s.ctx, Transfer{ID: fmt.Sprintf("fund:%d", s.seeds), From: External, To: account, Amount: amount, Event: event("FUNDED", "")})
	s.ok(err)
}

// link brings the record's head up to date.
func (s *kit) link() {
	s.t.Helper()
	head, err := s.Head(s.ctx)
	s.ok(err)
	n, err := s.rdb.Get(s.ctx, s.keys.seq()).Int64()
	if err != nil {
		n = 0
	}
	s.ok(s.Link(s.ctx, head, Head{Hash: head.Hash + "a", ID: "0-0", Seq: n}, nil))
}

// basket is an order as the shop would open it, with the cards of each placement.
func basket(id string, cards ...int) NewOrder {
	n := NewOrder{
		ID: id, Account: account, Buyer: buyer, Chat: buyer, Message: 7, Provider: "giftz", Unit: unit,
		Doc: []byte(`{"sku":"x"}`), Placements: cards, Event: event("ORDER_OPENED", id),
	}
	for _, c := range cards {
		n.Quantity += c
	}
	return n
}

// order opens an order with its money and a linked record.
func (s *kit) order(id string, cards ...int) {
	s.t.Helper()
	n := basket(id, cards...)
	s.fund(n.Unit * int64(n.Quantity))
	s.link()
	opened, err := s.OpenOrder(s.ctx, n)
	s.ok(err)
	if !opened {
		s.t.Fatalf("order %s was there", id)
	}
}

// request asks for one placement.
func request(id string, k int) ClaimRequest {
	return ClaimRequest{ID: PlacementID{Order: id, K: k}, Lease: claimed, SendBy: sendBy, Kind: oneKind(), Event: event("PLACING", id)}
}

// oneKind is the kind of every placement of these tests.
func oneKind() Kind { return Kind{Provider: "giftz", SKU: "G1", Quantity: 1} }

// claim takes one placement.
func (s *kit) claim(id string, k int) Claim {
	s.t.Helper()
	c, err := s.ClaimPlacement(s.ctx, request(id, k))
	s.ok(err)
	return c
}

// settlement is what a worker writes; a fulfilled one brings every card.
func settlement(c Claim, state OrderState) Settlement {
	id, k := c.Order.ID, c.Place.K
	t := Settlement{
		ID: PlacementID{Order: id, K: k}, Fence: c.Fence, Account: account, Kind: oneKind(), State: state, Next: 10 * time.Second,
		Event: event("PLACEMENT", id), Ended: event("ORDER_ENDED", id),
	}
	if state == Fulfilled {
		t = brought(t, c.Place.Quantity)
	}
	return t
}

// brought adds cards to a settlement, each with its cost and fingerprint.
func brought(t Settlement, cards int) Settlement {
	t.Delivered, t.Cost = cards, int64(cards)*1000
	for i := range cards {
		name := fmt.Sprintf("%d.%d", t.ID.K, i+1)
		t.Cards = append(t.Cards, SealedCard{Index: name, Bytes: []byte("sealed\x00" + t.ID.Order + " " + name)})
		t.Prints = append(t.Prints, []byte("print "+t.ID.Order+" "+name))
	}
	return t
}

// settle writes a fate that has to be accepted.
func (s *kit) settle(t Settlement) OrderState {
	s.t.Helper()
	state, err := s.Settle(s.ctx, t)
	s.ok(err)
	return state
}

// sealed brings an order so far that its cards lie in the vault.
func (s *kit) sealed(id string, cards ...int) {
	s.t.Helper()
	s.order(id, cards...)
	for k := range cards {
		s.settle(settlement(s.claim(id, k+1), Fulfilled))
	}
}

// mac is the mac of token n.
func mac(n int) string { return fmt.Sprintf("%032x", n) }

// mint gives the buyer token n.
func (s *kit) mint(id string, n int) {
	s.t.Helper()
	s.ok(s.Mint(s.ctx, id, mac(n), buyer, tokenLife, showings, event("MINTED", id)))
}

// wish is the buyer's wish to see cards with token n.
func wish(id string, n int) Take {
	return Take{
		Order: id, MAC: mac(n), User: buyer, Lease: showLease, Limit: showings, Tries: tries,
		Denied: event("DENIED", id), Claimed: event("CLAIMED", id),
		Renewal: Renewal{MAC: mac(1_000_000 + n), Life: tokenLife, Event: event("RENEWED", id)},
	}
}

// take claims the cards with token n.
func (s *kit) take(id string, n int) Taken {
	s.t.Helper()
	s.link()
	taken, err := s.TakeReveal(s.ctx, wish(id, n))
	s.ok(err)
	return taken
}

// spot is where the placeholder of a claim lies.
func spot(id string, claim int64) Place {
	return Place{Order: id, Claim: claim, Receipt: []byte(`{"message":9}`), Life: onScreen, Idle: idle, Event: event("CARD_SHOWING", id)}
}

// place puts the placeholder of a claim.
func (s *kit) place(id string, claim int64) time.Time {
	s.t.Helper()
	until, err := s.PlaceReceipt(s.ctx, spot(id, claim))
	s.ok(err)
	return until
}

// confirm says that the codes are on screen.
func (s *kit) confirm(id string, claim int64) time.Time {
	s.t.Helper()
	until, err := s.ConfirmShown(s.ctx, id, claim, onScreen, keep, event("CARDS_DELIVERED", id))
	s.ok(err)
	return until
}

// show brings sealed cards to the screen with a new token n.
func (s *kit) show(id string, n int) Taken {
	s.t.Helper()
	s.mint(id, n)
	taken := s.take(id, n)
	s.place(id, taken.Claim)
	s.confirm(id, taken.Claim)
	return taken
}

// due takes one member of a queue.
func (s *kit) due(kind DueKind, member string) Due {
	s.t.Helper()
	work, err := s.ClaimDue(s.ctx, kind, 100, 30*time.Second)
	s.ok(err)
	for _, d := range work {
		if d.Member == member {
			return d
		}
	}
	s.t.Fatalf("%s is not due in %s: %v", member, kind, work)
	return Due{}
}

// gone confirms that a code message was removed.
func (s *kit) gone(d Due) error {
	return s.ConfirmRemoved(s.ctx, d, showings, event("CARD_REMOVED", d.Member), event("UNCONFIRMED", d.Member))
}

// sweep removes what is on screen once its life is over.
func (s *kit) sweep(id string) {
	s.t.Helper()
	s.pass(onScreen)
	s.ok(s.gone(s.due(DueSweep, id)))
}

// reveal reads how far the showing of an order has come.
func (s *kit) reveal(id string) Reveal {
	s.t.Helper()
	o, err := s.Order(s.ctx, id)
	s.ok(err)
	return o.Reveal
}
