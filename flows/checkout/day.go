package checkout

import (
	"maps"
	"strings"

	"cardrop/store"
)

// Day is what one day of the shop came to, summed from the ledger entry by entry, in minor units of the shop's currency. The sum of all
// wallets follows exactly: Closing = Opening + what came in − what went out − what was held + what was released + what was refunded.
type Day struct {
	Date    string `json:"date"` // 20261121, by the shop's clock
	First   int64  `json:"first"`
	Next    int64  `json:"next"`    // place of the first entry behind it, in the order of booking
	Opening int64  `json:"opening"` // of all wallets together
	Closing int64  `json:"closing"`

	In       map[string]Money `json:"in,omitempty"`  // by method and admin, see Way
	Out      map[string]Money `json:"out,omitempty"` // taken out of wallets: debits and credits found false
	Held     int64            `json:"held,omitempty"`
	Released int64            `json:"released,omitempty"`
	Sales    int64            `json:"sales,omitempty"` // of it, paid for cards that came
	Refunds  int64            `json:"refunds,omitempty"`
	Cost     map[string]int64 `json:"cost,omitempty"`  // by supplier
	Moved    int64            `json:"moved,omitempty"` // from wallet to wallet: changes no sum
	Other    map[string]Money `json:"other,omitempty"` // what no line above knows; an operator should ask why

	Orders    map[string]int   `json:"orders,omitempty"` // that ended, by state
	Fates     map[string]int   `json:"fates,omitempty"`  // by supplier and state: "giftz fulfilled"
	Products  map[string]*Sold `json:"products,omitempty"`
	Resellers map[string]*Sold `json:"resellers,omitempty"` // by wallet
	Spans     map[int]int      `json:"spans,omitempty"`     // from payment to delivery, by bucket, see Span
	Debts     map[string]int64 `json:"debts,omitempty"`     // by reseller's wallet, at the end of the day: what it owes
	Groups    map[string]int64 `json:"groups,omitempty"`    // balances of resellers' wallets then

	Spends map[string]int64 `json:"spends,omitempty"` // by supplier: bought, as quoted, in minor units of the supplier's own currency
	Bought map[string]int64 `json:"bought,omitempty"` // the same since the first day
	Last   map[string]int64 `json:"last,omitempty"`   // by supplier: when it sold last, ms
}

// Money is a sum and how many entries it is of. Effect is what they changed about the sum of all wallets.
type Money struct {
	Sum    int64 `json:"sum"`
	Count  int   `json:"n"`
	Effect int64 `json:"effect,omitempty"`
}

// Sold is what was sold of one product, or to one reseller.
type Sold struct {
	Title string `json:"title,omitempty"`
	Cards int    `json:"cards"`
	Sales int64  `json:"sales"`
	Cost  int64  `json:"cost"`
}

// Way names how money came: the method, "" where an admin credited by hand, and the admin who took it, 0 where nobody did or nobody knows.
type Way struct {
	Method string
	Admin  int64
}

// key is a way as it is stored.
func (w Way) key() string { return w.Method + "|" + itoa(w.Admin) }

// Alone tells of money that no admin took: the shop saw the payment itself and credited it.
func (w Way) Alone() bool { return w.Admin == 0 && w.Method != "" }

// WayOf reads a stored way.
func WayOf(key string) Way {
	method, admin, _ := strings.Cut(key, "|")
	return Way{Method: method, Admin: atoi(admin)}
}

// Inflow is all that came in, and Outflow all that was taken out of wallets.
func (d *Day) Inflow() int64 { return total(d.In) }

// Outflow is all that was taken out of wallets.
func (d *Day) Outflow() int64 { return total(d.Out) }

// Spent is what suppliers charged in all.
func (d *Day) Spent() int64 {
	var sum int64
	for _, c := range d.Cost {
		sum += c
	}
	return sum
}

// Margin is what is left of the day's sales after cost and refunds.
func (d *Day) Margin() int64 { return d.Sales - d.Spent() - d.Refunds }

// Strange is what lines nobody foresaw changed about the sum of all wallets.
func (d *Day) Strange() int64 {
	var sum int64
	for _, m := range d.Other {
		sum += m.Effect
	}
	return sum
}

func total(lines map[string]Money) int64 {
	var sum int64
	for _, m := range lines {
		sum += m.Sum
	}
	return sum
}

// class is the kind of an account of the ledger.
func class(account string) string {
	head, _, _ := strings.Cut(account, ":")
	if head == "cust" || head == "group" {
		return "wallet"
	}
	return head
}

