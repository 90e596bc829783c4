package main

import (
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"cardrop/bot/demo"
)

// amina is the demo's French-speaking customer.
const amina = 71_000_001

// TestTaps presses what must not be pressed: Confirm twice, somebody else's Show, an invented token, a used one.
func TestTaps(t *testing.T) {
	t.Parallel()
	r := newRig(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), map[string]string{"MESSAGE_TTL": "30s"})
	r.fund(omar, "20000")
	p, stranger := r.as(omar), r.as(amina)
	stranger.say("/start")
	stranger.sees("Bienvenue")

	p.say("/buy")
	p.press("Shopee (")
	p.press("Shopee (Vietnam)")
	p.press("Shopee 50.000")
	p.press("Continue with 1")
	confirm := p.sees("✅ Confirm")
	data := button(t, confirm, "Confirm").CallbackData
	for range 3 {
		if _, err := r.world.Telegram.PressData(omar, omar, confirm.ID, data); err != nil {
			t.Fatal(err)
		}
	}
	offer := p.sees(" ready\n", "👁 Show")
	if n := len(r.world.GiftZ.Sold()); n != 1 {
		t.Fatalf("three taps on Confirm bought %d times", n)
	}
	show := button(t, offer, "Show").CallbackData
	code := r.world.GiftZ.Sold()[0].Codes[0]

	foreign := stranger.alert(show)
	if !strings.Contains(foreign, "introuvable") && !strings.Contains(foreign, "pas été trouvée") {
		t.Errorf("a stranger's tap was answered with %q", foreign)
	}
	invented := show[:len(show)-43] + strings.Repeat("A", 43)
	unknown := stranger.alert("s:ZZZZZZZZ:" + strings.Repeat("A", 43))
	if unknown != foreign {
		t.Errorf("unknown %q and foreign %q have different words", unknown, foreign)
	}
	p.alert(invented)
	p.sees("This order was not found, or you have no access to it.")
	if len(r.world.Telegram.Holding(code)) != 0 {
		t.Fatal("a wrong tap showed the code")
	}
	p.press("👁 Show")
	p.sees("Copy code")
	p.alert(show)
	p.sees("Your card is on screen in this chat until")
	admin := r.as(demo.DemoAdmin)
	admin.say("/audit order " + p.orderName(offer))
	admin.sees("DENIED")
}

// alert presses forged data on the newest message of the bot and returns what the presser is told, on the spot or on a screen.
func (p person) alert(data string) string {
	p.t.Helper()
	m := p.sees("")
	id, err := p.world.Telegram.PressData(p.id, p.id, m.ID, data)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.world.Telegram.WaitAnswer(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.Text
}

// button finds a button by its label.
func button(t *testing.T, m demo.Message, label string) demo.Button {
	t.Helper()
	for _, row := range m.Keyboard {
		for _, b := range row {
			if strings.Contains(b.Text, label) {
				return b
			}
		}
	}
	t.Fatalf("no button %q", label)
	return demo.Button{}
}
