package flows

import (
	"strings"
	"testing"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// TestTicketIsItsBuyers: the buttons of a report act for its buyer, and for those of the staff who may; anybody else gets the words of what is not
// there, and changes nothing. A typed code is taken away and not kept.
func TestTicketIsItsBuyers(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	play(st, "* credit 1001 5000\n> /buy GRAB2000-9L7 1\n> [Confirm]\n* work\n> [Show]\n* wait 11m")
	order := st.named()
	opened, err := st.shop.OpenTicket(t.Context(), 1001, checkout.Report{ID: "K7M29Q", Order: order, Card: 1, Why: "used"})
	st.must(err)
	stands := func() store.Ticket {
		now, err := st.store.Ticket(t.Context(), opened.ID)
		st.must(err)
		return now
	}
	st.user = person{1002, "Bilal", "en"}
	st.act("/start")
	for _, data := range []string{"bad:" + order, "badcard:" + order + ":1", "badwhy:" + order + ":1:used", "badgo:K7M29Q", "tk:K7M29Q", "tkdone:K7M29Q", "tksee:K7M29Q",
		"tkclaim:K7M29Q", "tktake:K7M29Q:9", "tkpic:K7M29Q", "tksay:K7M29Q:answer", "tkecho:K7M29Q:refuse", "tkgo:K7M29Q:answer", "tkend:K7M29Q",
		"tkpay:K7M29Q:refund", "tkpaid:K7M29Q:replace"} {
		reply := st.do(Input{Button: data, Message: 1})
		for _, s := range reply.Screens {
			if strings.Contains(s.Text, "Report K7M") || strings.Contains(s.Text, "Grab 20.000đ\n") {
				t.Errorf("%s shows somebody else's report:\n%s", data, s.Text)
			}
		}
		if now := stands(); now.State != store.TicketOpen || len(now.Words) != 0 {
			t.Errorf("%s changed somebody else's report: %+v", data, now)
		}
	}
	st.user = person{1001, "Amine", "en"}
	st.do(Input{Button: "tk:K7M29Q", Message: 1})
	reply := st.do(Input{Text: "it is " + st.sold()[0], Message: 77})
	if len(stands().Words) != 0 || len(reply.Delete) == 0 || reply.Delete[0] != 77 {
		t.Errorf("a code was kept, or stays in the chat: %+v", stands().Words)
	}
	st.do(Input{Text: "nothing happens when I enter it", Message: 78})
	if len(stands().Words) != 1 {
		t.Error("words without a code were not kept")
	}
	st.do(Input{Button: "tkdone:K7M29Q", Message: 1})
	if stands().State != store.TicketClosed {
		t.Error("the buyer cannot end the report")
	}
}
