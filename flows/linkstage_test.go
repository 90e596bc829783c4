package flows

import (
	"context"
	"errors"
	"slices"
	"strings"

	"cardrop/flows/checkout"
)

// stageLink is where the links of the scripts lead.
const stageLink = "https://shop.example/l/"

// pageChannel is the page behind a link: it says what stands there.
type pageChannel struct{ st *stage }

func (c *pageChannel) Name() string { return "download" }

func (c *pageChannel) Prepare(context.Context, checkout.Recipient) (checkout.Receipt, error) {
	return checkout.Receipt{ID: "page", Sent: c.st.clock.Now()}, nil
}

func (c *pageChannel) Show(_ context.Context, _ checkout.Receipt, p checkout.Parcel) error {
	page := c.st.words.WebCards(p)
	c.st.print("(page, %s) %s", page.Direction, page.Title)
	for _, line := range page.About {
		c.st.print("%s", line)
	}
	c.st.print("%s", page.Left)
	for _, card := range page.Cards {
		for _, s := range card.Secrets {
			c.st.print("%s ▒▒▒ [%s]", s.Label, page.Copy)
		}
	}
	c.st.print("%s\n%s\n%s\n[%s]", page.How.Title, page.How.Body, page.Secure, page.Clear)
	return nil
}

func (c *pageChannel) Retract(context.Context, checkout.Receipt) error { return nil }

// linking opens the shop anew, with links.
func (st *stage) linking() {
	st.t.Helper()
	st.options.Channels = append(st.options.Channels, &pageChannel{st})
	st.links = func(language, token string) string { return stageLink + language + "/" + token }
	st.begin()
}

// address is the latest link in a chat.
func (st *stage) address() (language, token string) {
	c := st.chat(st.user.id)
	for _, id := range slices.Backward(c.order) {
		if c.messages[id] == nil {
			continue
		}
		for _, row := range c.messages[id].rows {
			for _, b := range row {
				if rest, is := strings.CutPrefix(b.URL+b.Copy, stageLink); is {
					st.opened = rest
				}
			}
		}
	}
	language, token, _ = strings.Cut(st.opened, "/")
	return language, token
}

// directLinks does what a stage direction about links says; false for others.
func (st *stage) directLinks(words []string) bool {
	st.t.Helper()
	if words[0] != "follow" { // the latest link, or the one that was opened before
		return false
	}
	language, token := st.address()
	head := st.words.WebPage(language)
	st.print("(page, %s) %s\n%s\n[%s] [%s]\n%s", head.Direction, head.Title, head.Lead, head.Show, head.Save, head.Once)
	err := st.shop.Redeem(st.t.Context(), token, checkout.Caller{Address: "192.0.2.7", Agent: "Mozilla/5.0", Language: language},
		checkout.Route{Channel: "download"})
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		st.print("(page) %s\n%s", head.Dead.Title, head.Dead.Body)
	default:
		st.must(err)
	}
	st.must(st.shop.Notarize(st.t.Context()))
	st.notices()
	return true
}
