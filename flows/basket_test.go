package flows

import "testing"

// TestConfirmNamesItsBasket: whatever is chosen after a confirm screen was drawn, its Confirm buys what it says or nothing.
func TestConfirmNamesItsBasket(t *testing.T) {
	t.Parallel()
	for _, chosen := range []string{"qty:GRAB2000-9L7:3", "qty:LAZADA20-UM7:2", "line:GRAB2000-9L7", "ask:GRAB2000-9L7"} {
		st := newStage(t)
		st.direct([]string{"credit", "1001", "50000"})
		st.act("/buy LAZADA20-UM7 1")
		confirm := st.chat(1001).messages[1].rows[0][0]
		st.do(Input{Button: chosen, Message: 77}) // an older screen that is still in the chat
		st.do(Input{Button: confirm.Data, Message: 1})
		orders, _, err := st.shop.Orders(t.Context(), 1001, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(orders) != 0 {
			t.Errorf("after %s a stale Confirm bought %d cards for %d", chosen, orders[0].Quantity, orders[0].Total)
		}
	}
}
