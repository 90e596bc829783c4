package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cardrop/bot/web"
	"cardrop/flows/checkout"
	"cardrop/store"
)

// handsOver is a buyer who hands the card over by a link, thinks better of it, and takes the link back before anybody opened it.
func handsOver(h *human) error {
	o, name, err := h.order()
	if err != nil {
		return err
	}
	err = h.pursue([]move{{label: "Take the link back"}, {label: "Make the link"}, {label: "Hand over"}}, "/order "+name, 90*time.Second, func() bool {
		return h.recorded(o, checkout.EventVoid) > 0
	})
	h.acted, h.seen = time.Time{}, ""
	return err
}

// recorded counts an order's events of a kind.
func (h *human) recorded(o store.Order, kind string) int {
	list, _, err := h.memory.EventsOfOrder(h.t.Context(), o.ID, 0, 1000)
	if err != nil {
		return 0
	}
	return len(slices.DeleteFunc(list, func(e store.Event) bool { return e.Kind != kind }))
}

// opensByLink is a buyer who wants to see the card once more, on a page; what opens nothing is replaced by a new link.
func opensByLink(h *human) error {
	o, name, err := h.order()
	if err != nil {
		return err
	}
	h.acted, h.seen, h.pages = time.Time{}, "", map[string]int{}
	err = h.pursue([]move{{label: "By link"}}, "/order "+name, 90*time.Second, func() bool {
		address := h.offered()
		if _, tried := h.pages[address]; address == "" || tried && h.pages[address] == 0 {
			return false
		}
		return h.follows(address)
	})
	if err != nil {
		return err
	}
	h.advance(3 * time.Minute)
	if !until(30*time.Second, func() bool {
		o, err = h.memory.Order(h.t.Context(), o.ID)
		return err == nil && o.Reveal.State == store.Sealed
	}) {
		return errors.Join(fmt.Errorf("after its page order %s is %s", o.ID, o.Reveal.State), err)
	}
	return nil
}

// offered is the address of the newest link in the chat.
func (h *human) offered() string {
	list := h.world.Telegram.Messages(h.id)
	slices.Reverse(list)
	for _, m := range list {
		for _, b := range slices.Concat(m.Keyboard...) {
			if strings.Contains(b.URL, web.LinkPath) {
				return b.URL
			}
		}
	}
	return ""
}

// follows opens a link as a browser does, and tells whether its page shows what was sold. A link that opened once opens nothing again.
func (h *human) follows(address string) bool {
	status, page, err := press(address)
	if err != nil {
		return false
	}
	shown := slices.ContainsFunc(h.sold(), func(secret string) bool { return strings.Contains(page, secret) })
	switch {
	case status == http.StatusOK && shown:
		h.pages[address]++
		status, page, err = press(address)
		if err == nil && (status != http.StatusNotFound || slices.ContainsFunc(h.sold(), func(secret string) bool { return strings.Contains(page, secret) })) {
			h.pages[address]++
		}
		return true
	case status == http.StatusNotFound: // it was used when the program died, or is over
		h.pages[address] = 0
	}
	return false
}

// press presses the button of a link's page.
func press(address string) (status int, page string, err error) {
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.PostForm(address, url.Values{"as": {"page"}}) //nolint:noctx // has a limit
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

// openedOnce: every link opened at most one page, each page is on record with its visit beside it, and no token is kept anywhere.
func openedOnce(w *wreck) []string {
	var broken []string
	var tokens []string
	for address, n := range w.pages {
		if n > 1 {
			broken = append(broken, fmt.Sprintf("a link opened %d pages", n))
		}
		tokens = append(tokens, address[strings.LastIndex(address, "/")+1:])
	}
	if len(tokens) == 0 {
		return []string{"no link was followed"}
	}
	events, err := w.memory.EventsAfter(w.t.Context(), "", 10_000)
	downloads := 0
	for _, e := range events {
		if e.Kind == checkout.EventDelivered && e.Data["method"] == "download" {
			downloads++
			if e.Data["visit"] == "" {
				err = errors.Join(err, errors.New("a page is on record without who opened it"))
			}
		}
	}
	if err != nil || downloads == 0 {
		broken = append(broken, fmt.Sprintf("%d pages are on record (%v)", downloads, err))
	}
	places := w.redis.contents(w.t)
	places["log"] = w.log.String()
	return append(broken, leaks(places, tokens)...)
}
