package flows

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/providers/giftz/sandbox"
	dzsandbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// as lets somebody else talk.
func (st *stage) as(id int64, name string) { st.user = person{id, name, "en"} }

// doubted buys through the customer's talk and leaves the order in doubt for good.
func (st *stage) doubted(code string, quantity string, fault func()) store.Order {
	st.t.Helper()
	st.as(1001, "Amine")
	st.act("/buy " + code + " " + quantity)
	fault()
	st.press("Confirm")
	st.work()
	orders, _, err := st.shop.Orders(st.t.Context(), 1001, 0, 1)
	st.must(err)
	st.must(st.giftz.Fault(sandbox.Trouble{Fault: sandbox.HTML502}))
	st.must(st.dz.Fault(dzsandbox.Trouble{Fault: dzsandbox.HTML502, Path: "/gift-cards/list"}))
	st.wait(31 * time.Minute)
	return st.order(orders[0].ID, store.InDoubt)
}

func (st *stage) order(id string, want store.OrderState) store.Order {
	st.t.Helper()
	o, err := st.store.Order(st.t.Context(), id)
	st.must(err)
	if o.State != want {
		st.t.Fatalf("order is %s, want %s\n%s", o.State, want, st.said)
	}
	return o
}

func deciding(t *testing.T) *stage {
	t.Helper()
	st := newStage(t)
	st.check = func(r Reply) { sound(t, st, r) }
	st.direct(strings.Fields("credit 1001 20000"))
	return st
}

func (st *stage) lostVoucher(quantity string) store.Order {
	return st.doubted("GRAB2000-9L7", quantity, func() { st.must(st.giftz.Fault(sandbox.Trouble{Fault: sandbox.LostBefore, Times: 1})) })
}

// TestTypedCodesGo: a message with codes is deleted whatever became of it, and no code is in the memory or the log in the clear.
func TestTypedCodesGo(t *testing.T) {
	t.Parallel()
	st := deciding(t)
	o := st.lostVoucher("2")
	st.as(admin, "Nadia")
	id := orderName(o.ID)
	typed := []string{"TYPED-CODE-ONE", "TYPED-CODE-TWO", "TYPED-CODE-THREE", "TYPED-CODE-FOUR"}
	for i, c := range []struct {
		in   Input
		gone bool
	}{
		{Input{Command: "supply", Text: id}, false},
		{Input{Text: typed[0] + " | S-1\n" + typed[1] + "\n" + typed[2]}, true}, // too many
		{Input{Command: "supply", Text: "no order\n" + typed[0]}, true},
		{Input{Command: "supply", Text: "ABCD-2345\n" + typed[0]}, true}, // nobody's
		{Input{Text: typed[3]}, false},                                   // nothing was asked for: a search
		{Input{Command: "supply", Text: id}, false},
		{Input{Text: typed[0] + "\n\n" + typed[1] + " | S-2"}, true},
	} {
		if i == 4 {
			continue // a search is kept as words; codes belong where they are asked for
		}
		c.in.Message = 700 + i
		reply := st.do(c.in)
		if slices.Contains(reply.Delete, c.in.Message) != c.gone {
			t.Errorf("message %d: deleted are %v", i, reply.Delete)
		}
	}
	st.order(o.ID, store.Review)
	reply := st.do(Input{Button: "decided:" + st.decision().Ref, Message: 1})
	if !slices.Contains(reply.Delete, 706) {
		t.Errorf("not deleted once more: %v", reply.Delete)
	}
	st.order(o.ID, store.Fulfilled)
	for _, code := range typed {
		for place, text := range map[string]string{"memory": st.redis.Dump(), "log": st.logs.String(), "words": st.said.String()} {
			if strings.Contains(text, code) {
				t.Errorf("%s lies open in the %s", code, place)
			}
		}
	}
}

// decision is what the admin's talk is about to decide.
func (st *stage) decision() Decision {
	st.t.Helper()
	kept, err := st.store.LoadTalk(st.t.Context(), admin, 0)
	st.must(err)
	v := st.desk.visit(Input{Chat: admin, User: admin, Private: true}, kept)
	if v.talk.Decision == nil {
		st.t.Fatalf("no decision\n%s", st.said)
	}
	return *v.talk.Decision
}

