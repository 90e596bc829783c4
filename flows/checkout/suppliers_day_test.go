package checkout

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
)

// TestFlappingDay: over a simulated day one supplier fails for four minutes out of ten all morning, and is away for two hours in the
// afternoon; another is out of money, recharged, and at once out of money again. Two processes serve the shop. Each trouble is told once when
// it begins and once when it has been over for a while, whatever the suppliers do in between; and what fails is not offered meanwhile.
func TestFlappingDay(t *testing.T) {
	t.Parallel()
	k := newKit(t, false, func(o *Options) { o.BreakerRest = time.Millisecond })
	k.frozen = true
	other, err := New(k.options)
	k.ok(err)
	k.ok(other.RefreshCatalog(k.ctx))
	line := "giftz/" + k.basket(amine, grab, 1).line(k)
	told, asked, offered := map[string]int{}, 0, 0
	down := false
	for minute := 0; minute < 24*60; minute += 2 {
		fails := minute >= 60 && minute < 300 && minute%10 < 4 || minute >= 480 && minute < 600
		if fails && !down {
			k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.Down, Path: "get-available-vouchers"}))
		} else if !fails && down {
			k.giftz.Clear()
		}
		down = fails
		for i := range 12 { // customers
			_, err := []*Shop{k.shop, other}[i%2].offered(k.ctx, "giftz", strings.TrimPrefix(line, "giftz/"))
			if asked++; err == nil {
				offered++
			}
			if fails && err == nil {
				t.Fatal("a supplier that fails answers")
			}
		}
		switch minute {
		case 700, 716:
			k.shop.pause(k.ctx, "ocgift", string(providers.NoFunds))
		case 706, 726:
			k.click.Credit(500_00)
		}
		<-time.After(2 * k.options.BreakerRest) // the library's clock is the real one
		k.ok(k.shop.MindSuppliers(k.ctx))
		k.ok(other.MindSuppliers(k.ctx))
		k.pass(2 * time.Minute)
		k.mu.Lock()
		for _, a := range k.alarms {
			told[a]++
		}
		k.alarms = nil
		k.mu.Unlock()
	}
	for about, want := range map[string]int{
		"supplier_failing " + line + ": calls fail, nothing more of it is sold until one works again": 2,
		"supplier_well giftz works again": 2, "supplier_paused_no_funds ocgift": 1, "supplier_well ocgift works again": 1,
	} {
		if told[about] != want {
			t.Errorf("%q was told %d times in a day, want %d", about, told[about], want)
		}
	}
	all := 0
	for about, n := range told {
		if all += n; n > 2 {
			t.Errorf("%q was told %d times in a day", about, n)
		}
	}
	if all != 6 {
		t.Errorf("the operators heard %d alarms in a day, want 6: %v", all, told)
	}
	if paused, err := k.store.Paused(k.ctx); err != nil || len(paused) > 0 {
		t.Errorf("at the end are paused: %v, %v", paused, err)
	}
	if marks, err := k.store.Marks(k.ctx); err != nil || len(marks) > 0 {
		t.Errorf("at the end is still marked: %v, %v", marks, err)
	}
	if offered == 0 || offered == asked {
		t.Errorf("%d of %d offers were made", offered, asked)
	}
}

// TestPausesAlarmAtOnce: each pause that begins by itself is told at once: the first one, one for another reason right after it, and one
// for the same reason after an admin has ended it by hand. The same one that comes and goes by itself is told once.
func TestPausesAlarmAtOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		begins := func(reason providers.Reason, want int) {
			t.Helper()
			k.ok(k.shop.Pause(k.ctx, "giftz", string(reason)))
			if n := k.rung("supplier_paused_" + string(reason)); n != want {
				t.Errorf("paused for %s: told %d times, want %d", reason, n, want)
			}
		}
		ends := func(reason providers.Reason) { t.Helper(); k.ok(k.shop.Resume(k.ctx, "giftz", string(reason))) }
		begins(providers.NoFunds, 1)
		ends(providers.NoFunds)
		begins(providers.NoFunds, 0)
		ends(providers.NoFunds)
		begins(providers.Blocked, 1)
		begins(providers.NoFunds, 0) // it is paused already
		k.ok(k.shop.Reopen(k.ctx, admin, "giftz"))
		begins(providers.Blocked, 1)
		k.ok(k.shop.MindSuppliers(k.ctx))
		k.pass(calmFor + time.Minute)
		k.ok(k.shop.MindSuppliers(k.ctx))
		if n := k.rung("supplier_well"); n != 0 {
			t.Errorf("one that is paused is told %d times to be well", n)
		}
		ends(providers.Blocked)
		k.ok(k.shop.MindSuppliers(k.ctx))
		k.pass(calmFor + time.Minute)
		for range 2 {
			k.ok(k.shop.MindSuppliers(k.ctx))
		}
		if n := k.rung("supplier_well"); n != 1 {
			t.Errorf("told %d times to be well", n)
		}
		begins(providers.Blocked, 1)
		k.silent()
	})
}

// line is the supplier's key of a basket's line.
func (b Basket) line(k *kit) string {
	k.t.Helper()
	l, err := k.shop.Line(k.ctx, b.Line)
	k.ok(err)
	return l.Product.SKU
}

// TestBreakers: a line that fails again and again is not asked for any more, others of its supplier are; sure refusals and calls that
// were not made count for nothing; and an agreed order is asked about whatever the breakers say.
func TestBreakers(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	b := &breakers{rest: time.Hour}
	strike := func(sku string, err error) bool {
		done, closed := b.allow("giftz", sku)
		if closed == nil {
			done(err)
		}
		return closed == nil
	}
	for range 40 {
		if !strike("a", &providers.Refusal{Reason: providers.OutOfStock}) {
			t.Fatal("sure refusals opened a breaker")
		}
	}
	for i := range lineStrikes {
		if !strike("b", broken) {
			t.Fatalf("the breaker of a line opened after %d failures", i)
		}
	}
	if strike("b", nil) {
		t.Error("a line that failed five times is still asked for")
	}
	if !strike("a", nil) || !strike("c", nil) {
		t.Error("other lines of the supplier are not asked for")
	}
	for i := range 40 {
		strike(string(rune('d'+i)), broken)
	}
	if strike("a", nil) {
		t.Error("a supplier that fails with every line is still asked")
	}
	if got := b.tripped(); len(got) != 2 || got[0] != "giftz" || got[1] != "giftz/b" {
		t.Errorf("not closed are %v", got)
	}

	k := newKit(t, false)
	o := k.buy(amine, grab, 1)
	for range supplierStrikes {
		for _, name := range []string{"giftz", "giftz/x"} {
			if done, err := k.shop.breakers.of(name).Allow(); err == nil {
				done(broken)
			}
		}
	}
	_, err := k.shop.Quote(k.ctx, Basket{ID: "ABCDEFGH", Line: k.line(grab), Quantity: 1, Buyer: Buyer{User: amine, Chat: amine}})
	k.is(err, ErrUnavailable)
	k.has(k.run(o.ID, time.Second, time.Minute))
}
