package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
	giftz "cardrop/providers/giftz/sandbox"
)

const (
	groupOwner    = 72_000_001 // owns the group
	groupBuyer    = 72_000_002 // a member
	groupStranger = 72_000_003 // a member whose menus these are not
	groupChat     = int64(-4001)
	groupSuper    = int64(-1004001) // the group once it is a supergroup
)

// member is somebody in a group of the emulator.
type member struct {
	*rig
	id   int64
	chat int64
}

func (m member) say(text string) {
	m.t.Helper()
	if _, err := m.world.Telegram.Say(m.chat, m.id, text); err != nil {
		m.t.Fatal(err)
	}
}

// sees waits for a message of the bot in the group that holds every part.
func (m member) sees(parts ...string) demo.Message {
	m.t.Helper()
	return person{m.rig, m.chat}.sees(parts...)
}

// press presses the button of the newest message that has it, and returns what the presser is told.
func (m member) press(label string) string {
	m.t.Helper()
	return m.pressData(m.sees(label), label, "")
}

// pressData presses a button, or sends other data for its message.
func (m member) pressData(on demo.Message, label, data string) string {
	m.t.Helper()
	if data == "" {
		data = button(m.t, on, label).CallbackData
	}
	id, err := m.world.Telegram.PressData(m.chat, m.id, on.ID, data)
	if err != nil {
		m.t.Fatal(err)
	}
	answer, err := m.world.Telegram.WaitAnswer(m.t.Context(), id)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer.Text
}

// door is the payload of the newest deep link in the group.
func (m member) door() string {
	m.t.Helper()
	for _, msg := range slices.Backward(m.world.Telegram.Messages(m.chat)) {
		for _, b := range slices.Concat(msg.Keyboard...) {
			if _, token, ok := strings.Cut(b.URL, "https://t.me/cardrop_demo_bot?start="); ok {
				return token
			}
		}
	}
	m.t.Fatalf("no deep link:\n%s", person{m.rig, m.chat}.screen())
	return ""
}

// holds checks what is in the group's wallet, in minor units.
func (r *rig) holds(want int64) {
	r.t.Helper()
	got, err := r.redis.rdb.HGet(r.t.Context(), "{demo}:wallets", "group:-4001").Int64()
	if err != nil || got != want {
		r.t.Errorf("the group's wallet holds %d, want %d, %v", got, want, err)
	}
}

// until waits for something in the memory that no message tells of.
func (r *rig) until(what string, done func(ctx context.Context) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	for !done(ctx) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("%s did not come\n%s", what, r.log)
		}
	}
}

// TestGroup has a reseller's group buy, with the built program on both Redises: its money is its own, its members' menus are theirs,
// its codes are shown to the buyer in private and were never in the group, and it is followed when it becomes a supergroup.
func TestGroup(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		r := newRig(t, m, nil)
		for id, name := range map[int64]string{groupOwner: "Karim", groupBuyer: "Lina", groupStranger: "Sami"} {
			r.world.Telegram.NewUser(id, name, "en")
		}
		r.world.Telegram.NewGroup(groupChat, "Resellers", groupOwner, groupBuyer, groupStranger, demo.DemoAdmin)
		r.linksGroup()
		r.holds(2_000_000)
		r.buysForGroup()
		r.movesGroup()
		codes := r.sold()
		r.shownInPrivate(codes)
		r.everyPressAnswered()
		if err := r.stop(); err != nil {
			t.Errorf("program ended with %v\n%s", err, r.log)
		}
		r.nothingLeaks(codes)
	})
}

