package flows

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestTheCustomersNumber follows a number from the first word of its owner to the receipt, and through an admin's commands.
func TestTheCustomersNumber(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	says := func(in Input, want string) {
		t.Helper()
		reply := st.do(in)
		if len(reply.Screens) == 0 || !strings.Contains(plain(reply.Screens[len(reply.Screens)-1].Text), want) {
			t.Errorf("/%s %s does not say %q: %+v", in.Command, in.Text, want, reply.Screens)
		}
	}
	says(Input{Command: "start"}, "Customer: C-4821")
	says(Input{Command: "balance"}, "Customer: C-4821")
	st.user = person{2002, "Lina", "fr"}
	says(Input{Command: "start"}, "Client : C-3740")
	st.user = person{admin, "Nadia", "en"}
	for _, name := range []string{"C-4821", "c4821", "C–٤٨٢١", "1001", "\u2066C-4821\u2069"} {
		says(Input{Command: "credit", Text: name + " 5 000 DA cash"},
			"Customer: C-4821 (1001)\nName: Amine, customer since 4 March 2030\nAmount: +5,000 DZD\n5,000 DZD = 500,000 centimes\n"+
				"Balance: 0 DZD → 5,000 DZD")
	}
	st.press("Confirm")
	says(Input{Command: "audit", Text: "user C 4821"}, "Customer: C-4821 (1001)\nName: Amine, customer since 4 March 2030\nBalance: 5,000 DZD")
	says(Input{Command: "credit", Text: "C-9999 5000 cash"}, "No customer has the number C-9999")
	says(Input{Command: "credit", Text: "5555 5000 cash"}, "Customer: 5555\n⚠️ Nobody")
	says(Input{Command: "credit", Text: "Amine 5000 cash"}, "How this command is written")
	if b, err := st.shop.Balance(t.Context(), 1001); err != nil || b != 500_000 {
		t.Errorf("balance %d, %v", b, err)
	}

	st.user = person{1001, "Amine", "en"}
	st.act("/buy GRAB2000-9L7 1")
	st.press("Confirm")
	st.work()
	c := st.chat(1001)
	receipts := 0
	for _, m := range c.messages {
		if strings.Contains(m.text, "Paid") && strings.Contains(m.text, "Customer: C-4821") {
			receipts++
		}
	}
	if receipts != 1 {
		t.Errorf("%d receipts name the customer\n%s", receipts, st.said)
	}
}

// counting counts how often a number is asked for.
type counting struct {
	memory
	times int
}

func (c *counting) CustomerNumber(ctx context.Context, user int64) (int64, error) {
	c.times++
	return c.memory.CustomerNumber(ctx, user)
}

// TestNumbersAreGivenOnce holds that a person keeps the number over talks, and that one is not given to who was only named.
func TestNumbersAreGivenOnce(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	ctx := t.Context()
	asked := &counting{memory: st.desk.talks}
	st.desk.talks = asked
	for range 3 {
		st.act("/start")
	}
	if asked.times != 1 { // afterwards the talk carries the number: an ordinary tap costs nothing more
		t.Errorf("the memory was asked %d times for one customer's number", asked.times)
	}
	st.user = person{admin, "Nadia", "en"}
	st.act("/credit 5555 100 unknown")
	for user, want := range map[int64]int64{1001: 4821, admin: 3740, 5555: 0} {
		if n, err := st.desk.numberOf(ctx, user); err != nil || n != want {
			t.Errorf("%d has the number %d, want %d, err %v", user, n, want, err)
		}
	}
	if user, err := st.desk.customer(ctx, "C-4821"); err != nil || user != 1001 {
		t.Errorf("C-4821 is %d, %v", user, err)
	}
	if _, err := st.desk.customer(ctx, "C-1000"); !errors.Is(err, errNobody) {
		t.Errorf("an unknown number: %v", err)
	}
	for _, text := range []string{"", "Amine", "C-", "0123", "C-4821x"} {
		if user, err := st.desk.customer(ctx, text); !errors.Is(err, errNoName) {
			t.Errorf("%q is %d, %v", text, user, err)
		}
	}
}
