package main

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// tellEvery is how soon the demo's page learns what the record gained.
const tellEvery = 200 * time.Millisecond

// tiding is what the shop of a demo tells its world, one JSON line each.
type tiding struct {
	Open    bool     `json:"open,omitempty"`
	Event   *told    `json:"event,omitempty"`
	Showing *showing `json:"showing,omitempty"`
	Addr    string   `json:"addr,omitempty"` // with Open: where the pages behind links are
}

// told is one event of the record.
type told struct {
	ID     string            `json:"id"`
	At     time.Time         `json:"at"`
	Kind   string            `json:"kind"`
	Order  string            `json:"order,omitempty"`
	Person string            `json:"person,omitempty"`
	Actor  string            `json:"actor,omitempty"`
	Data   map[string]string `json:"data,omitempty"`
}

// showing is where codes lie on a screen and until when, as the shop has stored it: never the codes.
type showing struct {
	Chat    int64     `json:"chat"`
	Message int       `json:"message"`
	Until   time.Time `json:"until"`
}

// tell writes what the record gained behind an event, and where codes came onto a screen or stay longer, until ctx ends or nobody reads
// any more. Only the shop of a demo does so.
func (p *program) tell(ctx context.Context, after string, out io.Writer) {
	lines := json.NewEncoder(out)
	p.stocked(ctx)
	if lines.Encode(tiding{Open: true, Addr: p.web.Addr()}) != nil {
		return
	}
	ticks := time.NewTicker(tellEvery)
	defer ticks.Stop()
	for {
		events, err := p.store.EventsAfter(ctx, after, 100)
		for _, e := range events {
			after = e.ID
			if lines.Encode(tiding{Event: &told{e.ID, e.At, e.Kind, e.Order, e.Person, e.Actor, e.Data}}) != nil {
				return
			}
			if where := p.showing(ctx, e.Kind, e.Order); where != nil && lines.Encode(tiding{Showing: where}) != nil {
				return
			}
		}
		if err == nil && len(events) > 0 {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// stockedWithin is how long the shop of a demo waits for its first catalogs before it says that it is open: a supplier may be switched off.
const stockedWithin = 2 * time.Second

// stocked waits until every supplier's catalog was read once, so that nobody looks at half a shop.
func (p *program) stocked(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, stockedWithin)
	defer cancel()
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		if missing, err := p.shop.Unlisted(limited); err == nil && len(missing) == 0 {
			return
		}
		select {
		case <-limited.Done():
			return
		case <-ticks.C:
		}
	}
}

// showing reads where and until when an order's codes are shown, after an event that changed it; nil after any other.
func (p *program) showing(ctx context.Context, kind, order string) *showing {
	switch kind {
	case checkout.EventShowing, checkout.EventDelivered, checkout.EventNetCard, checkout.EventExtended:
	default:
		return nil
	}
	o, err := p.store.Order(ctx, order)
	if err != nil {
		return nil
	}
	var at checkout.Receipt
	if json.Unmarshal(o.Reveal.Receipt, &at) != nil || at.Message == 0 {
		return nil
	}
	return &showing{Chat: at.Chat, Message: at.Message, Until: o.Reveal.Until}
}

// reopen sells again from suppliers whose empty account was filled up, as their operator would.
func (p *program) reopen(ctx context.Context, resumed <-chan string) {
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-resumed:
			p.do(ctx, "resume", func(ctx context.Context) error { return p.shop.Resume(ctx, name, string(providers.NoFunds)) })
		}
	}
}

// settingLines writes settings as NAME=value, by name.
func settingLines(settings map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		b.WriteString(name + "=" + settings[name] + "\n")
	}
	return b.String()
}
