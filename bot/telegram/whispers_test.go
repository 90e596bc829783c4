package telegram

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
)

const hushed = int64(-1008)

// whisperRig is a group of Amina and Omar with a menu for all, and a bot that is no administrator there.
func whisperRig(t *testing.T) (r *rig, clock *stepClock, menu int) {
	t.Helper()
	r, clock, _ = newSendRig(t)
	r.tg.NewGroup(hushed, "Resellers", amina, omar)
	id, err := r.out.send(t.Context(), errand{chat: hushed}, message{text: "menu", markup: keyboard([][]flows.Button{{{Text: "Balance", Data: "b"}}}, r.Bot.log)})
	if err != nil {
		t.Fatal(err)
	}
	return r, clock, id
}

// balance is a screen for one member alone.
func balance(edit, whisper int, text string) flows.Reply {
	rows := [][]flows.Button{{{Text: "Home", Data: "h"}}}
	return flows.Reply{Screens: []flows.Screen{{Edit: edit, Whisper: whisper, Text: text, Rows: rows, Openly: &flows.Screen{Text: "so much for all", Rows: rows}}}}
}

// answers lets the desk's reply to Amina go out, after a press on a message or a typed command.
func (r *rig) answers(t *testing.T, pressed int, reply flows.Reply) {
	t.Helper()
	in, query := flows.Input{Chat: hushed, User: amina, Message: pressed}, ""
	if pressed != 0 {
		var err error
		if query, err = r.tg.PressData(hushed, amina, pressed, "b"); err != nil {
			t.Fatal(err)
		}
	}
	if pressed < 0 {
		in.Message, in.Whisper = 0, -pressed
	}
	r.reply(t.Context(), in, query, reply, false)
}

// sees is what a member of the group sees of the bot; 0 is who sees only what is for all.
func (r *rig) sees(user int64) string {
	var all []string
	for _, m := range r.tg.MessagesOf(hushed, user) {
		all = append(all, m.Text)
	}
	return strings.Join(all, "|")
}

func (r *rig) expect(t *testing.T, amin, others string) {
	t.Helper()
	for user, want := range map[int64]string{amina: amin, omar: others} {
		if got := r.sees(user); got != want {
			t.Errorf("%d sees %q, want %q\n%s", user, got, want, r.log)
		}
	}
}

// aloud fails when a text was ever where all could read it.
func (r *rig) aloud(t *testing.T, text string) {
	t.Helper()
	for _, m := range r.tg.Holding(text) {
		if m.Receiver == 0 {
			t.Errorf("%q was for all to read in message %d", text, m.ID)
		}
	}
}

// TestWhispers holds that a press is answered to its presser alone in place of the menu, that the first whisper of a process begins with
// what all may read, and that later ones do not.
func TestWhispers(t *testing.T) {
	r, _, menu := whisperRig(t)
	r.answers(t, menu, balance(menu, 0, "1,240 DZD"))
	r.expect(t, "1,240 DZD", "menu")
	if first := r.calls("sendMessage")[1]; first.Text != "so much for all" || first.Receiver != amina {
		t.Errorf("the first whisper began as %+v", first)
	}
	r.answers(t, menu, balance(menu, 0, "1,250 DZD"))
	if next := r.calls("sendMessage")[2]; next.Text != "1,250 DZD" || next.Receiver != amina {
		t.Errorf("the next whisper began as %+v", next)
	}
	r.aloud(t, " DZD")
	if live := r.desk.drawn; len(live) != 2 || live[1].Live != menu {
		t.Errorf("the live menu is %+v, want %d", live, menu)
	}
}

// TestWhispersGoOn holds that what is pressed on a whisper changes it in place, that a text too long for an edit takes its place, and that it
// goes when all that follows is for all to see.
func TestWhispersGoOn(t *testing.T) {
	r, _, menu := whisperRig(t)
	r.answers(t, menu, balance(menu, 0, "1,240 DZD"))
	heard := r.tg.MessagesOf(hushed, amina)[0].ID
	r.answers(t, heard, flows.Reply{Screens: []flows.Screen{{Edit: menu, Whisper: -heard, Text: "the catalog"}}})
	r.expect(t, "the catalog", "menu")
	long := "1,260 DZD " + strings.Repeat("x", 1100)
	r.answers(t, heard, balance(menu, -heard, long))
	r.expect(t, "menu|"+long, "menu")
	heard = r.tg.MessagesOf(hushed, amina)[1].ID
	r.answers(t, heard, flows.Reply{Screens: []flows.Screen{{Chat: hushed, Text: "order", Keep: true}}, Delete: []int{0}})
	r.expect(t, "menu|order", "menu|order")
	r.aloud(t, "DZD")
}