// linksGroup lets the admin link the group, anonymously, and fill its wallet.
func (r *rig) linksGroup() {
	r.t.Helper()
	owner, stranger, boss := member{r, groupOwner, groupChat}, member{r, groupStranger, groupChat}, member{r, demo.DemoAdmin, groupChat}
	owner.say("/balance")
	owner.sees("groups that the shop has linked")
	owner.say("/link@cardrop_demo_bot")
	if err := r.world.Telegram.Promote(groupChat, demo.DemoAdmin, true); err != nil {
		r.t.Fatal(err)
	}
	boss.say("/link@cardrop_demo_bot")
	if told := stranger.press("It was me"); !strings.Contains(told, "groups that the shop has linked") {
		r.t.Errorf("a stranger who says it was them is told %q", told)
	}
	boss.press("It was me")
	boss.sees("This group is a reseller", "/credit -4001")
	if err := r.world.Telegram.Promote(groupChat, demo.DemoAdmin, false); err != nil {
		r.t.Fatal(err)
	}
	admin := r.as(demo.DemoAdmin)
	admin.say("/credit -4001 20000 cash from Karim")
	admin.press("Confirm")
	admin.sees("Credited", "-4001")
}

// buysForGroup has Karim buy two cards: his private chat is opened first, and again after he blocked the bot.
func (r *rig) buysForGroup() {
	r.t.Helper()
	owner, stranger := member{r, groupOwner, groupChat}, member{r, groupStranger, groupChat}
	owner.say("/catalog grab")
	owner.press("Grab (Vietnam)")
	owner.press("Grab 20.000đ – ")
	owner.press("+1")
	owner.press("Continue with 2")
	owner.sees("Please open our private chat first")
	r.as(groupStranger).say("/start " + owner.door())
	r.as(groupStranger).sees("This order was not found")
	r.as(groupOwner).say("/start " + owner.door())
	r.as(groupOwner).sees("This chat is open now")
	owner.press("Done")
	confirm := owner.sees("Please check your order", "Quantity: 2")
	r.holds(2_000_000)

	r.blocks(groupOwner, true)
	if told := owner.press("Confirm"); !strings.Contains(told, "private chat first") {
		r.t.Errorf("a buyer who cannot be reached is told %q", told)
	}
	r.blocks(groupOwner, false)
	data := button(r.t, confirm, "Confirm").CallbackData
	for _, forged := range []string{data, strings.TrimPrefix(data[strings.Index(data, "!"):], "!"), "buy:ABCDEFGH"} {
		if told := stranger.pressData(confirm, "", forged); !strings.Contains(told, "belongs to another member") {
			r.t.Errorf("a stranger who sends %q is told %q", forged, told)
		}
	}
	r.holds(2_000_000)
	if n := len(r.world.GiftZ.Sold()); n != 0 {
		r.t.Fatalf("%d sales before anybody confirmed", n)
	}
	owner.press("Done")
	owner.press("Confirm")
	owner.sees("2 cards delivered", "in the buyer's private chat")
	r.as(groupOwner).shows()
	r.as(groupOwner).sees("Copy code")
	r.as(groupOwner).gone("Copy code")
	admin := r.as(demo.DemoAdmin)
	admin.say("/audit user " + demoID(groupStranger))
	admin.sees("DENIED", "act=group_press", "act=pass")
}

// blocks makes a person block the bot, or take that back, and waits until the program knows.
func (r *rig) blocks(user int64, on bool) {
	r.t.Helper()
	act := r.world.Telegram.Unblock
	if on {
		act = r.world.Telegram.Block
	}
	if err := act(user); err != nil {
		r.t.Fatal(err)
	}
	r.until("the news that somebody blocked the bot", func(ctx context.Context) bool {
		known, err := r.redis.rdb.HExists(ctx, fmt.Sprintf("{demo}:talk:%d", user), "x").Result()
		return err == nil && known == on
	})
}

