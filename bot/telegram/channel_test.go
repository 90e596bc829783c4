package telegram

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
	"cardrop/flows/checkout"
	"cardrop/providers"
)

// cardPage is a page with a code between characters of one and two units.
func cardPage() flows.CodePage {
	const head = "💳 Card\n"
	return flows.CodePage{
		Text:  providers.NewSecret(head + codeCanary + "\nhttps://redeem.example"),
		Marks: []flows.Mark{{Kind: "spoiler", Offset: units(head), Length: units(codeCanary)}},
		Copy: []flows.CopyButton{
			{Text: "Copy code", Copy: providers.NewSecret(codeCanary)},
			{Text: "Copy link", Copy: providers.NewSecret(strings.Repeat("u", 257))},
		},
		Rows: [][]flows.Button{{{Text: "Saved, delete now", Data: "saved:A", Style: "danger"}}},
	}
}

func filePage() flows.CodePage {
	return flows.CodePage{
		Text: providers.NewSecret("6 cards"), Rows: [][]flows.Button{{{Text: "Saved, delete now", Data: "saved:A"}}},
		File: &flows.CodeFile{Name: "cards-A.txt", Data: providers.NewSecret(codeCanary + "\n")},
	}
}

// shown brings a parcel on the screen and returns where it lies.
func shown(t *testing.T, r *rig, page flows.CodePage) checkout.Receipt {
	t.Helper()
	t.Helper()
	r.channel.words = plainWording{page}
	to := checkout.Recipient{Order: "K7M29QXW", User: amina, Chat: amina, Language: "en", Cards: 1, File: page.File != nil}
	receipt, err := r.Channel().Prepare(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.tg.Holding(codeCanary)) != 0 {
		t.Fatal("the placeholder holds the code")
	}
	for range 2 { // Show may be repeated
		if err := r.Channel().Show(t.Context(), receipt, checkout.Parcel{Recipient: to}); err != nil {
			t.Fatal(err)
		}
	}
	return receipt
}

func TestThreat23ChannelShowsIntoThePlaceholder(t *testing.T) {
	r, clock, _ := newSendRig(t)
	receipt := shown(t, r, cardPage())
	if receipt.Channel != "in-app" || receipt.Chat != amina || !receipt.Sent.Equal(clock.now()) {
		t.Errorf("receipt %+v", receipt)
	}
	m := r.shows(t, amina, cardPage().Text.Expose())
	if m.ID != receipt.Message || !m.Protected || len(m.Entities) != 1 || m.Entities[0].Offset != 8 {
		t.Errorf("message %+v", m)
	}
	if len(m.Keyboard) != 2 || m.Keyboard[0][0].CopyText.Text != codeCanary || m.Keyboard[1][0].Style != "danger" {
		t.Errorf("keyboard %+v", m.Keyboard)
	}
	if reports := r.tg.Reports(); len(reports) != 0 {
		t.Errorf("reports %+v", reports)
	}
	if err := r.Channel().Retract(t.Context(), receipt); err != nil {
		t.Fatal(err)
	}
	if err := r.Channel().Retract(t.Context(), receipt); err != nil {
		t.Errorf("second time: %v", err)
	}
	for _, m := range r.tg.Holding(codeCanary) {
		if !m.Deleted {
			t.Errorf("message %d still holds the code", m.ID)
		}
	}
}

func TestChannelFile(t *testing.T) {
	r, _, _ := newSendRig(t)
	receipt := shown(t, r, filePage())
	m := r.shows(t, amina, "6 cards")
	if m.Protected || m.Document == nil || m.Document.Name != "cards-A.txt" || !receipt.File {
		t.Errorf("message %+v, receipt %+v", m, receipt)
	}
}