// TestSecondTapActsOnce: however often Confirm is tapped, and whatever order of updates, a decision is carried out once.
func TestSecondTapActsOnce(t *testing.T) {
	t.Parallel()
	st := deciding(t)
	o := st.lostVoucher("1")
	st.as(admin, "Nadia")
	st.act("/resolve " + o.ID + " not-bought they say so")
	first := "decided:" + st.decision().Ref
	for range 3 {
		st.do(Input{Button: first, Message: 1})
	}
	st.do(st.last) // the same update once more
	st.order(o.ID, store.Refused)
	st.act("/refund " + o.ID + " too late")
	if strings.Contains(st.said.String(), "[✅ Confirm – refund]") {
		t.Error("an order without cards can be refunded")
	}
	if balance, err := st.shop.Balance(t.Context(), 1001); err != nil || balance != 20_000_00 {
		t.Errorf("balance is %d, %v", balance, err)
	}
	st.do(Input{Button: first, Message: 1}) // the confirm of a decision that is no longer there
	if st.order(o.ID, store.Refused).Refunded != o.Total {
		t.Error("it acted again")
	}
}

// TestBindBySupplierOrder: an admin names the supplier's order id; it is bound, and the card comes to the buyer.
func TestBindBySupplierOrder(t *testing.T) {
	t.Parallel()
	st := deciding(t)
	o := st.doubted("PSN10EUR-6PB", "1", func() { st.must(st.dz.Fault(dzsandbox.Trouble{Fault: dzsandbox.LostAfter, Times: 1})) })
	handle := st.dz.Sold()[0].Handle
	st.as(admin, "Nadia")
	st.act("/resolve " + o.ID + " bought 61260000ffffffffffffffff as their page says")
	st.press("Confirm")
	st.order(o.ID, store.InDoubt)
	st.press("Try again")
	st.act(handle) // the note is known
	if c := st.decision(); c.Handle != handle || c.Note != "as their page says" {
		t.Fatalf("decision is %+v", c)
	}
	st.press("Confirm")
	st.order(o.ID, store.Pending)
	st.giftz.Clear()
	st.dz.Clear()
	st.wait(5 * time.Second)
	st.order(o.ID, store.Fulfilled)
	st.as(1001, "Amine")
	st.act("/start")
	if !strings.Contains(st.said.String(), "Your card is ready") {
		t.Error("the buyer was not told")
	}
	if leaks := st.leaks(st.said.String()); len(leaks) > 0 {
		t.Errorf("%v hold a code", leaks)
	}
}

// TestPartsOfAnOrder: in an order of several parts the admin says which one, by name or by button.
func TestPartsOfAnOrder(t *testing.T) {
	t.Parallel()
	st := deciding(t)
	o := st.doubted("GRAB2000-9L7", "12", func() { st.must(st.giftz.Fault(sandbox.Trouble{Fault: sandbox.LostBefore})) })
	st.as(admin, "Nadia")
	st.act("/resolve " + orderName(o.ID) + " not-bought both are missing")
	st.press("Part 2")
	if c := st.decision(); c.K != 2 || c.Note != "both are missing" {
		t.Fatalf("decision is %+v", c)
	}
	st.press("Confirm")
	if o = st.order(o.ID, store.InDoubt); o.Placements[1].State != store.Refused || o.Placements[0].State != store.InDoubt {
		t.Fatalf("parts are %+v", o.Placements)
	}
	st.act("/order " + o.ID)
	if !strings.Contains(st.said.String(), "[Bought… (1)] [Not bought… (1)]") {
		t.Errorf("no actions of part 1\n%s", st.said)
	}
	for _, bad := range []string{".3", ".0", ".x", "."} {
		st.act("/resolve " + o.ID + bad + " not-bought x")
	}
	st.act("/resolve " + o.ID + ".1 not-bought the other one too")
	st.press("Confirm")
	o = st.order(o.ID, store.Refused)
	if balance, err := st.shop.Balance(t.Context(), 1001); err != nil || balance != 20_000_00 {
		t.Errorf("balance is %d, %v", balance, err)
	}
}

// TestNotesHoldNoCode: a note with a code of the order is not even kept in the talk.
func TestNotesHoldNoCode(t *testing.T) {
	t.Parallel()
	st := deciding(t)
	st.act("/buy GRAB2000-9L7 1")
	st.press("Confirm")
	st.work()
	orders, _, err := st.shop.Orders(t.Context(), 1001, 0, 1)
	st.must(err)
	code := st.giftz.Sold()[0].Codes[0]
	st.as(admin, "Nadia")
	for _, text := range []string{"/refund " + orders[0].ID + " it was " + code, "it was " + strings.ToLower(code)} {
		in := Input{Text: text}
		if rest, ok := strings.CutPrefix(text, "/refund "); ok {
			in = Input{Command: "refund", Text: rest}
		}
		st.do(in)
		st.press("Try again")
		if c := st.decision(); c.Note != "" {
			t.Errorf("kept %q", c.Note)
		}
		if strings.Contains(strings.ToUpper(st.redis.Dump()), strings.ToUpper(code)) {
			t.Error("the code is in the memory")
		}
	}
}
