package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
	"cardrop/flows/checkout"
	giftz "cardrop/providers/giftz/sandbox"
	oneclickdz "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// scenario is what happens while the program dies.
type scenario struct {
	name     string
	start    string // what the buyer types first; with line, /buy and its code
	line     string // end of the line's reference in the catalog
	quantity string
	moves    []move // the latest step first
	handsOn  bool   // the buyer extends and ends the showing by hand
	boot     bool   // what breaks, breaks from the first start on
	settings map[string]string
	before   func(w *wreck, s scenario) error // what happened before the program is started that dies
	trouble  func(w *wreck) error
	admin    func(h *human) error // what an admin does, after the order was made
	after    func(h *human) error // what follows when all is done
	check    func(w *wreck) []string
}

// scenarios are all of them.
func scenarios() []scenario {
	confirm := move{label: "Confirm – pay"}
	gift := []move{confirm, {label: "Continue with 2"}, {label: "+1"}, {label: "PSN 10 EUR"}, {label: "PSN Germany"}}
	return []scenario{
		{name: "purchase", line: "G0001_GZ", quantity: "2", moves: []move{confirm}},
		{name: "gift", start: "playstation germany", moves: gift},
		{name: "internet", start: "adsl", moves: []move{confirm, {see: "which line", say: "021000000"}, {label: "ADSL 1000"}, {label: "ADSL"}}},
		{name: "partial", start: "playstation germany", moves: gift,
			trouble: func(w *wreck) error {
				return w.world.OneClickDz.Fault(oneclickdz.Trouble{Fault: oneclickdz.PartialFill, Times: 1})
			}},
		{name: "reveal", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, handsOn: true},
		{name: "bulk", line: "G0002_GZ", quantity: "25", moves: []move{confirm}},
		{name: "doubt", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: retries,
			trouble: func(w *wreck) error { return w.world.GiftZ.Fault(giftz.Trouble{Fault: giftz.LostAfter, Times: 1}) }},
		{name: "credit", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: credits, check: credited},
		{name: "boot", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, boot: true},
		{name: "webhook", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, boot: true, settings: map[string]string{
			"TELEGRAM_WEBHOOK_URL": "http://$ADDR/telegram/hook", "TELEGRAM_WEBHOOK_SECRET": "a-secret-of-the-crash-tests"}},
		{name: "retention", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: ages,
			settings: map[string]string{"CARD_RETENTION": "1h"}},
		{name: "refund", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: refunds},
		{name: "reissue", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: reissues, settings: map[string]string{"REVEAL_LIMIT": "1"}},
		{name: "ticket", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: complains, check: replaced},
		{name: "move", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: relocates, check: relocated},
		{name: "decide", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: gives, trouble: func(w *wreck) error {
			return w.world.GiftZ.Fault(giftz.Trouble{Fault: giftz.LostBefore})
		}},
		{name: "stock", start: "playstation germany", moves: gift,
			admin: stocks, trouble: func(w *wreck) error {
				return errors.Join(w.world.OneClickDz.Fault(oneclickdz.Trouble{Fault: oneclickdz.LostAfter, Times: 1}),
					w.world.OneClickDz.Fault(oneclickdz.Trouble{Fault: oneclickdz.HTML502, Path: "/gift-cards/list"}))
			}},
		{name: "lost", start: "playstation germany", moves: gift,
			trouble: func(w *wreck) error {
				return w.world.OneClickDz.Fault(oneclickdz.Trouble{Fault: oneclickdz.LostBefore, Times: 1})
			}},
		{name: "burst", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: twoAtOnce},
		{name: "away", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: goesAway},
		{name: "reminder", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: forgets},
		{name: "rotation", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, boot: true, before: sealsBefore, after: losesKey},
		{name: "archive", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, boot: true, before: soldLongAgo, check: archivedWhole,
			settings: map[string]string{"DATA_DIR": "$DATA", "RECORD_RETENTION": "720h", "CARD_RETENTION": "8760h",
				"BACKUP_RECIPIENT": "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"}},
		{name: "found", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: finds},
		{name: "group", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: links},
		{name: "goods", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: hides},
		{name: "fallback", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, trouble: refusesOne, check: boughtElsewhere},
		{name: "send", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: gifts, check: gifted},
		{name: "topup", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: fills, check: filled},
		{name: "paylink", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: paysOnAPage, check: paidOnAPage},
		{name: "announce", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: announces, check: announced},
		{name: "link", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, admin: handsOver, after: opensByLink, check: openedOnce,
			settings: map[string]string{"PUBLIC_URL": "http://$ADDR"}},
		{name: "stars", line: "S0001_GZ", quantity: "1", moves: []move{confirm}, after: paysInStars, check: paidInStars},
	}
}