// add books one entry into the day. who is the admin behind money that came in or went out; o the order of an entry that has one.
func (d *Day) add(e store.Entry, who int64, o *store.Order) {
	d.Next++
	from, to := class(e.From), class(e.To)
	effect := int64(0)
	if to == "wallet" {
		effect += e.Amount
	}
	if from == "wallet" {
		effect -= e.Amount
	}
	d.Closing += effect
	d.group(e.From, -e.Amount)
	d.group(e.To, e.Amount)
	_, method, _ := strings.Cut(e.From, ":")
	switch from + ">" + to {
	case "external>wallet":
		d.In = plus(d.In, Way{method, who}.key(), e.Amount, 0)
	case "wallet>external":
		_, method, _ = strings.Cut(e.To, ":")
		d.Out = plus(d.Out, Way{method, who}.key(), e.Amount, 0)
	case "wallet>hold":
		d.Held += e.Amount
	case "hold>wallet":
		d.Released += e.Amount
	case "hold>sales":
		d.Sales += e.Amount
		d.sold(o, e, false)
	case "sales>wallet":
		d.Refunds += e.Amount
	case "sales>supplier":
		d.Cost = grown(d.Cost, afterColon(e.To), e.Amount)
		d.sold(o, e, true)
	case "wallet>wallet":
		d.Moved += e.Amount
	default:
		d.Other = plus(d.Other, e.From+" > "+e.To, e.Amount, effect)
	}
}

// afterColon is what stands behind the colon of an account.
func afterColon(account string) string {
	_, rest, _ := strings.Cut(account, ":")
	return rest
}

// group follows the balance of a reseller's wallet.
func (d *Day) group(account string, change int64) {
	if !strings.HasPrefix(account, "group:") {
		return
	}
	if d.Groups = grown(d.Groups, account, change); d.Groups[account] == 0 {
		delete(d.Groups, account)
	}
}

// sold books what a placement brought, or cost.
func (d *Day) sold(o *store.Order, e store.Entry, cost bool) {
	if o == nil {
		return
	}
	line, title := "?", ""
	if snap, err := SnapshotOf(*o); err == nil {
		if cost {
			k := placeOf(*o, e.ID)
			of, err := snap.source(*o, k)
			if err == nil && k > 0 {
				spent := of.UnitCost.Minor * int64(o.Placements[k-1].Delivered)
				d.Spends, d.Bought = grown(d.Spends, of.Provider, spent), grown(d.Bought, of.Provider, spent)
				d.Last = grown(d.Last, of.Provider, e.At.UnixMilli()-d.Last[of.Provider])
			}
		}
		line, title = snap.Line, snap.Title
		if snap.Name != "" {
			title = snap.Name
		}
	}
	note := func(s *Sold) {
		if cost {
			s.Cost += e.Amount
			return
		}
		s.Sales += e.Amount
		s.Cards += int(e.Amount / o.Unit)
	}
	d.Products = named(d.Products, line, title, note)
	if strings.HasPrefix(o.Account, "group:") {
		d.Resellers = named(d.Resellers, o.Account, "", note)
	}
}

// placeOf is the number of the placement that an entry such as <order>.<k>:cost is about; 0 for none.
func placeOf(o store.Order, entry string) int {
	name, _, _ := strings.Cut(entry, ":")
	_, k, _ := strings.Cut(name, ".")
	if n := int(atoi(k)); n > 0 && n <= len(o.Placements) {
		return n
	}
	return 0
}

// ended counts an order that ended with this entry.
func (d *Day) ended(o store.Order) {
	d.Orders = grown(d.Orders, string(o.State), 1)
	d.Fates = grown(d.Fates, o.Provider+" "+string(o.State), 1)
	if o.State == store.Fulfilled || o.State == store.Partial {
		d.Spans = grown(d.Spans, bucket(o.Final.Sub(o.Created)), 1)
	}
}

// close ends the day: who owes is read from the balances then.
func (d *Day) close() {
	d.Debts = nil
	for account, balance := range d.Groups {
		if balance < 0 {
			d.Debts = grown(d.Debts, account, -balance)
		}
	}
}

// next is the day behind d, which begins where d ends.
func (d *Day) next(date string) *Day {
	n := &Day{Date: date, First: d.Next, Next: d.Next, Opening: d.Closing, Closing: d.Closing}
	for account, balance := range d.Groups {
		n.Groups = grown(n.Groups, account, balance)
	}
	n.Bought, n.Last = maps.Clone(d.Bought), maps.Clone(d.Last)
	return n
}

func plus(m map[string]Money, key string, amount, effect int64) map[string]Money {
	if m == nil {
		m = map[string]Money{}
	}
	was := m[key]
	m[key] = Money{was.Sum + amount, was.Count + 1, was.Effect + effect}
	return m
}

func grown[K comparable, N int | int64](m map[K]N, key K, n N) map[K]N {
	if m == nil {
		m = map[K]N{}
	}
	m[key] += n
	return m
}

func named(m map[string]*Sold, key, title string, note func(*Sold)) map[string]*Sold {
	if m == nil {
		m = map[string]*Sold{}
	}
	if m[key] == nil {
		m[key] = &Sold{Title: title}
	}
	note(m[key])
	return m
}
