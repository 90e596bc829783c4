package flows

import (
	"context"
	"slices"

	"cardrop/flows/checkout"
)

// screenChannel is the chat delivery of these tests: it draws the pages of Words into the chat.
type screenChannel struct{ st *stage }

func (c *screenChannel) Name() string { return "in-app" }

func (c *screenChannel) Prepare(_ context.Context, to checkout.Recipient) (checkout.Receipt, error) {
	s := c.st.words.Placeholder(to)
	m := c.st.put(to.Chat, 0, marked(s.Text, s.Marks), s.Rows)
	return checkout.Receipt{Chat: to.Chat, Message: m, File: to.File, Sent: c.st.clock.Now()}, nil
}

func (c *screenChannel) Show(_ context.Context, r checkout.Receipt, p checkout.Parcel) error {
	page, err := c.st.words.Codes(p)
	if err != nil {
		return err
	}
	rows := page.Rows
	for _, c := range slices.Backward(page.Copy) {
		rows = append([][]Button{{{Text: c.Text, Copy: "secret"}}}, rows...)
	}
	text := marked(page.Text.Expose(), page.Marks)
	if page.File != nil {
		text = "📎 " + page.File.Name + "\n" + text
	}
	c.st.put(r.Chat, r.Message, text, rows)
	return nil
}

func (c *screenChannel) Retract(_ context.Context, r checkout.Receipt) error {
	c.st.remove(r.Chat, r.Message)
	return nil
}