// scene finds a scenario by name.
func scene(t *testing.T, name string) scenario {
	t.Helper()
	all := scenarios()
	i := slices.IndexFunc(all, func(s scenario) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no scenario %q", name)
	}
	return all[i]
}

// order waits for the buyer's order and its name.
func (h *human) order() (o store.Order, name string, err error) {
	found := until(20*time.Second, func() bool {
		list, _, err := h.memory.OrdersOf(h.t.Context(), h.id, 0, 10)
		if err == nil && len(list) > 0 {
			o = list[0]
		}
		return o.ID != ""
	})
	if !found {
		return o, "", errors.New("no order was made")
	}
	return o, o.ID[:4] + "-" + o.ID[4:], nil
}

// decides is an admin who gives a command and confirms it, until done.
func (h *human) decides(command, confirm string, done func(store.Order) bool) error {
	admin := &human{wreck: h.wreck, id: demo.DemoAdmin}
	return admin.pursue([]move{{label: confirm}}, command, 90*time.Second, func() bool {
		o, _, err := h.order()
		return err == nil && done(o)
	})
}

// deputy is the second admin of those scenarios that need one.
const deputy = 71_000_006

// refunds is an admin who gives the money for a card back, after it was opened, and another who approves it.
func refunds(h *human) error {
	_, name, err := h.order()
	if err != nil {
		return err
	}
	back := func() bool { o, _, err := h.order(); return err == nil && o.PaidBack > 0 }
	if _, err := h.memory.SetStaff(h.t.Context(), deputy, string(flows.Manager), store.Event{Kind: checkout.EventStaffed, Actor: "system"}); err != nil {
		return err
	}
	second := &human{wreck: h.wreck, id: deputy} // who has to have written first, or nobody may write to them
	if err := second.pursue(nil, "/start", 60*time.Second, func() bool { return second.reads("Welcome") }); err != nil {
		return err
	}
	asked := func() bool {
		open, err := h.memory.Approvals(h.t.Context(), 1)
		return back() || err == nil && len(open) > 0
	}
	if err := h.decides("/refund "+name+" the code was used before", "Confirm – refund", func(store.Order) bool { return asked() }); err != nil {
		return err
	}
	return second.pursue([]move{{label: "Approve"}}, "", 90*time.Second, back)
}

// reissues is an admin who lets the owner see a card once more.
func reissues(h *human) error {
	_, name, err := h.order()
	if err != nil {
		return err
	}
	h.advance(2 * time.Minute) // the card goes off the screen
	return h.decides("/reissue "+name, "Confirm – one more", func(o store.Order) bool { return o.Reveal.More > 0 })
}

// gives is an admin who decides that nothing was bought.
func gives(h *human) error {
	_, name, err := h.order()
	if err != nil {
		return err
	}
	asked := until(20*time.Second, func() bool { o, _, err := h.order(); return err == nil && o.State == store.InDoubt })
	if !asked {
		h.advance(h.leap) // the program died while it asked
	}
	err = h.decides("/resolve "+name+" not-bought their support says so", "it was not bought", func(o store.Order) bool { return o.State.Final() })
	h.world.GiftZ.Clear()
	h.world.OneClickDz.Clear()
	return err
}

// stocks is the same for cards that turn up afterwards: they are the shop's. The job that looks back runs once a minute.
func stocks(h *human) error {
	if err := gives(h); err != nil {
		return err
	}
	kept := until(270*time.Second, func() bool {
		o, _, err := h.order()
		if err != nil {
			return false
		}
		cards, err := h.memory.Vault(h.t.Context(), o.ID)
		if err == nil && len(cards) == 0 && h.up() && h.calm.Before(time.Now().Add(-20*time.Second)) {
			h.calm = time.Now()
			h.advance(2 * time.Minute)
		}
		return err == nil && len(cards) > 0
	})
	if !kept {
		return errors.New("the supplier's order did not turn up")
	}
	return nil
}

// The reseller's group of the crash tests, and what it becomes.
const (
	resellers      = -72_000
	resellersSuper = -1_000_000_072_000
)

// links is an admin who makes a group a reseller; then it becomes a supergroup.
func links(h *human) error {
	h.world.Telegram.NewGroup(resellers, "Resellers", omar, demo.DemoAdmin)
	ctx, said := h.t.Context(), time.Time{}
	linked := until(60*time.Second, func() bool {
		if time.Since(said) > 10*time.Second { // and again, should it be answered with an error
			said = time.Now()
			_, _ = h.world.Telegram.Say(resellers, demo.DemoAdmin, "/link")
		}
		g, err := h.memory.Group(ctx, resellers)
		return err == nil && g.Linked
	})
	if !linked {
		return errors.New("the group was not linked")
	}
	if err := h.meddles(); err != nil {
		return err
	}
	if err := h.looksAlone(); err != nil {
		return err
	}
	if err := h.world.Telegram.Migrate(resellers, resellersSuper); err != nil {
		return err
	}
	if !until(60*time.Second, func() bool { g, err := h.memory.Group(ctx, resellersSuper); return err == nil && g.Linked }) {
		return errors.New("the group was not followed")
	}
	return nil
}