// movesGroup has the group become a supergroup while Lina's order is on its way: the news come there, and the wallet is the same.
func (r *rig) movesGroup() {
	r.t.Helper()
	r.as(groupBuyer).say("/start")
	r.as(groupBuyer).sees("Welcome")
	buyer := member{r, groupBuyer, groupChat}
	buyer.say("/catalog grab")
	buyer.press("Grab (Vietnam)")
	buyer.press("Grab 20.000đ – ")
	buyer.press("Continue with 1")
	if err := r.world.GiftZ.Fault(giftz.Trouble{Fault: giftz.Slow, Times: 1, For: time.Second}); err != nil {
		r.t.Fatal(err)
	}
	buyer.press("Confirm")
	if err := r.world.Telegram.Migrate(groupChat, groupSuper); err != nil {
		r.t.Fatal(err)
	}
	buyer.chat = groupSuper
	buyer.sees("1 card delivered", "in the buyer's private chat")
	r.as(groupBuyer).shows()
	r.as(groupBuyer).sees("Copy code")
	r.as(groupBuyer).gone("Copy code")
	if _, err := r.world.Telegram.Speak(groupSuper, groupBuyer, demo.Speech{Text: "/balance@CARDROP_demo_bot", ThreadID: 9}); err != nil {
		r.t.Fatal(err)
	}
	if said := buyer.sees("The group's balance"); said.ThreadID != 9 {
		r.t.Errorf("answered in topic %d, asked in 9", said.ThreadID)
	}
	if err := r.world.Telegram.Promote(groupSuper, r.world.Telegram.Bot().ID, false); err != nil { // it hears everything now
		r.t.Fatal(err)
	}
	before := len(r.world.Telegram.Messages(groupSuper))
	buyer.say("/balance@weather_bot")
	buyer.say("how is it going?")
	buyer.say("/orders")
	buyer.sees("The group's orders")
	if got := len(r.world.Telegram.Messages(groupSuper)); got > before+4 { // three of hers, one of ours
		r.t.Errorf("%d messages came, of which three are hers", got-before)
	}
	buyer.whispered()
}

// whispered has a member look at the group's money, in a group whose administrator the bot has just become: she alone sees what it was spent
// for. She goes on from there, and nobody else sees anything.
func (m member) whispered() {
	m.t.Helper()
	m.say("/balance")
	on := m.alone("The group's balance", "Statement", "−")
	if told := m.pressData(on, "Statement", ""); told != "" {
		m.t.Errorf("told %q", told)
	}
	m.alone("Statement", "After:", "−")
	for _, held := range m.world.Telegram.Holding("−") {
		if held.ChatID == m.chat && held.Receiver != m.id && held.FromBot {
			m.t.Errorf("all can read what the wallet paid for: %q", held.Text)
		}
	}
}

// alone waits for a message of the bot that the member sees and nobody else.
func (m member) alone(parts ...string) demo.Message {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	var found demo.Message
	holds := func(msg demo.Message) bool {
		return msg.Receiver == m.id && !slices.ContainsFunc(parts, func(p string) bool {
			return !strings.Contains(msg.Text, p) && !slices.ContainsFunc(slices.Concat(msg.Keyboard...), func(b demo.Button) bool { return strings.Contains(b.Text, p) })
		})
	}
	if err := m.world.Telegram.Await(ctx, func() bool {
		for _, msg := range m.world.Telegram.MessagesOf(m.chat, m.id) {
			if holds(msg) {
				found = msg
				return true
			}
		}
		return false
	}); err != nil {
		m.t.Fatalf("nothing with %q for %d alone; she sees %+v", parts, m.id, m.world.Telegram.MessagesOf(m.chat, m.id))
	}
	if slices.ContainsFunc(m.world.Telegram.Messages(m.chat), holds) {
		m.t.Errorf("all see %q", found.Text)
	}
	return found
}

// shownInPrivate checks in the emulator's history that each code was shown in private, to somebody who bought, and never anywhere else.
func (r *rig) shownInPrivate(codes []string) {
	r.t.Helper()
	if len(codes) < 6 {
		r.t.Fatalf("the supplier sold %d secrets", len(codes))
	}
	for i, code := range codes {
		held := r.world.Telegram.Holding(code)
		if len(held) == 0 {
			r.t.Errorf("secret %d was never on a screen", i)
		}
		for _, m := range held {
			if m.ChatID != groupOwner && m.ChatID != groupBuyer || !m.Deleted || !m.Protected || m.Versions[0].Holds(code) {
				r.t.Errorf("message %d of chat %d with secret %d: deleted %v, protected %v", m.ID, m.ChatID, i, m.Deleted, m.Protected)
			}
		}
	}
	if reports := r.world.Telegram.Reports(); len(reports) > 0 {
		r.t.Errorf("the emulator reports %v", reports)
	}
}
