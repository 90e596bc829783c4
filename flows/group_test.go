package flows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/store"
)

const (
	karim = int64(2001) // asks
	lina  = int64(2002) // is another member who talked to the shop
	sami  = int64(2003) // is another member who never did
	shop5 = int64(-5)   // the group
)

// linked is a stage with a linked group, money in its wallet, and Karim and Lina known in private.
func linked(t *testing.T) *stage {
	t.Helper()
	st := newStage(t)
	for _, id := range []int64{karim, lina} {
		st.user = person{id, "M", "en"}
		st.act("/start")
	}
	st.user, st.scene = person{admin, "Nadia", "en"}, scene{group: shop5}
	st.act("/link")
	st.fundGroup(5000)
	st.user = person{karim, "Karim", "en"}
	return st
}

// fundGroup puts whole units into the group's wallet.
func (st *stage) fundGroup(amount int64) {
	st.t.Helper()
	g, err := st.shop.Group(st.t.Context(), shop5)
	st.must(err)
	_, _, err = st.shop.Credit(st.t.Context(), checkout.CreditRequest{
		Admin: admin, User: g.ID(), Account: g.Account, Amount: amount * 100, Note: "cash", Ref: fmt.Sprint("g", st.update),
	})
	st.must(err)
}

// TestGroupConfirm holds that a member's own Confirm buys from the group's wallet, once, and shows nothing but its state there.
func TestGroupConfirm(t *testing.T) {
	st := linked(t)
	st.scene.thread = 7
	st.act("/buy GRAB2000-9L7 3")
	c := st.chat(shop5)
	confirm := c.messages[c.next].rows[0][0].Data
	for range 3 {
		st.do(Input{Button: confirm, Message: c.next})
	}
	st.do(st.last)
	orders, _, err := st.shop.OrdersOn(t.Context(), "group:-5", 0, 10)
	if err != nil || len(orders) != 1 {
		t.Fatalf("%d orders, %v", len(orders), err)
	}
	o := orders[0]
	if o.Buyer != karim || o.Chat != karim || o.Post != shop5 || o.Thread != 7 || o.Account != "group:-5" {
		t.Errorf("order %+v", o)
	}
	for account, want := range map[string]int64{"group:-5": 500_000 - o.Total, "cust:2001": 0, store.Hold: o.Total} {
		if got, err := st.store.Balance(t.Context(), account); err != nil || got != want {
			t.Errorf("%s holds %d, want %d, %v", account, got, want, err)
		}
	}
	var seen []Reply
	st.check = func(r Reply) { seen = append(seen, r) }
	st.work()
	if len(seen) != 1 || len(seen[0].Screens) != 2 {
		t.Fatalf("told %+v", seen)
	}
	group, private := seen[0].Screens[0], seen[0].Screens[1]
	if group.Chat != shop5 || group.Thread != 7 || group.Offer != "" || group.Edit != c.next || !strings.Contains(group.Text, "3 cards delivered") {
		t.Errorf("the group is told %+v", group)
	}
	if private.Chat != karim || private.Thread != 0 || private.Offer != o.ID {
		t.Errorf("the buyer is told %+v", private)
	}
	for _, row := range group.Rows {
		for _, b := range row {
			if b.Data != "" || b.Start == "" {
				t.Errorf("the group may press %+v", b)
			}
		}
	}
}

// TestGroupNeedsMoney holds that a group spends its own money only, not its buyer's.
func TestGroupNeedsMoney(t *testing.T) {
	st := linked(t)
	st.direct([]string{"credit", "2001", "90000"})
	st.act("/buy GRAB2000-9L7 50")
	if !strings.Contains(st.said.String(), "short") {
		t.Fatalf("said %s", st.said)
	}
	if n, err := st.store.Balance(t.Context(), store.Hold); err != nil || n != 0 {
		t.Errorf("%d is held, %v", n, err)
	}
}

