package flows

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// giver is a linked group of which Karim is an owner, with the Confirm of a send to Lina on the screen.
func giver(t *testing.T) (*stage, string) {
	t.Helper()
	st := linked(t)
	st.must(st.shop.SetTerm(t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.RoleTerm(karim), Member: karim, Value: "owner"}))
	st.do(Input{Command: "send", Text: "500", Replied: lina})
	c := st.chat(shop5)
	return st, c.messages[c.next].rows[0][0].Data
}

// holds checks what is in a wallet.
func (st *stage) holds(account string, want int64) {
	st.t.Helper()
	got, err := st.shop.BalanceOn(st.t.Context(), account)
	st.must(err)
	if got != want {
		st.t.Errorf("%s holds %d, want %d", account, got, want)
	}
}

// TestSendByReplyOnce: the Confirm of a send, pressed many times at once and by others, moves the money once.
func TestSendByReplyOnce(t *testing.T) {
	st, confirm := giver(t)
	message := st.chat(shop5).next
	var wg sync.WaitGroup
	for i := range 12 {
		who := []int64{karim, karim, lina, sami}[i%4]
		in := Input{Update: 5000 + int64(i), Chat: shop5, User: who, Button: confirm, Message: message}
		wg.Go(func() {
			if _, err := st.desk.Handle(t.Context(), in); err != nil && !errors.Is(err, store.ErrStale) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	st.holds("group:-5", 4500_00)
	st.holds("cust:2002", 500_00)
}

// TestSendOfADemotedOwner: who is an owner no more when Confirm is pressed sends nothing.
func TestSendOfADemotedOwner(t *testing.T) {
	st, confirm := giver(t)
	st.must(st.shop.SetTerm(t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.RoleTerm(karim), Member: karim, Value: "buyer"}))
	before := st.state()
	reply := st.do(Input{Button: confirm, Message: st.chat(shop5).next})
	if diff := cmp.Diff(before, st.state()); diff != "" || !strings.Contains(reply.Screens[0].Text, "OWNERS_ONLY") {
		t.Errorf("%s\n%+v", diff, reply)
	}
}

// TestSendIsTold: the customer hears of it once, also one who could not be written to when it came.
func TestSendIsTold(t *testing.T) {
	st, confirm := giver(t)
	ctx := t.Context()
	told := func(failure error) int {
		due, err := st.desk.DueNotices(ctx, 9)
		st.must(err)
		for _, n := range due {
			reply, err := st.desk.Notice(ctx, n)
			st.must(err)
			if len(reply.Screens) != 1 || reply.Screens[0].Chat != lina || !strings.Contains(reply.Screens[0].Text, "500") {
				t.Errorf("told %+v", reply)
			}
			st.must(st.desk.Noticed(ctx, n, nil, failure))
		}
		return len(due)
	}
	st.do(Input{Button: confirm, Message: st.chat(shop5).next})
	if told(checkout.ErrUnreachable) != 1 || told(nil) != 0 {
		t.Error("it is not held for who cannot be written to")
	}
	st.user, st.scene = person{lina, "Lina", "en"}, scene{}
	st.do(Input{Command: "start"})
	if told(nil) != 1 || told(nil) != 0 {
		t.Error("it was not brought to who is back, once")
	}
}
