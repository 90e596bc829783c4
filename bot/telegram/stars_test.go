package telegram

import (
	"context"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
)

// till is a desk that decides about payments.
type till struct {
	*script
	may func(p flows.Paying) string
}

func (s till) MayPay(_ context.Context, p flows.Paying) string { return s.may(p) }

// pays taps Pay and waits for the answer.
func (r *rig) pays(t *testing.T, payer int64, message int) demo.Checkout {
	t.Helper()
	id, err := r.tg.StartPaying(amina, payer, message)
	if err != nil {
		t.Fatal(err)
	}
	var seen demo.Checkout
	if err := r.tg.Await(soon(t), func() bool {
		for _, q := range r.tg.Checkouts() {
			if q.ID == id {
				seen = q
			}
		}
		return seen.Answered
	}); err != nil {
		t.Fatalf("the payment waits: %v", err)
	}
	return seen
}

// TestPaymentsWaitBehindNobody: the payer's chat is busy for long, and the payment is decided at once; a no has its words, and a desk that
// panics says no.
func TestPaymentsWaitBehindNobody(t *testing.T) {
	r := newRig(t, nil)
	stuck, release := make(chan struct{}), make(chan struct{})
	paid := make(chan flows.Paid, 9)
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		switch {
		case in.Paid != nil:
			paid <- *in.Paid
		case in.Text == "busy":
			close(stuck)
			<-release
		case in.Text == "invoice":
			return flows.Reply{Screens: []flows.Screen{{Text: "x", Keep: true, Invoice: &flows.Invoice{Title: "Top-up", Text: "For you", TopUp: "4F7K2M", Stars: 400}}}}, nil
		}
		return flows.Reply{}, nil
	}
	answers := make(chan string, 9)
	r.Attach(till{r.desk, func(p flows.Paying) string {
		if p.User == omar {
			panic("nobody may read this")
		}
		if p.TopUp != "4F7K2M" || p.Stars != 400 {
			t.Errorf("asked about %+v", p)
		}
		return <-answers
	}}, r.desk)
	r.start(t)
	r.say(t, amina, "invoice")
	m := r.shows(t, amina, "Top-up\nFor you")
	r.say(t, amina, "busy")
	<-stuck
	answers <- "not now"
	if q := r.pays(t, amina, m.ID); q.OK || q.Refusal != "not now" {
		t.Errorf("%+v", q)
	}
	if q := r.pays(t, omar, m.ID); q.OK || q.Refusal == "" {
		t.Errorf("after a panic: %+v", q)
	}
	answers <- ""
	q := r.pays(t, amina, m.ID)
	if !q.OK {
		t.Errorf("%+v", q)
	}
	close(release)
	select {
	case p := <-paid:
		if p != (flows.Paid{Charge: q.Charge, TopUp: "4F7K2M", Stars: 400}) {
			t.Errorf("told of %+v", p)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the desk never heard of the payment")
	}
	for range 2 { // the second is refused as gone before, which is what was wanted
		if err := r.RefundStars(t.Context(), amina, q.Charge); err != nil {
			t.Error(err)
		}
	}
	books, err := r.StarTransactions(t.Context(), 0, 100)
	if err != nil || len(books) != 2 || books[0].Back || !books[1].Back || books[0].Charge != q.Charge || books[0].Payer != amina || books[0].Stars != 400 {
		t.Errorf("%+v, %v", books, err)
	}
	if err := r.RefundStars(t.Context(), amina, "nothing"); err == nil {
		t.Error("a charge that is none was given back")
	}
	r.halt(t)
}
