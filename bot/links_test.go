package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cardrop/bot/web"
)

// publicShop is where the customers of these tests believe the shop to be.
const publicShop = "https://shop.example"

// TestLinks opens cards by links through the built program, as a proxy brings browsers to it: of 64 at once one wins, a dead link has one
// answer, a hand-over is taken back and told of, and neither codes nor tokens stay anywhere.
func TestLinks(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		r := newRig(t, m, map[string]string{"PUBLIC_URL": publicShop})
		p := r.as(omar)
		r.fund(omar, "20000")
		p.buysOne()
		p.press("By link")
		own := p.follows()
		winners, bodies := r.storm(own, 64)
		if len(winners) != 1 || len(bodies) != 1 {
			t.Fatalf("%d winners, %d answers to the others", len(winners), len(bodies))
		}
		p.gone("one-time link") // it was used
		codes := r.sold()
		if !strings.Contains(winners[0], codes[0]) {
			t.Error("the page does not show the code")
		}
		if status, body := r.opens("198.51.100.1", own+"x", "page"); status != http.StatusNotFound || !bodies[body] {
			t.Errorf("an unknown link gets another answer: %d", status)
		}

		p.say("playstation germany")
		for _, label := range []string{"PSN Germany", "PSN 10 EUR", "Continue with 1", "Confirm"} {
			p.press(label)
		}
		name := p.orderName(p.sees("PSN 10 EUR × 1"))
		p.sees(" ready\n", "By link", name)
		p.say("/order " + name)
		p.press("Hand over")
		p.press("Make the link")
		first := p.follows()
		p.press("Take the link back")
		p.gone("Send this link")
		if status, body := r.opens("198.51.100.2", first, "page"); status != http.StatusNotFound || !bodies[body] {
			t.Errorf("a link that was taken back: %d", status)
		}
		p.press("Hand over")
		p.press("Make the link")
		second := p.follows()
		status, body := r.opens("198.51.100.3", second, "file")
		if codes = r.sold(); status != http.StatusOK || !slices.ContainsFunc(codes, func(c string) bool { return strings.Contains(body, c) }) {
			t.Errorf("the one who got the card sees nothing: %d", status)
		}
		p.sees("Your card was opened")
		p.gone("Send this link")

		if err := r.stop(); err != nil {
			t.Errorf("program ended with %v\n%s", err, r.log)
		}
		r.nothingLeaks(codes)
		places := r.redis.contents(t)
		places["log"] = r.log.String()
		var tokens []string
		for _, address := range []string{own, first, second} {
			tokens = append(tokens, address[strings.LastIndex(address, "/")+1:])
		}
		for _, leak := range leaks(places, tokens) {
			t.Error("of links: " + leak)
		}
	})
}

// buysOne buys one voucher and waits until its card is offered.
func (p person) buysOne() {
	p.t.Helper()
	p.say("/start")
	p.press("Buy")
	p.press("Grab (")
	p.press("Grab (Vietnam)")
	p.press("Grab 20.000")
	p.press("Continue with 1")
	p.press("Confirm")
	p.sees(" ready\n", "By link")
}

// follows is the address on the newest message with a link.
func (p person) follows() string {
	p.t.Helper()
	found := ""
	if !until(patience, func() bool {
		for _, m := range p.world.Telegram.Messages(p.id) {
			for _, b := range slices.Concat(m.Keyboard...) {
				address := b.URL
				if b.CopyText != nil {
					address += b.CopyText.Text
				}
				if strings.Contains(address, web.LinkPath) {
					found = address
				}
			}
		}
		return found != ""
	}) {
		p.t.Fatalf("no link on screen:\n%s", p.screen())
	}
	return found
}

// opens presses the button of a link's page from an address of the world, through the proxy that ends TLS.
func (r *rig) opens(from, address, as string) (int, string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	target := strings.Replace(address, publicShop, "http://"+r.addr, 1)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(url.Values{"as": {as}}.Encode()))
	if err != nil {
		r.t.Error(err)
		return 0, ""
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-For", from)
	req.Header.Set("X-Forwarded-Proto", "https")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Error(err)
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Error(err)
	}
	return resp.StatusCode, string(body)
}

// storm opens a link from many addresses at once. It returns the pages of those who won, and the different answers of the others.
func (r *rig) storm(address string, n int) (winners []string, bodies map[string]bool) {
	r.t.Helper()
	bodies = map[string]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan time.Time)
	for i := range n {
		all.Go(func() {
			<-start
			status, body := r.opens(fmt.Sprintf("198.51.100.%d", i), address, "page")
			mu.Lock()
			defer mu.Unlock()
			if status == http.StatusOK {
				winners = append(winners, body)
			} else {
				bodies[fmt.Sprint(body)] = true
			}
		})
	}
	close(start)
	all.Wait()
	return winners, bodies
}
