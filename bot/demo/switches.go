package demo

import (
	"errors"
	"slices"
	"time"
)

// lever is what one switch of the control room does to a supplier.
type lever struct {
	name  string // of the switch
	fault string // of the simulator
	times int    // how many purchases it meets; zero until it is switched off
	path  string // which calls; empty: purchases
	wait  time.Duration
}

// slowness is how long a slow supplier takes: the buyer sees that it is waited for, and the shop still waits.
const slowness = 8 * time.Second

// levers are what both simulators can do, in the order of the control room. A lost answer meets one purchase: the questions after it are
// answered, which is how it is recovered.
func levers() []lever {
	return []lever{
		{name: "slow", fault: "slow", wait: slowness},
		{name: "out-of-stock", fault: "out_of_stock"},
		{name: "no-funds", fault: "out_of_funds"},
		{name: "partial", fault: "partial_fill"},
		{name: "lost-answer", fault: "lost_after", times: 1},
		{name: "html-error", fault: "html_502"},
		{name: "down", fault: "down", path: "*"},
	}
}

// errNoSwitch is a switch or a supplier that the control room has not.
var errNoSwitch = errors.New("no such switch")

// desk is a supplier as the control room sees it.
type desk struct {
	name     string // in the page's addresses
	title    string
	currency string
	digits   int      // of the currency's minor units
	shops    []string // its names in the shop
	levers   []lever
	faults   func() []string
	set      func([]lever) error
	sales    func() []Sale
	balance  func() int64
}

// desks lists the suppliers, and who takes customers' money.
func (w *World) desks() []desk {
	queued := lever{name: "queued", fault: "queued"}
	refunded := lever{name: "refunded", fault: "refund_all"}
	return []desk{
		{name: "giftz", title: "GiftZ", currency: "VND", shops: []string{"giftz"}, levers: levers(), faults: w.giftzFaults,
			set: w.setGiftz, sales: w.giftzSales, balance: func() int64 { return w.GiftZ.State().Balance }},
		{name: "oneclickdz", title: "OneClickDz", currency: "DZD", digits: 2, shops: []string{"ocgift", "ocnet"},
			levers: slices.Insert(levers(), 4, refunded, queued), faults: w.oneclickdzFaults,
			set: w.setOneClickDz, sales: w.oneclickdzSales, balance: func() int64 { return w.OneClickDz.State().Balance }},
		w.till(),
	}
}

// Switch turns a switch of a supplier on or off. Switched off, an empty account counts as filled up: the operator lifts the pause that the
// shop put on the supplier. It returns an error for an unknown supplier or switch.
func (w *World) Switch(supplier, name string, on bool) error {
	for _, d := range w.desks() {
		at := slices.IndexFunc(d.levers, func(l lever) bool { return l.name == name })
		if d.name != supplier || at < 0 {
			continue
		}
		active := d.faults()
		var next []lever
		for _, l := range d.levers {
			if is := slices.Contains(active, l.fault); l.name == name && on || l.name != name && is {
				next = append(next, l)
			}
		}
		if err := d.set(next); err != nil {
			return err
		}
		if s := w.shop.Load(); name == "no-funds" && !on && s != nil {
			s.tell(word{Resume: d.shops})
		}
		return nil
	}
	return errNoSwitch
}
