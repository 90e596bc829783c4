package flows

import (
	"strings"
	"testing"
)

// TestConfirmStandsTwice presses a Confirm that a slow reply, drawn again meanwhile, put into the chat a second time: whichever is
// pressed first becomes the timeline, and the other one leaves no button that leads nowhere.
func TestConfirmStandsTwice(t *testing.T) {
	t.Parallel()
	for name, pressed := range map[string][2]int{"the later first": {2, 1}, "the earlier first": {1, 2}} {
		for _, noted := range []bool{true, false} {
			st := newStage(t)
			st.direct([]string{"credit", "1001", "5000"})
			in := st.input(Input{Command: "buy", Text: "GRAB2000-9L7 1"})
			slow, err := st.desk.Handle(t.Context(), in)
			st.must(err)
			first := st.show(in.Chat, slow)
			again, err := st.desk.Redraw(t.Context(), in.Talk()) // another program's, which knows of no message yet
			st.must(err)
			st.draw(in.Talk(), again, false)
			if noted {
				st.must(st.desk.Drawn(t.Context(), in.Talk(), slow.Version, 0, first))
			}
			c := st.chat(in.Chat)
			if len(c.order) != 2 {
				t.Fatalf("%d messages, want the confirm screen twice", len(c.order))
			}
			for _, m := range pressed {
				st.do(Input{Button: c.messages[m].rows[0][0].Data, Message: m})
				st.work()
			}
			if m := c.messages[pressed[0]]; m == nil || !strings.Contains(m.text, "Delivered") {
				t.Errorf("%s: the pressed screen did not become the timeline: %+v", name, m)
			}
			if m := c.messages[pressed[1]]; m != nil {
				t.Errorf("%s: the other one stays: %+v", name, m)
			}
			orders, _, err := st.shop.Orders(t.Context(), in.Chat, 0, 10)
			if err != nil || len(orders) != 1 {
				t.Errorf("%s: %d orders, %v", name, len(orders), err)
			}
		}
	}
}
