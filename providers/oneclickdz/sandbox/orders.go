package sandbox

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// The type ids with a meaning for the supplier's own sandbox keys.
const (
	TestRefund  = "TEST_REFUND"  // ends REFUNDED
	TestPartial = "TEST_PARTIAL" // ends PARTIALLY_FILLED with half of the cards
)

// testPrice is what a test type costs with a Lifelike key, in centimes.
const testPrice = 1000_00

// Card is one sold gift card.
type Card struct {
	Value  string `json:"value"`
	Serial string `json:"serial"`
}

// order is one gift card order. Its fate is decided when it is placed and shows when it is ready.
type order struct {
	id       string
	env      string // type of the key
	product  string
	kind     string
	quantity int
	price    int64 // of one card, in centimes; 0 with a sandbox key
	cards    []Card
	hidden   int  // cards sold and announced that the answer lacks
	bare     bool // cards without serial
	time     time.Time
	ready    time.Time
	final    bool
}

func (o *order) status() string {
	switch {
	case !o.final:
		return "HANDLING"
	case len(o.cards) == o.quantity:
		return "FULFILLED"
	case len(o.cards) == 0:
		return "REFUNDED"
	}
	return "PARTIALLY_FILLED"
}

// settle makes the order final and gives back the money of the cards that did not come.
func (s *Server) settle(o *order, now time.Time) {
	o.final = true
	if back := o.price * int64(o.quantity-len(o.cards)); back > 0 {
		s.book("REFUND-ORDER", o.id, back, now)
	}
}

// placeOrder sells gift cards. Two identical calls are two orders: there is no reference.
func (s *Server) placeOrder(c call) answer {
	var b struct {
		ProductID *string         `json:"productId"`
		TypeID    *string         `json:"typeId"`
		Quantity  json.RawMessage `json:"quantity"`
	}
	if json.Unmarshal(c.body, &b) != nil || b.ProductID == nil || *b.ProductID == "" {
		return answer{problem: invalid("productId", nil, "must be string")}
	}
	if b.TypeID == nil || *b.TypeID == "" {
		return answer{problem: invalid("typeId", nil, "must be string")}
	}
	n, err := strconv.Atoi(string(b.Quantity))
	if err != nil || n < 1 {
		return answer{problem: invalid("quantity", nil, "must be integer >= 1")}
	}
	now := s.o.Now()
	o := &order{id: objectID(now), env: c.key.Type, product: *b.ProductID, kind: *b.TypeID, quantity: n, time: now, ready: now.Add(s.delay)}
	if no := s.sell(o, c); no != nil {
		return answer{problem: no}
	}
	s.orders = append(s.orders, o)
	return answer{data: object{{"orderId", o.id}}}
}

// sell charges the order, takes it from the stock and decides how many cards come.
func (s *Server) sell(o *order, c call) *problem {
	came := o.quantity
	magic := c.key.Type == Sandbox && (o.kind == TestRefund || o.kind == TestPartial)
	if !c.key.play() {
		if no := s.charge(o, c.trouble, magic); no != nil {
			return no
		}
	}
	switch {
	case c.trouble.Fault == RefundAll || (magic && o.kind == TestRefund):
		came = 0
	case c.trouble.Fault == PartialFill || (magic && o.kind == TestPartial):
		came = o.quantity / 2
	case c.trouble.Fault == WrongCount:
		o.hidden = 1
	}
	o.bare = c.trouble.Fault == MissingSerial
	for i := range came {
		o.cards = append(o.cards, s.card(c.key.play(), i+1))
	}
	s.pending = append(s.pending, func(now time.Time, force bool) bool {
		if !force && now.Before(o.ready) {
			return false
		}
		s.settle(o, now)
		return true
	})
	return nil
}

// charge checks product, stock and balance and takes the money of the whole order.
func (s *Server) charge(o *order, t Trouble, magic bool) *problem {
	p := s.product(o.product)
	if p == nil {
		return notFound()
	}
	line := &Type{ID: o.kind, Price: testPrice, Stock: o.quantity}
	if !magic {
		line = p.line(o.kind)
	}
	switch {
	case line == nil:
		return notFound()
	case p.Disabled:
		return &problem{status: 400, code: "PRODUCT_DISABLED", message: "Product is not available"}
	case line.Stock < o.quantity:
		return s.noStock()
	}
	if t.Fault == PriceDrift {
		line.Price += line.Price / 10
	}
	if line.Price > s.balance/int64(o.quantity) {
		return s.noFunds(line.Price * int64(o.quantity))
	}
	line.Stock -= o.quantity
	o.price = line.Price
	s.book("ORDER", o.id, -o.price*int64(o.quantity), o.time)
	return nil
}

// card makes the n-th card of an order.
func (s *Server) card(play bool, n int) Card {
	if !play {
		return Card{canary(), digits(15)}
	}
	if !s.style.CardsFromOne {
		s.serial++
		n = s.serial
	}
	return Card{"SANDBOX-CARD-" + strconv.Itoa(n), "SANDBOX-" + strconv.Itoa(n)}
}

// checkOrder shows one order of the same account and environment.
func (s *Server) checkOrder(c call) answer {
	for _, o := range s.orders {
		if o.id == c.PathValue("id") && o.env == c.key.Type {
			return answer{data: s.show(o)}
		}
	}
	return answer{problem: notFound()}
}

// show is an order on the wire; counts, amounts and cards come with its final state.
func (s *Server) show(o *order) object {
	b := object{{"_id", o.id}, {"status", o.status()}, {"quantity", o.quantity}, {"product", o.product}, {"type", o.kind}}
	if o.final {
		cards := []object{}
		for _, card := range o.cards[:max(len(o.cards)-o.hidden, 0)] {
			c := object{{"value", card.Value}}
			if !o.bare {
				c = append(c, property{"serial", card.Serial})
			}
			cards = append(cards, c)
		}
		b = append(b, object{
			{"fulfilled_quantity", len(o.cards)}, {"fulfilled_amount", s.dinars(o.price * int64(len(o.cards)))},
			{"price_per_card", s.dinars(o.price)}, {"cards", cards},
		}...)
	}
	return append(b, property{"time", stamp(o.time)})
}

// listOrders shows the orders of a window, newest first, with their cards.
func (s *Server) listOrders(c call) answer {
	q, no := readQuery(c.Request)
	if no != nil {
		return answer{problem: no}
	}
	items := []any{}
	for _, o := range slices.Backward(s.orders) {
		if o.env == c.key.Type && q.has(o.time) {
			items = append(items, s.show(o))
		}
	}
	return paged(q, "items", items)
}
