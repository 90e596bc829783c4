package flows

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"cardrop/store"
)

// spoil puts a value of the wrong type where a key of the shop's memory lies.
func (st *stage) spoil(key string) {
	st.t.Helper()
	st.redis.Del("{test}:" + key)
	st.must(st.redis.Set("{test}:"+key, "spoiled"))
}

// TestUnexpected holds that an error nobody foresaw is shown with its number, and is handled: it must not come back for ever.
func TestUnexpected(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.spoil("wallets")
	for _, in := range []Input{{Command: "balance"}, {Button: "wallet", Message: 1}} {
		reply := st.do(in)
		number := "U" + strconv.FormatInt(st.update, 36)
		if len(reply.Screens) != 1 || !strings.Contains(reply.Screens[0].Text, number) ||
			!strings.Contains(reply.Screens[0].Text, "@cardrop_help") || !strings.Contains(st.logs.String(), "case="+number) {
			t.Errorf("%+v\n%s", reply, st.logs)
		}
	}
	if reply, err := st.desk.Redraw(t.Context(), TalkID{Chat: 1001}); err != nil || len(reply.Screens) != 1 {
		t.Errorf("a redraw that fails: %+v, %v", reply, err)
	}
}

// TestUnclearPurchase holds that after a purchase that ended in an error the same Confirm can be tapped again, and buys once.
func TestUnclearPurchase(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.direct([]string{"credit", "1001", "5000"})
	st.act("/buy GRAB2000-9L7 1")
	key := "{test}:st:" + store.CustomerAccount(1001)
	entries, err := st.redis.List(key)
	st.must(err)
	st.spoil("st:" + store.CustomerAccount(1001))
	st.press("Confirm")
	if said := st.said.String(); !strings.Contains(said, "PURCHASE_UNCLEAR") || !strings.Contains(said, "[🔄 Try again]") {
		t.Fatal(said)
	}
	st.redis.Del(key)
	for _, e := range entries {
		_, err := st.redis.Push(key, e)
		st.must(err)
	}
	st.press("Try again")
	orders, _, err := st.shop.Orders(t.Context(), 1001, 0, 5)
	if err != nil || len(orders) != 1 {
		t.Errorf("%d orders, %v\n%s", len(orders), err, st.said)
	}
}

// TestPages turns the pages of orders and of the record, forth and back.
func TestPages(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.check = func(r Reply) { sound(t, st, r) }
	st.direct([]string{"credit", "1001", "50000"})
	for range 10 {
		st.act("/buy GRAB2000-9L7 1")
		st.press("Confirm")
		st.work()
	}
	st.act("/orders")
	st.press("Next")
	last := st.chat(1001).messages[st.chat(1001).next]
	if n := strings.Count(last.text, "Grab 20.000đ"); n != 2 {
		t.Errorf("%d orders on the second page", n)
	}
	st.press("Previous")
	if n := strings.Count(last.text, "Grab 20.000đ"); n != 2 {
		t.Errorf("%d orders", n)
	}
	st.user = person{admin, "Nadia", "en"}
	st.act("/audit today")
	seen := map[string]bool{}
	for range 10 {
		c := st.chat(admin)
		n := c.messages[c.next]
		rows := strings.Split(n.text, "\n")[2:]
		if len(rows) > logPage {
			t.Errorf("%d events on a page", len(rows))
		}
		for _, row := range rows {
			if strings.Contains(row, "ORDER_OPENED") {
				if seen[row] {
					t.Errorf("twice: %s", row)
				}
				seen[row] = true
			}
		}
		if !strings.Contains(fmt.Sprint(n.rows), "Next") {
			break
		}
		st.press("Next")
	}
	if len(seen) != 10 {
		t.Errorf("%d orders in the record", len(seen))
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"😀😀", 4, "😀😀"}, {"😀😀", 3, "😀…"}, {"", 0, ""}, {"é😀x", 2, "é…"}} {
		if got := clip(c.text, c.n); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}
