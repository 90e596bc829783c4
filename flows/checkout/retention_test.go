package checkout

import (
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// retains lets the job run every hour for a while, as it would.
func (k *kit) retains(d time.Duration) {
	k.t.Helper()
	for end := k.now().Add(d); k.now().Before(end); {
		k.pass(time.Hour)
		k.ok(k.shop.Retain(k.ctx))
	}
}

// TestReminders: the owner of cards that nobody opens is told after a day and after a week, once each, also by another process; they are
// never destroyed by themselves, and after the retention the operators are asked.
func TestReminders(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 2)
		told := func(want string, events int) {
			t.Helper()
			got := k.shop.Reminder(k.order(o.ID))
			if got != want || k.events(o.ID, EventReminded) != events {
				t.Errorf("to be told %q after %d events, want %q after %d", got, k.events(o.ID, EventReminded), want, events)
			}
			if want != "" {
				k.ok(k.store.MarkReminded(k.ctx, o.ID, want))
			}
		}
		k.retains(23 * time.Hour)
		told("", 0)
		k.retains(2 * time.Hour)
		told(RemindDay, 1)
		var err error
		k.shop, err = New(k.options) // a restart
		k.ok(err)
		k.retains(100 * time.Hour)
		told("", 1)
		k.retains(44 * time.Hour)
		told(RemindWeek, 2)
		for range 12 {
			k.pass(30 * 24 * time.Hour)
			k.ok(k.shop.Retain(k.ctx))
		}
		told("", 2)
		if k.rung("card_never_opened") != 1 {
			t.Errorf("alarms %v", k.alarms)
		}
		k.pass(20 * 365 * 24 * time.Hour)
		k.ok(k.shop.Retain(k.ctx))
		if len(k.vault(k.order(o.ID))) != 2 {
			t.Fatal("cards that nobody opened are destroyed")
		}
		k.ok(k.shop.Notarize(k.ctx))
		k.ok(k.reveal(o, token, amine))
		k.onScreen(o)
	})
}

// TestReminderIsOver: cards that are opened in time bring no reminder, and their retention begins with the showing.
func TestReminderIsOver(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		k.retains(25 * time.Hour) // the reminder is on its way
		k.ok(k.shop.Notarize(k.ctx))
		k.ok(k.reveal(o, token, amine))
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		if got := k.shop.Reminder(k.order(o.ID)); got != "" {
			t.Errorf("still to be told %q", got)
		}
		k.retains(10 * 24 * time.Hour)
		if k.events(o.ID, EventReminded) != 1 {
			t.Errorf("%d reminders", k.events(o.ID, EventReminded))
		}
	})
}

// TestWarnedBeforeShredding: the owner hears of it a day ahead, also when the job comes late, and quarantined cards stay.
func TestWarnedBeforeShredding(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o := k.came(amine, 2, providers.Fulfillment{State: providers.Fulfilled, Cards: cards("SHOWN-CODE-1", "AB\x07CD")})
		k.ok(k.shop.Release(k.ctx, admin, o.ID, 1, ""))
		token, err := k.shop.Offer(k.ctx, o.ID)
		k.ok(err)
		o = k.order(o.ID)
		k.ok(k.reveal(o, token, amine))
		k.pass(61 * time.Second)
		k.ok(k.shop.Sweep(k.ctx))
		k.pass(696*time.Hour - 5*time.Minute)
		k.ok(k.shop.Retain(k.ctx))
		if got := k.shop.Reminder(k.order(o.ID)); got != "" {
			t.Errorf("told %q too early", got)
		}
		k.pass(50 * time.Hour) // the job was away: the day is given all the same
		k.ok(k.shop.Retain(k.ctx))
		if got := k.shop.Reminder(k.order(o.ID)); got != RemindShred || len(k.vault(k.order(o.ID))) != 1 {
			t.Errorf("told %q, %d cards", got, len(k.vault(k.order(o.ID))))
		}
		k.ok(k.store.MarkReminded(k.ctx, o.ID, RemindShred))
		k.retains(23 * time.Hour)
		if len(k.vault(k.order(o.ID))) != 1 {
			t.Error("destroyed before the day was over")
		}
		k.retains(2 * time.Hour)
		vault, err := k.store.Vault(k.ctx, o.ID)
		k.ok(err)
		if r := k.order(o.ID).Reveal; r.State != store.Shredded || r.Shredded.IsZero() || len(vault) != 1 || vault[0].Index[0] != 'q' {
			t.Errorf("%+v, %d entries are left", r, len(vault))
		}
	})
}

// TestOldOrdersAreReminded: cards that were sealed before the retention looked at unopened ones come under its eyes.
func TestOldOrdersAreReminded(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, _ := k.ready(amine, grab, 1)
		k.ok(k.raw.Del(k.ctx, k.key("due:retain")).Err())
		k.retains(30 * time.Hour)
		if k.events(o.ID, EventReminded) != 0 {
			t.Fatal("it was not forgotten")
		}
		k.rotates()
		k.retains(time.Hour)
		if k.events(o.ID, EventReminded) != 1 {
			t.Error("nobody is reminded")
		}
	})
}
