package main

import (
	"testing"

	"cardrop/bot/demo"
)

// quoted forwards a message of the group into the person's own chat and sends a command as the reply to it.
func (p person) quoted(group int64, message int, command string) {
	p.t.Helper()
	m, err := p.world.Telegram.ForwardTo(p.id, group, message, p.id)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.world.Telegram.Speak(p.id, p.id, demo.Speech{Text: command, ReplyTo: m.ID}); err != nil {
		p.t.Fatal(err)
	}
}

// TestForwardedMessageNamesTheCustomer has an admin of the built program forward what customers wrote in a group and reply to it with
// commands: the one who wrote it is credited and looked up, one who hides the account is not guessed, a bot and a group are nobody, and the
// forwarded message, a command itself, is not obeyed.
func TestForwardedMessageNamesTheCustomer(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		const group = int64(-1004077)
		r := newRig(t, m, nil)
		tg := r.world.Telegram
		tg.NewGroup(group, "Help", omar, amina, demo.DemoAdmin)
		admin := r.as(demo.DemoAdmin)
		for _, p := range []person{r.as(omar), admin} {
			p.say("/start")
			p.sees("Welcome")
		}
		writes := func(user int64, text string) int {
			t.Helper()
			m, err := tg.Say(group, user, text)
			if err != nil {
				t.Fatal(err)
			}
			return m.ID
		}
		asks := writes(omar, "/credit "+demoID(amina)+" 9000 please")
		admin.quoted(group, asks, "/credit 1 500 cash at the desk")
		admin.sees("Credit this customer?", "("+demoID(omar)+")", "Name: Omar", "+1,500")
		admin.press("Confirm – credit 1,500")
		admin.sees("Credited +1,500", "("+demoID(omar)+")")
		admin.quoted(group, asks, "/audit user")
		admin.sees("Record: customer "+demoID(omar), "Balance: 1,500", "amount=150000")
		admin.quoted(group, asks, "/credit "+demoID(demo.DemoAdmin)+" 500 cash")
		admin.sees("The command names another customer")

		if err := tg.HideForwards(amina, true); err != nil {
			t.Fatal(err)
		}
		admin.quoted(group, writes(amina, "where is my money"), "/credit 700 cash")
		admin.sees("This person hides their account")
		if err := tg.Promote(group, demo.DemoAdmin, true); err != nil {
			t.Fatal(err)
		}
		admin.quoted(group, writes(demo.DemoAdmin, "the group says"), "/audit user")
		admin.sees("How this command is written", "/audit user")
		menu := admin.sees("How this command is written")
		admin.quoted(demo.DemoAdmin, menu.ID, "/credit 800 cash")
		admin.sees("How this command is written", "/credit <customer>")

		r.as(omar).quoted(group, asks, "/credit 5000 cash")
		r.as(omar).sees("I do not know this command")
		for user, want := range map[int64]string{omar: "150000", amina: "", demo.DemoAdmin: ""} {
			if got := r.redis.rdb.HGet(t.Context(), r.key("wallets"), "cust:"+demoID(user)).Val(); got != want {
				t.Errorf("%d has %q, want %q", user, got, want)
			}
		}
	})
}
