package flows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// input is a customer's input with the next update id.
func (st *stage) input(in Input) Input {
	st.update++
	in.Update, in.Chat, in.User, in.Private = st.update, st.user.id, st.user.id, true
	return in
}

// samples is one piece of callback data for each kind of button.
func samples() map[string]string {
	token := strings.Repeat("A", 43)
	out := make(map[string]string)
	for name, v := range verbs() {
		data := name
		for _, shape := range v.args {
			for _, arg := range []string{"1", "ABCDEFGH", token, "0a1b2c3d", "20300304", "en", actBought, "ABCDEF", "notfound", "auditor", string(Light), "used", ticketAnswer, payRefund, "name"} {
				if shape(arg) {
					data += ":" + arg
					break
				}
			}
		}
		out[name] = data
	}
	return out
}

// TestEveryButtonAnswers presses each kind of button, from menus and from kept messages, as a customer and as an admin, with
// things that do not exist: each is answered, nothing moves.
func TestEveryButtonAnswers(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	for _, user := range []int64{1001, admin} {
		st.user = person{user, "X", "en"}
		for name, data := range samples() {
			for _, prefix := range []string{"", "+"} {
				if _, _, err := parse(prefix+data, st.desk.verbs); err != nil {
					t.Fatalf("sample %q of %s: %v", data, name, err)
				}
				reply := st.do(Input{Button: prefix + data, Message: 1})
				sound(t, st, reply)
				if reply.Alert == "" && len(reply.Screens) == 0 {
					t.Errorf("%s%s is not answered", prefix, data)
				}
				if strings.Contains(fmt.Sprint(reply), codeUnexpected) {
					t.Errorf("%s%s: %v\n%s", prefix, data, reply, st.logs)
				}
			}
		}
	}
	if n, err := st.store.Balance(t.Context(), store.Hold); err != nil || n != 0 {
		t.Errorf("%d is held, err %v", n, err)
	}
}

func TestStaleConfirmBuysNothing(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.direct([]string{"credit", "1001", "5000"})
	st.act("/buy GRAB2000-9L7 1")
	stale := st.chat(1001).messages[1].rows[0][0].Data
	st.act("/buy GRAB2000-9L7 2")
	reply := st.do(Input{Button: stale, Message: 1})
	if !reply.Modal || reply.Alert == "" {
		t.Errorf("a stale Confirm is answered with %+v", reply)
	}
	orders, _, err := st.shop.Orders(t.Context(), 1001, 0, 10)
	if err != nil || len(orders) != 0 {
		t.Errorf("%d orders, err %v", len(orders), err)
	}
}

