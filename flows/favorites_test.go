package flows

import (
	"strings"
	"testing"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// directShelf does what a stage direction about the catalog says; false for another one.
func (st *stage) directShelf(words []string) bool {
	st.t.Helper()
	switch words[0] {
	case "catalog": // the catalog is read again
		st.must(st.shop.RefreshCatalog(st.t.Context()))
	default:
		return false
	}
	return true
}

// TestNoteGoesOutOnce: two desks that look for news at once, as two processes do, bring one note; the next one comes a day later, and
// none after the subscription has ended.
func TestNoteGoesOutOnce(t *testing.T) {
	st := newStage(t)
	ctx := t.Context()
	st.act("/watch PSN10EUR-6PB")
	days := func() (notes int) {
		st.clock.Advance(24 * time.Hour)
		st.redis.SetTime(st.clock.Now())
		st.must(st.shop.RefreshCatalog(ctx))
		for range 2 {
			due, err := st.desk.DueNotices(ctx, 50)
			st.must(err)
			for _, n := range due {
				reply, err := st.desk.Notice(ctx, n)
				st.must(err)
				if len(reply.Screens) > 0 {
					notes++
				}
				st.must(st.desk.Noticed(ctx, n, st.show(0, reply), nil))
			}
		}
		return notes
	}
	if n := days(); n != 0 {
		t.Errorf("%d notes without a change", n)
	}
	st.dz.SetPrice("de10", 350_000)
	if a, b := days(), days(); a != 1 || b != 0 {
		t.Errorf("%d notes of a change, and %d on the day after", a, b)
	}
	st.act("/watch off")
	st.dz.SetPrice("de10", 360_000)
	if n := days(); n != 0 {
		t.Errorf("%d notes after the end", n)
	}
	if n, err := st.store.DueCount(ctx, store.DueNews); err != nil || n != 0 {
		t.Errorf("%d news are left, %v", n, err)
	}
}

// TestNoteWaitsForWhoIsAway: who cannot be written to gets the note when they are back.
func TestNoteWaitsForWhoIsAway(t *testing.T) {
	st := newStage(t)
	ctx := t.Context()
	st.act("/watch PSN10EUR-6PB")
	st.dz.SetPrice("de10", 350_000)
	st.clock.Advance(24 * time.Hour)
	st.redis.SetTime(st.clock.Now())
	st.must(st.shop.RefreshCatalog(ctx))
	notes := func(failure error) string {
		due, err := st.desk.DueNotices(ctx, 50)
		st.must(err)
		said := ""
		for _, n := range due {
			reply, err := st.desk.Notice(ctx, n)
			st.must(err)
			for _, s := range reply.Screens {
				said += s.Text
			}
			var sent []Sent
			if failure == nil {
				sent = st.show(0, reply)
			}
			st.must(st.desk.Noticed(ctx, n, sent, failure))
		}
		return said
	}
	first := notes(checkout.ErrUnreachable)
	if !strings.Contains(first, "PSN10EUR-6PB") || notes(nil) != "" {
		t.Fatalf("told %q", first)
	}
	st.do(Input{Command: "start"})
	if again := notes(nil); again != first || notes(nil) != "" {
		t.Errorf("told %q to who is back", again)
	}
}

// TestAgainIsOnesOwn: another's order is not repeated, and neither is one that another wallet paid for.
func TestAgainIsOnesOwn(t *testing.T) {
	st := linked(t)
	st.act("/buy GRAB2000-9L7 2")
	st.press("Confirm")
	st.work()
	o, _, err := st.shop.Orders(t.Context(), karim, 0, 1)
	st.must(err)
	for name, in := range map[string]Input{"another's": {Button: "repeat:" + o[0].ID, Message: 1}, "the group's": {Button: "repeat:" + o[0].ID, Message: 1}} {
		st.user, st.scene = person{lina, "Lina", "en"}, scene{}
		if name == "the group's" {
			st.user = person{karim, "Karim", "en"}
		}
		reply := st.do(in)
		if strings.Contains(reply.Screens[0].Text, "Confirm") || !strings.Contains(reply.Screens[0].Text, "ORDER_NOT_FOUND") {
			t.Errorf("%s: %+v", name, reply.Screens)
		}
	}
	st.user, st.scene = person{karim, "Karim", "en"}, scene{group: shop5}
	st.act("/again")
	if talk := st.visitOf(karim); talk.Quantity != 2 || talk.Line != "GRAB2000-9L7" || talk.OrderID == "" || talk.OrderID == o[0].ID {
		t.Errorf("again is %+v", talk)
	}
}
