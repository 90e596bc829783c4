package main

import (
	"strings"
	"testing"

	"cardrop/bot/demo"
)

// TestTopUpToPurchase goes with the built program from a purchase that is short, by a postal transfer and its receipt, to the card,
// on both Redises: the admin gets the picture, credits what came, and the basket is still there.
func TestTopUpToPurchase(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		r := newRig(t, m, map[string]string{"SUPPORT_HOURS": "0:00-24:00"})
		p, admin := r.as(omar), r.as(demo.DemoAdmin)
		admin.say("/start")
		admin.sees("Welcome")
		p.say("/start")
		p.press("Buy")
		p.press("Grab (")
		p.press("Grab (Vietnam)")
		p.press("Grab 20.000")
		p.press("Continue with 1")
		p.press("Top up 115")
		p.sees("How do you want to pay?")
		p.press("CCP")
		p.say("1 000,00 DA")
		p.sees("Is this right?", "100,000 centimes")
		p.press("Confirm – top up 1,000")
		asked := p.sees("Our reference", "0012345678", "28")
		copies := 0
		for _, row := range asked.Keyboard {
			for _, b := range row {
				if b.CopyText != nil {
					copies++
				}
			}
		}
		if copies != 4 {
			t.Errorf("%d buttons copy something", copies)
		}
		picture := receipt(t, 30)
		if _, err := r.world.Telegram.SendPicture(omar, omar, picture, ""); err != nil {
			t.Fatal(err)
		}
		p.sees("Still missing: the operator's transaction number")
		p.say("0012 3456 789")
		p.sees("Received. Somebody will look")
		got := admin.sees("Transaction number: 00123456789", "waits for an admin")
		if got.Photo == nil {
			t.Error("the admin got no picture")
		}
		admin.press("Claim")
		admin.press("Approve")
		admin.press("Confirm – credit 1,000")
		p.sees("is in your balance")
		p.press("Back to your basket")
		p.sees("Please check your order", "Balance now: 1,000")
		p.press("Confirm – pay")
		p.shows()
		p.press("delete now")
		p.gone("Copy code")

		p.say("/topup")
		p.sees("How do you want to pay?")
		p.press("CCP")
		p.press("2,000")
		p.press("Confirm – top up 2,000")
		p.sees("Our reference")
		p.say("00123456789")
		p.sees("sent for another top-up already")
		if _, err := r.world.Telegram.SendPicture(omar, omar, picture, "99887766"); err != nil {
			t.Fatal(err)
		}
		admin.sees("The same picture came with top-up", "99887766")
		admin.press("Claim")
		admin.press("Refuse")
		admin.press("The payment has not arrived")
		p.sees("Not credited: The payment has not arrived")

		p.say("/statement")
		p.sees("Before:")
		p.press("As a file")
		file := p.sees("Statement ")
		_, data, err := r.world.Telegram.File(file.Document.ID)
		if err != nil || !strings.HasPrefix(string(data), "\uFEFFtime,entry,") || !strings.Contains(string(data), ",100000,1000.00,100000,1000.00,DZD\r\n") {
			t.Errorf("the file holds %q, %v", data, err)
		}
		if reports := r.world.Telegram.Reports(); len(reports) > 0 {
			t.Errorf("the emulator reports %v", reports)
		}
		r.everyPressAnswered()
	})
}
