package store

import (
	"cmp"
	"strconv"
)

// parseOrder reads the stored fields.
func parseOrder(id string, f map[string]string) (Order, error) {
	if f["buyer"] == "" {
		return Order{}, ErrNotFound
	}
	o := Order{
		ID: id, Buyer: number(f["buyer"]), Former: number(f["mv"]), Chat: number(f["chat"]), Account: f["acct"], Provider: f["prov"],
		State: OrderState(f["st"]), Unit: number(f["unit"]), Total: number(f["total"]), Captured: number(f["captured"]),
		Refunded: number(f["back"]), Quantity: int(number(f["q"])), Delivered: int(number(f["got"])), Created: moment(f["at"]),
		Final: moment(f["final"]), Message: int(number(f["msg"])), Slow: f["slow"] == "1", Offered: moment(f["offered"]),
		Post: number(f["post"]), Thread: int(number(f["thr"])), Alarmed: alarmed(f), Doc: []byte(f["doc"]), Reveal: parseReveal(f),
		PaidBack: number(f["rf"]), PaidBackAt: moment(f["rf.at"]), Offer: int(number(f["offer"])),
	}
	if o.Post == 0 {
		o.Post = o.Chat
	}
	o.Alone = f["alone"] == "1"
	o.Remind, o.Reminded, o.Slip = f["rm.want"], f["rm.done"], parseSlip(f)
	for k := 1; k <= int(number(f["n"])); k++ {
		p := strconv.Itoa(k) + "."
		o.Placements = append(o.Placements, Placement{
			K: k, Quantity: int(number(f[p+"q"])), State: OrderState(f[p+"st"]), Fence: number(f[p+"fence"]),
			SendBy: moment(f[p+"by"]), Sent: moment(f[p+"sent"]), Handle: f[p+"h"], Memo: f[p+"memo"],
			Delivered: int(number(f[p+"n"])), Cost: number(f[p+"cost"]), Charged: f[p+"said"] == "1", Polls: int(number(f[p+"polls"])), Note: decided(f[p+"note"]),
			Provider: cmp.Or(f[p+"prov"], f["prov"]), For: int(number(f[p+"for"])), Source: source(f[p+"src"]),
		})
	}
	return o, nil
}

// source is what a placement says of what it asks for; nil for one that says nothing.
func source(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

func parseReveal(f map[string]string) Reveal {
	return Reveal{
		State: RevealState(f["rv"]), Shown: int(number(f["rv.n"])), More: int(number(f["rv.more"])), Claim: number(f["rv.claim"]), Until: moment(f["rv.del"]),
		From: moment(f["rv.from"]), First: moment(f["rv.first"]), Gone: moment(f["rv.gone"]), Extended: f["rv.ext"] == "1",
		Receipt: []byte(f["rv.rc"]), Shredded: moment(f["rv.shred"]), Visit: f["visit."+f["rv.claim"]],
	}
}
