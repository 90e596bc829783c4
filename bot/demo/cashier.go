package demo

import (
	"errors"
	"slices"
	"time"

	ocpay "cardrop/providers/ocpay/sandbox"
)

// cashier is the name of who takes customers' money, in the page's addresses.
const cashier = "ocpay"

// States of a payment link as the control room shows them.
const (
	linkOpen  = "open"  // its page waits for a click
	linkPaid  = "paid"  // what was paid can be seen
	linkLate  = "late"  // it was paid, and the shop is not told so yet
	linkEnded = "ended" // nobody paid it in time, or its payer canceled
)

// errNoLink is a link that is not there, or can no longer be paid.
var errNoLink = errors.New("no such link, or it cannot be paid")

// lateness is how long after its click a late payment is seen: longer than a link lives.
const lateness = 30 * time.Minute

// payLevers are what the cashier can do: three faults of its calls and three of payments, which meet every click until they are switched off.
func payLevers() []lever {
	return []lever{
		{name: "slow", fault: string(ocpay.Slow), path: "*", wait: slowness},
		{name: "link-lost", fault: string(ocpay.LostAfter), times: 1},
		{name: "html-error", fault: string(ocpay.HTML502), path: "*"},
		{name: "down", fault: string(ocpay.Down), path: "*"},
		{name: "wrong-amount", fault: string(ocpay.WrongAmount)},
		{name: "wrong-mode", fault: string(ocpay.WrongMode)},
		{name: "late", fault: string(ocpay.Late), wait: lateness},
	}
}

// till is OCPay as the control room sees it: its books are links.
func (w *World) till() desk {
	return desk{name: cashier, title: "OCPay", currency: "DZD", levers: payLevers(), faults: w.ocpayFaults, set: w.setOCPay,
		sales: w.ocpayLinks, balance: w.ocpayTaken}
}

// ocpayLinks are the links of OCPay, newest first. One whose answer was lost is known to nobody and cannot be paid.
func (w *World) ocpayLinks() []Sale {
	list, now := []Sale{}, w.now()
	for _, l := range w.OCPay.Links() {
		state := linkOpen
		switch {
		case l.Paid != 0 && now.Before(l.From):
			state = linkLate
		case l.Paid != 0:
			state = linkPaid
		case l.State != ocpay.Pending || l.Lost || now.Sub(l.At) >= ocpay.Life:
			state = linkEnded
		}
		list = append(list, Sale{ID: l.Ref, At: l.At, Product: l.Title, Quantity: 1, Codes: []string{}, Charged: l.Paid, Asked: l.Asked, State: state,
			Due: l.Amount})
	}
	slices.Reverse(list)
	return list
}

// ocpayTaken is all that was paid, whole dinars.
func (w *World) ocpayTaken() int64 {
	var sum int64
	for _, l := range w.OCPay.Links() {
		sum += l.Paid
	}
	return sum
}

func (w *World) ocpayFaults() []string {
	var list []string
	for _, t := range w.OCPay.Troubles() {
		list = append(list, string(t.Fault))
	}
	return list
}

// setOCPay makes these the faults of OCPay.
func (w *World) setOCPay(list []lever) error {
	w.OCPay.Clear()
	for _, l := range list {
		if err := w.OCPay.Fault(ocpay.Trouble{Fault: ocpay.Fault(l.fault), Times: l.times, Path: l.path, For: l.wait}); err != nil {
			return err
		}
	}
	return nil
}

// pay pays a link as the click on its page does.
func (w *World) pay(ref string) error {
	open := slices.ContainsFunc(w.ocpayLinks(), func(l Sale) bool { return l.ID == ref && l.State == linkOpen })
	if !open || !w.OCPay.Pay(ref) {
		return errNoLink
	}
	return nil
}