// TestWhispersNeedARight holds that a typed command is answered openly where the bot is no administrator, and alone where it is.
func TestWhispersNeedARight(t *testing.T) {
	r, clock, _ := whisperRig(t)
	r.answers(t, 0, balance(0, 0, "1,240 DZD"))
	r.answers(t, 0, balance(0, 0, "1,250 DZD"))
	r.expect(t, "menu|so much for all|so much for all", "menu|so much for all|so much for all")
	tried := slices.DeleteFunc(r.calls("sendMessage"), func(c demo.Call) bool { return c.OK })
	if len(tried) != 1 {
		t.Errorf("tried %d times to whisper without the right", len(tried))
	}
	if err := r.tg.Promote(hushed, r.tg.Bot().ID, false); err != nil {
		t.Fatal(err)
	}
	clock.move(whisperRight + time.Second)
	r.answers(t, 0, balance(0, 0, "1,260 DZD"))
	r.expect(t, "menu|so much for all|so much for all|1,260 DZD", "menu|so much for all|so much for all")
	r.aloud(t, " DZD")
}

// TestServerThatDoesNotWhisper holds that a server that takes no notice of for whom a message is never gets what is for one alone, and is
// tried again after a while.
func TestServerThatDoesNotWhisper(t *testing.T) {
	r, clock, menu := whisperRig(t)
	r.tg.SetWhispers(false)
	r.answers(t, menu, balance(menu, 0, "1,240 DZD"))
	r.expect(t, "so much for all", "so much for all")
	public := r.tg.Messages(hushed)[0].ID
	if live := r.desk.drawn; len(live) != 1 || live[0].Live != public {
		t.Errorf("the live menu is %+v, want %d", live, public)
	}
	r.tg.SetWhispers(true)
	r.answers(t, public, balance(public, 0, "1,250 DZD"))
	r.expect(t, "so much for all", "so much for all")
	clock.move(whisperAgain)
	r.answers(t, public, balance(public, 0, "1,260 DZD"))
	r.expect(t, "1,260 DZD", "so much for all")
	r.aloud(t, " DZD")
}

// TestServerThatWhispersNoMore holds that what such a server shows to all is taken back at once.
func TestServerThatWhispersNoMore(t *testing.T) {
	r, _, menu := whisperRig(t)
	r.answers(t, menu, balance(menu, 0, "1,240 DZD"))
	r.tg.SetWhispers(false)
	r.answers(t, menu, balance(menu, 0, "1,250 DZD"))
	if got := r.sees(omar); got != "so much for all" || !strings.Contains(r.log.String(), "shows messages to all now") {
		t.Errorf("Omar sees %q\n%s", got, r.log)
	}
}

// TestWhispersAfterAPromotion holds that a bot that becomes an administrator uses that at once: the news of it undo what was learned before.
func TestWhispersAfterAPromotion(t *testing.T) {
	r, _, _ := whisperRig(t)
	r.answers(t, 0, balance(0, 0, "1,240 DZD"))
	if err := r.tg.Promote(hushed, r.tg.Bot().ID, false); err != nil {
		t.Fatal(err)
	}
	r.answers(t, 0, balance(0, 0, "1,250 DZD"))
	news := `{"update_id":9,"my_chat_member":{"chat":{"id":-1008,"type":"supergroup"},` + fromAmina + `,"date":1,
		"old_chat_member":{"status":"member","user":{"id":4200}},"new_chat_member":{"status":"administrator","user":{"id":4200}}}}`
	a, err := arrive([]byte(news), "ShopBot")
	if err != nil || a.right != hushed || a.input != nil {
		t.Fatalf("%+v, %v", a, err)
	}
	if err := r.take(t.Context(), delivery{arrival: a, settled: func(bool) {}}); err != nil {
		t.Fatal(err)
	}
	r.answers(t, 0, balance(0, 0, "1,260 DZD"))
	r.expect(t, "menu|so much for all|so much for all|1,260 DZD", "menu|so much for all|so much for all")
}
