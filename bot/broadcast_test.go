package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/store"
)

const (
	castChat = int64(74_000_000) // the first customer of a broadcast
	castText = "Free coffee on Thursday"
)

// castOutcome is what became of a broadcast, as customers see it.
type castOutcome struct {
	once, twice, missed int
}

// TestBroadcast sends to many customers, of whom 3 % have blocked the bot, through flood control, refusals with 429, failures of Telegram's own
// and a kill in the middle: nobody gets it twice, whoever did not get it is counted as unsure, and there are no more of these than were on
// their way when the program died. Somebody who writes meanwhile gets an answer. BROADCAST is how many customers there are.
func TestBroadcast(t *testing.T) {
	t.Parallel()
	many := 60
	if n, err := strconv.Atoi(os.Getenv("BROADCAST")); err == nil && n > 0 {
		many = n
	}
	r := newRig(t, realRedis(t), nil)
	gone := r.acquaints(many)
	admin := r.as(demo.DemoAdmin)
	admin.announcesTo()
	r.world.Telegram.SetFloodControl(true)
	for _, f := range []demo.Fault{{Kind: demo.FaultFlood, RetryAfter: 1, Times: 1}, {Kind: demo.FaultError, Times: 4}, {Kind: demo.FaultHTML, Times: 1}} {
		f.Method, f.ChatID = "sendMessage", castChat+int64(many/4)
		if err := r.world.Telegram.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.world.Telegram.AddFault(demo.Fault{Method: "sendMessage", Kind: demo.FaultFlood, RetryAfter: 1, Times: 2 + many/500}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	admin.press("Send now")
	at := many/5 + rand.IntN(many/2) //nolint:gosec // any moment will do
	if !until(patience+time.Duration(many)*time.Second/10, func() bool { return r.casts(many).once >= at }) {
		t.Fatalf("only %+v; log:\n%s", r.casts(many), r.log)
	}
	r.kill()
	atDeath := r.casts(many).once
	t.Logf("killed after %d", atDeath)
	r.leasesEnd()
	r.start()
	answered := r.talksMeanwhile(t)
	over := regexp.MustCompile(`The announcement is over[\s\S]*Sent: (\d+)`)
	var final demo.Message
	if !until(patience+time.Duration(many)*time.Second/10, func() bool {
		list := r.world.Telegram.Messages(demo.DemoAdmin)
		at := slices.IndexFunc(list, func(m demo.Message) bool { return over.MatchString(m.Text) })
		if at >= 0 {
			final = list[at]
		}
		return at >= 0
	}) {
		t.Fatalf("it does not end: %+v; log:\n%s", r.casts(many), r.log)
	}
	slowest, took := <-answered, time.Since(began)
	figure := func(what string) int {
		m := regexp.MustCompile(what + `: (\d+)`).FindStringSubmatch(final.Text)
		n, _ := strconv.Atoi(cmp.Or(append(m, "", "")[1], "0"))
		return n
	}
	got, rate := r.casts(many), r.castRate()
	unsure := figure("Unsure")
	t.Logf("%d customers in %s: %+v, the shop says %d sent, %d blocked, %d unsure; at most %d calls in a second; slowest answer %s",
		many, took, got, figure("Sent"), figure("Blocked the bot"), unsure, rate, slowest)
	switch {
	case got.twice > 0:
		t.Errorf("%d people got it twice", got.twice)
	case got.missed-gone > unsure || got.missed < gone:
		t.Errorf("%d people did not get it, %d of them because they blocked the bot; %d are unsure", got.missed, gone, unsure)
	case unsure > 8+1:
		t.Errorf("%d are unsure after one kill", unsure)
	case figure("Sent")-1 > got.once || figure("Sent")+unsure < got.once || figure("Refused") != 0: // the admin is a customer, too
		t.Errorf("%d got it; told was:\n%s", got.once, final.Text)
	case rate > 30:
		t.Errorf("%d calls in one second", rate)
	case slowest > 5*time.Second:
		t.Errorf("an answer took %s", slowest)
	}
	if marked := r.marked(many); marked+unsure < gone || marked > gone {
		t.Errorf("%d of %d who blocked the bot are marked", marked, gone)
	}
}

// acquaints makes customers who wrote to the bot long ago, and tells how many of them have blocked it since.
func (r *rig) acquaints(many int) (gone int) {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), store.Options{URL: r.redis.url, Shop: r.env["SHOP"]})
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i := range int64(many) {
		blocked := i%100 == 7 || i%100 == 44 || i%100 == 71
		if blocked {
			gone++
		}
		r.world.Telegram.Acquaint(castChat+i, "Customer", []string{"en", "fr", "ar"}[i%3], blocked)
		if _, err := s.CustomerNumber(r.t.Context(), castChat+i); err != nil {
			r.t.Fatal(err)
		}
	}
	return gone
}

// announcesTo brings an admin to the last tap.
func (p person) announcesTo() {
	p.t.Helper()
	p.say("/broadcast")
	p.press("Write")
	p.sees("The text in English")
	p.say(castText)
	p.press("Send me a test")
	p.sees(castText, "Settings")
	p.press("Send to everybody")
	p.sees("Send it to everybody?")
}

// casts counts what customers got.
func (r *rig) casts(many int) (o castOutcome) {
	count := map[int64]int{}
	for _, m := range r.world.Telegram.Holding(castText) {
		count[m.ChatID]++
	}
	for i := range int64(many) {
		switch n := count[castChat+i]; n {
		case 0:
			o.missed++
		case 1:
			o.once++
		default:
			o.once++
			o.twice++
		}
	}
	return o
}

// castRate is the greatest number of calls for customers within a second.
func (r *rig) castRate() int {
	var at []time.Time
	for _, c := range r.world.Telegram.Journal() {
		if c.ChatID >= castChat && c.Method == "sendMessage" {
			at = append(at, c.At)
		}
	}
	most := 0
	for i, from := 0, 0; i < len(at); i++ {
		for at[i].Sub(at[from]) >= time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// marked counts the customers who are known not to be reachable.
func (r *rig) marked(many int) (n int) {
	r.t.Helper()
	for i := range int64(many) {
		shut, err := r.redis.rdb.HExists(r.t.Context(), fmt.Sprintf("{%s}:talk:%d", r.env["SHOP"], castChat+i), "x").Result()
		if err != nil {
			r.t.Fatal(err)
		}
		if shut {
			n++
		}
	}
	return n
}
