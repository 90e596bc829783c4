package telegram

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"cardrop/flows"
)

// TestPicturedMenu holds that a menu becomes one with a picture and one without again, whatever stood in its place; that the same picture
// keeps its place; and that a picture which Telegram does not know is left out instead of the menu.
func TestPicturedMenu(t *testing.T) {
	r, _, _ := newSendRig(t)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	replied(t, r, flows.Reply{Screens: []flows.Screen{{Text: "from an admin", Keep: true, File: &flows.File{Name: "p.png", Data: file.Bytes(), Photo: true}}}})
	picture := flows.Picture{File: r.shows(t, amina, "from an admin").Photo.ID}
	replied(t, r, flows.Reply{Screens: []flows.Screen{{Text: "menu"}}})
	menu := r.shows(t, amina, "menu")
	replied(t, r, flows.Reply{Screens: []flows.Screen{{Text: "product", Edit: menu.ID, Picture: picture}}})
	product := r.shows(t, amina, "product")
	if product.Photo == nil || product.ID == menu.ID {
		t.Fatalf("the text did not make room for a picture: %+v", product)
	}
	replied(t, r, flows.Reply{Screens: []flows.Screen{{Text: "second page", Edit: product.ID, Picture: picture}}})
	if page := r.shows(t, amina, "second page"); page.ID != product.ID || page.Photo == nil {
		t.Errorf("the same picture lost its place: %+v", page)
	}
	replied(t, r, flows.Reply{Screens: []flows.Screen{{Text: "back", Edit: product.ID}}})
	if back := r.shows(t, amina, "back"); back.ID == product.ID || back.Photo != nil {
		t.Errorf("the picture did not make room for a text: %+v", back)
	}
	replied(t, r, flows.Reply{Screens: []flows.Screen{{Text: "of another bot", Picture: flows.Picture{File: "AgACAgQAAxkBAAI"}}}})
	if plain := r.shows(t, amina, "of another bot"); plain.Photo != nil {
		t.Errorf("%+v", plain)
	}
	if seen := r.visible(amina); len(seen) != 3 {
		t.Errorf("chat shows %q", seen)
	}
}
