package flows

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// directReconcile does what a stage direction about comparisons says; false for another one.
func (st *stage) directReconcile(words []string) bool {
	st.t.Helper()
	ctx := st.t.Context()
	switch words[0] {
	case "compare": // a worker makes the comparison that was asked for, and the screen follows
		st.must(st.shop.Compare(ctx))
		reply, err := st.desk.Redraw(ctx, TalkID{Chat: st.user.id})
		st.must(err)
		st.draw(TalkID{Chat: st.user.id}, reply, true)
	case "stopped": // a supplier sold what Redis does not know
		_, err := st.store.Bar(ctx, checkout.BarUnreconciled, true, store.Event{Kind: checkout.EventSwitched, Actor: "system"})
		st.must(err)
	case "spoil": // money appears in a wallet
		st.redis.HSet("{test}:wallets", "cust:1001", "777700")
	default:
		return false
	}
	return true
}

// TestEveryDifferenceIsSaid: each kind of difference has its sentence and what to do in each language, with all of its pieces.
func TestEveryDifferenceIsSaid(t *testing.T) {
	words := openWords(t)
	kinds := []string{checkout.DiffUnknownSale, checkout.DiffLostClaim, checkout.DiffForeignSale, checkout.DiffLateSale, checkout.DiffUnlisted,
		checkout.DiffUnknownDebit, checkout.DiffCost, checkout.DiffBalance, checkout.DiffSum, checkout.DiffHold, checkout.DiffMoney,
		checkout.DiffCards, checkout.DiffMissingOrder, checkout.DiffUnrecorded, checkout.DiffRecord, checkout.DiffWentBack}
	for _, language := range words.Languages() {
		v := &visit{speech: words.in(language)}
		seen := map[string]bool{}
		for _, kind := range kinds {
			text := v.difference(checkout.Difference{Kind: kind, Supplier: "ocgift", Handle: "65bb01", Order: "K7M29QXW", Account: "cust:1",
				Step: "ORDER_OPENED", Cards: 2, Ours: -7, Theirs: 9, At: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)})
			said, todo, two := strings.Cut(text, "\n")
			unsaid := strings.Contains(text, v.say("unsaid")) || strings.Contains(text, "<no value>")
			if !two || unsaid || len(strings.TrimSpace(strings.TrimPrefix(todo, "→"))) < 10 || seen[said] {
				t.Errorf("%s %s: %q", language, kind, text)
			}
			seen[said] = true
		}
		for _, cause := range []string{checkout.BarUnreconciled, "went_back"} {
			if _, ok := v.maybe("reconcile.cause." + cause); !ok {
				t.Errorf("%s: cause %s has no words", language, cause)
			}
		}
	}
}

// TestDifferencesByPages: 13 differences are 3 pages within a message, each with its number.
func TestDifferencesByPages(t *testing.T) {
	st := newStage(t)
	st.user = person{admin, "Nadia", "en"}
	c := checkout.Comparison{ID: 7, Admin: admin, Chat: admin, Stage: checkout.StageDone, From: st.clock.Now(), More: 3}
	for i := range 13 {
		c.Differences = append(c.Differences, checkout.Difference{Kind: checkout.DiffUnknownDebit, Supplier: strings.Repeat("x", 200),
			Handle: strings.Repeat("65", 40), Order: "K7M29QXW", Theirs: int64(i)})
	}
	text, err := json.Marshal(c)
	st.must(err)
	st.must(st.store.KeepComparison(t.Context(), text))
	st.check = func(r Reply) { sound(t, st, r) }
	st.do(Input{Button: "rec:0"})
	for page, want := range [][]string{{"16 differences", "1. ", "5. "}, {"6. ", "10. "}, {"11. ", "13. "}} {
		if page > 0 {
			st.press(st.words.in("en").say("button.later"))
		}
		shown := st.reads()
		for _, part := range want {
			if !strings.Contains(shown, part) {
				t.Errorf("page %d lacks %q:\n%s", page, part, shown)
			}
		}
	}
	st.do(Input{Button: "rec:77"}) // beyond the end: the first page
	if shown := st.reads(); !strings.Contains(shown, "1. ") {
		t.Errorf("beyond the end: %s", shown)
	}
}

// reads is the text of the newest message in the present person's chat.
func (st *stage) reads() string {
	c := st.chat(st.user.id)
	for _, id := range slices.Backward(c.order) {
		if n := c.messages[id]; n != nil {
			return plain(n.text)
		}
	}
	return ""
}
