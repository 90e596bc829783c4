package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	giftz "cardrop/providers/giftz/sandbox"
	oneclickdz "cardrop/providers/oneclickdz/sandbox"
)

// Sale is one line of a supplier's ledger as the control room shows it: by the supplier's own books, not by the shop's.
type Sale struct {
	ID       string    `json:"id"` // the reference or the supplier's order
	At       time.Time `json:"at"`
	Product  string    `json:"product"`
	Quantity int       `json:"quantity"`          // asked for; zero when all of it went back
	Codes    []string  `json:"codes"`             // masked
	Charged  int64     `json:"charged"`           // minor units, without what went back
	Returned int64     `json:"returned"`          // minor units
	Asked    int       `json:"asked"`             // how often the shop asked about it, the purchase included
	Account  string    `json:"account,omitempty"` // the line that was topped up
	State    string    `json:"state,omitempty"`   // of a payment link
	Due      int64     `json:"due,omitempty"`     // what is to be paid by it
}

// maskedTail is how many characters of a code the ledger shows: enough to compare, too few to use.
const maskedTail = 2

// mask hides a code but for its end.
func mask(code string) string {
	letters := []rune(code)
	if len(letters) < 3*maskedTail {
		return strings.Repeat("•", len(letters))
	}
	return "••••" + string(letters[len(letters)-maskedTail:])
}

func masked(codes []string) []string {
	list := []string{}
	for _, c := range codes {
		list = append(list, mask(c))
	}
	return list
}

// giftzSales are the books of GiftZ, newest first.
func (w *World) giftzSales() []Sale {
	asked := map[string]int{}
	for _, c := range w.GiftZ.Calls() {
		asked[c.TransID]++
	}
	titles := map[string]string{}
	for _, v := range w.GiftZ.State().Vouchers {
		titles[v.ID] = v.Name
	}
	list := []Sale{}
	for _, s := range w.GiftZ.Sold() {
		list = append(list, Sale{ID: s.TransID, At: s.Time, Product: cmp.Or(titles[s.VoucherID], s.VoucherID), Quantity: s.Quantity,
			Codes: masked(s.Codes), Charged: s.Charged, Asked: asked[s.TransID]})
	}
	slices.Reverse(list)
	return list
}

// oneclickdzSales are the books of OneClickDz, newest first: its transactions, joined with what was sold.
func (w *World) oneclickdzSales() []Sale {
	sold := map[string]oneclickdz.Sold{}
	for _, s := range w.OneClickDz.Sold() {
		sold[s.Handle] = s
	}
	calls := w.OneClickDz.Calls()
	list, at := []Sale{}, map[string]int{}
	for _, e := range w.OneClickDz.Ledger() {
		if e.Object == "" {
			continue
		}
		if e.Amount > 0 { // what goes back comes after what was charged
			list[at[e.Object]].Returned += e.Amount
			list[at[e.Object]].Charged -= e.Amount
			continue
		}
		s := sold[e.Object]
		at[e.Object] = len(list)
		list = append(list, Sale{ID: e.Object, At: e.Time, Product: w.names.title(s.SKU), Quantity: s.Quantity, Codes: masked(s.Codes),
			Charged: -e.Amount, Asked: 1 + questions(calls, s), Account: s.Account})
	}
	slices.Reverse(list)
	return list
}

// questions counts how often the shop asked what became of a purchase; the lists of orders name none and do not count.
func questions(calls []oneclickdz.Heard, s oneclickdz.Sold) int {
	n := 0
	for _, c := range calls {
		about := s.Handle != "" && strings.Contains(c.Path, "/"+s.Handle) || s.Ref != "" && strings.Contains(c.Path, s.Ref)
		if about && c.Method == "GET" {
			n++
		}
	}
	return n
}

// names are the goods' names by SKU, for the simulator's books have ids only.
type names map[string]string

// catalog is the simulator's default catalog with an id for everything in it, whose names are kept.
func (n *names) catalog() []oneclickdz.Category {
	*n = names{}
	list := oneclickdz.DefaultCatalog()
	for c := range list {
		for i := range list[c].Products {
			p := &list[c].Products[i]
			p.ID = fmt.Sprintf("6126000000000000%04x%04x", c+1, i+1)
			for t := range p.Types {
				p.Types[t].ID = fmt.Sprintf("61260000000a%04x%04x%04x", c+1, i+1, t+1)
				(*n)[p.ID+"/"+p.Types[t].ID] = p.Types[t].Name
			}
		}
	}
	return list
}

// title is the name of an SKU; an internet card's SKU is nearly one already.
func (n names) title(sku string) string {
	if name, ok := n[sku]; ok {
		return name
	}
	return strings.Replace(sku, ":", " ", 1)
}

// giftzFaults and oneclickdzFaults are the names of what is switched on.
func (w *World) giftzFaults() []string {
	var list []string
	for _, t := range w.GiftZ.State().Faults {
		list = append(list, string(t.Fault))
	}
	return list
}

func (w *World) oneclickdzFaults() []string {
	var list []string
	for _, t := range w.OneClickDz.State().Faults {
		list = append(list, string(t.Fault))
	}
	return list
}

// setGiftz makes these the faults of GiftZ.
func (w *World) setGiftz(list []lever) error {
	w.GiftZ.Clear()
	for _, l := range list {
		if err := w.GiftZ.Fault(giftz.Trouble{Fault: giftz.Fault(l.fault), Times: l.times, Path: l.path, For: l.wait}); err != nil {
			return err
		}
	}
	return nil
}

// setOneClickDz makes these the faults of OneClickDz.
func (w *World) setOneClickDz(list []lever) error {
	w.OneClickDz.Clear()
	for _, l := range list {
		t := oneclickdz.Trouble{Fault: oneclickdz.Fault(l.fault), Times: l.times, Path: l.path, For: l.wait}
		if err := w.OneClickDz.Fault(t); err != nil {
			return err
		}
	}
	return nil
}