func TestChannelRefusals(t *testing.T) {
	r, _, _ := newSendRig(t)
	to := checkout.Recipient{Chat: amina}
	receipt, err := r.Channel().Prepare(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	long := cardPage()
	long.Text = providers.NewSecret(strings.Repeat(codeCanary, 400))
	r.channel.words = plainWording{long}
	err = r.Channel().Show(t.Context(), receipt, checkout.Parcel{})
	if !errors.Is(err, checkout.ErrDelivery) {
		t.Errorf("page too long: %v", err)
	}
	checkClean(t, err)
	r.channel.words = plainWording{cardPage()}
	if err := r.Channel().Retract(t.Context(), receipt); err != nil {
		t.Fatal(err)
	}
	if err := r.Channel().Show(t.Context(), receipt, checkout.Parcel{}); !errors.Is(err, checkout.ErrDelivery) {
		t.Errorf("placeholder gone: %v", err)
	}
	if err := r.tg.Block(amina); err != nil {
		t.Fatal(err)
	}
	_, err = r.Channel().Prepare(t.Context(), to)
	if !errors.Is(err, checkout.ErrUnreachable) {
		t.Errorf("blocked: %v", err)
	}
	_, err = r.Channel().Prepare(t.Context(), checkout.Recipient{Chat: 5})
	if !errors.Is(err, checkout.ErrUnreachable) {
		t.Errorf("unknown chat: %v", err)
	}
}

func TestThreat27Retract(t *testing.T) {
	refuse := func(method string, code int, text string, times int) demo.Fault {
		return demo.Fault{Method: method, Kind: demo.FaultError, Code: code, Description: text, Times: times}
	}
	const (
		gone        = "deleted"
		blanked     = "blanked"
		again       = "again"
		unreachable = "unreachable"
	)
	tests := []struct {
		name   string
		age    time.Duration
		faults []demo.Fault
		block  bool
		want   string
	}{
		{name: "at once", want: gone},
		{name: "39 h", age: 39 * time.Hour, want: gone},
		{name: "40 h", age: 40 * time.Hour, want: blanked},
		{name: "48 h", age: 48 * time.Hour, want: blanked},
		{name: "49 h", age: 49 * time.Hour, want: blanked},
		{name: "cannot be deleted", faults: []demo.Fault{refuse("deleteMessage", 400, "Bad Request: message can't be deleted for everyone", 1)}, want: blanked},
		{name: "flood for a second", faults: []demo.Fault{{Method: "deleteMessage", Kind: demo.FaultFlood, RetryAfter: 1}}, want: gone},
		{name: "flood for long", faults: []demo.Fault{{Method: "deleteMessage", Kind: demo.FaultFlood, RetryAfter: 60}}, want: again},
		{name: "answers lost", faults: []demo.Fault{{Method: "deleteMessage", Kind: demo.FaultCutAfter, Times: 3}}, want: gone},
		{name: "network down", faults: []demo.Fault{{Method: "deleteMessage", Kind: demo.FaultCutBefore, Times: 4}}, want: again},
		{name: "server fails", faults: []demo.Fault{refuse("deleteMessage", 500, "Internal Server Error", 9)}, want: again},
		{name: "other refusal", faults: []demo.Fault{refuse("deleteMessage", 400, "Bad Request: strange", 1)}, want: again},
		{name: "neither deleted nor edited", faults: []demo.Fault{
			refuse("deleteMessage", 400, "Bad Request: message can't be deleted", 1),
			refuse("editMessageText", 400, "Bad Request: message can't be edited", 1),
			refuse("editMessageMedia", 400, "Bad Request: message can't be edited", 1),
		}, want: again},
		{name: "blocked", block: true, want: unreachable},
		{name: "blocked and old", age: 50 * time.Hour, block: true, want: unreachable},
		{name: "deactivated", faults: []demo.Fault{refuse("deleteMessage", 403, "Forbidden: user is deactivated", 1)}, want: unreachable},
	}
	for kind, page := range map[string]flows.CodePage{"card": cardPage(), "file": filePage()} {
		for _, tt := range tests {
			t.Run(kind+" "+tt.name, func(t *testing.T) {
				r, clock, _ := newSendRig(t)
				receipt := shown(t, r, page)
				clock.move(tt.age)
				r.tg.SetOffset(tt.age)
				for _, f := range tt.faults {
					r.fault(t, f)
				}
				if tt.block {
					if err := r.tg.Block(amina); err != nil {
						t.Fatal(err)
					}
				}
				err := r.Channel().Retract(t.Context(), receipt)
				if got := outcome(r, receipt.Message, err); got != tt.want {
					t.Errorf("%s (%v), want %s", got, err, tt.want)
				}
			})
		}
	}
}

// outcome says what became of a message that held a code.
func outcome(r *rig, id int, err error) string {
	switch {
	case errors.Is(err, checkout.ErrUnreachable):
		return "unreachable"
	case err != nil:
		return "again"
	}
	for _, m := range r.tg.History(amina) {
		if m.ID != id {
			continue
		}
		last := m.Versions[len(m.Versions)-1]
		switch {
		case m.Deleted:
			return "deleted"
		case !last.Holds(codeCanary) && m.Text == "This card has expired." && len(m.Keyboard) == 0:
			return "blanked"
		}
	}
	return "still there"
}
