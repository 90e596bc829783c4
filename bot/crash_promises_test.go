package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// promises checks everything the shop promises about codes and money against what the world outside knows, and returns what is broken.
// All has to be still.
func (w *wreck) promises(ctx context.Context) []string { return w.promised(ctx, opened) }

// What the buyers did with their cards.
const (
	opened   = true
	unopened = false // nobody looked yet
)

func (w *wreck) promised(ctx context.Context, looked bool) []string {
	c := &checker{wreck: w, ctx: ctx, looked: looked}
	c.orders()
	c.house()
	c.supplier()
	c.ledger()
	c.screens()
	c.presses()
	c.updates()
	return c.broken
}

type checker struct {
	*wreck
	ctx    context.Context //nolint:containedctx // one check, one context
	all    []store.Order
	looked bool
	stock  int // cards that belong to the shop: nobody sees them
	broken []string
}

func (c *checker) is(bad bool, format string, args ...any) {
	if bad {
		c.broken = append(c.broken, fmt.Sprintf(format, args...))
	}
}

func (c *checker) failed(err error) bool {
	c.is(err != nil, "cannot be checked: %v", err)
	return err != nil
}

// people are those who took part.
func (c *checker) people() []int64 {
	ids := []int64{omar, amina, demo.DemoAdmin}
	for id := int64(crowdFirst); id < crowdFirst+crowdSize; id++ {
		if len(c.world.Telegram.History(id)) > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// orders: every one is final, its money is captured or back, its cards are in the vault, its buyer was told, and each step is recorded
// once.
func (c *checker) orders() {
	for _, user := range c.people() {
		list, _, err := c.memory.OrdersOf(c.ctx, user, 0, 1000)
		if c.failed(err) {
			return
		}
		c.all = append(c.all, list...)
	}
	for _, o := range c.all {
		c.is(!o.State.Final(), "order %s ends %s", o.ID, o.State)
		c.is(o.Captured != int64(o.Delivered)*o.Unit || o.Captured+o.Refunded != o.Total,
			"order %s: %d of %d captured and %d returned for %d cards", o.ID, o.Captured, o.Total, o.Refunded, o.Delivered)
		vault, err := c.memory.Vault(c.ctx, o.ID)
		if c.failed(err) {
			return
		}
		kept := slices.DeleteFunc(vault, func(s store.SealedCard) bool { return strings.HasPrefix(s.Index, "q") })
		want := o.Delivered
		if o.Reveal.State == store.Shredded {
			want = 0
		}
		c.is(len(kept) != want, "order %s: %d cards sealed, %d delivered", o.ID, len(kept), o.Delivered)
		c.stock += len(vault) - len(kept)
		c.is(o.PaidBack > o.Captured, "order %s: %d of %d were refunded", o.ID, o.PaidBack, o.Captured)
		// Who opened the cards was offered them, also when a death came before that was written down.
		c.is(o.Delivered > 0 && o.Offered.IsZero() && o.Reveal.Shown == 0, "order %s was never offered", o.ID)
		c.events(o)
	}
}

// events: opened and ended once, asked for once for each placement, and no code on a screen without its line before and after.
func (c *checker) events(o store.Order) {
	list, more, err := c.memory.EventsOfOrder(c.ctx, o.ID, 0, 1000)
	if c.failed(err) {
		return
	}
	count := map[string]int{}
	for _, e := range list {
		count[e.Kind]++
	}
	head, err := c.memory.Head(c.ctx)
	if c.failed(err) {
		return
	}
	archived := head.Base != "" && c.clock().Sub(o.Created) > 30*24*time.Hour // with its first lines
	c.is(!archived && (more || count[checkout.EventOpened] != 1 || count[checkout.EventEnded] != 1 || count[checkout.EventAsked] != len(o.Placements)),
		"order %s is recorded wrongly: %v", o.ID, count)
	shown := count[checkout.EventDelivered] + count[checkout.EventNetCard]
	c.is(c.looked && o.Delivered > 0 && (shown == 0 || shown > count[checkout.EventShowing] || count[checkout.EventRemoved] != count[checkout.EventShowing]),
		"order %s has showings that are recorded wrongly: %v", o.ID, count)
}

// charged counts refs and the most charged calls that any of them had.
type charged struct{ refs, most int }

// supplier: at most one charged call for each ref, and exactly the cards that were sold are delivered.
func (c *checker) supplier() {
	charges := map[string]int{}
	for _, e := range c.world.GiftZ.Ledger() {
		if e.Kind == "charge" {
			charges["giftz "+e.Ref]++
		}
	}
	cards, gifts := 0, 0
	for _, s := range c.world.GiftZ.Sold() {
		cards += len(s.Codes)
		c.is(charges["giftz "+s.TransID] != 1, "%s was charged %d times", s.TransID, charges["giftz "+s.TransID])
	}
	for _, s := range c.world.OneClickDz.Sold() {
		cards += len(s.Codes)
		if s.Kind == "gift" {
			gifts++
			continue
		}
		charges[s.Ref]++
		c.is(charges[s.Ref] > 1, "%s was charged %d times", s.Ref, charges[s.Ref])
	}
	for _, n := range charges {
		c.tally.refs, c.tally.most = c.tally.refs+1, max(c.tally.most, n)
	}
	delivered, owners := 0, map[string]string{}
	for _, o := range c.all {
		delivered += o.Delivered
		for _, p := range o.Placements {
			name := fmt.Sprintf("%s-%d", o.ID, p.K)
			if p.Provider == "giftz" {
				c.is((charges["giftz "+name] == 1) != (p.Delivered > 0), "%s: %d charges, %d cards", name, charges["giftz "+name], p.Delivered)
			}
			if p.Provider == "ocgift" && p.Handle != "" {
				gifts--
				c.is(owners[p.Handle] != "", "%s and %s own the same supplier order", name, owners[p.Handle])
				owners[p.Handle] = name
			}
		}
	}
	c.is(gifts != 0, "%d gift card orders of the supplier belong to nobody", gifts)
	c.is(cards != delivered+c.stock, "the suppliers sold %d cards, %d were delivered, %d are stock", cards, delivered, c.stock)
}

// ledger: the entries give the balances, the sum is zero, nothing is held, nobody is below zero.
func (c *checker) ledger() {
	replay := map[string]int64{}
	err := c.memory.Ledger(c.ctx, func(e store.Entry) error {
		replay[e.From] -= e.Amount
		replay[e.To] += e.Amount
		return nil
	})
	if c.failed(err) {
		return
	}
	balances, err := c.memory.Balances(c.ctx)
	if c.failed(err) {
		return
	}
	var sum int64
	for account, balance := range balances {
		sum += balance
		c.is(balance != replay[account], "%s has %d, its entries say %d", account, balance, replay[account])
		c.is(strings.HasPrefix(account, "cust:") && balance < 0, "%s is at %d", account, balance)
		delete(replay, account)
	}
	for account, balance := range replay {
		c.is(balance != 0, "%s has entries and no balance", account)
	}
	c.is(sum != 0, "all accounts together are %d", sum)
	c.is(balances[store.Hold] != 0, "%d is still held", balances[store.Hold])
}

// screens: every secret was shown to its buyer, by an edit only, and every message that ever held it is deleted.
func (c *checker) screens() {
	for i, secret := range c.sold() {
		held := c.world.Telegram.Holding(secret)
		c.is(c.looked && c.stock == 0 && len(held) == 0, "secret %d was never on a screen", i)
		for _, m := range held {
			c.is(!m.Deleted, "message %d still shows secret %d", m.ID, i)
			c.is(m.Versions[0].Holds(secret), "message %d had secret %d in its first text", m.ID, i)
			last := m.Versions[len(m.Versions)-1]
			c.is(!m.Protected && last.FileName == "", "message %d with secret %d may be forwarded", m.ID, i)
			c.is(!slices.ContainsFunc(c.all, func(o store.Order) bool { return o.Chat == m.ChatID || o.Former == m.ChatID }), "secret %d was shown in chat %d", i, m.ChatID)
		}
	}
	reports := slices.DeleteFunc(c.world.Telegram.Reports(), func(r demo.Report) bool {
		return r.Kind == demo.ReportAnsweredTwice && c.shocked() // an answer whose outcome was unknown may be given again
	})
	c.is(len(reports) > 0, "the emulator reports %v", reports)
}

// presses: each is answered, unless the program died while it could be, and then its chat was drawn again (updates and still see to that).
func (c *checker) presses() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range c.world.Telegram.Callbacks() {
		excused := slices.ContainsFunc(c.deaths, func(d instant) bool { return !d.Before(q.At) && d.Sub(q.At) < c.leap })
		c.is(!q.Answered && !excused && !c.shocked(), "the press of %.4s… at %s was never answered", q.Data, q.At.Format(time.TimeOnly))
	}
}

// shocked tells whether a call of the program failed without its death, or an update passed from a program that ended to another: it may
// have been the answer to a press.
func (c *checker) shocked() bool {
	return c.ruin.mode == "panic" || c.ruin.mode == "err" || c.also != ""
}

// updates: each counted once.
func (c *checker) updates() {
	for _, user := range c.people() {
		did := int64(0)
		for _, m := range c.world.Telegram.History(user) {
			if !m.FromBot && m.Service == "" { // a payment is no part of a talk
				did++
			}
		}
		for _, q := range c.world.Telegram.Callbacks() {
			if q.From == user && q.ChatID == user {
				did++
			}
		}
		talk, err := c.memory.LoadTalk(c.ctx, user, 0)
		if c.failed(err) {
			return
		}
		c.is(talk.Version != did, "user %d did %d things, %d counted", user, did, talk.Version)
		stands := slices.ContainsFunc(c.world.Telegram.Messages(user), func(m demo.Message) bool { return m.FromBot && len(m.Keyboard) > 0 })
		c.is(did > 0 && !stands, "user %d has nothing to press", user)
	}
}