// TestConfirmBuysOnce presses Confirm many times at once, with different updates and with the same one.
func TestConfirmBuysOnce(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.direct([]string{"credit", "1001", "5000"})
	st.act("/buy GRAB2000-9L7 1")
	confirm := st.chat(1001).messages[1].rows[0][0].Data
	var wg sync.WaitGroup
	for i := range 12 {
		in := st.input(Input{Button: confirm, Message: 1})
		if i%3 == 0 {
			in.Update = 999
		}
		wg.Go(func() {
			_, err := st.desk.Handle(t.Context(), in)
			if err != nil && !errors.Is(err, store.ErrStale) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	orders, _, err := st.shop.Orders(t.Context(), 1001, 0, 10)
	if err != nil || len(orders) != 1 {
		t.Fatalf("%d orders, err %v", len(orders), err)
	}
	if b, err := st.shop.Balance(t.Context(), 1001); err != nil || b != 500_000-orders[0].Total {
		t.Errorf("balance %d after an order of %d, err %v", b, orders[0].Total, err)
	}
}

// TestThreat20ForeignShow has a stranger press another's Show: nothing changes, the try is on record, and the owner still can.
func TestThreat20ForeignShow(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.direct([]string{"credit", "1001", "5000"})
	st.act("/buy GRAB2000-9L7 1")
	st.press("Confirm")
	st.work()
	c := st.chat(1001)
	show := c.messages[c.next].rows[0][0].Data
	before, err := st.shop.Order(t.Context(), strings.Split(show, ":")[1], 0)
	if err != nil {
		t.Fatal(err)
	}
	st.user = person{2002, "Lina", "en"}
	foreign := st.do(Input{Button: show, Message: 1})
	unknown := st.do(Input{Button: "s:ABCDEFGH:" + strings.Repeat("A", 43), Message: 1})
	for _, verb := range []string{"again", "file", "saved", "more", "order", "tl", "buy", "any", "retry", "logorder"} {
		data := verb + ":" + before.ID
		if verb == "logorder" {
			data += ":0"
		}
		reply := st.do(Input{Button: data, Message: 1})
		if strings.Contains(fmt.Sprint(reply), before.ID) || strings.Contains(fmt.Sprint(reply), orderName(before.ID)) {
			t.Errorf("%s tells a stranger of the order: %+v", data, reply)
		}
	}
	ignore := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Version" || p.Last().String() == ".Delete" }, cmp.Ignore())
	if diff := cmp.Diff(foreign, unknown, ignore); diff != "" {
		t.Errorf("another's order and an unknown one are answered differently:\n%s", diff)
	}
	after, err := st.shop.Order(t.Context(), before.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("a stranger's tap changed the order:\n%s", diff)
	}
	page, err := st.shop.Audit(t.Context(), admin, checkout.AuditQuery{User: 2002})
	if err != nil {
		t.Fatal(err)
	}
	denied := 0
	for _, e := range page.Events {
		if e.Kind == checkout.EventDenied {
			denied++
		}
	}
	if denied != 5 { // two tokens, and each kind of act that is the owner's: again (also as a file, which is only counted), saved, more
		t.Errorf("%d tries are on record", denied)
	}
	st.user = person{1001, "Amine", "en"}
	st.do(Input{Button: show, Message: c.next})
	if o, err := st.shop.Order(t.Context(), before.ID, 1001); err != nil || o.Reveal.State != store.Shown {
		t.Errorf("the owner sees %v, err %v", o.Reveal.State, err)
	}
}

// TestAcceptedBeforeSlow holds that a press is answered before the codes are brought, and a refused one is not accepted.
func TestAcceptedBeforeSlow(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	accepted := false
	in := st.input(Input{Button: "s:ABCDEFGH:" + strings.Repeat("A", 43), Message: 1, Accept: func() { accepted = true }})
	reply, err := st.desk.Handle(t.Context(), in)
	if err != nil || accepted || reply.Alert == "" {
		t.Errorf("a refused press: accepted=%v, %+v, %v", accepted, reply, err)
	}
}

func TestGroupsSeeNothing(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	for _, in := range []Input{
		{Update: 1, Chat: -5, User: admin, Command: "suppliers"}, {Update: 2, Chat: -5, User: 1001, Command: "nosuch"},
		{Update: 3, Chat: -5, User: 1001, Private: true, Command: "balance"},
	} {
		reply, err := st.desk.Handle(t.Context(), in)
		if err != nil || len(reply.Screens) != 1 || reply.Screens[0].Text != st.words.in("en").say("group.private") {
			t.Errorf("%s in a group: %+v, %v", in.Command, reply, err)
		}
	}
	reply, err := st.desk.Handle(t.Context(), Input{Update: 4, Chat: -5, User: 1001, Text: "hello"})
	if diff := cmp.Diff(Reply{}, reply); err != nil || diff != "" {
		t.Errorf("a text in a group is answered: %s, %v", diff, err)
	}
}

// TestThreat22ForbiddenIsUnknown holds that an admin's command is unknown to everybody else, word for word.
func TestThreat22ForbiddenIsUnknown(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	want := st.do(Input{Command: "nosuchcommand"}).Screens
	for name, c := range commands() {
		if !c.admin {
			continue
		}
		if diff := cmp.Diff(want, st.do(Input{Command: name, Text: "1001 5 x"}).Screens); diff != "" {
			t.Errorf("/%s:\n%s", name, diff)
		}
	}
}

// TestMemoryAway holds that nothing is acknowledged while nothing can be stored.
func TestMemoryAway(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	in := st.input(Input{Command: "start"})
	st.redis.SetError("away")
	if _, err := st.desk.Handle(t.Context(), in); err == nil {
		t.Error("an update was handled without a memory")
	}
	st.redis.SetError("")
	if reply, err := st.desk.Handle(t.Context(), in); err != nil || len(reply.Screens) != 1 {
		t.Errorf("%+v, %v", reply, err)
	}
}

// TestLostReply holds that a reply that was not drawn is due again, and no more once it is.
func TestLostReply(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	ctx := t.Context()
	if _, err := st.desk.Handle(ctx, st.input(Input{Command: "orders"})); err != nil {
		t.Fatal(err)
	}
	st.clock.Advance(6 * time.Second)
	st.redis.SetTime(st.clock.Now())
	due, err := st.desk.DueRedraws(ctx, 10)
	if diff := cmp.Diff([]TalkID{{Chat: 1001}}, due); err != nil || diff != "" {
		t.Fatalf("due: %s, %v", diff, err)
	}
	reply, err := st.desk.Redraw(ctx, TalkID{Chat: 1001})
	if err != nil || len(reply.Screens) != 1 || !strings.Contains(reply.Screens[0].Text, "My orders") {
		t.Fatalf("%+v, %v", reply, err)
	}
	if err := st.desk.Drawn(ctx, TalkID{Chat: 1001}, reply.Version, 7, []Sent{{reply.Screens[0], 7}}); err != nil {
		t.Fatal(err)
	}
	st.clock.Advance(time.Minute)
	st.redis.SetTime(st.clock.Now())
	if due, err = st.desk.DueRedraws(ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("due: %v, %v", due, err)
	}
	if reply, err = st.desk.Redraw(ctx, TalkID{Chat: 1001}); err != nil || reply.Screens[0].Edit != 7 {
		t.Errorf("%+v, %v", reply, err)
	}
}

// TestFailedNotice holds that news that could not be sent come again, and those to a blocked chat do not.
func TestFailedNotice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failure error
		again   bool
	}{{context.DeadlineExceeded, true}, {fmt.Errorf("send: %w", checkout.ErrUnreachable), false}} {
		st := newStage(t)
		st.direct([]string{"credit", "1001", "5000"})
		st.act("/buy GRAB2000-9L7 1")
		st.press("Confirm")
		due, err := st.store.DuePlacements(t.Context(), 5)
		st.must(err)
		st.must(st.shop.Ask(t.Context(), due[0]))
		news, err := st.desk.DueNotices(t.Context(), 5)
		if err != nil || len(news) != 1 {
			t.Fatalf("%v, %v", news, err)
		}
		st.must(st.desk.Noticed(t.Context(), news[0], nil, c.failure))
		st.clock.Advance(time.Minute)
		st.redis.SetTime(st.clock.Now())
		news, err = st.desk.DueNotices(t.Context(), 5)
		if err != nil || (len(news) == 1) != c.again {
			t.Errorf("after %v: %v, %v", c.failure, news, err)
		}
		st.must(st.shop.Notarize(t.Context()))
		st.act("/start")
		if !strings.Contains(st.said.String(), "is ready]") {
			t.Error("a customer who comes back does not find the card")
		}
	}
}