// TestGroupRepeats holds that a repeated update in a group has no second effect, and that a lost reply is drawn again for its member,
// in the topic.
func TestGroupRepeats(t *testing.T) {
	st := linked(t)
	ctx := t.Context()
	in := Input{Update: 7001, Chat: shop5, User: karim, Thread: 7, Command: "buy", Text: "GRAB2000-9L7 2", Language: "en"}
	first, err := st.desk.Handle(ctx, in)
	st.must(err)
	again, err := st.desk.Handle(ctx, in)
	st.must(err)
	if first.Screens[0].Text != again.Screens[0].Text {
		t.Errorf("repeated:\n%s", cmp.Diff(first.Screens[0].Text, again.Screens[0].Text))
	}
	st.clock.Advance(6 * time.Second)
	st.redis.SetTime(st.clock.Now())
	due, err := st.desk.DueRedraws(ctx, 10)
	if err != nil || !slices.Contains(due, TalkID{Chat: shop5, User: karim}) {
		t.Fatalf("due: %v, %v", due, err)
	}
	reply, err := st.desk.Redraw(ctx, TalkID{Chat: shop5, User: karim})
	if err != nil || len(reply.Screens) != 1 || reply.Screens[0].Thread != 7 || reply.Screens[0].Edit != 0 {
		t.Fatalf("%+v, %v", reply, err)
	}
	for _, id := range []TalkID{{Chat: shop5, User: sami}, {Chat: -99, User: karim}} { // nobody asked there
		if reply, err := st.desk.Redraw(ctx, id); err != nil || len(reply.Screens) != 0 {
			t.Errorf("redrawn for %v: %+v, %v", id, reply, err)
		}
	}
}

// TestGroupMemoryAway holds that nothing is acknowledged in a group while nothing can be stored.
func TestGroupMemoryAway(t *testing.T) {
	st := linked(t)
	st.redis.SetError("away")
	for _, in := range []Input{
		{Update: 1, Chat: shop5, User: karim, Command: "balance"}, {Update: 2, Chat: shop5, User: karim, Button: "x"},
		{Update: 3, Chat: shop5, To: -1005, Change: ChatMoved}, {Update: 4, Chat: karim, User: karim, Private: true, Change: ChatShut},
	} {
		if _, err := st.desk.Handle(t.Context(), in); err == nil {
			t.Errorf("%+v was handled without a memory", in)
		}
	}
	st.redis.SetError("")
}

// TestPass holds that a deep link opens its order for the buyer alone, and that nobody learns from it.
func TestPass(t *testing.T) {
	st := linked(t)
	const order = "K7M29QXW"
	st.must(st.shop.Pass(t.Context(), order, karim))
	token := st.shop.PassToken(order)
	if !isPass(token) || strings.Contains(token, order) {
		t.Errorf("token %q", token)
	}
	if got, err := st.shop.Admit(t.Context(), token, karim); err != nil || got != order {
		t.Errorf("admitted to %q, %v", got, err)
	}
	for user, token := range map[int64]string{lina: token, karim: strings.Repeat("0", 32)} {
		if got, err := st.shop.Admit(t.Context(), token, user); !errors.Is(err, checkout.ErrNotFound) || got != "" {
			t.Errorf("%d is admitted to %q, %v", user, got, err)
		}
	}
	if n := st.denied(lina); n != 1 {
		t.Errorf("%d tries are on record", n)
	}
}

func TestChatID(t *testing.T) {
	for text, want := range map[string]int64{"-5": -5, "−1001234567890": -1001234567890, "–٥": -5, "#-77": -77, "5": 0, "-": 0, "-0": 0, "-5x": 0, "": 0} {
		got, ok := chatID(text)
		if ok != (want != 0) || ok && got != want {
			t.Errorf("chatID(%q) = %d, %v", text, got, ok)
		}
	}
}

// TestVeiled holds that the button of somebody who wrote as the group gives its presser the presser's rights and no others.
func TestVeiled(t *testing.T) {
	st := linked(t)
	st.scene.veiled = true
	st.act("/unlink")
	c := st.chat(shop5)
	data := c.messages[c.next].rows[0][0].Data
	before := st.state()
	for _, p := range []person{{karim, "Karim", "en"}, {sami, "Sami", "en"}, {veiledUser, "Group", "en"}} {
		st.user = p
		reply := st.do(Input{Button: data, Message: c.next})
		if reply.Alert == "" || len(reply.Screens) != 0 {
			t.Errorf("%s is answered with %+v", p.name, reply)
		}
	}
	if diff := cmp.Diff(before, st.state()); diff != "" {
		t.Errorf("the state changed:\n%s", diff)
	}
	st.user = person{admin, "Nadia", "en"}
	st.do(Input{Button: data, Message: c.next})
	if g, err := st.shop.Group(t.Context(), shop5); err != nil || g.Linked {
		t.Errorf("%+v, %v", g, err)
	}
}
