package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
	"cardrop/store"
)

const (
	burstChat  = 73_000_000 // the first customer of a burst
	burstEach  = 10         // messages of each
	burstCodes = "BURST-CODE"
)

// TestBurst has many codes due within one second: they leave the screens in few calls, most overdue first, at the rate that Telegram permits
// over all chats, and somebody who writes meanwhile gets an answer. BURST is how many there are.
func TestBurst(t *testing.T) {
	many := 800
	if n, err := strconv.Atoi(os.Getenv("BURST")); err == nil && n > 0 {
		many = n
	}
	r := newRig(t, realRedis(t), nil)
	chats := r.seedBurst(many, 3*time.Second)
	r.world.Telegram.SetFloodControl(true)
	began := time.Now()
	limit := 20*time.Second + time.Duration(chats)*time.Second/20
	answered := r.talksMeanwhile(t)
	for end := began.Add(limit); r.dueSweeps() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d are still on a screen after %s", r.dueSweeps(), limit)
		}
	}
	slowest := <-answered
	first, last, calls, late := r.burstCalls(t, chats)
	took := last.Sub(first)
	rate := float64(calls-60) / max(took.Seconds(), 1)
	t.Logf("%d messages of %d chats left in %s with %d calls, %.1f a second after the first 60; slowest answer meanwhile %s", many, chats, took,
		calls, rate, slowest)
	for _, m := range r.world.Telegram.Holding(burstCodes) {
		if !m.Deleted {
			t.Fatalf("message %d still holds its code", m.ID)
		}
	}
	switch {
	case calls > chats*12/10+10:
		t.Errorf("%d calls for %d chats", calls, chats)
	case rate > 33:
		t.Errorf("%.1f calls a second", rate)
	case late > 300:
		t.Errorf("a chat was overtaken by %d chats that were due later", late)
	case slowest > 3*time.Second:
		t.Errorf("an answer took %s", slowest)
	}
}

// talksMeanwhile has somebody write while the burst goes on, and tells how long the slowest answer took.
func (r *rig) talksMeanwhile(t *testing.T) <-chan time.Duration {
	slowest := make(chan time.Duration, 1)
	go func() {
		worst := time.Duration(0)
		for i := range 4 {
			said := time.Now()
			user := burstChat - 1 - int64(i)
			r.world.Telegram.NewUser(user, "Writer", "en")
			if _, err := r.world.Telegram.Say(user, user, "/start"); err != nil {
				t.Error(err)
			}
			answered := until(15*time.Second, func() bool {
				return slices.ContainsFunc(r.world.Telegram.Messages(user), func(m demo.Message) bool { return m.FromBot })
			})
			if !answered {
				t.Error("nobody answers meanwhile")
			}
			worst = max(worst, time.Since(said))
			time.Sleep(200 * time.Millisecond)
		}
		slowest <- worst
	}()
	return slowest
}

// burstCalls reads when the first and the last removal were made, in how many calls, and by how many chats that were due later a chat was
// overtaken at most.
func (r *rig) burstCalls(t *testing.T, chats int) (first, last time.Time, calls, late int) {
	t.Helper()
	ended := map[int64]time.Time{}
	for _, c := range r.world.Telegram.Journal() {
		if c.Method != "deleteMessages" && c.Method != "deleteMessage" || c.ChatID < burstChat {
			continue
		}
		if calls++; first.IsZero() {
			first = c.At
		}
		last = c.At
		ended[c.ChatID] = c.At
	}
	order := make([]int64, 0, chats)
	for chat := range ended {
		order = append(order, chat)
	}
	slices.SortFunc(order, func(a, b int64) int { return ended[a].Compare(ended[b]) })
	for at, chat := range order {
		late = max(late, at-int(chat-burstChat))
	}
	return first, last, calls, late
}

// dueSweeps counts removals that are still to come.
func (r *rig) dueSweeps() int64 {
	n, err := r.redis.rdb.ZCard(r.t.Context(), "{"+r.env["SHOP"]+"}:due:sweep").Result()
	if err != nil {
		return -1
	}
	return n
}

// seedBurst puts codes on screens, as reveals long confirmed would have, all due within a second in a while. The chats are due in their order.
func (r *rig) seedBurst(many int, in time.Duration) (chats int) {
	r.t.Helper()
	chats = (many + burstEach - 1) / burstEach
	doc, err := json.Marshal(checkout.Snapshot{})
	if err != nil {
		r.t.Fatal(err)
	}
	type showing struct {
		id      string
		chat    int64
		receipt []byte
	}
	var all []showing
	for i := range many {
		chat := int64(burstChat + i%chats)
		if i < chats {
			r.world.Telegram.NewUser(chat, "Customer", "en")
			if _, err := r.world.Telegram.Say(chat, chat, "hello"); err != nil {
				r.t.Fatal(err)
			}
		}
		message := r.posts(chat, fmt.Sprintf("%s-%d", burstCodes, i))
		receipt, err := json.Marshal(checkout.Receipt{Channel: "in-app", Chat: chat, Message: message, Language: "en", Sent: time.Now()})
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, showing{orderName(i), chat, receipt})
	}
	due, ctx := time.Now().Add(in), r.t.Context()
	_, err = r.redis.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, s := range all {
			until := due.Add(time.Duration(i%chats) * time.Second / time.Duration(chats)).UnixMilli()
			p.HSet(ctx, "{"+r.env["SHOP"]+"}:o:"+s.id, "st", string(store.Fulfilled), "acct", store.CustomerAccount(s.chat), "buyer", s.chat,
				"chat", s.chat, "msg", 1, "prov", "giftz", "total", 100, "unit", 100, "q", 1, "got", 1, "captured", 100, "doc", doc, "at", due.UnixMilli(),
				"final", due.UnixMilli(), "n", 1, "1.st", string(store.Fulfilled), "1.q", 1, "1.n", 1, "offered", due.UnixMilli(),
				"rv", string(store.Shown), "rv.n", 1, "rv.claim", 1, "rv.rc", s.receipt, "rv.del", until, "rv.first", due.UnixMilli())
			p.ZAdd(ctx, "{"+r.env["SHOP"]+"}:due:sweep", redis.Z{Score: float64(until), Member: s.id})
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return chats
}

// orderName is the n-th order's id.
func orderName(n int) string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	id := []byte("BURST222")
	for at := 7; n > 0; at, n = at-1, n/32 {
		id[at] = letters[n%32]
	}
	return string(id)
}

// posts sends a message as the bot.
func (r *rig) posts(chat int64, text string) int {
	r.t.Helper()
	body, err := json.Marshal(map[string]any{"chat_id": chat, "text": text})
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.Post(r.env["TELEGRAM_API_URL"]+"/bot"+r.env["TELEGRAM_BOT_TOKEN"]+"/sendMessage", "application/json", bytes.NewReader(body)) //nolint:noctx,gosec // our own emulator
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		OK     bool `json:"ok"`
		Result struct {
			ID int `json:"message_id"`
		} `json:"result"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || !answer.OK {
		r.t.Fatalf("message was not sent: %v", err)
	}
	return answer.Result.ID
}