// looksAlone is a member who asks for the group's balance and presses for what is for their eyes alone, until they see it. Nobody else ever
// does.
func (h *human) looksAlone() error {
	tried, tg, boss := time.Time{}, h.world.Telegram, &human{wreck: h.wreck, id: demo.DemoAdmin}
	private := func(m demo.Message) bool {
		return m.Receiver == boss.id && strings.Contains(m.Text, "No movements yet")
	}
	seen := until(60*time.Second, func() bool {
		if h.up() && time.Since(tried) > 5*time.Second {
			if tried = time.Now(); !boss.presses(resellers, "Show it to me alone") {
				_, _ = tg.Say(resellers, boss.id, "/balance")
				tried = tried.Add(-3 * time.Second)
			}
		}
		return slices.ContainsFunc(tg.MessagesOf(resellers, boss.id), private)
	})
	if !seen {
		return fmt.Errorf("nothing is seen alone: %+v", tg.MessagesOf(resellers, boss.id))
	}
	for _, m := range tg.Holding("No movements yet") {
		if m.ChatID == resellers && m.Receiver != boss.id {
			return fmt.Errorf("all could read %q", m.Text)
		}
	}
	return nil
}

// meddles is a member who presses what is another's, until that is on record.
func (h *human) meddles() error {
	tried := time.Time{}
	recorded := until(60*time.Second, func() bool {
		if time.Since(tried) > 10*time.Second {
			tried = time.Now()
			for _, m := range h.world.Telegram.Messages(resellers) {
				if len(m.Keyboard) > 0 {
					_, _ = h.world.Telegram.Press(resellers, omar, m.ID, 0, 0)
				}
			}
		}
		events, err := h.memory.EventsAfter(h.t.Context(), "", 1000)
		return err == nil && slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "DENIED" })
	})
	if !recorded {
		return errors.New("a press of another's button is not on record")
	}
	return nil
}

// retries is an admin who asks about the order.
func retries(h *human) error {
	admin := &human{wreck: h.wreck, id: demo.DemoAdmin}
	_, name, err := h.order()
	if err != nil {
		return err
	}
	return admin.pursue([]move{{see: name}}, "/retry "+name, 60*time.Second, func() bool { return admin.reads(name) })
}

// credits is an admin who credits a customer once and reads the record.
func credits(h *human) error {
	admin := &human{wreck: h.wreck, id: demo.DemoAdmin}
	err := admin.pursue([]move{{label: "Confirm – credit"}}, fmt.Sprintf("/credit %d 2500 crash", amina), 60*time.Second, func() bool {
		return admin.reads("Credited")
	})
	if err != nil {
		return err
	}
	reader := &human{wreck: h.wreck, id: demo.DemoAdmin}
	return reader.pursue(nil, "/audit today", 60*time.Second, func() bool { return reader.reads("Record: since") })
}

func (h *human) reads(text string) bool {
	return slices.ContainsFunc(h.world.Telegram.Messages(h.id), func(m demo.Message) bool { return m.FromBot && strings.Contains(m.Text, text) })
}

// credited: as much as was confirmed, once for each confirmed credit.
func credited(w *wreck) []string {
	admin := w.world.Telegram.History(demo.DemoAdmin)
	asked := 0
	for _, m := range admin {
		if !m.FromBot && strings.HasPrefix(m.Text, "/credit") {
			asked++
		}
	}
	got, err := w.memory.Balance(w.t.Context(), fmt.Sprintf("cust:%d", amina))
	if err != nil || got < 2500_00 || got > int64(asked)*2500_00 {
		return []string{fmt.Sprintf("%d was credited after %d commands (%v)", got, asked, err)}
	}
	return nil
}

// ages lets the retention end and waits for its job, which runs once a minute.
func ages(h *human) error {
	h.advance(61 * time.Minute)
	gone := until(270*time.Second, func() bool {
		orders, _, err := h.memory.OrdersOf(h.t.Context(), h.id, 0, 10)
		return err == nil && len(orders) == 1 && !orders[0].Reveal.Shredded.IsZero()
	})
	if !gone {
		return fmt.Errorf("the cards were not shredded")
	}
	return nil
}
